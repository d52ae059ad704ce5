//! Which brokers there is something to send to, when there will be, and what goes into the next
//! request: the other half of Kafka's `RecordAccumulator`.

use std::collections::{BTreeSet, VecDeque};

use crate::client::ClientMetadata;
use crate::ids::{BrokerId, PartitionIndex, TopicPartition};
use crate::producer::accumulator::Accumulator;
use crate::producer::batch::ProducerBatch;
use crate::producer::idempotence::Idempotence;
use crate::time::{Span, Time};

/// What there is to send.
#[derive(Clone, Debug, Default)]
pub(super) struct ReadyCheck {
    /// The brokers to which something can be sent now.
    pub(super) brokers: BTreeSet<BrokerId>,
    /// When a batch will have lingered.
    pub(super) next_linger: Option<Time>,
    /// When a batch may be sent again.
    pub(super) next_retry: Option<Time>,
    /// Whether there are records for a partition whose leader is not known.
    pub(super) has_unknown_leaders: bool,
}

/// What decides, besides a batch itself, whether it may be sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Circumstances<'a> {
    pub(super) metadata: &'a ClientMetadata,
    pub(super) now: Time,
    /// Whether nothing lingers: the producer is closing, or the application waits for memory.
    pub(super) is_urgent: bool,
    /// Partitions that have a request under way, where only one may be.
    pub(super) muted: &'a BTreeSet<TopicPartition>,
}

impl Accumulator {
    /// Looks through the queues.
    pub(super) fn ready(&mut self, now: Circumstances<'_>) -> ReadyCheck {
        let mut check = ReadyCheck::default();
        for (partition, queue) in &self.queues {
            let Some(first) = queue.front() else { continue };
            let known = now.metadata.partition(partition);
            let Some(leader) = known.and_then(|known| known.leader) else {
                check.has_unknown_leaders = true;
                continue;
            };
            if now.muted.contains(partition) {
                continue;
            }
            let leader_epoch = known.map(|known| known.leader_epoch);
            let retry = first.backs_off_until(leader_epoch).filter(|at| *at > now.now);
            let lingered = first.waits_since() + self.linger;
            let is_full = queue.len() > 1 || first.is_full();
            if let Some(retry) = retry {
                earliest(&mut check.next_retry, retry);
            } else if is_full || now.is_urgent || lingered <= now.now {
                check.brokers.insert(leader);
            } else {
                earliest(&mut check.next_linger, lingered);
            }
        }
        self.update_load(now.metadata);
        check
    }

    /// Takes out the first batch of each partition that `broker` leads, as far as they may be sent and
    /// fit into one request.
    pub(super) fn drain(
        &mut self,
        broker: BrokerId,
        max_size: usize,
        now: Circumstances<'_>,
        mut idempotence: Option<&mut Idempotence>,
    ) -> Vec<ProducerBatch> {
        let led = self.queues.keys().filter(|name| now.metadata.leader(name) == Some(broker));
        let led: Vec<TopicPartition> = led.cloned().collect();
        // Each request begins with another partition, so that none starves.
        let start = self.drain_index.get(&broker).map_or(0, |index| index % led.len().max(1));
        let mut drained: Vec<ProducerBatch> = Vec::new();
        let mut size = 0;
        for step in 0..led.len() {
            let index = (start + step) % led.len();
            let partition = &led[index];
            let queue = self.queues.get_mut(partition).expect("its key was found");
            let leader_epoch = now.metadata.partition(partition).map(|known| known.leader_epoch);
            let Some(first) = queue.front() else { continue };
            let backs_off = first.backs_off_until(leader_epoch).is_some_and(|at| at > now.now);
            let is_held = idempotence.as_deref().is_some_and(|state| !state.may_send(first));
            if now.muted.contains(partition) || backs_off || is_held {
                continue;
            }
            if size + first.size() > max_size && !drained.is_empty() {
                break;
            }
            let mut batch = queue.pop_front().expect("it was looked at");
            if let Some(state) = idempotence.as_deref_mut() {
                state.assign(&batch);
            }
            batch.drained(leader_epoch);
            size += batch.size();
            drained.push(batch);
            self.drain_index.insert(broker, index + 1);
        }
        drained
    }

    /// Tells each topic's partitioner how long the queues are, once there is one for each partition.
    fn update_load(&mut self, metadata: &ClientMetadata) {
        let timeout = self.availability_timeout;
        for (topic, known) in &mut self.topics {
            let queues = self.queues.iter().filter(|(name, _)| name.topic == *topic);
            if !self.is_adaptive || queues.clone().count() < known.partition_count as usize {
                known.partitioner.update_load(None);
                continue;
            }
            let is_available = |name: &TopicPartition, queue: &VecDeque<ProducerBatch>| {
                let leader = metadata.leader(name)?;
                // An empty queue waits for nobody.
                let waits = !queue.is_empty() && timeout > Span::ZERO;
                let stats = self.node_stats.get(&leader).filter(|_| waits);
                let kept_waiting = stats.map(|stats| stats.ready_at.since(stats.drained_at));
                kept_waiting.is_none_or(|wait| wait <= timeout).then_some(())
            };
            let available = queues.filter(|(name, queue)| is_available(name, queue).is_some());
            let sizes: Vec<(PartitionIndex, u32)> =
                available.map(|(name, queue)| (name.partition, queue.len() as u32)).collect();
            known.partitioner.update_load_among(&sizes, known.partition_count);
        }
    }
}

fn earliest(known: &mut Option<Time>, at: Time) {
    *known = Some(known.map_or(at, |known| known.min(at)));
}
