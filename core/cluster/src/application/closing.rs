//! The end of an application: in good order, by an error, or by a crash.

use crate::application::{AppEvent, Application, Step, my_id};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::input::Input;
use crate::time::Span;

/// How long it takes at most to settle what was begun, before it is let go as it is.
const CLOSE_TIMEOUT: Span = Span(30_000_000);

impl Application {
    /// It is to finish what it has begun, then end.
    pub(super) fn close(&mut self, ctx: &Ctx<'_>) {
        self.closes_by.get_or_insert(ctx.now() + CLOSE_TIMEOUT);
    }

    /// It ends because of an error; what is not committed stays so.
    pub(super) fn fail(&mut self, ctx: &mut Ctx<'_>, error: &str) {
        let client = my_id(ctx);
        self.last_error = Some(error.into());
        let failed = AppEvent::Failed { client, error: error.into() };
        let failed = ctx.emit(EventKind::App(failed));
        ctx.because(failed);
        self.close_parts(ctx);
    }

    pub(super) fn close_parts(&mut self, ctx: &mut Ctx<'_>) {
        self.queue.clear();
        self.outgoing.clear();
        self.consumer.hold_partitions(false);
        self.step = Step::Closing;
        self.tell_parts(ctx, &Input::Stop);
    }

    pub(super) fn go_on_closing(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let is_over = self.consumer.is_closed() && self.output.is_closed();
        if self.step == Step::Closing && is_over {
            self.step = Step::Ended;
            let client = my_id(ctx);
            ctx.emit(EventKind::App(AppEvent::Closed { client }));
            ctx.client_closed();
        }
        false
    }

    /// Its process is no more, from one moment to the next.
    pub(super) fn crash(&mut self, ctx: &mut Ctx<'_>) {
        let (client, records) = (my_id(ctx), self.totals.records_in);
        let crashed = AppEvent::Crashed { client, records };
        let crashed = ctx.emit(EventKind::App(crashed));
        self.step = Step::Ended;
        ctx.because(crashed);
        ctx.emit(EventKind::ConsumerKilled { client });
        ctx.client_closed();
    }
}
