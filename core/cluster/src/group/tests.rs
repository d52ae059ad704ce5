//! The coordinator, asked by a client that speaks the protocol by hand.

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestGroup;
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use kafka_protocol::protocol::StrBytes;

use super::answers::str_bytes;
use super::partition_for;
use crate::client::errors::kafka_name;
use crate::cluster_spec::ClusterSpec;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{BrokerId, EntryId, NodeId, TerminalName};
use crate::input::Input;
use crate::message::{Request, Response};
use crate::program::Program;
use crate::time::{Span, Time};
use crate::world::World;

/// Sends requests to the coordinator one by one and prints what comes back. `$` in place of a member
/// id is the last one that the coordinator gave out.
#[derive(Clone, Debug)]
struct Script {
    requests: Vec<Request>,
    coordinator: Option<BrokerId>,
    member: StrBytes,
}

impl Program for Script {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Response(_, Response::FindCoordinator(body)) => {
                let found = &body.coordinators[0];
                if found.error_code == 0 {
                    self.coordinator = Some(BrokerId(found.node_id.0));
                } else {
                    ctx.set_timer(Span::from_millis(100), crate::timer::Timer::Program(0));
                    return;
                }
            }
            Input::Response(_, response) => {
                if let Response::JoinGroup(body) = &response {
                    self.member = body.member_id.clone();
                }
                ctx.print(&shown(&response));
            }
            Input::Start | Input::Timer(_) => {}
            other => panic!("{other:?}"),
        }
        self.next(ctx);
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

impl Script {
    fn next(&mut self, ctx: &mut Ctx<'_>) {
        let timeout = Span::from_millis(60_000);
        let Some(coordinator) = self.coordinator else {
            let request = kafka::FindCoordinatorRequest::default()
                .with_coordinator_keys(vec![str_bytes("g")]);
            ctx.send(NodeId::Broker(BrokerId(1)), request, timeout);
            return;
        };
        if self.requests.is_empty() {
            return ctx.exit(0);
        }
        let request = self.requests.remove(0);
        let request = self.with_member(request);
        ctx.send(NodeId::Broker(coordinator), request, timeout);
    }

    /// The request with the member id in place of `$`.
    fn with_member(&self, request: Request) -> Request {
        let member = |given: &StrBytes| {
            if given.as_str() == "$" { self.member.clone() } else { given.clone() }
        };
        match request {
            Request::JoinGroup(body) => {
                let id = member(&body.member_id);
                (*body).clone().with_member_id(id).into()
            }
            Request::SyncGroup(body) => {
                let id = member(&body.member_id);
                let assignments = body
                    .assignments
                    .iter()
                    .map(|given| given.clone().with_member_id(member(&given.member_id)));
                (*body).clone().with_member_id(id).with_assignments(assignments.collect()).into()
            }
            Request::Heartbeat(body) => {
                let id = member(&body.member_id);
                (*body).clone().with_member_id(id).into()
            }
            Request::OffsetCommit(body) => {
                let id = member(&body.member_id);
                (*body).clone().with_member_id(id).into()
            }
            Request::LeaveGroup(body) => {
                let members = body
                    .members
                    .iter()
                    .map(|given| given.clone().with_member_id(member(&given.member_id)));
                (*body).clone().with_members(members.collect()).into()
            }
            other => other,
        }
    }
}

fn shown(response: &Response) -> String {
    let error =
        |code: i16| ResponseError::try_from_code(code).map_or_else(|| "ok".to_owned(), kafka_name);
    match response {
        Response::JoinGroup(body) => {
            let protocol = body.protocol_name.as_deref().unwrap_or("-");
            format!(
                "join {} {} {protocol} {}",
                error(body.error_code),
                body.generation_id,
                body.members.len()
            )
        }
        Response::SyncGroup(body) => {
            format!("sync {} {:?}", error(body.error_code), body.assignment)
        }
        Response::Heartbeat(body) => format!("heartbeat {}", error(body.error_code)),
        Response::LeaveGroup(body) => {
            let members: Vec<String> =
                body.members.iter().map(|member| error(member.error_code)).collect();
            format!("leave {} {members:?}", error(body.error_code))
        }
        Response::OffsetCommit(body) => {
            let partitions = body.topics.iter().flat_map(|topic| &topic.partitions);
            let errors: Vec<String> =
                partitions.map(|partition| error(partition.error_code)).collect();
            format!("commit {errors:?}")
        }
        Response::OffsetFetch(body) => {
            let group = &body.groups[0];
            let offsets: Vec<String> = group
                .topics
                .iter()
                .flat_map(|topic| {
                    let show = |partition: &kafka::offset_fetch_response::OffsetFetchResponsePartitions| {
                        format!("{}-{}@{}", topic.name.as_str(), partition.partition_index, partition.committed_offset)
                    };
                    topic.partitions.iter().map(show).collect::<Vec<_>>()
                })
                .collect();
            format!("fetch {} {offsets:?}", error(group.error_code))
        }
        other => format!("{:?}", other.api_key()),
    }
}

fn group() -> kafka::GroupId {
    kafka::GroupId(str_bytes("g"))
}

fn join(member: &str, protocols: &[&str]) -> Request {
    let protocols =
        protocols.iter().map(|name| JoinGroupRequestProtocol::default().with_name(str_bytes(name)));
    kafka::JoinGroupRequest::default()
        .with_group_id(group())
        .with_session_timeout_ms(10_000)
        .with_rebalance_timeout_ms(10_000)
        .with_member_id(str_bytes(member))
        .with_protocol_type(str_bytes("consumer"))
        .with_protocols(protocols.collect())
        .into()
}

fn sync(generation: i32) -> Request {
    let assignment = SyncGroupRequestAssignment::default()
        .with_member_id(str_bytes("$"))
        .with_assignment(Bytes::from_static(b"part"));
    kafka::SyncGroupRequest::default()
        .with_group_id(group())
        .with_generation_id(generation)
        .with_member_id(str_bytes("$"))
        .with_protocol_type(None)
        .with_protocol_name(None)
        .with_assignments(vec![assignment])
        .into()
}

fn heartbeat(member: &str, generation: i32) -> Request {
    kafka::HeartbeatRequest::default()
        .with_group_id(group())
        .with_member_id(str_bytes(member))
        .with_generation_id(generation)
        .into()
}

fn leave(members: &[&str]) -> Request {
    let members =
        members.iter().map(|member| MemberIdentity::default().with_member_id(str_bytes(member)));
    kafka::LeaveGroupRequest::default()
        .with_group_id(group())
        .with_members(members.collect())
        .into()
}

fn commit(member: &str, generation: i32, offset: i64) -> Request {
    let partition = OffsetCommitRequestPartition::default()
        .with_partition_index(1)
        .with_committed_offset(offset)
        .with_committed_metadata(None);
    let topic = OffsetCommitRequestTopic::default()
        .with_name(kafka::TopicName(str_bytes("orders")))
        .with_partitions(vec![partition]);
    kafka::OffsetCommitRequest::default()
        .with_group_id(group())
        .with_member_id(str_bytes(member))
        .with_generation_id_or_member_epoch(generation)
        .with_topics(vec![topic])
        .into()
}

fn fetch_all() -> Request {
    let group = OffsetFetchRequestGroup::default()
        .with_group_id(group())
        .with_topics(None)
        .with_member_epoch(-1);
    kafka::OffsetFetchRequest::default().with_groups(vec![group]).with_require_stable(true).into()
}

/// Sends the requests in turn and compares what is answered.
fn check(exchange: Vec<(Request, &str)>) {
    let (requests, expected): (Vec<Request>, Vec<&str>) = exchange.into_iter().unzip();
    let mut world = World::new(ClusterSpec::default());
    world.run_until(Time(1_000_000));
    let script = Script { requests, coordinator: None, member: StrBytes::default() };
    world.start_program(EntryId(0), &TerminalName::from("t1"), Box::new(script));
    world.run_until(Time(60_000_000));
    let answers: Vec<String> = world
        .take_events()
        .into_iter()
        .filter_map(|event| match event.kind {
            EventKind::Output { text, .. } => Some(text.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(answers, expected);
}

#[test]
fn a_member_gets_its_id_then_joins_syncs_and_leaves() {
    check(vec![
        (join("", &["range"]), "join MEMBER_ID_REQUIRED -1 - 0"),
        (join("$", &["range"]), "join ok 1 range 1"),
        (heartbeat("$", 1), "heartbeat ok"),
        (commit("$", 1, 5), r#"commit ["REBALANCE_IN_PROGRESS"]"#),
        (sync(1), r#"sync ok b"part""#),
        (heartbeat("$", 1), "heartbeat ok"),
        (commit("$", 1, 5), r#"commit ["ok"]"#),
        (fetch_all(), r#"fetch ok ["orders-1@5"]"#),
        (leave(&["$"]), r#"leave ok ["ok"]"#),
        (heartbeat("$", 2), "heartbeat UNKNOWN_MEMBER_ID"),
        (commit("", -1, 7), r#"commit ["ok"]"#),
        (fetch_all(), r#"fetch ok ["orders-1@7"]"#),
    ]);
}

#[test]
fn whoever_is_no_member_is_told_so() {
    check(vec![
        (heartbeat("stranger", 1), "heartbeat UNKNOWN_MEMBER_ID"),
        (join("stranger", &["range"]), "join UNKNOWN_MEMBER_ID -1 - 0"),
        (leave(&["stranger"]), "leave UNKNOWN_MEMBER_ID []"),
        (commit("stranger", 1, 0), r#"commit ["GROUP_ID_NOT_FOUND"]"#),
        (join("", &["range"]), "join MEMBER_ID_REQUIRED -1 - 0"),
        (join("$", &["range"]), "join ok 1 range 1"),
        (sync(0), "sync ILLEGAL_GENERATION b\"\""),
        (sync(1), r#"sync ok b"part""#),
        (heartbeat("$", 9), "heartbeat ILLEGAL_GENERATION"),
        (heartbeat("stranger", 1), "heartbeat UNKNOWN_MEMBER_ID"),
        (commit("", -1, 7), r#"commit ["UNKNOWN_MEMBER_ID"]"#),
        (commit("$", 0, 7), r#"commit ["ILLEGAL_GENERATION"]"#),
        (leave(&["stranger", "$"]), r#"leave ok ["UNKNOWN_MEMBER_ID", "ok"]"#),
    ]);
}

#[test]
fn who_manages_its_partitions_itself_may_commit_too() {
    check(vec![
        (fetch_all(), "fetch ok []"),
        (commit("", -1, 3), r#"commit ["ok"]"#),
        (fetch_all(), r#"fetch ok ["orders-1@3"]"#),
    ]);
}

#[test]
fn what_nobody_could_work_with_is_refused() {
    let Request::JoinGroup(body) = join("", &["range"]) else { unreachable!() };
    let hasty = (*body).clone().with_session_timeout_ms(5_999);
    let other_type = (*body).clone().with_protocol_type(str_bytes("connect"));
    check(vec![
        (hasty.into(), "join INVALID_SESSION_TIMEOUT -1 - 0"),
        (join("", &[]), "join INCONSISTENT_GROUP_PROTOCOL -1 - 0"),
        (join("", &["range"]), "join MEMBER_ID_REQUIRED -1 - 0"),
        (join("$", &["roundrobin", "range"]), "join ok 1 roundrobin 1"),
        (join("", &["sticky"]), "join INCONSISTENT_GROUP_PROTOCOL -1 - 0"),
        (other_type.into(), "join INCONSISTENT_GROUP_PROTOCOL -1 - 0"),
    ]);
}

/// Java clears the sign bit of the hash, then takes the remainder.
#[test]
fn a_groups_partition_is_kafkas() {
    assert_eq!(partition_for("g", 50), 103 % 50);
    assert_eq!(partition_for("", 50), 0);
    assert_eq!(partition_for("polygenelubricants", 50), 0);
    assert_eq!(
        partition_for("orders", 50),
        (i64::from(-1_008_770_331_i32) & 0x7fff_ffff) as i32 % 50
    );
}
