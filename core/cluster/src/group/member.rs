//! A member of a group.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use kafka_protocol::messages::JoinGroupRequest;

use crate::group::identity;
use crate::group::records::MemberMetadata;
use crate::ids::{MemberId, NodeId, TimerId};
use crate::input::ReplyTo;
use crate::time::Span;

/// A member of a group.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) id: MemberId,
    /// Its `group.instance.id`, if it is a static member.
    pub(super) instance: Option<Arc<str>>,
    pub(super) client_id: Arc<str>,
    pub(super) client: NodeId,
    pub(super) rebalance_timeout: Span,
    pub(super) session_timeout: Span,
    /// The assignors that it can use, the preferred one first, each with its subscription.
    pub(super) protocols: Vec<(Arc<str>, Bytes)>,
    pub(super) assignment: Bytes,
    /// Whether it has yet to see its first generation: until then it sends no heartbeats.
    pub(super) is_new: bool,
    /// Its JoinGroup, while it waits for the others.
    pub(super) awaiting_join: Option<ReplyTo>,
    /// Its SyncGroup, while it waits for the assignment.
    pub(super) awaiting_sync: Option<ReplyTo>,
    pub(super) session_timer: Option<TimerId>,
}

impl Member {
    /// A member that has just joined.
    pub(super) fn new(
        id: MemberId,
        client_id: Arc<str>,
        reply: ReplyTo,
        request: &JoinGroupRequest,
    ) -> Self {
        Self {
            id,
            instance: request.group_instance_id.as_deref().map(Arc::from),
            client_id,
            client: reply.node,
            rebalance_timeout: Span::from_millis(request.rebalance_timeout_ms.into()),
            session_timeout: Span::from_millis(request.session_timeout_ms.into()),
            protocols: protocols(request),
            assignment: Bytes::new(),
            is_new: true,
            awaiting_join: Some(reply),
            awaiting_sync: None,
            session_timer: None,
        }
    }

    /// A member as the log tells of it.
    pub(super) fn loaded(metadata: &MemberMetadata, protocol: Option<&Arc<str>>) -> Self {
        // Before version 1 of the record, a member's rebalance timeout was its session timeout.
        let rebalance_timeout_ms = match metadata.rebalance_timeout_ms {
            -1 => metadata.session_timeout_ms,
            given => given,
        };
        let protocol = protocol.map(|name| (name.clone(), metadata.subscription.clone()));
        Self {
            id: metadata.id.clone(),
            instance: metadata.instance.clone(),
            client_id: metadata.client_id.clone(),
            client: identity::node_of_host(&metadata.client_host),
            rebalance_timeout: Span::from_millis(rebalance_timeout_ms.into()),
            session_timeout: Span::from_millis(metadata.session_timeout_ms.into()),
            protocols: protocol.into_iter().collect(),
            assignment: metadata.assignment.clone(),
            is_new: false,
            awaiting_join: None,
            awaiting_sync: None,
            session_timer: None,
        }
    }

    /// What the log is to tell of the member.
    pub(super) fn metadata(&self, protocol: &str, assignment: Bytes) -> MemberMetadata {
        MemberMetadata {
            id: self.id.clone(),
            instance: self.instance.clone(),
            client_id: self.client_id.clone(),
            client_host: identity::host_of_node(self.client),
            rebalance_timeout_ms: millis(self.rebalance_timeout),
            session_timeout_ms: millis(self.session_timeout),
            subscription: self.subscription(protocol),
            assignment,
        }
    }

    /// Takes over what a member says as it joins again.
    pub(super) fn update(&mut self, reply: ReplyTo, request: &JoinGroupRequest) {
        self.client = reply.node;
        self.rebalance_timeout = Span::from_millis(request.rebalance_timeout_ms.into());
        self.session_timeout = Span::from_millis(request.session_timeout_ms.into());
        self.protocols = protocols(request);
        self.awaiting_join = Some(reply);
    }

    /// Whether it joins again with what the group knows of it already.
    pub(super) fn matches(&self, request: &JoinGroupRequest) -> bool {
        self.protocols == protocols(request)
    }

    /// What it subscribed to under the assignor `protocol`.
    pub(super) fn subscription(&self, protocol: &str) -> Bytes {
        let own = self.protocols.iter().find(|(name, _)| &**name == protocol);
        own.map(|(_, subscription)| subscription.clone()).unwrap_or_default()
    }

    /// The assignor that it prefers among `candidates`.
    pub(super) fn vote<'a>(&'a self, candidates: &BTreeSet<&'a str>) -> Option<&'a str> {
        self.protocols.iter().map(|(name, _)| &**name).find(|name| candidates.contains(name))
    }

    pub(super) fn supports(&self, protocol: &str) -> bool {
        self.protocols.iter().any(|(name, _)| &**name == protocol)
    }

    /// Whether its session goes on without a heartbeat, since a request of it is being held.
    pub(super) fn has_satisfied_heartbeat(&self) -> bool {
        // A new member may expire even while its JoinGroup is held: nobody else would notice that it
        // is gone.
        !self.is_new && (self.awaiting_join.is_some() || self.awaiting_sync.is_some())
    }
}

fn protocols(request: &JoinGroupRequest) -> Vec<(Arc<str>, Bytes)> {
    let protocol =
        |given: &kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol| {
            (Arc::from(given.name.as_str()), given.metadata.clone())
        };
    request.protocols.iter().map(protocol).collect()
}

/// A timeout as requests and records carry it.
pub(super) fn millis(span: Span) -> i32 {
    i32::try_from(span.millis()).expect("the timeout came as 32 bits")
}
