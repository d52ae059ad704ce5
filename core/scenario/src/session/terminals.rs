//! The terminals of a session, as they are seen by who sits before them.

use std::sync::Arc;

use bytes::Bytes;
use highwater_cluster::ids::{ClientId, EntryId, EventId, TerminalName};
use highwater_cluster::input::Input;

use super::{Session, Terminal, TerminalAction};
use crate::screens::Screens;
use crate::script::Name;

/// A terminal as it stands now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TerminalView {
    /// Whether a command runs in the foreground.
    pub is_busy: bool,
    /// Whether that command reads what is typed.
    pub is_read: bool,
    /// What a command printed before the cursor, to be answered.
    pub prompt: Option<Arc<str>>,
    /// The lines that wait until the command has ended, the next one first.
    pub waiting: Vec<String>,
    /// How many commands run in the background.
    pub jobs: usize,
    /// The exit code of the last command.
    pub last_code: i32,
}

impl Session {
    /// What stands on the screens.
    pub fn screens(&self) -> &Screens {
        &self.screens
    }

    /// The names of the terminals that were used up to the present moment, in order.
    pub fn terminal_names(&self) -> Vec<String> {
        self.terminals.keys().map(TerminalName::to_string).collect()
    }

    /// A terminal as it stands now.
    pub fn terminal(&self, name: &str) -> TerminalView {
        let name = TerminalName::from(name);
        let Some(terminal) = self.terminals.get(&name) else { return TerminalView::default() };
        let waiting = terminal.waiting.iter().filter_map(|(_, action)| match action {
            TerminalAction::Command(line) | TerminalAction::Input(Input::Line(line)) => {
                Some(line.clone())
            }
            TerminalAction::Input(_) => None,
        });
        let state = self.world.terminal(&name);
        TerminalView {
            is_busy: terminal.foreground.is_some(),
            is_read: terminal.foreground.is_some_and(|client| self.world.reads_input(client)),
            prompt: self.world.prompt(&name),
            waiting: waiting.collect(),
            jobs: state.map_or(0, |state| state.jobs.len()),
            last_code: state.map_or(0, |state| state.last_code),
        }
    }

    /// The lines that the shell of a terminal was given, the oldest first, those included that wait.
    pub fn typed_lines(&self, name: &str) -> Vec<Arc<str>> {
        let state = self.world.terminal(&TerminalName::from(name));
        let mut lines = state.map(|state| state.history.clone()).unwrap_or_default();
        lines.extend(self.terminal(name).waiting.into_iter().map(Arc::from));
        lines
    }

    /// The files that commands can read, in order of their names, with their sizes in bytes.
    pub fn files(&self) -> Vec<(String, usize)> {
        let names = self.world.file_names().into_iter();
        names
            .filter_map(|name| Some((self.file(&name)?.len(), name)))
            .map(|(size, name)| (name, size))
            .collect()
    }

    /// The content of a file, if there is one of that name.
    pub fn file(&self, name: &str) -> Option<Bytes> {
        self.world.file(name)
    }

    pub(super) fn on_terminal(&mut self, name: &Name, entry: EntryId, action: TerminalAction) {
        let name = TerminalName::from(name.as_str());
        let terminal = self.terminals.entry(name.clone()).or_default();
        terminal.waiting.push_back((entry, action));
        self.attend(&name);
    }

    /// Whether what is typed on a terminal goes to a command that reads it.
    pub(super) fn is_read(&self, name: &Name) -> bool {
        let terminal = self.terminals.get(&TerminalName::from(name.as_str()));
        let foreground = terminal.and_then(|terminal| terminal.foreground);
        foreground.is_some_and(|client| self.world.reads_input(client))
    }

    /// A terminal takes what was typed: what its command does not read is the shell's, once it has ended.
    fn attend(&mut self, name: &TerminalName) {
        while self.world.halted().is_none() {
            let terminal = self.terminals.get_mut(name).expect("no terminal is forgotten");
            let has_ended = |client: &ClientId| {
                self.world.client(*client).is_none_or(|info| info.exit_code.is_some())
            };
            terminal.foreground.take_if(|client| has_ended(client));
            let foreground = terminal.foreground;
            if foreground.is_some_and(|client| !self.world.reads_input(client)) {
                return;
            }
            let Some((entry, action)) = terminal.waiting.pop_front() else { return };
            match (foreground, action) {
                (Some(client), TerminalAction::Command(line)) => {
                    self.world.input(entry, client, Input::Line(line));
                }
                (Some(client), TerminalAction::Input(input)) => {
                    self.world.input(entry, client, input);
                }
                (
                    None,
                    TerminalAction::Command(line) | TerminalAction::Input(Input::Line(line)),
                ) => self.start_command(name, entry, &line),
                // The end of input on an empty line of the shell: there is nothing to end.
                (None, TerminalAction::Input(_)) => {}
            }
        }
    }

    pub(super) fn signal(&mut self, name: &Name, entry: EntryId) {
        let terminal = self.terminals.entry(TerminalName::from(name.as_str())).or_default();
        if let Some(client) = terminal.foreground {
            self.world.input(entry, client, Input::Interrupt);
        }
    }

    fn start_command(&mut self, name: &TerminalName, entry: EntryId, line: &str) {
        self.world.remember_line(name, line);
        if !self.is_quiet {
            self.screens.typed(name, line, EventId(self.world.event_count()));
        }
        let client = self.world.start_program(entry, name, highwater_shell::start(line));
        self.terminals.entry(name.clone()).or_default().foreground = client;
    }

    /// Terminals whose command has ended take their next line.
    pub(super) fn free_terminals(&mut self) {
        let has_ended = |terminal: &Terminal| {
            let client = terminal.foreground.map(|client| self.world.client(client));
            client.is_some_and(|info| info.is_none_or(|info| info.exit_code.is_some()))
        };
        if !self.terminals.values().any(has_ended) {
            return;
        }
        let names: Vec<TerminalName> = self.terminals.keys().cloned().collect();
        for name in names {
            self.attend(&name);
        }
    }

    /// This is another moment of the run that `from` stood at: what its screens know stays known.
    pub(crate) fn take_screens(&mut self, from: &mut Self) {
        self.screens.take_lines(&mut from.screens);
    }

    /// From here on the run is another than the one that was played before.
    pub(crate) fn forget_ahead(&mut self) {
        self.screens.forget_ahead();
    }
}

#[cfg(test)]
mod tests {
    use highwater_cluster::time::Time;

    use crate::session::Session;
    use crate::timeline::Timeline;

    const SCRIPT: &str = "highwater 1\nseed 1\ncluster --brokers 3\n";

    fn timeline() -> Timeline {
        Timeline::new(Session::parse(SCRIPT).expect("it is a scenario"))
    }

    fn lines(timeline: &Timeline, terminal: &str) -> Vec<String> {
        let screen = timeline.session().screens().get(terminal);
        let lines = screen.into_iter().flat_map(|screen| screen.since(0));
        lines.map(|line| line.text.to_string()).collect()
    }

    fn go(timeline: &mut Timeline, seconds: u64) {
        let to = Time(seconds * 1_000_000);
        timeline.seek(to);
        timeline.advance(to, u32::MAX);
    }

    #[test]
    fn what_was_printed_is_taken_back_with_time() {
        let mut timeline = timeline();
        go(&mut timeline, 1);
        timeline.submit("t1", "seq 1 3").unwrap();
        go(&mut timeline, 20);
        timeline.submit("t2", "echo two").unwrap();
        timeline.submit("t1", "seq 4 5").unwrap();
        go(&mut timeline, 60);
        let all = ["seq 1 3", "1", "2", "3", "seq 4 5", "4", "5"];
        assert_eq!(lines(&timeline, "t1"), all);
        assert_eq!(lines(&timeline, "t2"), ["echo two", "two"]);
        go(&mut timeline, 10);
        assert_eq!(lines(&timeline, "t1"), all[..4]);
        assert!(lines(&timeline, "t2").is_empty());
        go(&mut timeline, 0);
        assert!(lines(&timeline, "t1").is_empty());
        go(&mut timeline, 60);
        assert_eq!(lines(&timeline, "t1"), all);
    }

    #[test]
    fn acting_in_the_past_takes_back_what_came_after() {
        let mut timeline = timeline();
        go(&mut timeline, 1);
        timeline.submit("t1", "echo first").unwrap();
        go(&mut timeline, 20);
        timeline.submit("t1", "echo second").unwrap();
        go(&mut timeline, 30);
        go(&mut timeline, 10);
        timeline.submit("t1", "echo other").unwrap();
        go(&mut timeline, 40);
        assert_eq!(lines(&timeline, "t1"), ["echo first", "first", "echo other", "other"]);
        let at = timeline.undo().expect("there is a line to take back");
        timeline.seek(at);
        timeline.advance(Time(40_000_000), u32::MAX);
        assert_eq!(lines(&timeline, "t1"), ["echo first", "first"]);
    }

    #[test]
    fn lines_wait_and_what_is_read_is_no_command() {
        let mut timeline = timeline();
        go(&mut timeline, 1);
        timeline.submit("t1", "cat").unwrap();
        assert!(timeline.session().terminal("t1").is_read);
        timeline.input("t1", "typed").unwrap();
        timeline.end_input("t1").unwrap();
        timeline.submit("t1", "sleep 5").unwrap();
        timeline.submit("t1", "echo done").unwrap();
        go(&mut timeline, 2);
        let terminal = timeline.session().terminal("t1");
        assert_eq!((terminal.is_busy, terminal.waiting), (true, vec!["echo done".to_owned()]));
        go(&mut timeline, 20);
        assert!(!timeline.session().terminal("t1").is_busy);
        let typed = timeline.session().typed_lines("t1");
        assert_eq!(
            typed.iter().map(|line| &**line).collect::<Vec<_>>(),
            ["cat", "sleep 5", "echo done"]
        );
        assert_eq!(lines(&timeline, "t1").last().map(String::as_str), Some("done"));
    }

    #[test]
    fn clear_empties_the_screen_and_going_back_brings_it_again() {
        let mut timeline = timeline();
        go(&mut timeline, 1);
        timeline.submit("t1", "echo a").unwrap();
        go(&mut timeline, 5);
        timeline.submit("t1", "clear").unwrap();
        go(&mut timeline, 9);
        let cleared =
            |timeline: &Timeline| timeline.session().screens().get("t1").unwrap().cleared();
        assert_eq!(cleared(&timeline), 3);
        go(&mut timeline, 4);
        assert_eq!(cleared(&timeline), 0);
    }

    #[test]
    fn a_consumer_of_very_many_small_records_is_no_loop() {
        let mut timeline = timeline();
        go(&mut timeline, 2);
        let lines_of = [
            "kafka-topics.sh --create --topic many --partitions 1 --bootstrap-server broker1:9092",
            "kafka-producer-perf-test.sh --topic many --num-records 30000 --record-size 10 \
             --throughput -1 --producer-props bootstrap.servers=broker1:9092 batch.size=200000",
            "kafka-console-consumer.sh --topic many --from-beginning --max-messages 30000 \
             --bootstrap-server broker1:9092",
        ];
        for line in lines_of {
            timeline.submit("t1", line).unwrap();
        }
        go(&mut timeline, 30);
        let shown = lines(&timeline, "t1");
        assert!(
            !timeline.session().terminal("t1").is_busy,
            "{} lines, {:?}",
            shown.len(),
            timeline.session().world().halted()
        );
        assert_eq!(shown.last().map(String::as_str), Some("Processed a total of 30000 messages"));
        assert!(shown.len() > 30_000);
    }
}
