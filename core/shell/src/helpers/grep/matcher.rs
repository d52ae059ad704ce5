//! What a pattern of `grep` matches: whether a line, and which part of it.

use highwater_cluster::consumer::TopicPattern;
use highwater_cluster::ids::TopicName;

/// The longest line, in characters, of which parts are looked for: each place of it is tried.
pub(super) const LONGEST: usize = 500;

/// What stands before and after a word, in a pattern.
const NO_WORD: &str = "[^A-Za-z0-9_]";

/// A pattern, made ready.
#[derive(Clone, Debug)]
pub(super) struct Matcher {
    kind: Kind,
    /// Whether it matches only where no letter, digit or `_` is beside it.
    only_words: bool,
}

#[derive(Clone, Debug)]
enum Kind {
    Text(Vec<char>, String),
    Pattern(Box<Patterns>),
}

#[derive(Clone, Debug)]
struct Patterns {
    /// A line that has a part that matches.
    line: TopicPattern,
    /// What begins with such a part.
    beginning: TopicPattern,
    /// The part.
    part: TopicPattern,
    is_at_start: bool,
    is_at_end: bool,
}

/// Whether the character means more than itself in a pattern.
pub(super) fn is_special(c: char) -> bool {
    "\\^$.|?*+()[]{}".contains(c)
}

impl Matcher {
    pub(super) fn text(text: String, only_words: bool) -> Result<Self, String> {
        if only_words {
            let escaped = |c: char| {
                let backslash = is_special(c).then_some('\\');
                backslash.into_iter().chain([c])
            };
            return Self::pattern(&text.chars().flat_map(escaped).collect::<String>(), true);
        }
        Ok(Self { kind: Kind::Text(text.chars().collect(), text), only_words })
    }

    pub(super) fn pattern(pattern: &str, only_words: bool) -> Result<Self, String> {
        let at_start = pattern.strip_prefix('^');
        let inner = at_start.unwrap_or(pattern);
        let at_end = inner.strip_suffix('$').filter(|inner| !inner.ends_with('\\'));
        let inner = at_end.unwrap_or(inner);
        // The whole line is to match, so what may stand around the pattern is added.
        let (before, after) = match only_words {
            true => (format!("(.*{NO_WORD})?"), format!("({NO_WORD}.*)?")),
            false => (".*".to_owned(), ".*".to_owned()),
        };
        let before = if at_start.is_some() { "" } else { &before };
        let after = if at_end.is_some() { "" } else { &after };
        let patterns = Patterns {
            line: TopicPattern::new(&format!("{before}({inner}){after}"))?,
            beginning: TopicPattern::new(&format!("({inner}){after}"))?,
            part: TopicPattern::new(&format!("({inner})"))?,
            is_at_start: at_start.is_some(),
            is_at_end: at_end.is_some(),
        };
        Ok(Self { kind: Kind::Pattern(Box::new(patterns)), only_words })
    }

    pub(super) fn matches(&self, line: &str) -> bool {
        match &self.kind {
            Kind::Text(_, text) => line.contains(text.as_str()),
            Kind::Pattern(patterns) => patterns.line.matches(&TopicName::from(line)),
        }
    }

    /// Where the longest part ends that matches from `at` on; none if that is empty or there is none.
    pub(super) fn end(&self, line: &[char], at: usize) -> Option<usize> {
        let patterns = match &self.kind {
            Kind::Text(text, _) => {
                let is_there = !text.is_empty() && line[at..].starts_with(text);
                return is_there.then_some(at + text.len());
            }
            Kind::Pattern(patterns) => patterns,
        };
        let is_word = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        let is_within_word = at > 0 && is_word(&line[at - 1]);
        if (patterns.is_at_start && at > 0) || (self.only_words && is_within_word) {
            return None;
        }
        let text = |to: usize| TopicName::from(line[at..to].iter().collect::<String>().as_str());
        if !patterns.beginning.matches(&text(line.len())) {
            return None;
        }
        let least = if patterns.is_at_end { line.len() } else { at + 1 };
        let mut ends = (least..=line.len()).rev();
        ends.find(|end| {
            let cuts_word = self.only_words && line.get(*end).is_some_and(is_word);
            !cuts_word && patterns.part.matches(&text(*end))
        })
    }
}
