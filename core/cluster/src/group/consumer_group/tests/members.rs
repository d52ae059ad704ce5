//! Honest members of the consumer protocol: one process that plays all of them, told by lines what they
//! do: `start m1`, `start m2 assignor=range revoke=3000 instance=i`, `close m1`, `away m1`, `crash m1`,
//! `commit m1 EPOCH`, `beat m1 EPOCH`, `partitions 8`, and requests of administrators. What begins with
//! `classic` is a request of the classic protocol.

use std::collections::{BTreeMap, BTreeSet};

use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::consumer_group_heartbeat_request::TopicPartitions;
use kafka_protocol::messages::create_partitions_request::CreatePartitionsTopic;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kafka_protocol::messages::offset_delete_request::{
    OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestGroup;

use crate::client::errors::kafka_name;
use crate::client::names;
use crate::ctx::Ctx;
use crate::group::answers::str_bytes;
use crate::group::consumer_group::tests::by_hand::ClassicMembers;
use crate::group::server_assignor::Partitions;
use crate::ids::{BrokerId, CorrelationId, NodeId, TopicId, TopicName};
use crate::input::Input;
use crate::message::{Request, Response};
use crate::program::Program;
use crate::time::Span;
use crate::timer::Timer;

/// How often a member sends a heartbeat.
const INTERVAL: Span = Span(1_000_000);
const TIMEOUT: Span = Span(5_000_000);
/// The timer by which the coordinator is looked for again.
const FIND_AGAIN: u32 = 0;

#[derive(Clone, Debug)]
pub(super) struct Members {
    partitions: i32,
    coordinator: Option<BrokerId>,
    members: BTreeMap<String, Member>,
    /// What was sent, and by whom; none if nobody in particular did.
    sent: BTreeMap<CorrelationId, Option<String>>,
    classic: ClassicMembers,
}

#[derive(Clone, Debug, Default)]
struct Member {
    number: u32,
    epoch: i32,
    instance: Option<String>,
    assignor: Option<String>,
    regex: Option<String>,
    topics: Vec<String>,
    revoke_ms: i64,
    /// What it has.
    owned: Partitions,
    /// What it was last told to have.
    told: Partitions,
    is_revoking: bool,
    is_waiting: bool,
    /// Whether the coordinator is to learn at once what it has now.
    has_news: bool,
}

impl Members {
    pub(super) fn new(partitions: i32) -> Self {
        Self {
            partitions,
            coordinator: None,
            members: BTreeMap::new(),
            sent: BTreeMap::new(),
            classic: ClassicMembers::default(),
        }
    }

    fn find(&mut self, ctx: &mut Ctx<'_>) {
        let request =
            kafka::FindCoordinatorRequest::default().with_coordinator_keys(vec![str_bytes("g")]);
        let brokers = ctx.bootstrap_brokers();
        let broker = brokers[ctx.random("brokers").below(brokers.len() as u64) as usize];
        let id = ctx.send(NodeId::Broker(broker), request, TIMEOUT);
        self.sent.insert(id, None);
    }

    fn send(&mut self, ctx: &mut Ctx<'_>, name: Option<&str>, request: impl Into<Request>) {
        let Some(coordinator) = self.coordinator else { return };
        let id = ctx.send(NodeId::Broker(coordinator), request, TIMEOUT);
        self.sent.insert(id, name.map(str::to_owned));
    }

    fn command(&mut self, ctx: &mut Ctx<'_>, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["classic", asked @ ..] => {
                let (name, request) = self.classic.request(asked);
                self.send(ctx, Some(&name), request);
            }
            ["start", name, settings @ ..] => self.start(ctx, name, settings),
            ["close", name] => self.leave(ctx, name, -1),
            ["away", name] => self.leave(ctx, name, -2),
            ["crash", name] => {
                self.members.remove(*name);
            }
            ["beat", name, epoch] => {
                let request = kafka::ConsumerGroupHeartbeatRequest::default()
                    .with_group_id(group())
                    .with_member_id(id_of(name))
                    .with_member_epoch(epoch.parse().unwrap())
                    .with_rebalance_timeout_ms(-1);
                self.send(ctx, None, request);
            }
            ["commit", name, epoch] => {
                let request = commit(name, epoch.parse().unwrap());
                self.send(ctx, None, request);
            }
            ["partitions", count] => {
                let topic = CreatePartitionsTopic::default()
                    .with_name(names::to_kafka(&orders()))
                    .with_count(count.parse().unwrap())
                    .with_assignments(None);
                let request = kafka::CreatePartitionsRequest::default()
                    .with_topics(vec![topic])
                    .with_timeout_ms(5_000);
                self.send(ctx, None, request);
            }
            asked => {
                let request = administration(asked);
                self.send(ctx, None, request);
            }
        }
    }

    fn start(&mut self, ctx: &mut Ctx<'_>, name: &str, settings: &[&str]) {
        let number = name.trim_start_matches('m').parse().unwrap();
        let mut member = Member { number, topics: vec!["orders".to_owned()], ..Member::default() };
        for setting in settings {
            match setting.split_once('=').unwrap() {
                ("assignor", value) => member.assignor = Some(value.to_owned()),
                ("instance", value) => member.instance = Some(value.to_owned()),
                ("regex", value) => {
                    member.regex = Some(value.to_owned());
                    member.topics.clear();
                }
                ("revoke", value) => member.revoke_ms = value.parse().unwrap(),
                other => panic!("{other:?}"),
            }
        }
        self.members.insert(name.to_owned(), member);
        self.heartbeat(ctx, name);
    }

    fn leave(&mut self, ctx: &mut Ctx<'_>, name: &str, epoch: i32) {
        let Some(member) = self.members.remove(name) else { return };
        let request = kafka::ConsumerGroupHeartbeatRequest::default()
            .with_group_id(group())
            .with_member_id(id_of(name))
            .with_instance_id(member.instance.as_deref().map(str_bytes))
            .with_rebalance_timeout_ms(-1)
            .with_member_epoch(epoch);
        self.send(ctx, None, request);
    }

    fn heartbeat(&mut self, ctx: &mut Ctx<'_>, name: &str) {
        let Some(member) = self.members.get_mut(name) else { return };
        if member.is_waiting || self.coordinator.is_none() {
            return;
        }
        member.is_waiting = true;
        let is_full = member.epoch == 0;
        let owned = member.owned.iter().map(|(topic, own)| {
            TopicPartitions::default()
                .with_topic_id(uuid::Uuid::from_u128(topic.0))
                .with_partitions(own.iter().copied().collect())
        });
        let is_told = is_full || std::mem::take(&mut member.has_news);
        let topics = member.topics.iter().map(|topic| kafka::TopicName(str_bytes(topic)));
        let request = kafka::ConsumerGroupHeartbeatRequest::default()
            .with_group_id(group())
            .with_member_id(id_of(name))
            .with_member_epoch(member.epoch)
            .with_instance_id(member.instance.as_deref().map(str_bytes))
            .with_rebalance_timeout_ms(if is_full { 5_000 } else { -1 })
            .with_subscribed_topic_names(is_full.then(|| topics.collect()))
            .with_subscribed_topic_regex(member.regex.as_deref().filter(|_| is_full).map(str_bytes))
            .with_server_assignor(member.assignor.as_deref().filter(|_| is_full).map(str_bytes))
            .with_topic_partitions(is_told.then(|| owned.collect()));
        self.send(ctx, Some(name), request);
    }

    fn answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        name: &str,
        body: &kafka::ConsumerGroupHeartbeatResponse,
    ) {
        let Some(member) = self.members.get_mut(name) else { return };
        member.is_waiting = false;
        let timer = Timer::Program(member.number);
        match ResponseError::try_from_code(body.error_code) {
            None => {}
            Some(ResponseError::FencedMemberEpoch | ResponseError::UnknownMemberId) => {
                // It has to give all up, and begins anew.
                member.epoch = 0;
                member.owned.clear();
                member.told.clear();
                member.is_revoking = false;
                ctx.print(&format!("{name} fenced"));
                return self.heartbeat(ctx, name);
            }
            Some(ResponseError::NotCoordinator | ResponseError::CoordinatorNotAvailable) => {
                return self.lost_coordinator(ctx, name);
            }
            Some(error) => {
                let message = body.error_message.as_deref().unwrap_or_default();
                ctx.print(&format!("{name} {} {message}", kafka_name(error)));
                self.members.remove(name);
                return;
            }
        }
        member.epoch = body.member_epoch;
        if let Some(assignment) = &body.assignment {
            member.told = assignment
                .topic_partitions
                .iter()
                .map(|topic| {
                    let own: BTreeSet<i32> = topic.partitions.iter().copied().collect();
                    (TopicId(topic.topic_id.as_u128()), own)
                })
                .collect();
        }
        if member.told == member.owned || member.is_revoking {
            ctx.set_timer(INTERVAL, timer);
            return;
        }
        let is_losing = member.owned.iter().any(|(topic, own)| {
            own.iter().any(|index| !member.told.get(topic).is_some_and(|own| own.contains(index)))
        });
        if is_losing && member.revoke_ms > 0 {
            member.is_revoking = true;
            let done = Timer::Program(member.number + 1_000);
            ctx.set_timer(Span::from_millis(member.revoke_ms), done);
            ctx.set_timer(INTERVAL, timer);
            return;
        }
        self.reconcile(ctx, name);
    }

    /// The member has now what it was told to have, and says so at once.
    fn reconcile(&mut self, ctx: &mut Ctx<'_>, name: &str) {
        let Some(member) = self.members.get_mut(name) else { return };
        member.is_revoking = false;
        member.owned = member.told.clone();
        member.has_news = true;
        self.heartbeat(ctx, name);
    }

    fn lost_coordinator(&mut self, ctx: &mut Ctx<'_>, name: &str) {
        self.coordinator = None;
        if let Some(member) = self.members.get_mut(name) {
            member.is_waiting = false;
            // Nobody knows whether the last report got there.
            member.has_news = true;
            ctx.set_timer(INTERVAL, Timer::Program(member.number));
        }
        self.find(ctx);
    }
}

impl Program for Members {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => {
                let topic = CreatableTopic::default()
                    .with_name(names::to_kafka(&orders()))
                    .with_num_partitions(self.partitions)
                    .with_replication_factor(3);
                let request = kafka::CreateTopicsRequest::default()
                    .with_topics(vec![topic])
                    .with_timeout_ms(5_000);
                let id = ctx.send(NodeId::Broker(BrokerId(1)), request, TIMEOUT);
                self.sent.insert(id, None);
                self.find(ctx);
            }
            Input::Line(line) => self.command(ctx, &line),
            Input::Timer(Timer::Program(FIND_AGAIN)) => self.find(ctx),
            Input::Timer(Timer::Program(number)) => {
                let name = format!("m{}", number % 1_000);
                if number < 1_000 {
                    self.heartbeat(ctx, &name);
                } else {
                    self.reconcile(ctx, &name);
                }
            }
            Input::Response(id, response) => {
                let sent = self.sent.remove(&id).flatten();
                match (&response, sent) {
                    (Response::FindCoordinator(body), _) => {
                        let found = &body.coordinators[0];
                        if found.error_code == 0 {
                            self.coordinator = Some(BrokerId(found.node_id.0));
                        } else {
                            ctx.set_timer(Span::from_millis(100), Timer::Program(FIND_AGAIN));
                        }
                    }
                    (Response::ConsumerGroupHeartbeat(body), Some(name)) => {
                        self.answered(ctx, &name, body);
                    }
                    // One that has left.
                    (Response::ConsumerGroupHeartbeat(body), None)
                        if body.member_epoch < 0 && body.error_code == 0 => {}
                    (_, Some(name)) => {
                        if let Some(again) = self.classic.answered(ctx, &name, &response) {
                            self.send(ctx, Some(&name), again);
                        }
                    }
                    (Response::CreateTopics(_) | Response::CreatePartitions(_), _) => {}
                    _ => ctx.print(&shown(&response)),
                }
            }
            Input::Failed(id, _) => match self.sent.remove(&id).flatten() {
                Some(name) => self.lost_coordinator(ctx, &name),
                None => {
                    ctx.set_timer(Span::from_millis(100), Timer::Program(FIND_AGAIN));
                }
            },
            other => panic!("{other:?}"),
        }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

fn administration(words: &[&str]) -> Request {
    match words {
        ["list", filters @ ..] => {
            let filter = |prefix: &str| {
                let values = filters.iter().filter_map(|filter| filter.strip_prefix(prefix));
                values.map(str_bytes).collect()
            };
            kafka::ListGroupsRequest::default()
                .with_states_filter(filter("state="))
                .with_types_filter(filter("type="))
                .into()
        }
        ["describe"] => kafka::DescribeGroupsRequest::default().with_groups(vec![group()]).into(),
        ["describe-consumer"] => {
            kafka::ConsumerGroupDescribeRequest::default().with_group_ids(vec![group()]).into()
        }
        ["delete"] => kafka::DeleteGroupsRequest::default().with_groups_names(vec![group()]).into(),
        ["delete-offset", topic, index] => {
            let partition = OffsetDeleteRequestPartition::default()
                .with_partition_index(index.parse().unwrap());
            let topic = OffsetDeleteRequestTopic::default()
                .with_name(kafka::TopicName(str_bytes(topic)))
                .with_partitions(vec![partition]);
            kafka::OffsetDeleteRequest::default()
                .with_group_id(group())
                .with_topics(vec![topic])
                .into()
        }
        ["fetch", member, epoch] => {
            let group = OffsetFetchRequestGroup::default()
                .with_group_id(group())
                .with_member_id((*member != "-").then(|| id_of(member)))
                .with_member_epoch(epoch.parse().unwrap())
                .with_topics(None);
            kafka::OffsetFetchRequest::default().with_groups(vec![group]).into()
        }
        other => panic!("{other:?}"),
    }
}

fn shown(response: &Response) -> String {
    let error =
        |code: i16| ResponseError::try_from_code(code).map_or_else(|| "ok".to_owned(), kafka_name);
    match response {
        Response::ConsumerGroupHeartbeat(body) => {
            format!("heartbeat {} {}", error(body.error_code), body.member_epoch)
        }
        Response::OffsetCommit(body) => {
            let mut partitions = body.topics.iter().flat_map(|topic| &topic.partitions);
            format!("commit {}", error(partitions.next().unwrap().error_code))
        }
        Response::OffsetFetch(body) => {
            let group = &body.groups[0];
            let count: usize = group.topics.iter().map(|topic| topic.partitions.len()).sum();
            format!("fetch {} {count}", error(group.error_code))
        }
        Response::ListGroups(body) => {
            let groups: Vec<String> = body
                .groups
                .iter()
                .map(|group| {
                    let (protocol, state) = (&group.protocol_type, &group.group_state);
                    format!("{} {protocol} {state} {}", group.group_id.as_str(), group.group_type)
                })
                .collect();
            format!("list {groups:?}")
        }
        Response::DescribeGroups(body) => {
            let group = &body.groups[0];
            let message = group.error_message.as_deref().unwrap_or_default();
            format!("describe {} {} {message}", error(group.error_code), group.group_state)
        }
        Response::ConsumerGroupDescribe(body) => {
            let group = &body.groups[0];
            let message = group.error_message.as_deref().unwrap_or_default();
            let (epoch, assignment) = (group.group_epoch, group.assignment_epoch);
            let state = &group.group_state;
            let error = error(group.error_code);
            format!(
                "describe {error} {state} {epoch}/{assignment} {} {message}",
                group.assignor_name
            )
        }
        Response::DeleteGroups(body) => format!("delete {}", error(body.results[0].error_code)),
        Response::OffsetDelete(body) => {
            let of = body.topics.first().map(|topic| topic.partitions[0].error_code);
            format!("delete {} {}", error(body.error_code), error(of.unwrap_or_default()))
        }
        other => format!("{:?}", other.api_key()),
    }
}

/// The third member's id comes first, as it happened to in the recordings.
fn id_of(name: &str) -> kafka_protocol::protocol::StrBytes {
    let place = match name {
        "m3" => "a",
        "m1" => "b",
        _ => "c",
    };
    if name == "-" { str_bytes("") } else { str_bytes(&format!("{place}-{name}")) }
}

pub(super) fn group() -> kafka::GroupId {
    kafka::GroupId(str_bytes("g"))
}

fn orders() -> TopicName {
    TopicName::from("orders")
}

fn commit(member: &str, epoch: i32) -> Request {
    commit_of(id_of(member), epoch)
}

pub(super) fn commit_of(member: kafka_protocol::protocol::StrBytes, epoch: i32) -> Request {
    let partition = OffsetCommitRequestPartition::default()
        .with_partition_index(1)
        .with_committed_offset(7)
        .with_committed_metadata(None);
    let topic = OffsetCommitRequestTopic::default()
        .with_name(names::to_kafka(&orders()))
        .with_partitions(vec![partition]);
    kafka::OffsetCommitRequest::default()
        .with_group_id(group())
        .with_member_id(member)
        .with_generation_id_or_member_epoch(epoch)
        .with_topics(vec![topic])
        .into()
}
