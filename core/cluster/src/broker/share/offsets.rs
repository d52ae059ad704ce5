//! What administrators ask of the offsets of share groups: several share coordinators have a part in the answer.

use std::collections::BTreeMap;

use highwater_log::{LeaderEpoch, Offset};
use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::{
    alter_share_group_offsets_response as altered, delete_share_group_offsets_response as deleted,
    describe_share_group_offsets_response as described,
};
use uuid::Uuid;

use crate::broker::Broker;
use crate::broker::share::persister::{Operation, Then};
use crate::client::names;
use crate::ctx::Ctx;
use crate::group::SharePartitions;
use crate::ids::{GroupId, TopicId, TopicName};
use crate::input::ReplyTo;
use crate::message::Request;
use crate::share::ShareKey;
use crate::share::state::ShareState;

/// What a share coordinator answered.
type Answered = Result<Option<ShareState>, ResponseError>;

/// A question that is not answered in full.
#[derive(Clone, Debug)]
pub(super) struct Question {
    reply: ReplyTo,
    request: Request,
    open: usize,
    /// Groups that are refused as a whole.
    refused: BTreeMap<GroupId, ResponseError>,
    answers: BTreeMap<ShareKey, Answered>,
}

impl Broker {
    /// DescribeShareGroupOffsets, AlterShareGroupOffsets, DeleteShareGroupOffsets; and DeleteGroups of share
    /// groups, whose state goes first.
    pub(in crate::broker) fn on_share_offsets_request(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &Request,
    ) {
        let mut refused = BTreeMap::new();
        let mut asked = Vec::new();
        for group in groups_of(request) {
            match self.share_parts_asked(ctx, &group, request) {
                Ok(parts) => asked.extend(parts),
                Err(error) => {
                    refused.insert(group, error);
                }
            }
        }
        let id = self.process.shares.next_id();
        let open = asked.len();
        let answers = BTreeMap::new();
        let question = Question { reply: from, request: request.clone(), open, refused, answers };
        self.process.shares.questions.insert(id, question);
        if open == 0 {
            return self.answer_share_question(ctx, id);
        }
        for (key, operation) in asked {
            self.persist(ctx, key, operation, Then::Question(id));
        }
    }

    /// Whether a request to delete groups names a share group that this broker coordinates.
    pub(in crate::broker) fn names_share_group(&self, body: &kafka::DeleteGroupsRequest) -> bool {
        body.groups_names.iter().any(|id| self.process.groups.has_share_group(id))
    }

    pub(super) fn share_question_answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: u64,
        key: &ShareKey,
        answered: Answered,
    ) {
        let Some(question) = self.process.shares.questions.get_mut(&id) else { return };
        question.answers.insert(key.clone(), answered);
        question.open -= 1;
        if question.open == 0 {
            self.answer_share_question(ctx, id);
        }
    }

    /// What is asked of share coordinators about a group.
    fn share_parts_asked(
        &mut self,
        ctx: &mut Ctx<'_>,
        group: &GroupId,
        request: &Request,
    ) -> Result<Vec<(ShareKey, Operation)>, ResponseError> {
        let key = |(topic, partition): (TopicId, i32)| ShareKey {
            group: group.clone(),
            topic,
            partition,
        };
        match request {
            Request::DescribeShareGroupOffsets(body) => {
                let known = self.known_share_partitions(ctx, group, false)?;
                let leader_epoch = LeaderEpoch(-1);
                let asked = known.into_iter().filter(|id| self.is_described(body, group, *id));
                Ok(asked.map(|id| (key(id), Operation::Summary { leader_epoch })).collect())
            }
            Request::AlterShareGroupOffsets(body) => {
                self.known_share_partitions(ctx, group, true)?;
                let wanted = self.altered_partitions(body);
                let ids: Vec<(TopicId, i32)> = wanted.iter().map(|(id, _)| *id).collect();
                let state_epoch = self.begin_share_anew(ctx, group, &ids)?;
                let asked = wanted.into_iter();
                Ok(asked
                    .map(|(id, start)| (key(id), Operation::Initialize { state_epoch, start }))
                    .collect())
            }
            Request::DeleteShareGroupOffsets(body) => {
                let known = self.known_share_partitions(ctx, group, true)?;
                let topics = body.topics.iter().map(|topic| names::from_kafka(&topic.topic_name));
                let ids: Vec<TopicId> = topics.filter_map(|name| self.topic_id(&name)).collect();
                let asked = known.into_iter().filter(|(topic, _)| ids.contains(topic));
                Ok(asked.map(|id| (key(id), Operation::Delete)).collect())
            }
            _ => {
                let known = self.known_share_partitions(ctx, group, true)?;
                Ok(known.into_iter().map(|id| (key(id), Operation::Delete)).collect())
            }
        }
    }

    /// Whether a partition of a group is asked about: all are of which no topics are named.
    fn is_described(
        &self,
        body: &kafka::DescribeShareGroupOffsetsRequest,
        group: &GroupId,
        (topic, partition): (TopicId, i32),
    ) -> bool {
        let asked = body.groups.iter().find(|asked| asked.group_id.as_str() == group.as_str());
        let Some(named) = asked.and_then(|asked| asked.topics.as_ref()) else { return true };
        named.iter().any(|named| {
            self.topic_id(&names::from_kafka(&named.topic_name)) == Some(topic)
                && named.partitions.contains(&partition)
        })
    }

    fn altered_partitions(
        &self,
        body: &kafka::AlterShareGroupOffsetsRequest,
    ) -> Vec<((TopicId, i32), Offset)> {
        let parts = body.topics.iter().flat_map(|topic| {
            let id = self.topic_id(&names::from_kafka(&topic.topic_name));
            topic.partitions.iter().filter_map(move |part| {
                Some(((id?, part.partition_index), Offset(part.start_offset)))
            })
        });
        parts.collect()
    }

    fn topic_id(&self, name: &TopicName) -> Option<TopicId> {
        self.process.image.topics.get(name).map(|topic| topic.id)
    }

    fn known_share_partitions(
        &mut self,
        ctx: &mut Ctx<'_>,
        group: &GroupId,
        must_be_empty: bool,
    ) -> Result<SharePartitions, ResponseError> {
        let mut known = Err(ResponseError::NotCoordinator);
        self.with_groups(ctx, |groups, _, host| {
            known = groups.share_partitions(group, must_be_empty, host);
        });
        known
    }

    fn begin_share_anew(
        &mut self,
        ctx: &mut Ctx<'_>,
        group: &GroupId,
        partitions: &[(TopicId, i32)],
    ) -> Result<i32, ResponseError> {
        let mut epoch = Err(ResponseError::NotCoordinator);
        self.with_groups(ctx, |groups, ctx, host| {
            epoch = groups.begin_share_anew(ctx, group, partitions, host);
        });
        epoch
    }

    fn answer_share_question(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        let Some(question) = self.process.shares.questions.remove(&id) else { return };
        let reply = question.reply;
        match &question.request {
            Request::DescribeShareGroupOffsets(_) => {
                ctx.respond(reply, self.described_share_offsets(&question));
            }
            Request::AlterShareGroupOffsets(body) => {
                ctx.respond(reply, self.altered_share_offsets(&question, body));
            }
            Request::DeleteShareGroupOffsets(body) => {
                let gone = question.done();
                let group = GroupId::from(body.group_id.as_str());
                self.forget_share_state(ctx, &group, &gone);
                ctx.respond(reply, self.deleted_share_offsets(&question, body));
            }
            request => {
                let gone = question.done();
                for group in groups_of(request) {
                    self.forget_share_state(ctx, &group, &gone);
                }
                self.on_group_request(ctx, reply, request);
            }
        }
    }

    fn forget_share_state(&mut self, ctx: &mut Ctx<'_>, group: &GroupId, gone: &[ShareKey]) {
        let own = gone.iter().filter(|key| key.group == *group);
        let partitions: Vec<(TopicId, i32)> = own.map(|key| (key.topic, key.partition)).collect();
        self.with_groups(ctx, |groups, ctx, host| {
            groups.share_state_deleted(ctx, group, &partitions, host);
        });
    }

    fn described_share_offsets(
        &self,
        question: &Question,
    ) -> kafka::DescribeShareGroupOffsetsResponse {
        let groups = groups_of(&question.request).into_iter().map(|group| {
            let answer = described::DescribeShareGroupOffsetsResponseGroup::default()
                .with_group_id(kafka_id(&group));
            if let Some(error) = question.refused.get(&group) {
                return answer.with_error_code(error.code());
            }
            let mut topics: Vec<described::DescribeShareGroupOffsetsResponseTopic> = Vec::new();
            for (key, answered) in question.answers.iter().filter(|(key, _)| key.group == group) {
                let Some((name, _)) = self.process.image.topic_by_id(key.topic) else { continue };
                let part = described_part(key, answered);
                let topic = Uuid::from_u128(key.topic.0);
                match topics.last_mut() {
                    Some(last) if last.topic_id == topic => last.partitions.push(part),
                    _ => topics.push(
                        described::DescribeShareGroupOffsetsResponseTopic::default()
                            .with_topic_name(names::to_kafka(name))
                            .with_topic_id(topic)
                            .with_partitions(vec![part]),
                    ),
                }
            }
            answer.with_topics(topics)
        });
        kafka::DescribeShareGroupOffsetsResponse::default().with_groups(groups.collect())
    }

    fn altered_share_offsets(
        &self,
        question: &Question,
        body: &kafka::AlterShareGroupOffsetsRequest,
    ) -> kafka::AlterShareGroupOffsetsResponse {
        if let Some(error) = question.refused.values().next() {
            let refused = kafka::AlterShareGroupOffsetsResponse::default();
            return refused.with_error_code(error.code());
        }
        let topics = body.topics.iter().map(|topic| {
            let id = self.topic_id(&names::from_kafka(&topic.topic_name)).unwrap_or_default();
            let parts = topic.partitions.iter().map(|part| {
                altered::AlterShareGroupOffsetsResponsePartition::default()
                    .with_partition_index(part.partition_index)
                    .with_error_code(question.code(id, part.partition_index))
            });
            altered::AlterShareGroupOffsetsResponseTopic::default()
                .with_topic_name(topic.topic_name.clone())
                .with_topic_id(Uuid::from_u128(id.0))
                .with_partitions(parts.collect())
        });
        kafka::AlterShareGroupOffsetsResponse::default().with_responses(topics.collect())
    }

    fn deleted_share_offsets(
        &self,
        question: &Question,
        body: &kafka::DeleteShareGroupOffsetsRequest,
    ) -> kafka::DeleteShareGroupOffsetsResponse {
        if let Some(error) = question.refused.values().next() {
            let refused = kafka::DeleteShareGroupOffsetsResponse::default();
            return refused.with_error_code(error.code());
        }
        let topics = body.topics.iter().map(|topic| {
            let id = self.topic_id(&names::from_kafka(&topic.topic_name)).unwrap_or_default();
            let answers = question.answers.iter().filter(|(key, _)| key.topic == id);
            let answers: Vec<&Answered> = answers.map(|(_, answered)| answered).collect();
            let error = answers.iter().find_map(|answered| answered.as_ref().err());
            let code = match error {
                Some(error) => error.code(),
                None if answers.is_empty() => ResponseError::UnknownTopicOrPartition.code(),
                None => 0,
            };
            deleted::DeleteShareGroupOffsetsResponseTopic::default()
                .with_topic_name(topic.topic_name.clone())
                .with_topic_id(Uuid::from_u128(id.0))
                .with_error_code(code)
        });
        kafka::DeleteShareGroupOffsetsResponse::default().with_responses(topics.collect())
    }
}

impl Question {
    /// The share partitions of which it went well.
    fn done(&self) -> Vec<ShareKey> {
        let done = self.answers.iter().filter(|(_, answered)| answered.is_ok());
        done.map(|(key, _)| key.clone()).collect()
    }

    fn code(&self, topic: TopicId, partition: i32) -> i16 {
        let own = |key: &ShareKey| (key.topic, key.partition) == (topic, partition);
        match self.answers.iter().find(|(key, _)| own(key)) {
            Some((_, Err(error))) => error.code(),
            Some((_, Ok(_))) => 0,
            None => ResponseError::UnknownTopicOrPartition.code(),
        }
    }
}

fn described_part(
    key: &ShareKey,
    answered: &Answered,
) -> described::DescribeShareGroupOffsetsResponsePartition {
    let part = described::DescribeShareGroupOffsetsResponsePartition::default()
        .with_partition_index(key.partition);
    match answered {
        Ok(Some(state)) => {
            part.with_start_offset(state.start.0).with_leader_epoch(state.leader_epoch.0)
        }
        Ok(None) => part.with_start_offset(-1),
        Err(error) => part.with_start_offset(-1).with_error_code(error.code()),
    }
}

/// The groups that a request is about.
fn groups_of(request: &Request) -> Vec<GroupId> {
    match request {
        Request::DescribeShareGroupOffsets(body) => {
            body.groups.iter().map(|group| GroupId::from(group.group_id.as_str())).collect()
        }
        Request::AlterShareGroupOffsets(body) => vec![GroupId::from(body.group_id.as_str())],
        Request::DeleteShareGroupOffsets(body) => vec![GroupId::from(body.group_id.as_str())],
        Request::DeleteGroups(body) => {
            body.groups_names.iter().map(|group| GroupId::from(group.as_str())).collect()
        }
        other => unreachable!("{:?} asks nothing of share offsets", other.api_key()),
    }
}

fn kafka_id(group: &GroupId) -> kafka::GroupId {
    kafka::GroupId(kafka_protocol::protocol::StrBytes::from_string(group.to_string()))
}
