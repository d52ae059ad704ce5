//! What several checkers need to know, gathered once from the events.

use std::collections::BTreeMap;

use highwater_cluster::event::{Cause, Event, EventKind};
use highwater_cluster::fault::FaultEvent;
use highwater_cluster::ids::{
    BrokerId, ClientId, EventId, GroupId, MessageId, NodeId, TopicName, TopicPartition,
};
use highwater_cluster::log::{LeaderEpoch, Offset};
use highwater_cluster::message::Body;
use highwater_cluster::metadata::{MetadataImage, PartitionRegistration};
use highwater_cluster::producer::Acks;
use highwater_cluster::protocol::messages::ApiKey;
use highwater_cluster::shared::Shared;
use highwater_cluster::world::World;

use super::{Anomaly, Finding};

/// An event with what is around it, as a checker sees it.
pub(crate) struct Look<'a> {
    pub(crate) event: &'a Event,
    pub(crate) world: &'a World,
    pub(crate) facts: &'a Facts,
    found: &'a mut Vec<Finding>,
}

/// What several checkers need to know.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// The `acks` of each producer.
    acks: BTreeMap<ClientId, Acks>,
    /// The group of each consumer.
    groups: BTreeMap<ClientId, GroupId>,
    /// The last message that arrived.
    delivery: Option<Delivery>,
    /// The elections from outside the ISR, by the leader epoch that they began.
    unclean: BTreeMap<TopicPartition, BTreeMap<LeaderEpoch, EventId>>,
    /// In which leader epoch each replica acts, and whom it follows.
    roles: Shared<BTreeMap<(BrokerId, TopicPartition), ReplicaRole>>,
    /// The last event that showed a broker to have stopped.
    stopped: BTreeMap<BrokerId, EventId>,
    /// Where each log ended by what was told of it. One that ends before has lost what was not flushed.
    ends: BTreeMap<(BrokerId, TopicPartition), Offset>,
    /// The partitions of which a replica lost what was not flushed.
    unflushed: BTreeMap<TopicPartition, EventId>,
    /// Between which offsets a replica lost at the worst what was not flushed.
    lost_unflushed: BTreeMap<(BrokerId, TopicPartition), (Offset, Offset)>,
}

/// A message that arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delivery {
    pub(crate) event: EventId,
    pub(crate) message: MessageId,
    pub(crate) from: NodeId,
    pub(crate) api: ApiKey,
}

/// What a replica acts as.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReplicaRole {
    pub(crate) leader_epoch: LeaderEpoch,
    pub(crate) leader: Option<BrokerId>,
}

/// A leader was elected that does not have all that was committed.
#[derive(Clone, Debug)]
pub(crate) struct Cut {
    pub(crate) partition: TopicPartition,
    /// The first committed record that it does not have.
    pub(crate) first: Offset,
}

impl<'a> Look<'a> {
    pub(super) fn new(
        event: &'a Event,
        world: &'a World,
        facts: &'a Facts,
        found: &'a mut Vec<Finding>,
    ) -> Self {
        Self { event, world, facts, found }
    }

    /// Reports what was found, with the events that led there.
    pub(crate) fn report(&mut self, what: Anomaly, evidence: impl IntoIterator<Item = EventId>) {
        let mut evidence: Vec<EventId> = evidence.into_iter().collect();
        evidence.sort_unstable();
        evidence.dedup();
        self.found.push(Finding { event: self.event.id, what, evidence });
    }

    pub(crate) fn kind(&self) -> &'a EventKind {
        &self.event.kind
    }

    /// The message that the event tells to have been sent.
    pub(crate) fn sent(&self, id: MessageId) -> Option<&'a Body> {
        self.world.message(id).map(|message| &*message.body)
    }

    /// The message whose arrival caused the event.
    pub(crate) fn delivery(&self) -> Option<Delivery> {
        let Cause::Event(cause) = self.event.cause else { return None };
        self.facts.delivery.filter(|delivery| delivery.event == cause)
    }

    pub(crate) fn metadata(&self) -> Option<&'a MetadataImage> {
        self.world.metadata()
    }

    pub(crate) fn registration(&self, id: &TopicPartition) -> Option<&'a PartitionRegistration> {
        self.world.registration(id)
    }
}

impl Facts {
    pub(super) fn observe(&mut self, event: &Event, world: &World) {
        match &event.kind {
            EventKind::MessageDelivered { message, from, api, .. } => {
                let (message, from, api) = (*message, *from, *api);
                self.delivery = Some(Delivery { event: event.id, message, from, api });
            }
            EventKind::ProducerStarted { client, acks, .. } => {
                self.acks.insert(*client, *acks);
            }
            EventKind::ConsumerStarted { client, group, .. } if !group.as_str().is_empty() => {
                self.groups.insert(*client, group.clone());
            }
            EventKind::LeaderElected { partition, leader_epoch, clean: false, .. } => {
                let known = self.unclean.entry(partition.clone()).or_default();
                known.insert(*leader_epoch, event.id);
            }
            EventKind::BecameLeader { broker, partition, leader_epoch, .. } => {
                self.take_role(*broker, partition, *leader_epoch, Some(*broker));
            }
            EventKind::BecameFollower { broker, partition, leader, leader_epoch } => {
                self.take_role(*broker, partition, *leader_epoch, *leader);
            }
            EventKind::BatchAppended { broker, partition, last_offset, .. } => {
                self.ends.insert((*broker, partition.clone()), last_offset.next());
            }
            EventKind::LogTruncated { broker, partition, to, .. } => {
                self.ends.insert((*broker, partition.clone()), *to);
            }
            EventKind::BrokerStopped { broker, .. } => {
                self.stopped.insert(*broker, event.id);
                self.look_for_losses(*broker, event.id, world);
            }
            EventKind::BrokerStarted { broker } => self.look_for_losses(*broker, event.id, world),
            EventKind::Fault(FaultEvent::UnflushedLost { broker, partition, from, to, .. }) => {
                let key = (*broker, partition.clone());
                let (lowest, highest) = self.lost_unflushed.entry(key).or_insert((*to, *from));
                *lowest = (*lowest).min(*to);
                *highest = (*highest).max(*from);
            }
            EventKind::ReplicaDeleted { broker, partition, .. } => {
                let replica = (*broker, partition.clone());
                self.roles.remove(&replica);
                self.ends.remove(&replica);
                self.lost_unflushed.remove(&replica);
            }
            EventKind::TopicDeleted { topic } => self.forget(topic),
            _ => {}
        }
    }

    pub(crate) fn acks(&self, client: ClientId) -> Option<Acks> {
        self.acks.get(&client).copied()
    }

    pub(crate) fn group(&self, client: ClientId) -> Option<&GroupId> {
        self.groups.get(&client)
    }

    pub(crate) fn role(&self, broker: BrokerId, partition: &TopicPartition) -> Option<ReplicaRole> {
        self.roles.get(&(broker, partition.clone())).copied()
    }

    /// The last event that stopped a broker.
    pub(crate) fn stopped(&self, broker: BrokerId) -> Option<EventId> {
        self.stopped.get(&broker).copied()
    }

    /// The last unclean election that began an epoch after `after`, up to and including `until`.
    pub(crate) fn unclean(
        &self,
        partition: &TopicPartition,
        after: LeaderEpoch,
        until: LeaderEpoch,
    ) -> Option<EventId> {
        let elections = self.unclean.get(partition)?;
        let mut between = elections.iter().filter(|(epoch, _)| **epoch > after && **epoch <= until);
        between.next_back().map(|(_, event)| *event)
    }

    /// Whether any partition of a topic ever had a leader that may not have had everything.
    pub(crate) fn may_have_lost(&self, topic: &str) -> bool {
        let is_of = |partition: &TopicPartition| partition.topic.as_str() == topic;
        self.unclean.keys().any(is_of) || self.unflushed.keys().any(is_of)
    }

    /// The event that showed a replica of a partition to have lost what was not flushed.
    pub(crate) fn unflushed(&self, partition: &TopicPartition) -> Option<EventId> {
        self.unflushed.get(partition).copied()
    }

    /// Whether a replica once lost some of these records before they were flushed.
    pub(crate) fn has_lost_unflushed(
        &self,
        broker: BrokerId,
        partition: &TopicPartition,
        first: Offset,
        last: Offset,
    ) -> bool {
        let lost = self.lost_unflushed.get(&(broker, partition.clone()));
        lost.is_some_and(|(lowest, highest)| *lowest <= last && first < *highest)
    }

    fn take_role(
        &mut self,
        broker: BrokerId,
        partition: &TopicPartition,
        leader_epoch: LeaderEpoch,
        leader: Option<BrokerId>,
    ) {
        let role = ReplicaRole { leader_epoch, leader };
        self.roles.insert((broker, partition.clone()), role);
    }

    /// A broker's process came or went: has a log become shorter without a word?
    fn look_for_losses(&mut self, broker: BrokerId, event: EventId, world: &World) {
        let own = self.ends.iter_mut().filter(|((of, _), _)| *of == broker);
        for ((_, partition), end) in own {
            let Some(log) = world.log(broker, partition) else { continue };
            if log.log_end_offset() < *end {
                *end = log.log_end_offset();
                self.unflushed.insert(partition.clone(), event);
            }
        }
    }

    fn forget(&mut self, topic: &TopicName) {
        self.unclean.retain(|partition, _| partition.topic != *topic);
        self.unflushed.retain(|partition, _| partition.topic != *topic);
        self.roles.retain(|(_, partition), _| partition.topic != *topic);
        self.ends.retain(|(_, partition), _| partition.topic != *topic);
        self.lost_unflushed.retain(|(_, partition), _| partition.topic != *topic);
    }
}
