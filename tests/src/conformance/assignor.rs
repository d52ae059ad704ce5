//! Family assignor: who gets which partitions when a group rebalances. So far the range assignor.

use std::collections::BTreeMap;
use std::path::Path;

use highwater_scenario::cluster::ids::{MemberId, TopicName};
use highwater_scenario::cluster::rules::{Subscriber, assign_by_range};
use serde_json::{Value, json};

use super::report::{Replayed, Report, same};
use super::world::seed;

/// Replays the recorded rebalances of each assignor.
pub fn check(dir: &Path) -> Report {
    let mut report = Report::new("assignor");
    report.add_lines(
        &dir.join("range.jsonl"),
        |scenario| format!("range, {}", seed(scenario)),
        replay_range,
    );
    report
}

fn replay_range(scenario: &Value) -> Replayed {
    for (index, step) in scenario["steps"].as_array().expect("steps").iter().enumerate() {
        let assigned: BTreeMap<String, Vec<String>> =
            assign_by_range(&counts(step), &members(step))
                .into_iter()
                .map(|(member, own)| {
                    (member.to_string(), own.iter().map(ToString::to_string).collect())
                })
                .collect();
        same(format!("step {index} assignment"), &step["assignment"], &json!(assigned))?;
    }
    Ok(())
}

fn counts(step: &Value) -> BTreeMap<TopicName, u32> {
    let topics = step["topics"].as_object().expect("topics with their counts").iter();
    topics
        .map(|(topic, count)| {
            (TopicName::from(topic.as_str()), count.as_u64().expect("a count") as u32)
        })
        .collect()
}

fn members(step: &Value) -> Vec<Subscriber> {
    let topics = |member: &Value| {
        let topics = member["topics"].as_array().expect("topics are a list").iter();
        topics.map(|topic| TopicName::from(topic.as_str().expect("a name"))).collect()
    };
    let member = |member: &Value| Subscriber {
        id: MemberId::from(member["id"].as_str().expect("a member has an id")),
        instance: member["groupInstanceId"].as_str().map(Into::into),
        topics: topics(member),
    };
    step["members"].as_array().expect("members are a list").iter().map(member).collect()
}
