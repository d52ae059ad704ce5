//! What is left of a quota of changes (KIP-599): a bucket of tokens, into which as many flow each second as the quota says.
//! `TokenBucket`.

use crate::quota::QuotaValue;
use crate::time::Time;

/// So many seconds' worth of tokens the bucket holds: `controller.quota.window.num` windows of
/// `controller.quota.window.size.seconds`.
const SECONDS: f64 = 11.0;

/// A bucket of tokens. There may be fewer than none: what empties it is let through whole, and paid for afterwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TokenBucket {
    tokens: f64,
    at: Time,
}

impl TokenBucket {
    /// A full one.
    pub(crate) fn new(quota: QuotaValue, now: Time) -> Self {
        Self { tokens: SECONDS * quota.get(), at: now }
    }

    /// Lets in what has come since. A quota that has changed counts at once.
    pub(crate) fn refill(&mut self, quota: QuotaValue, now: Time) {
        let come = quota.get() * (now.since(self.at).0 as f64 / 1e6);
        let (most, tokens) = (SECONDS * quota.get(), self.tokens + come);
        *self = Self { tokens: if tokens < most { tokens } else { most }, at: now };
    }

    /// Takes tokens out, whether they are there or not.
    pub(crate) fn take(&mut self, tokens: u32) {
        self.tokens -= f64::from(tokens);
    }

    /// In how many milliseconds there is nothing to be paid for any more; none if there is nothing now.
    /// `ControllerMutationQuotaManager.throttleTimeMs`.
    pub(crate) fn wait_ms(&self, quota: QuotaValue) -> Option<u32> {
        if self.tokens >= 0.0 {
            return None;
        }
        let wait = -self.tokens / quota.get() * 1_000.0 + 0.5;
        let longest = f64::from(i32::MAX);
        Some(if wait < longest { wait as u32 } else { i32::MAX.unsigned_abs() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Time = Time(5_000_000);

    fn after_ms(millis: u64) -> Time {
        Time(START.0 + millis * 1_000)
    }

    #[test]
    fn a_burst_is_paid_for_afterwards() {
        let quota = QuotaValue::new(5.0);
        let mut bucket = TokenBucket::new(quota, START);
        bucket.take(55);
        assert_eq!(bucket.wait_ms(quota), None, "eleven seconds' worth was there");
        bucket.take(60);
        assert_eq!(
            bucket.wait_ms(quota),
            Some(12_000),
            "as TokenBucket's own documentation has it"
        );
        bucket.refill(quota, after_ms(11_500));
        assert_eq!(bucket.wait_ms(quota), Some(500));
        bucket.refill(quota, after_ms(12_000));
        assert_eq!(bucket.wait_ms(quota), None);
    }

    #[test]
    fn a_bucket_does_not_overflow_and_a_smaller_one_holds_less() {
        let (large, small) = (QuotaValue::new(10.0), QuotaValue::new(0.5));
        let mut bucket = TokenBucket::new(large, START);
        bucket.refill(large, after_ms(60_000));
        bucket.refill(small, after_ms(60_000));
        bucket.take(6);
        assert_eq!(bucket.wait_ms(small), Some(1_000), "5.5 tokens were left");
    }
}
