//! Family assignor: who gets which partitions when a group rebalances.
//!
//! Range and round-robin must match to the letter. The sticky ones must match, or be as good: each
//! partition owned once, the same numbers of partitions, and no fewer kept.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use highwater_scenario::cluster::ids::{Generation, MemberId, TopicName, TopicPartition};
use highwater_scenario::cluster::rules::{Assignor, Subscriber};
use serde_json::{Value, json};

use super::report::{Difference, Replayed, Report, same};
use super::world::{int, seed};

/// Replays the recorded rebalances of each assignor.
pub fn check(dir: &Path) -> Report {
    let mut report = Report::new("assignor");
    for assignor in Assignor::ALL {
        let file = dir.join(format!("{}.jsonl", assignor.name()));
        if !file.exists() {
            continue;
        }
        let (exact, equivalent) = (Cell::new(0), Cell::new(0));
        let name = |scenario: &Value| format!("{}, {}", assignor.name(), seed(scenario));
        report.add_lines(&file, name, |scenario| {
            for (index, step) in scenario["steps"].as_array().expect("steps").iter().enumerate() {
                let count = if replay(assignor, index, step)? { &exact } else { &equivalent };
                count.set(count.get() + 1);
            }
            Ok(())
        });
        let (exact, equivalent) = (exact.get(), equivalent.get());
        report.notes.push(format!("{}: {exact} exact, {equivalent} equivalent", assignor.name()));
    }
    report
}

/// Whether the assignment is the recorded one, and not only as good.
fn replay(assignor: Assignor, index: usize, step: &Value) -> Result<bool, Difference> {
    let members = members(step);
    let ours: BTreeMap<String, Vec<String>> = assignor
        .assign(&counts(step), &members)
        .into_iter()
        .map(|(member, own)| (member.to_string(), own.iter().map(ToString::to_string).collect()))
        .collect();
    let recorded: BTreeMap<String, Vec<String>> =
        serde_json::from_value(step["assignment"].clone()).expect("an assignment");
    // The recordings of the sticky ones list partitions in order of their names.
    let in_order = |mut own: Vec<String>| {
        if matches!(assignor, Assignor::Sticky | Assignor::CooperativeSticky) {
            own.sort();
        }
        own
    };
    let ours: BTreeMap<String, Vec<String>> =
        ours.into_iter().map(|(member, own)| (member, in_order(own))).collect();
    if ours == recorded {
        return Ok(true);
    }
    let at = format!("step {index} assignment");
    match assignor {
        Assignor::Range | Assignor::RoundRobin => same(at, &json!(recorded), &json!(ours))?,
        Assignor::Sticky | Assignor::CooperativeSticky => {
            as_good(&at, step, &recorded, &ours)?;
        }
    }
    Ok(false)
}

/// An assignment that is not the recorded one is as good if it is as even and as sticky.
fn as_good(
    at: &str,
    step: &Value,
    recorded: &BTreeMap<String, Vec<String>>,
    ours: &BTreeMap<String, Vec<String>>,
) -> Replayed {
    let sizes = |assignment: &BTreeMap<String, Vec<String>>| {
        let mut sizes: Vec<usize> = assignment.values().map(Vec::len).collect();
        sizes.sort_unstable();
        sizes
    };
    same(format!("{at}, counts"), sizes(recorded), sizes(ours))?;
    let all: Vec<&String> = ours.values().flatten().collect();
    let distinct: BTreeSet<&String> = all.iter().copied().collect();
    same(format!("{at}, each once"), all.len(), distinct.len())?;
    let kept = |assignment: &BTreeMap<String, Vec<String>>| {
        let members = step["members"].as_array().expect("members are a list").iter();
        let kept = members.map(|member| {
            let own = assignment.get(member["id"].as_str().unwrap_or_default());
            let owned = member["owned"].as_array().into_iter().flatten();
            owned.filter(|had| own.is_some_and(|own| own.iter().any(|has| *had == has))).count()
        });
        kept.sum::<usize>()
    };
    same(format!("{at}, keeps as many"), true, kept(ours) >= kept(recorded))
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
    let strings = |list: &Value| -> Vec<String> {
        let list = list.as_array().expect("a list").iter();
        list.map(|item| item.as_str().expect("a string").to_owned()).collect()
    };
    let member = |member: &Value| Subscriber {
        id: MemberId::from(member["id"].as_str().expect("a member has an id")),
        instance: member["groupInstanceId"].as_str().map(Into::into),
        topics: strings(&member["topics"]).iter().map(|topic| topic.as_str().into()).collect(),
        owned: strings(&member["owned"]).iter().map(|own| partition(own)).collect(),
        generation: Generation(int(member, "generation") as i32),
    };
    step["members"].as_array().expect("members are a list").iter().map(member).collect()
}

fn partition(text: &str) -> TopicPartition {
    let (topic, index) = text.rsplit_once('-').expect("a partition is TOPIC-INDEX");
    TopicPartition::new(&topic.into(), index.parse().expect("an index"))
}
