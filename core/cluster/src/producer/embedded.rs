//! A producer within an application, apart from the calls that [`super::calls`] has.

use crate::ctx::Ctx;
use crate::producer::{Phase, Producer};

impl Producer {
    /// `flush`: nothing lingers, until everything that was sent is acknowledged or given up.
    pub(crate) fn flush(&mut self, ctx: &mut Ctx<'_>) {
        self.is_flushing = true;
        self.run(ctx);
    }

    /// Whether a call has not returned: the application's thread waits in it.
    pub(crate) fn is_in_call(&self) -> bool {
        self.application.is_busy()
    }

    /// Whether it is at its end.
    pub(crate) fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    /// What was to be flushed may be settled by now.
    pub(super) fn note_flushed(&mut self) {
        self.is_flushing &= !(self.accumulator.is_empty() && self.in_flight.is_empty());
    }
}
