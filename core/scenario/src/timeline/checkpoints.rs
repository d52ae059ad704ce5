//! The checkpoints of a run.
//!
//! Going to a moment costs as much as playing to it from the last checkpoint before. So they are placed
//! by work, not by time: so many events lie between two of them, whether those took a second of a busy
//! cluster or ten minutes of an idle one. Once there are more than memory is meant for, every other one
//! is dropped, and from then on twice as many events lie between two. How many that is follows from the
//! number of replicas, for which a checkpoint holds the most: what logs hold is shared by all, and what
//! led to what is forgotten but for what a sentence may yet name.

use highwater_cluster::time::Time;
use highwater_cluster::world::World;

use crate::session::Session;

/// With more, every other one is dropped, and the next are made half as often.
const MOST: usize = 512;

/// So many are kept however large they are.
const FEWEST: usize = 24;

/// What all of them may hold that they do not share, in bytes, as far as it is estimated.
const MOST_BYTES: usize = 160 << 20;

/// What a checkpoint is estimated to hold by itself: in any case, and for each replica of a partition.
const BYTES: usize = 64 << 10;
const BYTES_PER_REPLICA: usize = 6 << 10;

/// How many events lie between checkpoints at first: to play them takes about five milliseconds.
const FIRST_STRETCH: u64 = 2_000;

/// The checkpoints of a run, in order of time; the first is the beginning.
#[derive(Clone, Debug)]
pub(super) struct Checkpoints {
    kept: Vec<Session>,
    /// How many events lie between two of them.
    stretch: u64,
}

impl Checkpoints {
    pub(super) fn new(beginning: &Session) -> Self {
        Self { kept: vec![beginning.checkpoint()], stretch: FIRST_STRETCH }
    }

    /// The session was played on: it may be time for another checkpoint.
    pub(super) fn note(&mut self, session: &Session) {
        let last = self.kept.last().expect("the beginning is always kept");
        if session.world().event_count() < last.world().event_count() + self.stretch {
            return;
        }
        self.kept.push(session.checkpoint());
        if self.kept.len() > most(session.world()) {
            let mut number = 0;
            self.kept.retain(|_| {
                number += 1;
                number % 2 == 1
            });
            self.stretch *= 2;
        }
    }

    /// The last checkpoint that is not after an instant.
    pub(super) fn before(&self, at: Time) -> Option<&Session> {
        self.kept.iter().rev().find(|session| session.now() <= at)
    }

    /// All of them, the newest first.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = &Session> {
        self.kept.iter().rev()
    }

    /// The last checkpoint that is not after an instant, and that has done no more than so many
    /// entries.
    pub(super) fn shared(&self, at: Time, entries: usize) -> &Session {
        let is_shared =
            |session: &&Session| session.now() <= at && session.entries_done() <= entries;
        let found = self.kept.iter().rev().find(is_shared);
        found.expect("the beginning is shared by all")
    }

    /// Forgets the checkpoints after an instant, and those that have done more than so many entries.
    pub(super) fn forget_after(&mut self, at: Time, entries: usize) {
        self.kept.retain(|session| session.now() <= at && session.entries_done() <= entries);
    }
}

/// How many checkpoints of such a world are kept at most.
fn most(world: &World) -> usize {
    let topics = world.metadata().into_iter().flat_map(|image| image.topics.values());
    let partitions = topics.flat_map(|topic| topic.partitions.values());
    let replicas: usize = partitions.map(|partition| partition.replicas.len()).sum();
    (MOST_BYTES / (BYTES + BYTES_PER_REPLICA * replicas)).clamp(FEWEST, MOST)
}
