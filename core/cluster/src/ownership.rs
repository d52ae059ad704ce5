//! Who reads what in a consumer group, and what moves between its members while it rebalances:
//! what the coordinator has given, held against what the consumers themselves own.

use std::collections::BTreeMap;

use crate::event::GroupState;
use crate::ids::{ClientId, GroupId, NodeId, TopicPartition};
use crate::view::{ClusterView, ConsumerView, GroupView};

/// A partition of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Which partition.
    pub partition: TopicPartition,
    /// The clients that own it by their own account. More than one is what the protocols are to prevent:
    /// one of them does not know yet that it has lost it.
    pub owners: Vec<ClientId>,
    /// The member that the coordinator gave it to.
    pub given: Option<ClientId>,
    /// Whether that is in force. While a group of the classic protocol joins, what was given is of the
    /// generation before, and nobody knows what comes.
    pub is_decided: bool,
}

/// What a partition is to a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// It owns it, and nothing says that it will not.
    Keeps,
    /// It owns it and is to give it up.
    Leaves,
    /// It is to have it and does not own it yet.
    Comes,
    /// It owned it in the generation before, and gave it up to join the next.
    GivenUp,
}

impl Holding {
    /// What the partition is to a client; none if it has nothing to do with it.
    pub fn fate(&self, client: ClientId) -> Option<Fate> {
        let is_given = self.given == Some(client);
        match (self.owners.contains(&client), is_given) {
            (true, true) => Some(Fate::Keeps),
            (true, false) if self.is_decided => Some(Fate::Leaves),
            (true, false) => Some(Fate::Keeps),
            (false, true) if self.is_decided => Some(Fate::Comes),
            (false, true) => Some(Fate::GivenUp),
            (false, false) => None,
        }
    }

    /// Whether it is not where it is to be.
    pub fn moves(&self) -> bool {
        let clients = self.owners.iter().copied().chain(self.given);
        clients.into_iter().any(|client| self.fate(client) != Some(Fate::Keeps))
    }
}

/// The partitions of a group, in order; none of a group that nobody knows.
pub fn holdings(view: &ClusterView, group: &GroupId) -> Vec<Holding> {
    let known = view.groups.iter().find(|known| known.id == *group);
    let is_joining = |group: &GroupView| {
        matches!(group.state, GroupState::PreparingRebalance | GroupState::CompletingRebalance)
    };
    let given = known.map(given).unwrap_or_default();
    holdings_of(&owned(view, group, known), &given, !known.is_some_and(is_joining))
}

/// What each member of a group was given, or is to have in the end.
fn given(group: &GroupView) -> Vec<(ClientId, Vec<TopicPartition>)> {
    let members = group.members.iter().filter_map(|member| {
        let NodeId::Client(client) = member.client else { return None };
        let given = match &member.reconciliation {
            Some(way) => &way.target,
            None => &member.assignment,
        };
        Some((client, given.clone()))
    });
    members.collect()
}

/// What each client of a group owns by its own account; by the coordinator's, where the client is not
/// one of the world's own.
fn owned(
    view: &ClusterView,
    group: &GroupId,
    known: Option<&GroupView>,
) -> Vec<(ClientId, Vec<TopicPartition>)> {
    let apps = view.apps.iter().filter(|app| !app.is_closed).map(|app| (app.client, &app.consumer));
    let own: Vec<(ClientId, &ConsumerView)> = view
        .consumers
        .iter()
        .map(|consumer| (consumer.client, consumer))
        .chain(apps)
        .filter(|(_, consumer)| consumer.group == *group && !consumer.is_closed)
        .collect();
    let mut owned: Vec<(ClientId, Vec<TopicPartition>)> = own
        .iter()
        .map(|(client, consumer)| {
            let partitions = consumer.assignment.iter().map(|owned| owned.partition.clone());
            (*client, partitions.collect())
        })
        .collect();
    let is_own = |client: ClientId| {
        view.consumers.iter().any(|known| known.client == client)
            || view.apps.iter().any(|known| known.client == client)
    };
    for member in known.iter().flat_map(|group| &group.members) {
        if let NodeId::Client(client) = member.client
            && !is_own(client)
        {
            owned.push((client, member.assignment.clone()));
        }
    }
    owned
}

fn holdings_of(
    owned: &[(ClientId, Vec<TopicPartition>)],
    given: &[(ClientId, Vec<TopicPartition>)],
    is_decided: bool,
) -> Vec<Holding> {
    let mut found: BTreeMap<TopicPartition, (Vec<ClientId>, Option<ClientId>)> = BTreeMap::new();
    for (client, partitions) in owned {
        for partition in partitions {
            found.entry(partition.clone()).or_default().0.push(*client);
        }
    }
    for (client, partitions) in given {
        for partition in partitions {
            found.entry(partition.clone()).or_default().1 = Some(*client);
        }
    }
    let holdings = found.into_iter().map(|(partition, (owners, given))| Holding {
        partition,
        owners,
        given,
        is_decided,
    });
    holdings.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TopicName;

    const A: ClientId = ClientId(1);
    const B: ClientId = ClientId(2);

    fn check(
        owned: &[(ClientId, i32)],
        given: &[(ClientId, i32)],
        is_decided: bool,
        expect: &[(ClientId, Fate)],
    ) {
        let topic = TopicName::from("orders");
        let of = |all: &[(ClientId, i32)]| -> Vec<(ClientId, Vec<TopicPartition>)> {
            let named = |(client, index): &(ClientId, i32)| {
                (*client, vec![TopicPartition::new(&topic, *index)])
            };
            all.iter().map(named).collect()
        };
        let holdings = holdings_of(&of(owned), &of(given), is_decided);
        let mut fates = Vec::new();
        for holding in &holdings {
            for client in [A, B] {
                fates.extend(holding.fate(client).map(|fate| (client, fate)));
            }
        }
        assert_eq!(fates, expect, "owned {owned:?}, given {given:?}, decided {is_decided}");
        let moves = expect.iter().any(|(_, fate)| *fate != Fate::Keeps);
        assert_eq!(holdings.iter().any(Holding::moves), moves);
    }

    #[test]
    fn what_moves_is_told_from_what_stays() {
        check(&[(A, 0)], &[(A, 0)], true, &[(A, Fate::Keeps)]);
        check(&[(A, 0)], &[(B, 0)], true, &[(A, Fate::Leaves), (B, Fate::Comes)]);
        check(&[], &[(B, 0)], true, &[(B, Fate::Comes)]);
        check(&[(A, 0)], &[], true, &[(A, Fate::Leaves)]);
        // While members join, the assignment of the generation before says nothing of what comes.
        check(&[], &[(A, 0)], false, &[(A, Fate::GivenUp)]);
        check(&[(A, 0)], &[(A, 0)], false, &[(A, Fate::Keeps)]);
        // One that was dropped from the group does not know it yet.
        check(&[(A, 0), (B, 0)], &[(B, 0)], true, &[(A, Fate::Leaves), (B, Fate::Keeps)]);
    }
}
