use std::collections::BTreeMap;

use serde_json::Value;

use super::{Subscriber, assign};
use crate::ids::{MemberId, TopicName};

/// Recorded from Kafka's own class; the format stands in the README beside the recordings.
const RECORDED: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/oracle/assignor/range.jsonl"));

#[test]
fn every_recorded_assignment_is_the_same() {
    let mut steps = 0;
    for line in RECORDED.lines() {
        let scenario: Value = serde_json::from_str(line).unwrap();
        for step in scenario["steps"].as_array().unwrap() {
            let assigned: BTreeMap<String, Vec<String>> = assign(&counts(step), &members(step))
                .into_iter()
                .map(|(member, own)| {
                    (member.to_string(), own.iter().map(ToString::to_string).collect())
                })
                .collect();
            let recorded: BTreeMap<String, Vec<String>> =
                serde_json::from_value(step["assignment"].clone()).unwrap();
            assert_eq!(assigned, recorded, "seed {}: {step}", scenario["seed"]);
            steps += 1;
        }
    }
    assert!(steps > 0);
}

fn counts(step: &Value) -> BTreeMap<TopicName, u32> {
    let topics = step["topics"].as_object().unwrap();
    topics
        .iter()
        .map(|(topic, count)| (TopicName::from(topic.as_str()), count.as_u64().unwrap() as u32))
        .collect()
}

fn members(step: &Value) -> Vec<Subscriber> {
    let members = step["members"].as_array().unwrap();
    members
        .iter()
        .map(|member| Subscriber {
            id: MemberId::from(member["id"].as_str().unwrap()),
            instance: member["groupInstanceId"].as_str().map(Into::into),
            topics: member["topics"]
                .as_array()
                .unwrap()
                .iter()
                .map(|topic| TopicName::from(topic.as_str().unwrap()))
                .collect(),
        })
        .collect()
}
