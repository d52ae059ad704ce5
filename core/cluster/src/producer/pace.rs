//! When records are due: at a steady rate, in bursts, or at a rate that climbs or falls, with rests if
//! wanted. All counted from the beginning each time, in whole numbers, so that nothing is rounded twice.

use crate::time::Span;

/// At higher rates, records are made in groups, one group each millisecond.
const TICK_MICROS: u128 = 1_000;
const MICROS_PER_SECOND: u128 = 1_000_000;

/// How the due times of records lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// At even distances, `rate_per_second` of them a second.
    #[default]
    Steady,
    /// So many at once, then nothing for a while.
    Bursts {
        /// How many at once.
        records: u32,
        /// From one burst to the next; more than zero.
        every: Span,
    },
    /// At a rate that goes evenly from one to another, and stays there.
    Ramp {
        /// Records a second at the beginning.
        from: u32,
        /// Records a second at the end.
        to: u32,
        /// How long it takes; more than zero, and at most [`Pace::LONGEST_RAMP`].
        over: Span,
    },
}

/// A rest at the end of each stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// How long it is; less than `every`.
    pub length: Span,
    /// From the end of one rest to the end of the next.
    pub every: Span,
}

/// What records are due by when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    pub(super) pace: Pace,
    /// Records a second of a steady pace.
    pub(super) rate: u32,
    pub(super) pause: Option<Pause>,
}

impl Pace {
    /// The longest ramp: beyond it the sums would not fit.
    pub const LONGEST_RAMP: Span = Span(365 * 86_400 * 1_000_000);
}

impl Schedule {
    /// How many records are due up to `elapsed` since the beginning; the first at once, if any.
    pub(super) fn due_by(&self, elapsed: Span) -> u64 {
        let at = self.pause.map_or(u128::from(elapsed.0), |pause| pause.worked_by(elapsed));
        let due = match self.pace {
            Pace::Steady if self.rate == 0 => 0,
            Pace::Steady => at * u128::from(self.rate) / MICROS_PER_SECOND + 1,
            Pace::Bursts { records, every } => {
                (at / u128::from(every.0.max(1)) + 1) * u128::from(records)
            }
            Pace::Ramp { from, to, over } => made_on_ramp(from, to, over, at) + 1,
        };
        u64::try_from(due).unwrap_or(u64::MAX)
    }

    /// How long after the beginning the record of that number is due, counted from 0; none if it never
    /// will be.
    pub(super) fn due_after(&self, number: u64) -> Option<Span> {
        let number = u128::from(number);
        let at = match self.pace {
            Pace::Steady if self.rate == 0 => return None,
            Pace::Steady => {
                let micros = (number * MICROS_PER_SECOND).div_ceil(u128::from(self.rate));
                grouped(micros, u128::from(self.rate) > MICROS_PER_SECOND / TICK_MICROS)
            }
            Pace::Bursts { records: 0, .. } => return None,
            Pace::Bursts { records, every } => number / u128::from(records) * u128::from(every.0),
            Pace::Ramp { from, to, over } => {
                let micros = ramp_reaches(from, to, over, number)?;
                let next = ramp_reaches(from, to, over, number + 1);
                grouped(micros, next.is_some_and(|next| next < micros + TICK_MICROS))
            }
        };
        let at = self.pause.map_or(at, |pause| pause.passes(at));
        Some(Span(u64::try_from(at).unwrap_or(u64::MAX)))
    }
}

impl Pause {
    /// How much of the time was not rested.
    fn worked_by(self, elapsed: Span) -> u128 {
        let (elapsed, every) = (u128::from(elapsed.0), u128::from(self.every.0.max(1)));
        let works = self.works();
        // What falls on the end of the work is due after the rest.
        elapsed / every * works + (elapsed % every).min(works - 1)
    }

    /// How much time has passed once so much of it was not rested.
    fn passes(self, worked: u128) -> u128 {
        let works = self.works();
        worked / works * u128::from(self.every.0.max(1)) + worked % works
    }

    fn works(self) -> u128 {
        u128::from(self.every.0.saturating_sub(self.length.0).max(1))
    }
}

fn grouped(micros: u128, is_grouped: bool) -> u128 {
    if is_grouped { micros.div_ceil(TICK_MICROS) * TICK_MICROS } else { micros }
}

/// How many records a ramp has made after so many microseconds: the area under its rate.
fn made_on_ramp(from: u32, to: u32, over: Span, at: u128) -> u128 {
    let (from, to, over) = (u128::from(from), u128::from(to), u128::from(over.0.max(1)));
    let climbing = at.min(over);
    // Twice the area, in records times microseconds over seconds, so that nothing is halved early.
    let rise = climbing * climbing;
    let twice = 2 * from * climbing * over;
    let twice = if to >= from { twice + (to - from) * rise } else { twice - (from - to) * rise };
    let flat = 2 * to * (at - climbing) * over;
    (twice + flat) / (2 * over * MICROS_PER_SECOND)
}

/// After how many microseconds a ramp has made so many records; none if it never does.
fn ramp_reaches(from: u32, to: u32, over: Span, number: u128) -> Option<u128> {
    let reaches = |at: u128| made_on_ramp(from, to, over, at) >= number;
    let mut least = 0;
    let mut most = u128::from(over.0.max(1));
    while !reaches(most) {
        if to == 0 {
            return None;
        }
        least = most;
        most *= 2;
        if most > u128::from(u64::MAX) {
            return None;
        }
    }
    while least < most {
        let middle = least + (most - least) / 2;
        if reaches(middle) {
            most = middle;
        } else {
            least = middle + 1;
        }
    }
    Some(least)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Span = Span(1_000_000);

    fn steady(rate: u32) -> Schedule {
        Schedule { pace: Pace::Steady, rate, pause: None }
    }

    fn of(pace: Pace) -> Schedule {
        Schedule { pace, rate: 1, pause: None }
    }

    fn check(schedule: Schedule, number: u64, after_micros: u64) {
        assert_eq!(
            schedule.due_after(number),
            Some(Span(after_micros)),
            "record {number} of {schedule:?}"
        );
    }

    #[test]
    fn records_are_due_at_even_distances() {
        check(steady(5), 0, 0);
        check(steady(5), 1, 200_000);
        check(steady(3), 1, 333_334);
        check(steady(3), 3, 1_000_000);
        check(steady(1_000), 1, 1_000);
    }

    #[test]
    fn at_high_rates_they_are_due_in_groups() {
        check(steady(3_000), 1, 1_000);
        check(steady(3_000), 3, 1_000);
        check(steady(3_000), 4, 2_000);
        check(steady(1_000_000_000), 1, 1_000);
    }

    #[test]
    fn bursts_come_at_once() {
        let bursts = of(Pace::Bursts { records: 100, every: Span(10_000_000) });
        check(bursts, 99, 0);
        check(bursts, 100, 10_000_000);
        assert_eq!(bursts.due_by(Span(9_999_999)), 100);
        assert_eq!(bursts.due_by(Span(10_000_000)), 200);
    }

    #[test]
    fn a_ramp_makes_the_area_under_its_rate() {
        let up = of(Pace::Ramp { from: 10, to: 110, over: Span(10_000_000) });
        // (10 + 110) / 2 a second for 10 s, then 110 a second; the first record is due at once.
        assert_eq!(up.due_by(Span(10_000_000)), 601);
        assert_eq!(up.due_by(Span(11_000_000)), 711);
        let down = of(Pace::Ramp { from: 100, to: 0, over: Span(2_000_000) });
        assert_eq!(down.due_by(Span(2_000_000)), 101);
        assert_eq!(down.due_by(Span(9_000_000)), 101);
        assert_eq!(down.due_after(101), None);
    }

    #[test]
    fn nothing_is_due_during_a_rest() {
        let pause = Pause { length: Span(4_000_000), every: Span(10_000_000) };
        let schedule = Schedule { pause: Some(pause), ..steady(1) };
        check(schedule, 5, 5_000_000);
        check(schedule, 6, 10_000_000);
        assert_eq!(schedule.due_by(Span(9_999_999)), 6);
        assert_eq!(schedule.due_by(Span(10_000_000)), 7);
    }

    fn any_schedule() -> impl Strategy<Value = Schedule> {
        let ramp = (0..100_000_u32, 0..100_000_u32, 1..600_u64);
        let pace = prop_oneof![
            Just(Pace::Steady),
            (1..1_000_u32, 1..60_000_u64)
                .prop_map(|(records, ms)| Pace::Bursts { records, every: Span(ms * 1_000) }),
            ramp.prop_map(|(from, to, s)| Pace::Ramp { from, to, over: Span(s * SECOND.0) }),
        ];
        let pause = proptest::option::of((1..30_u64, 1..30_u64));
        (pace, 1..5_000_u32, pause).prop_map(|(pace, rate, pause)| {
            let pause = pause.map(|(length, works)| Pause {
                length: Span(length * SECOND.0),
                every: Span((length + works) * SECOND.0),
            });
            Schedule { pace, rate, pause }
        })
    }

    proptest! {
        /// When a record is said to be due it is, unless it waits for its group, and not before.
        #[test]
        fn a_record_is_due_when_it_is_said_to_be(schedule in any_schedule(), number in 0..200_000_u64) {
            if let Some(at) = schedule.due_after(number) {
                prop_assert!(schedule.due_by(at) > number, "{schedule:?} {number} at {at:?}");
            }
        }

        #[test]
        fn time_takes_no_record_back(schedule in any_schedule(), at in 0..10_000_000_000_u64, more in 0..1_000_000_u64) {
            prop_assert!(schedule.due_by(Span(at)) <= schedule.due_by(Span(at + more)));
        }
    }
}
