//! Plays one script and says what was found: the first violation, a panic, a halt, or that it did not
//! converge.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use highwater_scenario::cluster::bugs::Bug;
use highwater_scenario::cluster::time::Span;
use highwater_scenario::invariants::{Anomaly, DeadLetterCount};
use highwater_scenario::script::Document;
use highwater_scenario::session::Session;

use super::plan::CAREFUL;
use super::promises::{Deliveries, broken, deliveries};
use super::settled::unsettled;

/// The events of a run, at most.
const MOST_EVENTS: u64 = 60_000;
/// How long after the script's last line everything is to have converged: `delivery.timeout.ms` as an
/// application's producer has it, after which what cannot be written is given up, and half a minute.
const CONVERGES_WITHIN: Span = Span(150_000_000);
/// How often it is looked at.
const SLICE: Span = Span(500_000);

/// What came of a run.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What is wrong; none if all is well.
    pub problem: Option<Problem>,
    /// The events that there were.
    pub events: u64,
    /// Whether there were too many events to follow it to its end.
    pub is_cut_short: bool,
    /// The records that producers were told to be written.
    pub acknowledged: u64,
    /// How often each anomaly was named that Kafka allows.
    pub anomalies: BTreeMap<&'static str, u64>,
    /// How often records were processed that were to be.
    pub deliveries: Deliveries,
    /// The records that were acknowledged and are gone from the log.
    pub lost_writes: u64,
    /// What came into dead-letter queues.
    pub dead_letters: DeadLetterCount,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which kind: another script that shows the same kind shows the same problem.
    pub kind: String,
    /// What it is.
    pub says: String,
    /// The events that led there.
    pub evidence: Vec<u64>,
}

/// Plays a script with all checkers, and lets it converge.
pub fn run(script: &str, bug: Option<Bug>) -> Outcome {
    quiet_panics();
    IS_PLAYING.set(true);
    let played = panic::catch_unwind(AssertUnwindSafe(|| play(script, bug)));
    IS_PLAYING.set(false);
    match played {
        Ok(outcome) => outcome,
        Err(_) => {
            let says = LAST_PANIC.with_borrow_mut(std::mem::take);
            // The place is the kind: the message may hold numbers.
            let kind = says.lines().next().unwrap_or_default().to_owned();
            let problem = Problem { kind, says, evidence: Vec::new() };
            Outcome { problem: Some(problem), ..Outcome::default() }
        }
    }
}

/// What happens in a script, event by event, up to its last line and a little beyond: for whoever looks
/// into a failure.
pub fn trace(script: &str, bug: Option<Bug>) -> String {
    let Ok(mut session) = open(script, bug) else { return String::new() };
    let end = session.script_end() + CONVERGES_WITHIN;
    session.advance(end, u32::MAX);
    session.causes().all().map(|event| format!("{} {event}\n", event.id)).collect()
}

fn open(script: &str, bug: Option<Bug>) -> Result<Session, Problem> {
    let document = Document::parse(script);
    let session = match bug {
        Some(bug) => Session::with_bug(document, bug),
        None => Session::new(document),
    };
    session.map_err(|errors| {
        let says = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        Problem::new("unreadable", says)
    })
}

fn play(script: &str, bug: Option<Bug>) -> Outcome {
    let mut session = match open(script, bug) {
        Ok(session) => session.quiet(),
        Err(problem) => return Outcome { problem: Some(problem), ..Outcome::default() },
    };
    let mut outcome = Outcome::default();
    let is_careful = script.contains(CAREFUL);
    outcome.problem = follow(&mut session, is_careful, &mut outcome.is_cut_short);
    outcome.events = session.world().event_count();
    let topics = session.progress().topics.values();
    outcome.acknowledged = topics.map(|topic| topic.acknowledged).sum();
    outcome.deliveries = deliveries(&session);
    outcome.dead_letters = session.invariants().dead_letters();
    if outcome.problem.is_none() && !outcome.is_cut_short {
        outcome.problem = broken(&outcome.deliveries, is_careful);
    }
    for finding in session.invariants().found() {
        if let Anomaly::LostWrite { first, last, .. } = &finding.what {
            outcome.lost_writes += (last.0 - first.0 + 1).cast_unsigned();
        }
        if !finding.what.is_violation() {
            *outcome.anomalies.entry(finding.what.id()).or_default() += 1;
        }
    }
    outcome
}

/// Plays on until something is wrong, or everything has converged.
fn follow(session: &mut Session, is_careful: bool, is_cut_short: &mut bool) -> Option<Problem> {
    let script_end = session.script_end();
    let deadline = script_end + CONVERGES_WITHIN;
    loop {
        let until = session.now() + SLICE;
        let advance = session.advance(until, u32::MAX);
        if let Some(violation) = session.invariants().violations().next() {
            let evidence = violation.evidence.iter().chain([&violation.event]);
            return Some(Problem {
                kind: violation.what.id().to_owned(),
                says: violation.what.to_string(),
                evidence: evidence.map(|event| event.0).collect(),
            });
        }
        if let Some(halt) = advance.halted {
            return Some(Problem::new("halted", halt.sentence));
        }
        if session.now() > script_end {
            let Some(what) = unsettled(session, is_careful) else { break };
            if session.now() > deadline {
                let says =
                    format!("{} after the last line: {what}", session.now().since(script_end));
                return Some(Problem::new("not converged", says));
            }
        }
        if session.world().event_count() > MOST_EVENTS {
            *is_cut_short = true;
            return None;
        }
    }
    session.scan();
    if let Some(violation) = session.invariants().violations().next() {
        return Some(Problem::new(violation.what.id(), violation.what.to_string()));
    }
    None
}

impl Problem {
    pub(super) fn new(kind: &str, says: String) -> Self {
        Self { kind: kind.to_owned(), says, evidence: Vec::new() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.says)?;
        if self.evidence.is_empty() {
            return Ok(());
        }
        let events: Vec<String> = self.evidence.iter().map(ToString::to_string).collect();
        write!(f, " (events {})", events.join(", "))
    }
}

thread_local! {
    static LAST_PANIC: RefCell<String> = const { RefCell::new(String::new()) };
    static IS_PLAYING: Cell<bool> = const { Cell::new(false) };
}

/// A panic of the engine is kept for the report rather than printed: shrinking makes hundreds of them.
fn quiet_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !IS_PLAYING.get() {
                return before(info);
            }
            let place = info.location().map_or_else(String::new, ToString::to_string);
            let message = info.payload_as_str().unwrap_or("a panic without words");
            LAST_PANIC.set(format!("panicked at {place}\n{message}"));
        }));
    });
}
