//! Who may commit and fetch the offsets of a group that is run by the consumer protocol.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::OffsetCommitRequest;
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestGroup;

use crate::group::consumer_group::{ConsumerGroup, ConsumerMember};
use crate::ids::{Generation, TopicName};
use crate::metadata::MetadataImage;

impl ConsumerGroup {
    /// A member in its epoch may commit. One that speaks of an earlier epoch may commit for what it has
    /// had since then (KIP-1251): its next heartbeat will tell it of the new one. Anyone may while the
    /// group is empty.
    pub(in crate::group) fn check_commit(
        &self,
        request: &OffsetCommitRequest,
        image: &MetadataImage,
    ) -> Result<(), ResponseError> {
        let received = Generation(request.generation_id_or_member_epoch);
        if received.0 < 0 && self.members.is_empty() {
            return Ok(());
        }
        let member = self.member(&request.member_id).ok_or(ResponseError::UnknownMemberId)?;
        if received == member.epoch {
            return Ok(());
        }
        let stale = member.wrong_epoch();
        if received > member.epoch || member.classic.is_some() {
            return Err(stale);
        }
        let mut partitions = request.topics.iter().flat_map(|topic| {
            let name = TopicName::from(topic.name.as_str());
            topic.partitions.iter().map(move |part| (name.clone(), part.partition_index))
        });
        let may_commit = partitions.all(|(topic, index)| {
            let since = member.has_had_since(&topic, index, image);
            since.is_some_and(|since| since <= received)
        });
        if may_commit { Ok(()) } else { Err(stale) }
    }

    /// Whoever says that it is a member is to be one, in its epoch.
    pub(in crate::group) fn check_fetch(
        &self,
        request: &OffsetFetchRequestGroup,
    ) -> Result<(), ResponseError> {
        if request.member_id.is_none() && request.member_epoch < 0 {
            return Ok(());
        }
        let id = request.member_id.as_deref().unwrap_or_default();
        let member = self.member(id).ok_or(ResponseError::UnknownMemberId)?;
        if request.member_epoch == member.epoch.0 { Ok(()) } else { Err(member.wrong_epoch()) }
    }
}

impl ConsumerMember {
    /// The epoch since which it has had a partition, if it has it still.
    fn has_had_since(
        &self,
        topic: &TopicName,
        index: i32,
        image: &MetadataImage,
    ) -> Option<Generation> {
        let id = image.topics.get(topic)?.id;
        let of = [&self.assigned, &self.revoking];
        of.into_iter().find_map(|own| own.get(&id)?.get(&index).copied())
    }

    fn wrong_epoch(&self) -> ResponseError {
        match self.classic {
            Some(_) => ResponseError::IllegalGeneration,
            None => ResponseError::StaleMemberEpoch,
        }
    }
}
