//! Virtual time: microseconds since the scenario began. Nothing here reads a clock.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// An instant of virtual time, in microseconds since the scenario began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub u64);

/// A length of virtual time, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub u64);

impl Time {
    /// The instant at which every scenario begins.
    pub const ZERO: Self = Self(0);

    /// Whole milliseconds since the scenario began.
    pub fn millis(self) -> u64 {
        self.0 / 1_000
    }

    /// How long before this instant `earlier` was; zero if it was not.
    pub fn since(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of whole milliseconds, as most Kafka settings are given; a negative one is zero.
    pub fn from_millis(millis: i64) -> Self {
        Self(u64::try_from(millis).unwrap_or(0).saturating_mul(1_000))
    }

    /// Whole milliseconds.
    pub fn millis(self) -> u64 {
        self.0 / 1_000
    }
}

impl Add<Span> for Time {
    type Output = Time;
    fn add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for Time {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl Sub for Span {
    type Output = Span;
    fn sub(self, other: Span) -> Span {
        Span(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Time {
    /// Seconds with six decimals: every trace line has its dot in the same column.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

impl fmt::Display for Span {
    /// Seconds or milliseconds, without zeros at the end: `9 s`, `1.5 s`, `250 ms`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, per_unit, digits) =
            if self.0 >= 1_000_000 { ("s", 1_000_000, 6) } else { ("ms", 1_000, 3) };
        let (whole, rest) = (self.0 / per_unit, self.0 % per_unit);
        if rest == 0 {
            return write!(f, "{whole} {unit}");
        }
        let decimals = format!("{rest:0digits$}");
        write!(f, "{whole}.{} {unit}", decimals.trim_end_matches('0'))
    }
}
