//! Records about partitions.

use highwater_log::LeaderEpoch;

use super::DecodeError;
use crate::ids::{BrokerId, PartitionEpoch, PartitionIndex, TopicId};
use crate::metadata::PartitionRegistration;
use crate::metadata::wire::{Reader, Tagged, Writer};

/// The id of a log directory that is not decided yet: `DirectoryId.UNASSIGNED`.
pub const DIRECTORY_UNASSIGNED: u128 = 1;

/// As a leader: there is none.
const NO_LEADER: i32 = -1;
/// As a leader: it did not change.
const NO_LEADER_CHANGE: i32 = -2;

/// A partition was created. `PartitionRecord`.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionRecord {
    /// Which partition of the topic.
    pub partition: PartitionIndex,
    /// The topic.
    pub topic_id: TopicId,
    /// The partition itself.
    pub registration: PartitionRegistration,
    /// The log directory of each replica, in the order of the replicas.
    pub directories: Vec<u128>,
}

/// A partition changed. What did not change is none. `PartitionChangeRecord`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionChangeRecord {
    /// Which partition of the topic.
    pub partition: PartitionIndex,
    /// The topic.
    pub topic_id: TopicId,
    /// The in-sync replicas.
    pub isr: Option<Vec<BrokerId>>,
    /// The leader, or that there is none. Given anew, the same leader leads in a new epoch.
    pub leader: Option<Option<BrokerId>>,
    /// The replicas.
    pub replicas: Option<Vec<BrokerId>>,
    /// Replicas that a reassignment removes.
    pub removing: Option<Vec<BrokerId>>,
    /// Replicas that a reassignment adds.
    pub adding: Option<Vec<BrokerId>>,
    /// Whether the leader was elected uncleanly and is still to recover.
    pub recovering: Option<bool>,
    /// The eligible leader replicas.
    pub elr: Option<Vec<BrokerId>>,
    /// The last known eligible leader replicas, or the last known leader.
    pub last_known_elr: Option<Vec<BrokerId>>,
    /// The log directory of each replica.
    pub directories: Option<Vec<u128>>,
}

impl PartitionRecord {
    pub(super) fn version(&self) -> u32 {
        2
    }

    pub(super) fn write(&self, out: &mut Writer, _version: u32) {
        let partition = &self.registration;
        out.i32(self.partition.0);
        out.uuid(self.topic_id.0);
        out.brokers(&partition.replicas);
        out.brokers(&partition.isr);
        out.brokers(&partition.removing);
        out.brokers(&partition.adding);
        out.i32(partition.leader.map_or(NO_LEADER, |leader| leader.0));
        out.i32(partition.leader_epoch.0);
        out.i32(partition.partition_epoch.0);
        out.uuids(&self.directories);
        let mut tagged = Tagged::default();
        if partition.recovering {
            tagged.add(0, |out| out.i8(1));
        }
        tagged.add_brokers(1, not_empty(&partition.elr));
        tagged.add_brokers(2, not_empty(&partition.last_known_elr));
        out.tagged(tagged);
    }

    pub(super) fn read(input: &mut Reader<'_>, version: u32) -> Result<Self, DecodeError> {
        let mut record = Self {
            partition: PartitionIndex(input.i32()?),
            topic_id: TopicId(input.uuid()?),
            registration: PartitionRegistration {
                replicas: input.brokers()?,
                isr: input.brokers()?,
                removing: input.brokers()?,
                adding: input.brokers()?,
                leader: leader(input.i32()?)?,
                leader_epoch: LeaderEpoch(input.i32()?),
                partition_epoch: PartitionEpoch(input.i32()?),
                elr: Vec::new(),
                last_known_elr: Vec::new(),
                recovering: false,
            },
            directories: if version >= 1 { input.list(Reader::uuid)? } else { Vec::new() },
        };
        let partition = &mut record.registration;
        input.tagged(|tag, field| {
            match tag {
                0 => partition.recovering = recovering(field.i8()?)?,
                1 => partition.elr = field.nullable_brokers()?.unwrap_or_default(),
                2 => partition.last_known_elr = field.nullable_brokers()?.unwrap_or_default(),
                _ => {}
            }
            Ok(())
        })?;
        Ok(record)
    }
}

impl PartitionChangeRecord {
    /// Whether it changes nothing.
    pub fn is_no_op(&self) -> bool {
        let (partition, topic_id) = (self.partition, self.topic_id);
        *self == Self { partition, topic_id, ..Self::default() }
    }

    pub(super) fn version(&self) -> u32 {
        2
    }

    pub(super) fn write(&self, out: &mut Writer, _version: u32) {
        out.i32(self.partition.0);
        out.uuid(self.topic_id.0);
        let mut tagged = Tagged::default();
        tagged.add_brokers(0, self.isr.as_deref());
        if let Some(leader) = self.leader {
            tagged.add(1, |out| out.i32(leader.map_or(NO_LEADER, |leader| leader.0)));
        }
        tagged.add_brokers(2, self.replicas.as_deref());
        tagged.add_brokers(3, self.removing.as_deref());
        tagged.add_brokers(4, self.adding.as_deref());
        if let Some(recovering) = self.recovering {
            tagged.add(5, |out| out.i8(i8::from(recovering)));
        }
        tagged.add_brokers(6, self.elr.as_deref());
        tagged.add_brokers(7, self.last_known_elr.as_deref());
        if let Some(directories) = &self.directories {
            tagged.add(8, |out| out.uuids(directories));
        }
        out.tagged(tagged);
    }

    pub(super) fn read(input: &mut Reader<'_>, _version: u32) -> Result<Self, DecodeError> {
        let mut record = Self {
            partition: PartitionIndex(input.i32()?),
            topic_id: TopicId(input.uuid()?),
            ..Self::default()
        };
        input.tagged(|tag, field| {
            match tag {
                0 => record.isr = field.nullable_brokers()?,
                1 => record.leader = leader_change(field.i32()?)?,
                2 => record.replicas = field.nullable_brokers()?,
                3 => record.removing = field.nullable_brokers()?,
                4 => record.adding = field.nullable_brokers()?,
                5 => record.recovering = recovery_change(field.i8()?)?,
                6 => record.elr = field.nullable_brokers()?,
                7 => record.last_known_elr = field.nullable_brokers()?,
                8 => record.directories = field.nullable_list(Reader::uuid)?,
                _ => {}
            }
            Ok(())
        })?;
        Ok(record)
    }
}

fn not_empty(brokers: &[BrokerId]) -> Option<&[BrokerId]> {
    (!brokers.is_empty()).then_some(brokers)
}

fn leader(id: i32) -> Result<Option<BrokerId>, DecodeError> {
    match id {
        NO_LEADER => Ok(None),
        0.. => Ok(Some(BrokerId(id))),
        _ => Err(DecodeError::InvalidValue("Leader is a broker's id or -1")),
    }
}

fn leader_change(id: i32) -> Result<Option<Option<BrokerId>>, DecodeError> {
    if id == NO_LEADER_CHANGE { Ok(None) } else { leader(id).map(Some) }
}

fn recovering(state: i8) -> Result<bool, DecodeError> {
    match state {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(DecodeError::InvalidValue("LeaderRecoveryState is 0 or 1")),
    }
}

fn recovery_change(state: i8) -> Result<Option<bool>, DecodeError> {
    if state == -1 { Ok(None) } else { recovering(state).map(Some) }
}
