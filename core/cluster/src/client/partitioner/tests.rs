use serde_json::Value;

use super::{Partitions, StickyPartitioner, murmur2, partition_for_key, to_positive};
use crate::ids::PartitionIndex;

const MURMUR2: &str = include_str!("../../../../../tests/oracle/partitioner/murmur2.jsonl");
const STICKY: &str = include_str!("../../../../../tests/oracle/partitioner/sticky.jsonl");

fn scenarios(text: &str) -> impl Iterator<Item = Value> + '_ {
    text.lines().map(|line| serde_json::from_str(line).unwrap())
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn partitions(list: &Value) -> Vec<i32> {
    list.as_array().unwrap().iter().map(|number| number.as_i64().unwrap() as i32).collect()
}

#[test]
fn keys_go_where_kafka_sends_them() {
    for scenario in scenarios(MURMUR2) {
        let key = bytes(scenario["key_hex"].as_str().unwrap());
        assert_eq!(i64::from(murmur2(&key)), scenario["murmur2"].as_i64().unwrap(), "{scenario}");
        let positive = to_positive(murmur2(&key));
        assert_eq!(i64::from(positive), scenario["toPositive"].as_i64().unwrap(), "{scenario}");
        for (count, partition) in scenario["partition"].as_object().unwrap() {
            let found = partition_for_key(&key, count.parse().unwrap());
            assert_eq!(i64::from(found.0), partition.as_i64().unwrap(), "{count} of {scenario}");
        }
    }
}

#[test]
fn records_without_a_key_stick_as_in_kafka() {
    for scenario in scenarios(STICKY) {
        replay(&scenario);
    }
}

fn replay(scenario: &Value) {
    let count = scenario["partitions"].as_i64().unwrap() as i32;
    let leaderless = partitions(&scenario["leaderless"]);
    let available: Vec<PartitionIndex> =
        (0..count).filter(|index| !leaderless.contains(index)).map(PartitionIndex).collect();
    let topic = Partitions { count, available: &available };
    let batch_size = scenario["stickyBatchSize"].as_u64().unwrap() as u32;
    let mut partitioner = StickyPartitioner::new(batch_size);
    for (step, op) in scenario["ops"].as_array().unwrap().iter().enumerate() {
        match op["op"].as_str().unwrap() {
            "loadStatsNull" => partitioner.update_load(None),
            "loadStats" => {
                let ids = partitions(&op["partitionIds"]).into_iter().map(PartitionIndex);
                let sizes = partitions(&op["queueSizes"]).into_iter().map(|size| size as u32);
                let queues: Vec<_> = ids.zip(sizes).collect();
                partitioner.update_load(Some(&queues));
            }
            _ => {
                let number = op["random"].as_u64().unwrap() as u32;
                let mut random = || number;
                let before = partitioner.current(topic, &mut random);
                let expected = op["partition"].as_i64().unwrap();
                assert_eq!(i64::from(before.0), expected, "before step {step}: {op}");
                let may_switch = op["enableSwitch"].as_bool().unwrap();
                let appended = op["bytes"].as_u64().unwrap() as u32;
                partitioner.appended(appended, may_switch, topic, &mut random);
                let after = partitioner.current(topic, &mut random);
                let expected = op["partitionAfter"].as_i64().unwrap();
                assert_eq!(i64::from(after.0), expected, "after step {step}: {op}");
            }
        }
    }
}
