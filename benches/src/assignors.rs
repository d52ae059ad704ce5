//! A rebalance of a large group: a thousand members share ten thousand partitions, then one of them leaves.

use std::collections::BTreeSet;

use cpu_time::ThreadTime;
use highwater_scenario::cluster::ids::{Generation, MemberId, TopicName, TopicPartition};
use highwater_scenario::cluster::rules::{Assignments, Assignor, PartitionCounts, Subscriber};

const MEMBERS: usize = 1_000;
const TOPICS: usize = 10;
const PARTITIONS: u32 = 1_000;

/// Prints milliseconds for each assignor, where all members subscribe alike and where they do not.
pub fn print() {
    println!(
        "\nA rebalance of {MEMBERS} members over {} partitions: milliseconds; what moves when one leaves",
        TOPICS as u32 * PARTITIONS
    );
    println!(
        "{:<20} {:<22} {:>9} {:>11} {:>8}",
        "", "members subscribe to", "at first", "one leaves", "moved"
    );
    // The assignors of the server (KIP-848) are to follow those of the client here.
    let subscriptions: [(&str, fn(usize) -> Vec<TopicName>); 3] = [
        ("all topics", |_| topics(0, TOPICS)),
        ("five of ten topics", |index| topics(index, TOPICS / 2)),
        ("half of them to one", |index| topics(0, if index % 2 == 0 { 1 } else { TOPICS })),
    ];
    for (what, subscription) in subscriptions {
        for assignor in Assignor::ALL {
            row(assignor, what, subscription);
        }
    }
}

fn row(assignor: Assignor, what: &str, subscription: fn(usize) -> Vec<TopicName>) {
    let counts: PartitionCounts = topics(0, TOPICS).into_iter().map(|t| (t, PARTITIONS)).collect();
    let members: Vec<Subscriber> =
        (0..MEMBERS).map(|index| member(index, subscription(index))).collect();
    let (at_first, first) = timed(|| assignor.assign(&counts, &members));
    let mut rest: Vec<Subscriber> = members.into_iter().skip(1).collect();
    for member in &mut rest {
        member.owned = first[&member.id].clone();
        member.generation = Generation(1);
    }
    let (one_leaves, then) = timed(|| assignor.assign(&counts, &rest));
    check(assignor, &first);
    check(assignor, &then);
    let moved = rest.iter().map(|member| {
        let kept: BTreeSet<&TopicPartition> = then[&member.id].iter().collect();
        member.owned.iter().filter(|own| !kept.contains(own)).count()
    });
    println!(
        "{:<20} {what:<22} {at_first:>9.1} {one_leaves:>11.1} {:>8}",
        assignor.name(),
        moved.sum::<usize>()
    );
}

/// No partition has two owners; and all have one, but for what a cooperative rebalance frees at first.
fn check(assignor: Assignor, assignments: &Assignments) {
    let all: Vec<&TopicPartition> = assignments.values().flatten().collect();
    let distinct: BTreeSet<&TopicPartition> = all.iter().copied().collect();
    assert_eq!(all.len(), distinct.len(), "{}", assignor.name());
    if assignor != Assignor::CooperativeSticky {
        assert_eq!(all.len(), TOPICS * PARTITIONS as usize, "{}", assignor.name());
    }
}

fn timed<T>(run: impl FnOnce() -> T) -> (f64, T) {
    let begin = ThreadTime::now();
    let result = run();
    (begin.elapsed().as_secs_f64() * 1_000.0, result)
}

/// So many topics, beginning with that one.
fn topics(first: usize, count: usize) -> Vec<TopicName> {
    let name = |index: usize| TopicName::from(format!("topic-{}", index % TOPICS).as_str());
    (first..first + count).map(name).collect()
}

fn member(index: usize, topics: Vec<TopicName>) -> Subscriber {
    Subscriber {
        // Ids as the coordinator makes them are not in order.
        id: MemberId::from(format!("c{}-{index}", index * 7_919 % MEMBERS).as_str()),
        instance: None,
        topics,
        owned: Vec::new(),
        generation: Generation::NONE,
    }
}
