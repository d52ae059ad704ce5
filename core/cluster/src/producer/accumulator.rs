//! The records that wait to be sent, in batches by partition: Kafka's `RecordAccumulator`.

use std::collections::{BTreeMap, VecDeque};

use highwater_log::Compression;
use kafka_protocol::ResponseError;

use crate::client::{ClientMetadata, Partitions, StickyPartitioner, partition_for_key};
use crate::ids::{BrokerId, PartitionIndex, TopicName, TopicPartition};
use crate::producer::ProducerConfig;
use crate::producer::batch::{BatchId, NewRecord, ProducerBatch};
use crate::producer::calls::Ticket;
use crate::producer::error::{Exception, ProducerError};
use crate::producer::partitioner::{Choice, Chooser};
use crate::time::{Span, Time};

/// The records that wait to be sent.
#[derive(Clone, Debug)]
pub(super) struct Accumulator {
    batch_size: usize,
    buffer_memory: u64,
    max_request_size: usize,
    compression: Compression,
    gzip_level: Option<u8>,
    ignore_keys: bool,
    chooser: Chooser,
    pub(super) is_adaptive: bool,
    /// `partitioner.availability.timeout.ms`; zero for none.
    pub(super) availability_timeout: Span,
    /// When each broker last was ready, or should have been, and when it last was drained.
    pub(super) node_stats: BTreeMap<BrokerId, NodeStats>,
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

/// How long a broker has kept records waiting: Kafka's `NodeLatencyStats`.
#[derive(Clone, Copy, Debug)]
pub(super) struct NodeStats {
    pub(super) ready_at: Time,
    pub(super) drained_at: Time,
}

/// Where a record goes.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) partition: TopicPartition,
    /// The partitioner's choice, if it was one.
    choice: Option<Choice>,
    /// Whether it goes where records without a key stick to.
    sticks: bool,
}

/// Why a record was not taken.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Refusal {
    /// `buffer.memory` is used up: there will be room once batches are settled.
    NoMemory,
    /// The record will never fit: what the application is told.
    Never(ProducerError),
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
            gzip_level: u8::try_from(config.gzip_level).ok(),
            ignore_keys: config.ignore_keys,
            chooser: Chooser::new(config.partitioner.clone()),
            availability_timeout: Span::from_millis(config.partitioner_availability_timeout_ms),
            node_stats: BTreeMap::new(),
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

    /// How many partitions a topic has, as far as the metadata knows.
    pub(super) fn partition_count(&self, topic: &TopicName) -> i32 {
        self.topics.get(topic).map_or(0, |known| known.partition_count)
    }

    /// What a new batch for that record takes of `buffer.memory`.
    pub(super) fn memory_for(&self, record: &NewRecord) -> usize {
        self.batch_size.max(record.size_upper_bound())
    }

    /// What is left of `buffer.memory`.
    pub(super) fn available_memory(&self) -> u64 {
        self.buffer_memory.saturating_sub(self.memory_used)
    }

    /// There is something to send to a broker; whether it could take it.
    pub(super) fn note_ready(&mut self, broker: BrokerId, now: Time, can_drain: bool) {
        let first = NodeStats { ready_at: now, drained_at: now };
        let stats = self.node_stats.entry(broker).or_insert(first);
        stats.ready_at = now;
        if can_drain {
            stats.drained_at = now;
        }
    }

    /// Adds a record to the last batch of the partition that was chosen for it, or to a new one.
    /// `random` gives numbers from 0 to `i32::MAX`.
    ///
    /// # Panics
    /// If its topic is not known.
    pub(super) fn append(
        &mut self,
        record: &NewRecord,
        place: Place,
        now: Time,
        random: &mut dyn FnMut() -> u32,
    ) -> Result<TopicPartition, Refusal> {
        self.check_size(record)?;
        let Place { partition, choice, sticks } = place;
        let appended = self.append_to(&partition, record, now)?;
        if let Some(choice) = choice {
            self.chooser.took(&record.topic, choice);
        }
        if sticks {
            let last = self.queues.get(&partition).and_then(VecDeque::back);
            let may_switch = last.is_none_or(ProducerBatch::is_full);
            let known = self.topics.get_mut(&record.topic).expect("the topic is known");
            known.stuck(appended as u32, may_switch, random);
        }
        Ok(partition)
    }

    /// Chooses the partition of a record: the one it names, the partitioner's, its key's, or the one
    /// that records stick to. `random` gives numbers from 0 to `i32::MAX`.
    ///
    /// # Panics
    /// If its topic is not known.
    pub(super) fn place_for(
        &mut self,
        record: &NewRecord,
        random: &mut dyn FnMut() -> u32,
    ) -> Place {
        let known = self.topics.get_mut(&record.topic).expect("the topic is known");
        let choice = match record.partition {
            Some(_) => None,
            None => {
                let key = record.key.as_deref();
                self.chooser.choose(&record.topic, key, known.partitions(), random)
            }
        };
        let named = record.partition.or(choice.map(|choice| choice.partition));
        let sticks = named.is_none() && (record.key.is_none() || self.ignore_keys);
        let partition = match (named, &record.key) {
            (Some(partition), _) => partition,
            (None, Some(key)) if !self.ignore_keys => partition_for_key(key, known.partition_count),
            _ => known.sticky(random),
        };
        let partition = TopicPartition { topic: record.topic.clone(), partition };
        Place { partition, choice, sticks }
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

    /// How many batches wait, and how many of them take no more records.
    pub(super) fn batches_waiting(&self) -> (u64, u64) {
        let waiting = self.queues.values().flatten();
        let full = waiting.clone().filter(|batch| batch.is_full());
        (waiting.count() as u64, full.count() as u64)
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
        let memory = self.memory_for(record);
        if self.memory_used + memory as u64 > self.buffer_memory {
            return Err(Refusal::NoMemory);
        }
        self.memory_used += memory as u64;
        let id = BatchId(self.next_id);
        self.next_id += 1;
        let mut batch = ProducerBatch::new(id, partition.clone(), self.compression, memory, now);
        batch.set_gzip_level(self.gzip_level);
        let appended = batch.try_append(record).expect("the first record has room");
        self.queues.entry(partition.clone()).or_default().push_back(batch);
        Ok(appended)
    }

    fn check_size(&self, record: &NewRecord) -> Result<(), Refusal> {
        let size = record.size_upper_bound();
        if size > self.max_request_size {
            return Err(too_large(&format!(
                "The message is {size} bytes when serialized which is larger than {}, which is the \
                 value of the max.request.size configuration.",
                self.max_request_size
            )));
        }
        if size as u64 > self.buffer_memory {
            return Err(too_large(&format!(
                "The message is {size} bytes when serialized which is larger than the total memory \
                 buffer you have configured with the buffer.memory configuration."
            )));
        }
        let memory = self.batch_size.max(size) as u64;
        if memory > self.buffer_memory {
            // batch.size is larger than buffer.memory: Kafka takes the settings, and throws at each send.
            let message = format!(
                "Attempt to allocate {memory} bytes, but there is a hard limit of {} on \
                 memory allocations.",
                self.buffer_memory
            );
            let exception = Exception::IllegalArgument;
            return Err(Refusal::Never(ProducerError { exception, message: message.into() }));
        }
        Ok(())
    }
}

fn too_large(message: &str) -> Refusal {
    Refusal::Never(ProducerError::api_with(ResponseError::MessageTooLarge, message))
}

impl KnownTopic {
    fn partitions(&self) -> Partitions<'_> {
        Partitions { count: self.partition_count, available: &self.available }
    }

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
