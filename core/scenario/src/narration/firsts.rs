//! What happens over and over is part of the story the first time only.

use std::collections::BTreeSet;
use std::sync::Arc;

use highwater_cluster::acl::event::AclEvent;
use highwater_cluster::acl::{Operation, ResourceType};
use highwater_cluster::event::{Event, EventKind, TransactionState};
use highwater_cluster::ids::{GroupId, NodeId, TopicPartition, TransactionalId};
use highwater_cluster::metadata::is_kept_by_kafka;
use highwater_cluster::quota::QuotaKind;
use highwater_cluster::quota::event::QuotaEvent;

use super::{Depth, Narration};

/// What has happened for the first time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Firsts {
    written: BTreeSet<TopicPartition>,
    committed: BTreeSet<GroupId>,
    transactions: BTreeSet<TransactionalId>,
    throttled: BTreeSet<(NodeId, QuotaKind)>,
    denied: BTreeSet<(NodeId, Operation, ResourceType, Arc<str>)>,
}

impl Firsts {
    /// The narration of an event, raised to the story if there was none of its kind before.
    pub(crate) fn raise(&mut self, event: &Event, told: Narration) -> Narration {
        let (is_first, id) = match &event.kind {
            EventKind::BatchAppended { partition, as_leader: true, .. } => (
                !is_kept_by_kafka(&partition.topic) && add(&mut self.written, partition),
                "first-record",
            ),
            EventKind::OffsetCommitted { group, .. } => {
                (add(&mut self.committed, group), "first-commit")
            }
            EventKind::TransactionStateChanged {
                id, to: TransactionState::CompleteCommit, ..
            } => (add(&mut self.transactions, id), "first-transaction"),
            EventKind::Acl(event) => match &**event {
                AclEvent::Denied { client, operation, resource, name, .. } => {
                    let what = (*client, *operation, *resource, name.clone());
                    (add(&mut self.denied, &what), told.id)
                }
                _ => return told,
            },
            EventKind::Quota(event) => match &**event {
                QuotaEvent::Throttled { client, kind, .. } => {
                    (add(&mut self.throttled, &(*client, *kind)), told.id)
                }
                QuotaEvent::Changed { .. } => return told,
            },
            _ => return told,
        };
        if is_first { Narration { depth: Depth::Story, id, ..told } } else { told }
    }
}

/// Adds what is not there yet: most of the time it is, and then nothing is copied.
fn add<T: Ord + Clone>(known: &mut BTreeSet<T>, item: &T) -> bool {
    !known.contains(item) && known.insert(item.clone())
}
