//! The bounds of a world. Reaching one pauses the run and names the line that led there, so that no
//! script, however hostile, freezes the page that runs it.

use std::fmt;

/// How much a world may do and hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Steps taken without virtual time moving on.
    pub steps_per_instant: u64,
    /// Steps taken and records made within one second of virtual time.
    pub work_per_second: u64,
    /// Bytes in all logs of all brokers.
    pub log_bytes: u64,
    /// Clients running at once.
    pub clients: usize,
    /// Partitions of all topics, the internal ones included.
    pub partitions: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            steps_per_instant: 20_000,
            work_per_second: 400_000,
            log_bytes: 256 << 20,
            clients: 500,
            partitions: 2_000,
        }
    }
}

/// A bound that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// [`Bounds::steps_per_instant`].
    StepsPerInstant(u64),
    /// [`Bounds::work_per_second`].
    WorkPerSecond(u64),
    /// [`Bounds::log_bytes`].
    LogBytes(u64),
    /// [`Bounds::clients`].
    Clients(usize),
    /// [`Bounds::partitions`].
    Partitions(usize),
    /// What waits for one paused process: as much as [`Bounds::steps_per_instant`], since all of it
    /// would be handled at the instant at which the process goes on.
    WaitingForPaused(u64),
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bound::StepsPerInstant(limit) => {
                write!(
                    f,
                    "more than {limit} steps happened at one instant, as in a loop without delay"
                )
            }
            Bound::WorkPerSecond(limit) => {
                write!(f, "more than {limit} records and steps were due within one second")
            }
            Bound::LogBytes(limit) => write!(f, "the logs grew beyond {} MiB", limit >> 20),
            Bound::Clients(limit) => write!(f, "more than {limit} clients would run at once"),
            Bound::Partitions(limit) => write!(f, "there would be more than {limit} partitions"),
            Bound::WaitingForPaused(limit) => {
                write!(f, "more than {limit} messages and timers waited for a paused broker")
            }
        }
    }
}
