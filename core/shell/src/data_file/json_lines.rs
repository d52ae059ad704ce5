//! One JSON object on each line.

use std::ops::ControlFlow;

use serde_json::value::RawValue;

use super::object::explain;
use super::{Problem, Row, Sink};
use crate::options::quote;

/// Hands over the objects; lines with white space alone are passed over.
pub(super) fn read(bytes: &[u8], sink: &mut Sink<'_>) -> ControlFlow<()> {
    let mut number = 0_u32;
    for line in bytes.split(|byte| *byte == b'\n') {
        number = number.saturating_add(1);
        let text = match std::str::from_utf8(line) {
            Ok(text) => text,
            Err(error) => {
                let valid = String::from_utf8_lossy(&line[..error.valid_up_to()]);
                let message = "expected text in UTF-8; save the file again with that encoding";
                sink(Err(Problem::new(number, column(&valid), message)))?;
                continue;
            }
        };
        if !text.trim_ascii().is_empty() {
            read_line(text, number, sink)?;
        }
    }
    ControlFlow::Continue(())
}

fn read_line(line: &str, number: u32, sink: &mut Sink<'_>) -> ControlFlow<()> {
    let text = line.trim_ascii();
    let start = line.len() - line.trim_ascii_start().len();
    let column_of = |at: usize| column(&line[..line.floor_char_boundary(start + at)]);
    if !text.starts_with('{') {
        let hint = if text.starts_with('[') {
            "; for an array let the file's name end in .json"
        } else {
            ""
        };
        let message =
            format!("expected an object such as {{\"id\": 1}}, found {}{hint}", quote(text));
        return sink(Err(Problem::new(number, column_of(0), message)));
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    match values.next() {
        Some(Ok(value)) => {
            let rest = &text[values.byte_offset()..];
            let after = rest.trim_ascii_start();
            if after.is_empty() {
                let (line, column) = (number, column_of(0));
                let json = value.get();
                return sink(Ok(Row { json, line, column }));
            }
            let at = text.len() - after.len();
            let message =
                format!("expected the line to end after the object, found {}", quote(after));
            sink(Err(Problem::new(number, column_of(at), message)))
        }
        Some(Err(error)) => {
            let at = error.column().saturating_sub(1);
            sink(Err(Problem::new(number, column_of(at), explain(&error))))
        }
        None => ControlFlow::Continue(()),
    }
}

/// The column after this text.
fn column(before: &str) -> u32 {
    u32::try_from(before.chars().count()).map_or(u32::MAX, |count| count.saturating_add(1))
}
