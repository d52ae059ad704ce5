//! The partitions of a topic that is to be created, each with its replicas, ISR and first leader.

use std::collections::BTreeMap;

use highwater_log::LeaderEpoch;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::create_topics_request::CreatableTopic;

use super::Controller;
use super::placement::{UsableBroker, place};
use crate::ctx::Ctx;
use crate::ids::{BrokerId, PartitionEpoch};
use crate::metadata::PartitionRegistration;

/// An error as a response tells it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ApiError {
    pub(super) error: ResponseError,
    pub(super) message: String,
}

impl ApiError {
    pub(super) fn new(error: ResponseError, message: impl Into<String>) -> Self {
        Self { error, message: message.into() }
    }
}

impl Controller {
    /// How many partitions a request asks for, before any of them is placed; the sense of the
    /// numbers is checked by [`Controller::new_partitions`].
    pub(super) fn partitions_asked_for(&self, asked: &CreatableTopic) -> usize {
        match (asked.assignments.len(), asked.num_partitions) {
            (0, -1) => usize::try_from(self.settings.num_partitions).unwrap_or(0),
            (0, number) => usize::try_from(number).unwrap_or(0),
            (assigned, _) => assigned,
        }
    }

    /// The partitions that a request asks for, in order.
    pub(super) fn new_partitions(
        &self,
        ctx: &mut Ctx<'_>,
        asked: &CreatableTopic,
    ) -> Result<Vec<PartitionRegistration>, ApiError> {
        if asked.assignments.is_empty() {
            self.placed_partitions(ctx, asked)
        } else {
            self.assigned_partitions(asked)
        }
    }

    fn placed_partitions(
        &self,
        ctx: &mut Ctx<'_>,
        asked: &CreatableTopic,
    ) -> Result<Vec<PartitionRegistration>, ApiError> {
        if asked.replication_factor < -1 || asked.replication_factor == 0 {
            return Err(ApiError::new(
                ResponseError::InvalidReplicationFactor,
                "Replication factor must be larger than 0, or -1 to use the default value.",
            ));
        }
        if asked.num_partitions < -1 || asked.num_partitions == 0 {
            return Err(ApiError::new(
                ResponseError::InvalidPartitions,
                "Number of partitions was set to an invalid non-positive value.",
            ));
        }
        let replication_factor = match asked.replication_factor {
            -1 => usize::try_from(self.settings.default_replication_factor).unwrap_or(0),
            factor => factor.unsigned_abs().into(),
        };
        let refuse = |reason: String| {
            let message =
                format!("Unable to replicate the partition {replication_factor} time(s): {reason}");
            ApiError::new(ResponseError::InvalidReplicationFactor, message)
        };
        let brokers = self.usable_brokers();
        let random = ctx.random("replica-placement");
        let placed = place(random, &brokers, self.partitions_asked_for(asked), replication_factor);
        let partitions = placed.map_err(refuse)?.into_iter().map(|replicas| {
            self.new_partition(replicas).ok_or_else(|| {
                refuse("All brokers are currently fenced or in controlled shutdown.".to_owned())
            })
        });
        partitions.collect()
    }

    fn assigned_partitions(
        &self,
        asked: &CreatableTopic,
    ) -> Result<Vec<PartitionRegistration>, ApiError> {
        let given_twice = |what: &str| {
            let message = format!(
                "A manual partition assignment was specified, but {what} was not set to -1."
            );
            Err(ApiError::new(ResponseError::InvalidRequest, message))
        };
        if asked.replication_factor != -1 {
            return given_twice("replication factor");
        }
        if asked.num_partitions != -1 {
            return given_twice("numPartitions");
        }
        let mut partitions = BTreeMap::new();
        let mut replication_factor = None;
        for assignment in &asked.assignments {
            let index = assignment.partition_index;
            if partitions.contains_key(&index) {
                return Err(invalid_assignment(format!(
                    "Found multiple manual partition assignments for partition {index}"
                )));
            }
            let replicas = self.check_assignment(&assignment.broker_ids, replication_factor)?;
            replication_factor = Some(replicas.len());
            let partition = self.new_partition(replicas).ok_or_else(|| {
                invalid_assignment(format!(
                    "All brokers specified in the manual partition assignment for partition {index} \
                     are fenced or in controlled shutdown."
                ))
            })?;
            partitions.insert(index, partition);
        }
        if !partitions.keys().copied().eq(0..partitions.len() as i32) {
            return Err(invalid_assignment(
                "partitions should be a consecutive 0-based integer sequence".to_owned(),
            ));
        }
        Ok(partitions.into_values().collect())
    }

    /// `validateManualPartitionAssignment`.
    pub(super) fn check_assignment(
        &self,
        broker_ids: &[kafka::BrokerId],
        replication_factor: Option<usize>,
    ) -> Result<Vec<BrokerId>, ApiError> {
        let replicas = broker_ids.iter().map(|id| BrokerId(id.0)).collect();
        self.check_replicas(replicas, replication_factor)
    }

    /// Checks the replicas that a person wants for a partition, and that there are as many as the
    /// topic's other partitions have, if any do. `validateManualPartitionAssignment`.
    pub(super) fn check_replicas(
        &self,
        replicas: Vec<BrokerId>,
        replication_factor: Option<usize>,
    ) -> Result<Vec<BrokerId>, ApiError> {
        let invalid = |rest: String| {
            Err(invalid_assignment(format!("The manual partition assignment includes {rest}")))
        };
        if replicas.is_empty() {
            return invalid("an empty replica list.".to_owned());
        }
        let mut sorted = replicas.clone();
        sorted.sort_unstable();
        for (place, id) in sorted.iter().enumerate() {
            if !self.image.brokers.contains_key(id) {
                return invalid(format!("broker {id}, but no such broker is registered."));
            }
            if place > 0 && sorted[place - 1] == *id {
                return invalid(format!("the broker {id} more than once."));
            }
        }
        match replication_factor {
            Some(factor) if factor != replicas.len() => invalid(format!(
                "a partition with {} replica(s), but this is not consistent with previous \
                 partitions, which have {factor} replica(s).",
                replicas.len()
            )),
            _ => Ok(replicas),
        }
    }

    /// Brokers on which replicas may be placed: all that registered, but for those that shut down.
    pub(super) fn usable_brokers(&self) -> Vec<UsableBroker> {
        let brokers = self.image.brokers.iter();
        let stay = brokers.filter(|(id, _)| !self.heartbeats.is_shutting_down(**id));
        stay.map(|(id, broker)| UsableBroker {
            id: *id,
            rack: broker.rack.clone(),
            fenced: broker.fenced,
        })
        .collect()
    }

    /// A new partition on these replicas; none if no replica is alive.
    pub(super) fn new_partition(&self, replicas: Vec<BrokerId>) -> Option<PartitionRegistration> {
        let isr: Vec<BrokerId> =
            replicas.iter().copied().filter(|id| self.image.is_active(*id)).collect();
        Some(PartitionRegistration {
            leader: Some(*isr.first()?),
            replicas,
            isr,
            elr: Vec::new(),
            last_known_elr: Vec::new(),
            removing: Vec::new(),
            adding: Vec::new(),
            leader_epoch: LeaderEpoch(0),
            partition_epoch: PartitionEpoch(0),
            recovering: false,
        })
    }
}

pub(super) fn invalid_assignment(message: String) -> ApiError {
    ApiError::new(ResponseError::InvalidReplicaAssignment, message)
}
