//! Who has to do with whom: while a group, a member, a producer or a partition is selected, the ways between
//! it and what it reads or writes are drawn.

use highwater_cluster::ids::{ClientId, GroupId, NodeId, TopicPartition};
use highwater_cluster::ownership::{Fate, Holding};
use highwater_cluster::view::ClusterView;
use leptos::prelude::*;

use super::Scene;
use super::ways;
use crate::subject::Subject;

/// The ties that can be told apart; more would be a carpet.
const MOST: usize = 48;

/// A line from a partition to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Tie {
    client: ClientId,
    partition: TopicPartition,
    fate: Fate,
}

/// The lines of what is selected.
#[component]
pub fn Ties() -> impl IntoView {
    let scene = expect_context::<Scene>();
    let ties = Memo::new(move |_| {
        let selected = scene.desk.selected.read();
        let Some(subject) = selected.as_ref() else { return Vec::new() };
        let holdings = scene.holdings.read();
        ties(subject, holdings.iter())
    });
    let lines = move || {
        let geometry = scene.geometry.read();
        let view = scene.desk.sim.standing.read();
        let mut drawn: Vec<AnyView> = Vec::new();
        for tie in ties.read().iter() {
            let Some(leader) = leader(&view, &tie.partition) else { continue };
            let (broker, client) = (NodeId::Broker(leader), NodeId::Client(tie.client));
            let way = ways::way(&geometry, broker, client, Some(&tie.partition), true);
            let Some(line) = ways::line(&way) else { continue };
            let class = if tie.fate == Fate::Keeps { "tie" } else { "tie moves" };
            drawn.push(view! { <path class=class d=line/> }.into_any());
        }
        drawn
    };
    view! { <g class="ties drawn" aria-hidden="true">{lines}</g> }.into_any()
}

/// What is to be tied to what. The same is said by the cards of the members.
fn ties<'a>(
    subject: &Subject,
    holdings: impl Iterator<Item = (&'a GroupId, &'a Vec<Holding>)>,
) -> Vec<Tie> {
    let mut ties = Vec::new();
    for (group, held) in holdings {
        for holding in held {
            for client in holding.owners.iter().copied().chain(holding.given) {
                let is_meant = match subject {
                    Subject::Group(id) => id == group,
                    Subject::Consumer(id) | Subject::App(id) | Subject::RealClient(id) => {
                        *id == client
                    }
                    Subject::Partition(partition) | Subject::Replica(_, partition) => {
                        *partition == holding.partition
                    }
                    _ => false,
                };
                let Some(fate) = holding.fate(client).filter(|_| is_meant) else { continue };
                let tie = Tie { client, partition: holding.partition.clone(), fate };
                if ties.len() < MOST && !ties.contains(&tie) {
                    ties.push(tie);
                }
            }
        }
    }
    ties
}

fn leader(
    view: &ClusterView,
    partition: &TopicPartition,
) -> Option<highwater_cluster::ids::BrokerId> {
    let topic = view.topics.iter().find(|topic| topic.name == partition.topic)?;
    topic.partitions.iter().find(|known| known.partition == *partition)?.leader
}

#[cfg(test)]
mod tests {
    use highwater_cluster::ids::TopicName;

    use super::*;

    #[test]
    fn what_is_selected_is_tied_to_what_it_reads() {
        let topic = TopicName::from("orders");
        let holding = |index: i32, owner: u32| Holding {
            partition: TopicPartition::new(&topic, index),
            owners: vec![ClientId(owner)],
            given: Some(ClientId(owner)),
            is_decided: true,
        };
        let (group, held) = (GroupId::from("billing"), vec![holding(0, 1), holding(1, 2)]);
        let count = |subject: Subject| ties(&subject, [(&group, &held)].into_iter()).len();
        assert_eq!(count(Subject::Group(group.clone())), 2);
        assert_eq!(count(Subject::Group(GroupId::from("other"))), 0);
        assert_eq!(count(Subject::Consumer(ClientId(1))), 1);
        assert_eq!(count(Subject::Partition(TopicPartition::new(&topic, 1))), 1);
        assert_eq!(count(Subject::Topic(topic.clone())), 0);
    }
}
