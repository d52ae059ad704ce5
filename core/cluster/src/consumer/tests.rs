//! Consumers and their groups against a whole cluster.

use std::collections::BTreeMap;

use highwater_log::Offset;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::create_topics_request::CreatableTopic;

use super::{AutoOffsetReset, ConsumerConfig};
use crate::action::Action;
use crate::client::names;
use crate::cluster_spec::ClusterSpec;
use crate::ctx::Ctx;
use crate::event::{Cause, Event, EventKind, GroupState};
use crate::ids::{BrokerId, EntryId, GroupId, NodeId, TerminalName, TopicName, TopicPartition};
use crate::input::Input;
use crate::producer::ProducerConfig;
use crate::program::Program;
use crate::time::{Span, Time};
use crate::view::{ConsumerView, GroupView};
use crate::world::World;

/// Creates a topic with so many partitions.
#[derive(Clone, Debug)]
struct CreateTopic(TopicName, i32);

impl Program for CreateTopic {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        if let Input::Start = input {
            let topic = CreatableTopic::default()
                .with_name(names::to_kafka(&self.0))
                .with_num_partitions(self.1)
                .with_replication_factor(3);
            let request = kafka::CreateTopicsRequest::default()
                .with_topics(vec![topic])
                .with_timeout_ms(30_000);
            ctx.send(NodeId::Broker(BrokerId(1)), request, Span::from_millis(60_000));
        } else {
            ctx.exit(0);
        }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

/// A cluster with the topic `orders`, and all that has happened in it.
pub(super) struct Cluster {
    pub(super) world: World,
    pub(super) events: Vec<Event>,
}

impl Cluster {
    pub(super) fn new(partitions: i32) -> Self {
        let mut spec = ClusterSpec::default();
        spec.configs.insert("offsets.topic.num.partitions".into(), "4".into());
        let mut cluster = Self { world: World::new(spec), events: Vec::new() };
        cluster.run(1_000);
        cluster.create(orders(), partitions);
        cluster
    }

    pub(super) fn create(&mut self, topic: TopicName, partitions: i32) {
        let terminal = TerminalName::from("t1");
        self.world.start_program(EntryId(0), &terminal, Box::new(CreateTopic(topic, partitions)));
        self.run(1_000);
    }

    pub(super) fn run(&mut self, millis: i64) {
        let until = self.world.now() + Span::from_millis(millis);
        self.world.run_until(until);
        self.events.extend(self.world.take_events());
        assert_eq!(self.world.halted(), None);
    }

    pub(super) fn act(&mut self, action: Action) {
        self.world.act((Cause::Start, None), action).unwrap();
        self.events.extend(self.world.take_events());
    }

    /// Lets a producer make `count` records, and waits until all are there.
    pub(super) fn produce(&mut self, name: &str, count: u64) {
        let mut config = ProducerConfig::new(name, orders());
        config.rate_per_second = 1_000;
        config.limit = Some(count);
        config.set("batch.size", "200").unwrap();
        self.act(Action::StartProducer(Box::new(config)));
        self.run(i64::try_from(count).unwrap() + 2_000);
    }

    pub(super) fn start(&mut self, name: &str, settings: &[(&str, &str)]) {
        let mut config = ConsumerConfig::new(name, &group(), vec![orders()]);
        config.auto_offset_reset = AutoOffsetReset::Earliest;
        for (setting, value) in settings {
            config.set(setting, value).unwrap();
        }
        self.act(Action::StartConsumer(Box::new(config)));
    }

    pub(super) fn close(&mut self, name: &str) {
        self.act(Action::CloseConsumer(name.into()));
    }

    /// The newest consumer of that name.
    pub(super) fn consumer(&self, name: &str) -> ConsumerView {
        let consumers = self.world.view().consumers;
        consumers.into_iter().rev().find(|consumer| &*consumer.name == name).unwrap()
    }

    pub(super) fn group(&self) -> GroupView {
        let groups = self.world.view().groups;
        assert_eq!(groups.len(), 1, "one coordinator knows the group: {}", self.trace());
        groups.into_iter().next().unwrap()
    }

    /// The partitions of each running consumer.
    pub(super) fn owned(&self) -> BTreeMap<String, Vec<i32>> {
        let consumers =
            self.world.view().consumers.into_iter().filter(|consumer| !consumer.is_closed);
        consumers
            .map(|consumer| {
                let owned =
                    consumer.assignment.iter().map(|position| position.partition.partition.0);
                (consumer.name.to_string(), owned.collect())
            })
            .collect()
    }

    /// The generations that the group went through, with its states.
    pub(super) fn states(&self) -> Vec<(GroupState, i32)> {
        self.events
            .iter()
            .filter_map(|event| match &event.kind {
                EventKind::GroupStateChanged { to, generation, .. } => Some((*to, generation.0)),
                _ => None,
            })
            .collect()
    }

    /// The offsets that the application got of each partition, in order.
    pub(super) fn consumed(&self) -> BTreeMap<TopicPartition, Vec<i64>> {
        let mut consumed: BTreeMap<TopicPartition, Vec<i64>> = BTreeMap::new();
        for event in &self.events {
            if let EventKind::RecordsConsumed { partition, first, last, count, .. } = &event.kind {
                assert_eq!(last.0 - first.0 + 1, i64::from(*count));
                consumed.entry(partition.clone()).or_default().extend(first.0..=last.0);
            }
        }
        consumed
    }

    pub(super) fn count(&self, is_it: impl Fn(&EventKind) -> bool) -> usize {
        self.events.iter().filter(|event| is_it(&event.kind)).count()
    }

    /// Checks that every record was consumed once and in order.
    pub(super) fn check_all_consumed_once(&self, total: usize) {
        let consumed = self.consumed();
        for (partition, offsets) in &consumed {
            let expected: Vec<i64> = (0..).take(offsets.len()).collect();
            assert_eq!(*offsets, expected, "{partition}");
        }
        let sum: usize = consumed.values().map(Vec::len).sum();
        assert_eq!(sum, total, "{}", self.trace());
    }

    pub(super) fn trace(&self) -> String {
        let is_shown = |event: &&Event| {
            !matches!(
                event.kind,
                EventKind::MessageSent { .. }
                    | EventKind::HighWatermarkAdvanced { .. }
                    | EventKind::BatchAppended { .. }
            )
        };
        let lines: Vec<String> =
            self.events.iter().filter(is_shown).map(ToString::to_string).collect();
        lines[lines.len().saturating_sub(150)..].join("\n")
    }
}

pub(super) fn orders() -> TopicName {
    TopicName::from("orders")
}

pub(super) fn group() -> GroupId {
    GroupId::from("shop")
}

/// The sums of what view `committed` says.
pub(super) fn committed(group: &GroupView) -> i64 {
    group.committed.iter().map(|(_, offset)| offset.0).sum()
}

#[test]
fn a_consumer_gets_every_record_once_and_commits() {
    let mut cluster = Cluster::new(3);
    cluster.produce("p1", 900);
    cluster.start("c1", &[("max.poll.records", "70")]);
    cluster.run(15_000);
    cluster.check_all_consumed_once(900);
    assert_eq!(cluster.consumer("c1").records_consumed, 900);
    let group = cluster.group();
    assert_eq!(group.state, GroupState::Stable, "{}", cluster.trace());
    assert_eq!(group.assignor.as_deref(), Some("range"));
    assert!(group.members[0].is_leader);
    assert_eq!(group.members[0].assignment.len(), 3);
    assert_eq!(committed(&group), 900);
    let positions = cluster.consumer("c1").assignment;
    assert!(positions.iter().all(|position| position.position == position.committed));
}

#[test]
fn the_latest_offset_is_where_nothing_is_yet() {
    let mut cluster = Cluster::new(1);
    cluster.produce("p1", 10);
    cluster.start("c1", &[("auto.offset.reset", "latest")]);
    cluster.run(8_000);
    cluster.produce("p2", 5);
    let consumed = cluster.consumed();
    assert_eq!(consumed[&TopicPartition::new(&orders(), 0)], [10, 11, 12, 13, 14]);
}

#[test]
fn without_a_reset_policy_a_group_without_offsets_is_an_error() {
    let mut cluster = Cluster::new(1);
    cluster.start("c1", &[("auto.offset.reset", "none")]);
    cluster.run(8_000);
    let consumer = cluster.consumer("c1");
    assert_eq!(
        consumer.last_error.as_deref(),
        Some(
            "NoOffsetForPartitionException: Undefined offset with no reset policy for partitions: [orders-0]"
        )
    );
    assert!(consumer.is_closed);
    assert_eq!(cluster.group().state, GroupState::Empty);
}

/// The course of `classic-start-together` in the recordings.
#[test]
fn members_that_start_together_need_one_rebalance() {
    let mut cluster = Cluster::new(6);
    for name in ["m1", "m2", "m3"] {
        cluster.start(name, &[("session.timeout.ms", "6000"), ("heartbeat.interval.ms", "1000")]);
        cluster.run(500);
    }
    cluster.run(8_000);
    let owned = cluster.owned();
    assert_eq!(
        owned.into_values().collect::<Vec<_>>(),
        [[0, 1], [2, 3], [4, 5]],
        "{}",
        cluster.trace()
    );
    cluster.close("m1");
    cluster.run(3_000);
    cluster.close("m2");
    cluster.run(3_000);
    assert_eq!(cluster.owned()["m3"], [0, 1, 2, 3, 4, 5], "{}", cluster.trace());
    cluster.close("m3");
    cluster.run(1_000);
    let (preparing, completing) = (GroupState::PreparingRebalance, GroupState::CompletingRebalance);
    let (stable, empty) = (GroupState::Stable, GroupState::Empty);
    assert_eq!(
        cluster.states(),
        [
            (preparing, 0),
            (completing, 1),
            (stable, 1),
            (preparing, 1),
            (completing, 2),
            (stable, 2),
            (preparing, 2),
            (completing, 3),
            (stable, 3),
            (preparing, 3),
            (empty, 4),
        ]
    );
    assert_eq!(
        cluster.count(|event| matches!(event, EventKind::MemberLeft { timed_out: true, .. })),
        0
    );
}

#[test]
fn a_late_member_makes_the_first_rebalance_wait_longer() {
    let mut cluster = Cluster::new(2);
    cluster.start("m1", &[]);
    cluster.run(2_500);
    cluster.start("m2", &[]);
    // The delay of three seconds begins again when it is over, since a member came meanwhile.
    cluster.run(2_000);
    assert_eq!(cluster.group().state, GroupState::PreparingRebalance, "{}", cluster.trace());
    cluster.run(4_000);
    assert_eq!(cluster.group().state, GroupState::Stable, "{}", cluster.trace());
    assert_eq!(cluster.group().generation.0, 1);
}

#[test]
fn a_killed_member_is_missed_when_its_session_ends() {
    let mut cluster = Cluster::new(6);
    for name in ["m1", "m2"] {
        cluster.start(name, &[("session.timeout.ms", "6000"), ("heartbeat.interval.ms", "1000")]);
    }
    cluster.run(8_000);
    cluster.act(Action::KillConsumer("m1".into()));
    cluster.run(3_000);
    assert_eq!(cluster.owned()["m2"].len(), 3, "{}", cluster.trace());
    cluster.run(6_000);
    assert_eq!(cluster.owned()["m2"].len(), 6, "{}", cluster.trace());
    assert_eq!(
        cluster.count(|event| matches!(event, EventKind::MemberLeft { timed_out: true, .. })),
        1
    );
    assert_eq!(cluster.group().members.len(), 1);
}

#[test]
fn a_successor_goes_on_where_the_group_committed() {
    let mut cluster = Cluster::new(3);
    cluster.produce("p1", 300);
    cluster.start("c1", &[]);
    cluster.run(8_000);
    cluster.close("c1");
    cluster.run(1_000);
    assert!(cluster.consumer("c1").is_closed);
    cluster.produce("p2", 200);
    cluster.start("c2", &[]);
    cluster.run(8_000);
    cluster.check_all_consumed_once(500);
    assert_eq!(cluster.consumer("c2").records_consumed, 200);
}

#[test]
fn a_rebalance_loses_and_repeats_nothing_while_nobody_crashes() {
    let mut cluster = Cluster::new(4);
    let mut config = ProducerConfig::new("p1", orders());
    config.rate_per_second = 100;
    config.limit = Some(3_000);
    cluster.act(Action::StartProducer(Box::new(config)));
    cluster.start("c1", &[("max.poll.records", "7")]);
    cluster.run(10_000);
    cluster.start("c2", &[]);
    cluster.run(10_000);
    cluster.close("c1");
    cluster.run(20_000);
    cluster.check_all_consumed_once(3_000);
}

#[test]
fn a_group_outlives_its_coordinator() {
    let mut cluster = Cluster::new(3);
    cluster.produce("p1", 300);
    cluster.start("c1", &[]);
    cluster.start("c2", &[]);
    cluster.run(20_000);
    let before = cluster.group();
    assert_eq!(committed(&before), 300);
    cluster.act(Action::KillBroker(before.coordinator));
    cluster.run(40_000);
    let after = cluster.group();
    assert_ne!(after.coordinator, before.coordinator);
    assert_eq!(after.generation, before.generation, "{}", cluster.trace());
    assert_eq!(after.members.len(), 2);
    assert_eq!(after.members[0].client, before.members[0].client);
    assert_eq!(after.state, GroupState::Stable);
    cluster.produce("p2", 100);
    cluster.run(5_000);
    cluster.check_all_consumed_once(400);
    assert_eq!(committed(&cluster.group()), 400, "{}", cluster.trace());
}

#[test]
fn consuming_goes_on_with_the_next_leader() {
    let mut cluster = Cluster::new(1);
    cluster.produce("p1", 100);
    cluster.start("c1", &[]);
    cluster.run(8_000);
    let leader =
        cluster.world.view().topics.iter().find(|topic| topic.name == orders()).unwrap().partitions
            [0]
        .leader;
    cluster.act(Action::KillBroker(leader.unwrap()));
    cluster.produce("p2", 100);
    cluster.run(20_000);
    cluster.check_all_consumed_once(200);
}

#[test]
fn an_application_that_does_not_poll_is_no_member_for_long() {
    let mut cluster = Cluster::new(1);
    cluster.produce("p1", 10);
    let mut config = ConsumerConfig::new("slow", &group(), vec![orders()]);
    config.auto_offset_reset = AutoOffsetReset::Earliest;
    config.poll_interval = Span::from_millis(20_000);
    config.max_poll_interval_ms = 10_000;
    cluster.act(Action::StartConsumer(Box::new(config)));
    cluster.run(8_000);
    assert_eq!(cluster.consumer("slow").records_consumed, 10);
    assert_eq!(cluster.group().state, GroupState::Stable);
    cluster.run(10_000);
    assert_eq!(cluster.group().state, GroupState::Empty, "{}", cluster.trace());
    // Polling at last, it joins again; its commit was too late, so it gets the same once more.
    cluster.run(20_000);
    assert_eq!(cluster.consumer("slow").records_consumed, 20, "{}", cluster.trace());
}

#[test]
fn a_static_member_comes_back_without_a_rebalance() {
    let mut cluster = Cluster::new(4);
    cluster.start("m1", &[("group.instance.id", "i1")]);
    cluster.start("m2", &[("group.instance.id", "i2")]);
    cluster.run(8_000);
    let before = cluster.owned();
    cluster.close("m1");
    cluster.run(5_000);
    cluster.start("m1", &[("group.instance.id", "i1")]);
    cluster.run(5_000);
    assert_eq!(cluster.owned(), before, "{}", cluster.trace());
    assert_eq!(cluster.group().generation.0, 1);
}

#[test]
fn a_topic_that_is_created_later_is_assigned_then() {
    let mut cluster = Cluster::new(2);
    let late = TopicName::from("late");
    let config = ConsumerConfig::new("c1", &group(), vec![late.clone(), orders()]);
    cluster.act(Action::StartConsumer(Box::new(config)));
    cluster.run(20_000);
    assert_eq!(cluster.owned()["c1"], [0, 1], "{}", cluster.trace());
    assert_eq!(cluster.group().generation.0, 1);
    cluster.create(late, 3);
    cluster.run(3_000);
    assert_eq!(cluster.owned()["c1"], [0, 1, 2, 0, 1], "{}", cluster.trace());
    assert_eq!(cluster.group().generation.0, 2);
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let run = || {
        let mut cluster = Cluster::new(3);
        cluster.start("c1", &[]);
        cluster.start("c2", &[]);
        cluster.produce("p1", 300);
        cluster.run(10_000);
        cluster.close("c2");
        cluster.run(10_000);
        cluster.events
    };
    assert!(run() == run());
}

#[test]
fn nothing_is_consumed_beyond_the_high_watermark() {
    let mut cluster = Cluster::new(2);
    cluster.start("c1", &[]);
    cluster.produce("p1", 2_000);
    let mut high_watermarks: BTreeMap<TopicPartition, Offset> = BTreeMap::new();
    for event in &cluster.events {
        match &event.kind {
            EventKind::HighWatermarkAdvanced { partition, to, is_leader: true, .. } => {
                high_watermarks.insert(partition.clone(), *to);
            }
            EventKind::RecordsConsumed { partition, last, .. } => {
                assert!(*last < high_watermarks[partition], "{event}");
            }
            _ => {}
        }
    }
    assert!(cluster.consumer("c1").records_consumed > 0);
    assert!(cluster.world.now() > Time::ZERO);
}
