//! The records that wait to be sent, in batches by partition: Kafka's `RecordAccumulator`.

use std::collections::{BTreeMap, VecDeque};

use highwater_log::Compression;
use kafka_protocol::ResponseError;

use crate::client::{ClientMetadata, Partitions, StickyPartitioner, partition_for_key};
use crate::ids::{BrokerId, PartitionIndex, TopicName, TopicPartition};
use crate::producer::ProducerConfig;
use crate::producer::batch::{BatchId, NewRecord, ProducerBatch};
use crate::producer::calls::Ticket;
use crate::time::{Span, Time};

/// The records that wait to be sent.
#[derive(Clone, Debug)]
pub(super) struct Accumulator {
    batch_size: usize,
    buffer_memory: u64,
    max_request_size: usize,
    compression: Compression,
    ignore_keys: bool,
    pub(super) is_adaptive: bool,
    pub(super) linger: Span,
    pub(super) queues: BTreeMap<TopicPartition, VecDeque<ProducerBatch>>,
    /// The topics that records were sent to, as far as the metadata knows them.
    pub(super) topics: BTreeMap<TopicName, KnownTopic>,
    memory_used: u64,
    next_id: u64,
    pub(super) drain_index: BTreeMap<BrokerId, usize>,
}

/// A topic with its partitions, as the metadata has them, and where records without a key go next.
#[derive(Clone, Debug)]
pub(super) struct KnownTopic {
    pub(super) partitioner: StickyPartitioner,
    pub(super) partition_count: i32,
    available: Vec<PartitionIndex>,
}

/// Why a record was not taken.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Refusal {
    /// `buffer.memory` is used up: there will be room once batches are settled.
    NoMemory,
    /// The record will never fit; why, in Kafka's words.
    TooLarge(String),
}

impl Refusal {
    /// What the application is told.
    pub(super) const TOO_LARGE: ResponseError = ResponseError::MessageTooLarge;
}

impl Accumulator {
    pub(super) fn new(config: &ProducerConfig) -> Self {
        // Kafka takes a batch.size of 0 as 1: each record a batch of its own.
        let batch_size = config.batch_size.max(1);
        Self {
            batch_size: batch_size as usize,
            buffer_memory: config.buffer_memory as u64,
            max_request_size: config.max_request_size as usize,
            compression: config.compression,
            ignore_keys: config.ignore_keys,
            is_adaptive: config.adaptive_partitioning,
            linger: config.linger(),
            queues: BTreeMap::new(),
            topics: BTreeMap::new(),
            memory_used: 0,
            next_id: 0,
            drain_index: BTreeMap::new(),
        }
    }

    /// Takes over what the metadata says of the topics' partitions.
    pub(super) fn update_partitions(&mut self, metadata: &ClientMetadata) {
        for (name, topic) in &metadata.topics {
            let with_leader = topic.partitions.iter().filter(|(_, known)| known.leader.is_some());
            let available = with_leader.map(|(index, _)| *index).collect();
            let known = self.topics.entry(name.clone()).or_insert_with(|| KnownTopic {
                partitioner: StickyPartitioner::new(self.batch_size as u32),
                partition_count: 0,
                available: Vec::new(),
            });
            known.partition_count = topic.partitions.len() as i32;
            known.available = available;
        }
    }

    /// Whether records for a topic can be taken: their partition is not known before the topic is.
    pub(super) fn knows(&self, topic: &TopicName) -> bool {
        self.topics.get(topic).is_some_and(|known| known.partition_count > 0)
    }

    /// Adds a record to the last batch of its partition, or to a new one, and returns which partition
    /// that is. `random` gives numbers from 0 to `i32::MAX`.
    ///
    /// # Panics
    /// If its topic is not known.
    pub(super) fn append(
        &mut self,
        record: &NewRecord,
        now: Time,
        random: &mut dyn FnMut() -> u32,
    ) -> Result<TopicPartition, Refusal> {
        self.check_size(record)?;
        let partition = self.partition_of(record, random);
        let sticks = record.partition.is_none() && (record.key.is_none() || self.ignore_keys);
        let appended = self.append_to(&partition, record, now)?;
        if sticks {
            let last = self.queues.get(&partition).and_then(VecDeque::back);
            let may_switch = last.is_none_or(ProducerBatch::is_full);
            let known = self.topics.get_mut(&record.topic).expect("the topic is known");
            known.stuck(appended as u32, may_switch, random);
        }
        Ok(partition)
    }

    /// The partition that a record goes to if it is added next. `random` gives numbers from 0 to
    /// `i32::MAX`.
    ///
    /// # Panics
    /// If its topic is not known.
    pub(super) fn partition_of(
        &mut self,
        record: &NewRecord,
        random: &mut dyn FnMut() -> u32,
    ) -> TopicPartition {
        let known = self.topics.get_mut(&record.topic).expect("the topic is known");
        let partition = match (record.partition, &record.key) {
            (Some(partition), _) => partition,
            (None, Some(key)) if !self.ignore_keys => partition_for_key(key, known.partition_count),
            _ => known.sticky(random),
        };
        TopicPartition { topic: record.topic.clone(), partition }
    }

    /// The application keeps track of the record that was added to the partition last.
    pub(super) fn track_last(&mut self, partition: &TopicPartition, ticket: Ticket) {
        let last = self.queues.get_mut(partition).and_then(VecDeque::back_mut);
        last.expect("a record was just added").track_last(ticket);
    }

    /// Takes out the batches that `is_meant` says.
    pub(super) fn take_where(
        &mut self,
        mut is_meant: impl FnMut(&ProducerBatch) -> bool,
    ) -> Vec<ProducerBatch> {
        let mut taken = Vec::new();
        for queue in self.queues.values_mut() {
            let (meant, others) = queue.drain(..).partition(&mut is_meant);
            taken.extend::<VecDeque<_>>(meant);
            *queue = others;
        }
        taken
    }

    /// Puts a batch back that is to be sent again, in its place.
    pub(super) fn reenqueue(&mut self, batch: ProducerBatch, keep_order: bool) {
        let queue = self.queues.entry(batch.partition.clone()).or_default();
        // Without sequences Kafka puts it in front, even of one that was made before it and also came
        // back: that is how retries change the order.
        let place = if keep_order {
            queue.iter().position(|other| other.id > batch.id).unwrap_or(queue.len())
        } else {
            0
        };
        queue.insert(place, batch);
    }

    /// A batch is settled: its memory is free again.
    pub(super) fn release(&mut self, batch: &ProducerBatch) {
        self.memory_used -= batch.memory;
    }

    /// Takes out the batches that were made before `oldest`.
    pub(super) fn take_expired(&mut self, oldest: Time) -> Vec<ProducerBatch> {
        let mut expired = Vec::new();
        for queue in self.queues.values_mut() {
            while queue.front().is_some_and(|batch| batch.created <= oldest) {
                expired.extend(queue.pop_front());
            }
        }
        expired
    }

    /// When the oldest batch was made.
    pub(super) fn oldest(&self) -> Option<Time> {
        self.queues.values().filter_map(|queue| queue.front()).map(|batch| batch.created).min()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queues.values().all(VecDeque::is_empty)
    }

    pub(super) fn records_waiting(&self) -> u64 {
        self.queues.values().flatten().map(|batch| u64::from(batch.record_count())).sum()
    }

    fn append_to(
        &mut self,
        partition: &TopicPartition,
        record: &NewRecord,
        now: Time,
    ) -> Result<usize, Refusal> {
        let last = self.queues.get_mut(partition).and_then(VecDeque::back_mut);
        if let Some(appended) = last.and_then(|batch| batch.try_append(record)) {
            return Ok(appended);
        }
        let memory = self.batch_size.max(record.size_upper_bound());
        if self.memory_used + memory as u64 > self.buffer_memory {
            return Err(Refusal::NoMemory);
        }
        self.memory_used += memory as u64;
        let id = BatchId(self.next_id);
        self.next_id += 1;
        let mut batch = ProducerBatch::new(id, partition.clone(), self.compression, memory, now);
        let appended = batch.try_append(record).expect("the first record has room");
        self.queues.entry(partition.clone()).or_default().push_back(batch);
        Ok(appended)
    }

    fn check_size(&self, record: &NewRecord) -> Result<(), Refusal> {
        let size = record.size_upper_bound();
        if size > self.max_request_size {
            return Err(Refusal::TooLarge(format!(
                "The message is {size} bytes when serialized which is larger than {}, which is the \
                 value of the max.request.size configuration.",
                self.max_request_size
            )));
        }
        if size as u64 > self.buffer_memory {
            return Err(Refusal::TooLarge(format!(
                "The message is {size} bytes when serialized which is larger than the total memory \
                 buffer you have configured with the buffer.memory configuration."
            )));
        }
        let memory = self.batch_size.max(size) as u64;
        if memory > self.buffer_memory {
            return Err(Refusal::TooLarge(format!(
                "Attempt to allocate {memory} bytes, but there is a hard limit of {} on memory allocations.",
                self.buffer_memory
            )));
        }
        Ok(())
    }
}

impl KnownTopic {
    /// The partition that records without a key stick to.
    fn sticky(&mut self, random: &mut dyn FnMut() -> u32) -> PartitionIndex {
        let partitions = Partitions { count: self.partition_count, available: &self.available };
        self.partitioner.current(partitions, random)
    }

    /// So many bytes went to the partition that records stick to.
    fn stuck(&mut self, bytes: u32, may_switch: bool, random: &mut dyn FnMut() -> u32) {
        let partitions = Partitions { count: self.partition_count, available: &self.available };
        self.partitioner.appended(bytes, may_switch, partitions, random);
    }
}
