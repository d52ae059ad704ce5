//! The regular expressions by which ListTransactions finds transactional ids (KIP-1152): of RE2's
//! syntax, what ids need. A match takes time in proportion to the text and to the pattern, whatever
//! they are.

use std::collections::BTreeSet;
use std::iter::Peekable;
use std::str::Chars;

/// How deep groups may stand within each other.
const MOST_DEPTH: u32 = 50;

/// A pattern.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pattern {
    alternatives: Vec<Vec<Piece>>,
}

/// The pattern is none, or has what is not understood here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotAPattern;

/// A part of a pattern, and how often it may stand there.
#[derive(Clone, Debug, PartialEq)]
struct Piece {
    atom: Atom,
    may_be_absent: bool,
    may_repeat: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Atom {
    Any,
    Literal(char),
    Class { is_negated: bool, ranges: Vec<(char, char)> },
    Group(Pattern),
}

type Rest<'a> = Peekable<Chars<'a>>;

impl Pattern {
    /// Reads a pattern.
    pub(super) fn parse(text: &str) -> Result<Self, NotAPattern> {
        let mut rest = text.chars().peekable();
        let pattern = Self::read(&mut rest, 0)?;
        if rest.next().is_some() { Err(NotAPattern) } else { Ok(pattern) }
    }

    /// Whether it matches all of a text.
    pub(super) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        self.ends(&text, &[0].into()).contains(&text.len())
    }

    fn read(rest: &mut Rest<'_>, depth: u32) -> Result<Self, NotAPattern> {
        if depth > MOST_DEPTH {
            return Err(NotAPattern);
        }
        let mut alternatives = vec![Vec::new()];
        while let Some(next) = rest.next_if(|next| *next != ')') {
            let last = alternatives.last_mut().expect("there is one from the start");
            let atom = match next {
                '|' => {
                    alternatives.push(Vec::new());
                    continue;
                }
                // The whole text is matched anyway.
                '^' if last.is_empty() => continue,
                '$' if rest.peek().is_none_or(|next| matches!(next, '|' | ')')) => continue,
                '.' => Atom::Any,
                '[' => class(rest)?,
                '(' => {
                    let group = Self::read(rest, depth + 1)?;
                    rest.next_if_eq(&')').ok_or(NotAPattern)?;
                    Atom::Group(group)
                }
                '\\' => Atom::Literal(
                    rest.next().filter(|it| !it.is_alphanumeric()).ok_or(NotAPattern)?,
                ),
                '*' | '+' | '?' | '{' | '^' | '$' => return Err(NotAPattern),
                literal => Atom::Literal(literal),
            };
            let count = rest.next_if(|next| matches!(next, '*' | '+' | '?'));
            last.push(Piece {
                atom,
                may_be_absent: matches!(count, Some('*' | '?')),
                may_repeat: matches!(count, Some('*' | '+')),
            });
        }
        Ok(Self { alternatives })
    }

    /// Where a match can end that begins at one of `starts`.
    fn ends(&self, text: &[char], starts: &BTreeSet<usize>) -> BTreeSet<usize> {
        let of = |pieces: &Vec<Piece>| {
            pieces.iter().fold(starts.clone(), |starts, piece| piece.ends(text, &starts))
        };
        self.alternatives.iter().flat_map(of).collect()
    }
}

impl Piece {
    fn ends(&self, text: &[char], starts: &BTreeSet<usize>) -> BTreeSet<usize> {
        let mut found = self.atom.ends(text, starts);
        let mut fresh = found.clone();
        while self.may_repeat && !fresh.is_empty() {
            fresh = self.atom.ends(text, &fresh).difference(&found).copied().collect();
            found.extend(&fresh);
        }
        if self.may_be_absent {
            found.extend(starts);
        }
        found
    }
}

impl Atom {
    fn ends(&self, text: &[char], starts: &BTreeSet<usize>) -> BTreeSet<usize> {
        let is_one = |c: &char| match self {
            Atom::Any => true,
            Atom::Literal(literal) => literal == c,
            Atom::Class { is_negated, ranges } => {
                ranges.iter().any(|(from, to)| (from..=to).contains(&c)) != *is_negated
            }
            Atom::Group(_) => false,
        };
        match self {
            Atom::Group(pattern) => pattern.ends(text, starts),
            _ => starts
                .iter()
                .filter(|start| text.get(**start).is_some_and(is_one))
                .map(|start| start + 1)
                .collect(),
        }
    }
}

/// A class of characters, behind its opening bracket.
fn class(rest: &mut Rest<'_>) -> Result<Atom, NotAPattern> {
    let is_negated = rest.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        let from = match rest.next().ok_or(NotAPattern)? {
            ']' if !ranges.is_empty() => return Ok(Atom::Class { is_negated, ranges }),
            '\\' => rest.next().filter(|it| !it.is_alphanumeric()).ok_or(NotAPattern)?,
            other => other,
        };
        let mut ahead = rest.clone();
        let is_range = ahead.next() == Some('-') && ahead.peek().is_some_and(|it| *it != ']');
        let to = if is_range { rest.nth(1).ok_or(NotAPattern)? } else { from };
        if to < from {
            return Err(NotAPattern);
        }
        ranges.push((from, to));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, text: &str, expected: bool) {
        let found = Pattern::parse(pattern).map(|pattern| pattern.matches(text));
        assert_eq!(found, Ok(expected), "{pattern} and {text}");
    }

    #[test]
    fn ids_are_found() {
        check("my-.*", "my-app-0", true);
        check("my-.*", "not-my-app", false);
        check("(a|bc)+", "abca", true);
        check("(a|bc)+", "abcb", false);
        check("^t[0-9]?$", "t7", true);
        check("t[^0-9]", "t7", false);
        check(r"a\.b", "axb", false);
        check("(a*)*b", &"a".repeat(200), false);
        check("", "", true);
        for wrong in ["(", "[", "*", "a)", "[z-a]", "\\", &"(".repeat(1_000)] {
            assert_eq!(Pattern::parse(wrong), Err(NotAPattern), "{wrong}");
        }
    }
}
