//! The past in the depth that a reader chooses. The log keeps the story for long; what lies deeper is
//! put into sentences anew from the events that are remembered, so that another depth, or a search,
//! shows the past too.

use highwater_cluster::event::Event;
use highwater_cluster::ids::EventId;

use super::{LogLine, Session};
use crate::narration::{Depth, LogKind, is_wire, narrate};

/// What a reader wants to see of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    terms: Vec<String>,
    kind: Option<String>,
}

impl Filter {
    /// A filter by what a reader typed, and by the name of a kind. Each word is to occur, and
    /// `broker 2`, `controller 1` and `group g1` count as one word; a name such as `orders-0` also
    /// finds what is about it without saying so.
    pub fn new(typed: &str, kind: Option<&str>) -> Self {
        let mut terms: Vec<String> = Vec::new();
        for word in typed.to_ascii_lowercase().split_whitespace() {
            match terms.last_mut() {
                Some(last) if matches!(&**last, "broker" | "controller" | "group") => {
                    last.push(' ');
                    last.push_str(word);
                }
                _ => terms.push(word.to_owned()),
            }
        }
        Self { terms, kind: kind.map(str::to_owned) }
    }

    /// Whether nothing is left out.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a line is to be seen.
    pub fn lets(&self, line: &LogLine) -> bool {
        if self.kind.as_ref().is_some_and(|kind| line.kind.name() != kind) {
            return false;
        }
        let mut text = None;
        self.terms.iter().all(|term| {
            line.about.contains(term) || {
                let text = text.get_or_insert_with(|| {
                    let because = line.because.as_deref().unwrap_or_default();
                    format!("{} {because}", line.sentence).to_ascii_lowercase()
                });
                occurs(text, term)
            }
        })
    }
}

/// Whether a term occurs in a text; one that ends in a digit not as the beginning of a longer number.
fn occurs(text: &str, term: &str) -> bool {
    let is_digit = |letter: char| letter.is_ascii_digit();
    text.match_indices(term)
        .any(|(at, _)| !(term.ends_with(is_digit) && text[at + term.len()..].starts_with(is_digit)))
}

impl Session {
    /// The newest lines of the past at a depth that a filter lets through, at most so many, the oldest
    /// first; with `after`, only what came after that event. Deeper than the story it goes as far back
    /// as events are remembered, and from there on tells the story.
    pub fn history(
        &self,
        depth: Depth,
        filter: &Filter,
        after: Option<EventId>,
        most: usize,
    ) -> Vec<LogLine> {
        let is_new = |event: EventId| after.is_none_or(|after| event > after);
        let mut logged = self.log.iter().rev().take_while(|line| is_new(line.event)).peekable();
        let mut lines: Vec<LogLine> = Vec::new();
        let shows =
            |line: &LogLine| !matches!(line.kind, LogKind::Output { .. }) && filter.lets(line);
        if depth > Depth::Story {
            for event in self.causes.all().rev().take_while(|event| is_new(event.id)) {
                let mut is_logged = false;
                while let Some(line) = logged.next_if(|line| line.event >= event.id) {
                    is_logged |= line.kind != LogKind::Loss;
                    lines.extend(Some(line).filter(|line| shows(line)).cloned());
                }
                if !is_logged {
                    lines.extend(self.deeper(event, depth).filter(shows));
                }
                if lines.len() >= most {
                    break;
                }
            }
        }
        let left = most.saturating_sub(lines.len());
        lines.extend(logged.filter(|line| shows(line)).take(left).cloned());
        lines.truncate(most);
        lines.reverse();
        lines
    }

    /// Whether anything was told at a depth from an event on, that one included, as far back as events
    /// are remembered.
    pub fn is_told_since(&self, from: EventId, depth: Depth) -> bool {
        let newest_first = self.causes.all().rev().take_while(|event| event.id >= from);
        newest_first
            .filter(|event| depth == Depth::Wire || !is_wire(&event.kind))
            .filter_map(|event| narrate(event, &self.world, &self.causes))
            .any(|told| told.depth <= depth)
    }

    fn deeper(&self, event: &Event, depth: Depth) -> Option<LogLine> {
        if depth < Depth::Wire && is_wire(&event.kind) {
            return None;
        }
        let told = narrate(event, &self.world, &self.causes)?;
        (told.depth <= depth).then(|| self.line(event, told))
    }
}
