//! The dates and lengths of time that offsets are reset to, as Java reads them.

use highwater_cluster::log::TimestampMs;

use crate::script::Failure;

/// `Utils.getDateTime`: `2026-01-05T09:00:00.000`, with `Z`, `+01`, `+0100` or `+01:00` if it is not UTC.
pub(crate) fn date_time(text: &str) -> Result<TimestampMs, Failure> {
    let wrong = |message: String| Failure::new("java.text.ParseException", message).at_run_time();
    let after_t = text.split_once('T').map(|(_, time)| time).filter(|time| !time.is_empty());
    let Some(time) = after_t else {
        return Err(wrong(
            "Error parsing timestamp. It does not contain a 'T' according to ISO8601 format"
                .to_owned(),
        ));
    };
    let zoned = match time.contains(['+', '-', 'Z']) {
        true => text.to_owned(),
        false => format!("{text}Z"),
    };
    instant(&zoned).ok_or_else(|| wrong(format!("Unparseable date: \"{zoned}\"")))
}

fn instant(text: &str) -> Option<TimestampMs> {
    let (year, rest) = number(text)?;
    let (month, rest) = number(rest.strip_prefix('-')?)?;
    let (day, rest) = number(rest.strip_prefix('-')?)?;
    let (hour, rest) = number(rest.strip_prefix('T')?)?;
    let (minute, rest) = number(rest.strip_prefix(':')?)?;
    let (second, rest) = number(rest.strip_prefix(':')?)?;
    let (millis, zone) = number(rest.strip_prefix('.')?)?;
    let is_valid = (1..=9_999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60
        && millis < 1_000;
    if !is_valid {
        return None;
    }
    let seconds = ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    Some(TimestampMs((seconds - offset_minutes(zone)? * 60) * 1_000 + millis))
}

/// How far a zone is ahead of UTC. What follows it is not looked at, as Java does not.
fn offset_minutes(zone: &str) -> Option<i64> {
    if zone.starts_with('Z') {
        return Some(0);
    }
    let sign = match zone.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let digits: String = zone[1..].chars().filter(|c| *c != ':').take(4).collect();
    let hours: i64 = digits.get(..2)?.parse().ok()?;
    let minutes: i64 = digits.get(2..4).and_then(|text| text.parse().ok()).unwrap_or(0);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// The number at the beginning of a text, and what follows it.
fn number(text: &str) -> Option<(i64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok().filter(|number| *number < 1_000_000)?, &text[end..]))
}

fn days_in(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Years begin in March here, so that the leap day is the last of its year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// `Duration.parse`: `P2D`, `PT2H30M`, `-PT1.5S`, in milliseconds, rounded down.
pub(super) fn duration_ms(text: &str) -> Result<i64, Failure> {
    let wrong = || {
        let class = "java.time.format.DateTimeParseException";
        Failure::new(class, "Text cannot be parsed to a Duration")
    };
    parse_duration(&text.to_ascii_uppercase()).ok_or_else(wrong)
}

fn parse_duration(text: &str) -> Option<i64> {
    let (sign, text) = signed(text);
    let text = text.strip_prefix('P')?;
    let (days, time) = match text.split_once('T') {
        // After the T must come something.
        Some((_, "")) => return None,
        Some((days, time)) => (days, time),
        None => (text, ""),
    };
    if days.is_empty() && time.is_empty() {
        return None;
    }
    let mut nanos: i128 = 0;
    if !days.is_empty() {
        let (number, rest) = part(days)?;
        if rest != "D" {
            return None;
        }
        nanos += i128::from(number) * 86_400_000_000_000;
    }
    let (mut rest, mut units) = (time, "HMS");
    while !rest.is_empty() {
        let (number, after) = part(rest)?;
        let is_negative = rest.starts_with('-');
        let (fraction, after) = match after.strip_prefix(['.', ',']) {
            Some(digits) => fraction_nanos(digits)?,
            None => (0, after),
        };
        let unit = after.chars().next()?;
        units = &units[units.find(unit)? + 1..];
        if fraction > 0 && unit != 'S' {
            return None;
        }
        let seconds = i128::from(number)
            * [("H", 3_600), ("M", 60), ("S", 1)]
                .iter()
                .find(|(name, _)| name.starts_with(unit))
                .map_or(0, |(_, seconds)| *seconds);
        nanos += seconds * 1_000_000_000 + if is_negative { -fraction } else { fraction };
        rest = &after[1..];
    }
    i64::try_from((nanos * sign).div_euclid(1_000_000)).ok()
}

fn signed(text: &str) -> (i128, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// A number with a sign or without, and what follows it.
fn part(text: &str) -> Option<(i64, &str)> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let at = text.len() - digits.len() + end;
    let number = text[..at].trim_start_matches('+').parse().ok()?;
    Some((number, &text[at..]))
}

fn fraction_nanos(text: &str) -> Option<(i128, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    if end > 9 {
        return None;
    }
    let nanos = format!("{:0<9}", &text[..end]).parse().ok()?;
    Some((nanos, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_date(text: &str, millis: Result<i64, &str>) {
        let found = date_time(text).map(|at| at.0).map_err(|failure| failure.message);
        assert_eq!(found, millis.map_err(|message| format!("java.text.ParseException: {message}")));
    }

    #[test]
    fn dates_are_read_as_java_reads_them() {
        check_date("1970-01-01T00:00:00.000", Ok(0));
        check_date("2024-02-29T00:00:00.000", Ok(1_709_164_800_000));
        check_date("2026-01-05T09:00:01.250", Ok(1_767_603_601_250));
        check_date("2026-01-05T10:00:01.250+01:00", Ok(1_767_603_601_250));
        check_date("2026-01-05T04:00:01.250-0500", Ok(1_767_603_601_250));
        check_date("2026-01-05T09:00:01.250Z", Ok(1_767_603_601_250));
        check_date("2026-01-05T09:00:00", Err("Unparseable date: \"2026-01-05T09:00:00Z\""));
        check_date(
            "2026-02-30T09:00:00.000",
            Err("Unparseable date: \"2026-02-30T09:00:00.000Z\""),
        );
        check_date(
            "yesterday",
            Err("Error parsing timestamp. It does not contain a 'T' according to ISO8601 format"),
        );
    }

    fn check_duration(text: &str, millis: Option<i64>) {
        assert_eq!(duration_ms(text).ok(), millis, "{text}");
    }

    #[test]
    fn lengths_of_time_are_read_as_java_reads_them() {
        check_duration("P1D", Some(86_400_000));
        check_duration("PT2H30M", Some(9_000_000));
        check_duration("P1DT1S", Some(86_401_000));
        check_duration("pt1.5s", Some(1_500));
        check_duration("-PT1S", Some(-1_000));
        check_duration("PT-1M", Some(-60_000));
        check_duration("PT0S", Some(0));
        for wrong in ["", "P", "PT", "1h", "PT1M1H", "PT1.5H", "P1DT", "PT1", "P1H", "PTS"] {
            check_duration(wrong, None);
        }
    }
}
