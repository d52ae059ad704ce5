//! Numbers and times as people read them.

use highwater_cluster::time::Time;

/// `00:21.204`: minutes, seconds and milliseconds; hours before them when there are any.
pub fn clock(at: Time) -> String {
    let millis = at.millis();
    let (seconds, millis) = (millis / 1_000, millis % 1_000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    if hours == 0 {
        format!("{minutes:02}:{seconds:02}.{millis:03}")
    } else {
        format!("{hours}:{minutes:02}:{seconds:02}.{millis:03}")
    }
}

/// `4:05`: minutes and seconds of so many milliseconds.
pub fn minutes(millis: u64) -> String {
    let seconds = millis / 1_000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// A day with its weekday, as the language in force writes it, of a moment in UTC, in milliseconds since 1970.
pub fn day(at_ms: i64) -> String {
    let date = js_sys::Date::new(&(at_ms as f64).into());
    let options = js_sys::Object::new();
    for (name, value) in
        [("weekday", "long"), ("day", "numeric"), ("month", "long"), ("timeZone", "UTC")]
    {
        let _ = js_sys::Reflect::set(&options, &name.into(), &value.into());
    }
    date.to_locale_date_string(t!("format.locale"), &options).into()
}

/// `12,345`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push_str(t!("format.thousands"));
        }
        grouped.push(digit);
    }
    grouped
}

/// `3.1 kB`.
pub fn bytes(number: u64) -> String {
    match number {
        0..1_000 => format!("{number} B"),
        1_000..1_000_000 => format!("{:.1} kB", number as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", number as f64 / 1e6),
        _ => format!("{:.1} GB", number as f64 / 1e9),
    }
}

/// `1, 3`; `none` if there is nothing.
pub fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    if items.is_empty() { t!("format.none").to_owned() } else { items.join(", ") }
}

/// Cuts a long name in its middle.
pub fn shorten(name: &str, most: usize) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= most || most < 5 {
        return name.to_owned();
    }
    let tail = (most - 1) / 2;
    let head = most - 1 - tail;
    let end: String = letters[letters.len() - tail..].iter().collect();
    let begin: String = letters[..head].iter().collect();
    format!("{begin}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(clock(Time(21_204_999)), "00:21.204");
        assert_eq!(clock(Time(3_661_000_000)), "1:01:01.000");
        assert_eq!([count(7), count(1_234), count(1_234_567)], ["7", "1,234", "1,234,567"]);
        assert_eq!([bytes(12), bytes(3_100), bytes(2_500_000)], ["12 B", "3.1 kB", "2.5 MB"]);
        assert_eq!(list([1, 3]), "1, 3");
        assert_eq!(list(Vec::<u8>::new()), "none");
        assert_eq!(shorten("orders-1", 16), "orders-1");
        assert_eq!(shorten("a-very-long-topic-name-12", 12), "a-very…me-12");
    }
}
