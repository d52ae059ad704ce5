//! Expansion: variables, arithmetic, braces, and what commands have printed become words.

use super::syntax::{Part, Text};
use crate::words::Word;

/// How many words braces may become.
const MOST_WORDS: i64 = 10_000;

/// The words of a text. `variable` gives a variable's value.
pub(super) fn words(text: &Text, variable: &dyn Fn(&str) -> String) -> Vec<Word> {
    if let Some(word) = text.plain() {
        return vec![word];
    }
    if let Some(range) = text.unquoted().and_then(braces) {
        let word = |number: String| Word { text: number, span: text.span, quoted: false };
        return range.into_iter().map(word).collect();
    }
    let mut fields = Fields::default();
    for part in &text.parts {
        match part {
            Part::Literal { text, .. } => fields.add(text),
            Part::Arithmetic(sum) => fields.add(&arithmetic(sum, variable)),
            Part::Variable { name, otherwise, is_quoted } => {
                let value = variable(name);
                let value = if value.is_empty() { otherwise.clone() } else { value };
                fields.add_value(&value, *is_quoted);
            }
            Part::Printed { text, is_quoted } => {
                fields.add_value(text.trim_end_matches('\n'), *is_quoted);
            }
            Part::Command { .. } => {}
        }
    }
    fields
        .done()
        .into_iter()
        .map(|field| Word { text: field, span: text.span, quoted: true })
        .collect()
}

/// The text as one word, as in an assignment or behind `>`.
pub(super) fn one(text: &Text, variable: &dyn Fn(&str) -> String) -> String {
    let mut whole = String::new();
    for part in &text.parts {
        match part {
            Part::Literal { text, .. } => whole.push_str(text),
            Part::Arithmetic(sum) => whole.push_str(&arithmetic(sum, variable)),
            Part::Variable { name, otherwise, .. } => {
                let value = variable(name);
                whole.push_str(if value.is_empty() { otherwise } else { &value });
            }
            Part::Printed { text, .. } => whole.push_str(text.trim_end_matches('\n')),
            Part::Command { .. } => {}
        }
    }
    whole
}

/// The words of a text so far.
#[derive(Default)]
struct Fields {
    done: Vec<String>,
    open: Option<String>,
}

impl Fields {
    fn add(&mut self, text: &str) {
        self.open.get_or_insert_default().push_str(text);
    }

    /// A value without quotes falls apart where there are blanks.
    fn add_value(&mut self, value: &str, is_quoted: bool) {
        if is_quoted {
            return self.add(value);
        }
        if value.starts_with(char::is_whitespace) {
            self.done.extend(self.open.take());
        }
        let mut pieces = value.split_whitespace().peekable();
        while let Some(piece) = pieces.next() {
            self.add(piece);
            if pieces.peek().is_some() || value.ends_with(char::is_whitespace) {
                self.done.extend(self.open.take());
            }
        }
    }

    fn done(mut self) -> Vec<String> {
        self.done.extend(self.open.take());
        self.done
    }
}

/// `{1..5}`, with what stands before and behind it.
fn braces(text: &str) -> Option<Vec<String>> {
    let (before, rest) = text.split_once('{')?;
    let (inner, after) = rest.split_once('}')?;
    let (from, to) = inner.split_once("..")?;
    let (from, to): (i64, i64) = (from.parse().ok()?, to.parse().ok()?);
    if from.checked_sub(to)?.checked_abs()? >= MOST_WORDS {
        return None;
    }
    let word = |number: i64| format!("{before}{number}{after}");
    Some(match from <= to {
        true => (from..=to).map(word).collect(),
        false => (to..=from).rev().map(word).collect(),
    })
}

/// `1 + i * 2`. What cannot be computed is 0.
pub(super) fn arithmetic(text: &str, variable: &dyn Fn(&str) -> String) -> String {
    let mut sum = Sum { chars: text.chars().collect(), at: 0, variable, depth: 0 };
    sum.sum().unwrap_or(0).to_string()
}

struct Sum<'a> {
    chars: Vec<char>,
    at: usize,
    variable: &'a dyn Fn(&str) -> String,
    depth: u32,
}

impl Sum<'_> {
    fn next(&mut self) -> Option<char> {
        while self.chars.get(self.at).is_some_and(|c| c.is_whitespace() || *c == '$') {
            self.at += 1;
        }
        self.chars.get(self.at).copied()
    }

    fn sum(&mut self) -> Option<i64> {
        let mut value = self.product()?;
        while let Some(sign @ ('+' | '-')) = self.next() {
            self.at += 1;
            let other = self.product()?;
            value = match sign {
                '+' => value.wrapping_add(other),
                _ => value.wrapping_sub(other),
            };
        }
        Some(value)
    }

    fn product(&mut self) -> Option<i64> {
        let mut value = self.factor()?;
        while let Some(sign @ ('*' | '/' | '%')) = self.next() {
            self.at += 1;
            let other = self.factor()?;
            value = match sign {
                '*' => value.wrapping_mul(other),
                '/' => value.checked_div(other)?,
                _ => value.checked_rem(other)?,
            };
        }
        Some(value)
    }

    fn factor(&mut self) -> Option<i64> {
        self.depth += 1;
        if self.depth > 200 {
            return None;
        }
        let value = match self.next()? {
            '(' => {
                self.at += 1;
                let value = self.sum()?;
                (self.next()? == ')').then(|| self.at += 1)?;
                value
            }
            '-' => {
                self.at += 1;
                self.factor()?.wrapping_neg()
            }
            _ => {
                let rest = self.chars[self.at..].iter();
                let word: String =
                    rest.take_while(|c| c.is_ascii_alphanumeric() || **c == '_').collect();
                self.at += word.chars().count();
                match word.parse() {
                    Ok(number) => number,
                    Err(_) if word.is_empty() => return None,
                    Err(_) => (self.variable)(&word).trim().parse().unwrap_or(0),
                }
            }
        };
        self.depth -= 1;
        Some(value)
    }
}
