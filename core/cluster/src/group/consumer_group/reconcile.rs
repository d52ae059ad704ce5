//! How a member comes to its target assignment: first it gives up what is no longer its own, then it
//! gets what others have given up. No partition has two owners meanwhile.

use crate::event::MemberState;
use crate::group::consumer_group::{Assigned, ConsumerGroup, ConsumerMember};
use crate::group::server_assignor::Partitions;
use crate::ids::{Generation, MemberId};

impl ConsumerGroup {
    /// The member after its heartbeat, in which it reported the partitions that it has, or nothing if
    /// they are the same as before.
    pub(super) fn reconciled(
        &self,
        id: &MemberId,
        reported: Option<&Partitions>,
    ) -> ConsumerMember {
        let member = &self.members[id];
        if member.has_reached(self.assignment_epoch) {
            return member.clone();
        }
        match member.state {
            MemberState::UnrevokedPartitions if has_any(reported, &member.revoking) => {
                member.clone()
            }
            // It has given up what its epoch wanted: the next epoch may want more of it.
            MemberState::UnrevokedPartitions => {
                self.next_step(member, Generation(member.epoch.0 + 1), reported)
            }
            MemberState::Stable | MemberState::UnreleasedPartitions => {
                self.next_step(member, member.epoch, reported)
            }
        }
    }

    /// The next step towards the target. `epoch` is the one that the member stays in if it has to give
    /// something up first.
    fn next_step(
        &self,
        member: &ConsumerMember,
        epoch: Generation,
        reported: Option<&Partitions>,
    ) -> ConsumerMember {
        let target = self.target_of(&member.id);
        let (kept, lost) = split(&member.assigned, &target);
        let mut next = member.clone();
        next.assigned = kept;
        if !lost.is_empty() && has_any(reported, &lost) {
            next.enter(epoch);
            next.state = MemberState::UnrevokedPartitions;
            next.revoking = lost;
            return next;
        }
        let mut is_waiting = false;
        for (topic, wanted) in &target {
            for index in wanted {
                if next.assigned.get(topic).is_some_and(|own| own.contains_key(index)) {
                    continue;
                }
                if self.is_owned(*topic, *index) {
                    is_waiting = true;
                } else {
                    let own = next.assigned.entry(*topic).or_default();
                    own.insert(*index, self.assignment_epoch);
                }
            }
        }
        next.enter(self.assignment_epoch);
        next.revoking = Assigned::new();
        next.state =
            if is_waiting { MemberState::UnreleasedPartitions } else { MemberState::Stable };
        next
    }
}

/// What of `assigned` is in the target, and what is not.
fn split(assigned: &Assigned, target: &Partitions) -> (Assigned, Assigned) {
    let (mut kept, mut lost) = (Assigned::new(), Assigned::new());
    for (topic, own) in assigned {
        for (index, epoch) in own {
            let is_kept = target.get(topic).is_some_and(|wanted| wanted.contains(index));
            let part = if is_kept { &mut kept } else { &mut lost };
            part.entry(*topic).or_default().insert(*index, *epoch);
        }
    }
    (kept, lost)
}

/// Whether the member has any of `partitions` still. One that reports nothing has what it had.
fn has_any(reported: Option<&Partitions>, partitions: &Assigned) -> bool {
    let Some(reported) = reported else { return true };
    reported.iter().any(|(topic, own)| {
        let of_topic = partitions.get(topic);
        of_topic.is_some_and(|partitions| own.iter().any(|index| partitions.contains_key(index)))
    })
}
