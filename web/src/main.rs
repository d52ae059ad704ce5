//! The page: an Apache Kafka cluster to look at, to act on, and to learn with.
//!
//! It draws the plain views of `highwater-scenario` and submits lines; it holds no rule of Kafka.

#[macro_use]
mod texts;

mod about;
mod alone;
mod anatomy;
mod app;
mod beginnings;
mod beliefs;
mod branches;
mod breakpoints;
mod charts;
mod class;
mod clipboard;
mod command_line;
mod crash;
mod data;
mod each;
mod exports;
mod faults;
mod format;
mod forms;
mod front;
mod glossary;
mod guide;
mod inspector;
mod interview;
mod kept;
mod keymap;
mod keys;
mod learn;
mod learning;
mod lesson;
mod live;
mod log_panel;
mod looks;
mod lower;
mod media;
mod metrics_panel;
mod miniature;
mod narration;
mod notice;
mod opened;
mod packs;
mod palette;
mod place;
mod play;
mod prose;
mod route;
mod save;
mod share;
mod sheets;
mod shows;
mod sim;
mod splits;
mod stage;
mod standing;
mod subject;
mod tables;
mod terminal;
mod timeline;
mod transport;

/// Nothing: `boot.js` starts the page by [`exports::highwater_start`], once it has the whole module.
fn main() {}
