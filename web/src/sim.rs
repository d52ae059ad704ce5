//! The scenario that the page plays, as the components know it: signals to read, and things to do.
//!
//! The session itself stands in one place; no component holds it. The frame loop in [`pulse`] plays
//! it on and publishes what changed.

mod core;
mod flights;
mod live;
mod pulse;
mod start;
mod telling;
mod terminals;
mod turns;

use std::sync::Arc;

use bytes::Bytes;
use highwater_cluster::ids::TopicPartition;
use highwater_cluster::time::Time;
use highwater_cluster::view::ClusterView;
use highwater_scenario::script::{Action, FileContent, FileName, ScriptError};
use highwater_scenario::session::{self, HaltInfo, LogLine, Session};
use highwater_scenario::timeline::{BranchId, Timeline};
use leptos::prelude::*;

use crate::crash;
use crate::texts;

use self::core::Core;
pub use self::core::Painter;
pub use flights::{Flight, Flights, Mark};
pub use live::Live;
pub use start::{EMPTY_SCRIPT, empty_session, entries_of};
pub use telling::Telling;

/// The terminal on which a person types.
pub const TERMINAL: &str = "t1";

/// The terminal on which buttons write their lines.
pub const PANEL: &str = "panel";

/// The speeds that can be chosen: virtual time per real time.
pub const SPEEDS: &[(f64, &str)] = &[
    (0.01, "1/100"),
    (0.03, "1/30"),
    (0.1, "1/10"),
    (0.3, "1/3"),
    (1.0, "1×"),
    (3.0, "3×"),
    (10.0, "10×"),
    (30.0, "30×"),
    (100.0, "100×"),
    (300.0, "300×"),
    (1_000.0, "1000×"),
];

/// A handle on the scenario that is played; copied freely.
#[derive(Clone, Copy)]
pub struct Sim {
    core: StoredValue<Core, LocalStorage>,
    /// The cluster, at most thirty times a second.
    pub view: RwSignal<Arc<ClusterView>>,
    /// The same for the strips of the stage, which in a large cluster follow in turns: see [`part`](Self::part).
    parts: [RwSignal<Arc<ClusterView>>; turns::PARTS],
    /// Says of which strips the words are to follow, at the pace of text.
    told_parts: [Trigger; turns::PARTS],
    /// The cluster, at most eight times a second: for what stands on the stage, and where.
    pub standing: RwSignal<Arc<ClusterView>>,
    /// The cluster, at most eight times a second: for text.
    pub calm: RwSignal<Arc<ClusterView>>,
    /// The last lines of the log, the newest last.
    pub log: RwSignal<Arc<Vec<LogLine>>>,
    /// What is told in the depth that was chosen.
    pub telling: Telling,
    /// What was told last.
    pub told: RwSignal<Option<LogLine>>,
    /// Whether the last step found nothing to tell.
    pub idle: RwSignal<bool>,
    /// Virtual time.
    pub clock: RwSignal<Time>,
    /// How far this branch was played.
    pub reached: RwSignal<Time>,
    /// Whether virtual time runs.
    pub playing: RwSignal<bool>,
    /// Virtual time per real time.
    pub speed: RwSignal<f64>,
    /// The moment at which time pauses by itself, if there is one ahead.
    pub stops_at: RwSignal<Option<Time>>,
    /// Whether there is more to do than the time of a frame allows.
    pub behind: RwSignal<bool>,
    /// Whether the next line that is typed lets time run: at the beginning of an exercise, where nobody knows yet that
    /// it stands. Who let it run once decides from there on.
    pub awaits_line: StoredValue<bool>,
    /// Why the run stands still, if it does.
    pub halted: RwSignal<Option<HaltInfo>>,
    /// How much of a saved scenario has been replayed, while it is: 0 to 1.
    pub replaying: RwSignal<Option<f64>>,
    /// One higher with each line that is written, each restart, and each other scenario.
    pub written: RwSignal<u32>,
    /// One higher with each other scenario.
    pub loaded: RwSignal<u32>,
    /// Whether messages are not to be seen flying.
    pub still: RwSignal<bool>,
    /// How the page stands to the cluster, if that is played elsewhere.
    pub live: RwSignal<Option<Live>>,
}

impl Sim {
    /// A handle on a session, which stands still.
    pub fn new(session: Session, still: RwSignal<bool>) -> Self {
        let session = texts::told(session);
        let view = Arc::new(session.view());
        let sim = Self {
            view: RwSignal::new(view.clone()),
            parts: std::array::from_fn(|_| RwSignal::new(view.clone())),
            told_parts: std::array::from_fn(|_| Trigger::new()),
            standing: RwSignal::new(view.clone()),
            calm: RwSignal::new(view),
            log: RwSignal::new(Arc::default()),
            telling: Telling::new(),
            told: RwSignal::new(None),
            idle: RwSignal::new(false),
            clock: RwSignal::new(session.now()),
            reached: RwSignal::new(session.now()),
            playing: RwSignal::new(false),
            awaits_line: StoredValue::new(false),
            speed: RwSignal::new(1.0),
            stops_at: RwSignal::new(None),
            behind: RwSignal::new(false),
            halted: RwSignal::new(None),
            replaying: RwSignal::new(None),
            written: RwSignal::new(0),
            loaded: RwSignal::new(0),
            core: StoredValue::new_local(Core::new(session)),
            still,
            live: RwSignal::new(None),
        };
        sim.publish_all();
        sim
    }

    /// The cluster as the strips of a partition follow it.
    pub fn part(self, partition: &TopicPartition) -> RwSignal<Arc<ClusterView>> {
        self.parts[part_of(partition)]
    }

    /// What says when the words for the strips of a partition are to follow.
    pub fn told_part(self, partition: &TopicPartition) -> Trigger {
        self.told_parts[part_of(partition)]
    }

    /// Plays another scenario instead. With a moment it is replayed up to there first.
    pub fn load(self, session: Session, moment: Option<Time>) {
        self.playing.set(false);
        self.halted.set(None);
        self.replaying.set(moment.map(|_| 0.0));
        let session = texts::told(session);
        self.core.update_value(|core| core.load(session, moment));
        self.say_live(None);
        self.loaded.update(|count| *count += 1);
        self.changed();
    }

    /// Lets virtual time run.
    pub fn play(self) {
        if self.halted.get_untracked().is_some() {
            self.core.update_value(|core| core.timeline.session_mut().resume());
            self.halted.set(None);
        }
        self.idle.set(false);
        self.awaits_line.set_value(false);
        self.publish_hit(None);
        self.playing.set(true);
        pulse::wake(self);
    }

    /// Lets virtual time stand.
    pub fn pause(self) {
        self.playing.set(false);
        self.look_back();
        self.behind.set(false);
        self.telling.quiet_s.set(None);
        let _ = self.core.try_update_value(|core| core.quiet.end());
        self.publish_all();
    }

    /// Plays, or pauses.
    pub fn toggle(self) {
        if self.playing.get_untracked() { self.pause() } else { self.play() }
    }

    /// Plays to the next event that is told, and pauses there.
    pub fn step(self) {
        self.step_to(self.event_step());
    }

    /// Goes to the beginning of the scenario, with all its lines ahead.
    pub fn restart(self) {
        self.playing.set(false);
        self.seek(Time::ZERO);
    }

    /// Goes to a moment, past or to come, and stands still there unless time runs.
    pub fn seek(self, to: Time) {
        self.halted.set(None);
        self.look_back();
        self.core.update_value(|core| pulse::set_out(core, to));
        self.went_elsewhere();
    }

    /// Goes back to what was told before the present moment, and pauses there.
    pub fn step_back(self) {
        self.step_back_to(self.event_step());
    }

    /// The moment that is being gone to; the present one if none is.
    pub fn heading(self) -> Time {
        let to = self.core.try_with_value(|core| core.replay_to);
        to.flatten().unwrap_or_else(|| self.clock.get_untracked())
    }

    /// Takes back the last line that was written here.
    pub fn undo(self) {
        self.change_past(Timeline::undo);
    }

    /// Does again what was undone last.
    pub fn redo(self) {
        self.change_past(Timeline::redo);
    }

    /// Leaves out what the script has in store.
    pub fn leave_script(self) {
        if self.live.get_untracked().is_some() {
            return;
        }
        let _ = self.core.try_update_value(|core| core.timeline.leave_script());
        self.changed();
    }

    /// Whether a line was written here, and not taken back.
    pub fn has_own_lines(self) -> bool {
        self.read_timeline(|timeline| timeline.can_undo().is_some()).unwrap_or(false)
    }

    /// Goes over to another branch.
    pub fn switch(self, branch: BranchId) {
        self.change_past(|timeline| timeline.switch(branch));
    }

    /// Changes what does not change the run: the names of branches, or which there are.
    pub fn change_branches(self, change: impl FnOnce(&mut Timeline) -> bool) {
        let _ = self.core.try_update_value(|core| change(&mut core.timeline));
        self.written.update(|count| *count += 1);
    }

    /// Reads something of the timeline; `None` once the page is taken down.
    pub fn read_timeline<T>(self, read: impl FnOnce(&Timeline) -> T) -> Option<T> {
        self.core.try_with_value(|core| read(&core.timeline))
    }

    /// Writes a line on a terminal.
    pub fn submit(self, terminal: &str, line: &str) -> Result<(), ScriptError> {
        let seconds = self.clock.get_untracked().0 as f64 / 1e6;
        crash::note_line(format!("@{seconds}s {terminal}> {line}\n"));
        self.write(session::command(terminal, line)?)
    }

    /// Writes a line as a button does. Buttons write lines that can always be written.
    pub fn press(self, line: &str) {
        let _ = self.submit(PANEL, line);
    }

    /// Presses Ctrl-C on a terminal.
    pub fn interrupt(self, terminal: &str) {
        let _ = session::interrupt(terminal).and_then(|action| self.write(action));
    }

    /// Puts a file in place. With its hash, only the hash stands in the script.
    pub fn put_file(
        self,
        name: FileName,
        content: Vec<u8>,
        sha256: Option<[u8; 32]>,
    ) -> Result<(), ScriptError> {
        let bytes = Bytes::from(content);
        // What only this page has would be missing where the cluster is played.
        let sha256 = sha256.filter(|_| self.live.get_untracked().is_none());
        let written = match sha256 {
            Some(sha256) => FileContent::ByHash { sha256, len: bytes.len() as u64 },
            None => FileContent::Inline(bytes.clone()),
        };
        if let Some(sha256) = sha256 {
            let know = |core: &mut Core| core.timeline.session_mut().know_file(sha256, bytes);
            let _ = self.core.try_update_value(know);
        }
        self.write(Action::File { name, content: written })
    }

    /// Hands over a file that the scenario names by its hash and that was not there, and plays the
    /// scenario again to where it is. False if it names no such file.
    pub fn supply_file(self, sha256: [u8; 32], content: Vec<u8>) -> bool {
        let is_missing =
            |session: &Session| session.missing_files().iter().any(|(_, known)| *known == sha256);
        if !self.read(is_missing).unwrap_or(false) {
            return false;
        }
        self.playing.set(false);
        self.replaying.set(Some(0.0));
        self.core.update_value(|core| {
            // The run is another with the file: what was kept of it is worth nothing.
            let mut session = core.session().clone();
            let moment = session.now();
            session.know_file(sha256, Bytes::from(content));
            session.restart();
            core.load(session, Some(moment));
        });
        self.changed();
        true
    }

    /// Reads something of the session; `None` once the page is taken down.
    pub fn read<T>(self, read: impl FnOnce(&Session) -> T) -> Option<T> {
        self.core.try_with_value(|core| read(core.session()))
    }

    /// How many entries its script has.
    pub fn written_lines(self) -> usize {
        self.read(|session| session.entries().len()).unwrap_or(0)
    }

    /// The whole scenario as text.
    pub fn script(self) -> String {
        self.read(Session::script).unwrap_or_default()
    }

    /// Reads the messages that can be seen flying; `None` once the page is taken down.
    pub fn with_flights<T>(self, read: impl FnOnce(&mut Flights) -> T) -> Option<T> {
        self.core.try_update_value(|core| read(&mut core.flights))
    }

    /// Sets what draws the messages in flight, or takes it away.
    pub fn set_painter(self, painter: Option<Painter>) {
        let _ = self.core.try_update_value(|core| core.painter = painter);
        self.repaint();
    }

    /// Draws the messages in flight once more.
    pub fn repaint(self) {
        pulse::wake(self);
    }

    /// Does an entry.
    fn write(self, action: Action) -> Result<(), ScriptError> {
        let done = self.core.try_update_value(|core| core.write(action));
        if self.live.get_untracked().is_some() {
            // It is done now: whoever looked back wants to see it.
            self.keep_up();
        } else {
            self.changed();
        }
        done.unwrap_or(Ok(()))
    }

    /// Another run takes the place of this one, if the change gives a moment to play it to.
    fn change_past(self, change: impl FnOnce(&mut Timeline) -> Option<Time>) {
        if self.live.get_untracked().is_some() {
            return;
        }
        self.playing.set(false);
        self.halted.set(None);
        let moment = self.core.try_update_value(|core| {
            let moment = change(&mut core.timeline)?;
            core.timeline.seek(moment);
            core.go_on_to(moment, pulse::now_ms());
            Some(moment)
        });
        if moment.flatten().is_some() {
            self.went_elsewhere();
            self.written.update(|count| *count += 1);
        }
    }

    fn went_elsewhere(self) {
        self.idle.set(false);
        self.telling.quiet_s.set(None);
        self.publish_hit(None);
        pulse::wake(self);
    }

    fn changed(self) {
        self.idle.set(false);
        self.publish_hit(None);
        self.publish_all();
        self.written.update(|count| *count += 1);
        pulse::wake(self);
    }
}

/// In which part a partition's strips follow a view.
fn part_of(partition: &TopicPartition) -> usize {
    partition.partition.0.unsigned_abs() as usize % turns::PARTS
}
