//! Reads what is typed into a shell.

use std::sync::Arc;

use super::syntax::{Command, Item, Join, List, Part, Pipeline, Redirect, Stage, Target, Text};
use crate::words::Span;

/// How deep groups and substitutions may stand in one another.
const DEEPEST: u32 = 40;

/// Why a text is no list of commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// More is to follow: another line may make it whole.
    Incomplete,
    /// A quote that is never closed.
    Unclosed { quote: char, column: u32 },
    /// Something stands where it cannot.
    Unexpected(String),
}

type Parsed<T> = Result<T, Trouble>;

/// Reads a text of one or more lines.
pub(crate) fn parse(text: &str) -> Parsed<List> {
    parse_at(text, 0)
}

fn parse_at(text: &str, depth: u32) -> Parsed<List> {
    let mut parser =
        Parser { chars: text.chars().collect(), at: 0, depth, groups: 0, here: Vec::new() };
    let list = parser.list(&[])?;
    if let Some(rest) = parser.peek() {
        return Err(Trouble::Unexpected(rest.to_string()));
    }
    match parser.here.is_empty() {
        true => Ok(list),
        false => Err(Trouble::Incomplete),
    }
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    depth: u32,
    /// How many `(` are open.
    groups: u32,
    /// The here-documents that begin behind the end of this line.
    here: Vec<Here>,
}

/// A here-document that is announced.
struct Here {
    delimiter: String,
    /// Whether tabs before its lines do not count: `<<-`.
    is_indented: bool,
    is_quoted: bool,
}

const KEYWORDS: [&str; 9] = ["then", "elif", "else", "fi", "do", "done", "}", "in", ")"];

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn column(&self) -> u32 {
        u32::try_from(self.at).unwrap_or(u32::MAX).saturating_add(1)
    }

    fn takes(&mut self, text: &str) -> bool {
        let is_there = text.chars().enumerate().all(|(i, c)| self.peek_at(i) == Some(c));
        if is_there {
            self.at += text.chars().count();
        }
        is_there
    }

    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r') => self.at += 1,
                Some('\\') if self.peek_at(1) == Some('\n') => self.at += 2,
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }

    /// Skips blanks, comments and line ends, and the here-documents behind those.
    fn skip_lines(&mut self) -> Parsed<()> {
        loop {
            self.skip_blanks();
            if self.peek() != Some('\n') {
                return Ok(());
            }
            self.at += 1;
        }
    }

    /// Whether the next word is this one, without quotes.
    fn is_keyword(&mut self, keyword: &str) -> bool {
        let start = self.at;
        let is_there = self.takes(keyword)
            && self.peek().is_none_or(|c| {
                c.is_whitespace() || matches!(c, ';' | '&' | '|' | '<' | '>' | '(' | ')')
            });
        self.at = start;
        is_there
    }

    fn expect(&mut self, keyword: &str) -> Parsed<()> {
        self.skip_lines()?;
        if self.is_keyword(keyword) {
            self.at += keyword.chars().count();
            return Ok(());
        }
        Err(self.unexpected())
    }

    fn unexpected(&self) -> Trouble {
        match self.peek() {
            None => Trouble::Incomplete,
            Some('\n') => Trouble::Unexpected("newline".to_owned()),
            Some(c @ ('|' | '&' | ';' | '<' | '>')) if self.peek_at(1) == Some(c) => {
                Trouble::Unexpected(format!("{c}{c}"))
            }
            Some(c @ ('|' | '&' | ';' | '<' | '>' | '(' | ')')) => {
                Trouble::Unexpected(c.to_string())
            }
            Some(_) => {
                let rest = self.chars[self.at..].iter().take(60);
                Trouble::Unexpected(rest.take_while(|c| !c.is_whitespace()).collect())
            }
        }
    }

    /// A list, up to one of these keywords, which is left alone.
    fn list(&mut self, ends: &[&str]) -> Parsed<List> {
        let mut items = Vec::new();
        loop {
            self.skip_lines()?;
            if self.peek().is_none() || ends.iter().any(|end| self.is_keyword(end)) {
                break;
            }
            if self.peek() == Some(')') && self.groups > 0 {
                break;
            }
            items.push(self.item()?);
        }
        if !ends.is_empty() && (items.is_empty() && self.peek().is_some()) {
            return Err(self.unexpected());
        }
        Ok(List(items))
    }

    fn item(&mut self) -> Parsed<Item> {
        let start = self.at;
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.skip_blanks();
            let join = if self.takes("&&") {
                Join::And
            } else if self.takes("||") {
                Join::Or
            } else {
                break;
            };
            self.skip_lines()?;
            rest.push((join, self.pipeline()?));
        }
        let end = self.at;
        let mut is_background = false;
        match self.peek() {
            Some('&') => {
                self.at += 1;
                is_background = true;
            }
            Some(';') => self.at += 1,
            Some('\n') => self.line_end()?,
            Some(')') if self.groups > 0 => {}
            None => {}
            Some(_) => return Err(self.unexpected()),
        }
        let text: String = self.chars[start..end].iter().collect();
        Ok(Item { first, rest, is_background, text: text.trim().into() })
    }

    /// The end of a line; here-documents that were announced follow, and are known already.
    fn line_end(&mut self) -> Parsed<()> {
        self.at += 1;
        Ok(())
    }

    fn pipeline(&mut self) -> Parsed<Pipeline> {
        self.skip_blanks();
        let is_negated = self.is_keyword("!");
        if is_negated {
            self.at += 1;
            self.skip_blanks();
        }
        let mut stages = vec![self.stage()?];
        loop {
            self.skip_blanks();
            if self.peek() != Some('|') || self.peek_at(1) == Some('|') {
                return Ok(Pipeline { is_negated, stages });
            }
            self.at += 1;
            if self.peek() == Some('&') {
                self.at += 1;
                let before = stages.last_mut().expect("one stands before the bar");
                before.redirects.push(Redirect { stream: 2, to: Target::Same(1) });
            }
            self.skip_lines()?;
            stages.push(self.stage()?);
        }
    }

    fn stage(&mut self) -> Parsed<Stage> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Trouble::Unexpected("too many groups within one another".to_owned()));
        }
        let stage = self.stage_here();
        self.depth -= 1;
        stage
    }

    fn stage_here(&mut self) -> Parsed<Stage> {
        self.skip_blanks();
        let command = if self.peek() == Some('(') {
            self.at += 1;
            self.groups += 1;
            let list = self.list(&[")"]);
            self.groups -= 1;
            let list = list?;
            if self.peek() != Some(')') {
                return Err(self.unexpected());
            }
            self.at += 1;
            Command::Group(Arc::new(list))
        } else if self.is_keyword("{") {
            self.at += 1;
            let list = self.list(&["}"])?;
            self.expect("}")?;
            Command::Group(Arc::new(list))
        } else if self.is_keyword("for") {
            self.for_loop()?
        } else if self.is_keyword("while") || self.is_keyword("until") {
            let is_until = self.is_keyword("until");
            self.at += 5;
            let condition = Arc::new(self.list(&["do"])?);
            Command::While { is_until, condition, body: self.body()? }
        } else if self.is_keyword("if") {
            self.condition()?
        } else {
            return self.simple();
        };
        let mut redirects = Vec::new();
        loop {
            self.skip_blanks();
            let stream = self.stream_number();
            match self.peek() {
                Some('<' | '>') => self.redirect(stream, &mut redirects)?,
                _ => return Ok(Stage { command, redirects }),
            }
        }
    }

    fn for_loop(&mut self) -> Parsed<Command> {
        self.at += 3;
        self.skip_blanks();
        let name = self.word()?;
        let variable = name.and_then(|name| name.unquoted().map(str::to_owned));
        let variable = variable.ok_or_else(|| self.unexpected())?;
        self.expect("in")?;
        let mut values = Vec::new();
        loop {
            self.skip_blanks();
            match self.peek() {
                Some(';' | '\n') => {
                    self.at += 1;
                    break;
                }
                None => return Err(Trouble::Incomplete),
                _ => values.push(self.word()?.ok_or_else(|| self.unexpected())?),
            }
        }
        Ok(Command::For { variable, values, body: self.body()? })
    }

    fn body(&mut self) -> Parsed<Arc<List>> {
        self.expect("do")?;
        let body = self.list(&["done"])?;
        self.expect("done")?;
        Ok(Arc::new(body))
    }

    fn condition(&mut self) -> Parsed<Command> {
        self.at += 2;
        let mut branches = Vec::new();
        let mut otherwise = List::default();
        loop {
            let condition = Arc::new(self.list(&["then"])?);
            self.expect("then")?;
            let list = self.list(&["elif", "else", "fi"])?;
            branches.push((condition, Arc::new(list)));
            if self.is_keyword("elif") {
                self.at += 4;
                continue;
            }
            if self.is_keyword("else") {
                self.at += 4;
                otherwise = self.list(&["fi"])?;
            }
            self.expect("fi")?;
            return Ok(Command::If { branches, otherwise: Arc::new(otherwise) });
        }
    }

    fn simple(&mut self) -> Parsed<Stage> {
        let (mut assignments, mut words, mut redirects) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            self.skip_blanks();
            let stream = self.stream_number();
            match self.peek() {
                Some('<' | '>') => self.redirect(stream, &mut redirects)?,
                Some('&') if self.peek_at(1) == Some('>') => {
                    self.at += 1;
                    self.redirect(1, &mut redirects)?;
                    redirects.push(Redirect { stream: 2, to: Target::Same(1) });
                }
                None | Some('\n' | ';' | '|' | '&') => break,
                Some(')') if self.groups > 0 => break,
                Some(_) => {
                    let Some(word) = self.word()? else { break };
                    let is_first = words.is_empty();
                    match assignment(&word).filter(|_| is_first) {
                        Some(assignment) => assignments.push(assignment),
                        // The prompt of a line that was copied with it.
                        None if is_first && word.unquoted() == Some("$") => {}
                        None => words.push(word),
                    }
                }
            }
        }
        let is_nothing = assignments.is_empty() && words.is_empty() && redirects.is_empty();
        let is_keyword = words
            .first()
            .and_then(Text::unquoted)
            .is_some_and(|first| KEYWORDS.contains(&first) && first != "in");
        if is_nothing {
            return Err(self.unexpected());
        }
        if is_keyword {
            let keyword = words.first().and_then(Text::unquoted).unwrap_or_default();
            return Err(Trouble::Unexpected(keyword.to_owned()));
        }
        Ok(Stage { command: Command::Simple { assignments, words }, redirects })
    }

    /// The number right before a `<` or `>`; the stream that is meant without one.
    fn stream_number(&mut self) -> u8 {
        let number = self.peek().and_then(|c| c.to_digit(10)).filter(|number| *number <= 2);
        match (number, self.peek_at(1)) {
            (Some(number), Some('<' | '>')) => {
                self.at += 1;
                number as u8
            }
            _ => u8::from(self.peek() == Some('>')),
        }
    }

    fn redirect(&mut self, stream: u8, redirects: &mut Vec<Redirect>) -> Parsed<()> {
        if self.takes("<<<") {
            let text = self.target()?;
            redirects.push(Redirect { stream: 0, to: Target::Here(ended_line(text)) });
            return Ok(());
        }
        if self.takes("<<") {
            let is_indented = self.takes("-");
            self.skip_blanks();
            let start = self.at;
            let delimiter = self.target()?;
            let is_quoted = self.chars[start..self.at].iter().any(|c| "'\"\\".contains(*c));
            let delimiter = delimiter.plain().map(|word| word.text).unwrap_or_default();
            let text = self.document(&Here { delimiter, is_indented, is_quoted })?;
            redirects.push(Redirect { stream: 0, to: Target::Here(text) });
            return Ok(());
        }
        let to = if self.takes(">>") {
            Target::Append(self.target()?)
        } else if self.takes(">&") {
            match self.target()?.unquoted() {
                Some("1") => Target::Same(1),
                Some("2") => Target::Same(2),
                _ => return Err(self.unexpected()),
            }
        } else if self.takes(">") {
            Target::Write(self.target()?)
        } else {
            self.at += 1;
            Target::Read(self.target()?)
        };
        redirects.push(Redirect { stream, to });
        Ok(())
    }

    fn target(&mut self) -> Parsed<Text> {
        self.skip_blanks();
        match self.word()? {
            Some(word) => Ok(word),
            None => Err(match self.peek() {
                None => Trouble::Unexpected("newline".to_owned()),
                Some(_) => self.unexpected(),
            }),
        }
    }

    /// Takes the lines of a here-document out of the text, from behind the end of the present line.
    fn document(&mut self, here: &Here) -> Parsed<Text> {
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
        let mut inner = Parser { chars, at: 0, depth: self.depth, groups: 0, here: Vec::new() };
        let mut parts = Parts::default();
        while inner.peek().is_some() {
            inner.quoted_piece(&mut parts)?;
        }
        Ok(Text { parts: parts.done(), span })
    }

    /// A word; none if none stands here.
    fn word(&mut self) -> Parsed<Option<Text>> {
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

/// A word such as `NAME=value` before a command.
fn assignment(word: &Text) -> Option<(String, Text)> {
    let Some(Part::Literal { text, is_quoted: false }) = word.parts.first() else { return None };
    let (name, value) = text.split_once('=')?;
    let is_right = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(is_name);
    if !is_right {
        return None;
    }
    let mut parts = vec![Part::Literal { text: value.to_owned(), is_quoted: false }];
    parts.extend(word.parts[1..].iter().cloned());
    Some((name.to_owned(), Text { parts, span: word.span }))
}

fn ended_line(mut text: Text) -> Text {
    text.parts.push(Part::Literal { text: "\n".to_owned(), is_quoted: true });
    text
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
