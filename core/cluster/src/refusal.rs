//! Which error a response carries. Kafka's responses keep their codes in different places: one for the
//! whole, one for each topic or group, one for each partition.

use kafka_protocol::error::ResponseError;

use crate::message::{Body, Response};

impl Body {
    /// The first error that it carries; none if it is a request, or says of everything that it went well.
    pub fn error(&self) -> Option<ResponseError> {
        let Body::Response(response) = self else { return None };
        ResponseError::try_from_code(code(response))
    }

    /// Whether it is a response that carries an error.
    pub fn is_refusal(&self) -> bool {
        self.error().is_some()
    }
}

/// The first code that is not 0, if any is.
pub(crate) fn code(response: &Response) -> i16 {
    match response {
        Response::Produce(all) => {
            each(&all.responses, |topic| each(&topic.partition_responses, |part| part.error_code))
        }
        Response::Fetch(all) => or(all.error_code, || {
            each(&all.responses, |topic| each(&topic.partitions, |part| part.error_code))
        }),
        Response::ListOffsets(all) => {
            each(&all.topics, |topic| each(&topic.partitions, |part| part.error_code))
        }
        Response::Metadata(all) => or(all.error_code, || {
            each(&all.topics, |topic| {
                or(topic.error_code, || each(&topic.partitions, |part| part.error_code))
            })
        }),
        Response::OffsetForLeaderEpoch(all) => {
            each(&all.topics, |topic| each(&topic.partitions, |part| part.error_code))
        }
        Response::AlterPartition(all) => or(all.error_code, || {
            each(&all.topics, |topic| each(&topic.partitions, |part| part.error_code))
        }),
        Response::BrokerRegistration(all) => all.error_code,
        Response::BrokerHeartbeat(all) => all.error_code,
        Response::AllocateProducerIds(all) => all.error_code,
        Response::Envelope(all) => all.error_code,
        other => quorum_code(other)
            .or_else(|| group_code(other))
            .or_else(|| transaction_code(other))
            .or_else(|| share_code(other))
            .unwrap_or_else(|| administration_code(other)),
    }
}

fn quorum_code(response: &Response) -> Option<i16> {
    Some(match response {
        Response::Vote(all) => or(all.error_code, || {
            each(&all.topics, |topic| each(&topic.partitions, |part| part.error_code))
        }),
        Response::BeginQuorumEpoch(all) => or(all.error_code, || {
            each(&all.topics, |topic| each(&topic.partitions, |part| part.error_code))
        }),
        Response::EndQuorumEpoch(all) => or(all.error_code, || {
            each(&all.topics, |topic| each(&topic.partitions, |part| part.error_code))
        }),
        Response::FetchSnapshot(all) => or(all.error_code, || {
            each(&all.topics, |topic| each(&topic.partitions, |part| part.error_code))
        }),
        Response::DescribeQuorum(all) => or(all.error_code, || {
            each(&all.topics, |topic| each(&topic.partitions, |part| part.error_code))
        }),
        _ => return None,
    })
}

fn group_code(response: &Response) -> Option<i16> {
    Some(match response {
        Response::FindCoordinator(all) => {
            or(all.error_code, || each(&all.coordinators, |found| found.error_code))
        }
        Response::JoinGroup(all) => all.error_code,
        Response::SyncGroup(all) => all.error_code,
        Response::Heartbeat(all) => all.error_code,
        Response::LeaveGroup(all) => {
            or(all.error_code, || each(&all.members, |member| member.error_code))
        }
        Response::OffsetCommit(all) => {
            each(&all.topics, |topic| each(&topic.partitions, |part| part.error_code))
        }
        Response::OffsetFetch(all) => or(all.error_code, || {
            each(&all.groups, |group| {
                or(group.error_code, || {
                    each(&group.topics, |topic| each(&topic.partitions, |part| part.error_code))
                })
            })
        }),
        Response::ConsumerGroupHeartbeat(all) => all.error_code,
        Response::ConsumerGroupDescribe(all) => each(&all.groups, |group| group.error_code),
        Response::DescribeGroups(all) => each(&all.groups, |group| group.error_code),
        Response::ListGroups(all) => all.error_code,
        Response::DeleteGroups(all) => each(&all.results, |group| group.error_code),
        Response::OffsetDelete(all) => or(all.error_code, || {
            each(&all.topics, |topic| each(&topic.partitions, |part| part.error_code))
        }),
        _ => return None,
    })
}

fn transaction_code(response: &Response) -> Option<i16> {
    Some(match response {
        Response::InitProducerId(all) => all.error_code,
        Response::AddPartitionsToTxn(all) => or(all.error_code, || {
            each(&all.results_by_transaction, |transaction| {
                each(&transaction.topic_results, |topic| {
                    each(&topic.results_by_partition, |part| part.partition_error_code)
                })
            })
        }),
        Response::AddOffsetsToTxn(all) => all.error_code,
        Response::EndTxn(all) => all.error_code,
        Response::WriteTxnMarkers(all) => each(&all.markers, |marker| {
            each(&marker.topics, |topic| each(&topic.partitions, |part| part.error_code))
        }),
        Response::TxnOffsetCommit(all) => {
            each(&all.topics, |topic| each(&topic.partitions, |part| part.error_code))
        }
        Response::DescribeProducers(all) => {
            each(&all.topics, |topic| each(&topic.partitions, |part| part.error_code))
        }
        Response::DescribeTransactions(all) => {
            each(&all.transaction_states, |transaction| transaction.error_code)
        }
        Response::ListTransactions(all) => all.error_code,
        _ => return None,
    })
}

fn share_code(response: &Response) -> Option<i16> {
    Some(match response {
        Response::ShareGroupHeartbeat(all) => all.error_code,
        Response::ShareGroupDescribe(all) => each(&all.groups, |group| group.error_code),
        Response::ShareFetch(all) => or(all.error_code, || {
            each(&all.responses, |topic| {
                each(&topic.partitions, |part| or(part.error_code, || part.acknowledge_error_code))
            })
        }),
        Response::ShareAcknowledge(all) => or(all.error_code, || {
            each(&all.responses, |topic| each(&topic.partitions, |part| part.error_code))
        }),
        Response::InitializeShareGroupState(all) => {
            each(&all.results, |topic| each(&topic.partitions, |part| part.error_code))
        }
        Response::ReadShareGroupState(all) => {
            each(&all.results, |topic| each(&topic.partitions, |part| part.error_code))
        }
        Response::WriteShareGroupState(all) => {
            each(&all.results, |topic| each(&topic.partitions, |part| part.error_code))
        }
        Response::DeleteShareGroupState(all) => {
            each(&all.results, |topic| each(&topic.partitions, |part| part.error_code))
        }
        Response::ReadShareGroupStateSummary(all) => {
            each(&all.results, |topic| each(&topic.partitions, |part| part.error_code))
        }
        Response::DescribeShareGroupOffsets(all) => each(&all.groups, |group| {
            or(group.error_code, || {
                each(&group.topics, |topic| each(&topic.partitions, |part| part.error_code))
            })
        }),
        Response::AlterShareGroupOffsets(all) => or(all.error_code, || {
            each(&all.responses, |topic| each(&topic.partitions, |part| part.error_code))
        }),
        Response::DeleteShareGroupOffsets(all) => {
            or(all.error_code, || each(&all.responses, |topic| topic.error_code))
        }
        _ => return None,
    })
}

/// What tools ask for.
fn administration_code(response: &Response) -> i16 {
    match response {
        Response::CreateTopics(all) => each(&all.topics, |topic| topic.error_code),
        Response::DeleteTopics(all) => each(&all.responses, |topic| topic.error_code),
        Response::DeleteRecords(all) => {
            each(&all.topics, |topic| each(&topic.partitions, |part| part.error_code))
        }
        Response::CreatePartitions(all) => each(&all.results, |topic| topic.error_code),
        Response::DescribeConfigs(all) => each(&all.results, |result| result.error_code),
        Response::IncrementalAlterConfigs(all) => each(&all.responses, |result| result.error_code),
        Response::DescribeTopicPartitions(all) => each(&all.topics, |topic| {
            or(topic.error_code, || each(&topic.partitions, |part| part.error_code))
        }),
        Response::ElectLeaders(all) => or(all.error_code, || {
            each(&all.replica_election_results, |topic| {
                each(&topic.partition_result, |part| part.error_code)
            })
        }),
        Response::AlterPartitionReassignments(all) => or(all.error_code, || {
            each(&all.responses, |topic| each(&topic.partitions, |part| part.error_code))
        }),
        Response::ListPartitionReassignments(all) => all.error_code,
        Response::DescribeClientQuotas(all) => all.error_code,
        Response::AlterClientQuotas(all) => each(&all.entries, |entry| entry.error_code),
        Response::DescribeAcls(all) => all.error_code,
        Response::CreateAcls(all) => each(&all.results, |result| result.error_code),
        Response::DeleteAcls(all) => each(&all.filter_results, |result| result.error_code),
        Response::DescribeCluster(all) => all.error_code,
        Response::DescribeLogDirs(all) => {
            or(all.error_code, || each(&all.results, |dir| dir.error_code))
        }
        Response::AlterReplicaLogDirs(all) => {
            each(&all.results, |topic| each(&topic.partitions, |part| part.error_code))
        }
        _ => 0,
    }
}

/// The first code of some items that is not 0, if any is.
fn each<T>(items: &[T], code: impl Fn(&T) -> i16) -> i16 {
    items.iter().map(code).find(|code| *code != 0).unwrap_or(0)
}

/// A code, or another if it is 0.
fn or(code: i16, other: impl FnOnce() -> i16) -> i16 {
    if code == 0 { other() } else { code }
}
