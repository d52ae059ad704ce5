//! What a ConsumerGroupHeartbeat must hold, before any group is looked at.

use std::collections::BTreeSet;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse};
use kafka_protocol::protocol::StrBytes;

use crate::client::names;
use crate::group::consumer_group::refuse;
use crate::group::records::fits;
use crate::group::server_assignor::{Partitions, ServerAssignor};

/// Why a heartbeat is refused, with Kafka's words for it.
#[derive(Clone, Debug)]
pub(in crate::group) struct Refused {
    pub(in crate::group) error: ResponseError,
    pub(in crate::group) message: StrBytes,
}

impl Refused {
    pub(in crate::group) fn response(self) -> ConsumerGroupHeartbeatResponse {
        ConsumerGroupHeartbeatResponse::default()
            .with_error_code(self.error.code())
            .with_error_message(Some(self.message))
    }
}

impl From<ResponseError> for Refused {
    fn from(error: ResponseError) -> Self {
        Self { error, message: StrBytes::from_string(error.to_string()) }
    }
}

/// Checks what can be told from the request alone. `assignors` are those that the broker has.
pub(super) fn check(
    request: &ConsumerGroupHeartbeatRequest,
    assignors: &[ServerAssignor],
) -> Result<(), Refused> {
    let invalid = |message: &str| refuse(ResponseError::InvalidRequest, message.to_owned());
    let is_blank = |text: &str| text.trim().is_empty();
    if is_blank(&request.member_id) {
        return invalid("MemberId can't be empty.");
    }
    if is_blank(&request.group_id) {
        return invalid("GroupId can't be empty.");
    }
    if request.instance_id.as_deref().is_some_and(is_blank) {
        return invalid("InstanceId can't be empty.");
    }
    if request.rack_id.as_deref().is_some_and(is_blank) {
        return invalid("RackId can't be empty.");
    }
    match request.member_epoch {
        0 => {
            if request.rebalance_timeout_ms == -1 {
                return invalid("RebalanceTimeoutMs must be provided in first request.");
            }
            if request.topic_partitions.as_ref().is_none_or(|own| !own.is_empty()) {
                return invalid("TopicPartitions must be empty when (re-)joining.");
            }
            if request.subscribed_topic_names.is_none() && request.subscribed_topic_regex.is_none()
            {
                return invalid(
                    "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.",
                );
            }
        }
        -2 if request.instance_id.is_none() => return invalid("InstanceId can't be null."),
        epoch if epoch < -2 => return invalid("MemberEpoch is invalid."),
        _ => {}
    }
    check_lengths(request)?;
    let asked = request.server_assignor.as_deref();
    match asked.filter(|name| !assignors.iter().any(|known| known.name() == *name)) {
        None => Ok(()),
        Some(name) => {
            let known: Vec<&str> = assignors.iter().map(|assignor| assignor.name()).collect();
            let message = format!(
                "ServerAssignor {name} is not supported. Supported assignors: {}.",
                known.join(", ")
            );
            refuse(ResponseError::UnsupportedAssignor, message)
        }
    }
}

/// What stands in the keys of records has its length in 16 bits.
fn check_lengths(request: &ConsumerGroupHeartbeatRequest) -> Result<(), Refused> {
    if fits(&request.group_id) && fits(&request.member_id) {
        return Ok(());
    }
    refuse(ResponseError::InvalidRequest, "GroupId or MemberId is too long.".to_owned())
}

/// The partitions that the member says it has; none if it says nothing, since nothing changed.
pub(super) fn reported(request: &ConsumerGroupHeartbeatRequest) -> Option<Partitions> {
    let own = request.topic_partitions.as_ref()?;
    let mut reported = Partitions::new();
    for topic in own {
        let indexes: &mut BTreeSet<i32> =
            reported.entry(names::topic_id(topic.topic_id)).or_default();
        indexes.extend(&topic.partitions);
    }
    Some(reported)
}
