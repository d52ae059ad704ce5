//! What each request needs: the operations on resources, and the error without them.

use std::sync::Arc;

use kafka_protocol::error::ResponseError as E;
use kafka_protocol::messages as kafka;

use super::parts::in_parts;
use super::{Judge, Verdict};
use crate::acl::CLUSTER_NAME;
use crate::acl::Operation::{
    self, Alter, AlterConfigs, Create, Delete, Describe, DescribeConfigs, IdempotentWrite, Read,
    Write,
};
use crate::acl::ResourceType::{Cluster, Group, Topic, TransactionalId};
use crate::configs::BrokerConfig;
use crate::ids::TopicId;
use crate::message::Request;
use crate::metadata::record::ConfigResourceType;

/// The type of a coordinator's key that is a group, and of one that is a `transactional.id`.
const GROUP_KEY: i8 = 0;
const TRANSACTION_KEY: i8 = 1;

/// The verdict on a request about topics, each of which needs an operation.
macro_rules! topics {
    ($judge:expr, $body:expr, $topics:ident, $operation:expr, $name:expr) => {{
        let name = $name;
        let error = |topic| $judge.topic($operation, name(topic).as_deref());
        let errors: Vec<Option<E>> = $body.$topics.iter().map(error).collect();
        in_parts($body, &errors, |body| &mut body.$topics)
    }};
}

impl Judge<'_> {
    /// What is to be done with a request.
    pub(super) fn judge(&mut self, config: &BrokerConfig, request: &Request) -> Verdict {
        match request {
            Request::Produce(body) => self.produce(body),
            Request::Fetch(body) => {
                let image = self.image;
                let name = |topic: &kafka::fetch_request::FetchTopic| {
                    let id = TopicId(topic.topic_id.as_u128());
                    image.topic_names.get(&id).map(ToString::to_string)
                };
                topics!(self, body, topics, Read, name)
            }
            Request::ListOffsets(body) => {
                let name =
                    |topic: &kafka::list_offsets_request::ListOffsetsTopic| named(&topic.name);
                topics!(self, body, topics, Describe, name)
            }
            Request::OffsetForLeaderEpoch(body) => {
                let name =
                    |topic: &kafka::offset_for_leader_epoch_request::OffsetForLeaderTopic| {
                        named(&topic.topic)
                    };
                topics!(self, body, topics, Describe, name)
            }
            Request::DeleteRecords(body) => {
                let name =
                    |topic: &kafka::delete_records_request::DeleteRecordsTopic| named(&topic.name);
                topics!(self, body, topics, Delete, name)
            }
            Request::DescribeProducers(body) => {
                let name =
                    |topic: &kafka::describe_producers_request::TopicRequest| named(&topic.name);
                topics!(self, body, topics, Read, name)
            }
            Request::Metadata(body) => self.metadata(config, body),
            Request::DescribeTopicPartitions(body) => self.describe_topics(body),
            Request::FindCoordinator(body) => self.find_coordinator(body),
            Request::DescribeConfigs(body) => {
                let error =
                    |resource: &kafka::describe_configs_request::DescribeConfigsResource| {
                        let kind = resource.resource_type;
                        self.config(DescribeConfigs, kind, &resource.resource_name)
                    };
                let errors: Vec<Option<E>> = body.resources.iter().map(error).collect();
                in_parts(body, &errors, |body| &mut body.resources)
            }
            Request::IncrementalAlterConfigs(body) => {
                type Asked = kafka::incremental_alter_configs_request::AlterConfigsResource;
                let error = |resource: &Asked| {
                    self.config(AlterConfigs, resource.resource_type, &resource.resource_name)
                };
                let errors: Vec<Option<E>> = body.resources.iter().map(error).collect();
                in_parts(body, &errors, |body| &mut body.resources)
            }
            Request::CreateTopics(body) => {
                let may_all = self.may_quietly(Create, Cluster, CLUSTER_NAME);
                let error = |topic: &kafka::create_topics_request::CreatableTopic| match may_all {
                    true => None,
                    false => self.topic(Create, Some(&topic.name)),
                };
                let errors: Vec<Option<E>> = body.topics.iter().map(error).collect();
                in_parts(body, &errors, |body| &mut body.topics)
            }
            Request::DeleteTopics(body) => self.delete_topics(body),
            Request::CreatePartitions(body) => {
                let name = |topic: &kafka::create_partitions_request::CreatePartitionsTopic| {
                    named(&topic.name)
                };
                topics!(self, body, topics, Alter, name)
            }
            _ if is_of_group(request) => self.of_group(request),
            _ => self.of_transaction_or_cluster(request),
        }
    }

    fn produce(&mut self, body: &Arc<kafka::ProduceRequest>) -> Verdict {
        if let Some(id) = &body.transactional_id
            && !self.may(Write, TransactionalId, id)
        {
            return Verdict::Refused(E::TransactionalIdAuthorizationFailed);
        }
        let name = |topic: &kafka::produce_request::TopicProduceData| named(&topic.name);
        topics!(self, body, topic_data, Write, name)
    }

    fn find_coordinator(&mut self, body: &Arc<kafka::FindCoordinatorRequest>) -> Verdict {
        let (resource, error) = match body.key_type {
            GROUP_KEY => (Group, E::GroupAuthorizationFailed),
            TRANSACTION_KEY => (TransactionalId, E::TransactionalIdAuthorizationFailed),
            // Share coordinators are for brokers only.
            _ => return self.of_cluster(Operation::ClusterAction),
        };
        let keys = body.coordinator_keys.iter();
        let errors: Vec<Option<E>> =
            keys.map(|key| (!self.may(Describe, resource, key)).then_some(error)).collect();
        in_parts(body, &errors, |body| &mut body.coordinator_keys)
    }

    fn delete_topics(&mut self, body: &Arc<kafka::DeleteTopicsRequest>) -> Verdict {
        let image = self.image;
        let error = |topic: &kafka::delete_topics_request::DeleteTopicState| {
            let by_id = || image.topic_names.get(&TopicId(topic.topic_id.as_u128()));
            let name = topic.name.as_deref().map(|name| name.to_string());
            let name = name.or_else(|| by_id().map(ToString::to_string));
            self.topic(Delete, name.as_deref())
        };
        let errors: Vec<Option<E>> = body.topics.iter().map(error).collect();
        in_parts(body, &errors, |body| &mut body.topics)
    }

    fn of_group(&mut self, request: &Request) -> Verdict {
        match request {
            Request::JoinGroup(body) => self.group(Read, &body.group_id),
            Request::SyncGroup(body) => self.group(Read, &body.group_id),
            Request::Heartbeat(body) => self.group(Read, &body.group_id),
            Request::LeaveGroup(body) => self.group(Read, &body.group_id),
            Request::ConsumerGroupHeartbeat(body) => {
                let topics = body.subscribed_topic_names.iter().flatten();
                self.member(&body.group_id, topics)
            }
            Request::ShareGroupHeartbeat(body) => {
                let topics = body.subscribed_topic_names.iter().flatten();
                self.member(&body.group_id, topics)
            }
            Request::OffsetCommit(body) => self.in_group(Read, &body.group_id, |judge| {
                let name = |topic: &kafka::offset_commit_request::OffsetCommitRequestTopic| {
                    named(&topic.name)
                };
                topics!(judge, body, topics, Read, name)
            }),
            Request::OffsetFetch(body) => self.offset_fetch(body),
            Request::OffsetDelete(body) => self.in_group(Delete, &body.group_id, |judge| {
                let name = |topic: &kafka::offset_delete_request::OffsetDeleteRequestTopic| {
                    named(&topic.name)
                };
                topics!(judge, body, topics, Read, name)
            }),
            Request::DescribeGroups(body) => {
                let errors = self.groups(Describe, &body.groups);
                in_parts(body, &errors, |body| &mut body.groups)
            }
            Request::ConsumerGroupDescribe(body) => {
                let errors = self.groups(Describe, &body.group_ids);
                in_parts(body, &errors, |body| &mut body.group_ids)
            }
            Request::ShareGroupDescribe(body) => {
                let errors = self.groups(Describe, &body.group_ids);
                in_parts(body, &errors, |body| &mut body.group_ids)
            }
            Request::DeleteGroups(body) => {
                let errors = self.groups(Delete, &body.groups_names);
                in_parts(body, &errors, |body| &mut body.groups_names)
            }
            Request::DescribeShareGroupOffsets(body) => self.share_offsets(body),
            Request::AlterShareGroupOffsets(body) => self.in_group(Read, &body.group_id, |judge| {
                type Asked =
                    kafka::alter_share_group_offsets_request::AlterShareGroupOffsetsRequestTopic;
                topics!(judge, body, topics, Read, |topic: &Asked| named(&topic.topic_name))
            }),
            Request::DeleteShareGroupOffsets(body) => {
                self.in_group(Delete, &body.group_id, |judge| {
                    type Asked =
                    kafka::delete_share_group_offsets_request::DeleteShareGroupOffsetsRequestTopic;
                    topics!(judge, body, topics, Read, |topic: &Asked| named(&topic.topic_name))
                })
            }
            Request::ShareFetch(body) => {
                let group = body.group_id.as_deref().map(|id| id.as_str()).unwrap_or_default();
                self.in_group(Read, group, |judge| {
                    let error = |topic: &kafka::share_fetch_request::FetchTopic| {
                        judge.topic_of_id(Read, topic.topic_id)
                    };
                    let errors: Vec<Option<E>> = body.topics.iter().map(error).collect();
                    in_session(in_parts(body, &errors, |body| &mut body.topics), || {
                        (**body).clone().with_topics(Vec::new()).into()
                    })
                })
            }
            Request::ShareAcknowledge(body) => {
                let group = body.group_id.as_deref().map(|id| id.as_str()).unwrap_or_default();
                self.in_group(Read, group, |judge| {
                    let error = |topic: &kafka::share_acknowledge_request::AcknowledgeTopic| {
                        judge.topic_of_id(Read, topic.topic_id)
                    };
                    let errors: Vec<Option<E>> = body.topics.iter().map(error).collect();
                    in_session(in_parts(body, &errors, |body| &mut body.topics), || {
                        (**body).clone().with_topics(Vec::new()).into()
                    })
                })
            }
            // Of all groups, those are told of that the client may describe.
            Request::ListGroups(_) => match self.may_quietly(Describe, Cluster, CLUSTER_NAME) {
                true => Verdict::Allowed,
                false => Verdict::Filtered,
            },
            other => unreachable!("{:?} is of no group", other.api_key()),
        }
    }

    fn of_transaction_or_cluster(&mut self, request: &Request) -> Verdict {
        match request {
            Request::InitProducerId(body) => match &body.transactional_id {
                Some(id) => self.transaction(id),
                None if self.may_quietly(IdempotentWrite, Cluster, CLUSTER_NAME)
                    || self.may_with_any(Write, Topic) =>
                {
                    Verdict::Allowed
                }
                None => self.of_cluster(IdempotentWrite),
            },
            Request::AddPartitionsToTxn(body) => self.add_partitions(body),
            Request::AddOffsetsToTxn(body) => match self.transaction(&body.transactional_id) {
                Verdict::Allowed => self.group(Read, &body.group_id),
                refused => refused,
            },
            Request::EndTxn(body) => self.transaction(&body.transactional_id),
            Request::TxnOffsetCommit(body) => {
                match self.transaction(&body.transactional_id) {
                    Verdict::Allowed => {}
                    refused => return refused,
                }
                if !self.may(Read, Group, &body.group_id) {
                    return Verdict::Refused(E::GroupAuthorizationFailed);
                }
                type Asked = kafka::txn_offset_commit_request::TxnOffsetCommitRequestTopic;
                topics!(self, body, topics, Read, |topic: &Asked| named(&topic.name))
            }
            Request::DescribeTransactions(body) => {
                let error = E::TransactionalIdAuthorizationFailed;
                let ids = body.transactional_ids.iter();
                let errors: Vec<Option<E>> = ids
                    .map(|id| (!self.may(Describe, TransactionalId, id)).then_some(error))
                    .collect();
                in_parts(body, &errors, |body| &mut body.transactional_ids)
            }
            Request::ListTransactions(_) => Verdict::Filtered,
            Request::ElectLeaders(_)
            | Request::AlterPartitionReassignments(_)
            | Request::AlterReplicaLogDirs(_)
            | Request::CreateAcls(_)
            | Request::DeleteAcls(_)
            | Request::WriteTxnMarkers(_) => self.of_cluster(Alter),
            Request::ListPartitionReassignments(_)
            | Request::DescribeLogDirs(_)
            | Request::DescribeQuorum(_)
            | Request::DescribeAcls(_) => self.of_cluster(Describe),
            Request::DescribeClientQuotas(_) => self.of_cluster(DescribeConfigs),
            Request::AlterClientQuotas(_) => self.of_cluster(AlterConfigs),
            // What the cluster consists of may be known to all that reach it.
            Request::DescribeCluster(_) => Verdict::Allowed,
            // The rest is what brokers ask of each other.
            _ => self.of_cluster(Operation::ClusterAction),
        }
    }

    /// What becomes of a topic: allowed, or refused with an error. What there is no topic of by that id is not there for
    /// anybody.
    pub(super) fn topic(&mut self, operation: Operation, name: Option<&str>) -> Option<E> {
        let is_allowed = name.is_none_or(|name| self.may(operation, Topic, name));
        (!is_allowed).then_some(E::TopicAuthorizationFailed)
    }

    fn topic_of_id(&mut self, operation: Operation, id: uuid::Uuid) -> Option<E> {
        let name = self.image.topic_names.get(&TopicId(id.as_u128())).cloned();
        self.topic(operation, name.as_ref().map(|name| name.as_str()))
    }

    fn group(&mut self, operation: Operation, id: &str) -> Verdict {
        match self.may(operation, Group, id) {
            true => Verdict::Allowed,
            false => Verdict::Refused(E::GroupAuthorizationFailed),
        }
    }

    /// What is judged further where the client has that right on the group.
    fn in_group(
        &mut self,
        operation: Operation,
        id: &str,
        further: impl FnOnce(&mut Self) -> Verdict,
    ) -> Verdict {
        match self.group(operation, id) {
            Verdict::Allowed => further(self),
            refused => refused,
        }
    }

    fn groups(&mut self, operation: Operation, ids: &[kafka::GroupId]) -> Vec<Option<E>> {
        let error = E::GroupAuthorizationFailed;
        let ids = ids.iter();
        ids.map(|id| (!self.may(operation, Group, id)).then_some(error)).collect()
    }

    /// A heartbeat of a member that names its topics: it has to know of all of them.
    fn member<'a>(
        &mut self,
        group: &str,
        topics: impl Iterator<Item = &'a kafka::TopicName>,
    ) -> Verdict {
        if !self.may(Read, Group, group) {
            return Verdict::Refused(E::GroupAuthorizationFailed);
        }
        let refused = topics.filter(|topic| !self.may(Describe, Topic, topic)).count();
        match refused {
            0 => Verdict::Allowed,
            _ => Verdict::Refused(E::TopicAuthorizationFailed),
        }
    }

    fn transaction(&mut self, id: &str) -> Verdict {
        match self.may(Write, TransactionalId, id) {
            true => Verdict::Allowed,
            false => Verdict::Refused(E::TransactionalIdAuthorizationFailed),
        }
    }

    fn of_cluster(&mut self, operation: Operation) -> Verdict {
        match self.may(operation, Cluster, CLUSTER_NAME) {
            true => Verdict::Allowed,
            false => Verdict::Refused(E::ClusterAuthorizationFailed),
        }
    }

    /// What becomes of the settings of a resource.
    fn config(&mut self, operation: Operation, kind: i8, name: &str) -> Option<E> {
        let (resource, name, error) = match ConfigResourceType(kind) {
            ConfigResourceType::TOPIC => (Topic, name, E::TopicAuthorizationFailed),
            ConfigResourceType::GROUP => (Group, name, E::GroupAuthorizationFailed),
            _ => (Cluster, CLUSTER_NAME, E::ClusterAuthorizationFailed),
        };
        (!self.may(operation, resource, name)).then_some(error)
    }

    /// Committed offsets.
    fn offset_fetch(&mut self, body: &Arc<kafka::OffsetFetchRequest>) -> Verdict {
        self.offsets_of_groups(
            body,
            &Offsets {
                groups: |body| &mut body.groups,
                id: |group| &group.group_id,
                topics: |group| &mut group.topics,
                name: |topic| &topic.name,
            },
        )
    }

    /// What share groups have read.
    fn share_offsets(&mut self, body: &Arc<kafka::DescribeShareGroupOffsetsRequest>) -> Verdict {
        self.offsets_of_groups(
            body,
            &Offsets {
                groups: |body| &mut body.groups,
                id: |group| &group.group_id,
                topics: |group| &mut group.topics,
                name: |topic| &topic.topic_name,
            },
        )
    }

    /// Offsets of groups: each group, and of those that may be described each topic that is named. Where all topics are
    /// asked for, those are left out of the answer that the client may not know.
    fn offsets_of_groups<B: Clone, G, T>(&mut self, body: &Arc<B>, of: &Offsets<B, G, T>) -> Verdict
    where
        Request: From<B>,
    {
        let mut allowed = (**body).clone();
        let ids: Vec<_> = (of.groups)(&mut allowed).iter().map(|it| (of.id)(it).clone()).collect();
        let asks_for_all = (of.groups)(&mut allowed).iter_mut().any(|it| (of.topics)(it).is_none());
        let may: Vec<bool> = self.groups(Describe, &ids).iter().map(Option::is_none).collect();
        let mut of_groups = allowed.clone();
        keep((of.groups)(&mut allowed), &may, true);
        keep((of.groups)(&mut of_groups), &may, false);
        let mut of_topics = allowed.clone();
        for (allowed, refused) in
            (of.groups)(&mut allowed).iter_mut().zip((of.groups)(&mut of_topics))
        {
            let (Some(topics), Some(refused)) = ((of.topics)(allowed), (of.topics)(refused)) else {
                continue;
            };
            let known = topics.iter().map(|topic| self.may(Describe, Topic, (of.name)(topic)));
            let may: Vec<bool> = known.collect();
            keep(topics, &may, true);
            keep(refused, &may, false);
        }
        let has_topics = |it: &mut G| (of.topics)(it).as_ref().is_some_and(|it| !it.is_empty());
        (of.groups)(&mut of_topics).retain_mut(has_topics);
        // A group of which no topic is left is asked for all the same: its coordinator has its say on it.
        let is_any_allowed = !(of.groups)(&mut allowed).is_empty();
        let parts =
            [(of_groups, E::GroupAuthorizationFailed), (of_topics, E::TopicAuthorizationFailed)];
        let refused: Vec<(Request, E)> = parts
            .into_iter()
            .filter_map(|(mut part, error)| {
                (!(of.groups)(&mut part).is_empty()).then(|| (part.into(), error))
            })
            .collect();
        if refused.is_empty() {
            return if asks_for_all { Verdict::Filtered } else { Verdict::Allowed };
        }
        Verdict::InParts { allowed: is_any_allowed.then(|| allowed.into()), refused }
    }

    /// Partitions of a transaction: all or none.
    fn add_partitions(&mut self, body: &Arc<kafka::AddPartitionsToTxnRequest>) -> Verdict {
        let ids = body.transactions.iter().map(|transaction| transaction.transactional_id.clone());
        for id in ids.collect::<Vec<_>>() {
            match self.transaction(&id) {
                Verdict::Allowed => {}
                refused => return refused,
            }
        }
        let topics = body.transactions.iter().flat_map(|transaction| &transaction.topics);
        let denied: Vec<kafka::TopicName> = topics
            .filter(|topic| !self.may(Write, Topic, &topic.name))
            .map(|topic| topic.name.clone())
            .collect();
        match denied.is_empty() {
            true => Verdict::Allowed,
            false => Verdict::Answer(super::refused::not_added(body, &denied).into()),
        }
    }
}

/// Where a request for offsets of groups has what it asks for.
struct Offsets<B, G, T> {
    groups: fn(&mut B) -> &mut Vec<G>,
    id: fn(&G) -> &kafka::GroupId,
    /// None if all are asked for.
    topics: fn(&mut G) -> &mut Option<Vec<T>>,
    name: fn(&T) -> &kafka::TopicName,
}

/// In a share session, a request without partitions is still one.
fn in_session(verdict: Verdict, empty: impl FnOnce() -> Request) -> Verdict {
    match verdict {
        Verdict::InParts { allowed, refused } => {
            Verdict::InParts { allowed: Some(allowed.unwrap_or_else(empty)), refused }
        }
        other => other,
    }
}

/// Keeps the things of which it is as wanted whether they may be known.
fn keep<T>(things: &mut Vec<T>, may: &[bool], wanted: bool) {
    let mut may = may.iter();
    things.retain(|_| may.next() == Some(&wanted));
}

fn named(name: &kafka::TopicName) -> Option<String> {
    Some(name.to_string())
}

fn is_of_group(request: &Request) -> bool {
    matches!(
        request,
        Request::JoinGroup(_)
            | Request::SyncGroup(_)
            | Request::Heartbeat(_)
            | Request::LeaveGroup(_)
            | Request::ConsumerGroupHeartbeat(_)
            | Request::ShareGroupHeartbeat(_)
            | Request::OffsetCommit(_)
            | Request::OffsetFetch(_)
            | Request::OffsetDelete(_)
            | Request::DescribeGroups(_)
            | Request::ConsumerGroupDescribe(_)
            | Request::ShareGroupDescribe(_)
            | Request::DeleteGroups(_)
            | Request::DescribeShareGroupOffsets(_)
            | Request::AlterShareGroupOffsets(_)
            | Request::DeleteShareGroupOffsets(_)
            | Request::ShareFetch(_)
            | Request::ShareAcknowledge(_)
            | Request::ListGroups(_)
    )
}
