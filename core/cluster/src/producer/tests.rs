//! Producers against a whole cluster.

use std::sync::Arc;

use highwater_log::Compression;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use kafka_protocol::protocol::StrBytes;

use super::{Acks, ProducerCall, ProducerConfig, ProducerRecord, Source, SourceRecord};
use crate::action::Action;
use crate::client::names;
use crate::cluster_spec::ClusterSpec;
use crate::ctx::Ctx;
use crate::event::{Event, EventKind};
use crate::ids::{BrokerId, EntryId, NodeId, TerminalName, TopicName};
use crate::input::Input;
use crate::program::Program;
use crate::time::{Span, Time};
use crate::view::ProducerView;
use crate::world::World;

/// A command that does one thing at its start.
#[derive(Clone, Debug)]
enum Once {
    CreateTopic { partitions: i32, min_insync_replicas: u32 },
    Act(Action),
}

impl Program for Once {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match (self, input) {
            (Once::CreateTopic { partitions, min_insync_replicas }, Input::Start) => {
                let config = CreatableTopicConfig::default()
                    .with_name(StrBytes::from_static_str("min.insync.replicas"))
                    .with_value(Some(StrBytes::from_string(min_insync_replicas.to_string())));
                let topic = CreatableTopic::default()
                    .with_name(names::to_kafka(&orders()))
                    .with_num_partitions(*partitions)
                    .with_replication_factor(3)
                    .with_configs(vec![config]);
                let request = kafka::CreateTopicsRequest::default()
                    .with_topics(vec![topic])
                    .with_timeout_ms(30_000);
                ctx.send(NodeId::Broker(BrokerId(1)), request, Span::from_millis(60_000));
            }
            (Once::Act(action), Input::Start) => {
                let result = ctx.act(action.clone());
                ctx.exit(i32::from(result.is_err()));
            }
            (_, Input::Response(..)) => ctx.exit(0),
            (_, Input::Failed(..)) => ctx.exit(1),
            _ => {}
        }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

/// A cluster with the topic `orders`, and what happened in it.
struct Cluster {
    world: World,
    events: Vec<Event>,
    entries: u32,
}

impl Cluster {
    fn new(partitions: i32, min_insync_replicas: u32) -> Self {
        Self::of(ClusterSpec::default(), partitions, min_insync_replicas)
    }

    fn of(spec: ClusterSpec, partitions: i32, min_insync_replicas: u32) -> Self {
        let mut cluster = Self { world: World::new(spec), events: Vec::new(), entries: 0 };
        cluster.run_millis(5_000);
        cluster.once(Once::CreateTopic { partitions, min_insync_replicas });
        cluster.run_millis(2_000);
        assert_eq!(cluster.world.view().topics.len(), 1, "the topic was created");
        cluster
    }

    fn once(&mut self, program: Once) {
        self.entries += 1;
        let terminal = TerminalName::from("t1");
        let client = self.world.start_program(EntryId(self.entries), &terminal, Box::new(program));
        client.expect("there is room for a command");
    }

    fn act(&mut self, action: Action) {
        self.once(Once::Act(action));
    }

    fn run_millis(&mut self, millis: i64) {
        let until = self.world.now() + Span::from_millis(millis);
        self.world.run_until(until);
        assert_eq!(self.world.halted(), None);
        self.events.extend(self.world.take_events());
    }

    fn producer(&self) -> ProducerView {
        self.world.view().producers.remove(0)
    }

    fn log_end_offsets(&self) -> i64 {
        let view = self.world.view();
        let leaders = view.topics[0].partitions.iter().map(|partition| {
            let broker = view.brokers.iter().find(|broker| Some(broker.id) == partition.leader);
            let replicas = &broker.expect("there is a leader").replicas;
            let replica = replicas.iter().find(|replica| replica.partition == partition.partition);
            replica.expect("the leader has the replica").log_end_offset.0
        });
        leaders.sum()
    }
}

fn orders() -> TopicName {
    TopicName::from("orders")
}

fn at_rate(rate: u32) -> ProducerConfig {
    ProducerConfig { rate_per_second: rate, ..ProducerConfig::new("p1", orders()) }
}

fn start(config: ProducerConfig) -> Action {
    Action::StartProducer(Box::new(config))
}

/// Runs a producer of 100 records and checks that each is in the log once and was acknowledged.
fn check_all_arrive(change: impl FnOnce(&mut ProducerConfig)) {
    let mut config = ProducerConfig { limit: Some(100), ..at_rate(100) };
    change(&mut config);
    let mut cluster = Cluster::new(3, 1);
    cluster.act(start(config.clone()));
    cluster.run_millis(5_000);
    let producer = cluster.producer();
    assert_eq!(producer.records_acknowledged, 100, "{config:?}");
    assert_eq!((producer.records_failed, producer.retries), (0, 0), "{config:?}");
    assert!(producer.is_done && !producer.is_closed && !producer.is_blocked);
    assert_eq!(cluster.log_end_offsets(), 100, "{config:?}");
}

#[test]
fn all_records_arrive_once() {
    check_all_arrive(|_| {});
    check_all_arrive(|config| config.acks = Acks::Leader);
    check_all_arrive(|config| config.acks = Acks::None);
    check_all_arrive(|config| config.enable_idempotence = false);
    check_all_arrive(|config| config.max_in_flight = 1);
    check_all_arrive(|config| config.compression = Compression::Gzip);
    check_all_arrive(|config| config.rate_per_second = 1_000_000);
    check_all_arrive(|config| config.batch_size = 0);
    check_all_arrive(|config| config.source = Source::Synthetic { keys: 7, value_bytes: 2_000 });
}

#[test]
fn a_file_is_sent_once_or_again_and_again() {
    let records: Vec<SourceRecord> = (0..40)
        .map(|n: u32| SourceRecord { key: None, value: n.to_string().into_bytes().into() })
        .collect();
    let once = Source::File { records: records.clone().into(), repeat: false };
    let mut cluster = Cluster::new(1, 1);
    cluster.act(start(ProducerConfig { source: once, ..at_rate(100) }));
    cluster.run_millis(5_000);
    assert_eq!(cluster.producer().records_acknowledged, 40);
    assert!(cluster.producer().is_done);
    check_all_arrive(|config| {
        config.source = Source::File { records: records.into(), repeat: true };
    });
}

/// Lets a producer run while the leader of its partition ends, and checks what was lost.
fn check_broker_ends(end: fn(BrokerId) -> Action, change: impl FnOnce(&mut ProducerConfig)) {
    let mut config = ProducerConfig { limit: Some(3_000), ..at_rate(100) };
    change(&mut config);
    let mut cluster = Cluster::new(1, 2);
    cluster.act(start(config));
    cluster.run_millis(5_000);
    let leader = cluster.world.view().topics[0].partitions[0].leader.unwrap();
    cluster.act(end(leader));
    cluster.run_millis(60_000);
    let producer = cluster.producer();
    assert_eq!(producer.records_acknowledged, 3_000, "{producer:#?}");
    assert_eq!(producer.records_failed, 0);
    assert!(producer.retries > 0, "something was under way");
    assert_eq!(cluster.log_end_offsets(), 3_000, "nothing was lost, nothing written twice");
}

#[test]
fn an_idempotent_producer_survives_the_loss_of_a_leader() {
    check_broker_ends(Action::KillBroker, |_| {});
    check_broker_ends(Action::KillBroker, |config| config.max_in_flight = 1);
    check_broker_ends(Action::StopBroker, |config| config.rate_per_second = 400);
}

#[test]
fn without_acks_what_was_under_way_is_lost_and_nobody_knows() {
    let mut cluster = Cluster::new(1, 1);
    let config = ProducerConfig { limit: Some(3_000), acks: Acks::None, ..at_rate(100) };
    cluster.act(start(config));
    cluster.run_millis(5_000);
    let leader = cluster.world.view().topics[0].partitions[0].leader.unwrap();
    cluster.act(Action::KillBroker(leader));
    cluster.run_millis(60_000);
    let producer = cluster.producer();
    assert_eq!((producer.records_acknowledged, producer.records_failed), (3_000, 0));
    let written = cluster.log_end_offsets();
    assert!((2_990..3_000).contains(&written), "{written} of 3000 were written");
}

#[test]
fn a_lost_answer_makes_no_duplicate() {
    let mut cluster = Cluster::new(1, 1);
    cluster.act(start(ProducerConfig { limit: Some(1_000), ..at_rate(1_000) }));
    cluster.run_millis(500);
    let leader = cluster.world.view().topics[0].partitions[0].leader.unwrap();
    let client = cluster.world.view().producers[0].client;
    let (a, b) = (NodeId::Broker(leader), NodeId::Client(client));
    cluster.act(Action::CutLink(a, b));
    // For longer than a request is waited for.
    cluster.run_millis(40_000);
    cluster.act(Action::HealLink(a, b));
    cluster.run_millis(60_000);
    let producer = cluster.producer();
    assert!(producer.retries > 0, "something was under way");
    assert_eq!(producer.records_acknowledged, 1_000, "{producer:#?}");
    assert_eq!(cluster.log_end_offsets(), 1_000, "nothing was written twice");
}

#[test]
fn closing_flushes_first() {
    let mut cluster = Cluster::new(3, 1);
    let mut config = at_rate(1_000);
    config.set("linger.ms", "10000").unwrap();
    cluster.act(start(config));
    cluster.run_millis(1_000);
    assert!(cluster.producer().records_waiting > 0);
    cluster.act(Action::CloseProducer("p1".into()));
    cluster.run_millis(1_000);
    let producer = cluster.producer();
    assert!(producer.is_closed);
    assert_eq!((producer.records_waiting, producer.records_in_flight), (0, 0));
    assert!(producer.records_acknowledged > 900);
    assert_eq!(cluster.log_end_offsets() as u64, producer.records_acknowledged);
    assert!(
        cluster.events.iter().any(|event| matches!(event.kind, EventKind::ProducerClosed { .. }))
    );
}

#[test]
fn a_topic_that_does_not_exist_blocks_the_application() {
    let mut spec = ClusterSpec::default();
    spec.configs.insert("auto.create.topics.enable".into(), "false".into());
    let mut cluster = Cluster::of(spec, 1, 1);
    cluster.act(start(ProducerConfig { topic: TopicName::from("nowhere"), ..at_rate(10) }));
    cluster.run_millis(30_000);
    let producer = cluster.producer();
    assert!(producer.is_blocked);
    assert_eq!(producer.last_error.as_deref(), Some("UNKNOWN_TOPIC_OR_PARTITION"));
    assert_eq!(producer.records_failed, 0);
    cluster.run_millis(35_000);
    let producer = cluster.producer();
    assert_eq!(producer.records_failed, 1);
    let failure = "TimeoutException: Topic nowhere not present in metadata after 60000 ms.";
    assert_eq!(producer.last_failure.as_deref(), Some(failure));
}

#[test]
fn too_few_in_sync_replicas_are_retried_until_the_delivery_timeout() {
    let mut cluster = Cluster::new(1, 2);
    let leader = cluster.world.view().topics[0].partitions[0].leader.unwrap();
    for broker in (1..=3).map(BrokerId).filter(|broker| *broker != leader) {
        cluster.act(Action::KillBroker(broker));
        cluster.run_millis(20_000);
    }
    let mut config = ProducerConfig { limit: Some(1), ..at_rate(1) };
    config.set("request.timeout.ms", "1000").unwrap();
    config.set("delivery.timeout.ms", "5000").unwrap();
    cluster.act(start(config));
    cluster.run_millis(10_000);
    let producer = cluster.producer();
    assert_eq!((producer.records_acknowledged, producer.records_failed), (0, 1), "{producer:#?}");
    assert!(producer.retries >= 3, "{} retries", producer.retries);
    let failure = producer.last_failure.unwrap();
    let begins = "TimeoutException: Expiring 1 record(s) for orders-0:5000 ms has passed since batch creation";
    assert!(failure.starts_with(begins) || failure.starts_with("NotEnoughReplicas"), "{failure}");
}

#[test]
fn a_full_buffer_holds_the_application_back() {
    let mut cluster = Cluster::new(1, 1);
    let mut config = at_rate(1_000);
    config.source = Source::Synthetic { keys: 0, value_bytes: 1_000 };
    config.set("buffer.memory", "65536").unwrap();
    for broker in 1..=3 {
        let client = NodeId::Client(crate::ids::ClientId(2));
        if broker == 1 {
            cluster.act(start(config.clone()));
            cluster.run_millis(500);
        }
        cluster.act(Action::CutLink(NodeId::Broker(BrokerId(broker)), client));
    }
    cluster.run_millis(5_000);
    let producer = cluster.producer();
    assert!(producer.is_blocked, "{producer:#?}");
    let held = producer.records_waiting + producer.records_in_flight;
    assert!(held <= 64, "{held} records are held");
}

#[test]
fn a_hostile_rate_stops_the_run_and_not_the_page() {
    let mut cluster = Cluster::new(1, 1);
    cluster.act(start(at_rate(1_000_000_000)));
    cluster.world.run_until(Time(60_000_000));
    let halt = cluster.world.halted().expect("the run stands still");
    assert_eq!(halt.entry, Some(EntryId(2)));
    assert!(cluster.producer().records_waiting < 1_000_000);
}

/// A record by hand.
fn send(value: &str) -> Action {
    let record = ProducerRecord {
        topic: orders(),
        partition: None,
        timestamp: None,
        key: None,
        value: Some(value.to_owned().into_bytes().into()),
        headers: Arc::default(),
    };
    Action::CallProducer("p1".into(), Box::new(ProducerCall::Send(record)))
}

#[test]
fn a_producer_that_makes_no_records_sends_what_it_is_given() {
    let mut cluster = Cluster::new(1, 1);
    cluster.act(start(at_rate(0)));
    cluster.run_millis(1_000);
    cluster.act(send("a"));
    cluster.act(send("b"));
    cluster.run_millis(1_000);
    let producer = cluster.producer();
    assert_eq!(producer.records_acknowledged, 2, "{producer:#?}");
    assert_eq!(cluster.log_end_offsets(), 2);
}
