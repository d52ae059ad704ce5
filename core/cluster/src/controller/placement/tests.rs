//! Placement with the world's own randomness; the recordings of Kafka's are replayed in `tests`.

use super::{UsableBroker, place};
use crate::ids::BrokerId;
use crate::rng::Seed;

#[test]
fn the_worlds_own_randomness_spreads_leaders_evenly() {
    let brokers: Vec<_> =
        (1..=3).map(|id| UsableBroker { id: BrokerId(id), rack: None, fenced: false }).collect();
    let placed = place(&mut Seed(7).stream("placement", 0), &brokers, 6, 3).unwrap();
    for broker in &brokers {
        let leads = placed.iter().filter(|replicas| replicas[0] == broker.id).count();
        assert_eq!(leads, 2, "{placed:?}");
    }
}
