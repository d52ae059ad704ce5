//! A topic gets more partitions: `ReplicationControlManager.createPartitions`.

use std::collections::BTreeMap;

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::ApiKey;
use kafka_protocol::messages::create_partitions_request::{
    CreatePartitionsAssignment, CreatePartitionsTopic,
};
use kafka_protocol::messages::create_partitions_response::CreatePartitionsTopicResult;
use kafka_protocol::protocol::StrBytes;

use super::Controller;
use super::create_topics::partition_records;
use super::mutation_quota::Permits;
use super::new_topic::{ApiError, invalid_assignment};
use super::placement::place;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{TopicId, TopicName};
use crate::input::ReplyTo;
use crate::metadata::PartitionRegistration;

/// Partitions that are to be added to a topic.
struct Addition {
    topic: TopicName,
    topic_id: TopicId,
    /// How many partitions there are.
    present: usize,
    partitions: Vec<PartitionRegistration>,
}

impl Controller {
    pub(super) fn handle_create_partitions(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        body: &kafka::CreatePartitionsRequest,
    ) {
        let mut times_named: BTreeMap<&str, u32> = BTreeMap::new();
        for topic in &body.topics {
            *times_named.entry(topic.name.as_str()).or_default() += 1;
        }
        let mut room = self.settings.max_partitions.saturating_sub(self.image.partitions().count());
        let mut permits = self.permits(ctx, from, ApiKey::CreatePartitions);
        let mut records = Vec::new();
        let mut response = kafka::CreatePartitionsResponse::default();
        for asked in &body.topics {
            // Those named twice are answered once.
            let Some(times) = times_named.remove(asked.name.as_str()) else { continue };
            let addition = match times {
                1 => self.addition(ctx, asked, (&mut room, &mut permits)),
                _ => Err(ApiError::new(ResponseError::InvalidRequest, "Duplicate topic name.")),
            };
            let result = CreatePartitionsTopicResult::default().with_name(asked.name.clone());
            response.results.push(match addition {
                Ok(addition) => {
                    if !body.validate_only {
                        addition.tell(ctx);
                        let first = addition.present as i32;
                        let added =
                            partition_records(addition.topic_id, first, &addition.partitions);
                        records.extend(added);
                    }
                    result.with_error_message(None)
                }
                Err(ApiError { error, message }) => result
                    .with_error_code(error.code())
                    .with_error_message(Some(StrBytes::from_string(message))),
            });
        }
        self.write(ctx, &records);
        response.throttle_time_ms = self.settle_permits(ctx, permits);
        ctx.respond(from, response);
    }

    /// Checks what is asked for. `room` is how many partitions there may still be, `permits` how many its client may have.
    fn addition(
        &self,
        ctx: &mut Ctx<'_>,
        asked: &CreatePartitionsTopic,
        (room, permits): (&mut usize, &mut Permits),
    ) -> Result<Addition, ApiError> {
        let name = TopicName::from(asked.name.as_str());
        let topic = self.image.topics.get(&name).ok_or_else(|| {
            let message = "This server does not host this topic-partition.";
            ApiError::new(ResponseError::UnknownTopicOrPartition, message)
        })?;
        let (present, wanted) = (topic.partitions.len(), i64::from(asked.count));
        let additional = additional_partitions(&name, present, wanted)?;
        if additional > *room {
            ctx.halt_at_partitions();
            let message = "Unable to perform excessively large batch operation.";
            return Err(ApiError::new(ResponseError::PolicyViolation, message));
        }
        let first = topic.partitions.values().next();
        let replication_factor = first.map_or(0, |partition| partition.replicas.len());
        let partitions = match &asked.assignments {
            Some(assignments) if assignments.len() != additional => {
                return Err(invalid_assignment(format!(
                    "Attempted to add {additional} additional partition(s), but only {} assignment(s) were \
                     specified.",
                    assignments.len()
                )));
            }
            Some(assignments) => {
                self.assigned_additions(assignments, present, replication_factor)?
            }
            None => self.placed_additions(ctx, additional, replication_factor)?,
        };
        permits.take(additional)?;
        *room -= additional;
        Ok(Addition { topic: name, topic_id: topic.id, present, partitions })
    }

    fn assigned_additions(
        &self,
        assignments: &[CreatePartitionsAssignment],
        present: usize,
        replication_factor: usize,
    ) -> Result<Vec<PartitionRegistration>, ApiError> {
        let partition = |(index, assignment): (usize, &CreatePartitionsAssignment)| {
            let replicas =
                self.check_assignment(&assignment.broker_ids, Some(replication_factor))?;
            self.new_partition(replicas).ok_or_else(|| {
                invalid_assignment(format!(
                    "All brokers specified in the manual partition assignment for partition {} are fenced \
                     or in controlled shutdown.",
                    present + index
                ))
            })
        };
        assignments.iter().enumerate().map(partition).collect()
    }

    fn placed_additions(
        &self,
        ctx: &mut Ctx<'_>,
        additional: usize,
        replication_factor: usize,
    ) -> Result<Vec<PartitionRegistration>, ApiError> {
        let refuse = |reason: String| {
            let message =
                format!("Unable to replicate the partition {replication_factor} time(s): {reason}");
            ApiError::new(ResponseError::InvalidReplicationFactor, message)
        };
        let brokers = self.usable_brokers();
        let random = ctx.random("replica-placement");
        let placed = place(random, &brokers, additional, replication_factor).map_err(refuse)?;
        let partition = |replicas| {
            self.new_partition(replicas).ok_or_else(|| {
                refuse("All brokers are currently fenced or in controlled shutdown.".to_owned())
            })
        };
        placed.into_iter().map(partition).collect()
    }
}

impl Addition {
    fn tell(&self, ctx: &mut Ctx<'_>) {
        ctx.emit(EventKind::PartitionsAdded {
            topic: self.topic.clone(),
            from: self.present as u32,
            to: (self.present + self.partitions.len()) as u32,
        });
    }
}

/// How many partitions are to be added; there are never fewer afterwards.
fn additional_partitions(
    topic: &TopicName,
    present: usize,
    wanted: i64,
) -> Result<usize, ApiError> {
    let refuse = |message| Err(ApiError::new(ResponseError::InvalidPartitions, message));
    match wanted - present as i64 {
        0 => refuse(format!("Topic already has {present} partition(s).")),
        more if more > 0 => Ok(more as usize),
        _ => refuse(format!(
            "The topic {topic} currently has {present} partition(s); {wanted} would not be an increase."
        )),
    }
}

/// What a controller answers that is not the active one.
pub(crate) fn refused(
    body: &kafka::CreatePartitionsRequest,
    code: i16,
) -> kafka::CreatePartitionsResponse {
    let refused = body.topics.iter().map(|topic| {
        CreatePartitionsTopicResult::default()
            .with_name(topic.name.clone())
            .with_error_code(code)
            .with_error_message(None)
    });
    kafka::CreatePartitionsResponse::default().with_results(refused.collect())
}
