//! Processes that start processes, write to one another, and share a terminal.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use crate::event::{Cause, EventKind};
use crate::ids::{ClientId, NodeId, TerminalName};
use crate::input::Input;
use crate::node::Node;
use crate::process::{Sink, Streams, TerminalState};
use crate::program::Program;
use crate::time::{Span, Time};
use crate::world::{Because, Due, World};

/// How long a line takes through a pipe.
const LINE_TIME: Span = Span(10);
/// How many lines a terminal remembers.
const REMEMBERED_LINES: usize = 1_000;
/// The exit code of a process that wrote where nobody reads: `SIGPIPE`.
const BROKEN_PIPE: i32 = 141;
/// The exit code of a process that was killed.
const KILLED: i32 = 137;

impl World {
    /// Whether a process reads what is typed on its terminal.
    pub fn reads_input(&self, client: ClientId) -> bool {
        let slot = self.nodes.get(&NodeId::Client(client)).filter(|slot| slot.is_running);
        match slot.and_then(|slot| slot.node.as_deref()) {
            Some(Node::Process(program)) => program.reads_input(),
            _ => false,
        }
    }

    /// Adds a line to what the terminal remembers to have been typed.
    pub fn remember_line(&mut self, terminal: &TerminalName, line: &str) {
        let history = &mut self.terminals.entry(terminal.clone()).or_default().history;
        if history.len() == REMEMBERED_LINES {
            history.remove(0);
        }
        history.push(line.into());
    }

    /// What a terminal keeps, if anything was done on it.
    pub fn terminal(&self, terminal: &TerminalName) -> Option<&TerminalState> {
        self.terminals.get(terminal)
    }

    /// The text before the cursor of a terminal: the prompt of the process that reads there.
    pub fn prompt(&self, terminal: &TerminalName) -> Option<Arc<str>> {
        let mut running = self.running.iter().rev().map(|id| &self.clients[id]);
        let prompting = running.find(|info| {
            info.exit_code.is_none()
                && info.terminal.as_ref() == Some(terminal)
                && !info.open_line.is_empty()
        });
        prompting.map(|info| info.open_line.as_str().into())
    }

    /// The names of the files, in order.
    pub fn file_names(&self) -> Vec<String> {
        self.files.keys().cloned().collect()
    }

    pub(crate) fn spawn(
        &mut self,
        because: Because,
        by: ClientId,
        program: Box<dyn Program>,
        streams: Streams,
    ) -> Option<ClientId> {
        let terminal = self.terminal_of(by)?;
        let node = Node::Process(program);
        let client = self.add_client(because, "command", Some(&terminal), node)?;
        self.clients.get_mut(&client).expect("it was just added").streams = streams;
        self.hand(because, client, Input::Start);
        Some(client)
    }

    pub(crate) fn adopt(&mut self, parent: ClientId, client: ClientId) {
        let Some(info) = self.clients.get_mut(&client) else { return };
        info.streams.parent = Some(parent);
        if let Some(number) = info.streams.job.take() {
            self.terminal_state_mut(parent).jobs.remove(&number);
        }
    }

    pub(crate) fn remove_file(&mut self, name: &str) -> bool {
        self.files.remove(name).is_some()
    }

    pub(crate) fn hand(&mut self, (cause, origin): Because, to: ClientId, input: Input) {
        let now = self.now;
        let Some(info) = self.clients.get_mut(&to) else { return };
        let takes = match input {
            Input::Line(_) | Input::ChildLine(..) => LINE_TIME,
            _ => Span::ZERO,
        };
        let at: Time = info.reads_until.max(now) + takes;
        info.reads_until = at;
        self.schedule(at, Due::Handed { to, input: Box::new(input), cause, origin });
    }

    pub(crate) fn is_alive(&self, node: NodeId) -> bool {
        self.nodes.get(&node).is_some_and(|slot| slot.is_running)
    }

    pub(crate) fn kill_process(&mut self, cause: Cause, client: ClientId) {
        let is_child = |id: &ClientId| self.clients[id].streams.parent == Some(client);
        let children: Vec<ClientId> = self.running.iter().copied().filter(is_child).collect();
        for child in children {
            self.kill_process(cause, child);
        }
        self.exit(cause, client, KILLED);
    }

    pub(crate) fn streams_of(&self, client: ClientId) -> Streams {
        self.clients.get(&client).map(|info| info.streams.clone()).unwrap_or_default()
    }

    pub(crate) fn terminal_state(&self, client: ClientId) -> &TerminalState {
        let terminal = self.terminal_of(client).and_then(|name| self.terminals.get(&name));
        terminal.unwrap_or(&self.no_terminal)
    }

    pub(crate) fn terminal_state_mut(&mut self, client: ClientId) -> &mut TerminalState {
        let terminal = self.terminal_of(client).unwrap_or_else(|| TerminalName::from(""));
        self.terminals.entry(terminal).or_default()
    }

    pub(crate) fn open_line(&mut self, client: ClientId, text: &str) {
        if let Some(info) = self.clients.get_mut(&client) {
            info.open_line.push_str(text);
        }
    }

    pub(crate) fn is_pipe_broken(&self, client: ClientId) -> bool {
        match self.clients.get(&client).map(|info| &info.streams.output) {
            Some(Sink::Process(reader)) => !self.is_alive(NodeId::Client(*reader)),
            _ => false,
        }
    }

    /// A process writes a line.
    pub(crate) fn write_line(
        &mut self,
        because: Because,
        client: ClientId,
        line: &str,
        is_error: bool,
    ) {
        let Some(info) = self.clients.get_mut(&client).filter(|info| info.exit_code.is_none())
        else {
            return;
        };
        let mut text = if is_error { String::new() } else { std::mem::take(&mut info.open_line) };
        text.push_str(line);
        self.write(because, client, text, is_error, true);
    }

    fn write(
        &mut self,
        because: Because,
        client: ClientId,
        text: String,
        is_error: bool,
        ends_line: bool,
    ) {
        if !self.may_print(because.1) {
            return;
        }
        let info = &self.clients[&client];
        let (streams, terminal) = (&info.streams, info.terminal.clone());
        let sink = if is_error { streams.errors.clone() } else { streams.output.clone() };
        match sink {
            Sink::Terminal => {
                let Some(terminal) = terminal else { return };
                let text = text.into();
                self.emit(because.0, EventKind::Output { terminal, client, text, is_error });
            }
            Sink::Process(reader) if self.is_alive(NodeId::Client(reader)) => {
                self.hand_lines(because, reader, &text, Input::Line);
            }
            Sink::Process(_) => self.exit(because.0, client, BROKEN_PIPE),
            Sink::Collector(parent) => {
                self.hand_lines(because, parent, &text, |line| Input::ChildLine(client, line));
            }
            Sink::File(name) => self.append_to_file(&name, &text, ends_line),
            Sink::Nowhere => {}
        }
    }

    /// What is printed at once may be several lines: whoever reads them gets one after the other.
    fn hand_lines(
        &mut self,
        because: Because,
        to: ClientId,
        text: &str,
        input: impl Fn(String) -> Input,
    ) {
        for line in text.split('\n') {
            self.hand(because, to, input(line.to_owned()));
        }
    }

    fn append_to_file(&mut self, name: &str, text: &str, ends_line: bool) {
        let before = self.files.remove(name).unwrap_or_default();
        // Lines follow one another, so the buffer is mostly this file's alone, and grows in place.
        let mut content = before.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&*shared));
        content.extend_from_slice(text.as_bytes());
        if ends_line {
            content.extend_from_slice(b"\n");
        }
        self.note_log_growth(None, text.len() as u64);
        let content: Bytes = content.freeze();
        self.files.insert(name.to_owned(), content);
    }

    /// A process ends: those who wait for it, and who read what it wrote, learn of it.
    pub(super) fn tell_of_exit(&mut self, cause: Cause, client: ClientId, code: i32) {
        let info = &self.clients[&client];
        let (streams, because) = (info.streams.clone(), (cause, info.entry));
        let readers = [&streams.output, &streams.errors].map(|sink| match sink {
            Sink::Process(reader) if streams.is_last_writer => Some(*reader),
            _ => None,
        });
        if let Some(reader) = readers[0] {
            self.hand(because, reader, Input::EndOfInput);
        }
        if let Some(reader) = readers[1].filter(|reader| Some(*reader) != readers[0]) {
            self.hand(because, reader, Input::EndOfInput);
        }
        if let Some(parent) = streams.parent {
            self.hand(because, parent, Input::ChildExited(client, code));
        } else if let Some(number) = streams.job {
            self.job_ended(cause, client, number, code);
        } else if self.terminal_of(client).is_some() {
            self.terminal_state_mut(client).last_code = code;
        }
    }

    fn job_ended(&mut self, cause: Cause, client: ClientId, number: u32, code: i32) {
        let Some(job) = self.terminal_state_mut(client).jobs.remove(&number) else { return };
        let how = match code {
            0 => "Done".to_owned(),
            130 => "Interrupt".to_owned(),
            137 => "Killed".to_owned(),
            143 => "Terminated".to_owned(),
            code => format!("Exit {code}"),
        };
        let text = format!("[{number}]+  {how:<22}  {}", job.line).into();
        if let Some(terminal) = self.terminal_of(client) {
            self.emit(cause, EventKind::Output { terminal, client, text, is_error: true });
        }
    }

    /// The rest of a line that was never ended is written when its process ends.
    pub(super) fn end_open_line(&mut self, because: Because, client: ClientId) {
        let Some(info) = self.clients.get_mut(&client) else { return };
        let rest = std::mem::take(&mut info.open_line);
        if !rest.is_empty() {
            self.write(because, client, rest, false, false);
        }
    }

    /// Ctrl-C shows behind a prompt.
    pub(super) fn echo_interrupt(&mut self, client: ClientId) {
        let Some(terminal) = self.terminal_of(client) else { return };
        let of_terminal =
            self.clients.values_mut().rev().filter(|info| {
                info.exit_code.is_none() && info.terminal.as_ref() == Some(&terminal)
            });
        if let Some(info) = of_terminal.into_iter().find(|info| !info.open_line.is_empty()) {
            info.open_line.push_str("^C");
        }
    }

    /// What is typed for a process shows on the screen, behind its prompt.
    pub(super) fn echo(&mut self, because: Because, client: ClientId, typed: &str) {
        let Some(terminal) = self.terminal_of(client) else { return };
        let prompting = self.clients.iter_mut().rev().find(|(_, info)| {
            info.exit_code.is_none()
                && info.terminal.as_ref() == Some(&terminal)
                && !info.open_line.is_empty()
        });
        let (client, mut text) = match prompting {
            Some((id, info)) => (*id, std::mem::take(&mut info.open_line)),
            None => (client, String::new()),
        };
        text.push_str(typed);
        let text = text.into();
        self.emit(because.0, EventKind::Output { terminal, client, text, is_error: false });
    }
}
