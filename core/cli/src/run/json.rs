//! All that happens in a run as JSON, an object a line. What the objects hold stands in the help of `highwater run`.

use std::collections::BTreeMap;

use highwater_scenario::cluster::event::{Cause, Event, EventKind};
use highwater_scenario::cluster::ids::EventId;
use highwater_scenario::cluster::time::{Span, Time};
use highwater_scenario::invariants::Finding;
use highwater_scenario::narration::Depth;
use highwater_scenario::session::{Filter, LogLine, Session};
use serde_json::{Value, json};

use crate::output::Output;
use crate::playing::{Budget, play};
use crate::problem::Problem;

mod view;

/// Prints a run as JSON.
pub(super) struct Printer<'a> {
    session: Session,
    file: &'a str,
    out: &'a mut Output,
    /// The event that is told next.
    next: EventId,
    /// How many findings were told.
    findings: usize,
}

impl<'a> Printer<'a> {
    pub(super) fn new(session: Session, file: &'a str, out: &'a mut Output) -> Self {
        Self { session, file, out, next: EventId(0), findings: 0 }
    }

    /// Plays up to an instant and prints what happens, with a view each time so much time has passed.
    pub(super) fn print(
        mut self,
        until: Time,
        mut budget: Budget,
        view_every: Option<Span>,
    ) -> Result<(), Problem> {
        let header = self.session.document().header();
        self.object(json!({
            "type": "scenario",
            "file": self.file,
            "seed": header.seed,
            "brokers": header.cluster.brokers,
            "controllers": header.cluster.controllers,
        }))?;
        let result = loop {
            let stop = view_every.map_or(until, |every| until.min(self.session.now() + every));
            let result = self.play(stop, &mut budget);
            if result.is_err() || stop == until {
                break result;
            }
            self.object(view::view(&self.session.view()))?;
        };
        let halted = match &result {
            Ok(()) => None,
            Err(Problem::Halted(sentence)) => Some(sentence.as_str()),
            Err(_) => return result,
        };
        self.object(view::view(&self.session.view()))?;
        self.object(json!({
            "type": "end",
            "file": self.file,
            "at_us": self.session.now().0,
            "events": self.session.world().event_count(),
            "hash": self.session.hash().map(|hash| format!("{hash:016x}")),
            "halted": halted,
        }))?;
        result
    }

    fn play(&mut self, until: Time, budget: &mut Budget) -> Result<(), Problem> {
        let Self { session, out, next, findings, .. } = self;
        play(session, until, budget, |session| {
            let sentences = sentences(session, *next);
            for event in session.causes().since(*next) {
                out.line(&told(event, sentences.get(&event.id)).to_string())?;
            }
            *next = session.causes().next_id();
            let found = session.invariants().found();
            for finding in found.iter().skip(*findings) {
                out.line(&anomaly(session, finding).to_string())?;
            }
            *findings = found.len();
            Ok(())
        })
    }

    fn object(&mut self, object: Value) -> Result<(), Problem> {
        self.out.line(&object.to_string())
    }
}

/// The sentences for the events from one on, as far as they have any.
fn sentences(session: &Session, from: EventId) -> BTreeMap<EventId, LogLine> {
    let before = from.0.checked_sub(1).map(EventId);
    let lines = session.history(Depth::Wire, &Filter::default(), before, usize::MAX);
    // Of an event that showed a loss there are two; the loss is told as an anomaly.
    let mut sentences = BTreeMap::new();
    for line in lines {
        sentences.entry(line.event).or_insert(line);
    }
    sentences
}

/// An event; what a command printed is an object of its own kind.
fn told(event: &Event, line: Option<&LogLine>) -> Value {
    if let EventKind::Output { terminal, text, is_error, .. } = &event.kind {
        return json!({
            "type": "output",
            "at_us": event.at.0,
            "event": event.id.0,
            "terminal": terminal.as_str(),
            "stream": if *is_error { "stderr" } else { "stdout" },
            "text": &**text,
        });
    }
    let mut object = json!({
        "type": "event",
        "id": event.id.0,
        "at_us": event.at.0,
        "cause": cause(event.cause),
        "kind": kind(&event.kind),
        "trace": event.kind.to_string(),
    });
    if let Some(line) = line {
        object["depth"] = json!(line.depth.name());
        object["sentence"] = json!(line.sentence);
        object["because"] = json!(line.because);
        object["about"] = json!(line.about);
    }
    object
}

fn cause(cause: Cause) -> Value {
    match cause {
        Cause::Start => json!({ "start": true }),
        Cause::Entry(entry) => json!({ "entry": entry.0 }),
        Cause::Event(event) => json!({ "event": event.0 }),
        Cause::Timer { timer, set_by } => {
            json!({ "timer": timer.to_string(), "event": set_by.map(|event| event.0) })
        }
    }
}

/// The name of a kind of event, as `core/cluster/src/event.rs` has it.
fn kind(kind: &EventKind) -> String {
    let text = format!("{kind:?}");
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(text.len());
    text[..end].to_owned()
}

fn anomaly(session: &Session, finding: &Finding) -> Value {
    let evidence: Vec<u64> = finding.evidence.iter().map(|event| event.0).collect();
    json!({
        "type": "anomaly",
        "event": finding.event.0,
        "id": finding.what.id().trim_start_matches("found."),
        "sentence": finding.what.sentence(session.catalogue()),
        "evidence": evidence,
        "violation": finding.what.is_violation(),
    })
}
