//! How long a client waits before it tries again: Kafka's `ExponentialBackoff`.

use crate::ctx::Ctx;
use crate::time::Span;

/// A wait that doubles with each attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The wait after the first attempt.
    pub initial: Span,
    /// The longest wait.
    pub max: Span,
}

impl Backoff {
    /// A client's `retry.backoff.ms` and `retry.backoff.max.ms`, as Kafka has them by default.
    pub const RETRY: Self = Self { initial: Span(100_000), max: Span(1_000_000) };

    /// A client's `reconnect.backoff.ms` and `reconnect.backoff.max.ms`, as Kafka has them by default.
    pub const RECONNECT: Self = Self { initial: Span(50_000), max: Span(1_000_000) };

    /// The wait after `attempts` earlier waits, a fifth more or less by chance, so that clients which
    /// failed together do not come back together.
    pub fn wait(self, ctx: &mut Ctx<'_>, attempts: u32) -> Span {
        let doubled = self.initial.0.saturating_mul(1 << attempts.min(32));
        let permille = 800 + ctx.random("backoff").below(401);
        let wait = u128::from(doubled.min(self.max.0)) * u128::from(permille) / 1_000;
        Span(u64::try_from(wait).unwrap_or(u64::MAX).min(self.max.0))
    }
}
