//! All that a voter does to the world around it.

use highwater_log::TimestampMs;

use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{CorrelationId, NodeId, TimerId};
use crate::input::ReplyTo;
use crate::message::{Request, Response};
use crate::time::{Span, Time};
use crate::timer::Timer;

/// All that a voter does to the world around it: the simulated world, or that of a test.
pub(crate) trait Io {
    fn now(&self) -> Time;
    fn timestamp(&self) -> TimestampMs;
    /// A number from 0 up to, but without, `bound`.
    fn random(&mut self, bound: u64) -> u64;
    fn send(&mut self, to: NodeId, request: Request, timeout: Span) -> CorrelationId;
    fn respond(&mut self, to: ReplyTo, response: Response);
    fn set_timer(&mut self, after: Span, timer: Timer) -> TimerId;
    fn cancel_timer(&mut self, timer: TimerId);
    fn emit(&mut self, kind: EventKind);
}

impl Io for Ctx<'_> {
    fn now(&self) -> Time {
        Ctx::now(self)
    }

    fn timestamp(&self) -> TimestampMs {
        Ctx::timestamp(self)
    }

    fn random(&mut self, bound: u64) -> u64 {
        Ctx::random(self, "quorum").below(bound)
    }

    fn send(&mut self, to: NodeId, request: Request, timeout: Span) -> CorrelationId {
        Ctx::send(self, to, request, timeout)
    }

    fn respond(&mut self, to: ReplyTo, response: Response) {
        // What the quorum answers is what lets others commit: it never waits for them to.
        let held = std::mem::take(&mut self.held);
        Ctx::respond(self, to, response);
        self.held = held;
    }

    fn set_timer(&mut self, after: Span, timer: Timer) -> TimerId {
        Ctx::set_timer(self, after, timer)
    }

    fn cancel_timer(&mut self, timer: TimerId) {
        Ctx::cancel_timer(self, timer);
    }

    fn emit(&mut self, kind: EventKind) {
        // What follows in the same step has this as its cause, so that an election can be followed.
        let event = Ctx::emit(self, kind);
        self.because(event);
    }
}
