//! Family assignor: who gets which partitions when a group rebalances.
//!
//! Range and round-robin must match to the letter, and so must the server's range. The sticky ones and
//! the server's uniform must match, or be as good: each
//! partition owned once, the same numbers of partitions, and no fewer kept.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use highwater_scenario::cluster::ids::{Generation, MemberId, TopicId, TopicName, TopicPartition};
use highwater_scenario::cluster::rules::{
    AssignmentSpec, Assignor, MemberSpec, Partitions, ServerAssignor, Subscriber,
};
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
    for assignor in ServerAssignor::ALL {
        check_server(dir, assignor, &mut report);
    }
    report
}

/// Replays what a server-side assignor was recorded to do (KIP-848).
fn check_server(dir: &Path, assignor: ServerAssignor, report: &mut Report) {
    let file = dir.join(format!("server-{assignor}.jsonl"));
    if !file.exists() {
        return;
    }
    let (exact, equivalent) = (Cell::new(0), Cell::new(0));
    let name = |scenario: &Value| format!("server-{assignor}, {}", seed(scenario));
    report.add_lines(&file, name, |scenario| {
        for (index, step) in scenario["steps"].as_array().expect("steps").iter().enumerate() {
            let is_exact = replay_server(assignor, index, step)?;
            let count = if is_exact { &exact } else { &equivalent };
            count.set(count.get() + 1);
        }
        Ok(())
    });
    let (exact, equivalent) = (exact.get(), equivalent.get());
    report.notes.push(format!("server-{assignor}: {exact} exact, {equivalent} equivalent"));
}

/// Whether the target assignment is the recorded one, and not only as good.
fn replay_server(assignor: ServerAssignor, index: usize, step: &Value) -> Result<bool, Difference> {
    // The recorder's topic ids hash to this order. What is not among them comes last, by name.
    let mut names: Vec<String> = counts(step).keys().map(ToString::to_string).collect();
    let recorded_order = ["t0", "t2", "t1"];
    names.sort_by_key(|name| recorded_order.iter().position(|known| known == name).unwrap_or(9));
    let id = |topic: &str| {
        let digits = topic.trim_start_matches('t');
        TopicId(1 + digits.parse::<u128>().expect("topics are t0, t1, .."))
    };
    let spec = AssignmentSpec {
        topics: names.iter().map(|name| (id(name), int(&step["topics"], name) as u32)).collect(),
        members: server_members(step, id),
    };
    let name = |topic: TopicId| format!("t{}", topic.0 - 1);
    let ours: BTreeMap<String, Vec<String>> = assignor
        .assign(&spec)
        .into_iter()
        .map(|(member, own)| {
            let own = own.into_iter().flat_map(|(topic, indexes)| {
                indexes.into_iter().map(move |index| format!("{}-{index}", name(topic)))
            });
            (member.to_string(), own.collect())
        })
        .collect();
    let recorded: BTreeMap<String, Vec<String>> =
        serde_json::from_value(step["assignment"].clone()).expect("an assignment");
    if ours == recorded {
        return Ok(true);
    }
    let at = format!("step {index} assignment");
    match assignor {
        ServerAssignor::Range => same(at, &json!(recorded), &json!(ours))?,
        ServerAssignor::Uniform => as_good(&at, step, &recorded, &ours)?,
    }
    Ok(false)
}

fn server_members(step: &Value, id: impl Fn(&str) -> TopicId) -> BTreeMap<MemberId, MemberSpec> {
    let members = step["members"].as_object().expect("members by their ids").iter();
    members
        .map(|(member, told)| {
            let mut current = Partitions::new();
            for own in strings(&told["current"]) {
                let own = partition(&own);
                let topic = current.entry(id(own.topic.as_str())).or_default();
                topic.insert(own.partition.0);
            }
            let topics = strings(&told["topics"]).iter().map(|topic| id(topic)).collect();
            let spec = MemberSpec {
                instance: told["groupInstanceId"].as_str().map(Into::into),
                topics,
                current,
            };
            (MemberId::from(member.as_str()), spec)
        })
        .collect()
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
        let kept = owned(step).into_iter().map(|(member, owned)| {
            let own = assignment.get(&member);
            owned.iter().filter(|had| own.is_some_and(|own| own.contains(had))).count()
        });
        kept.sum::<usize>()
    };
    same(format!("{at}, keeps as many"), true, kept(ours) >= kept(recorded))
}

/// What each member had before. Those of the client's assignors report it themselves.
fn owned(step: &Value) -> Vec<(String, Vec<String>)> {
    if let Some(members) = step["members"].as_object() {
        let had = members.iter().map(|(id, member)| (id.clone(), strings(&member["current"])));
        return had.collect();
    }
    let members = step["members"].as_array().expect("members are a list").iter();
    let id = |member: &Value| member["id"].as_str().unwrap_or_default().to_owned();
    members.map(|member| (id(member), strings(&member["owned"]))).collect()
}

fn strings(list: &Value) -> Vec<String> {
    let list = list.as_array().expect("a list").iter();
    list.map(|item| item.as_str().expect("a string").to_owned()).collect()
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
