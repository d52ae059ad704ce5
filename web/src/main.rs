//! The page: an Apache Kafka cluster to look at, to act on, and to learn with.
//!
//! It draws the plain views of `highwater-scenario` and submits lines; it holds no rule of Kafka.

mod about;
mod app;
mod branches;
mod breakpoints;
mod clipboard;
mod command_line;
mod crash;
mod data;
mod exports;
mod format;
mod guide;
mod inspector;
mod interview;
mod keys;
mod learn;
mod log_panel;
mod media;
mod narration;
mod notice;
mod play;
mod route;
mod save;
mod sim;
mod splits;
mod stage;
mod subject;
mod terminal;
mod theme;
mod timeline;
mod transport;

/// Nothing: `boot.js` starts the page by [`exports::highwater_start`], once it has the whole module.
fn main() {}
