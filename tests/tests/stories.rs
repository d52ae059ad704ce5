//! Lessons told as stories: each scenario of `scenarios/stories` shows what its comment tells, and the
//! one that cures it no longer does. What is asserted is counted by the engine, in events and logs.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::Path;

use highwater_scenario::cluster::event::{Event, EventKind, GroupState};
use highwater_scenario::cluster::ids::TopicPartition;
use highwater_scenario::cluster::log::{Offset, Record};
use highwater_scenario::cluster::time::Time;
use highwater_scenario::invariants::Anomaly;
use highwater_tests::{Played, open};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/stories");

/// A story that was played to its end.
struct Told {
    played: Played,
    events: Vec<Event>,
}

/// What is counted in a story.
type Figure = fn(&Told) -> u64;

/// Plays a story and its cure: in the one the figure lies in the first range, in the other in the second.
#[track_caller]
fn check(name: &str, figure: Figure, story: RangeInclusive<u64>, cured: RangeInclusive<u64>) {
    for (name, expected) in [(name.to_owned(), story), (format!("{name}-cured"), cured)] {
        let told = tell(&name);
        let found = figure(&told);
        println!("{name}: {found}");
        let story = told.played.story();
        assert!(expected.contains(&found), "{name}: {found} is not in {expected:?}\n{story}");
    }
}

#[test]
fn a_roll_out_rebalances_twice_for_each_restart_but_for_static_members() {
    // The first is the one in which all came; then five leave and five come.
    check("rebalancing-cascade", rebalances, 11..=11, 1..=1);
}

#[test]
fn a_retry_after_a_lost_answer_is_charged_twice_but_for_idempotence() {
    check("duplicate-order", written_twice, 1..=100, 0..=0);
    check("duplicate-order", processed_again, 1..=100, 0..=0);
    check("duplicate-order", written, 101..=200, 100..=100);
}

#[test]
fn who_is_too_slow_for_retention_skips_what_was_deleted() {
    check("slow-consumer", skipped, 100..=2_000, 0..=0);
}

#[test]
fn more_members_than_partitions_are_idle() {
    check("idle-members", idle, 2..=2, 0..=0);
}

#[test]
fn more_partitions_break_the_order_of_keys() {
    check("more-partitions", keys_in_two_partitions, 1..=9, 0..=0);
    check("more-partitions", processed_out_of_order, 1..=2_000, 0..=0);
}

#[test]
fn a_crash_repeats_what_came_since_the_last_automatic_commit() {
    // Twenty records a second, and up to five seconds from commit to commit; or a tenth of a second.
    check("auto-commit-crash", processed_twice, 20..=100, 0..=5);
    check("auto-commit-crash", skipped, 0..=0, 0..=0);
}

#[test]
fn a_pool_of_workers_loses_what_is_committed_before_it_is_done() {
    check("auto-commit-losing-work", never_done, 20..=180, 0..=0);
    check("auto-commit-losing-work", processed_twice, 0..=0, 0..=20);
}

#[test]
fn who_works_for_longer_than_the_poll_interval_is_thrown_out_and_works_for_nothing() {
    // It is thrown out every 10 s and works on for another 10.
    check("poll-interval", left, 5..=12, 0..=0);
    check("poll-interval", processed_twice, 100..=1_000, 0..=0);
    check("poll-interval", committed, 0..=0, 300..=300);
}

#[test]
fn several_in_flight_swap_places_but_for_idempotence() {
    check("overtaken", out_of_order_in_the_log, 1..=200, 0..=0);
}

#[test]
fn acks_1_loses_what_was_acknowledged_and_acks_all_does_not() {
    check("acks-1", lost, 1..=100, 0..=0);
}

#[test]
fn what_is_rejected_is_in_no_queue_that_was_not_meant_for_it() {
    check("unwanted-letters", dead_letters, 0..=0, 10..=10);
    check("unwanted-letters", undelivered, 10..=10, 0..=0);
}

#[test]
fn every_story_has_its_cure_and_its_line_in_the_list() {
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(FOLDER).expect("the folder is there") {
        let path = entry.expect("the entry can be read").path();
        if path.extension().is_some_and(|extension| extension == "hw") {
            names.insert(path.file_stem().expect("it has a name").to_string_lossy().into_owned());
        }
    }
    let list = std::fs::read_to_string(Path::new(FOLDER).join("README.md")).expect("the list");
    let stories: Vec<&String> = names.iter().filter(|name| !name.ends_with("-cured")).collect();
    assert!(stories.len() >= 9, "{stories:?}");
    assert_eq!(names.len(), 2 * stories.len(), "{names:?}");
    for story in stories {
        assert!(names.contains(&format!("{story}-cured")), "{story} has no cure");
        assert!(list.contains(&format!("`{story}`")), "{story} has no line in the README");
        let told = format!("check(\"{story}\"");
        assert!(include_str!("stories.rs").contains(&told), "nothing checks {story}");
    }
}

/// Plays a story to its last line, and keeps what happened.
#[track_caller]
fn tell(name: &str) -> Told {
    let path = format!("{FOLDER}/{name}.hw");
    let script = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let session = open(&script);
    let end = session.script_end();
    let mut told = Told { played: Played { session }, events: Vec::new() };
    for second in 1..=end.since(Time(0)).0.div_ceil(1_000_000) {
        told.played.play_to(second);
        let known = told.events.last().map(|event| event.id);
        let all = told.played.session.causes().all();
        told.events.extend(all.filter(|event| Some(event.id) > known).cloned());
    }
    assert_eq!(told.events.len() as u64, told.played.session.world().event_count());
    told
}

impl Told {
    fn count(&self, is_counted: impl Fn(&EventKind) -> bool) -> u64 {
        self.events.iter().filter(|event| is_counted(&event.kind)).count() as u64
    }

    /// The sum over what the checkers found.
    fn sum(&self, records: impl Fn(&Anomaly) -> Option<(Offset, Offset)>) -> u64 {
        let found = self.played.session.invariants().found().iter();
        let runs = found.filter_map(|finding| records(&finding.what));
        runs.map(|(first, last)| (last.0 - first.0 + 1).cast_unsigned()).sum()
    }

    /// The records that the leaders have, of all topics that are not Kafka's own.
    fn records(&self) -> BTreeMap<TopicPartition, Vec<Record>> {
        let view = self.played.view();
        let topics = view.topics.iter().filter(|topic| !topic.is_internal);
        let partitions = topics.flat_map(|topic| &topic.partitions);
        let of = |leader, id| {
            let log = self.played.session.world().log(leader, id).expect("a leader has a log");
            log.batches().flat_map(|batch| batch.records().expect("it can be read")).collect()
        };
        let led = partitions.filter_map(|part| Some((part.leader?, &part.partition)));
        led.map(|(leader, id)| (id.clone(), of(leader, id))).collect()
    }

    /// What applications got, in the order in which they got it.
    fn processed(&self) -> Vec<(TopicPartition, Record)> {
        let records = self.records();
        let mut processed = Vec::new();
        for event in &self.events {
            let EventKind::RecordsConsumed { partition, first, last, .. } = &event.kind else {
                continue;
            };
            let of = records[partition].iter();
            let got = of.filter(|record| (*first..=*last).contains(&record.offset)).cloned();
            processed.extend(got.map(|record| (partition.clone(), record)));
        }
        processed
    }
}

/// The number that a made-up record carries: its place in the order of making.
fn number(record: &Record) -> u64 {
    let value: serde_json::Value =
        serde_json::from_slice(record.value.as_ref().expect("a value")).expect("it is JSON");
    value["n"].as_u64().expect("a number")
}

fn rebalances(told: &Told) -> u64 {
    told.count(|kind| {
        matches!(kind, EventKind::GroupStateChanged { to: GroupState::PreparingRebalance, .. })
    })
}

/// Members that went out of their groups.
fn left(told: &Told) -> u64 {
    told.count(|kind| matches!(kind, EventKind::MemberLeft { .. }))
}

fn written(told: &Told) -> u64 {
    told.records().values().map(|records| records.len() as u64).sum()
}

fn repeated(numbers: impl Iterator<Item = u64>) -> u64 {
    let mut known = BTreeSet::new();
    numbers.filter(|number| !known.insert(*number)).count() as u64
}

fn written_twice(told: &Told) -> u64 {
    repeated(told.records().values().flatten().map(number))
}

/// Of one record after the other, those whose content some application had before.
fn processed_again(told: &Told) -> u64 {
    repeated(told.processed().iter().map(|(_, record)| number(record)))
}

fn processed_twice(told: &Told) -> u64 {
    told.sum(|what| match what {
        Anomaly::ProcessedTwice { first, last, .. } => Some((*first, *last)),
        _ => None,
    })
}

/// Records that no application was done with.
fn never_done(told: &Told) -> u64 {
    let mut done = BTreeSet::new();
    for event in &told.events {
        if let EventKind::RecordsConsumed { partition, first, last, .. } = &event.kind {
            done.extend((first.0..=last.0).map(|offset| (partition, offset)));
        }
    }
    written(told) - done.len() as u64
}

fn skipped(told: &Told) -> u64 {
    told.sum(|what| match what {
        Anomaly::Skipped { first, last, .. } => Some((*first, *last)),
        _ => None,
    })
}

fn lost(told: &Told) -> u64 {
    told.sum(|what| match what {
        Anomaly::LostWrite { first, last, .. } => Some((*first, *last)),
        _ => None,
    })
}

/// The records in dead-letter queues.
fn dead_letters(told: &Told) -> u64 {
    told.played.session.invariants().dead_letters().written
}

/// The records that were given up, and did not get into a dead-letter queue.
fn undelivered(told: &Told) -> u64 {
    told.played.session.invariants().dead_letters().failed
}

/// The records that lie before the offsets that groups have committed.
fn committed(told: &Told) -> u64 {
    let groups = told.played.view().groups;
    let offsets = groups.iter().flat_map(|group| &group.committed);
    offsets.map(|(_, offset)| offset.0.cast_unsigned()).sum()
}

/// Members of a group that own nothing.
fn idle(told: &Told) -> u64 {
    let groups = told.played.view().groups;
    let members = groups.iter().flat_map(|group| &group.members);
    members.filter(|member| member.assignment.is_empty()).count() as u64
}

/// Neighbours in a log of which the earlier was made later.
fn out_of_order_in_the_log(told: &Told) -> u64 {
    let swapped = |records: &Vec<Record>| {
        records.windows(2).filter(|pair| number(&pair[0]) > number(&pair[1])).count() as u64
    };
    told.records().values().map(swapped).sum()
}

fn keys_in_two_partitions(told: &Told) -> u64 {
    let mut places: BTreeMap<_, BTreeSet<TopicPartition>> = BTreeMap::new();
    for (partition, records) in told.records() {
        for record in records {
            places.entry(record.key).or_default().insert(partition.clone());
        }
    }
    places.values().filter(|places| places.len() > 1).count() as u64
}

/// Records that were processed after a later one of the same key.
fn processed_out_of_order(told: &Told) -> u64 {
    let mut latest = BTreeMap::new();
    let mut late = 0;
    for (_, record) in told.processed() {
        let number = number(&record);
        let latest = latest.entry(record.key).or_insert(number);
        late += u64::from(number < *latest);
        *latest = number.max(*latest);
    }
    late
}
