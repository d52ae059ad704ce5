//! Filling and balancing: the part of the general sticky assignment that moves partitions.

use std::collections::BTreeMap;

use super::general::General;
use crate::consumer::assignor::Assignments;
use crate::ids::{MemberId, TopicName, TopicPartition};

impl General<'_> {
    /// Gives out what nobody has, then moves partitions until the balance gets no better.
    pub(super) fn balance(
        &mut self,
        mut unassigned: Vec<TopicPartition>,
        mut all: Vec<TopicPartition>,
    ) {
        let nobody_had_any = self.by_load.last().is_none_or(|(load, _)| *load == 0);
        for partition in &unassigned {
            self.give_to_least_loaded(partition);
        }
        all.retain(|partition| self.can_move(&partition.topic));
        unassigned.retain(|partition| self.can_move(&partition.topic));
        let fixed = self.set_fixed_members_apart();
        let before = (self.current.clone(), self.owners.clone());
        if !self.must_revoke {
            self.reassign(&unassigned);
        }
        let has_moved = self.reassign(&all);
        // Moving what somebody had must be worth it.
        if !nobody_had_any && has_moved && unevenness(&self.current) >= unevenness(&before.0) {
            (self.current, self.owners) = before;
        }
        self.current.extend(fixed);
    }

    fn give_to_least_loaded(&mut self, partition: &TopicPartition) {
        let can_have = |(_, member): &&(usize, MemberId)| self.subscribes(member, &partition.topic);
        let Some((load, member)) = self.by_load.iter().find(can_have).cloned() else { return };
        self.by_load.remove(&(load, member.clone()));
        self.current.entry(member.clone()).or_default().push(partition.clone());
        self.owners.insert(partition.clone(), member.clone());
        self.by_load.insert((load + 1, member));
    }

    /// Those who have all that they can get, and alone can get it, keep it whatever happens.
    fn set_fixed_members_apart(&mut self) -> Vec<(MemberId, Vec<TopicPartition>)> {
        let members: Vec<MemberId> = self.topics.keys().map(|member| (*member).clone()).collect();
        let mut fixed = Vec::new();
        for member in members {
            let own = &self.current[&member];
            let could_change = own.len() < self.most(&member)
                || own.iter().any(|partition| self.can_move(&partition.topic));
            if !could_change {
                self.by_load.remove(&(own.len(), member.clone()));
                fixed.extend(self.current.remove_entry(&member));
            }
        }
        fixed
    }

    /// Moves partitions one by one while that makes the balance better. Whether any was moved. Kafka asks
    /// before each partition whether all is balanced by now; then nobody has room for another's partition, so
    /// that nothing would be moved anyway.
    fn reassign(&mut self, partitions: &[TopicPartition]) -> bool {
        let mut has_moved = false;
        loop {
            let mut moved_now = false;
            for partition in partitions {
                moved_now |= self.reassign_one(partition);
            }
            has_moved |= moved_now;
            if !moved_now {
                return has_moved;
            }
        }
    }

    fn reassign_one(&mut self, partition: &TopicPartition) -> bool {
        let Some(load) = self.owners.get(partition).and_then(|owner| self.load(owner)) else {
            return false;
        };
        let has_room = |member: &MemberId| self.load(member).is_some_and(|other| load > other + 1);
        // Who had it before gets it back even if it no longer subscribes; but not in a balanced group.
        if let Some((previous, _)) = self.previous.get(partition)
            && has_room(previous)
            && (self.subscribes(previous, &partition.topic) || !self.is_balanced())
        {
            let previous = previous.clone();
            self.move_to(partition, &previous);
            return true;
        }
        let can_have = |(_, member): &&(usize, MemberId)| self.subscribes(member, &partition.topic);
        let Some((least, next)) = self.by_load.iter().find(can_have) else { return false };
        if load <= least + 1 {
            return false;
        }
        let next = next.clone();
        self.move_to(partition, &next);
        true
    }

    /// Moves a partition to a member; or, if one of the same topic moved the other way before, that
    /// one back.
    fn move_to(&mut self, partition: &TopicPartition, to: &MemberId) {
        let owner = &self.owners[partition];
        let partition = self.movements.actual(partition, owner, to);
        let from = self.owners[&partition].clone();
        self.movements.record(&partition, &from, to);
        for member in [&from, to] {
            self.by_load.remove(&(self.current[member].len(), member.clone()));
        }
        self.current.entry(from.clone()).or_default().retain(|own| *own != partition);
        self.current.entry(to.clone()).or_default().push(partition.clone());
        self.owners.insert(partition, to.clone());
        for member in [&from, to] {
            self.by_load.insert((self.current[member].len(), member.clone()));
        }
    }

    /// Whether nobody could get a partition of someone who has two more.
    fn is_balanced(&self) -> bool {
        let (Some((least, _)), Some((most, _))) = (self.by_load.first(), self.by_load.last())
        else {
            return true;
        };
        if least + 1 >= *most {
            return true;
        }
        let owners: BTreeMap<&TopicPartition, usize> = self
            .current
            .values()
            .flat_map(|own| own.iter().map(|partition| (partition, own.len())))
            .collect();
        self.by_load.iter().all(|(load, member)| {
            *load == self.most(member)
                || self.topics[member].iter().all(|topic| {
                    let partitions =
                        crate::consumer::assignor::partitions(topic, self.counts[*topic]);
                    let mut others = partitions.filter_map(|partition| owners.get(&partition));
                    others.all(|other| load + 1 >= *other)
                })
        })
    }

    /// A topic with two subscribers or more can have its partitions moved.
    fn can_move(&self, topic: &TopicName) -> bool {
        self.subscribers[topic].len() >= 2
    }

    /// How many partitions a member could have at most.
    fn most(&self, member: &MemberId) -> usize {
        let topics = &self.topics[member];
        if topics.len() == self.counts.len() {
            return self.total;
        }
        topics.iter().map(|topic| self.counts[*topic] as usize).sum()
    }

    /// How many partitions a member has that takes part in the balancing.
    fn load(&self, member: &MemberId) -> Option<usize> {
        self.current.get(member).map(Vec::len)
    }

    fn subscribes(&self, member: &MemberId, topic: &TopicName) -> bool {
        self.topics[member].contains(&topic)
    }
}

/// By how much the members' numbers of partitions differ, summed over all pairs.
fn unevenness(assignments: &Assignments) -> usize {
    let loads: Vec<usize> = assignments.values().map(Vec::len).collect();
    let pairs = loads
        .iter()
        .enumerate()
        .flat_map(|(place, a)| loads[place + 1..].iter().map(move |b| a.abs_diff(*b)));
    pairs.sum()
}
