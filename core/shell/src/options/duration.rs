//! Lengths of time as people write them: `1.5s`, `250ms`, `1m30s`.

/// The units, largest first, with their length in microseconds.
const UNITS: [(&str, u64); 7] = [
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
    ("µs", 1),
];

/// Reads a length of time and returns it in microseconds.
///
/// It is a row of numbers with units (`d`, `h`, `m`, `s`, `ms`, `us`), the larger unit first. A number may have a
/// fraction as long as it comes out at whole microseconds. Anything else, or more than a `u64` holds, is `None`.
pub fn parse_duration(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut total = 0_u64;
    let mut last_unit = u64::MAX;
    while !rest.is_empty() {
        let (number, after_number) = rest.split_at(number_length(rest));
        let (unit, after_unit) = after_number.split_at(unit_length(after_number));
        let &(_, unit) = UNITS.iter().find(|(name, _)| *name == unit)?;
        if unit >= last_unit {
            return None;
        }
        total = total.checked_add(scaled(number, unit)?)?;
        last_unit = unit;
        rest = after_unit;
    }
    (last_unit != u64::MAX).then_some(total)
}

/// Proposes how a length of time that could not be read was probably meant, for example `1.5s` for `1.5x`.
pub fn suggest_duration(text: &str) -> Option<String> {
    let (number, unit) = text.split_at(number_length(text));
    let unit = unit.to_lowercase();
    let unit = match unit.as_str() {
        _ if unit.starts_with("ms") || unit.starts_with("mil") => "ms",
        _ if unit.starts_with("us") || unit.starts_with("mic") => "us",
        _ if unit.starts_with('m') => "m",
        _ if unit.starts_with('h') => "h",
        _ if unit.starts_with('d') => "d",
        _ => "s",
    };
    let meant = format!("{number}{unit}");
    (number.len() < 20 && parse_duration(&meant).is_some()).then_some(meant)
}

/// Writes a number of microseconds in one unit: seconds from one second on, else milliseconds; `1.5s`, `0.25ms`, `0s`.
pub fn print_duration(micros: u64) -> String {
    if micros > 0 && micros < 1_000_000 {
        format!("{}ms", print_decimal(micros, 1_000))
    } else {
        format!("{}s", print_decimal(micros, 1_000_000))
    }
}

/// Writes `value / scale` as a decimal number without trailing zeros. `scale` is a power of ten.
pub fn print_decimal(value: u64, scale: u64) -> String {
    let width = scale.ilog10() as usize;
    let (whole, fraction) = (value / scale, value % scale);
    if fraction == 0 {
        return whole.to_string();
    }
    let digits = format!("{fraction:0width$}");
    format!("{whole}.{}", digits.trim_end_matches('0'))
}

/// `number` units of `unit` microseconds, if that is a whole number of microseconds.
fn scaled(number: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = match number.split_once('.') {
        // The dot asks for digits on both sides.
        Some((_, "")) => return None,
        Some((whole, fraction)) => (whole, fraction.trim_end_matches('0')),
        None => (number, ""),
    };
    let whole = whole.parse::<u64>().ok()?.checked_mul(unit)?;
    if fraction.is_empty() {
        return Some(whole);
    }
    if fraction.len() > 18 {
        return None;
    }
    let parts = u128::from(fraction.parse::<u64>().ok()?) * u128::from(unit);
    let divisor = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    if parts % divisor != 0 {
        return None;
    }
    whole.checked_add(u64::try_from(parts / divisor).ok()?)
}

fn number_length(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len())
}

fn unit_length(text: &str) -> usize {
    text.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::{parse_duration, print_duration, suggest_duration};

    fn check(text: &str, micros: Option<u64>) {
        assert_eq!(parse_duration(text), micros, "for {text:?}");
    }

    #[test]
    fn reads_what_people_write() {
        check("0s", Some(0));
        check("1.5s", Some(1_500_000));
        check("250ms", Some(250_000));
        check("1m30s", Some(90_000_000));
        check("10us", Some(10));
        check("10µs", Some(10));
        check("1d", Some(86_400_000_000));
        check("0.000001s", Some(1));
        check("1.50000000000000000000000s", Some(1_500_000));
        check("18446744073709.551615s", Some(u64::MAX));
    }

    #[test]
    fn refuses_the_rest() {
        for text in [
            "",
            "s",
            "1",
            "1.5x",
            "-1s",
            "1.s",
            ".5s",
            "1..5s",
            "0.0000001s",
            "30s1m",
            "1s1s",
            "1 s",
            "18446744073709.551616s",
            "99999999999999999999d",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn proposes_what_was_meant() {
        let meant = |text| suggest_duration(text);
        assert_eq!(meant("1.5x").as_deref(), Some("1.5s"));
        assert_eq!(meant("5min").as_deref(), Some("5m"));
        assert_eq!(meant("20millis").as_deref(), Some("20ms"));
        assert_eq!(meant("7").as_deref(), Some("7s"));
        assert_eq!(meant("soon"), None);
    }

    #[test]
    fn prints_the_shortest_form() {
        assert_eq!(print_duration(0), "0s");
        assert_eq!(print_duration(1), "0.001ms");
        assert_eq!(print_duration(1_000), "1ms");
        assert_eq!(print_duration(90_500_000), "90.5s");
    }
}
