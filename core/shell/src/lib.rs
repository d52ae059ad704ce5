//! Command lines become processes in the simulated world.

pub mod options;
pub mod suggest;
pub mod words;
