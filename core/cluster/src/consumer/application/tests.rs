//! The application behind a consumer against a whole cluster, with its producer faked.

use std::sync::Arc;

use highwater_log::{BatchBuilder, BatchOptions, Header, LeaderEpoch, Offset};
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};

use super::config::{ApplicationConfig, CommitMode, CommitWhen, OnError, WorkOrder};
use super::event::ApplicationEvent;
use super::headers;
use super::outbox::Outgoing;
use super::rule::FailRule;
use crate::action::Action;
use crate::client::names;
use crate::consumer::tests::{Cluster, committed, group, orders};
use crate::consumer::{
    AutoOffsetReset, Consumer, ConsumerCommand, ConsumerConfig, Dedupe, IsolationLevel, SeekTo,
};
use crate::ctx::Ctx;
use crate::event::{Cause, EventKind};
use crate::ids::{EntryId, GroupId, NodeId, TerminalName, TopicName, TopicPartition};
use crate::input::Input;
use crate::node::Node;
use crate::producer::{ProducerConfig, Source};
use crate::program::Program;
use crate::time::Span;
use crate::view::ApplicationView;

/// Produces records with a header to orders-0.
#[derive(Clone, Debug)]
struct ProduceWithHeader(&'static str, String);

impl Program for ProduceWithHeader {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        if !matches!(input, Input::Start) {
            return ctx.exit(0);
        }
        let header =
            Header { key: self.0.as_bytes().to_vec().into(), value: Some(self.1.clone().into()) };
        let mut builder = BatchBuilder::new(BatchOptions::default());
        builder.append(ctx.timestamp(), None, Some(b"v"), &[header]);
        let batch = builder.build(Offset(0), LeaderEpoch(-1));
        let data =
            PartitionProduceData::default().with_index(0).with_records(Some(batch.bytes().clone()));
        let topic = TopicProduceData::default()
            .with_name(names::to_kafka(&orders()))
            .with_partition_data(vec![data]);
        let request = kafka::ProduceRequest::default()
            .with_acks(-1)
            .with_timeout_ms(10_000)
            .with_topic_data(vec![topic]);
        for broker in ctx.bootstrap_brokers() {
            ctx.send(NodeId::Broker(broker), request.clone(), Span::from_millis(10_000));
        }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

impl Cluster {
    /// Starts a consumer of all that is there, with this application.
    fn start_application(&mut self, name: &str, change: impl FnOnce(&mut ConsumerConfig)) {
        let mut config = ConsumerConfig::new(name, &group(), vec![orders()]);
        config.auto_offset_reset = AutoOffsetReset::Earliest;
        change(&mut config);
        config.check().unwrap();
        // Alone: the tests answer in place of the producer that a dead-letter topic would bring along.
        let node = Node::Consumer(Consumer::new(config));
        self.world.start_client((Cause::Start, None), &name.into(), node).unwrap();
        self.events.extend(self.world.take_events());
    }

    fn application(&self, name: &str) -> ApplicationView {
        self.consumer(name).application
    }

    /// What the consumer's application wants to have produced.
    fn outgoing(&mut self, name: &str) -> Vec<Outgoing> {
        let id = NodeId::Client(self.world.running_client(name).unwrap());
        let slot = self.world.nodes.get_mut(&id).unwrap();
        let Some(Node::Consumer(consumer)) = slot.node.as_deref_mut() else { unreachable!() };
        consumer.take_outgoing()
    }

    /// Answers for the producer that the application does not have here.
    fn settle(&mut self, name: &str, outgoing: &Outgoing, result: Result<(), &str>) {
        let id = NodeId::Client(self.world.running_client(name).unwrap());
        let mut node = self.world.nodes.get_mut(&id).unwrap().node.take().unwrap();
        let Node::Consumer(consumer) = &mut *node else { unreachable!() };
        let (cause, origin) = (Cause::Start, None);
        let mut ctx =
            Ctx { world: &mut self.world, me: id, cause, origin, held: Vec::new(), is_part: false };
        consumer.outgoing_settled(&mut ctx, outgoing.id, result.map_err(Into::into));
        self.world.nodes.get_mut(&id).unwrap().node = Some(node);
        self.run(1_000);
    }

    fn happened(&self, is_it: impl Fn(&ApplicationEvent) -> bool) -> usize {
        self.count(|event| matches!(event, EventKind::Application(event) if is_it(event)))
    }

    fn command(&mut self, name: &str, command: ConsumerCommand) -> Result<(), String> {
        let done = self.world.act((Cause::Start, None), Action::Consumer(name.into(), command));
        self.events.extend(self.world.take_events());
        done.map_err(|error| error.0)
    }
}

fn partition() -> TopicPartition {
    TopicPartition::new(&orders(), 0)
}

fn fails(rules: &[&str], ways: &[&str]) -> ApplicationConfig {
    ApplicationConfig {
        fail_on: rules.iter().map(|rule| FailRule::parse(rule).unwrap()).collect(),
        on_error: ways.iter().map(|way| OnError::parse(way).unwrap()).collect(),
        ..ApplicationConfig::default()
    }
}

fn commits(application: ApplicationConfig) -> impl FnOnce(&mut ConsumerConfig) {
    move |config| {
        config.enable_auto_commit = false;
        config.application = ApplicationConfig { commit: CommitMode::Sync, ..application };
    }
}

/// The figures of an application after it read ten records in a partition, and the exception that ended
/// it.
#[track_caller]
fn check_failing(rules: &[&str], ways: &[&str], expected: ApplicationView, ended_by: Option<&str>) {
    let mut cluster = Cluster::new(1);
    cluster.produce("p1", 10);
    cluster.start_application("c1", commits(fails(rules, ways)));
    cluster.run(20_000);
    let consumer = cluster.consumer("c1");
    let mut figures = consumer.application;
    figures.last_exception = None;
    assert_eq!(figures, expected, "{rules:?} {ways:?}\n{}", cluster.trace());
    let error = consumer.last_error.as_deref().map(|error| error.split(':').next().unwrap());
    assert_eq!(error, ended_by, "{rules:?} {ways:?}");
    assert_eq!(consumer.is_closed, ended_by.is_some());
}

fn figures(processed: u64, failed: u64, skipped: u64, retried: u64) -> ApplicationView {
    ApplicationView { processed, failed, skipped, retried, ..ApplicationView::default() }
}

#[test]
fn an_application_does_about_poison_what_it_was_told() {
    let ended = Some("IllegalStateException");
    check_failing(&["offset=3"], &[], figures(3, 1, 0, 0), ended);
    check_failing(&["offset=3"], &["stop"], figures(3, 1, 0, 0), ended);
    check_failing(&["offset=3"], &["skip"], figures(9, 1, 1, 0), None);
    check_failing(&["every=2"], &["skip"], figures(5, 5, 5, 0), None);
    check_failing(&["offset=3,times=2"], &["retry:5,100"], figures(10, 2, 0, 2), None);
    check_failing(&["offset=3"], &["retry:2,100"], figures(9, 3, 1, 2), None);
    check_failing(&["offset=3"], &["retry:2,100", "stop"], figures(3, 3, 0, 2), ended);
    check_failing(&["offset=3,deserialize"], &["skip"], figures(9, 1, 1, 0), None);
    check_failing(
        &["offset=0,deserialize"],
        &[],
        figures(0, 1, 0, 0),
        Some("RecordDeserializationException"),
    );
    check_failing(&["offset=3,deserialize,times=2"], &["retry:9,100"], figures(10, 2, 0, 0), None);
}

#[test]
fn an_endless_retry_blocks_its_partition() {
    let mut cluster = Cluster::new(1);
    cluster.produce("p1", 10);
    cluster.start_application("c1", |config| {
        config.max_poll_interval_ms = 10_000;
        commits(fails(&["offset=3"], &["retry"]))(config);
    });
    cluster.run(12_000);
    let view = cluster.application("c1");
    assert_eq!((view.processed, view.in_hand), (3, 7), "{}", cluster.trace());
    // To go on like that exceeds max.poll.interval.ms, and the group goes on without it.
    cluster.run(12_000);
    assert_eq!(cluster.happened(|event| matches!(event, ApplicationEvent::PollOverdue { .. })), 1);
    assert!(cluster.group().members.is_empty(), "{}", cluster.trace());
}

#[test]
fn a_dead_letter_says_where_it_comes_from_and_is_awaited() {
    let mut cluster = Cluster::new(1);
    cluster.produce("p1", 10);
    let application = ApplicationConfig {
        commit_every: Some(1),
        ..fails(&["offset=3"], &["retry:1,100", "dlq:orders.dlq"])
    };
    cluster.start_application("c1", commits(application));
    cluster.run(12_000);
    assert_eq!(committed(&cluster.group()), 3, "{}", cluster.trace());
    let outgoing = cluster.outgoing("c1");
    let [letter] = outgoing.as_slice() else { panic!("{outgoing:?}") };
    assert_eq!(letter.topic, TopicName::from("orders.dlq"));
    let header = |name: &str| {
        let found = letter.headers.iter().find(|header| header.key == name.as_bytes());
        let value = found.and_then(|header| header.value.as_deref()).unwrap_or_default();
        String::from_utf8(value.to_vec()).unwrap()
    };
    assert_eq!(header(headers::ORIGINAL_TOPIC), "orders");
    assert_eq!(header(headers::ORIGINAL_PARTITION), "0");
    assert_eq!(header(headers::ORIGINAL_OFFSET), "3");
    assert_eq!(header(headers::EXCEPTION_CLASS), "java.lang.IllegalStateException");
    assert_eq!(header(headers::EXCEPTION_MESSAGE), "the handler fails on orders-0 at offset 3");
    assert_eq!(header(headers::ATTEMPTS), "2");
    cluster.settle("c1", letter, Ok(()));
    assert_eq!(committed(&cluster.group()), 10, "{}", cluster.trace());
    let view = cluster.application("c1");
    assert_eq!((view.processed, view.dead_lettered, view.in_hand), (9, 1, 0));
}

#[test]
fn a_dead_letter_that_cannot_be_sent_ends_the_application() {
    let mut cluster = Cluster::new(1);
    cluster.produce("p1", 10);
    cluster.start_application("c1", commits(fails(&["offset=3"], &["dlq:orders.dlq"])));
    cluster.run(12_000);
    let letter = cluster.outgoing("c1").remove(0);
    cluster.settle("c1", &letter, Err("TimeoutException: no answer"));
    assert_eq!(cluster.consumer("c1").last_error.as_deref(), Some("TimeoutException: no answer"));
    assert!(cluster.consumer("c1").is_closed);
}

#[test]
fn a_retry_topic_gets_a_record_so_often_and_says_when_it_is_due() {
    let mut cluster = Cluster::new(1);
    let program = ProduceWithHeader(headers::RETRY_COUNT, "2".to_owned());
    cluster.produce("p1", 1);
    cluster.world.start_program(EntryId(0), &TerminalName::from("t1"), Box::new(program));
    cluster.run(1_000);
    let ways = ["retry-topic:orders.retry,5000,2", "dlq:orders.dlq"];
    cluster.start_application("c1", commits(fails(&["every=1"], &ways)));
    cluster.run(12_000);
    let first = cluster.outgoing("c1").remove(0);
    assert_eq!(first.topic, TopicName::from("orders.retry"));
    let value = |name: &str| {
        let found = first.headers.iter().find(|header| header.key == name.as_bytes()).unwrap();
        String::from_utf8(found.value.as_deref().unwrap().to_vec()).unwrap().parse::<i64>().unwrap()
    };
    assert_eq!(value(headers::RETRY_COUNT), 1);
    let now_ms = cluster.world.timestamp().0;
    assert!((5_000..=17_000).contains(&(value(headers::RETRY_DUE) - (now_ms - 12_000))));
    cluster.settle("c1", &first, Ok(()));
    // The second record has been there twice.
    assert_eq!(cluster.outgoing("c1").remove(0).topic, TopicName::from("orders.dlq"));
    assert_eq!(cluster.application("c1").sent_to_retry, 1);
}

#[test]
fn a_record_that_is_not_due_holds_its_partition() {
    let mut cluster = Cluster::new(1);
    let due_ms = cluster.world.timestamp().0 + 20_000;
    let program = ProduceWithHeader(headers::RETRY_DUE, due_ms.to_string());
    cluster.world.start_program(EntryId(0), &TerminalName::from("t1"), Box::new(program));
    cluster.run(1_000);
    cluster.produce("p1", 5);
    cluster.start_application("c1", |config| config.application.waits_until_due = true);
    cluster.run(10_000);
    assert_eq!(cluster.consumer("c1").records_consumed, 0, "{}", cluster.trace());
    assert_eq!(
        cluster.happened(|event| matches!(event, ApplicationEvent::WaitsUntilDue { .. })),
        1
    );
    cluster.run(8_000);
    cluster.check_all_consumed_once(6);
}

#[test]
fn events_that_were_handled_are_recognised_by_their_id() {
    let mut cluster = Cluster::new(1);
    let mut config = ProducerConfig::new("p1", orders());
    config.rate_per_second = 100;
    config.limit = Some(60);
    config.source = Source::Synthetic { keys: 4, value_bytes: 0 };
    cluster.act(Action::StartProducer(Box::new(config)));
    cluster.run(3_000);
    cluster.start_application("c1", |config| {
        config.application.dedupe = Some(Dedupe::parse("key").unwrap());
    });
    cluster.run(10_000);
    let view = cluster.application("c1");
    assert_eq!((view.processed, view.duplicates), (4, 56), "{}", cluster.trace());
}

/// The order in which a pool of three is done with twelve records of two partitions with four keys: is it
/// kept in each partition, and for each key?
#[track_caller]
fn check_order(order: WorkOrder, keeps_partitions: bool) {
    let mut cluster = Cluster::new(2);
    cluster.produce("p1", 24);
    cluster.start_application("c1", |config| {
        config.application.workers = 3;
        config.application.order = order;
        // The third of each partition takes long: its worker tries again.
        config.application.process_time = Span::from_millis(20);
        config.application.fail_on = vec![FailRule::parse("every=3,times=2").unwrap()];
        config.application.on_error = vec![OnError::parse("retry:3,500").unwrap()];
    });
    cluster.run(20_000);
    let mut consumed = cluster.consumed();
    let is_kept = consumed.values().all(|offsets| offsets.is_sorted());
    assert_eq!(is_kept, keeps_partitions, "{order:?} {consumed:?}");
    let all: usize = consumed
        .values_mut()
        .map(|offsets| {
            offsets.dedup();
            offsets.len()
        })
        .sum();
    assert_eq!(all, 24, "{}", cluster.trace());
}

#[test]
fn a_pool_keeps_the_order_that_it_was_told_to_keep() {
    check_order(WorkOrder::Partition, true);
    check_order(WorkOrder::None, false);
}

#[test]
fn a_pool_commits_no_further_than_the_first_record_that_is_not_done() {
    let mut cluster = Cluster::new(1);
    cluster.produce("p1", 20);
    let of_pool = |when| ApplicationConfig {
        workers: 4,
        order: WorkOrder::None,
        commit_when: when,
        ..fails(&["offset=5"], &["retry"])
    };
    cluster.start_application("c1", commits(of_pool(CommitWhen::After)));
    cluster.run(12_000);
    assert_eq!(cluster.application("c1").processed, 19, "{}", cluster.trace());
    assert_eq!(committed(&cluster.group()), 5, "{}", cluster.trace());
    cluster.act(Action::KillConsumer("c1".into()));
    cluster.run(50_000);
    cluster.start_application("c2", commits(of_pool(CommitWhen::Naive)));
    cluster.run(12_000);
    assert_eq!(committed(&cluster.group()), 20, "{}", cluster.trace());
}

#[test]
fn a_consumer_that_assigns_itself_joins_no_group() {
    let mut cluster = Cluster::new(3);
    cluster.produce("p1", 90);
    cluster.start_application("c1", |config| {
        config.group = GroupId::from("");
        config.enable_auto_commit = false;
        config.assign = vec![TopicPartition::new(&orders(), 1)];
    });
    cluster.run(5_000);
    assert!(cluster.world.view().groups.is_empty(), "{}", cluster.trace());
    assert_eq!(cluster.owned()["c1"], [1]);
    let consumed = cluster.consumed();
    assert_eq!(consumed.keys().map(|of| of.partition.0).collect::<Vec<_>>(), [1]);
    let position = &cluster.consumer("c1").assignment[0];
    assert_eq!(position.lag, Some(0));
    assert_eq!(position.position, Some(Offset(consumed.values().next().unwrap().len() as i64)));
    cluster.close("c1");
    cluster.run(1_000);
    assert!(cluster.consumer("c1").is_closed);
}

#[test]
fn who_assigns_itself_commits_for_a_group_without_members() {
    let mut cluster = Cluster::new(1);
    cluster.produce("p1", 30);
    cluster.start_application("c1", |config| config.assign = vec![partition()]);
    cluster.run(12_000);
    assert_eq!(committed(&cluster.group()), 30, "{}", cluster.trace());
    assert!(cluster.group().members.is_empty());
    cluster.close("c1");
    cluster.run(1_000);
    cluster.produce("p2", 5);
    cluster.start_application("c2", |config| config.assign = vec![partition()]);
    cluster.run(5_000);
    cluster.check_all_consumed_once(35);
}

#[test]
fn a_person_pauses_seeks_and_commits() {
    let mut cluster = Cluster::new(1);
    cluster.start_application("c1", |config| config.enable_auto_commit = false);
    cluster.run(6_000);
    cluster.command("c1", ConsumerCommand::Pause(None)).unwrap();
    cluster.produce("p1", 10);
    cluster.run(2_000);
    assert_eq!(cluster.consumer("c1").records_consumed, 0, "{}", cluster.trace());
    cluster.command("c1", ConsumerCommand::Resume(Some(partition()))).unwrap();
    cluster.run(2_000);
    assert_eq!(cluster.consumer("c1").records_consumed, 10, "{}", cluster.trace());
    for (to, more) in [
        (SeekTo::Offset(Offset(4)), 6),
        (SeekTo::Beginning, 10),
        (SeekTo::End, 0),
        (SeekTo::Time(0), 10),
        (SeekTo::Time(i64::MAX / 2), 0),
    ] {
        let before = cluster.consumer("c1").records_consumed;
        cluster.command("c1", ConsumerCommand::Seek(partition(), to)).unwrap();
        cluster.run(2_000);
        let got = cluster.consumer("c1").records_consumed - before;
        assert_eq!(got, more, "{to:?}\n{}", cluster.trace());
        assert_eq!(cluster.consumer("c1").assignment[0].position, Some(Offset(10)), "{to:?}");
    }
    let commit = |offset| ConsumerCommand::Commit { is_sync: true, offset };
    cluster.command("c1", commit(Some((partition(), Offset(4))))).unwrap();
    cluster.run(1_000);
    assert_eq!(committed(&cluster.group()), 4, "{}", cluster.trace());
    cluster.command("c1", commit(None)).unwrap();
    cluster.run(1_000);
    assert_eq!(committed(&cluster.group()), 10, "{}", cluster.trace());
    let other = TopicPartition::new(&orders(), 7);
    let refused = cluster.command("c1", ConsumerCommand::Seek(other, SeekTo::End)).unwrap_err();
    assert_eq!(
        refused,
        "No current assignment for partition orders-7 of consumer c1: it has orders-0"
    );
}

#[test]
fn commit_sync_tries_again_until_its_time_is_over() {
    let mut cluster = Cluster::new(1);
    cluster.produce("p1", 5);
    cluster.start_application("c1", |config| {
        config.default_api_timeout_ms = 20_000;
        config.application.process_time = Span::from_millis(500);
        commits(config.application.clone())(config);
    });
    cluster.run(5_000);
    let brokers = cluster.world.view().brokers;
    for broker in brokers {
        cluster.act(Action::KillBroker(broker.id));
    }
    cluster.run(15_000);
    assert!(!cluster.consumer("c1").is_closed, "{}", cluster.trace());
    cluster.run(45_000);
    let error = cluster.consumer("c1").last_error.unwrap_or_default();
    assert_eq!(
        &*error,
        "TimeoutException: Timeout of 20000ms expired before successfully committing offsets \
         {orders-0=OffsetAndMetadata{offset=5, leaderEpoch=null, metadata=''}}"
    );
}

#[test]
fn a_commit_after_the_group_went_on_fails_as_in_kafka() {
    let mut cluster = Cluster::new(1);
    cluster.produce("p1", 10);
    cluster.start_application("c1", |config| {
        config.max_poll_interval_ms = 2_000;
        config.application.process_time = Span::from_millis(1_000);
        commits(config.application.clone())(config);
    });
    cluster.run(16_000);
    let view = cluster.application("c1");
    assert_eq!(view.commits_failed, 1, "{}", cluster.trace());
    let exception = view.last_exception.unwrap_or_default();
    assert!(exception.starts_with("CommitFailedException: Offset commit cannot"), "{exception}");
    assert!(!cluster.consumer("c1").is_closed);
}

#[test]
fn a_partition_of_records_larger_than_its_fetch_size_is_read_all_the_same() {
    let mut cluster = Cluster::new(1);
    cluster.produce("p1", 50);
    cluster.start("c1", &[("max.partition.fetch.bytes", "1"), ("fetch.max.bytes", "1")]);
    cluster.run(12_000);
    cluster.check_all_consumed_once(50);
}

#[test]
fn by_duration_begins_at_the_first_record_that_is_young_enough() {
    let mut cluster = Cluster::new(1);
    cluster.produce("p1", 10);
    cluster.run(60_000);
    cluster.produce("p2", 5);
    cluster.start("young", &[("auto.offset.reset", "by_duration:PT30S"), ("group.id", "a")]);
    cluster.run(6_000);
    assert_eq!(cluster.consumer("young").records_consumed, 5, "{}", cluster.trace());
    cluster.start("all", &[("auto.offset.reset", "by_duration:P1D"), ("group.id", "b")]);
    cluster.run(6_000);
    assert_eq!(cluster.consumer("all").records_consumed, 15, "{}", cluster.trace());
    cluster.start("none", &[("auto.offset.reset", "by_duration:PT0S"), ("group.id", "c")]);
    cluster.run(6_000);
    assert_eq!(cluster.consumer("none").records_consumed, 0, "{}", cluster.trace());
    cluster.produce("p3", 2);
    assert_eq!(cluster.consumer("none").records_consumed, 2, "{}", cluster.trace());
}

#[test]
fn a_careful_consumer_asks_for_what_is_committed() {
    let mut cluster = Cluster::new(1);
    cluster.produce("p1", 10);
    cluster
        .start_application("c1", |config| config.isolation_level = IsolationLevel::ReadCommitted);
    cluster.run(8_000);
    cluster.check_all_consumed_once(10);
    assert_eq!(cluster.consumer("c1").assignment[0].lag, Some(0));
}

#[test]
fn a_graceful_stop_lets_the_application_finish() {
    let mut cluster = Cluster::new(1);
    cluster.produce("p1", 10);
    cluster.start_application("c1", |config| {
        config.application.process_time = Span::from_millis(500);
    });
    cluster.run(5_000);
    cluster.close("c1");
    cluster.run(1_000);
    assert!(!cluster.consumer("c1").is_closed, "{}", cluster.trace());
    cluster.run(6_000);
    assert!(cluster.consumer("c1").is_closed, "{}", cluster.trace());
    assert_eq!((cluster.application("c1").processed, committed(&cluster.group())), (10, 10));
}

#[test]
fn an_exception_that_ends_the_application_commits_what_it_did_not_do() {
    let mut cluster = Cluster::new(1);
    cluster.produce("p1", 10);
    // close() commits the position under enable.auto.commit, whatever the handler got to.
    cluster.start_application("c1", |config| config.application = fails(&["offset=3"], &["stop"]));
    cluster.run(8_000);
    let exception: Arc<str> =
        "IllegalStateException: the handler fails on orders-0 at offset 3".into();
    assert_eq!(cluster.consumer("c1").last_error, Some(exception));
    assert_eq!(committed(&cluster.group()), 10, "{}", cluster.trace());
}
