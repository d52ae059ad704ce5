//! Where `--generate` puts replicas: `AdminUtils.assignReplicasToBrokers`. Leaders go round the brokers
//! from a random one on, followers from a random distance to their leader, and with racks no rack has
//! two replicas before every rack has one.

use highwater_cluster::ctx::Ctx;

use crate::programs::json_file::Exception;

/// A broker and its rack, if it has one.
type Broker = (i32, Option<String>);

/// Where the rounds begin, which is drawn.
#[derive(Clone, Copy, Debug)]
struct Begin {
    leader: usize,
    shift: usize,
}

/// The replicas of each partition.
pub(super) fn place(
    ctx: &mut Ctx<'_>,
    brokers: &[Broker],
    partitions: usize,
    replicas: usize,
) -> Result<Vec<Vec<i32>>, Exception> {
    if replicas > brokers.len() {
        return Err(Exception::new(
            "org.apache.kafka.common.errors.InvalidReplicationFactorException",
            format!(
                "Replication factor: {replicas} larger than available brokers: {}.",
                brokers.len()
            ),
        ));
    }
    let mut draw = || ctx.random("reassignment proposal").below(brokers.len() as u64) as usize;
    let begin = Begin { leader: draw(), shift: draw() };
    Ok(placed(brokers, partitions, replicas, begin))
}

fn placed(brokers: &[Broker], partitions: usize, replicas: usize, begin: Begin) -> Vec<Vec<i32>> {
    let order = rack_alternated(brokers);
    let racks = racks_of(&order).len().max(1);
    let has_racks = order.iter().any(|(_, rack)| rack.is_some());
    (0..partitions)
        .map(|index| {
            // Each round round the brokers, the followers move one further.
            let shift = begin.shift + index / order.len();
            let first = (index + begin.leader) % order.len();
            let mut chosen = vec![order[first]];
            let mut step = 0;
            while chosen.len() < replicas {
                let shift = if has_racks { shift * racks } else { shift };
                let next = order[follower(first, shift, step, order.len())];
                step += 1;
                if is_welcome(next, &chosen, racks, has_racks) {
                    chosen.push(next);
                }
            }
            chosen.into_iter().map(|(id, _)| *id).collect()
        })
        .collect()
}

/// Not where a replica is already, and not in a rack that has one while another has none.
fn is_welcome(
    next: (&i32, &Option<String>),
    chosen: &[(&i32, &Option<String>)],
    racks: usize,
    has_racks: bool,
) -> bool {
    let is_new = chosen.iter().all(|(id, _)| *id != next.0);
    let covers_all = racks_of(chosen).len() == racks;
    let is_new_rack = chosen.iter().all(|(_, rack)| *rack != next.1);
    is_new && (!has_racks || is_new_rack || covers_all)
}

fn follower(first: usize, shift: usize, step: usize, brokers: usize) -> usize {
    let distance = 1 + (shift + step) % (brokers - 1).max(1);
    (first + distance) % brokers
}

/// The brokers in the order of their ids, one of each rack in turn.
fn rack_alternated(brokers: &[Broker]) -> Vec<(&i32, &Option<String>)> {
    let mut sorted: Vec<(&i32, &Option<String>)> =
        brokers.iter().map(|(id, rack)| (id, rack)).collect();
    sorted.sort();
    let place_in_rack = |(id, rack): &(&i32, &Option<String>)| {
        sorted.iter().filter(|(other, of)| of == rack && other < id).count()
    };
    let mut order = sorted.clone();
    if sorted.iter().any(|(_, rack)| rack.is_some()) {
        order.sort_by_key(|broker| (place_in_rack(broker), broker.1.clone()));
    }
    order
}

fn racks_of<'a>(brokers: &[(&i32, &'a Option<String>)]) -> Vec<&'a Option<String>> {
    let mut racks: Vec<&Option<String>> = brokers.iter().map(|(_, rack)| *rack).collect();
    racks.sort();
    racks.dedup();
    racks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(racks: &[Option<&str>], begin: (usize, usize), replicas: usize, expected: &[&[i32]]) {
        let brokers: Vec<Broker> =
            (1..).zip(racks).map(|(id, rack)| (id, rack.map(str::to_owned))).collect();
        let begin = Begin { leader: begin.0, shift: begin.1 };
        assert_eq!(placed(&brokers, expected.len(), replicas, begin), expected, "{racks:?}");
    }

    #[test]
    fn without_racks_the_documented_example_comes_out() {
        // The table in the documentation of AdminUtils, with brokers counted from 1.
        check(
            &[None; 5],
            (0, 0),
            3,
            &[&[1, 2, 3], &[2, 3, 4], &[3, 4, 5], &[4, 5, 1], &[5, 1, 2], &[1, 3, 4], &[2, 4, 5]],
        );
    }

    #[test]
    fn as_recorded() {
        check(&[None; 3], (1, 0), 2, &[&[2, 3], &[3, 1], &[1, 2]]);
    }

    #[test]
    fn with_racks_each_rack_has_one_before_any_has_two() {
        let racks = [Some("a"), Some("a"), Some("b"), Some("b"), Some("c")];
        let brokers: Vec<Broker> =
            (1..).zip(racks).map(|(id, rack)| (id, rack.map(str::to_owned))).collect();
        for leader in 0..5 {
            for shift in 0..5 {
                for replicas in placed(&brokers, 12, 3, Begin { leader, shift }) {
                    let mut found: Vec<_> =
                        replicas.iter().map(|id| racks[*id as usize - 1]).collect();
                    found.sort();
                    assert_eq!(found, [Some("a"), Some("b"), Some("c")], "{replicas:?}");
                }
            }
        }
    }
}
