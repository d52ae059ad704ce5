//! Which day it is, by the clock of who learns.

use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 86_400_000;

/// No moment counts as later than the year 2200: a clock that is wrong by ages must not carry dates beyond what can be reckoned.
const LAST_MS: u64 = 7_258_118_400_000;

/// A moment, and where on earth it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Milliseconds since 1970.
    pub now_ms: u64,
    /// By how many minutes the local clock is ahead of UTC.
    pub minutes_east: i32,
}

/// A day by the local clock, counted from the first of January 1970.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Day(pub i64);

impl Clock {
    /// The day that it is.
    pub fn today(self) -> Day {
        self.day_of(self.now_ms)
    }

    /// The day of another moment.
    pub fn day_of(self, at_ms: u64) -> Day {
        let at_ms = i64::try_from(at_ms.min(LAST_MS)).unwrap_or_default();
        let local = at_ms + i64::from(self.minutes_east.clamp(-1_440, 1_440)) * 60_000;
        Day(local.div_euclid(DAY_MS))
    }
}

impl Day {
    /// So many days later.
    pub fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// How many days this is after another; none is less than nothing.
    pub fn since(self, before: Self) -> i64 {
        self.0.saturating_sub(before.0).max(0)
    }

    /// Noon of it in UTC, in milliseconds since 1970: for whoever writes it as a date.
    pub fn noon_ms(self) -> i64 {
        self.0.saturating_mul(DAY_MS).saturating_add(DAY_MS / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(at_ms: u64, minutes_east: i32, day: i64) {
        let clock = Clock { now_ms: at_ms, minutes_east };
        assert_eq!(clock.today(), Day(day), "{at_ms} {minutes_east}");
    }

    #[test]
    fn a_day_begins_at_midnight_where_one_is() {
        check(0, 0, 0);
        check(0, -60, -1);
        check(86_399_999, 0, 0);
        check(86_400_000, 0, 1);
        check(86_399_999, 60, 1);
        check(u64::MAX, i32::MAX, 84_007);
    }
}
