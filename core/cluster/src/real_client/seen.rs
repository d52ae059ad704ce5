//! What can be seen of connections: which of them belong to one client.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::RealClient;
use crate::ids::{ClientId, GroupId, NodeId, TopicId, TopicPartition};
use crate::view::{ClusterView, ConnectionView, RealClientView, TopicView};

/// A connection, with what tells whose it is.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    name: Option<Arc<str>>,
    software: Option<Arc<str>>,
    fetched: BTreeSet<(TopicId, i32)>,
    view: ConnectionView,
}

impl RealClient {
    /// What can be seen of it, as the connection of that number.
    #[inline(never)]
    pub(crate) fn seen(&self, client: ClientId) -> Seen {
        Seen {
            name: self.client_id.clone(),
            software: self.software.clone(),
            fetched: self.tally.fetched.clone(),
            view: ConnectionView {
                client,
                broker: self.broker,
                waits_for: self.under_way.as_ref().map(|under_way| under_way.api),
                records_produced: self.tally.records_produced,
                records_fetched: self.tally.records_fetched,
            },
        }
    }
}

/// A member of a group of whatever kind.
#[derive(Clone, Copy)]
struct Member<'a> {
    group: &'a GroupId,
    client: NodeId,
    assignment: &'a [TopicPartition],
}

/// The clients whose connections these are, in the order of those. One that has asked nothing yet is nobody's.
#[inline(never)]
pub(crate) fn clients(connections: Vec<Seen>, view: &ClusterView) -> Vec<RealClientView> {
    let topics = &view.topics;
    let of_groups = view.groups.iter().flat_map(|group| {
        let members = group.members.iter();
        members.map(|it| Member { group: &group.id, client: it.client, assignment: &it.assignment })
    });
    let of_shares = view.share_groups.iter().flat_map(|group| {
        let members = group.members.iter();
        members.map(|it| Member { group: &group.id, client: it.client, assignment: &it.assignment })
    });
    let all: Vec<Member<'_>> = of_groups.chain(of_shares).collect();
    let mut clients: Vec<(RealClientView, Option<Member<'_>>)> = Vec::new();
    let member_of = |client: ClientId| {
        all.iter().copied().find(|member| member.client == NodeId::Client(client))
    };
    // Members first: the other connections are looked for among them.
    let (members, others): (Vec<Seen>, Vec<Seen>) =
        connections.into_iter().partition(|seen| member_of(seen.view.client).is_some());
    for seen in members {
        let found = member_of(seen.view.client);
        let group = found.map(|member| member.group.clone());
        clients.extend(seen.into_client(group).map(|client| (client, found)));
    }
    for seen in others {
        let Some(name) = &seen.name else { continue };
        let of_same_name = |client: &RealClientView| client.name == *name;
        let reads_same = |member: Member<'_>| {
            member.assignment.iter().any(|partition| seen.fetches(partition, topics))
        };
        let place = clients
            .iter()
            .position(|(client, member)| of_same_name(client) && member.is_some_and(reads_same))
            .or_else(|| clients.iter().position(|(client, _)| of_same_name(client)));
        match place {
            Some(place) => clients[place].0.take_in(seen),
            None => clients.extend(seen.into_client(None).map(|client| (client, None))),
        }
    }
    let mut clients: Vec<RealClientView> = clients.into_iter().map(|(client, _)| client).collect();
    clients.sort_by_key(|client| client.client);
    clients
}

impl Seen {
    fn into_client(self, group: Option<GroupId>) -> Option<RealClientView> {
        Some(RealClientView {
            client: self.view.client,
            name: self.name?,
            software: self.software,
            group,
            connections: vec![self.view],
        })
    }

    fn fetches(&self, partition: &TopicPartition, topics: &[TopicView]) -> bool {
        let topic = topics.iter().find(|topic| topic.name == partition.topic);
        topic.is_some_and(|topic| self.fetched.contains(&(topic.id, partition.partition.0)))
    }
}

impl RealClientView {
    fn take_in(&mut self, seen: Seen) {
        self.software = self.software.take().or(seen.software);
        self.connections.push(seen.view);
        self.connections.sort_by_key(|connection| connection.client);
    }
}
