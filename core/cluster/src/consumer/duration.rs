//! Lengths of time as Java's `Duration` reads and prints them: ISO 8601, `P1DT2H3M4.5S`.

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The milliseconds of a length of time that is not negative; none if it cannot be read. A part below a
/// millisecond is dropped.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let upper = text.to_ascii_uppercase();
    let (date, time) = match upper.strip_prefix('P')?.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (upper.strip_prefix('P')?, ""),
    };
    if date.is_empty() && time.is_empty() {
        return None;
    }
    let days = parts(date, &[('D', DAY)])?;
    days.checked_add(parts(time, &[('H', HOUR), ('M', MINUTE), ('S', SECOND)])?)
}

/// A length of time as Java prints it: `PT1H30M`.
pub(super) fn print(ms: i64) -> String {
    let (hours, minutes) = (ms / HOUR, ms % HOUR / MINUTE);
    let (seconds, millis) = (ms % MINUTE / SECOND, ms % SECOND);
    let mut text = "PT".to_owned();
    if hours > 0 {
        text += &format!("{hours}H");
    }
    if minutes > 0 {
        text += &format!("{minutes}M");
    }
    if millis > 0 {
        text += format!("{seconds}.{millis:03}").trim_end_matches('0');
        text.push('S');
    } else if seconds > 0 || text.len() == 2 {
        text += &format!("{seconds}S");
    }
    text
}

/// A row of numbers with units, each at most once and in this order. Only the last may have a fraction.
fn parts(mut text: &str, mut units: &[(char, i64)]) -> Option<i64> {
    let mut sum = 0_i64;
    while !text.is_empty() {
        let end = text.find(|c: char| c.is_ascii_alphabetic())?;
        let unit = text[end..].chars().next()?;
        let place = units.iter().position(|(name, _)| *name == unit)?;
        let (number, per_unit) = (&text[..end], units[place].1);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if !fraction.is_empty() && unit != 'S' {
            return None;
        }
        sum = sum.checked_add(digits(whole)?.checked_mul(per_unit)?)?;
        let padded = format!("{fraction:0<3}");
        sum = sum.checked_add(digits(padded.get(..3)?)?)?;
        digits(&padded)?;
        (text, units) = (&text[end + 1..], &units[place + 1..]);
    }
    Some(sum)
}

fn digits(text: &str) -> Option<i64> {
    let are_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| are_digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, ms: Option<i64>, printed: &str) {
        assert_eq!(parse(text), ms, "{text}");
        if let Some(ms) = ms {
            assert_eq!(print(ms), printed);
        }
    }

    #[test]
    fn durations_are_read_and_printed_as_java_does() {
        check("PT1H", Some(HOUR), "PT1H");
        check("p1dt2h3m4.5s", Some(DAY + 2 * HOUR + 3 * MINUTE + 4_500), "PT26H3M4.5S");
        check("P2D", Some(2 * DAY), "PT48H");
        check("PT90M", Some(90 * MINUTE), "PT1H30M");
        check("PT0S", Some(0), "PT0S");
        check("PT0.0015S", Some(1), "PT0.001S");
        for wrong in [
            "",
            "P",
            "PT",
            "1H",
            "PT1",
            "PT1M1H",
            "PT-1H",
            "PT1.5H",
            "PT1H1H",
            "P1H",
            "PT99999999999999999999H",
        ] {
            check(wrong, None, "");
        }
    }
}
