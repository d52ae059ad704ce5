//! The remote store: an object store beside the brokers, slow to answer, cheap to keep. It knows objects by their ids and
//! nothing of logs. Brokers reach it through their `Ctx`; how long that takes, they wait for themselves.

use std::collections::BTreeMap;
use std::sync::Arc;

use highwater_log::{EpochEntry, ProducerStateManager, Segment, TierableSegment};

use super::{RemoteSegmentId, TopicIdPartition};
use crate::ids::TopicPartition;
use crate::time::Span;

/// Bytes of an entry of the leader epoch checkpoint, and of a producer's in a snapshot, as they stand in their files.
const EPOCH_ENTRY_BYTES: u64 = 8;
const PRODUCER_ENTRY_BYTES: u64 = 58;

/// How fast the store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreSpeed {
    /// How long it takes until the first byte comes, whatever is asked.
    pub latency: Span,
    /// How many bytes pass in a second, either way, for each request.
    pub bytes_per_second: u64,
}

impl Default for StoreSpeed {
    /// What an object store of a cloud gives one connection.
    fn default() -> Self {
        Self { latency: Span(50_000), bytes_per_second: 50_000_000 }
    }
}

impl StoreSpeed {
    /// How long it takes to send or get so many bytes.
    pub(crate) fn time_for(self, bytes: u64) -> Span {
        let micros = u128::from(bytes) * 1_000_000 / u128::from(self.bytes_per_second.max(1));
        Span(self.latency.0.saturating_add(u64::try_from(micros).unwrap_or(u64::MAX)))
    }
}

/// What the store keeps of a segment: `LogSegmentData`.
#[derive(Clone, Debug)]
pub struct RemoteObject {
    /// Whose it is, for those who look into the store.
    pub partition: TopicPartition,
    /// Of which topic of that name.
    pub owner: TopicIdPartition,
    /// Log, offset index, time index and transaction index.
    pub segment: Segment,
    /// The leader epoch checkpoint.
    pub(crate) lineage: Vec<EpochEntry>,
    /// The producer snapshot.
    pub(crate) producers: ProducerStateManager,
}

impl RemoteObject {
    pub(crate) fn new(
        partition: TopicPartition,
        owner: TopicIdPartition,
        data: TierableSegment,
    ) -> Self {
        let TierableSegment { segment, lineage, producers, .. } = data;
        Self { partition, owner, segment, lineage, producers }
    }

    /// The bytes of the log.
    pub fn log_bytes(&self) -> u64 {
        self.segment.size_in_bytes() as u64
    }

    /// The bytes of the offset and time index.
    pub fn index_bytes(&self) -> u64 {
        let segment = &self.segment;
        (segment.offset_index_size_in_bytes() + segment.time_index_size_in_bytes()) as u64
    }

    /// The bytes of the leader epoch checkpoint and the producer snapshot.
    pub fn state_bytes(&self) -> u64 {
        self.lineage.len() as u64 * EPOCH_ENTRY_BYTES
            + self.producers.producers().count() as u64 * PRODUCER_ENTRY_BYTES
    }
}

/// The store does not answer: `RemoteStorageException`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StoreFailed;

/// The remote store. A clone shares all objects.
#[derive(Clone, Debug, Default)]
pub(crate) struct RemoteStore {
    objects: BTreeMap<RemoteSegmentId, Arc<RemoteObject>>,
    has_failed: bool,
}

impl RemoteStore {
    /// Lets the store fail, or work again; false if it is so already.
    pub(crate) fn set_failed(&mut self, has_failed: bool) -> bool {
        std::mem::replace(&mut self.has_failed, has_failed) != has_failed
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// All objects, by id.
    pub(crate) fn objects(&self) -> impl Iterator<Item = (RemoteSegmentId, &RemoteObject)> {
        self.objects.iter().map(|(id, object)| (*id, &**object))
    }

    /// An object, for those who look into the store, whether it answers or not.
    pub(crate) fn peek(&self, id: RemoteSegmentId) -> Option<&RemoteObject> {
        self.objects.get(&id).map(|object| &**object)
    }

    /// Keeps an object.
    pub(crate) fn put(
        &mut self,
        id: RemoteSegmentId,
        object: RemoteObject,
    ) -> Result<(), StoreFailed> {
        self.answer()?;
        self.objects.insert(id, Arc::new(object));
        Ok(())
    }

    /// An object, if there is one of that id.
    pub(crate) fn get(
        &self,
        id: RemoteSegmentId,
    ) -> Result<Option<Arc<RemoteObject>>, StoreFailed> {
        self.answer()?;
        Ok(self.objects.get(&id).cloned())
    }

    /// Forgets an object. Answers what it held; to delete what is not there is no error.
    pub(crate) fn delete(
        &mut self,
        id: RemoteSegmentId,
    ) -> Result<Option<Arc<RemoteObject>>, StoreFailed> {
        self.answer()?;
        Ok(self.objects.remove(&id))
    }

    fn answer(&self) -> Result<(), StoreFailed> {
        if self.has_failed { Err(StoreFailed) } else { Ok(()) }
    }
}
