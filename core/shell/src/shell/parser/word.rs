//! Words: quotes, expansions and here-documents.

use std::sync::Arc;

use super::{DEEPEST, Here, Parsed, Parser, Trouble, parse_at};
use crate::shell::syntax::{Part, Text};
use crate::words::Span;

impl Parser {
    /// Takes the lines of a here-document out of the text, from behind the end of the present line.
    pub(super) fn document(&mut self, here: &Here) -> Parsed<Text> {
        let line_end = self.chars[self.at..].iter().position(|c| *c == '\n');
        let Some(line_end) = line_end else { return Err(Trouble::Incomplete) };
        let begin = self.at + line_end + 1;
        let (mut lines, mut at) = (String::new(), begin);
        loop {
            if at >= self.chars.len() {
                return Err(Trouble::Incomplete);
            }
            let end = self.chars[at..].iter().position(|c| *c == '\n');
            let end = end.map_or(self.chars.len(), |end| at + end);
            let line: String = self.chars[at..end].iter().collect();
            let line = if here.is_indented { line.trim_start_matches('\t') } else { &line };
            let is_last = line == here.delimiter;
            if !is_last {
                lines.push_str(line);
                lines.push('\n');
            }
            at = (end + 1).min(self.chars.len());
            if is_last {
                break;
            }
        }
        self.chars.drain(begin..at);
        let span = Span { start: self.column(), end: self.column() };
        if here.is_quoted {
            let parts = vec![Part::Literal { text: lines, is_quoted: true }];
            return Ok(Text { parts, span });
        }
        let chars = lines.chars().collect();
        let mut inner = Parser { chars, at: 0, depth: self.depth, groups: 0 };
        let mut parts = Parts::default();
        while inner.peek().is_some() {
            inner.quoted_piece(&mut parts)?;
        }
        Ok(Text { parts: parts.done(), span })
    }

    /// A word; none if none stands here.
    pub(super) fn word(&mut self) -> Parsed<Option<Text>> {
        let start = self.column();
        let mut parts = Parts::default();
        while let Some(next) = self.peek() {
            match next {
                ' ' | '\t' | '\r' | '\n' | ';' | '|' | '&' | '<' | '>' => break,
                ')' if self.groups > 0 => break,
                '\'' => {
                    let column = self.column();
                    self.at += 1;
                    let rest = &self.chars[self.at..];
                    let Some(end) = rest.iter().position(|c| *c == '\'') else {
                        return Err(Trouble::Unclosed { quote: '\'', column });
                    };
                    let text: String = rest[..end].iter().collect();
                    parts.push(&text, true);
                    self.at += end + 1;
                }
                '"' => self.double_quotes(&mut parts)?,
                '$' | '`' => self.expansion(&mut parts, false)?,
                '\\' => {
                    self.at += 1;
                    match self.peek() {
                        Some('\n') => self.at += 1,
                        Some(c) => {
                            parts.push(c.encode_utf8(&mut [0; 4]), true);
                            self.at += 1;
                        }
                        // The next line goes on with it.
                        None => return Err(Trouble::Incomplete),
                    }
                }
                c => {
                    parts.push(c.encode_utf8(&mut [0; 4]), false);
                    self.at += 1;
                }
            }
        }
        let span = Span { start, end: self.column() };
        let parts = parts.done();
        Ok((!parts.is_empty()).then_some(Text { parts, span }))
    }

    fn double_quotes(&mut self, parts: &mut Parts) -> Parsed<()> {
        let column = self.column();
        self.at += 1;
        parts.push("", true);
        loop {
            match self.peek() {
                None => return Err(Trouble::Unclosed { quote: '"', column }),
                Some('"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some('\\') if self.peek_at(1) == Some('"') => {
                    parts.push("\"", true);
                    self.at += 2;
                }
                Some(_) => self.quoted_piece(parts)?,
            }
        }
    }

    /// The next character or expansion where double quotes are open.
    fn quoted_piece(&mut self, parts: &mut Parts) -> Parsed<()> {
        match (self.peek(), self.peek_at(1)) {
            (Some('\\'), Some('\n')) => self.at += 2,
            (Some('\\'), Some(kept @ ('\\' | '$' | '`'))) => {
                parts.push(kept.encode_utf8(&mut [0; 4]), true);
                self.at += 2;
            }
            (Some('$' | '`'), _) => self.expansion(parts, true)?,
            (Some(c), _) => {
                parts.push(c.encode_utf8(&mut [0; 4]), true);
                self.at += 1;
            }
            (None, _) => {}
        }
        Ok(())
    }

    /// What begins with `$` or a backquote.
    fn expansion(&mut self, parts: &mut Parts, is_quoted: bool) -> Parsed<()> {
        if self.takes("`") {
            let rest = &self.chars[self.at..];
            let Some(end) = rest.iter().position(|c| *c == '`') else {
                return Err(Trouble::Unclosed { quote: '`', column: self.column() - 1 });
            };
            let text: String = rest[..end].iter().collect();
            self.at += end + 1;
            return self.substitution(parts, &text, is_quoted);
        }
        self.at += 1;
        match self.peek() {
            Some('(') => {
                let text = self.parentheses()?;
                let inner = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
                if let Some(arithmetic) = inner {
                    parts.0.push(Part::Arithmetic(arithmetic.to_owned()));
                    return Ok(());
                }
                self.substitution(parts, &text, is_quoted)
            }
            Some('{') => {
                self.at += 1;
                let rest = &self.chars[self.at..];
                let Some(end) = rest.iter().position(|c| *c == '}') else {
                    return Err(Trouble::Unexpected("${".to_owned()));
                };
                let text: String = rest[..end].iter().collect();
                self.at += end + 1;
                let (name, otherwise) = text.split_once(":-").unwrap_or((&text, ""));
                parts.variable(name, otherwise, is_quoted);
                Ok(())
            }
            Some(c @ ('?' | '!' | '$' | '#' | '@' | '*' | '0'..='9')) => {
                self.at += 1;
                parts.variable(c.encode_utf8(&mut [0; 4]), "", is_quoted);
                Ok(())
            }
            Some(c) if is_name(c) => {
                let rest = self.chars[self.at..].iter();
                let name: String = rest.take_while(|c| is_name(**c)).collect();
                self.at += name.chars().count();
                parts.variable(&name, "", is_quoted);
                Ok(())
            }
            _ => {
                parts.push("$", is_quoted);
                Ok(())
            }
        }
    }

    fn substitution(&self, parts: &mut Parts, text: &str, is_quoted: bool) -> Parsed<()> {
        if self.depth >= DEEPEST {
            return Err(Trouble::Unexpected("too many groups within one another".to_owned()));
        }
        let list = Arc::new(parse_at(text, self.depth + 1)?);
        parts.0.push(Part::Command { list, is_quoted });
        Ok(())
    }

    /// What stands between parentheses that belong together.
    fn parentheses(&mut self) -> Parsed<String> {
        let (start, mut open, mut quote) = (self.at + 1, 0_u32, None);
        while let Some(c) = self.peek() {
            self.at += 1;
            match (c, quote) {
                ('\\', None | Some('"')) => self.at += 1,
                ('\'' | '"', None) => quote = Some(c),
                (c, Some(closing)) if c == closing => quote = None,
                ('(', None) => open += 1,
                (')', None) => {
                    open -= 1;
                    if open == 0 {
                        return Ok(self.chars[start..self.at - 1].iter().collect());
                    }
                }
                _ => {}
            }
        }
        Err(Trouble::Incomplete)
    }
}

/// The parts of a word so far.
#[derive(Default)]
struct Parts(Vec<Part>);

impl Parts {
    fn push(&mut self, more: &str, quoted: bool) {
        match self.0.last_mut() {
            Some(Part::Literal { text, is_quoted }) if *is_quoted == quoted => text.push_str(more),
            _ => self.0.push(Part::Literal { text: more.to_owned(), is_quoted: quoted }),
        }
    }

    fn variable(&mut self, name: &str, otherwise: &str, is_quoted: bool) {
        let (name, otherwise) = (name.to_owned(), otherwise.to_owned());
        self.0.push(Part::Variable { name, otherwise, is_quoted });
    }

    fn done(self) -> Vec<Part> {
        self.0
    }
}

pub(super) fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
