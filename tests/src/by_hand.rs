//! A simulated cluster whose producers are driven by hand, and what its brokers answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use highwater_scenario::cluster::action::Action;
use highwater_scenario::cluster::cluster_spec::ClusterSpec;
use highwater_scenario::cluster::ctx::Ctx;
use highwater_scenario::cluster::event::{Event, EventKind, ProducerTransactionEvent};
use highwater_scenario::cluster::ids::{
    BrokerId, EntryId, GroupId, NodeId, PartitionIndex, TerminalName, TopicName, TopicPartition,
};
use highwater_scenario::cluster::input::Input;
use highwater_scenario::cluster::log::Offset;
use highwater_scenario::cluster::message::{Request, Response};
use highwater_scenario::cluster::producer::{
    GroupMetadata, OffsetToCommit, ProducerCall, ProducerConfig, ProducerRecord,
};
use highwater_scenario::cluster::program::Program;
use highwater_scenario::cluster::protocol::messages as kafka;
use highwater_scenario::cluster::protocol::messages::create_topics_request::CreatableTopic;
use highwater_scenario::cluster::protocol::messages::describe_producers_request::TopicRequest;
use highwater_scenario::cluster::protocol::messages::metadata_response::MetadataResponseTopic;
use highwater_scenario::cluster::protocol::messages::offset_fetch_request::OffsetFetchRequestGroup;
use highwater_scenario::cluster::protocol::protocol::StrBytes;
use highwater_scenario::cluster::time::Span;
use highwater_scenario::cluster::view::ClusterView;
use highwater_scenario::cluster::world::World;

/// What a call returned, or the exception that it threw: class and message.
pub type Outcome = Result<String, String>;

/// The topic that producers write to.
pub const TOPIC: &str = "tx2";
const GROUP: &str = "g-tx";

/// The producers of the recording, with their `transactional.id`s.
const PRODUCERS: &[(&str, Option<&str>)] = &[
    ("p1", Some("txid-1")),
    ("p1b", Some("txid-1")),
    ("p2", Some("txid-2")),
    ("p3", Some("txid-3")),
    ("plain", None),
];

/// A cluster with the topic `tx2`, its producers, and what happened in it since the last step began.
pub struct Cluster {
    world: World,
    entries: u32,
    events: Vec<Event>,
}

/// A command that does one thing, or asks a broker one thing.
#[derive(Clone, Debug)]
enum Once {
    Act(Action, Arc<Mutex<Option<Result<(), String>>>>),
    Ask(BrokerId, Request, Arc<Mutex<Option<Response>>>),
}

impl Program for Once {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match (self, input) {
            (Once::Act(action, result), Input::Start) => {
                let done = ctx.act(action.clone()).map_err(|error| error.to_string());
                *result.lock().expect("one thread") = Some(done);
                ctx.exit(0);
            }
            (Once::Ask(broker, request, _), Input::Start) => {
                ctx.send(NodeId::Broker(*broker), request.clone(), Span::from_millis(30_000));
            }
            (Once::Ask(_, _, answer), Input::Response(_, response)) => {
                *answer.lock().expect("one thread") = Some(response);
                ctx.exit(0);
            }
            (command, input) => panic!("{command:?} got {input:?}"),
        }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

impl Cluster {
    /// A cluster that has come up, without topics.
    pub fn new(spec: ClusterSpec) -> Self {
        let mut cluster = Self { world: World::new(spec), entries: 0, events: Vec::new() };
        cluster.run_seconds(5);
        cluster
    }

    /// Lets time pass.
    pub fn run_seconds(&mut self, seconds: i64) {
        let until = self.world.now() + Span::from_millis(seconds * 1_000);
        self.world.run_until(until);
        assert_eq!(self.world.halted(), None);
        self.events.extend(self.world.take_events());
    }

    /// Creates topics with one partition on three brokers.
    pub fn create_topics(&mut self, names: &[&str]) -> Outcome {
        let topics = names.iter().map(|name| {
            CreatableTopic::default()
                .with_name(topic_name(name))
                .with_num_partitions(1)
                .with_replication_factor(3)
        });
        let request = kafka::CreateTopicsRequest::default()
            .with_topics(topics.collect())
            .with_timeout_ms(30_000);
        let Response::CreateTopics(body) = self.ask(BrokerId(1), request) else { unreachable!() };
        match body.topics.iter().find(|topic| topic.error_code != 0) {
            None => Ok("null".to_owned()),
            Some(topic) => Err(format!("error {} for {}", topic.error_code, topic.name.as_str())),
        }
    }

    /// Lets a producer make a call, and waits until it returns.
    pub fn call(&mut self, name: &str, call: ProducerCall) -> Outcome {
        self.ensure(name);
        self.events.clear();
        let method = call.method();
        self.act(Action::CallProducer(name.into(), Box::new(call))).map_err(first_line)?;
        self.run_seconds(2);
        let thrown = self.events.iter().find_map(|event| match &event.kind {
            EventKind::ProducerTransaction {
                event: ProducerTransactionEvent::CallFailed { call, error },
                ..
            } if *call == method => Some(error.to_string()),
            _ => None,
        });
        let view = self.world.view();
        let waits = view.producers.iter().filter_map(|one| one.transaction.as_ref()?.waits_in);
        assert_eq!(waits.collect::<Vec<_>>(), Vec::<&str>::new(), "{method} has returned");
        thrown.map_or(Ok("ok".to_owned()), Err)
    }

    /// Sends a record, and waits for what becomes of it.
    pub fn send(&mut self, name: &str, value: &str) -> Outcome {
        let record = ProducerRecord {
            topic: TopicName::from(TOPIC),
            partition: None,
            timestamp: None,
            key: None,
            value: Some(value.to_owned().into_bytes().into()),
            headers: Arc::default(),
        };
        self.call(name, ProducerCall::Send(record))?;
        let settled = self.events.iter().find_map(|event| match &event.kind {
            EventKind::RecordsAcknowledged { partition, base_offset: Some(offset), .. } => {
                Some(Ok(format!("{partition}@{offset}")))
            }
            EventKind::RecordsFailed { .. } => Some(Err(())),
            _ => None,
        });
        let view = self.world.view();
        let producer = view.producers.iter().find(|producer| &*producer.name == name);
        let failure = || producer.and_then(|one| one.last_failure.as_deref()).unwrap_or_default();
        settled.expect("something became of it").map_err(|()| failure().to_owned())
    }

    /// Commits an offset with the transaction.
    pub fn send_offsets(&mut self, name: &str, offset: i64) -> Outcome {
        let group = GroupMetadata::of_group(GroupId::from(GROUP));
        let offset =
            OffsetToCommit { offset: Offset(offset), leader_epoch: None, metadata: "".into() };
        let offsets = BTreeMap::from([(partition(), offset)]);
        self.call(name, ProducerCall::SendOffsets { group, offsets })
    }

    /// The group's committed offsets, as Java prints them.
    pub fn committed_offsets(&mut self) -> String {
        let group = OffsetFetchRequestGroup::default()
            .with_group_id(kafka::GroupId(StrBytes::from_static_str(GROUP)))
            .with_topics(None);
        let request = kafka::OffsetFetchRequest::default().with_groups(vec![group]);
        let coordinator = self.world.coordinator_of(&GroupId::from(GROUP)).expect("one is known");
        let Response::OffsetFetch(body) = self.ask(coordinator, request) else { unreachable!() };
        let topics = body.groups.iter().flat_map(|group| &group.topics);
        let offsets = topics.flat_map(|topic| {
            topic.partitions.iter().map(|one| {
                let (name, index) = (topic.name.as_str(), one.partition_index);
                let metadata = one.metadata.as_ref().map_or("null", |text| text.as_str());
                let epoch = match one.committed_leader_epoch {
                    -1 => "null".to_owned(),
                    epoch => epoch.to_string(),
                };
                let offset = one.committed_offset;
                format!(
                    "{name}-{index}=OffsetAndMetadata{{offset={offset}, leaderEpoch={epoch}, metadata='{metadata}'}}"
                )
            })
        });
        format!("{{{}}}", offsets.collect::<Vec<_>>().join(", "))
    }

    /// The cluster as it is now.
    pub fn view(&self) -> ClusterView {
        self.world.view()
    }

    /// Who writes to the partition, in the order of the words.
    pub fn describe_producers(&mut self) -> String {
        let topic =
            TopicRequest::default().with_name(topic_name(TOPIC)).with_partition_indexes(vec![0]);
        let request = kafka::DescribeProducersRequest::default().with_topics(vec![topic]);
        let leader = BrokerId(self.metadata().partitions[0].leader_id.0);
        let Response::DescribeProducers(body) = self.ask(leader, request) else { unreachable!() };
        let producers = body.topics.iter().flat_map(|topic| &topic.partitions);
        let producers = producers.flat_map(|partition| &partition.active_producers);
        let mut told: Vec<(i64, String)> = producers
            .map(|producer| {
                let start = match producer.current_txn_start_offset {
                    -1 => "OptionalLong.empty".to_owned(),
                    offset => format!("OptionalLong[{offset}]"),
                };
                let told = format!("lastSeq={} txnStart={start}; ", producer.last_sequence);
                (producer.producer_id.0, told)
            })
            .collect();
        // Kafka answers in the order of a hash map; the recorder sorted by nothing. By what they did.
        told.sort_by_key(|(_, text)| (text.contains("lastSeq=0"), text.contains("empty")));
        told.into_iter().map(|(_, text)| text).collect()
    }

    /// The transactional ids with their states, from every broker.
    pub fn list_transactions(&mut self) -> String {
        let mut told = Vec::new();
        for broker in 1..=3 {
            let request = kafka::ListTransactionsRequest::default();
            let Response::ListTransactions(body) = self.ask(BrokerId(broker), request) else {
                unreachable!()
            };
            let states = body.transaction_states.iter();
            told.extend(states.map(|state| {
                format!("{}:{}; ", state.transactional_id.0.as_str(), state.transaction_state)
            }));
        }
        told.sort();
        told.concat()
    }

    /// Asks a broker, and waits for its answer.
    pub fn ask(&mut self, broker: BrokerId, request: impl Into<Request>) -> Response {
        let answer = Arc::new(Mutex::new(None));
        self.start(Once::Ask(broker, request.into(), answer.clone()));
        self.run_seconds(2);
        let answer = answer.lock().expect("one thread").take();
        answer.expect("the broker has answered")
    }

    /// What a broker tells of the topic.
    pub fn metadata(&mut self) -> MetadataResponseTopic {
        let request = kafka::MetadataRequest::default().with_topics(None);
        let Response::Metadata(body) = self.ask(BrokerId(1), request) else { unreachable!() };
        let is_it = |topic: &&MetadataResponseTopic| topic.name == Some(topic_name(TOPIC));
        body.topics.iter().find(is_it).expect("the topic was created").clone()
    }

    /// Starts the producer, unless it runs.
    fn ensure(&mut self, name: &str) {
        if self.world.view().producers.iter().any(|producer| &*producer.name == name) {
            return;
        }
        let (_, id) = PRODUCERS.iter().find(|(known, _)| *known == name).expect("a known producer");
        let mut config = ProducerConfig::new(name, TopicName::from(TOPIC));
        config.rate_per_second = 0;
        if let Some(id) = id {
            config.set("transactional.id", id).expect("a transactional.id");
            if *id == "txid-3" {
                config.set("transaction.timeout.ms", "3000").expect("a timeout");
            }
        }
        self.act(Action::StartProducer(Box::new(config))).expect("it can be started");
        self.run_seconds(1);
    }

    fn act(&mut self, action: Action) -> Result<(), String> {
        let result = Arc::new(Mutex::new(None));
        self.start(Once::Act(action, result.clone()));
        let result = result.lock().expect("one thread").take();
        result.expect("a command begins at once")
    }

    fn start(&mut self, command: Once) {
        self.entries += 1;
        let terminal = TerminalName::from("t1");
        let started = self.world.start_program(EntryId(self.entries), &terminal, Box::new(command));
        started.expect("there is room for a command");
    }
}

fn partition() -> TopicPartition {
    TopicPartition { topic: TopicName::from(TOPIC), partition: PartitionIndex(0) }
}

fn topic_name(name: &str) -> kafka::TopicName {
    kafka::TopicName(StrBytes::from_string(name.to_owned()))
}

/// What an exception says, without what the playground advises.
fn first_line(text: String) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
