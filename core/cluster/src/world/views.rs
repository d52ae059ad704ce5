//! What can be seen of the world.

use highwater_log::{CleanerPass, Log, Offset};

use crate::broker::Broker;
use crate::configs::definition::topic_config;
use crate::ids::{BrokerId, ControllerId, MessageId, NodeId, TopicId, TopicName, TopicPartition};
use crate::message::{Body, Message, Request, Response};
use crate::metadata::MetadataImage;
use crate::node::Node;
use crate::remote::store::RemoteObject;
use crate::remote::{RemoteSegment, RemoteSegmentId};
use crate::view::{ClusterView, ConsumerView, MessageView, PositionView, QuotaView};
use crate::world::World;

impl World {
    /// The whole cluster as it is now.
    pub fn view(&self) -> ClusterView {
        let mut view = ClusterView {
            at: self.now,
            cut_links: self.network.cuts().collect(),
            link_faults: self.network.link_views(),
            ..ClusterView::default()
        };
        #[cfg(feature = "real-clients")]
        let mut connections = Vec::new();
        let mut share_partitions = Vec::new();
        for (id, slot) in &self.nodes {
            let node = slot.node.as_deref().expect("no node handles an input while it is viewed");
            match (id, node) {
                (_, Node::Controller(controller)) => {
                    view.controllers.push(controller.view(slot.is_running));
                }
                (_, Node::Broker(broker)) => {
                    view.brokers.push(broker.view(slot.is_running));
                    view.remote.is_enabled |= broker.has_tiers();
                }
                (NodeId::Client(client), Node::Producer(producer)) => {
                    view.producers.push(producer.view(*client));
                }
                (NodeId::Client(client), Node::Consumer(consumer)) => {
                    view.consumers.push(consumer.view(*client, slot.is_running));
                }
                (NodeId::Client(client), Node::ShareConsumer(consumer)) => {
                    view.share_consumers.push(consumer.view(*client, slot.is_running));
                }
                (NodeId::Client(client), Node::Forwarder(forwarder)) => {
                    view.consumers.push(forwarder.view(*client, slot.is_running));
                }
                (NodeId::Client(client), Node::Application(application)) => {
                    let mut seen = application.view(*client, slot.is_running);
                    seen.lag = self.lag(&seen.consumer);
                    view.apps.push(seen);
                }
                // Those of commands that have ended are of no interest any more.
                (NodeId::Client(client), Node::Process(program)) if slot.is_running => {
                    let consumer = program.consumer();
                    view.consumers.extend(consumer.map(|consumer| consumer.view(*client, true)));
                    let share = program.share_consumer();
                    view.share_consumers.extend(share.map(|share| share.view(*client, true)));
                    let producer = program.producer();
                    view.producers.extend(producer.map(|producer| producer.view(*client)));
                    #[cfg(feature = "real-clients")]
                    connections.extend(program.connection().map(|it| it.seen(*client)));
                }
                _ => {}
            }
            if slot.is_running
                && let (NodeId::Client(client), Some(principal)) = (id, node.principal())
            {
                view.principals.insert(*client, principal);
            }
            if let Node::Broker(broker) = node
                && slot.is_running
            {
                view.authorizer = view.authorizer.or_else(|| broker.authorizer().cloned());
                view.groups.extend(broker.group_views());
                view.transactions.extend(broker.transaction_views());
                view.throttled.extend(broker.throttle_views(self.now));
                view.share_groups.extend(broker.share_group_views());
                share_partitions.extend(broker.share_partition_views());
                view.remote.partitions.extend(broker.remote_views());
            }
        }
        view.groups.sort_by(|a, b| a.id.cmp(&b.id));
        view.transactions.sort_by(|a, b| a.id.cmp(&b.id));
        view.share_groups.sort_by(|a, b| a.id.cmp(&b.id));
        share_partitions.sort_by(|a, b| a.partition.cmp(&b.partition));
        for group in &mut view.share_groups {
            let own = share_partitions.iter().filter(|one| one.group == group.id);
            group.partitions = own.cloned().collect();
        }
        self.add_remote_store(&mut view);
        self.add_what_the_controller_knows(&mut view);
        self.add_faults(&mut view);
        self.count_messages(&mut view);
        #[cfg(feature = "real-clients")]
        if !connections.is_empty() {
            view.real_clients = crate::real_client::clients(connections, &view);
        }
        view
    }

    /// The objects of the remote store, by id (KIP-405).
    pub fn remote_objects(&self) -> impl Iterator<Item = (RemoteSegmentId, &RemoteObject)> {
        self.remote_store.objects()
    }

    /// The remote segments of a partition as a broker with a replica of it knows them, in order of their offsets.
    pub fn remote_segments(
        &self,
        broker: BrokerId,
        partition: &TopicPartition,
    ) -> Vec<&RemoteSegment> {
        self.broker(broker).map_or_else(Vec::new, |broker| broker.remote_segments(partition))
    }

    fn add_remote_store(&self, view: &mut ClusterView) {
        let remote = &mut view.remote;
        remote.partitions.sort_by(|a, b| a.partition.cmp(&b.partition));
        remote.has_failed = self.remote_store.has_failed();
        remote.objects = self.remote_objects().count() as u32;
        remote.log_bytes = self.remote_objects().map(|(_, object)| object.log_bytes()).sum();
    }

    /// What can be seen of the message of that id, while it is under way.
    pub fn message_view(&self, id: MessageId) -> Option<MessageView> {
        let message = self.messages.get(&id)?;
        let named = |id: TopicId| self.newest_image()?.topic_by_id(id);
        let names = |id: TopicId| named(id).map(|(name, _)| name.clone());
        Some(MessageView {
            id: message.id,
            from: message.from,
            to: message.to,
            api: message.body.api_key(),
            api_version: message.body.api_version(),
            correlation_id: message.correlation_id,
            is_response: message.body.is_response(),
            is_refusal: message.body.is_refusal(),
            size_bytes: message.size_bytes,
            sent_at: message.sent_at,
            deliver_at: message.deliver_at,
            partitions: message.body.partitions(&names),
            is_lost: self.is_lost(message),
        })
    }

    /// How many messages were sent and have not been handled.
    pub fn message_count(&self) -> usize {
        self.messages.len()
    }

    /// The messages under way, in the order of their sending. What has arrived at a process that stands still is not.
    pub fn messages_under_way(&self) -> impl Iterator<Item = MessageId> {
        self.under_way().map(|message| message.id)
    }

    fn under_way(&self) -> impl Iterator<Item = &Message> {
        self.in_flight().filter(|message| !self.waits_for_paused(message))
    }

    /// All of them are counted and none is told whole: there are thousands.
    fn count_messages(&self, view: &mut ClusterView) {
        for message in self.under_way() {
            view.messages_under_way += 1;
            let (NodeId::Broker(to), false) = (message.to, message.body.is_response()) else {
                continue;
            };
            if let Some(broker) = view.brokers.iter_mut().find(|broker| broker.id == to) {
                broker.requests_under_way += 1;
            }
        }
    }

    /// The message of that id, while it is under way.
    pub fn message(&self, id: MessageId) -> Option<&Message> {
        self.messages.get(&id)
    }

    /// How many committed records lie before a consumer; none while a position is not known.
    fn lag(&self, consumer: &ConsumerView) -> Option<u64> {
        let behind = |own: &PositionView| {
            let leader = self.registration(&own.partition)?.leader?;
            let end = self.log(leader, &own.partition)?.high_watermark();
            u64::try_from(end.0 - own.position?.0).ok()
        };
        consumer.assignment.iter().map(behind).sum()
    }

    fn add_faults(&self, view: &mut ClusterView) {
        for broker in &mut view.brokers {
            let node = NodeId::Broker(broker.id);
            let waiting = self.pauses.waiting(node);
            broker.is_paused = waiting.is_some();
            broker.waiting_for_resume = waiting.unwrap_or(0) as u32;
            broker.clock_skew_ms = self.clock_skew_ms(node);
            broker.is_hidden = self.is_hidden(broker.id);
        }
    }

    /// Whether a message has arrived, and its receiver stands still.
    fn waits_for_paused(&self, message: &Message) -> bool {
        message.deliver_at < self.now
            && self.pauses.waiting(self.network.host(message.to)).is_some()
    }

    fn add_what_the_controller_knows(&self, view: &mut ClusterView) {
        let Some(image) = self.newest_image() else { return };
        let limited = image.client_quotas.iter();
        let seen = limited
            .map(|(entity, quotas)| QuotaView { entity: entity.clone(), quotas: quotas.clone() });
        view.quotas = seen.collect();
        view.acls = image.acls.values().cloned().collect();
        view.acls.sort();
        view.topics = image.topic_views(self.default_min_insync_replicas(image));
        for broker in &mut view.brokers {
            if let Some(registration) = image.brokers.get(&broker.id) {
                broker.is_fenced = registration.fenced;
                broker.epoch = Some(registration.epoch);
            }
            for replica in &mut broker.replicas {
                let partition = image.partition(&replica.partition);
                replica.in_sync =
                    partition.is_some_and(|partition| partition.isr.contains(&broker.id));
            }
        }
    }

    /// The metadata as the active controller knows it. Without one, as whoever knows most of it.
    fn newest_image(&self) -> Option<&MetadataImage> {
        let running = self.nodes.values().filter(|slot| slot.is_running);
        let controllers = running.filter_map(|slot| match slot.node.as_deref() {
            Some(Node::Controller(controller)) => Some(controller),
            _ => None,
        });
        // One that was cut off may still think that it is active: the later epoch counts.
        let known = controllers.map(|controller| {
            let image = controller.image();
            ((controller.is_active(), controller.quorum().epoch(), image.end_offset), image)
        });
        let newest = known.max_by_key(|(place, _)| *place).map(|(_, image)| image);
        newest
            .filter(|image| image.end_offset > Offset(0))
            .or_else(|| self.brokers().map(Broker::image).max_by_key(|image| image.end_offset))
    }

    /// The controllers, with what they have of the metadata log.
    pub fn metadata_logs(&self) -> impl Iterator<Item = (ControllerId, Offset, &Log)> {
        self.nodes.values().filter_map(|slot| match slot.node.as_deref() {
            Some(Node::Controller(controller)) => {
                let quorum = controller.quorum();
                Some((quorum.id(), quorum.high_watermark(), quorum.log()))
            }
            _ => None,
        })
    }

    /// `min.insync.replicas` of the brokers, for topics that do not set it.
    fn default_min_insync_replicas(&self, image: &MetadataImage) -> u32 {
        let layers = image.broker_layers(None, &self.spec.configs);
        let config = topic_config("min.insync.replicas").expect("Kafka has this setting");
        layers.topic_default(&config).parse().unwrap_or(1)
    }

    /// The logs of all brokers, in order of broker and partition.
    pub fn logs(&self) -> impl Iterator<Item = (BrokerId, &TopicPartition, &Log)> {
        self.brokers()
            .flat_map(|broker| broker.logs().map(|(partition, log)| (broker.id(), partition, log)))
    }

    /// The log of a partition on a broker's disk.
    pub fn log(&self, broker: BrokerId, partition: &TopicPartition) -> Option<&Log> {
        self.broker(broker)?.log(partition)
    }

    /// What the last pass of the cleaner over a log of a broker did, since the broker started.
    pub fn last_cleaning(
        &self,
        broker: BrokerId,
        partition: &TopicPartition,
    ) -> Option<&CleanerPass> {
        self.brokers().find(|candidate| candidate.id() == broker)?.last_cleaning(partition)
    }

    fn brokers(&self) -> impl Iterator<Item = &Broker> {
        self.nodes.values().filter_map(|slot| match slot.node.as_deref() {
            Some(Node::Broker(broker)) => Some(broker),
            _ => None,
        })
    }
}

/// The partitions that a view of a message names at most: more could not be drawn.
const MOST_PARTITIONS: usize = 8;

impl Body {
    /// The partitions whose records it carries or asks for, the first few. Fetches name topics by
    /// their id (KIP-516): `names` knows them.
    fn partitions(&self, names: &dyn Fn(TopicId) -> Option<TopicName>) -> Vec<TopicPartition> {
        let mut found = Vec::new();
        let mut add = |topic: Option<TopicName>, indexes: &mut dyn Iterator<Item = i32>| {
            let Some(topic) = topic else { return };
            let room = MOST_PARTITIONS.saturating_sub(found.len());
            found.extend(indexes.take(room).map(|index| TopicPartition::new(&topic, index)));
        };
        match self {
            Body::Request(Request::Produce(body)) => {
                for topic in &body.topic_data {
                    let name = Some(TopicName::from(&**topic.name));
                    add(name, &mut topic.partition_data.iter().map(|data| data.index));
                }
            }
            Body::Response(Response::Produce(body)) => {
                for topic in &body.responses {
                    let name = Some(TopicName::from(&**topic.name));
                    add(name, &mut topic.partition_responses.iter().map(|data| data.index));
                }
            }
            Body::Request(Request::Fetch(body)) => {
                for topic in &body.topics {
                    let name = names(TopicId(topic.topic_id.as_u128()));
                    add(name, &mut topic.partitions.iter().map(|data| data.partition));
                }
            }
            Body::Response(Response::Fetch(body)) => {
                for topic in &body.responses {
                    let name = names(TopicId(topic.topic_id.as_u128()));
                    add(name, &mut topic.partitions.iter().map(|data| data.partition_index));
                }
            }
            _ => {}
        }
        found
    }
}
