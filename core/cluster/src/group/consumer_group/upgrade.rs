//! A group of the classic protocol goes over to the consumer protocol when the first member comes that
//! speaks it (KIP-848, `group.consumer.migration.policy`).

use kafka_protocol::ResponseError;

use crate::group::classic_group::Group;
use crate::group::consumer_group::change::Change;
use crate::group::consumer_group::{Refused, refuse};
use crate::group::records::{GroupMetadata, GroupRecord};
use crate::group::turn::Turn;

impl Group {
    /// A group that nobody is in goes back to the classic protocol when a member of that comes.
    pub(in crate::group) fn make_way_for_classic(
        &mut self,
        turn: &mut Turn<'_, '_>,
    ) -> Result<(), ResponseError> {
        let Some(consumer) = self.consumer.as_deref() else { return Ok(()) };
        if !consumer.members.is_empty() {
            return Err(ResponseError::InconsistentGroupProtocol);
        }
        let tombstones = consumer.tombstones().into_iter();
        let group = self.id.clone();
        let mut records: Vec<GroupRecord> = tombstones
            .map(|record| GroupRecord::Consumer { group: group.clone(), record })
            .collect();
        let now = turn.ctx.timestamp();
        let value = Some(GroupMetadata::empty(now));
        records.push(GroupRecord::Group { group, value });
        self.write_all(turn, &records)?;
        let offsets = std::mem::take(&mut self.offsets);
        *self = Group::new(self.id.clone(), self.partition, now);
        self.offsets = offsets;
        Ok(())
    }

    /// The change by which the group goes over.
    pub(super) fn upgrade(
        &mut self,
        _turn: &mut Turn<'_, '_>,
    ) -> Result<(Change, Vec<GroupRecord>), Refused> {
        let message = format!(
            "Cannot upgrade classic group {} to consumer group because online upgrade is disabled.",
            self.id
        );
        refuse(ResponseError::GroupIdNotFound, message)
    }
}
