//! Clients that speak the protocol by hand, one request at a time, and what they are told in a line.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use highwater_log::{
    BatchBuilder, BatchOptions, LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence,
    TimestampMs, TransactionVersion, split_batches,
};
use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::add_partitions_to_txn_request::{
    AddPartitionsToTxnTopic, AddPartitionsToTxnTransaction,
};
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestGroup;
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::txn_offset_commit_request::{
    TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

use crate::action::Action;
use crate::client::errors::kafka_name;
use crate::cluster_spec::ClusterSpec;
use crate::ctx::Ctx;
use crate::event::{Cause, Event};
use crate::ids::{BrokerId, EntryId, NodeId, TerminalName, TopicName, TopicPartition};
use crate::input::Input;
use crate::message::{Request, Response};
use crate::program::Program;
use crate::time::Span;
use crate::view::TransactionView;
use crate::world::World;

/// The transactional id of all producers here.
const ID: &str = "t";

/// Sends one request, and keeps the answer where the test finds it.
#[derive(Clone, Debug)]
struct Ask {
    to: NodeId,
    request: Request,
    answer: Arc<Mutex<Option<Response>>>,
}

impl Program for Ask {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => {
                ctx.send(self.to, self.request.clone(), Span::from_millis(60_000));
            }
            Input::Response(_, response) => {
                *self.answer.lock().unwrap() = Some(response);
                ctx.exit(0);
            }
            _ => ctx.exit(1),
        }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

/// What a producer knows of itself.
#[derive(Clone, Copy, Debug)]
struct Producer {
    id: i64,
    epoch: i16,
    /// The next sequence, in every partition alike.
    sequence: i32,
}

/// A cluster with the topic `orders` of two partitions, and producers by their names.
pub(super) struct Clients {
    pub(super) world: World,
    pub(super) events: Vec<Event>,
    producers: BTreeMap<String, Producer>,
    next_terminal: u32,
}

impl Clients {
    pub(super) fn new(version: i16, adapt: impl FnOnce(&mut ClusterSpec)) -> Self {
        let mut spec =
            ClusterSpec { transaction_version: TransactionVersion(version), ..Default::default() };
        for (name, value) in [
            ("offsets.topic.num.partitions", "2"),
            ("transaction.state.log.num.partitions", "2"),
            // A round number, so that timeouts are easy to see.
            ("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000"),
        ] {
            spec.configs.insert(name.into(), value.into());
        }
        adapt(&mut spec);
        let world = World::new(spec);
        let producers = BTreeMap::new();
        let mut clients = Self { world, events: Vec::new(), producers, next_terminal: 0 };
        clients.run(3_000);
        let topic = CreatableTopic::default()
            .with_name(name("orders"))
            .with_num_partitions(2)
            .with_replication_factor(3);
        let request =
            kafka::CreateTopicsRequest::default().with_topics(vec![topic]).with_timeout_ms(10_000);
        clients.ask(NodeId::Broker(BrokerId(1)), request);
        clients.run(2_000);
        clients
    }

    pub(super) fn run(&mut self, millis: i64) {
        let until = self.world.now() + Span::from_millis(millis);
        self.world.run_until(until);
        self.events.extend(self.world.take_events());
        assert_eq!(self.world.halted(), None);
    }

    pub(super) fn act(&mut self, action: Action) {
        self.world.act((Cause::Start, None), action).unwrap();
    }

    pub(super) fn transaction(&self) -> Option<TransactionView> {
        self.world.view().transactions.into_iter().next()
    }

    /// Does what a line says, and tells what came of it.
    pub(super) fn step(&mut self, line: &str) -> String {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["wait", millis] => {
                self.run(millis.parse().unwrap());
                "ok".to_owned()
            }
            ["kill-coordinator"] => {
                let coordinator = self.find(1, ID);
                self.act(Action::KillBroker(coordinator));
                "ok".to_owned()
            }
            ["plain", "send", partition] => {
                let batch = batch(1, BatchOptions::default());
                self.produce(partition, batch, None)
            }
            ["read", partition] => self.read(partition, 0),
            ["read-committed", partition] => self.read(partition, 1),
            ["offset", group] => self.offset(group),
            ["describe"] => self.describe(),
            ["list", states @ ..] => self.list(states),
            ["producers", partition] => self.producers_of(partition),
            [producer, "init", rest @ ..] => self.init(producer, rest),
            [producer, "add", partition] => self.add(producer, partition),
            [producer, "send", partition, rest @ ..] => self.send(producer, partition, rest),
            [producer, "commit"] => self.end(producer, true),
            [producer, "abort"] => self.end(producer, false),
            [producer, "offsets", group] => self.add_offsets(producer, group),
            [producer, "commit-offset", group, offset] => {
                self.commit_offset(producer, group, offset.parse().unwrap())
            }
            other => panic!("{other:?}"),
        }
    }

    fn init(&mut self, producer: &str, rest: &[&str]) -> String {
        let mut request = kafka::InitProducerIdRequest::default()
            .with_transactional_id(Some(transactional_id()))
            .with_transaction_timeout_ms(60_000)
            .with_producer_id(kafka::ProducerId(-1))
            .with_producer_epoch(-1);
        match rest {
            ["again"] => {
                let known = self.producers[producer];
                request.producer_id = kafka::ProducerId(known.id);
                request.producer_epoch = known.epoch;
            }
            [timeout] => request.transaction_timeout_ms = timeout.parse().unwrap(),
            _ => {}
        }
        let coordinator = NodeId::Broker(self.find(1, ID));
        let Response::InitProducerId(body) = self.ask(coordinator, request) else { panic!() };
        if body.error_code == 0 {
            let known =
                Producer { id: body.producer_id.0, epoch: body.producer_epoch, sequence: 0 };
            self.producers.insert(producer.to_owned(), known);
        }
        format!("{} epoch {}", error(body.error_code), body.producer_epoch)
    }

    fn add(&mut self, producer: &str, partition: &str) -> String {
        let (topic, index) = partition.split_once('-').unwrap();
        let known = self.producers[producer];
        let topic = AddPartitionsToTxnTopic::default()
            .with_name(name(topic))
            .with_partitions(vec![index.parse().unwrap()]);
        let transaction = AddPartitionsToTxnTransaction::default()
            .with_transactional_id(transactional_id())
            .with_producer_id(kafka::ProducerId(known.id))
            .with_producer_epoch(known.epoch)
            .with_topics(vec![topic]);
        let request =
            kafka::AddPartitionsToTxnRequest::default().with_transactions(vec![transaction]);
        let coordinator = NodeId::Broker(self.find(1, ID));
        let Response::AddPartitionsToTxn(body) = self.ask(coordinator, request) else { panic!() };
        let topics = &body.results_by_transaction[0].topic_results;
        error(topics[0].results_by_partition[0].partition_error_code)
    }

    fn send(&mut self, producer: &str, partition: &str, rest: &[&str]) -> String {
        let known = *self.producers.get(producer).expect("it was initialised");
        let count = rest.first().map_or(1, |count| count.parse().unwrap());
        let batch = batch(
            count,
            BatchOptions {
                producer_id: ProducerId(known.id),
                producer_epoch: ProducerEpoch(known.epoch),
                base_sequence: Sequence(known.sequence),
                is_transactional: true,
                ..BatchOptions::default()
            },
        );
        let said = self.produce(partition, batch, Some(transactional_id()));
        if said.starts_with("at") {
            self.producers.get_mut(producer).unwrap().sequence += count;
        }
        said
    }

    fn produce(
        &mut self,
        partition: &str,
        records: bytes::Bytes,
        id: Option<kafka::TransactionalId>,
    ) -> String {
        let of = parse(partition);
        let data =
            PartitionProduceData::default().with_index(of.partition.0).with_records(Some(records));
        let topic = TopicProduceData::default()
            .with_name(name(of.topic.as_str()))
            .with_partition_data(vec![data]);
        let request = kafka::ProduceRequest::default()
            .with_transactional_id(id)
            .with_acks(-1)
            .with_timeout_ms(30_000)
            .with_topic_data(vec![topic]);
        let leader = self.leader(&of);
        let Response::Produce(body) = self.ask(leader, request) else { panic!() };
        let answer = &body.responses[0].partition_responses[0];
        match answer.error_code {
            0 => format!("at {}", answer.base_offset),
            code => error(code),
        }
    }

    fn end(&mut self, producer: &str, commit: bool) -> String {
        let known = self.producers[producer];
        let request = kafka::EndTxnRequest::default()
            .with_transactional_id(transactional_id())
            .with_producer_id(kafka::ProducerId(known.id))
            .with_producer_epoch(known.epoch)
            .with_committed(commit);
        let coordinator = NodeId::Broker(self.find(1, ID));
        let Response::EndTxn(body) = self.ask(coordinator, request) else { panic!() };
        if body.error_code == 0 && body.producer_epoch >= 0 {
            let new = Producer { id: body.producer_id.0, epoch: body.producer_epoch, sequence: 0 };
            self.producers.insert(producer.to_owned(), new);
        }
        error(body.error_code)
    }

    fn add_offsets(&mut self, producer: &str, group: &str) -> String {
        let known = self.producers[producer];
        let request = kafka::AddOffsetsToTxnRequest::default()
            .with_transactional_id(transactional_id())
            .with_producer_id(kafka::ProducerId(known.id))
            .with_producer_epoch(known.epoch)
            .with_group_id(group_id(group));
        let coordinator = NodeId::Broker(self.find(1, ID));
        let Response::AddOffsetsToTxn(body) = self.ask(coordinator, request) else { panic!() };
        error(body.error_code)
    }

    fn commit_offset(&mut self, producer: &str, group: &str, offset: i64) -> String {
        let known = self.producers[producer];
        let partition = TxnOffsetCommitRequestPartition::default()
            .with_committed_offset(offset)
            .with_committed_metadata(Some(StrBytes::default()));
        let topic = TxnOffsetCommitRequestTopic::default()
            .with_name(name("orders"))
            .with_partitions(vec![partition]);
        let request = kafka::TxnOffsetCommitRequest::default()
            .with_transactional_id(transactional_id())
            .with_group_id(group_id(group))
            .with_producer_id(kafka::ProducerId(known.id))
            .with_producer_epoch(known.epoch)
            .with_generation_id(-1)
            .with_topics(vec![topic]);
        let coordinator = NodeId::Broker(self.find(0, group));
        let Response::TxnOffsetCommit(body) = self.ask(coordinator, request) else { panic!() };
        error(body.topics[0].partitions[0].error_code)
    }

    fn offset(&mut self, group: &str) -> String {
        let asked =
            OffsetFetchRequestGroup::default().with_group_id(group_id(group)).with_topics(None);
        let request =
            kafka::OffsetFetchRequest::default().with_groups(vec![asked]).with_require_stable(true);
        let coordinator = NodeId::Broker(self.find(0, group));
        let Response::OffsetFetch(body) = self.ask(coordinator, request) else { panic!() };
        let partitions = body.groups[0].topics.iter().flat_map(|topic| &topic.partitions);
        let shown = partitions.map(|partition| match partition.error_code {
            0 => partition.committed_offset.to_string(),
            code => error(code),
        });
        format!("{:?}", shown.collect::<Vec<_>>())
    }

    fn read(&mut self, partition: &str, isolation_level: i8) -> String {
        let of = parse(partition);
        let topic_id = self.world.view().topics.into_iter().find(|it| it.name == of.topic);
        let part = FetchPartition::default()
            .with_partition(of.partition.0)
            .with_partition_max_bytes(1_048_576);
        let topic = FetchTopic::default()
            .with_topic_id(Uuid::from_u128(topic_id.unwrap().id.0))
            .with_partitions(vec![part]);
        let request = kafka::FetchRequest::default()
            .with_max_bytes(1_048_576)
            .with_isolation_level(isolation_level)
            .with_topics(vec![topic]);
        let leader = self.leader(&of);
        let Response::Fetch(body) = self.ask(leader, request) else { panic!() };
        let data = &body.responses[0].partitions[0];
        let (batches, _) = split_batches(data.records.clone().unwrap_or_default());
        let shown: Vec<String> = batches
            .iter()
            .map(|batch| match batch.end_transaction_marker() {
                Ok(Some((marker, _))) if marker.commit => format!("commit@{}", batch.base_offset()),
                Ok(Some(_)) => format!("abort@{}", batch.base_offset()),
                _ => format!("{}..{}", batch.base_offset(), batch.last_offset()),
            })
            .collect();
        let aborted = data.aborted_transactions.iter().flatten();
        let aborted: Vec<i64> = aborted.map(|aborted| aborted.first_offset).collect();
        format!("{} LSO {} aborted {aborted:?}", shown.join(" "), data.last_stable_offset)
    }

    fn describe(&mut self) -> String {
        let request = kafka::DescribeTransactionsRequest::default()
            .with_transactional_ids(vec![transactional_id()]);
        let coordinator = NodeId::Broker(self.find(1, ID));
        let Response::DescribeTransactions(body) = self.ask(coordinator, request) else { panic!() };
        let state = &body.transaction_states[0];
        let topics = state.topics.iter();
        let partitions: Vec<String> = topics
            .flat_map(|topic| {
                topic.partitions.iter().map(|index| format!("{}-{index}", topic.topic.as_str()))
            })
            .collect();
        format!(
            "{} {} epoch {} {partitions:?}",
            error(state.error_code),
            state.transaction_state.as_str(),
            state.producer_epoch
        )
    }

    fn list(&mut self, states: &[&str]) -> String {
        let states = states.iter().map(|state| StrBytes::from_string((*state).to_owned()));
        let request = kafka::ListTransactionsRequest::default()
            .with_state_filters(states.collect())
            .with_duration_filter(-1)
            .with_transactional_id_pattern(Some(StrBytes::from_static_str("[s-u]")));
        let coordinator = NodeId::Broker(self.find(1, ID));
        let Response::ListTransactions(body) = self.ask(coordinator, request) else { panic!() };
        let listed: Vec<String> = body
            .transaction_states
            .iter()
            .map(|it| format!("{}:{}", it.transactional_id.as_str(), it.transaction_state.as_str()))
            .collect();
        let unknown: Vec<&str> = body.unknown_state_filters.iter().map(|it| it.as_str()).collect();
        format!("{listed:?} unknown {unknown:?}")
    }

    fn producers_of(&mut self, partition: &str) -> String {
        let of = parse(partition);
        let topic = kafka::describe_producers_request::TopicRequest::default()
            .with_name(name(of.topic.as_str()))
            .with_partition_indexes(vec![of.partition.0]);
        let request = kafka::DescribeProducersRequest::default().with_topics(vec![topic]);
        let leader = self.leader(&of);
        let Response::DescribeProducers(body) = self.ask(leader, request) else { panic!() };
        let shown: Vec<String> = body.topics[0].partitions[0]
            .active_producers
            .iter()
            .map(|it| {
                format!(
                    "epoch {} seq {} open {}",
                    it.producer_epoch, it.last_sequence, it.current_txn_start_offset
                )
            })
            .collect();
        shown.join(", ")
    }

    /// The coordinator of a group (0) or a transactional id (1), once there is one.
    fn find(&mut self, key_type: i8, key: &str) -> BrokerId {
        for _ in 0..300 {
            let request = kafka::FindCoordinatorRequest::default()
                .with_key_type(key_type)
                .with_coordinator_keys(vec![StrBytes::from_string(key.to_owned())]);
            let to = self.running();
            let Response::FindCoordinator(body) = self.ask(to, request) else { panic!() };
            let found = &body.coordinators[0];
            let broker = BrokerId(found.node_id.0);
            if found.error_code == 0 && self.is_running(broker) {
                return broker;
            }
            self.run(100);
        }
        panic!("nobody coordinates {key}");
    }

    fn running(&self) -> NodeId {
        let running = (1..=3).map(BrokerId).find(|broker| self.is_running(*broker));
        NodeId::Broker(running.unwrap())
    }

    fn is_running(&self, broker: BrokerId) -> bool {
        let brokers = self.world.view().brokers;
        let known = brokers.iter().find(|view| view.id == broker);
        known.is_some_and(|view| view.state == crate::view::BrokerState::Running)
    }

    fn leader(&self, of: &TopicPartition) -> NodeId {
        let topics = self.world.view().topics;
        let topic = topics.iter().find(|topic| topic.name == of.topic).unwrap();
        let partition = topic.partitions.iter().find(|it| it.partition == *of).unwrap();
        NodeId::Broker(partition.leader.unwrap())
    }

    pub(super) fn ask(&mut self, to: NodeId, request: impl Into<Request>) -> Response {
        let answer = Arc::new(Mutex::new(None));
        self.next_terminal += 1;
        let terminal = TerminalName::from(format!("t{}", self.next_terminal).as_str());
        let ask = Ask { to, request: request.into(), answer: answer.clone() };
        self.world.start_program(EntryId(0), &terminal, Box::new(ask));
        for _ in 0..60_000 {
            if let Some(response) = answer.lock().unwrap().take() {
                return response;
            }
            self.run(1);
        }
        panic!("no answer");
    }
}

fn batch(count: i32, options: BatchOptions) -> bytes::Bytes {
    let mut builder = BatchBuilder::new(options);
    for _ in 0..count {
        // The time at which a scenario begins: an older record would make the log roll.
        builder.append(TimestampMs(1_767_603_600_000), Some(b"k"), Some(b"v"), &[]);
    }
    builder.build(Offset(0), LeaderEpoch(-1)).bytes().clone()
}

fn parse(partition: &str) -> TopicPartition {
    let (topic, index) = partition.split_once('-').unwrap();
    TopicPartition::new(&TopicName::from(topic), index.parse().unwrap())
}

fn error(code: i16) -> String {
    ResponseError::try_from_code(code).map_or_else(|| "ok".to_owned(), kafka_name)
}

fn name(topic: &str) -> kafka::TopicName {
    kafka::TopicName(StrBytes::from_string(topic.to_owned()))
}

fn group_id(group: &str) -> kafka::GroupId {
    kafka::GroupId(StrBytes::from_string(group.to_owned()))
}

fn transactional_id() -> kafka::TransactionalId {
    kafka::TransactionalId(StrBytes::from_static_str(ID))
}
