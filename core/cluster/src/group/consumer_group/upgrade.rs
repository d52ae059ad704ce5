//! A group of the classic protocol goes over to the consumer protocol when the first member comes that
//! speaks it (KIP-848, `group.consumer.migration.policy`).

use std::collections::BTreeSet;

use kafka_protocol::ResponseError;

use crate::consumer::GroupProtocol;
use crate::consumer::protocol::{
    PROTOCOL_TYPE, decode_assignment, decode_subscription, has_assignment_user_data,
};
use crate::event::EventKind;
use crate::group::classic_group::Group;
use crate::group::consumer_group::change::Change;
use crate::group::consumer_group::{
    Assigned, ClassicSide, ConsumerGroup, ConsumerMember, ConsumerRecord, Refused, refuse,
    without_epochs,
};
use crate::group::member::{Member, millis};
use crate::group::records::GroupRecord;
use crate::group::turn::Turn;
use crate::metadata::MetadataImage;

impl Group {
    /// The change by which the group goes over, with what is to be written before it. Its members keep
    /// their ids, and what they were assigned last is what they have and what they are to have.
    pub(super) fn upgrade(
        &self,
        turn: &Turn<'_, '_>,
    ) -> Result<(Change, Vec<GroupRecord>), Refused> {
        self.check_upgrade(turn)?;
        let image = turn.log.image();
        let mut next = ConsumerGroup::new();
        next.epoch = self.generation;
        next.assignment_epoch = self.generation;
        for member in self.members.values() {
            let member = self.upgraded(member, image)?;
            next.target.insert(member.id.clone(), without_epochs(&member.assigned));
            next.members.insert(member.id.clone(), member);
        }
        next.metadata_hash = next.subscribed_topics_hash(image);
        let mut change = Change::to(self.id.clone(), next);
        change.tell(EventKind::GroupProtocolChanged {
            group: self.id.clone(),
            to: GroupProtocol::Consumer,
            generation: self.generation,
        });
        change.write_all(change.next.all_records());
        let tombstone = GroupRecord::Group { group: self.id.clone(), value: None };
        Ok((change, vec![tombstone]))
    }

    /// The classic protocol's side of the group ends: whoever waits in it is to join again.
    pub(super) fn end_classic_side(&mut self, turn: &mut Turn<'_, '_>) {
        self.drop_all(turn.ctx, ResponseError::RebalanceInProgress);
        self.members.clear();
        self.static_members.clear();
        self.pending_members.clear();
        self.pending_sync.clear();
        self.leader = None;
        self.rebalance_timer = None;
        self.new_member_added = false;
    }

    fn check_upgrade(&self, turn: &Turn<'_, '_>) -> Result<(), Refused> {
        if !turn.may_upgrade() {
            return self.cannot_upgrade("online upgrade is disabled");
        }
        if self.protocol_type.as_deref() != Some(PROTOCOL_TYPE) {
            return self.cannot_upgrade("the group does not use the consumer embedded protocol");
        }
        if self.members.len() as i64 > turn.config().group_consumer_max_size {
            return self.cannot_upgrade("the group size exceeds the consumer group maximum size");
        }
        Ok(())
    }

    fn upgraded(&self, member: &Member, image: &MetadataImage) -> Result<ConsumerMember, Refused> {
        let malformed = || self.cannot_upgrade("the embedded consumer protocol is malformed");
        // A group that prepares its first generation has chosen no assignor yet.
        let chosen = self.protocol.as_deref().filter(|name| member.supports(name));
        let protocol = chosen.or_else(|| member.protocols.first().map(|(name, _)| &**name));
        let subscription = protocol.map(|name| member.subscription(name));
        let Some(subscription) = subscription.as_ref().and_then(decode_subscription) else {
            return malformed();
        };
        if has_assignment_user_data(&member.assignment) {
            return self.cannot_upgrade(
                "an unsupported custom assignor is in use. Please refer to the documentation or \
                 switch to a default assignor before re-attempting the upgrade",
            );
        }
        let Some(assignment) = decode_assignment(&member.assignment) else { return malformed() };
        let mut assigned = Assigned::new();
        for partition in &assignment {
            if let Some(topic) = image.topics.get(&partition.topic) {
                let own = assigned.entry(topic.id).or_default();
                own.insert(partition.partition.0, self.generation);
            }
        }
        Ok(ConsumerMember {
            instance: member.instance.clone(),
            rack: subscription.rack,
            client_id: member.client_id.clone(),
            rebalance_timeout_ms: millis(member.rebalance_timeout),
            topics: subscription.topics.into_iter().collect::<BTreeSet<_>>(),
            epoch: self.generation,
            previous_epoch: self.generation,
            assigned,
            classic: Some(ClassicSide {
                session_timeout_ms: millis(member.session_timeout),
                protocols: member.protocols.clone(),
            }),
            ..ConsumerMember::new(member.id.clone(), member.client)
        })
    }

    fn cannot_upgrade<T>(&self, why: &str) -> Result<T, Refused> {
        let message =
            format!("Cannot upgrade classic group {} to consumer group because {why}.", self.id);
        refuse(ResponseError::GroupIdNotFound, message)
    }
}

impl ConsumerGroup {
    /// The records that tell of the group as a whole, in Kafka's order.
    fn all_records(&self) -> Vec<ConsumerRecord> {
        let members = self.members.values().map(ConsumerRecord::member);
        let targets = self.target.iter();
        let targets =
            targets.map(|(id, own)| ConsumerRecord::Target(id.clone(), Some(own.clone())));
        members
            .chain([ConsumerRecord::epoch(self)])
            .chain(targets)
            .chain([ConsumerRecord::assignment(self)])
            .chain(self.members.values().map(ConsumerRecord::current))
            .collect()
    }
}
