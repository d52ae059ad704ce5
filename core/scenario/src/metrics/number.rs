//! The numbers of metrics: most are whole, some are averages. The engine computes with integers.

use std::fmt;

/// A number with three decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Thousandths(pub i64);

impl Thousandths {
    /// A whole number.
    pub fn whole(number: u64) -> Self {
        Self(i64::try_from(number).unwrap_or(i64::MAX).saturating_mul(1_000))
    }

    /// `amount` divided by `by`; zero if there is nothing to divide by.
    pub fn ratio(amount: u64, by: u64) -> Self {
        let thousandths = u128::from(amount) * 1_000 / u128::from(by.max(1));
        Self(if by == 0 { 0 } else { i64::try_from(thousandths).unwrap_or(i64::MAX) })
    }
}

/// As few decimals as it takes.
impl fmt::Display for Thousandths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.unsigned_abs() / 1_000, self.0.unsigned_abs() % 1_000);
        match rest {
            0 => write!(f, "{sign}{whole}"),
            rest if rest % 100 == 0 => write!(f, "{sign}{whole}.{}", rest / 100),
            rest if rest % 10 == 0 => write!(f, "{sign}{whole}.{:02}", rest / 10),
            rest => write!(f, "{sign}{whole}.{rest:03}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_few_decimals_as_it_takes() {
        let said = [0, 7_000, 1_500, -1_250, 20, 1, i64::MIN].map(|n| Thousandths(n).to_string());
        let expected = ["0", "7", "1.5", "-1.25", "0.02", "0.001", "-9223372036854775.808"];
        assert_eq!(said, expected);
        assert_eq!(Thousandths::ratio(10, 4).to_string(), "2.5");
        assert_eq!(Thousandths::ratio(10, 0).to_string(), "0");
        assert_eq!(Thousandths::whole(u64::MAX), Thousandths(i64::MAX));
    }
}
