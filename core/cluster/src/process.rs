//! What makes processes of commands: where what they write goes, which process started them, and
//! what a terminal keeps from one line to the next. A pipe is a process that another writes to.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use crate::ctx::Ctx;
use crate::ids::{ClientId, NodeId};
use crate::input::Input;
use crate::program::Program;

/// Where a process writes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sink {
    /// The screen.
    #[default]
    Terminal,
    /// The standard input of another process.
    Process(ClientId),
    /// A process that collects what it prints, and gets [`Input::ChildLine`].
    Collector(ClientId),
    /// The end of a file.
    File(Arc<str>),
    /// `/dev/null`
    Nowhere,
}

/// How a process is connected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Streams {
    /// Standard output.
    pub output: Sink,
    /// Standard error.
    pub errors: Sink,
    /// Whether it is the last that writes there: whoever reads what it writes comes to the end of its
    /// input with it.
    pub is_last_writer: bool,
    /// Whether it reads what is typed, by way of the process that started it.
    pub reads_terminal: bool,
    /// The process that started it and waits for it with [`Input::ChildExited`].
    pub parent: Option<ClientId>,
    /// Its number among the terminal's jobs, if it runs in the background.
    pub job: Option<u32>,
}

/// A command in the background.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its process.
    pub client: ClientId,
    /// As it was typed.
    pub line: Arc<str>,
}

/// What a terminal keeps from one line to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TerminalState {
    /// The shell's variables.
    pub variables: BTreeMap<String, String>,
    /// The commands that run in the background, by their numbers.
    pub jobs: BTreeMap<u32, Job>,
    /// What was typed, the oldest first.
    pub history: Vec<Arc<str>>,
    /// The exit code of the last command: `$?`.
    pub last_code: i32,
}

impl Ctx<'_> {
    /// Starts another process on the terminal of this one. None if there are too many.
    pub fn spawn(&mut self, program: Box<dyn Program>, streams: Streams) -> Option<ClientId> {
        let me = self.my_client_id();
        self.world.spawn((self.cause, self.origin), me, program, streams)
    }

    /// Hands something to another process, at this instant and after what it was handed before.
    pub fn hand(&mut self, to: ClientId, input: Input) {
        self.world.hand((self.cause, self.origin), to, input);
    }

    /// Ends another process, and those that it started, without a word to them.
    pub fn kill(&mut self, client: ClientId) {
        self.world.kill_process(self.cause, client);
    }

    /// Becomes the parent of a process in the background: it is no job any more.
    pub fn adopt(&mut self, client: ClientId) {
        let me = self.my_client_id();
        self.world.adopt(me, client);
    }

    /// What the terminal keeps.
    pub fn terminal(&self) -> &TerminalState {
        self.world.terminal_state(self.my_client_id())
    }

    /// Changes what the terminal keeps.
    pub fn change_terminal(&mut self, change: impl FnOnce(&mut TerminalState)) {
        let me = self.my_client_id();
        change(self.world.terminal_state_mut(me));
    }

    /// Whether a person types what it reads and sees what it prints.
    pub fn is_interactive(&self) -> bool {
        let streams = self.streams();
        let is_line = streams.parent.is_none() && streams.job.is_none();
        streams.output == Sink::Terminal && (is_line || streams.reads_terminal)
    }

    /// How this process is connected.
    pub fn streams(&self) -> Streams {
        self.world.streams_of(self.my_client_id())
    }

    /// Writes to the command's standard output without ending the line, as a prompt does.
    pub fn print_open(&mut self, text: &str) {
        self.world.open_line(self.my_client_id(), text);
    }

    /// Whether nobody reads any more what this process prints.
    pub fn is_pipe_broken(&self) -> bool {
        self.world.is_pipe_broken(self.my_client_id())
    }

    /// Writes a file, for commands to read.
    pub fn put_file(&mut self, name: &str, content: Bytes) {
        self.world.put_file(name, content);
    }

    /// Removes a file. False if there was none.
    pub fn remove_file(&mut self, name: &str) -> bool {
        self.world.remove_file(name)
    }

    /// The names of the files, in order.
    pub fn file_names(&self) -> Vec<String> {
        self.world.file_names()
    }

    /// The process's number, as other processes know it.
    pub fn process(&self) -> ClientId {
        self.my_client_id()
    }

    /// Whether the process still runs: one whose output nobody reads is ended by its next line.
    pub fn is_alive(&self) -> bool {
        self.world.is_alive(NodeId::Client(self.my_client_id()))
    }
}
