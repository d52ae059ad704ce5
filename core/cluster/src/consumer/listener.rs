//! The application's `ConsumerRebalanceListener`: what it is told, and the time it takes over giving
//! partitions back. While it works, the thread that polls does nothing else; heartbeats go on.

use crate::client::Alarm;
use crate::consumer::Consumer;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{Generation, TopicPartition};
use crate::time::{Span, Time};
use crate::timer::Timer;

/// What the listener is doing.
#[derive(Clone, Debug, Default)]
pub(super) struct Listener {
    running: Option<Running>,
    alarm: Alarm,
}

#[derive(Clone, Debug)]
struct Running {
    began: Time,
    until: Time,
    then: Then,
}

/// How partitions go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parting {
    /// In good order: `onPartitionsRevoked`.
    Revoked,
    /// Others may own them already: `onPartitionsLost`.
    Lost,
}

/// What follows once the listener is done.
#[derive(Clone, Debug)]
pub(super) enum Then {
    /// The next poll goes on.
    Poll,
    /// The consumer takes these over, and joins once more, so that others get what it gave back.
    AssignAndRejoin(Vec<TopicPartition>, Generation),
    /// The consumer protocol: it takes these over and says so.
    Acknowledge(Vec<TopicPartition>),
    /// The consumer protocol: it joins anew.
    JoinAnew,
    /// It leaves its group.
    Leave,
}

impl Listener {
    pub(super) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// When it began, if it runs: the application has not polled since.
    pub(super) fn began(&self) -> Option<Time> {
        self.running.as_ref().map(|running| running.began)
    }
}

impl Consumer {
    /// Gives partitions back: the application is told, and what follows waits until it returns.
    pub(super) fn give_back(
        &mut self,
        ctx: &mut Ctx<'_>,
        partitions: Vec<TopicPartition>,
        parting: Parting,
        then: Then,
    ) {
        if partitions.is_empty() {
            return self.after_listener(ctx, then);
        }
        if partitions.len() == self.assignment.partitions.len() {
            self.fetcher.forget_completed();
            self.assignment.take();
        } else {
            self.assignment.remove(&partitions);
        }
        if self.is_self_assigned() {
            // What it took for itself is no group's business, and no listener hears of it.
            return self.after_listener(ctx, then);
        }
        let (client, group) = (super::my_id(ctx), self.config.group.clone());
        ctx.emit(match parting {
            Parting::Revoked => EventKind::PartitionsRevoked { client, group, partitions },
            Parting::Lost => EventKind::PartitionsLost { client, group, partitions },
        });
        if self.config.revoke_time == Span::ZERO {
            return self.after_listener(ctx, then);
        }
        let until = ctx.now() + self.config.revoke_time;
        self.listener.running = Some(Running { began: ctx.now(), until, then });
        self.listener.alarm.set(ctx, Some(until), &Timer::RebalanceListener);
        // The thread that would hand records out is busy.
        self.assignment.is_pending_revocation = true;
    }

    /// Goes on if the listener is done by now.
    pub(super) fn await_listener(&mut self, ctx: &mut Ctx<'_>) {
        let now = ctx.now();
        if let Some(running) = self.listener.running.take_if(|running| running.until <= now) {
            self.assignment.is_pending_revocation = false;
            self.after_listener(ctx, running.then);
        }
    }

    fn after_listener(&mut self, ctx: &mut Ctx<'_>, then: Then) {
        match then {
            Then::Poll => {}
            Then::AssignAndRejoin(partitions, generation) => {
                self.take_assigned(ctx, &partitions, generation);
                self.membership.needs_rejoin = true;
            }
            Then::Acknowledge(partitions) => self.acknowledge(ctx, &partitions),
            Then::JoinAnew => self.join_anew(ctx),
            Then::Leave => self.ready_to_leave(),
        }
    }
}
