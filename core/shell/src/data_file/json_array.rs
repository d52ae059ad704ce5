//! A JSON array of objects, read element by element.

use std::borrow::Cow;
use std::ops::ControlFlow;

use serde_json::value::RawValue;

use super::extent::{extent, next_object};
use super::object::{compact, explain};
use super::place::Places;
use super::{Problem, Row, Sink};
use crate::options::quote;

/// Hands over the objects. After one that is malformed it goes on with the next one that can be told apart.
pub(super) fn read(bytes: &[u8], sink: &mut Sink<'_>) -> ControlFlow<()> {
    let mut reader = Reader {
        bytes,
        at: 0,
        places: Places::new(bytes),
        count: 0,
        patience: bytes.len().saturating_mul(4).saturating_add(1 << 20),
        sink,
    };
    reader.run()
}

struct Reader<'a, 'b, 'c> {
    bytes: &'a [u8],
    at: usize,
    places: Places<'a>,
    /// How many objects were handed over.
    count: usize,
    /// How many bytes may still be looked at in vain: each broken object may mean a look at all that follows.
    patience: usize,
    sink: &'b mut Sink<'c>,
}

impl Reader<'_, '_, '_> {
    fn run(&mut self) -> ControlFlow<()> {
        self.skip_white();
        if self.peek() != Some(b'[') {
            let found = self.found();
            let message = format!(
                "expected [ to open an array of objects, found {found}; for one object on each line let the file's name end in .jsonl"
            );
            return self.problem(self.at, message);
        }
        self.at += 1;
        loop {
            self.skip_white();
            match self.peek() {
                None => {
                    let message = format!(
                        "expected ] to close the array, found the end of the file; {}",
                        self.read_before()
                    );
                    return self.problem(self.at, message);
                }
                Some(b']') => return self.end(),
                Some(b',') => {
                    self.problem(
                        self.at,
                        "expected an object before the comma; take the comma away",
                    )?;
                    self.at += 1;
                }
                Some(_) => {
                    let start = self.at;
                    let Some(end) = self.element_end(start) else {
                        let message = format!(
                            "expected an object that ends; {}, and what follows cannot be told apart",
                            self.read_before()
                        );
                        self.problem(start, message)?;
                        return self.element(start, self.bytes.len());
                    };
                    self.element(start, end)?;
                    self.at = end;
                    self.separator()?;
                }
            }
        }
    }

    /// Where the element that starts at `start` ends, be it broken; `None` if that cannot be told.
    fn element_end(&mut self, start: usize) -> Option<usize> {
        match extent(self.bytes, start) {
            Ok(end) => Some(end),
            Err(looked) => {
                self.patience = self.patience.checked_sub(looked - start)?;
                next_object(self.bytes, start)
            }
        }
    }

    fn element(&mut self, start: usize, end: usize) -> ControlFlow<()> {
        let source = &self.bytes[start..end];
        if source.first() != Some(&b'{') {
            let found = self.found();
            return self.problem(
                start,
                format!("expected an object such as {{\"id\": 1}}, found {found}"),
            );
        }
        let mut values = serde_json::Deserializer::from_slice(source).into_iter::<&RawValue>();
        match values.next() {
            Some(Ok(value)) => {
                let (line, column) = self.places.of(start);
                let json = match value.get() {
                    json if json.contains(['\n', '\r']) => Cow::Owned(compact(json)),
                    json => Cow::Borrowed(json),
                };
                self.count += 1;
                let json = &*json;
                (self.sink)(Ok(Row { json, line, column }))
            }
            Some(Err(error)) => {
                let at = start + offset(source, error.line(), error.column());
                self.problem(at, explain(&error))
            }
            None => ControlFlow::Continue(()),
        }
    }

    /// What stands after an element: a comma with more behind it, or the end of the array.
    fn separator(&mut self) -> ControlFlow<()> {
        self.skip_white();
        match self.peek() {
            Some(b',') => {
                let comma = self.at;
                self.at += 1;
                self.skip_white();
                if self.peek() == Some(b']') {
                    self.problem(
                        comma,
                        "expected another object after the comma; take the comma away",
                    )?;
                }
                ControlFlow::Continue(())
            }
            None | Some(b']') => ControlFlow::Continue(()),
            Some(_) => {
                // After a broken object the comma is part of what was passed over.
                let before = self.bytes[..self.at].trim_ascii_end();
                if before.ends_with(b",") {
                    return ControlFlow::Continue(());
                }
                let found = self.found();
                self.problem(self.at, format!("expected a comma or ] before {found}"))
            }
        }
    }

    /// After the bracket that closes the array.
    fn end(&mut self) -> ControlFlow<()> {
        self.at += 1;
        self.skip_white();
        if self.peek().is_none() {
            return ControlFlow::Continue(());
        }
        let found = self.found();
        self.problem(self.at, format!("expected the end of the file after ], found {found}"))
    }

    fn problem(&mut self, at: usize, message: impl Into<String>) -> ControlFlow<()> {
        let (line, column) = self.places.of(at);
        (self.sink)(Err(Problem::new(line, column, message)))
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_white(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// What stands here up to the line's end, for a message.
    fn found(&self) -> String {
        let rest = &self.bytes[self.at..];
        let rest = &rest[..rest.len().min(200)];
        let line = rest.split(|byte| *byte == b'\n').next().unwrap_or(rest);
        match self.peek() {
            None => "the end of the file".to_owned(),
            Some(_) => quote(&String::from_utf8_lossy(line)),
        }
    }

    fn read_before(&self) -> String {
        match self.count {
            1 => "1 record was read before it".to_owned(),
            count => format!("{count} records were read before it"),
        }
    }
}

/// The place that the parser names by line and column, both from 1, the column in bytes.
fn offset(source: &[u8], line: usize, column: usize) -> usize {
    let ends = source.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let start = match line {
        0 | 1 => 0,
        _ => ends.map(|(at, _)| at + 1).nth(line - 2).unwrap_or(source.len()),
    };
    (start + column.saturating_sub(1)).min(source.len())
}
