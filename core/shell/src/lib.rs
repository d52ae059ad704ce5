//! Command lines become processes in the simulated world: Kafka's tools to the letter, and the
//! playground's verbs for what Kafka has no command for.
#![forbid(unsafe_code)]

mod admin;
mod command;
mod complete;
pub mod data_file;
pub mod forms;
mod helpers;
mod java;
mod manual;
mod old_forms;
pub mod options;
mod programs;
mod script;
mod shell;
pub mod suggest;
pub mod words;

pub use command::{COMMANDS, CommandHelp, start};
pub use complete::{Completion, Known, complete};
pub use programs::dump_log::{Decoder, print_data_log};
