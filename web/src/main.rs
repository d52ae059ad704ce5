//! The page: an Apache Kafka cluster to look at, to act on, and to learn with.
//!
//! It draws the plain views of `highwater-scenario` and submits lines; it holds no rule of Kafka.

mod about;
mod anatomy;
mod app;
mod beginnings;
mod branches;
mod breakpoints;
mod charts;
mod clipboard;
mod command_line;
mod crash;
mod data;
mod exports;
mod faults;
mod format;
mod forms;
mod front;
mod guide;
mod inspector;
mod interview;
mod keymap;
mod keys;
mod learn;
mod log_panel;
mod looks;
mod lower;
mod media;
mod metrics_panel;
mod narration;
mod notice;
mod opened;
mod palette;
mod place;
mod play;
mod route;
mod save;
mod share;
mod sheets;
mod sim;
mod splits;
mod stage;
mod subject;
mod tables;
mod terminal;
mod timeline;
mod transport;

/// Nothing: `boot.js` starts the page by [`exports::highwater_start`], once it has the whole module.
fn main() {}
