//! What administrators do with share groups, beyond describing them.

use kafka_protocol::ResponseError;

use crate::event::{EventKind, GroupState};
use crate::group::records::GroupRecord;
use crate::group::share_group::{ShareGroup, ShareGroupRecord, ShareGroups};
use crate::group::turn::Turn;
use crate::ids::GroupId;

/// Deletes a share group that is empty, and whose state the share coordinators have forgotten.
pub(in crate::group) fn delete(
    groups: &mut ShareGroups,
    turn: &mut Turn<'_, '_>,
    id: &GroupId,
) -> Result<(), ResponseError> {
    let group = groups.get(id).ok_or(ResponseError::GroupIdNotFound)?;
    if !group.members.is_empty() {
        return Err(ResponseError::NonEmptyGroup);
    }
    if !group.known_partitions().is_empty() {
        return Err(ResponseError::CoordinatorNotAvailable);
    }
    let records = group.tombstones().into_iter();
    let records = records.map(|record| GroupRecord::Share { group: id.clone(), record }.encode());
    turn.write_of(id, group.partition, records.collect())?;
    let (from, generation) = (group.state, group.epoch);
    groups.remove(id);
    let (group, to) = (id.clone(), GroupState::Dead);
    turn.ctx.emit(EventKind::GroupStateChanged { group, from, to, generation });
    Ok(())
}

impl ShareGroup {
    /// What is written when nothing of the group remains.
    fn tombstones(&self) -> [ShareGroupRecord; 3] {
        [
            ShareGroupRecord::Partitions(None),
            ShareGroupRecord::Assignment(None),
            ShareGroupRecord::Epoch(None),
        ]
    }
}
