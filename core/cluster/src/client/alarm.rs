//! A timer that is set anew as its owner's plans change.

use crate::ctx::Ctx;
use crate::ids::TimerId;
use crate::time::Time;
use crate::timer::Timer;

/// A timer that runs out at most once, at the instant that was last asked for.
#[derive(Clone, Debug, Default)]
pub struct Alarm {
    set: Option<(Time, TimerId)>,
}

impl Alarm {
    /// Asks for `timer` at `at`, or for nothing. What is past is not asked for: it was seen to.
    pub fn set(&mut self, ctx: &mut Ctx<'_>, at: Option<Time>, timer: &Timer) {
        let now = ctx.now();
        let at = at.filter(|at| *at > now);
        if self.set.map(|(set, _)| set) == at {
            return;
        }
        if let Some((_, id)) = self.set.take() {
            ctx.cancel_timer(id);
        }
        self.set = at.map(|at| (at, ctx.set_timer(at.since(now), timer.clone())));
    }
}
