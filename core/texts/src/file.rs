//! A file of texts, line by line.

use std::collections::BTreeSet;
use std::fmt;

/// A key with its sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// What the code calls it.
    pub key: &'a str,
    /// What is said, with arguments in braces.
    pub sentence: &'a str,
}

/// A line that is no entry, or one that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Which line, counted from 1.
    pub line: usize,
    /// What is wrong with it, and how it should be.
    pub why: &'static str,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

/// The entries of a file, in its order.
///
/// # Errors
///
/// The first line that cannot be read, or whose key stood before.
pub fn entries(text: &str) -> Result<Vec<Entry<'_>>, Unreadable> {
    let mut found = Vec::new();
    let mut keys = BTreeSet::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let entry = entry(line).and_then(|entry| {
            let is_new = keys.insert(entry.key);
            if is_new { Ok(entry) } else { Err("this key stands above already: give it another") }
        });
        found.push(entry.map_err(|why| Unreadable { line: index + 1, why })?);
    }
    Ok(found)
}

fn entry(line: &str) -> Result<Entry<'_>, &'static str> {
    let (key, sentence) = line.split_once('=').ok_or("write `key = sentence`")?;
    let key = key.trim();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    if key.is_empty() || !key.chars().all(is_plain) {
        return Err("a key has letters, digits, dots and dashes");
    }
    let sentence = unquoted(sentence.trim());
    if sentence.is_empty() {
        return Err("there is no sentence after the equals sign");
    }
    if !has_whole_braces(sentence) {
        return Err("each { needs its }, with the name of an argument between them");
    }
    Ok(Entry { key, sentence })
}

/// The sentence without the quotes that keep the spaces at its ends.
fn unquoted(sentence: &str) -> &str {
    let inner = sentence.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.filter(|inner| inner.trim() != *inner).unwrap_or(sentence)
}

fn has_whole_braces(sentence: &str) -> bool {
    let mut rest = sentence;
    while let Some(at) = rest.find(['{', '}']) {
        let Some((name, after)) = rest[at..].strip_prefix('{').and_then(|it| it.split_once('}'))
        else {
            return false;
        };
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        if name.is_empty() || !name.chars().all(is_plain) {
            return false;
        }
        rest = after;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_key_and_its_sentence() {
        let text = "# A comment.\n\nplay = Play\r\nlag = {n} = behind\nbecause = \" because \"\nquote = \"Ready\"\n";
        let read = entries(text).expect("all lines are right");
        let read: Vec<_> = read.iter().map(|entry| (entry.key, entry.sentence)).collect();
        let quote = ("quote", "\"Ready\"");
        assert_eq!(
            read,
            [("play", "Play"), ("lag", "{n} = behind"), ("because", " because "), quote]
        );
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        let line = |text| entries(text).map_err(|wrong| wrong.line);
        assert_eq!(line("a = b\nnothing"), Err(2));
        assert_eq!(line("a = b\na = c"), Err(2));
        assert_eq!(line("a b = c"), Err(1));
        assert_eq!(line("a ="), Err(1));
        for odd in ["a = {", "a = }", "a = {}", "a = {n} }", "a = {n", "a = {two words}"] {
            assert_eq!(line(odd), Err(1), "{odd}");
        }
    }
}
