//! The scenario script, its playing, what always holds in it, and its narration.
#![forbid(unsafe_code)]

mod anomalies;
pub mod bench;
pub mod breakpoints;
pub mod catalogue;
pub mod causes;
pub mod chronicle;
mod cluster_spec;
pub mod deliveries;
pub mod hash;
pub mod invariants;
pub mod link;
pub mod metrics;
pub mod narration;
pub mod progress;
pub mod recent;
pub mod screens;
pub mod script;
pub mod session;
pub mod timeline;

pub use highwater_cluster as cluster;
pub use highwater_shell as shell;
