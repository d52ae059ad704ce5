//! Virtual time in a script, and the wall time that it starts from.

use std::fmt;

use highwater_shell::options::{parse_duration, print_decimal};

/// An instant of virtual time: microseconds since the scenario's start. Also a length of time.
///
/// Shown in seconds without trailing zeros: `1.5s`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Micros(pub u64);

impl Micros {
    /// The latest instant that a script may name, 100 years on: sums with it stay far from the end of a `u64`.
    pub const LATEST: Self = Self(100 * 365 * 86_400 * 1_000_000);

    /// Reads a time such as `1.5s`, `250ms` or `1m30s`; `None` for anything else and for what lies after
    /// [`LATEST`](Self::LATEST).
    pub fn parse(text: &str) -> Option<Self> {
        parse_duration(text).map(Self).filter(|time| *time <= Self::LATEST)
    }
}

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}s", print_decimal(self.0, 1_000_000))
    }
}

/// The wall time at virtual time zero, from which record timestamps follow: milliseconds since 1970, UTC, within the
/// years 1970 to 9999. Shown as `2026-01-05T09:00:00Z`, with `.250` before the `Z` if it is not a whole second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StartTime(i64);

const DAY: i64 = 86_400_000;

/// The last millisecond of the year 9999.
const LAST: i64 = 253_402_300_799_999;

impl StartTime {
    /// The wall time as milliseconds since 1970; `None` outside the years 1970 to 9999.
    pub fn from_epoch_millis(millis: i64) -> Option<Self> {
        (0..=LAST).contains(&millis).then_some(Self(millis))
    }

    /// Milliseconds since 1970, as in a record's timestamp.
    pub fn epoch_millis(self) -> i64 {
        self.0
    }

    /// Reads `2026-01-05T09:00:00Z` or `2026-01-05T09:00:00.250Z`; only UTC, only dates that exist.
    pub fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
        let mut date = date.split('-');
        let year = digits(date.next()?, 4)?;
        let month = digits(date.next()?, 2)?;
        let day = digits(date.next()?, 2)?;
        let (time, millis) = match time.split_once('.') {
            Some((time, millis)) => (time, digits(millis, 3)?),
            None => (time, 0),
        };
        let mut time = time.split(':');
        let hour = digits(time.next()?, 2).filter(|hour| *hour < 24)?;
        let minute = digits(time.next()?, 2).filter(|minute| *minute < 60)?;
        let second = digits(time.next()?, 2).filter(|second| *second < 60)?;
        if date.next().is_some() || time.next().is_some() {
            return None;
        }
        let days = days_from_civil(year, month, day);
        // February 30 comes out as a day in March: a date exists if it comes back as itself.
        if civil_from_days(days) != (year, month, day) {
            return None;
        }
        Self::from_epoch_millis(days * DAY + ((hour * 60 + minute) * 60 + second) * 1_000 + millis)
    }
}

impl Default for StartTime {
    /// 2026-01-05T09:00:00Z, a Monday morning.
    fn default() -> Self {
        Self(1_767_603_600_000)
    }
}

impl fmt::Display for StartTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0.div_euclid(DAY));
        let in_day = self.0.rem_euclid(DAY);
        let (seconds, millis) = (in_day / 1_000, in_day % 1_000);
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if millis != 0 {
            write!(f, ".{millis:03}")?;
        }
        f.write_str("Z")
    }
}

/// A number of exactly so many digits.
fn digits(text: &str, count: usize) -> Option<i64> {
    let right = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    right.then(|| text.parse().ok()).flatten()
}

/// Days from 1970-01-01 to a date of the Gregorian calendar. Years are counted from March, so that the day that comes
/// and goes is the last of the year; 400 years have 146 097 days.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The date so many days after 1970-01-01: year, month, day.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::{LAST, Micros, StartTime};

    #[test]
    fn instants_are_printed_in_seconds() {
        for (text, canonical) in [
            ("0s", "0s"),
            ("1.5s", "1.5s"),
            ("250ms", "0.25s"),
            ("1m30s", "90s"),
            ("10us", "0.00001s"),
        ] {
            let time = Micros::parse(text).expect("a time");
            assert_eq!(time.to_string(), canonical);
            assert_eq!(Micros::parse(canonical), Some(time));
        }
        assert_eq!(Micros::parse("36500d"), Some(Micros::LATEST));
        assert_eq!(Micros::parse("36501d"), None);
    }

    #[test]
    fn start_times_are_dates_that_exist() {
        let default = StartTime::parse("2026-01-05T09:00:00Z");
        assert_eq!(default, Some(StartTime::default()));
        for text in ["1970-01-01T00:00:00Z", "2000-02-29T23:59:59.999Z", "9999-12-31T23:59:59.999Z"]
        {
            assert_eq!(StartTime::parse(text).expect("a start").to_string(), text);
        }
        for text in [
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-10T00:00:00Z",
            "2026-01-05T24:00:00Z",
            "2026-01-05T09:00:00",
            "2026-01-05 09:00:00Z",
            "2026-1-5T9:00:00Z",
            "1969-12-31T23:59:59Z",
            "",
        ] {
            assert_eq!(StartTime::parse(text), None, "for {text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_start_time_reads_back(millis in 0..=LAST) {
            let start = StartTime::from_epoch_millis(millis).expect("in range");
            prop_assert_eq!(StartTime::parse(&start.to_string()), Some(start));
        }
    }
}
