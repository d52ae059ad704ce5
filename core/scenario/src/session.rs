//! A scenario being played: the world, the terminals, and what is told about both. The page and the
//! native program talk to this; nothing beyond it knows the engine.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use highwater_cluster::bugs::Bugs;
use highwater_cluster::cluster_spec::ClusterSpec;
use highwater_cluster::event::Event;
use highwater_cluster::ids::{ClientId, EntryId, EventId, TerminalName};
use highwater_cluster::input::Input;
use highwater_cluster::time::{Span, Time};
use highwater_cluster::view::ClusterView;
use highwater_cluster::world::World;

use crate::catalogue::Catalogue;
use crate::causes::Causes;
use crate::cluster_spec::cluster_spec;
use crate::hash::RunHash;
use crate::invariants::Invariants;
use crate::metrics::Metrics;
use crate::narration::{Depth, Firsts, LogKind, Said, said_bound};
use crate::progress::Progress;
use crate::recent::Recent;
use crate::screens::Screens;
use crate::script::{
    self, Action, Document, Entry, FileContent, Micros, Name, ScriptError, Signal,
};

mod history;
#[cfg_attr(not(feature = "real-clients"), path = "session/no_real_clients.rs")]
mod real_clients;
mod stepping;
mod telling;
mod terminals;

pub use history::Filter;
use real_clients::RealClients;
pub use stepping::{Played, Stop};
pub use terminals::TerminalView;

/// The log lines that are kept.
const MOST_LOG_LINES: usize = 2_000;

/// How long ago an event may lie to be told as a reason. What lies further back is the history of a
/// connection, say, rather than a reason.
const RECENT: Span = Span(500_000);

/// A scenario being played.
#[derive(Clone, Debug)]
pub struct Session {
    document: Arc<Document>,
    entries: Arc<Vec<Entry>>,
    next_entry: usize,
    world: World,
    terminals: BTreeMap<TerminalName, Terminal>,
    catalogue: Arc<Catalogue>,
    causes: Causes,
    log: Recent<LogLine>,
    screens: Screens,
    firsts: Firsts,
    progress: Progress,
    invariants: Invariants,
    metrics: Metrics,
    hash: Option<RunHash>,
    #[cfg_attr(not(feature = "real-clients"), expect(dead_code, reason = "there are none"))]
    real_clients: RealClients,
    /// Nobody reads the log: nothing is put into sentences, and causes are not remembered.
    is_quiet: bool,
    /// Files that a script names by their hash, handed over by who has them.
    known_files: BTreeMap<[u8; 32], Bytes>,
}

/// A terminal: one command at a time, the rest waits.
#[derive(Clone, Debug, Default)]
struct Terminal {
    foreground: Option<ClientId>,
    waiting: VecDeque<(EntryId, TerminalAction)>,
}

/// What is done on a terminal.
#[derive(Clone, Debug)]
enum TerminalAction {
    Command(String),
    Input(Input),
}

/// A line of the log: an event in a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLine {
    /// The event.
    pub event: EventId,
    /// When it happened.
    pub at: Time,
    /// What happened.
    pub sentence: String,
    /// Why, without the word.
    pub because: Option<String>,
    /// What it is about.
    pub kind: LogKind,
    /// How much of the story it is.
    pub depth: Depth,
    /// The nodes, partitions and groups that it is about, in small letters.
    pub about: Vec<String>,
}

/// What came of playing on for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Advance {
    /// The moment that was reached.
    pub reached: Time,
    /// More was due than the budget allowed.
    pub behind: bool,
    /// The run stands still: a bound was reached.
    pub halted: Option<HaltInfo>,
}

/// Why a run stands still.
#[derive(Clone, Debug, PartialEq)]
pub struct HaltInfo {
    /// What bound was reached.
    pub sentence: String,
    /// The line of the scenario that led there: its number in the text, and what it says.
    pub line: Option<(u32, String)>,
}

impl Session {
    /// Reads a scenario and stands at its beginning.
    pub fn parse(text: &str) -> Result<Self, Vec<ScriptError>> {
        Self::new(Document::parse(text))
    }

    /// A session at the beginning of a scenario.
    pub fn new(document: Document) -> Result<Self, Vec<ScriptError>> {
        Self::begin(document, Bugs::default(), Arc::new(Catalogue::english()))
    }

    fn begin(
        document: Document,
        bugs: Bugs,
        catalogue: Arc<Catalogue>,
    ) -> Result<Self, Vec<ScriptError>> {
        let scenario = document.scenario()?;
        let spec = ClusterSpec { bugs, ..cluster_spec(&scenario.header, &document)? };
        let mut session = Self {
            entries: Arc::new(scenario.entries),
            next_entry: 0,
            world: World::new(spec),
            terminals: BTreeMap::new(),
            catalogue,
            causes: Causes::default(),
            log: Recent::new(MOST_LOG_LINES),
            screens: Screens::default(),
            firsts: Firsts::default(),
            progress: Progress::default(),
            invariants: Invariants::default(),
            metrics: Metrics::default(),
            hash: None,
            real_clients: RealClients::default(),
            is_quiet: false,
            known_files: BTreeMap::new(),
            document: Arc::new(document),
        };
        session.take_events(None);
        Ok(session)
    }

    /// From here on, and from the beginning, the run is hashed: see [`Self::hash`].
    pub fn hashed(mut self) -> Self {
        self.hash = Some(RunHash::default());
        self.restart();
        self
    }

    /// From here on nothing is told: no log, no causes. For runs of which only the findings count.
    pub fn quiet(mut self) -> Self {
        self.is_quiet = true;
        self
    }

    /// The scenario with a bug switched on, from its beginning: the checkers are to find it.
    #[cfg(feature = "deliberate-bugs")]
    pub fn with_bug(
        document: Document,
        bug: highwater_cluster::bugs::Bug,
    ) -> Result<Self, Vec<ScriptError>> {
        let bugs = highwater_cluster::bugs::Bugs::only(bug);
        Self::begin(document, bugs, Arc::new(Catalogue::english()))
    }

    /// Hands over a file that the script names by its hash.
    pub fn know_file(&mut self, sha256: [u8; 32], content: Bytes) {
        self.known_files.insert(sha256, content);
    }

    /// The files that the script names by their hash and that nobody has handed over.
    pub fn missing_files(&self) -> Vec<(String, [u8; 32])> {
        let files = self.entries.iter().filter_map(|entry| match &entry.action {
            Action::File { name, content: FileContent::ByHash { sha256, .. } } => {
                Some((name.as_str().to_owned(), *sha256))
            }
            _ => None,
        });
        files.filter(|(_, sha256)| !self.known_files.contains_key(sha256)).collect()
    }

    /// Virtual time.
    pub fn now(&self) -> Time {
        self.world.now()
    }

    /// When something is due next: in the world, or in the script.
    pub fn next_due(&self) -> Option<Time> {
        let entry = self.entries.get(self.next_entry).map(|entry| Time(entry.at.0));
        match (self.world.next_due(), entry) {
            (Some(world), Some(entry)) => Some(world.min(entry)),
            (world, entry) => world.or(entry).filter(|_| self.world.halted().is_none()),
        }
    }

    /// The last instant that the script names.
    pub fn script_end(&self) -> Time {
        self.entries.last().map_or(Time::ZERO, |entry| Time(entry.at.0))
    }

    /// Lets a run that stands still go on, with the count begun anew.
    pub fn resume(&mut self) {
        self.world.resume();
    }

    /// Begins the scenario anew, with all its lines.
    pub fn restart(&mut self) {
        let bugs = self.world.spec().bugs;
        let fresh = Self::begin(Document::clone(&self.document), bugs, self.catalogue.clone());
        let mut fresh = fresh.expect("the scenario was read before");
        fresh.is_quiet = self.is_quiet;
        fresh.known_files = std::mem::take(&mut self.known_files);
        if self.hash.is_some() {
            fresh.hash = Some(RunHash::default());
            for event in fresh.causes.all() {
                fresh.hash.as_mut().expect("it was just made").event(event);
            }
        }
        *self = fresh;
    }

    /// Writes a line at the present moment and does it.
    pub fn submit(&mut self, terminal: &str, line: &str) -> Result<(), ScriptError> {
        self.write(command(terminal, line)?)
    }

    /// Types text to the foreground command of a terminal.
    pub fn input(&mut self, terminal: &str, text: &str) -> Result<(), ScriptError> {
        self.write(input(terminal, text)?)
    }

    /// Presses Ctrl-D on a terminal.
    pub fn end_input(&mut self, terminal: &str) -> Result<(), ScriptError> {
        self.write(end_of_input(terminal)?)
    }

    /// Presses Ctrl-C on a terminal.
    pub fn interrupt(&mut self, terminal: &str) -> Result<(), ScriptError> {
        self.write(interrupt(terminal)?)
    }

    /// Writes an entry at the present moment and does it.
    pub fn write(&mut self, action: Action) -> Result<(), ScriptError> {
        self.write_entry(action).map(|_| ())
    }

    /// As [`write`](Self::write), with the id of the entry.
    pub fn write_entry(&mut self, action: Action) -> Result<script::EntryId, ScriptError> {
        // What is due at this very moment happens first, as it will when the scenario is replayed.
        let now = self.now();
        while self.next_due().is_some_and(|due| due <= now) {
            self.step_once();
            self.take_events(None);
        }
        if let Some(id) = self.do_unwritten(&action) {
            return Ok(id);
        }
        let id = self.note_entry(Micros(now.0), action)?;
        self.forget_ahead();
        self.step_once();
        self.take_events(None);
        Ok(id)
    }

    /// Takes over entries that were written elsewhere, as a script has them: they lie ahead, or at the present moment. They are
    /// done when the session is played to them.
    ///
    /// # Errors
    /// They cannot be read, or lie in the past: nothing is changed. There is no room for all: those before stay.
    pub fn take_over(&mut self, entries: &str) -> Result<(), ScriptError> {
        let format = script::FORMAT_VERSION;
        let read = Document::parse(&format!("highwater {format}\n{entries}"));
        if let Some(error) = read.errors().pop() {
            return Err(error);
        }
        if let Some(past) = read.entries().find(|entry| Time(entry.at.0) < self.now()) {
            return Err(ScriptError {
                line: 0,
                column: 0,
                expected: format!("an instant that is not before {}", self.now()),
                found: Time(past.at.0).to_string(),
                suggestion: None,
            });
        }
        read.entries()
            .try_for_each(|entry| self.note_entry(entry.at, entry.action.clone()).map(|_| ()))
    }

    /// Puts an entry into the script. It is not done yet.
    fn note_entry(&mut self, at: Micros, action: Action) -> Result<script::EntryId, ScriptError> {
        let id = Arc::make_mut(&mut self.document).insert(at, action)?;
        if id.0 as usize == self.entries.len() {
            Arc::make_mut(&mut self.entries).extend(self.document.last_entry().cloned());
            assert_eq!(self.entries.len(), id.0 as usize + 1, "the new entry is the last");
        } else {
            self.entries = Arc::new(self.document.entries().cloned().collect());
        }
        Ok(id)
    }

    /// The session as it is, to go on from here another time. Of what led here it keeps only what a
    /// sentence may yet name.
    pub(crate) fn checkpoint(&self) -> Self {
        let now = self.now();
        let is_reason =
            |event: &Event| now.since(event.at) > RECENT || self.reason(event).is_some();
        let causes = self.causes.for_checkpoint(self.world.causes_under_way(), is_reason);
        Self { causes, screens: self.screens.numbers(), ..self.clone() }
    }

    /// How many entries of the script have been done.
    pub fn entries_done(&self) -> usize {
        self.next_entry
    }

    /// The entries of the script.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The script as a document.
    pub fn document(&self) -> &Arc<Document> {
        &self.document
    }

    /// From here on another script is played: one that says the same up to here.
    ///
    /// # Errors
    /// It says something else, or cannot be read: nothing is changed.
    pub fn go_on_with(&mut self, document: Arc<Document>) -> Result<(), Vec<ScriptError>> {
        let scenario = document.scenario()?;
        let now = Micros(self.now().0);
        let done = &self.entries[..self.next_entry];
        let is_same = scenario.header == self.document.header()
            && scenario.entries.get(..done.len()) == Some(done)
            && scenario.entries.get(done.len()).is_none_or(|next| next.at >= now);
        if !is_same {
            return Err(vec![ScriptError {
                line: 0,
                column: 0,
                expected: "a script that says the same up to this moment".to_owned(),
                found: "another".to_owned(),
                suggestion: None,
            }]);
        }
        self.entries = Arc::new(scenario.entries);
        self.document = document;
        Ok(())
    }

    /// Whether a command runs on a terminal.
    pub fn is_busy(&self, terminal: &str) -> bool {
        self.terminals
            .get(&TerminalName::from(terminal))
            .is_some_and(|terminal| terminal.foreground.is_some())
    }

    /// The cluster as it is now.
    pub fn view(&self) -> ClusterView {
        self.world.view()
    }

    /// The world, to be looked at.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The scenario from its beginning, told in the sentences of another language.
    pub fn told_in(mut self, catalogue: Arc<Catalogue>) -> Self {
        self.catalogue = catalogue;
        self.restart();
        self
    }

    /// The sentences in which is told what happens.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The story in sentences, the oldest line that is kept first. What lies deeper is told anew from
    /// the events: see [`history`](Self::history).
    pub fn log(&self) -> &Recent<LogLine> {
        &self.log
    }

    /// The whole scenario as text.
    pub fn script(&self) -> String {
        self.document.print()
    }

    /// What has been achieved so far, for the checks of exercises.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// What a monitoring system would show. A session that is [`quiet`](Self::quiet) measures nothing.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// What the checkers have found.
    pub fn invariants(&self) -> &Invariants {
        &self.invariants
    }

    /// What applications have made of what they read: lost, there twice, right, or not done yet.
    pub fn pipelines(&self) -> Vec<crate::invariants::PipelineCount> {
        self.invariants.pipelines(&self.world)
    }

    /// Lets the checkers look at the whole world, which is to be quiet: see [`Invariants::scan`].
    pub fn scan(&mut self) {
        self.invariants.scan(&self.world);
    }

    /// What led to an event.
    pub fn causes(&self) -> &Causes {
        &self.causes
    }

    /// The hash over every event so far and every byte in the logs; none unless the session is
    /// [`Self::hashed`].
    pub fn hash(&self) -> Option<u64> {
        self.hash.as_ref().map(|hash| hash.finish(&self.world))
    }

    /// Does the next thing that is due: in the world first, then in the script.
    fn step_once(&mut self) {
        if let Some(due) = self.next_due() {
            self.note_seconds(due);
        }
        let entry_at = self.entries.get(self.next_entry).map(|entry| Time(entry.at.0));
        let world_at = self.world.next_due();
        match entry_at {
            Some(at) if self.world.halted().is_none() && world_at.is_none_or(|due| due > at) => {
                self.world.run_until(at);
                let entry = self.entries[self.next_entry].clone();
                self.next_entry += 1;
                self.apply(&entry);
            }
            _ => {
                self.world.step();
            }
        }
        self.free_terminals();
    }

    /// Time is about to go on to `next`.
    fn note_seconds(&mut self, next: Time) {
        if !self.is_quiet && self.world.halted().is_none() {
            self.metrics.time_goes_on(next, &self.world);
        }
    }

    fn apply(&mut self, entry: &Entry) {
        let id = EntryId(entry.id.0);
        match &entry.action {
            Action::Command { terminal, line } => {
                if !self.is_read(terminal) {
                    self.world.entry_applied(id, line);
                }
                self.on_terminal(terminal, id, TerminalAction::Command(line.clone()));
            }
            Action::Input { terminal, text } => {
                self.on_terminal(terminal, id, TerminalAction::Input(Input::Line(text.clone())));
            }
            Action::EndOfInput { terminal } => {
                self.on_terminal(terminal, id, TerminalAction::Input(Input::EndOfInput));
            }
            Action::Signal { terminal, .. } => self.signal(terminal, id),
            Action::File { name, content } => {
                self.world.entry_applied(id, &format!("file {}", name.as_str()));
                let content = match content {
                    FileContent::Inline(bytes) => Some(bytes.clone()),
                    FileContent::ByHash { sha256, .. } => self.known_files.get(sha256).cloned(),
                };
                if let Some(content) = content {
                    self.world.put_file(name.as_str(), content);
                }
            }
            Action::Client { name, event } => self.real_client(name, id, event),
            Action::Until => {}
        }
    }

    fn halted(&self) -> Option<HaltInfo> {
        let halt = self.world.halted()?;
        let line = halt.entry.and_then(|id| {
            let entry = self.entries.get(id.0 as usize)?;
            let text = match &entry.action {
                Action::Command { line, .. } => line.clone(),
                _ => String::new(),
            };
            Some((self.document.line_of(entry.id)?, text))
        });
        let bound = ("bound", said_bound(halt.bound));
        let sentence = match &line {
            Some((number, _)) => {
                self.catalogue.tell("halted-by", &[bound, ("line", Said::plain(number))])
            }
            None => self.catalogue.tell("halted", &[bound]),
        };
        Some(HaltInfo { sentence, line })
    }
}

/// A line on a terminal, as an entry has it.
///
/// # Errors
/// No terminal can have this name; so it is with the three below.
pub fn command(terminal: &str, line: &str) -> Result<Action, ScriptError> {
    Ok(Action::Command { terminal: terminal_name(terminal)?, line: line.to_owned() })
}

/// Text for the foreground command of a terminal.
pub fn input(terminal: &str, text: &str) -> Result<Action, ScriptError> {
    Ok(Action::Input { terminal: terminal_name(terminal)?, text: text.to_owned() })
}

/// Ctrl-D on a terminal.
pub fn end_of_input(terminal: &str) -> Result<Action, ScriptError> {
    Ok(Action::EndOfInput { terminal: terminal_name(terminal)? })
}

/// Ctrl-C on a terminal.
pub fn interrupt(terminal: &str) -> Result<Action, ScriptError> {
    Ok(Action::Signal { terminal: terminal_name(terminal)?, signal: Signal::Int })
}

fn terminal_name(name: &str) -> Result<Name, ScriptError> {
    Name::new(name).ok_or_else(|| ScriptError {
        line: 0,
        column: 0,
        expected: "the name of a terminal such as t1".to_owned(),
        found: name.to_owned(),
        suggestion: None,
    })
}
