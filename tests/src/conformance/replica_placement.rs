//! Family replica-placement: where new replicas go, drawn with Java's generator as Kafka drew it.

use std::path::Path;
use std::sync::Arc;

use highwater_scenario::cluster::ids::BrokerId;
use highwater_scenario::cluster::rules::{Random, UsableBroker, place};
use serde_json::{Value, json};

use super::report::{Replayed, Report, same};
use super::world::int;

/// Replays each scenario.
pub fn check(dir: &Path) -> Report {
    let mut report = Report::new("replica-placement");
    report.add_folder(dir, |scenario| format!("seed {}", scenario["javaRandomSeed"]), replay);
    report
}

fn replay(scenario: &Value) -> Replayed {
    let mut random = JavaRandom::new(int(scenario, "javaRandomSeed") as u64);
    let brokers = scenario["brokers"].as_array().expect("brokers are a list");
    let brokers: Vec<_> = brokers.iter().map(usable).collect();
    let partitions = int(scenario, "numPartitions") as usize;
    let replicas = int(scenario, "replicationFactor") as usize;
    match place(&mut random, &brokers, partitions, replicas) {
        Ok(placed) => {
            let ids = |replicas: &Vec<BrokerId>| replicas.iter().map(|id| id.0).collect();
            let placed: Vec<Vec<i32>> = placed.iter().map(ids).collect();
            same("place", &scenario["assignment"], &json!(placed))
        }
        Err(message) => same("place, message", &scenario["message"], &json!(message)),
    }
}

fn usable(broker: &Value) -> UsableBroker {
    UsableBroker {
        id: BrokerId(int(broker, "id") as i32),
        rack: broker["rack"].as_str().map(Arc::from),
        fenced: broker["fenced"].as_bool().expect("fenced is true or false"),
    }
}

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
