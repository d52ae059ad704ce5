//! The offsets of share groups: refused as a whole if it is the group that is, else topic by topic.

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::{
    alter_share_group_offsets_response as altered, delete_share_group_offsets_response as deleted,
    describe_share_group_offsets_response as described,
};
use kafka_protocol::protocol::StrBytes;

use crate::client::error_messages::kafka_message;

/// Nothing is told of these groups, or of these topics of them.
pub(super) fn not_told(
    body: &kafka::DescribeShareGroupOffsetsRequest,
    code: i16,
) -> kafka::DescribeShareGroupOffsetsResponse {
    let groups = body.groups.iter().map(|group| {
        let answer = described::DescribeShareGroupOffsetsResponseGroup::default()
            .with_group_id(group.group_id.clone())
            .with_error_message(None);
        if is_of_group(code) {
            return answer.with_error_code(code);
        }
        let topics = group.topics.iter().flatten().map(|topic| {
            let partitions = topic.partitions.iter().map(|index| {
                described::DescribeShareGroupOffsetsResponsePartition::default()
                    .with_partition_index(*index)
                    .with_error_code(code)
                    .with_error_message(words(code))
            });
            described::DescribeShareGroupOffsetsResponseTopic::default()
                .with_topic_name(topic.topic_name.clone())
                .with_partitions(partitions.collect())
        });
        answer.with_topics(topics.collect())
    });
    kafka::DescribeShareGroupOffsetsResponse::default().with_groups(groups.collect())
}

/// Nothing is changed of the group, or of these topics of it.
pub(super) fn not_altered(
    body: &kafka::AlterShareGroupOffsetsRequest,
    code: i16,
) -> kafka::AlterShareGroupOffsetsResponse {
    if is_of_group(code) {
        return kafka::AlterShareGroupOffsetsResponse::default().with_error_code(code);
    }
    let topics = body.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|part| {
            altered::AlterShareGroupOffsetsResponsePartition::default()
                .with_partition_index(part.partition_index)
                .with_error_code(code)
                .with_error_message(words(code))
        });
        altered::AlterShareGroupOffsetsResponseTopic::default()
            .with_topic_name(topic.topic_name.clone())
            .with_partitions(partitions.collect())
    });
    kafka::AlterShareGroupOffsetsResponse::default().with_responses(topics.collect())
}

/// Nothing is deleted of the group, or of these topics of it.
pub(super) fn not_deleted(
    body: &kafka::DeleteShareGroupOffsetsRequest,
    code: i16,
) -> kafka::DeleteShareGroupOffsetsResponse {
    if is_of_group(code) {
        return kafka::DeleteShareGroupOffsetsResponse::default().with_error_code(code);
    }
    let topics = body.topics.iter().map(|topic| {
        deleted::DeleteShareGroupOffsetsResponseTopic::default()
            .with_topic_name(topic.topic_name.clone())
            .with_error_code(code)
            .with_error_message(words(code))
    });
    kafka::DeleteShareGroupOffsetsResponse::default().with_responses(topics.collect())
}

fn is_of_group(code: i16) -> bool {
    code == ResponseError::GroupAuthorizationFailed.code()
}

fn words(code: i16) -> Option<StrBytes> {
    ResponseError::try_from_code(code).map(|error| StrBytes::from_string(kafka_message(error)))
}
