//! What the checkers look at: the nodes' own state, not a view made for the screen.

use std::borrow::Cow;

use highwater_log::{LeaderEpoch, Log};

use crate::broker::Broker;
use crate::controller::Controller;
use crate::group::partition_for;
use crate::ids::{BrokerId, ControllerId, EventId, GroupId, NodeId, TopicName, TopicPartition};
use crate::metadata::{MetadataImage, PartitionRegistration};
use crate::node::Node;
use crate::remote::RemoteSegmentId;
use crate::remote::store::RemoteObject;
use crate::world::{Due, World};

/// The topic that holds the groups and their offsets.
const OFFSETS_TOPIC: &str = "__consumer_offsets";

impl World {
    /// How many events there have been.
    pub fn event_count(&self) -> u64 {
        self.next.event
    }

    /// The events that what is under way may name as its cause once it happens.
    pub fn causes_under_way(&self) -> impl Iterator<Item = EventId> {
        let due = self.queue.values().chain(self.pauses.all_waiting());
        due.filter_map(|due| match due {
            Due::Message(message) => self.messages.get(message)?.cause.event(),
            Due::Timer { set_by, .. } => *set_by,
            Due::Disconnect(_, cause)
            | Due::Resume { cause, .. }
            | Due::HungUp { cause, .. }
            | Due::Handed { cause, .. } => cause.event(),
        })
    }

    /// The metadata as the active controller knows it; of several that think themselves active, the
    /// one with the highest epoch.
    pub fn metadata(&self) -> Option<&MetadataImage> {
        let active = self.controller_nodes().filter(|controller| controller.is_active());
        active.max_by_key(|controller| controller.quorum().epoch()).map(Controller::image)
    }

    /// The metadata as a broker knows it.
    pub fn metadata_of(&self, broker: BrokerId) -> Option<&MetadataImage> {
        self.broker(broker).map(Broker::image)
    }

    /// A partition as the active controller has registered it.
    pub fn registration(&self, partition: &TopicPartition) -> Option<&PartitionRegistration> {
        self.metadata()?.partition(partition)
    }

    /// The controllers that think themselves active, each with the epoch in which it does.
    pub fn active_controllers(&self) -> impl Iterator<Item = (ControllerId, LeaderEpoch)> {
        let active = self.controller_nodes().filter(|controller| controller.is_active());
        active.map(|controller| (controller.quorum().id(), controller.quorum().epoch()))
    }

    /// The broker that coordinates a group, as far as the active controller knows.
    pub fn coordinator_of(&self, group: &GroupId) -> Option<BrokerId> {
        let topic = TopicName::from(OFFSETS_TOPIC);
        let count = self.metadata()?.topics.get(&topic)?.partitions.len();
        let index = partition_for(group.as_str(), i32::try_from(count).ok()?);
        self.registration(&TopicPartition::new(&topic, index))?.leader
    }

    /// Whether a broker's process runs.
    pub fn is_running(&self, broker: BrokerId) -> bool {
        self.nodes.get(&NodeId::Broker(broker)).is_some_and(|slot| slot.is_running)
    }

    /// Whether a broker takes connections from outside. A broker that starts opens its port when it knows all
    /// that the controller has decided, as Kafka's does: before, it would say that there are no topics.
    #[cfg(feature = "real-clients")]
    pub fn takes_connections(&self, broker: BrokerId) -> bool {
        self.is_running(broker) && self.broker(broker).is_some_and(Broker::has_caught_up)
    }

    /// The log of a partition on a broker's disk together with what is in the remote tier only (KIP-405), as far as the
    /// broker knows it.
    pub fn whole_log(&self, broker: BrokerId, partition: &TopicPartition) -> Option<Cow<'_, Log>> {
        self.broker(broker)?.whole_log(partition, &self.remote_store)
    }

    /// Whether a broker, as the leader of a partition, has taken over what is in the remote tier.
    pub fn looks_after_remote_log(&self, broker: BrokerId, partition: &TopicPartition) -> bool {
        self.broker(broker).is_some_and(|broker| broker.looks_after_remote_log(partition))
    }

    /// An object of the remote store.
    pub fn remote_object(&self, id: RemoteSegmentId) -> Option<&RemoteObject> {
        self.remote_store.peek(id)
    }

    pub(crate) fn broker(&self, id: BrokerId) -> Option<&Broker> {
        match self.nodes.get(&NodeId::Broker(id))?.node.as_deref()? {
            Node::Broker(broker) => Some(broker),
            _ => None,
        }
    }

    fn controller_nodes(&self) -> impl Iterator<Item = &Controller> {
        // In the order of the nodes, controllers come first.
        let nodes = self.nodes.range(..NodeId::Broker(BrokerId(i32::MIN)));
        nodes.filter_map(|(_, slot)| match slot.node.as_deref() {
            Some(Node::Controller(controller)) => Some(controller),
            _ => None,
        })
    }
}
