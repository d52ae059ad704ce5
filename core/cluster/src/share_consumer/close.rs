//! How a share consumer ends: it says what it is done with, ends its sessions, by which it gives back the rest,
//! and leaves its group.

use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::share::ShareEvent;
use crate::share_consumer::{Phase, Sent, ShareConsumer, my_id};
use crate::time::Span;

/// How long closing may take (`close()` without a timeout).
const CLOSE_TIMEOUT: Span = Span(30_000_000);

impl ShareConsumer {
    /// The application closes the consumer.
    pub(super) fn close(&mut self, ctx: &mut Ctx<'_>) {
        if self.phase != Phase::Open {
            return;
        }
        self.phase = Phase::Closing(ctx.now() + CLOSE_TIMEOUT);
        self.application.drop_all();
    }

    /// The application gets an exception that it does not handle: it closes the consumer.
    pub(super) fn fail(&mut self, ctx: &mut Ctx<'_>, error: &str) {
        self.last_error = Some(error.into());
        self.close(ctx);
    }

    /// The application ends without a word: its machine closes the connections.
    pub(super) fn crash(&mut self, ctx: &mut Ctx<'_>) {
        self.last_error = Some("the application crashed".into());
        self.phase = Phase::Closed;
        self.application.drop_all();
        ctx.share_consumer_crashed();
    }

    /// Ends sessions, then leaves; and ends at last.
    pub(super) fn go_on_closing(&mut self, ctx: &mut Ctx<'_>) {
        let Phase::Closing(deadline) = self.phase else { return };
        if deadline <= ctx.now() {
            return self.end(ctx);
        }
        let open = self.leaders.iter().filter(|(_, leader)| leader.has_session());
        for broker in open.map(|(broker, _)| *broker).collect::<Vec<_>>() {
            if self.leaders[&broker].is_awaited {
                continue;
            }
            self.send_said(ctx, broker, true);
            if let Some(leader) = self.leaders.get_mut(&broker) {
                leader.forget_session();
            }
        }
        if self.leaders.values().any(|leader| leader.is_awaited) || self.membership.has_left {
            if self.membership.has_left {
                self.end(ctx);
            }
            return;
        }
        let is_leaving = self.requests.values().any(|sent| matches!(sent, Sent::Leave));
        if !is_leaving && !self.leave(ctx) {
            self.end(ctx);
        }
    }

    fn end(&mut self, ctx: &mut Ctx<'_>) {
        self.phase = Phase::Closed;
        ctx.emit(EventKind::Share(ShareEvent::ConsumerClosed { client: my_id(ctx) }));
        ctx.client_closed();
    }

    /// Whether it is at its end.
    pub(super) fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }
}
