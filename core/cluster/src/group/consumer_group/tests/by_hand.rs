//! Requests of members of the classic protocol, made by hand: `join c1 instance=i owned=01
//! assignors=range,sticky`, `sync c1 GENERATION c1=012 c2=345`, `beat c1 GENERATION`, `leave c1`,
//! `commit c1 GENERATION`. Who joins without an id comes back with the one that it got.

use std::collections::BTreeMap;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use kafka_protocol::protocol::StrBytes;

use crate::client::errors::kafka_name;
use crate::consumer::protocol::{
    Subscription, decode_assignment, encode_assignment, encode_subscription,
};
use crate::ctx::Ctx;
use crate::group::answers::str_bytes;
use crate::group::consumer_group::tests::members::{commit_of, group};
use crate::ids::{Generation, TopicName, TopicPartition};
use crate::message::{Request, Response};

/// Members by their names, each with the id that it got and what it last joined with.
#[derive(Clone, Debug, Default)]
pub(super) struct ClassicMembers {
    ids: BTreeMap<String, StrBytes>,
    joins: BTreeMap<String, kafka::JoinGroupRequest>,
    instances: BTreeMap<String, StrBytes>,
}

impl ClassicMembers {
    /// The request that a line asks for, and who sends it.
    pub(super) fn request(&mut self, words: &[&str]) -> (String, Request) {
        let [what, name, more @ ..] = words else { panic!("{words:?}") };
        let name = (*name).to_owned();
        let request = match *what {
            "join" => self.join(&name, more).into(),
            "sync" => self.sync(&name, more).into(),
            "beat" => kafka::HeartbeatRequest::default()
                .with_group_id(group())
                .with_generation_id(more[0].parse().unwrap())
                .with_member_id(self.id(&name))
                .with_group_instance_id(self.instances.get(&name).cloned())
                .into(),
            "leave" => {
                let member = MemberIdentity::default()
                    .with_member_id(self.id(&name))
                    .with_group_instance_id(self.instances.get(&name).cloned());
                kafka::LeaveGroupRequest::default()
                    .with_group_id(group())
                    .with_members(vec![member])
                    .into()
            }
            "commit" => commit_of(self.id(&name), more[0].parse().unwrap()),
            other => panic!("{other}"),
        };
        (name, request)
    }

    /// Prints what came back; what is to be sent next, if the member was only told its id.
    pub(super) fn answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        name: &str,
        response: &Response,
    ) -> Option<Request> {
        if let Response::JoinGroup(body) = response {
            if !body.member_id.is_empty() {
                self.ids.insert(name.to_owned(), body.member_id.clone());
            }
            if body.error_code == ResponseError::MemberIdRequired.code() {
                let again = self.joins[name].clone().with_member_id(body.member_id.clone());
                return Some(again.into());
            }
        }
        ctx.print(&format!("{name} {}", shown(response)));
        None
    }

    fn id(&self, name: &str) -> StrBytes {
        self.ids.get(name).cloned().unwrap_or_else(|| str_bytes(name))
    }

    fn join(&mut self, name: &str, settings: &[&str]) -> kafka::JoinGroupRequest {
        let mut subscription =
            Subscription { topics: vec![TopicName::from("orders")], ..Subscription::default() };
        let mut request = kafka::JoinGroupRequest::default()
            .with_group_id(group())
            .with_session_timeout_ms(6_000)
            .with_rebalance_timeout_ms(5_000)
            .with_protocol_type(str_bytes("consumer"))
            .with_member_id(self.ids.get(name).cloned().unwrap_or_default());
        let mut assignors = "range";
        let mut metadata = None;
        for setting in settings {
            match setting.split_once('=').unwrap() {
                ("assignors", value) => assignors = value,
                ("generation", value) => {
                    subscription.generation = Some(Generation(value.parse().unwrap()));
                }
                ("id", value) => request.member_id = str_bytes(value),
                ("instance", value) => {
                    self.instances.insert(name.to_owned(), str_bytes(value));
                    request.group_instance_id = Some(str_bytes(value));
                }
                ("metadata", value) => metadata = Some(Bytes::copy_from_slice(value.as_bytes())),
                ("owned", value) => subscription.owned = partitions(value),
                ("session", value) => request.session_timeout_ms = value.parse().unwrap(),
                ("topic", value) => subscription.topics = vec![TopicName::from(value)],
                ("type", value) => request.protocol_type = str_bytes(value),
                ("userdata", value) => {
                    subscription.user_data = Some(Bytes::copy_from_slice(value.as_bytes()));
                }
                other => panic!("{other:?}"),
            }
        }
        let metadata = metadata.unwrap_or_else(|| encode_subscription(&subscription));
        let protocols = assignors.split(',').map(|assignor| {
            JoinGroupRequestProtocol::default()
                .with_name(str_bytes(assignor))
                .with_metadata(metadata.clone())
        });
        request.protocols = protocols.collect();
        self.joins.insert(name.to_owned(), request.clone());
        request
    }

    fn sync(&self, name: &str, words: &[&str]) -> kafka::SyncGroupRequest {
        let assignments = words[1..].iter().map(|word| {
            let (member, own) = word.split_once('=').unwrap();
            let bytes = match own.strip_prefix('+') {
                // With data of an assignor of one's own behind.
                Some(own) => with_user_data(&encode_assignment(&partitions(own))),
                None => encode_assignment(&partitions(own)),
            };
            SyncGroupRequestAssignment::default()
                .with_member_id(self.id(member))
                .with_assignment(bytes)
        });
        kafka::SyncGroupRequest::default()
            .with_group_id(group())
            .with_generation_id(words[0].parse().unwrap())
            .with_member_id(self.id(name))
            .with_group_instance_id(self.instances.get(name).cloned())
            .with_protocol_type(None)
            .with_protocol_name(None)
            .with_assignments(assignments.collect())
    }
}

fn partitions(indexes: &str) -> Vec<TopicPartition> {
    let topic = TopicName::from("orders");
    let indexes = indexes.chars().map(|index| index.to_digit(10).unwrap().cast_signed());
    indexes.map(|index| TopicPartition::new(&topic, index)).collect()
}

/// The length of no user data stands last: -1.
fn with_user_data(assignment: &Bytes) -> Bytes {
    let before = &assignment[..assignment.len() - 4];
    [before, &4_i32.to_be_bytes(), b"data"].concat().into()
}

fn shown(response: &Response) -> String {
    let error =
        |code: i16| ResponseError::try_from_code(code).map_or_else(|| "ok".to_owned(), kafka_name);
    match response {
        Response::JoinGroup(body) if body.error_code == 0 => {
            let protocol = body.protocol_name.as_deref().unwrap_or("-");
            format!("join ok {} {protocol}", body.generation_id)
        }
        Response::JoinGroup(body) => format!("join {}", error(body.error_code)),
        Response::SyncGroup(body) if body.error_code == 0 => {
            let own = decode_assignment(&body.assignment).expect("an assignment");
            let indexes: String = own.iter().map(|own| own.partition.0.to_string()).collect();
            format!("sync ok {indexes}")
        }
        Response::SyncGroup(body) => format!("sync {}", error(body.error_code)),
        Response::Heartbeat(body) => format!("beat {}", error(body.error_code)),
        Response::LeaveGroup(body) => {
            let member = body.members.first().map_or(body.error_code, |member| member.error_code);
            format!("leave {}", error(member))
        }
        Response::OffsetCommit(body) => {
            format!("commit {}", error(body.topics[0].partitions[0].error_code))
        }
        other => format!("{:?}", other.api_key()),
    }
}
