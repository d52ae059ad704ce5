//! The text form of a scenario: files that end in `.hw`.
//!
//! ```text
//! highwater 1
//! engine 0.1.0
//! seed 42
//! start 2026-01-05T09:00:00Z
//! cluster --brokers 3 --racks a,b,c
//! config * offsets.topic.num.partitions=5
//!
//! # comments and empty lines are kept
//! @0s file orders.jsonl <<END
//! {"id":1}
//! END
//! @0.5s t1> kafka-topics.sh --list --bootstrap-server broker1:9092
//! @2s t1< hello world
//! @2.25s t1 eof
//! @4s t2 signal INT
//! @5s client c1 connect 1
//! @5s client c1 bytes 00000012abcd
//! @6s client c1 close
//! @9s run
//! ```
//!
//! # The header
//!
//! The first line is `highwater` and the version of the format. The other lines of the header may come in any order, each
//! once, and may be left out; they stand before the first entry.
//!
//! - `engine X.Y.Z`: the engine that the scenario was made with.
//! - `seed N`: what all randomness comes from, 0 unless it says otherwise.
//! - `start 2026-01-05T09:00:00Z`: the wall time at virtual time zero, in UTC; `.250` for milliseconds.
//! - `cluster`: `--brokers` (1 to 12, else 3), `--controllers` (1 to 5, else 1), `--combined`, `--racks a,b,c`, `--latency 1ms`,
//!   `--store-latency 50ms` and `--store-bandwidth` (bytes a second) of the remote store,
//!   `--transaction-version` (1 or 2, else 2): the level of Kafka's feature `transaction.version`.
//! - `config BROKER name=value`: a setting of one broker, or of every broker for `*`; once for each setting of each.
//!   A value that opens with a double quote is a JSON string.
//!
//! # Entries
//!
//! An entry is `@`, a time (`1.5s`, `250ms`, `1m30s`, `10us`) and what is done. Entries stand in the order of their
//! times; those at one time happen in the order of the file.
//!
//! - `t1> LINE` types a command on terminal `t1`; `t1< TEXT` types input to the command that runs there. All after the one
//!   blank belongs to it, also `#` and blanks. A text that holds line ends or control characters (a tab is none) is written
//!   as a JSON string after the doubled mark: `t1>> "a\nb"`, `t1<< "\u0007"`.
//! - `t1 eof`, `t1 signal INT` (or `TERM`, `KILL`).
//! - `file NAME sha256:HASH LENGTH`: a file known by its hash; `file NAME <<END`: a file whose content follows, up to a
//!   line that is just `END`, or whichever word of letters, digits and `_` stands there. `<<END no-newline`: its last line
//!   has no line end. `<<END base64`: base64 in lines of 76 characters, as the command `base64` writes them; for what is not
//!   UTF-8, or has carriage returns at line ends. A name with blanks is a JSON string.
//! - `client NAME connect BROKER`, `client NAME bytes HEX`, `client NAME close`: what a real client did.
//! - `run`: play until here and stop.
//!
//! # Round trips
//!
//! [`Document::parse`] accepts any text, and [`Document::print`] writes the canonical one: times in seconds, single
//! blanks, options in one order, defaults that options leave out, line ends `\n`. Comments and malformed lines come out as
//! they went in, and every line keeps its number. A text with `\r\n` is read as if it had `\n`, and so are the contents of
//! files in it: content that needs its carriage returns stands as base64, which is how it is printed.

mod block;
mod cursor;
mod document;
mod encoding;
mod entry;
mod error;
mod header;
mod parse;
mod parse_entry;
mod parse_header;
mod print;
mod scenario;
mod time;

pub use document::{Document, Item};
pub use entry::{Action, ClientEvent, Entry, EntryId, FileContent, FileName, Name, Signal};
pub use error::ScriptError;
pub use header::{
    Cluster, Config, ConfigTarget, EngineVersion, FORMAT_VERSION, Header, HeaderLine,
};
pub use scenario::Scenario;
pub use time::{Micros, StartTime};

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
