//! `uniform` where members subscribe to different topics: the subscribers of each topic are brought as
//! close to each other as the subscriptions allow.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::group::server_assignor::balancer::Balancer;
use crate::group::server_assignor::{AssignmentSpec, Partitions};
use crate::ids::MemberId;

/// How often all topics are gone through at most. Overlapping subscriptions can take long to settle.
const MAX_ROUNDS: usize = 16;

/// First everyone keeps what it has of its topics, then what is left is handed out, then topic by topic
/// those that have most give to those that have least.
pub(super) fn assign(spec: &AssignmentSpec) -> BTreeMap<MemberId, Partitions> {
    let mut builder = Builder::new(spec);
    builder.assign_the_rest();
    builder.balance();
    builder.target()
}

/// Members and topics go by their places in the spec.
struct Builder<'a> {
    spec: &'a AssignmentSpec,
    subscribers: Vec<Vec<usize>>,
    /// The owner of each partition of each topic.
    owners: Vec<Vec<Option<usize>>>,
    /// How many partitions each member has.
    sizes: Vec<usize>,
}

impl<'a> Builder<'a> {
    fn new(spec: &'a AssignmentSpec) -> Self {
        let mut owners: Vec<Vec<Option<usize>>> =
            spec.topics.iter().map(|(_, count)| vec![None; *count as usize]).collect();
        let mut sizes = vec![0; spec.members.len()];
        for (member, its) in spec.members.values().enumerate() {
            for (place, topic) in spec.topics.iter().enumerate() {
                for (_, index) in its.kept(std::slice::from_ref(topic)) {
                    let owner = &mut owners[place][index as usize];
                    if owner.is_none() {
                        *owner = Some(member);
                        sizes[member] += 1;
                    }
                }
            }
        }
        let subscribers = spec.topics.iter().map(|(topic, _)| {
            let members = spec.members.values().enumerate();
            let its = members.filter(|(_, member)| member.topics.contains(topic));
            its.map(|(member, _)| member).collect()
        });
        Self { spec, subscribers: subscribers.collect(), owners, sizes }
    }

    fn assign_the_rest(&mut self) {
        let open: Vec<usize> = self.in_order(|builder, topic| {
            !builder.subscribers[topic].is_empty() && builder.owners[topic].contains(&None)
        });
        for topic in open {
            let mut balancer = Balancer::new(&self.subscribers[topic], &self.sizes);
            for index in 0..self.owners[topic].len() {
                if self.owners[topic][index].is_none() {
                    self.give(topic, index, balancer.take());
                }
            }
        }
    }

    /// Goes round and round through the topics until a whole round has moved nothing.
    fn balance(&mut self) {
        let topics = self.in_order(|builder, topic| builder.subscribers[topic].len() >= 2);
        let mut last_moved = None;
        for _ in 0..MAX_ROUNDS {
            for topic in &topics {
                if last_moved == Some(*topic) {
                    return;
                }
                if self.balance_topic(*topic) || last_moved.is_none() {
                    last_moved = Some(*topic);
                }
            }
        }
    }

    /// Whether anything moved.
    fn balance_topic(&mut self, topic: usize) -> bool {
        let mut balancer = Balancer::new(&self.subscribers[topic], &self.sizes);
        if balancer.imbalance() <= 1 {
            return false;
        }
        // Each gives of what it has at the beginning, the last partition first.
        let mut to_give: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, owner) in self.owners[topic].iter().enumerate() {
            if let Some(owner) = owner {
                to_give.entry(*owner).or_default().push(index);
            }
        }
        let mut has_moved = false;
        loop {
            let can_give = |member: usize| to_give.get(&member).is_some_and(|own| !own.is_empty());
            let Some(from) = balancer.give(can_give) else { return has_moved };
            let index = to_give.get_mut(&from).and_then(Vec::pop).expect("it can give");
            let to = balancer.take();
            if balancer.is_balanced() {
                return has_moved;
            }
            self.give(topic, index, to);
            has_moved = true;
        }
    }

    fn give(&mut self, topic: usize, index: usize, to: usize) {
        if let Some(from) = self.owners[topic][index].replace(to) {
            self.sizes[from] -= 1;
        }
        self.sizes[to] += 1;
    }

    /// Topics with many partitions to a subscriber come first: these leave the least choice.
    fn in_order(&self, is_wanted: impl Fn(&Self, usize) -> bool) -> Vec<usize> {
        let mut topics: Vec<usize> =
            (0..self.spec.topics.len()).filter(|topic| is_wanted(self, *topic)).collect();
        topics.sort_by(|a, b| self.compare(*a, *b));
        topics
    }

    fn compare(&self, a: usize, b: usize) -> Ordering {
        let count = |topic: usize| u64::from(self.spec.topics[topic].1);
        let subscribers = |topic: usize| self.subscribers[topic].len() as u64;
        // The greater quotient first, compared without dividing.
        (count(b) * subscribers(a))
            .cmp(&(count(a) * subscribers(b)))
            .then(subscribers(a).cmp(&subscribers(b)))
            .then(a.cmp(&b))
    }

    fn target(&self) -> BTreeMap<MemberId, Partitions> {
        let ids: Vec<&MemberId> = self.spec.members.keys().collect();
        let mut target: BTreeMap<MemberId, Partitions> =
            ids.iter().map(|id| ((*id).clone(), Partitions::new())).collect();
        for ((topic, _), owners) in self.spec.topics.iter().zip(&self.owners) {
            for (index, owner) in (0_i32..).zip(owners) {
                let own = owner.and_then(|owner| target.get_mut(ids[owner]));
                if let Some(own) = own {
                    let indexes: &mut BTreeSet<i32> = own.entry(*topic).or_default();
                    indexes.insert(index);
                }
            }
        }
        target
    }
}
