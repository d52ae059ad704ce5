//! The hash of a run: over every event as it happened, and every byte of every log at the end. Equal
//! hashes mean equal runs, on whatever machine.

use std::fmt::{self, Write};

use highwater_cluster::event::Event;
use highwater_cluster::world::World;

/// A 64-bit FNV-1a hash, fed as a run goes on.
#[derive(Clone, Debug)]
pub struct RunHash(u64);

impl Default for RunHash {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl RunHash {
    /// Takes an event in, as its trace line.
    pub fn event(&mut self, event: &Event) {
        writeln!(self, "{event}").expect("a hash takes whatever is written");
    }

    /// The hash with the logs of `world` taken in.
    pub fn finish(&self, world: &World) -> u64 {
        let mut hash = self.clone();
        for (broker, partition, log) in world.logs() {
            writeln!(hash, "{broker} {partition} {}", log.log_end_offset())
                .expect("a hash takes whatever is written");
            for batch in log.batches() {
                hash.bytes(batch.bytes());
            }
        }
        hash.0
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

impl Write for RunHash {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.bytes(text.as_bytes());
        Ok(())
    }
}
