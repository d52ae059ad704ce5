//! What happened goes to the checkers, and, in sentences, to the log.

use highwater_cluster::event::{Cause, Event, EventKind};
use highwater_cluster::time::Span;

use super::{LogLine, RECENT, Session, Stop};
use crate::invariants::{Anomaly, Finding};
use crate::narration::{Depth, LogKind, Narration, is_wire, narrate};

impl Session {
    /// Takes in what happened. Returns the last at which whoever steps is to stop.
    pub(super) fn take_events(&mut self, stop: Option<Stop>) -> Option<LogLine> {
        self.keep_replies();
        let mut last = None;
        for event in self.world.take_events() {
            if let Some(hash) = &mut self.hash {
                hash.event(&event);
            }
            self.progress.observe(&event, &self.world);
            let found = self.invariants.found().len();
            self.invariants.observe(&event, &self.world);
            if self.is_quiet {
                continue;
            }
            self.metrics.observe(&event, &self.world);
            self.screens.observe(&event);
            last = self.log_event(&event, stop).or(last);
            self.log_losses(found, &event);
            self.causes.remember(event);
        }
        self.screens.end_of_events();
        last
    }

    /// Writes an event into the log if it is of the story. Returns its line if it is to be stopped at.
    fn log_event(&mut self, event: &Event, stop: Option<Stop>) -> Option<LogLine> {
        if is_wire(&event.kind) && stop.is_none_or(|stop| stop.depth() < Depth::Wire) {
            return None;
        }
        let told = narrate(event, &self.world, &self.causes)?;
        let told = self.firsts.raise(event, told);
        let stops = stop.is_some_and(|stop| stop.is_at(event, told.depth));
        if told.depth > Depth::Story && !stops {
            return None;
        }
        let line = self.line(event, told);
        if line.depth == Depth::Story && !self.was_just_said(&line) {
            self.log.push(line.clone());
        }
        stops.then_some(line)
    }

    /// Writes into the log which records were lost, as an event showed.
    fn log_losses(&mut self, known: usize, event: &Event) {
        let found = self.invariants.found().get(known..).unwrap_or_default();
        let losses: Vec<String> = found.iter().filter_map(|found| self.loss(found)).collect();
        for sentence in losses {
            self.log.push(LogLine {
                event: event.id,
                at: event.at,
                sentence,
                because: None,
                kind: LogKind::Loss,
                depth: Depth::Story,
                about: Vec::new(),
            });
        }
    }

    /// A finding in a sentence, if it is that records were lost.
    pub(crate) fn loss(&self, finding: &Finding) -> Option<String> {
        let is_loss =
            matches!(finding.what, Anomaly::LostWrite { .. } | Anomaly::NeverWritten { .. });
        is_loss.then(|| finding.what.sentence(&self.catalogue))
    }

    /// An event as a line of the log, if it has a sentence.
    pub(crate) fn told(&self, event: &Event) -> Option<LogLine> {
        Some(self.line(event, narrate(event, &self.world, &self.causes)?))
    }

    pub(super) fn line(&self, event: &Event, told: Narration) -> LogLine {
        let about = told.about();
        let Narration { kind, depth, id, arguments, because } = told;
        let because = because
            .map(|message| self.catalogue.tell(message, &arguments))
            .or_else(|| self.because_of(event));
        let sentence = self.catalogue.tell(id, &arguments);
        LogLine { event: event.id, at: event.at, sentence, because, kind, depth, about }
    }

    /// Why an event happened that does not say so itself: the nearest story that led to it.
    fn because_of(&self, event: &Event) -> Option<String> {
        // Of these the sentence is about one thing, and a reason would only be noise.
        if is_wire(&event.kind) || matches!(event.kind, EventKind::Output { .. }) {
            return None;
        }
        let Cause::Event(cause) = event.cause else { return None };
        let nearest = self.causes.event(cause).into_iter().chain(self.causes.of(cause));
        let narration = nearest
            .take_while(|earlier| event.at.since(earlier.at) <= RECENT)
            .find_map(|event| self.reason(event))?;
        let said = self.catalogue.tell(narration.id, &narration.arguments);
        Some(lower_first(&said))
    }

    /// An event as the reason for others, if it is one.
    pub(super) fn reason(&self, event: &Event) -> Option<Narration> {
        if is_wire(&event.kind) || matches!(event.kind, EventKind::EntryApplied { .. }) {
            return None;
        }
        let narration = narrate(event, &self.world, &self.causes)?;
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
