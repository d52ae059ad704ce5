//! Keeping the scenario over reloads.
//!
//! Each tab saves under a name of its own, so that two tabs never overwrite each other. A new tab
//! begins with what was saved last, under a new name. Nothing is removed but by the reader.

mod keeper;
mod slots;
pub mod storage;

pub use keeper::Keeper;
pub use slots::{Saved, all_saved, forget};
