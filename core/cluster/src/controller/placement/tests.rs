//! Placement as recorded from Kafka, drawn with Java's generator.

use std::sync::Arc;

use serde_json::Value;

use super::{Random, UsableBroker, place};
use crate::ids::BrokerId;
use crate::rng::Seed;

/// `java.util.Random`.
struct JavaRandom(u64);

const MULTIPLIER: u64 = 0x5_DEEC_E66D;
const MASK: u64 = (1 << 48) - 1;

impl JavaRandom {
    fn new(seed: u64) -> Self {
        Self((seed ^ MULTIPLIER) & MASK)
    }

    fn next_31_bits(&mut self) -> i32 {
        self.0 = self.0.wrapping_mul(MULTIPLIER).wrapping_add(0xB) & MASK;
        (self.0 >> 17) as i32
    }
}

impl Random for JavaRandom {
    fn next_int(&mut self, bound: usize) -> usize {
        let bound = bound as i32;
        let mut bits = self.next_31_bits();
        if bound & (bound - 1) == 0 {
            return ((i64::from(bound) * i64::from(bits)) >> 31) as usize;
        }
        // Draws from the incomplete last stretch of the range would not be even.
        while bits.wrapping_sub(bits % bound).wrapping_add(bound - 1) < 0 {
            bits = self.next_31_bits();
        }
        (bits % bound) as usize
    }
}

#[test]
fn as_recorded() {
    let recorded =
        include_str!("../../../../../tests/oracle/replica-placement/replica-placement.jsonl");
    for line in recorded.lines() {
        let scenario: Value = serde_json::from_str(line).unwrap();
        let mut random = JavaRandom::new(scenario["javaRandomSeed"].as_u64().unwrap());
        let brokers: Vec<_> = scenario["brokers"].as_array().unwrap().iter().map(usable).collect();
        let partitions = scenario["numPartitions"].as_u64().unwrap() as usize;
        let replicas = scenario["replicationFactor"].as_u64().unwrap() as usize;
        match place(&mut random, &brokers, partitions, replicas) {
            Ok(placed) => {
                let ids = |replicas: &Vec<BrokerId>| replicas.iter().map(|id| id.0).collect();
                let placed: Vec<Vec<i32>> = placed.iter().map(ids).collect();
                assert_eq!(serde_json::json!(placed), scenario["assignment"], "{line}");
            }
            Err(message) => assert_eq!(scenario["message"], message.as_str(), "{line}"),
        }
    }
}

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

fn usable(broker: &Value) -> UsableBroker {
    UsableBroker {
        id: BrokerId(broker["id"].as_i64().unwrap() as i32),
        rack: broker["rack"].as_str().map(Arc::from),
        fenced: broker["fenced"].as_bool().unwrap(),
    }
}
