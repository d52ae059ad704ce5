//! A meter as Kafka's brokers have it: a count, and how fast it went up lately.

use super::number::Thousandths;

/// How often a meter looks at what was counted, in seconds: Yammer's tick.
pub(super) const TICK_S: u64 = 5;

/// What a tick adds of the difference to the rate of one minute, in millionths: `1 - e^(-5/60)`.
const WEIGHT_MILLIONTHS: i64 = 79_956;

/// A count, and the rate of one minute: Yammer's `Meter`, in which the past weighs less the older it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Meter {
    pub(super) count: u64,
    unticked: u64,
    /// In millionths per second; none before the first tick.
    rate: Option<i64>,
}

impl Meter {
    pub(super) fn mark(&mut self, amount: u64) {
        self.count += amount;
        self.unticked += amount;
    }

    /// Five seconds have passed.
    pub(super) fn tick(&mut self) {
        if self.unticked == 0 && self.rate.unwrap_or(0) == 0 {
            // Most meters stand still.
            self.rate = Some(0);
            return;
        }
        let counted = i64::try_from(std::mem::take(&mut self.unticked)).unwrap_or(i64::MAX);
        let now = counted.saturating_mul(1_000_000) / TICK_S as i64;
        self.rate = Some(match self.rate {
            None => now,
            Some(rate) => {
                let change = i128::from(now - rate) * i128::from(WEIGHT_MILLIONTHS) / 1_000_000;
                rate + change as i64
            }
        });
    }

    /// `OneMinuteRate`, per second.
    pub(super) fn one_minute_rate(&self) -> Thousandths {
        Thousandths(self.rate.unwrap_or(0) / 1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_rate_is_told_and_a_silence_fades_by_a_factor_of_e_in_a_minute() {
        let mut meter = Meter::default();
        assert_eq!(meter.one_minute_rate(), Thousandths(0));
        for _ in 0..12 {
            meter.mark(100);
            meter.tick();
        }
        assert_eq!((meter.count, meter.one_minute_rate()), (1_200, Thousandths::whole(20)));
        (0..12).for_each(|_| meter.tick());
        let rate = meter.one_minute_rate().0;
        assert!((7_357..=7_358).contains(&rate), "20 / e is 7.3576: {rate}");
    }
}
