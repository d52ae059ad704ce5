//! DeleteRecords (KIP-107): the leader moves its log start, and answers once the replicas on live brokers have theirs there
//! too.

use highwater_log::Offset;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::delete_records_response::{
    DeleteRecordsPartitionResult, DeleteRecordsTopicResult,
};

use crate::broker::Broker;
use crate::broker::retention::log_start_moved;
use crate::ctx::Ctx;
use crate::ids::{NodeId, TimerId, TopicName, TopicPartition};
use crate::input::ReplyTo;
use crate::metadata::is_internal;
use crate::time::Span;
use crate::timer::Timer;

/// `DeleteRecordsRequest.HIGH_WATERMARK`: delete all that may be deleted.
const HIGH_WATERMARK: i64 = -1;
/// `DeleteRecordsResponse.INVALID_LOW_WATERMARK`
const INVALID_LOW_WATERMARK: i64 = -1;

/// A request that waits for followers to move their log starts.
#[derive(Clone, Debug)]
pub(super) struct DelayedDelete {
    from: ReplyTo,
    partitions: Vec<DeletedPartition>,
    timer: TimerId,
}

/// The part of a request that concerns one partition.
#[derive(Clone, Debug)]
struct DeletedPartition {
    partition: TopicPartition,
    progress: Progress,
}

/// How far a deletion has come.
#[derive(Clone, Copy, Debug)]
enum Progress {
    /// Until all replicas start at this offset.
    Waits(Offset),
    /// All replicas start at this offset or after.
    Done(Offset),
    Refused(ResponseError),
}

impl Broker {
    pub(super) fn on_delete_records(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &kafka::DeleteRecordsRequest,
    ) {
        let mut partitions = Vec::new();
        for topic in &request.topics {
            let name = TopicName::from(&**topic.name);
            for part in &topic.partitions {
                let partition = TopicPartition::new(&name, part.partition_index);
                let progress = match self.delete_records(ctx, &partition, part.offset) {
                    Ok(required) => Progress::Waits(required),
                    Err(error) => Progress::Refused(error),
                };
                partitions.push(DeletedPartition { partition, progress });
            }
        }
        let id = self.process.purgatory.next_id();
        let timeout = Span::from_millis(request.timeout_ms.into());
        let timer = ctx.set_timer(timeout, Timer::DelayedDeleteRecords(id));
        let delayed = DelayedDelete { from, partitions, timer };
        self.process.purgatory.delete_records.insert(id, delayed);
        self.check_delayed_delete(ctx, id);
    }

    /// A follower has told where its log starts: deletions that wait for it may be done.
    pub(super) fn check_delayed_deletes(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        for id in self.process.purgatory.deletes_of(partition) {
            self.check_delayed_delete(ctx, id);
        }
    }

    pub(super) fn delayed_delete_expired(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        let Some(mut delayed) = self.process.purgatory.delete_records.remove(&id) else { return };
        for part in &mut delayed.partitions {
            if let Progress::Waits(_) = part.progress {
                part.progress = Progress::Refused(ResponseError::RequestTimedOut);
            }
        }
        ctx.respond(delayed.from, response(&delayed.partitions));
    }

    /// Moves the log start of a partition that this broker leads. Answers the offset at which all replicas are to start.
    fn delete_records(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        offset: i64,
    ) -> Result<Offset, ResponseError> {
        if is_internal(&partition.topic) {
            return Err(ResponseError::InvalidTopicException);
        }
        self.check_leader_epoch(partition, -1)?;
        let replica = self.replicas.get_mut(partition).expect("its leadership was checked");
        let config = replica.log.config();
        if config.compact && !config.delete {
            return Err(ResponseError::PolicyViolation);
        }
        let high_watermark = replica.log.high_watermark();
        let to = if offset == HIGH_WATERMARK { high_watermark } else { Offset(offset) };
        if to < Offset(0) {
            return Err(ResponseError::OffsetOutOfRange);
        }
        let from = replica.log.log_start_offset();
        let moved = replica.log.increment_log_start_offset(to);
        if moved.map_err(|_| ResponseError::OffsetOutOfRange)? {
            ctx.emit(log_start_moved(self.id, partition, from, to, true));
        }
        Ok(to)
    }

    fn check_delayed_delete(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        let Some(mut delayed) = self.process.purgatory.delete_records.remove(&id) else { return };
        for part in &mut delayed.partitions {
            let Progress::Waits(required) = part.progress else { continue };
            match self.low_watermark(&part.partition) {
                Ok(low_watermark) if low_watermark >= required => {
                    part.progress = Progress::Done(low_watermark);
                }
                Ok(_) => {}
                Err(error) => part.progress = Progress::Refused(error),
            }
        }
        if delayed.partitions.iter().any(DeletedPartition::waits) {
            self.process.purgatory.delete_records.insert(id, delayed);
        } else {
            ctx.cancel_timer(delayed.timer);
            ctx.respond(delayed.from, response(&delayed.partitions));
        }
    }

    /// The lowest log start of the replicas on live brokers, as far as their fetches have told.
    fn low_watermark(&self, partition: &TopicPartition) -> Result<Offset, ResponseError> {
        let replica = self.check_leader_epoch(partition, -1)?;
        let leader = replica.leader().expect("its leadership was checked");
        let brokers = &self.process.image.brokers;
        let live = leader
            .followers
            .iter()
            .filter(|(id, _)| brokers.get(id).is_some_and(|broker| !broker.fenced));
        let own = replica.log.log_start_offset();
        Ok(live.map(|(_, progress)| progress.log_start_offset).fold(own, Offset::min))
    }
}

impl DelayedDelete {
    /// Whether it waits for something to happen to `partition`.
    pub(super) fn waits_for(&self, partition: &TopicPartition) -> bool {
        self.partitions.iter().any(|part| part.waits() && part.partition == *partition)
    }

    /// Who asked for it.
    pub(super) fn asker(&self) -> NodeId {
        self.from.node
    }

    /// The partitions that it waits for, each with the offset that all its replicas are to start at.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (&TopicPartition, Offset)> {
        self.partitions.iter().filter_map(|part| match part.progress {
            Progress::Waits(offset) => Some((&part.partition, offset)),
            Progress::Done(_) | Progress::Refused(_) => None,
        })
    }
}

impl DeletedPartition {
    fn waits(&self) -> bool {
        matches!(self.progress, Progress::Waits(_))
    }
}

/// The answer, topic by topic in the order of the request.
fn response(partitions: &[DeletedPartition]) -> kafka::DeleteRecordsResponse {
    let mut response = kafka::DeleteRecordsResponse::default();
    for part in partitions {
        let (low_watermark, error_code) = match part.progress {
            Progress::Done(low_watermark) => (low_watermark.0, 0),
            Progress::Refused(error) => (INVALID_LOW_WATERMARK, error.code()),
            Progress::Waits(_) => unreachable!("a request is answered when none of it waits"),
        };
        let result = DeleteRecordsPartitionResult::default()
            .with_partition_index(part.partition.partition.0)
            .with_low_watermark(low_watermark)
            .with_error_code(error_code);
        let name = crate::client::names::to_kafka(&part.partition.topic);
        match response.topics.last_mut() {
            Some(topic) if topic.name == name => topic.partitions.push(result),
            _ => response.topics.push(
                DeleteRecordsTopicResult::default().with_name(name).with_partitions(vec![result]),
            ),
        }
    }
    response
}
