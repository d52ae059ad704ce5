//! What happened goes to the checkers, and, in sentences, to the log.

use highwater_cluster::event::{Cause, Event, EventKind};
use highwater_cluster::time::Span;

use super::{LogLine, RECENT, Session};
use crate::narration::{Depth, LogKind, Narration, narrate};

impl Session {
    /// Takes in what happened. Returns the last that has a sentence.
    pub(super) fn take_events(&mut self) -> Option<LogLine> {
        self.keep_replies();
        let mut last = None;
        for event in self.world.take_events() {
            if let Some(hash) = &mut self.hash {
                hash.event(&event);
            }
            self.progress.observe(&event, &self.world);
            self.invariants.observe(&event, &self.world);
            if self.is_quiet {
                continue;
            }
            self.metrics.observe(&event, &self.world);
            if let Some(line) = self.tell(&event) {
                if line.depth == Depth::Story && !self.was_just_said(&line) {
                    self.log.push(line.clone());
                }
                last = Some(line);
            }
            self.causes.remember(event);
        }
        last
    }

    fn tell(&self, event: &Event) -> Option<LogLine> {
        let (at, id) = (event.at, event.id);
        if let EventKind::Output { terminal, text, is_error, .. } = &event.kind {
            let kind = LogKind::Output { terminal: terminal.to_string(), is_error: *is_error };
            let sentence = text.to_string();
            return Some(LogLine {
                event: id,
                at,
                sentence,
                because: None,
                kind,
                depth: Depth::Story,
            });
        }
        let Narration { kind, depth, id: message, arguments, because } =
            narrate(event, &self.world)?;
        let sentence = self.catalogue.say(message, &arguments);
        let because = because
            .map(|message| self.catalogue.say(message, &arguments))
            .or_else(|| self.because_of(event));
        Some(LogLine { event: id, at, sentence, because, kind, depth })
    }

    /// Why an event happened that does not say so itself: the nearest story that led to it.
    fn because_of(&self, event: &Event) -> Option<String> {
        let Cause::Event(cause) = event.cause else { return None };
        let nearest = self.causes.event(cause).into_iter().chain(self.causes.of(cause));
        let narration = nearest
            .take_while(|earlier| event.at.since(earlier.at) <= RECENT)
            .find_map(|event| self.reason(event))?;
        let said = self.catalogue.say(narration.id, &narration.arguments);
        Some(lower_first(&said))
    }

    /// An event as the reason for others, if it is one.
    pub(super) fn reason(&self, event: &Event) -> Option<Narration> {
        if matches!(event.kind, EventKind::EntryApplied { .. }) {
            return None;
        }
        let narration = narrate(event, &self.world)?;
        (narration.depth == Depth::Story && narration.kind.is_cause()).then_some(narration)
    }

    /// Whether a refusal is one of many alike: the log says it once in a while.
    fn was_just_said(&self, line: &LogLine) -> bool {
        /// The lines and the time within which the same is not said again.
        const LINES: usize = 40;
        const WHILE: Span = Span(10_000_000);
        line.kind == LogKind::Produce
            && self
                .log
                .iter()
                .rev()
                .take(LINES)
                .any(|said| said.sentence == line.sentence && line.at.since(said.at) < WHILE)
    }
}

/// A sentence as it stands after "because": its first letter small.
fn lower_first(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
