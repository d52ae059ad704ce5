//! Family group: clients join, leave, crash and come back, and an observer describes their group. The
//! recorded members are played as consumers of a scenario, at the recorded times and with the recorded
//! settings.
//!
//! What is compared is the order of what the observer sees: state, members, and, once the group is
//! stable, what each of them has. Between two descriptions of the real group lay 100 ms, and between
//! what was done and what came of it what a busy machine took: a state on the way to another may be
//! missing in the recording, one in which the group rests may not. What is done follows what was seen
//! before it at the recorded distance.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write;
use std::path::Path;

use highwater_scenario::cluster::event::GroupState;
use highwater_scenario::cluster::ids::{GroupId, NodeId, TopicPartition};
use highwater_scenario::cluster::time::Time;
use highwater_scenario::cluster::view::ClusterView;
use highwater_scenario::session::Session;
use serde_json::{Value, json};

use super::report::{Difference, Replayed, Report};
use super::world::int;

/// When the recorded scenario begins, in the played one: by then the topic and the offsets topic are
/// there.
const BEGIN_MS: u64 = 20_000;
/// How often the group is looked at.
const LOOK_MS: usize = 2;
/// How much later than recorded something may happen.
const PATIENCE_MS: i64 = 1_500;
/// How much later than recorded things are done, one after the other until one run is as recorded: the
/// recording masks times by half a second, and what falls between two heartbeats is chance.
const DELAYS_MS: [i64; 6] = [0, 100, 200, 300, 400, 500];
/// What the group is for less than this may be missing in the recording.
const SHORT_MS: i64 = 100;
/// Members that were started this close to each other may have got each other's share.
const SAME_MOMENT_MS: i64 = 100;

/// What those members are called, so that they are not told apart.
const ALIKE: &str = "any";

/// Replays each scenario.
pub fn check(dir: &Path) -> Report {
    let mut report = Report::new("group");
    report.add_folder(dir, |scenario| id(scenario).to_owned(), replay);
    report
}

/// What an observer sees of a group, as far as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    /// There is no such group.
    Absent,
    Group {
        state: String,
        /// The epochs of a group of the consumer protocol: the group's, and its target assignment's.
        epochs: Option<(i64, i64)>,
        members: Vec<String>,
        /// What each member has; none while the group is on its way to another state.
        has: Option<Vec<(String, String)>>,
    },
}

/// A recorded description, or something that was done.
enum Entry<'a> {
    Seen(Seen),
    Done(&'a Value),
}

/// A scenario being played beside its recording.
struct Replay<'a> {
    scenario: &'a Value,
    topic: String,
    alike: BTreeSet<String>,
    /// What is left of the recording, with the recorded times.
    rest: VecDeque<(i64, Entry<'a>)>,
    session: Session,
    played: Vec<Seen>,
    /// Since when the group is what was played last, and whether that is recorded.
    last: (i64, bool),
    /// The description that was found last.
    matched: Option<Seen>,
    /// How many descriptions were found.
    found: usize,
    /// How much later the played one is than the recorded.
    shift_ms: i64,
    /// How much later things are done.
    delay_ms: i64,
}

fn replay(scenario: &Value) -> Replayed {
    let log = scenario["log"].as_array().expect("a log");
    // There is no command yet that deletes groups: what comes after is left out.
    let kept = log.iter().position(|entry| entry["do"] == "DeleteGroups").unwrap_or(log.len());
    let log = &log[..kept];
    let end = log.last().map_or(0, |entry| int(entry, "t"));
    let mut result = Ok(());
    for delay_ms in DELAYS_MS {
        result = replay_delayed(scenario, log, end, delay_ms);
        if result.is_ok() {
            break;
        }
    }
    result
}

/// Replays with everything that is done later by so much: heartbeats fall before or after it.
fn replay_delayed(scenario: &Value, log: &[Value], end: i64, delay_ms: i64) -> Replayed {
    let mut replay = Replay { delay_ms, ..Replay::new(scenario, log) };
    for now in (0..=end + PATIENCE_MS).step_by(LOOK_MS) {
        replay.play_to(now);
        replay.look(now)?;
        replay.act(now);
        if replay.rest.is_empty() {
            return Ok(());
        }
    }
    replay.missing()
}

impl<'a> Replay<'a> {
    fn new(scenario: &'a Value, log: &'a [Value]) -> Self {
        let topic = topic(scenario);
        let alike = started_together(log);
        let mut replay = Self {
            rest: recorded(log, &alike),
            session: crate::open(&script(scenario, &topic)),
            scenario,
            topic,
            alike,
            played: vec![Seen::Absent],
            last: (0, true),
            matched: None,
            found: 0,
            shift_ms: 0,
            delay_ms: 0,
        };
        // At first there is no group, whether its members are about to come or not.
        let is_there = |entry: &Entry| matches!(entry, Entry::Seen(Seen::Group { .. }));
        let first = replay.rest.iter().position(|(_, entry)| is_there(entry));
        let mut place = 0;
        replay.rest.retain(|(_, entry)| {
            place += 1;
            let is_first = first.is_none_or(|first| place <= first);
            !(is_first && matches!(entry, Entry::Seen(Seen::Absent)))
        });
        replay
    }

    /// Does what is due, unless a description comes first that has not been found yet.
    fn act(&mut self, now: i64) {
        while let Some((at, Entry::Done(entry))) = self.rest.front()
            && at + self.shift_ms + self.delay_ms <= now
        {
            let line = self.command(entry);
            self.rest.pop_front();
            if let Some(line) = line {
                let submitted = self.session.submit("t2", &line);
                submitted.unwrap_or_else(|error| panic!("{line}: {error}"));
            }
        }
    }

    /// The line that does what was done; none for what happens by itself.
    fn command(&self, entry: &Value) -> Option<String> {
        let what = entry["do"].as_str().unwrap_or_default();
        let words: Vec<&str> = what.split(' ').collect();
        Some(match words[..] {
            ["start", name] => start(self.scenario, &self.topic, name, &entry["config"]),
            ["close", name, ..] => format!("consumer stop {name}"),
            ["kill", "-9", "broker", ..] => {
                let groups = self.session.view().groups;
                let group = groups.iter().find(|group| group.id.as_str() == id(self.scenario));
                format!("broker kill {}", group.expect("the group is there").coordinator)
            }
            ["crash", name, ..] | ["kill", "-9", name] => format!("consumer kill {name}"),
            ["CreatePartitions", count] => format!(
                "kafka-topics.sh --alter --topic {} --partitions {count} \
                 --bootstrap-server broker1:9092",
                self.topic
            ),
            ["new", "coordinator:", ..] => return None,
            _ => panic!("the replay cannot do: {what}"),
        })
    }

    fn play_to(&mut self, now: i64) {
        let until = Time((BEGIN_MS + now.unsigned_abs()) * 1_000);
        let advance = self.session.advance(until, u32::MAX);
        assert_eq!(advance.halted, None, "the run came to stand still");
    }

    /// Looks at the group. What is recorded must come; of what comes, only states on the way to
    /// another may be missing in the recording.
    fn look(&mut self, now: i64) -> Replayed {
        let group = GroupId::from(id(self.scenario));
        let seen = look(&self.session.view(), &group, &self.alike);
        if self.played.last() == Some(&seen) {
            return Ok(());
        }
        self.judge_last(now)?;
        self.put_before(&seen);
        self.pass_over(&seen);
        let is_recorded = match self.rest.front() {
            Some((at, Entry::Seen(expected))) if *expected == seen => {
                // The observer looked up to 100 ms later than it came.
                self.shift_ms = now - at;
                self.found += 1;
                self.rest.pop_front();
                true
            }
            // It is again what it was before a coordinator's death hid it.
            _ => self.matched.as_ref() == Some(&seen),
        };
        if is_recorded {
            self.matched = Some(seen.clone());
        }
        self.last = (now, is_recorded);
        self.played.push(seen);
        Ok(())
    }

    /// What the observer saw right after something was done may have come right before it.
    fn put_before(&mut self, seen: &Seen) {
        if let Some((done, Entry::Done(_))) = self.rest.front()
            && let Some((at, Entry::Seen(next))) = self.rest.get(1)
            && next == seen
            && at - done < SHORT_MS
        {
            self.rest.swap(0, 1);
        }
    }

    /// The observer saw one of those that started together a moment before the other; here they came at
    /// once.
    fn pass_over(&mut self, seen: &Seen) {
        if let Some((_, Entry::Seen(first))) = self.rest.front()
            && let Some((_, Entry::Seen(next))) = self.rest.get(1)
            && first.has_alike()
            && first.is_passing()
            && next == seen
        {
            self.rest.pop_front();
            self.found += 1;
        }
    }

    /// What the group was until now must be recorded, unless it was that for a moment only.
    fn judge_last(&self, now: i64) -> Replayed {
        let (since, is_recorded) = self.last;
        let was_short = now - since < SHORT_MS;
        if is_recorded || was_short || self.played.last().is_none_or(Seen::is_passing) {
            return Ok(());
        }
        match self.rest.front() {
            Some((_, Entry::Done(entry))) => {
                Err(self.difference(&format!("nothing before {}", entry["do"])))
            }
            Some((_, Entry::Seen(expected))) => Err(self.difference(&format!("{expected:?}"))),
            None => Ok(()),
        }
    }

    fn missing(&self) -> Replayed {
        let mut seen = self.rest.iter().filter_map(|(_, entry)| match entry {
            Entry::Seen(seen) => Some(seen),
            Entry::Done(_) => None,
        });
        match seen.next() {
            Some(expected) => Err(self.difference(&format!("{expected:?}"))),
            None => Ok(()),
        }
    }

    fn difference(&self, expected: &str) -> Difference {
        // What came last is what differs; the rest is how it came to that.
        let got: Vec<String> = self.played.iter().rev().map(|seen| format!("{seen:?}")).collect();
        let operation = format!("description {}", self.found);
        Difference::new(operation, expected, got.join("\n    after    "))
    }
}

impl Seen {
    /// Whether members are there that started at the same moment.
    fn has_alike(&self) -> bool {
        matches!(self, Seen::Group { members, .. } if members.iter().any(|name| name == ALIKE))
    }

    /// Whether the group is on its way to another state.
    fn is_passing(&self) -> bool {
        match self {
            Seen::Absent => true,
            Seen::Group { has, .. } => has.is_none(),
        }
    }

    fn new(
        state: &str,
        epochs: Option<(i64, i64)>,
        members: Vec<(String, String)>,
        alike: &BTreeSet<String>,
    ) -> Self {
        let label = |name: String| if alike.contains(&name) { ALIKE.to_owned() } else { name };
        let mut has: Vec<(String, String)> =
            members.into_iter().map(|(name, has)| (label(name), has)).collect();
        has.sort();
        let members = has.iter().map(|(name, _)| name.clone()).collect();
        if epochs.is_some() {
            has = counted(has);
        }
        let rests = matches!(state, "Stable" | "Empty");
        Seen::Group { state: state.to_owned(), epochs, members, has: rests.then_some(has) }
    }
}

/// How much each member has, and what all have together. Members of the consumer protocol make their
/// ids up, and the coordinator's assignors go by the order of these: who has which is chance.
fn counted(has: Vec<(String, String)>) -> Vec<(String, String)> {
    let indexes = |list: &str| -> Vec<String> {
        let (_, indexes) = list.split_once(':').unwrap_or_default();
        indexes.split(',').filter(|index| !index.is_empty()).map(str::to_owned).collect()
    };
    let mut all: Vec<String> = has.iter().flat_map(|(_, list)| indexes(list)).collect();
    all.sort();
    let counts = has.iter().map(|(name, list)| (name.clone(), indexes(list).len().to_string()));
    let mut counted: Vec<(String, String)> = counts.collect();
    counted.sort();
    counted.push(("together".to_owned(), all.join(",")));
    counted
}

/// What was done in the recording, and what its observer saw.
fn recorded<'a>(log: &'a [Value], alike: &BTreeSet<String>) -> VecDeque<(i64, Entry<'a>)> {
    let mut recorded = VecDeque::new();
    let mut last: Option<Seen> = None;
    for entry in log {
        let at = int(entry, "t");
        if entry.get("do").is_some() {
            recorded.push_back((at, Entry::Done(entry)));
        }
        let seen = entry.get("group").and_then(|group| described(group, alike));
        if let Some(seen) = seen.filter(|seen| last.as_ref() != Some(seen)) {
            last = Some(seen.clone());
            recorded.push_back((at, Entry::Seen(seen)));
        }
    }
    recorded
}

/// A description of the recording's observer; none if it could not describe the group yet.
fn described(group: &Value, alike: &BTreeSet<String>) -> Option<Seen> {
    let error = group["error"].as_str().unwrap_or_default();
    match group["state"].as_str() {
        None if error.contains("not found") => Some(Seen::Absent),
        None => None,
        // How librdkafka tells of a group that is not there.
        Some("Dead") => Some(Seen::Absent),
        Some(state) => {
            let members = group["members"].as_array().into_iter().flatten();
            let text =
                |member: &Value, field: &str| member[field].as_str().unwrap_or_default().to_owned();
            let members = members.map(|member| (text(member, "c"), text(member, "has")));
            let epochs = group["epoch"].as_i64().zip(group["assignmentEpoch"].as_i64());
            Some(Seen::new(state, epochs, members.collect(), alike))
        }
    }
}

/// What an observer of the played group sees.
fn look(view: &ClusterView, id: &GroupId, alike: &BTreeSet<String>) -> Seen {
    let found = view.groups.iter().find(|group| group.id == *id);
    let Some(group) = found.filter(|group| group.state != GroupState::Dead) else {
        return Seen::Absent;
    };
    let name = |client: NodeId| {
        let is_it = |consumer: &&highwater_scenario::cluster::view::ConsumerView| {
            NodeId::Client(consumer.client) == client
        };
        view.consumers.iter().find(is_it).map_or(String::new(), |found| found.name.to_string())
    };
    let members = group.members.iter().map(|member| (name(member.client), has(&member.assignment)));
    let epochs = group.assignment_epoch.map(|target| (group.generation.0.into(), target.0.into()));
    Seen::new(group.state.name(), epochs, members.collect(), alike)
}

/// Partitions as the recording writes them: `t:0,1,2`.
fn has(partitions: &[TopicPartition]) -> String {
    let mut by_topic: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut sorted = partitions.to_vec();
    sorted.sort();
    for partition in &sorted {
        let indexes = by_topic.entry(partition.topic.as_str()).or_default();
        indexes.push(partition.partition.0.to_string());
    }
    let topics = by_topic.iter().map(|(topic, indexes)| format!("{topic}:{}", indexes.join(",")));
    topics.collect::<Vec<_>>().join(" ")
}

/// The members that were started at the same moment as another.
fn started_together(log: &[Value]) -> BTreeSet<String> {
    let starts: Vec<(i64, &str)> = log
        .iter()
        .filter_map(|entry| Some((int(entry, "t"), entry["do"].as_str()?.strip_prefix("start ")?)))
        .collect();
    let is_near =
        |a: &(i64, &str), b: &(i64, &str)| a.1 != b.1 && (a.0 - b.0).abs() <= SAME_MOMENT_MS;
    let alike = starts.iter().filter(|start| starts.iter().any(|other| is_near(start, other)));
    alike.map(|(_, name)| (*name).to_owned()).collect()
}

/// The recorded cluster, with its topic and the offsets topic in place.
fn script(scenario: &Value, topic: &str) -> String {
    format!(
        "{}config * offsets.topic.num.partitions=4\n\
         config * group.consumer.session.timeout.ms=6000\n\
         config * group.consumer.heartbeat.interval.ms=1000\n\
         @1s t1> kafka-topics.sh --create --topic {topic} --partitions {} --replication-factor 3 \
         --bootstrap-server broker1:9092\n\
         @2s t1> consumer start before --group before --topic {topic}\n\
         @8s t1> consumer stop before\n",
        crate::THREE_BROKERS,
        scenario["partitions"],
    )
}

/// A scenario's name, which is its group's too.
fn id(scenario: &Value) -> &str {
    scenario["id"].as_str().unwrap_or_default()
}

/// The topic, by the name under which the members have it.
fn topic(scenario: &Value) -> String {
    let log = scenario["log"].as_array().into_iter().flatten();
    let mut assigned = log.filter_map(|entry| entry["assigned"].as_str()?.split_once(':'));
    assigned.next().map_or_else(|| "t".to_owned(), |(topic, _)| topic.to_owned())
}

/// A member with the settings that all recorded ones have, and its own.
fn start(scenario: &Value, topic: &str, name: &str, config: &Value) -> String {
    let group = id(scenario);
    let mut line = format!(
        "consumer start {name} --group {group} --topic {topic} --config metadata.max.age.ms=1500"
    );
    let mut settings = BTreeMap::new();
    let mut set = |name: &str, value: Value| settings.insert(name.to_owned(), value);
    // The recording tells the assignor only by what the observer saw of it.
    let log = scenario["log"].as_array().into_iter().flatten();
    let assignor = log.filter_map(|entry| entry["group"]["assignor"].as_str()).next();
    if scenario["protocol"] == "consumer" {
        set("group.protocol", json!("consumer"));
        assignor.map(|assignor| set("group.remote.assignor", json!(assignor)));
    } else if config["group.protocol"] != "consumer" {
        set("heartbeat.interval.ms", json!(1_000));
        set("session.timeout.ms", json!(6_000));
        assignor.map(|assignor| set("partition.assignment.strategy", json!(assignor)));
    }
    for (setting, value) in config.as_object().into_iter().flatten() {
        if setting == "revokeMs" {
            write!(line, " --revoke-ms {value}").expect("text can be written to");
        } else {
            settings.insert(setting.clone(), value.clone());
        }
    }
    for (setting, value) in settings {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        write!(line, " --config {setting}={value}").expect("text can be written to");
    }
    line
}
