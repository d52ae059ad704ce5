//! The sessions of share consumers with this leader, and what becomes of their records when one ends.

use kafka_protocol::messages::GroupId as KafkaGroupId;
use kafka_protocol::protocol::StrBytes;

use crate::broker::Broker;
use crate::broker::share::persister::Then;
use crate::ctx::Ctx;
use crate::ids::{GroupId, MemberId, NodeId, TopicPartition};
use crate::share::partition::WriteId;
use crate::share::session::SessionKey;

/// Whose session a request belongs to.
pub(super) fn key(group: Option<&KafkaGroupId>, member: Option<&StrBytes>) -> SessionKey {
    let group = group.map_or("", |group| group.as_str());
    (GroupId::from(group), MemberId::from(member.map_or("", |member| member.as_str())))
}

impl Broker {
    /// A session is over: what its member holds goes to others. It can hardly have worked on it, so the
    /// delivery does not count.
    pub(super) fn end_share_session(&mut self, ctx: &mut Ctx<'_>, key: &SessionKey) {
        let Some(session) = self.process.shares.sessions.remove(key) else { return };
        for (topic, index) in session.partitions {
            let Some((topic, _)) = self.process.image.topic_by_id(topic) else { continue };
            let name = (key.0.clone(), TopicPartition::new(topic, index));
            let write = WriteId(self.process.shares.next_id());
            let released = self.with_share(ctx, &name, |it| it.release_all(&key.1, write));
            if let Some(batches) = released.filter(|batches| !batches.is_empty()) {
                self.write_share(ctx, &name, write, batches, Then::Settle(name.clone(), write));
            }
        }
        self.forget_idle_shares(ctx, &key.0);
    }

    /// Once no member of a group has a session here, and what was said is written down, its share partitions
    /// are forgotten: by the next fetch an administrator may have set them back (`ShareGroupListener.onGroupEmpty`).
    pub(super) fn forget_idle_shares(&mut self, ctx: &mut Ctx<'_>, group: &GroupId) {
        if self.process.shares.sessions.has_group(group) {
            return;
        }
        for name in self.process.shares.idle_of_group(group) {
            self.drop_share(ctx, &name);
        }
    }

    /// Whether a client has a session: then its end is felt here.
    pub(crate) fn has_share_session(&self, client: NodeId) -> bool {
        !self.process.shares.sessions.of_client(client).is_empty()
    }

    /// The connection with a client is gone, and with it its sessions (`ConnectionDisconnectListener`).
    pub(in crate::broker) fn client_gone(&mut self, ctx: &mut Ctx<'_>, client: NodeId) {
        self.forget_share_requests(ctx, client);
        for key in self.process.shares.sessions.of_client(client) {
            self.end_share_session(ctx, &key);
        }
    }
}
