//! A part of a whole, as a setting gives it, without floating point.

use std::fmt;

/// A number from 0 to 1, held in billionths: Kafka's settings of type double that are parts of a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ratio(u32);

const ONE: u32 = 1_000_000_000;
const DIGITS: usize = 9;

impl Ratio {
    /// 0.5, the default of `min.cleanable.dirty.ratio`.
    pub const HALF: Self = Self(ONE / 2);

    /// Reads a decimal number from 0 to 1. Digits beyond the ninth decimal are left out; `None` if it is none.
    ///
    /// ```
    /// use highwater_log::Ratio;
    /// assert_eq!(Ratio::parse("0.5"), Some(Ratio::HALF));
    /// assert_eq!(Ratio::parse("1.5"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() + decimals.len() == 0 || !is_number(whole) || !is_number(decimals) {
            return None;
        }
        let whole = if whole.is_empty() { 0 } else { whole.parse::<u32>().ok()? };
        let padded = decimals.bytes().chain(std::iter::repeat(b'0')).take(DIGITS);
        let billionths = padded.fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
        let total = whole.checked_mul(ONE)?.checked_add(billionths)?;
        (total <= ONE).then_some(Self(total))
    }

    /// Whether `part` is more than this of `total`. Nothing is more than any part of nothing.
    pub fn is_exceeded_by(self, part: u64, total: u64) -> bool {
        u128::from(part) * u128::from(ONE) > u128::from(total) * u128::from(self.0)
    }
}

/// As Java prints a double: at least one decimal.
impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = format!("{:09}", self.0 % ONE);
        let trimmed = decimals.trim_end_matches('0');
        write!(f, "{}.{}", self.0 / ONE, if trimmed.is_empty() { "0" } else { trimmed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_and_printed() {
        for (text, printed) in [
            ("0", Some("0.0")),
            (" 0.01 ", Some("0.01")),
            (".8", Some("0.8")),
            ("1.", Some("1.0")),
            ("0.1234567891", Some("0.123456789")),
            ("1.000000001", None),
            ("-0.1", None),
            (".", None),
            ("half", None),
            ("5000000000", None),
        ] {
            let read = Ratio::parse(text).map(|ratio| ratio.to_string());
            assert_eq!(read.as_deref(), printed, "{text}");
        }
    }

    #[test]
    fn a_part_exceeds_a_ratio_only_if_it_is_greater() {
        assert!(!Ratio::HALF.is_exceeded_by(1, 2));
        assert!(Ratio::HALF.is_exceeded_by(50_001, 100_000));
        assert!(!Ratio::parse("0").expect("a number").is_exceeded_by(0, 0));
        assert!(Ratio::parse("0.0").expect("a number").is_exceeded_by(1, u64::MAX));
    }
}
