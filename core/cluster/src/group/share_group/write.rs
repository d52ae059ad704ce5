//! Writing a change of a share group, and making it so.

use crate::event::EventKind;
use crate::group::records::GroupRecord;
use crate::group::share_group::heartbeat::Refused;
use crate::group::share_group::{Change, ShareGroup};
use crate::group::turn::Turn;

impl ShareGroup {
    /// Writes a change, and makes it so.
    pub(super) fn apply(&mut self, turn: &mut Turn<'_, '_>, change: Change) -> Result<(), Refused> {
        if !change.records.is_empty() {
            let group = self.id.clone();
            let records = change.records.into_iter();
            let records = records
                .map(|record| GroupRecord::Share { group: group.clone(), record }.encode())
                .collect();
            turn.write_of(&self.id, self.partition, records)
                .map_err(|error| (error, error.to_string()))?;
        }
        for event in change.events {
            turn.ctx.emit(event);
        }
        let from = self.state;
        *self = change.next;
        self.state = self.state_of_members();
        if self.state != from {
            turn.ctx.emit(EventKind::GroupStateChanged {
                group: self.id.clone(),
                from,
                to: self.state,
                generation: self.epoch,
            });
        }
        Ok(())
    }
}
