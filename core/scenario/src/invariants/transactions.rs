//! A producer that was fenced ends no transaction, and what a coordinator asks for once, a leader writes
//! once.

use std::collections::BTreeMap;

use highwater_cluster::event::{Cause, EventKind};
use highwater_cluster::ids::{BrokerId, CorrelationId, MessageId, NodeId, TopicPartition};
use highwater_cluster::log::{ProducerEpoch, ProducerId};
use highwater_cluster::message::{Body, Request, Response};

use super::{Anomaly, Look};

/// Looks at the requests of transactional producers, at their answers, and at markers.
#[derive(Clone, Debug, Default)]
pub(super) struct Transactions {
    /// The newest epoch that was given to a producer id.
    epochs: BTreeMap<ProducerId, ProducerEpoch>,
    /// The EndTxn requests that producers sent after they had been fenced.
    of_fenced: BTreeMap<(NodeId, CorrelationId), (ProducerId, ProducerEpoch)>,
    /// Why the last marker of a producer was written in a partition.
    markers: BTreeMap<(BrokerId, TopicPartition, ProducerId), Cause>,
}

impl Transactions {
    pub(super) fn observe(&mut self, look: &mut Look<'_>) {
        match look.kind() {
            EventKind::MessageSent { message, from, to, correlation_id, .. } => {
                let (from, to) = (*from, *to);
                self.look_at_message(look, *message, (from, to, *correlation_id));
            }
            EventKind::TransactionMarkerWritten {
                broker, partition, producer_id, offset, ..
            } => {
                let key = (*broker, partition.clone(), *producer_id);
                let cause = look.event.cause;
                if self.markers.insert(key, cause) == Some(cause) {
                    let (partition, offset) = (partition.clone(), *offset);
                    look.report(Anomaly::MarkerTwice { partition, offset }, []);
                }
            }
            _ => {}
        }
    }

    fn look_at_message(
        &mut self,
        look: &mut Look<'_>,
        message: MessageId,
        (from, to, correlation_id): (NodeId, NodeId, CorrelationId),
    ) {
        match look.sent(message) {
            Some(Body::Request(Request::EndTxn(body))) => {
                let id = ProducerId(body.producer_id.0);
                let epoch = ProducerEpoch(body.producer_epoch);
                if self.epochs.get(&id).is_some_and(|newest| *newest > epoch) {
                    self.of_fenced.insert((from, correlation_id), (id, epoch));
                }
            }
            Some(Body::Response(Response::EndTxn(body))) => {
                let fenced = self.of_fenced.remove(&(to, correlation_id));
                let Some((producer_id, epoch)) = fenced.filter(|_| body.error_code == 0) else {
                    return;
                };
                let newest = self.epochs[&producer_id];
                look.report(Anomaly::FencedProducerHeard { producer_id, epoch, newest }, []);
            }
            Some(Body::Response(Response::InitProducerId(body))) if body.error_code == 0 => {
                let id = ProducerId(body.producer_id.0);
                let epoch = ProducerEpoch(body.producer_epoch);
                let newest = self.epochs.entry(id).or_insert(epoch);
                *newest = epoch.max(*newest);
            }
            _ => {}
        }
    }
}
