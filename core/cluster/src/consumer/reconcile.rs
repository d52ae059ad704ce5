//! From the assignment that a member has to the one that it is to have: commit, give back, take over,
//! acknowledge (KIP-848). Kafka's `AbstractMembershipManager.maybeReconcile`.

use crate::consumer::Consumer;
use crate::consumer::listener::{Parting, Then};
use crate::consumer::member::{State, by_id};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::TopicPartition;

impl Consumer {
    /// While the application polls: goes on with whatever the membership waits for.
    pub(super) fn reconcile_if_needed(&mut self, ctx: &mut Ctx<'_>) {
        if self.listener.is_running() {
            return;
        }
        match self.member.state {
            State::Unsubscribed => self.join_anew(ctx),
            State::Fenced | State::Stale => {
                let owned = self.assignment.owned();
                self.give_back(ctx, owned, Parting::Lost, Then::JoinAnew);
            }
            State::Reconciling => self.reconcile(ctx),
            _ => return,
        }
        // Whatever there is to say now does not wait for the next heartbeat.
        self.group_heartbeat(ctx);
    }

    /// What was to be given back is: the rest is taken over, and the coordinator is told.
    pub(super) fn acknowledge(&mut self, ctx: &mut Ctx<'_>, partitions: &[TopicPartition]) {
        if self.member.state != State::Reconciling {
            // It was thrown out, or leaves: what it was to own is of no account any more.
            return;
        }
        let added = self.assignment.not_owned(partitions);
        self.assignment.assign(partitions);
        self.begin_auto_commit(ctx);
        if !added.is_empty() || partitions.is_empty() {
            ctx.emit(EventKind::PartitionsAssigned {
                client: super::my_id(ctx),
                group: self.config.group.clone(),
                partitions: added,
                generation: self.membership.generation,
            });
        }
        self.note_owned(ctx, partitions);
    }

    fn reconcile(&mut self, ctx: &mut Ctx<'_>) {
        if self.member.is_reconciled() {
            return;
        }
        let partitions = self.resolve_target();
        let resolved = by_id(&partitions, |partition| self.topic_id(partition));
        if self.member.current.as_ref() == Some(&resolved) {
            // The rest cannot be named yet: newer metadata will tell.
            return;
        }
        let revoked = self.assignment.owned_beyond(&partitions);
        self.assignment.begin_revocation(&revoked);
        if !self.commit_before_join(ctx) {
            return;
        }
        self.give_back(ctx, revoked, Parting::Revoked, Then::Acknowledge(partitions));
    }

    /// The partitions of the target that can be named. If some cannot, newer metadata is asked for.
    fn resolve_target(&mut self) -> Vec<TopicPartition> {
        let mut partitions = Vec::new();
        for (topic, indexes) in self.member.target.iter().flatten() {
            match self.updater.metadata.topic_names.get(topic) {
                Some(name) => {
                    partitions
                        .extend(indexes.iter().map(|index| TopicPartition::new(name, *index)));
                }
                None => self.updater.request_update(),
            }
        }
        partitions.sort();
        partitions
    }

    fn note_owned(&mut self, ctx: &Ctx<'_>, partitions: &[TopicPartition]) {
        let owned = by_id(partitions, |partition| self.topic_id(partition));
        self.member.current = Some(owned);
        self.member.state = State::Acknowledging;
        self.member.heartbeat_at = ctx.now();
    }

    fn topic_id(&self, partition: &TopicPartition) -> Option<crate::ids::TopicId> {
        self.updater.metadata.topics.get(&partition.topic).map(|topic| topic.id)
    }
}
