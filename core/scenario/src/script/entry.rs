//! What happens in a scenario, and when.

use std::fmt;

use bytes::Bytes;

use super::Micros;

/// The place of an entry among the entries of its scenario, from 0. It changes when an entry is put before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub u32);

/// One thing that a person does, at its earliest instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the scenario.
    pub id: EntryId,
    /// When it happens at the earliest: a terminal that is busy takes its next line later.
    pub at: Micros,
    /// What it is.
    pub action: Action,
}

/// What a person does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A command line on a terminal: `t1> kafka-topics.sh --list`.
    Command {
        /// The terminal.
        terminal: Name,
        /// The line without its line end; more lines if it was pasted so.
        line: String,
    },
    /// Text typed to the terminal's foreground process, with a line end after it: `t1< hello`.
    Input {
        /// The terminal.
        terminal: Name,
        /// The text, without the line end.
        text: String,
    },
    /// The end of the foreground process's input (Ctrl-D): `t1 eof`.
    EndOfInput {
        /// The terminal.
        terminal: Name,
    },
    /// A signal to the foreground process (Ctrl-C is `INT`): `t1 signal INT`.
    Signal {
        /// The terminal.
        terminal: Name,
        /// Which one.
        signal: Signal,
    },
    /// A file is put in place for the commands to read: `file orders.jsonl <<END`.
    File {
        /// What the commands call it.
        name: FileName,
        /// What is in it.
        content: FileContent,
    },
    /// Something that a client outside the scenario did, as it was recorded: `client c1 connect 1`.
    Client {
        /// The client.
        name: Name,
        /// What it did.
        event: ClientEvent,
    },
    /// The scenario plays until here and stops: `run`. Entries after it play when it is told to go on.
    Until,
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileContent {
    /// The bytes stand in the script.
    Inline(Bytes),
    /// The bytes stand elsewhere, known by their hash.
    ByHash {
        /// Their SHA-256.
        sha256: [u8; 32],
        /// How many there are.
        len: u64,
    },
}

/// What a recorded client did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientEvent {
    /// It opened a connection to the broker with this id.
    Connect(u32),
    /// It sent these bytes on its connection.
    Bytes(Bytes),
    /// It closed its connection.
    Close,
}

/// A signal to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    /// Interrupt, Ctrl-C: finish and leave.
    Int,
    /// Terminate: finish and leave.
    Term,
    /// Kill: gone at once, without a word to anyone.
    Kill,
}

impl Signal {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Int, Self::Term, Self::Kill];

    /// Its name in a script: `INT`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Int => "INT",
            Self::Term => "TERM",
            Self::Kill => "KILL",
        }
    }

    /// The signal of that name; `SIG` before it and small letters are understood.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_uppercase();
        let name = name.strip_prefix("SIG").unwrap_or(&name);
        Self::ALL.into_iter().find(|signal| signal.name() == name)
    }
}

/// The name of a terminal or client: a small letter, then small letters, digits and `-`; at most 32 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// The words that open an entry and therefore name nothing.
    pub const RESERVED: [&'static str; 3] = ["client", "file", "run"];

    /// The name, if the text is one.
    pub fn new(text: &str) -> Option<Self> {
        let tail = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let right = text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.len() <= 32
            && text.bytes().all(tail)
            && !Self::RESERVED.contains(&text);
        right.then(|| Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a file in a scenario: any text of 1 to 255 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName(String);

impl FileName {
    /// The name, if it is neither empty nor too long.
    pub fn new(text: &str) -> Option<Self> {
        (1..=255).contains(&text.len()).then(|| Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
