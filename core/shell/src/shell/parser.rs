//! Reads what is typed into a shell.

use std::sync::Arc;

use super::syntax::{Command, Item, Join, List, Part, Pipeline, Redirect, Stage, Target, Text};

mod word;

use word::is_name;

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
    let mut parser = Parser { chars: text.chars().collect(), at: 0, depth, groups: 0 };
    let list = parser.list(&[])?;
    match parser.peek() {
        Some(rest) => Err(Trouble::Unexpected(rest.to_string())),
        None => Ok(list),
    }
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    depth: u32,
    /// How many `(` are open.
    groups: u32,
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
            Some('\n') => self.at += 1,
            Some(')') if self.groups > 0 => {}
            None => {}
            Some(_) => return Err(self.unexpected()),
        }
        let text: String = self.chars[start..end].iter().collect();
        Ok(Item { first, rest, is_background, text: text.trim().into() })
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
