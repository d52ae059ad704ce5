//! Share sessions: what a leader knows of the members that fetch from it, so that each fetch says only
//! what is new. Kafka's `ShareSession` and `ShareSessionCache`, in outline.

use std::collections::{BTreeMap, BTreeSet};

use kafka_protocol::ResponseError;

use crate::ids::{GroupId, MemberId, NodeId, TopicId};

/// The epoch with which a session begins.
pub(crate) const INITIAL_EPOCH: i32 = 0;
/// The epoch with which it ends.
pub(crate) const FINAL_EPOCH: i32 = -1;

/// A partition by the id of its topic.
pub(crate) type PartitionId = (TopicId, i32);

/// Whose session it is.
pub(crate) type SessionKey = (GroupId, MemberId);

/// The sessions with a leader.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sessions {
    all: BTreeMap<SessionKey, Session>,
}

/// What a leader knows of a member that fetches from it.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// The epoch that the next request has.
    epoch: i32,
    pub(crate) client: NodeId,
    pub(crate) partitions: BTreeSet<PartitionId>,
}

impl Sessions {
    /// A fetch came. What it fetches from, in the order of this fetch: the first partition is another each
    /// time, so that none goes hungry (`PartitionRotateStrategy`).
    pub(crate) fn fetch(
        &mut self,
        key: &SessionKey,
        client: NodeId,
        epoch: i32,
        (added, forgotten): (&[PartitionId], &[PartitionId]),
        most: usize,
    ) -> Result<Vec<PartitionId>, ResponseError> {
        if epoch == INITIAL_EPOCH {
            if self.all.len() >= most && !self.all.contains_key(key) {
                return Err(ResponseError::ShareSessionLimitReached);
            }
            let partitions = added.iter().copied().collect();
            self.all.insert(key.clone(), Session { epoch: 1, client, partitions });
        } else {
            let session = self.advance(key, epoch)?;
            session.partitions.extend(added);
            for partition in forgotten {
                session.partitions.remove(partition);
            }
        }
        let session = &self.all[key];
        let mut partitions: Vec<PartitionId> = session.partitions.iter().copied().collect();
        if !partitions.is_empty() {
            let turn = session.epoch.unsigned_abs() as usize % partitions.len();
            partitions.rotate_left(turn);
        }
        Ok(partitions)
    }

    /// A request came that is not the first of its session.
    pub(crate) fn advance(
        &mut self,
        key: &SessionKey,
        epoch: i32,
    ) -> Result<&mut Session, ResponseError> {
        let session = self.all.get_mut(key).ok_or(ResponseError::ShareSessionNotFound)?;
        if epoch == FINAL_EPOCH {
            return Ok(session);
        }
        if session.epoch != epoch {
            return Err(ResponseError::InvalidShareSessionEpoch);
        }
        session.epoch = if epoch == i32::MAX { 1 } else { epoch + 1 };
        Ok(session)
    }

    /// A session is over.
    pub(crate) fn remove(&mut self, key: &SessionKey) -> Option<Session> {
        self.all.remove(key)
    }

    /// Whether a member of a group has a session.
    pub(crate) fn has_group(&self, group: &GroupId) -> bool {
        self.all.keys().any(|(own, _)| own == group)
    }

    /// The sessions of a client.
    pub(crate) fn of_client(&self, client: NodeId) -> Vec<SessionKey> {
        let own = self.all.iter().filter(|(_, session)| session.client == client);
        own.map(|(key, _)| key.clone()).collect()
    }
}
