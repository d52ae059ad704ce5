//! The checkpoints of a run.
//!
//! Going to a moment costs as much as playing to it from the last checkpoint before. So they are placed
//! by work, not by time: so many events lie between two of them, whether those took a second of a busy
//! cluster or ten minutes of an idle one. Once there are more than memory is meant for, every other one
//! is dropped, and from then on twice as many events lie between two. How many that is follows from the
//! number of replicas, for which a checkpoint holds the most: what logs hold is shared by all, so is a replica to which
//! nothing happened in between, and what led to what is forgotten but for what a sentence may yet name.

use highwater_cluster::time::Time;
use highwater_cluster::world::World;

use crate::session::Session;

/// With more, every other one is dropped, and the next are made half as often.
const MOST: usize = 1_536;

/// So many are kept however large they are.
const FEWEST: usize = 24;

/// What all of them may hold that they do not share, in bytes, as far as it is estimated.
const MOST_BYTES: usize = 300 << 20;

/// What a checkpoint is estimated to hold by itself: in any case, for each replica of a partition, and for each message under way.
const BYTES: usize = 96 << 10;
const BYTES_PER_REPLICA: usize = 768;
const BYTES_PER_MESSAGE: usize = 512;

/// How many events are to lie between two checkpoints for each message under way at the second: a checkpoint copies them all,
/// and is to cost little beside the playing.
const EVENTS_PER_MESSAGE: u64 = 40;

/// How many events lie between checkpoints at first: a browser plays them within a frame or two.
const FIRST_STRETCH: u64 = 1_800;

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
        let world = session.world();
        let stretch = self.stretch + EVENTS_PER_MESSAGE * world.message_count() as u64;
        if world.event_count() < last.world().event_count() + stretch {
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
    let messages = BYTES_PER_MESSAGE * world.message_count();
    (MOST_BYTES / (BYTES + BYTES_PER_REPLICA * replicas + messages)).clamp(FEWEST, MOST)
}
