//! What shows of Java in the output of Kafka's tools: how log4j prints a time, and the order in which
//! a `HashMap` is gone through.

use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{PartitionIndex, TopicPartition};
use highwater_cluster::log::TimestampMs;

/// The version of Kafka that is simulated, as its tools print it: the one of the recordings that the
/// tests replay.
pub(crate) const KAFKA_VERSION: &str = "4.5.0-SNAPSHOT";

/// The instant as log4j prints it: `2026-01-05 09:00:01,250`.
pub(crate) fn log_time(at: TimestampMs) -> String {
    let (days, of_day) = (at.0.div_euclid(86_400_000), at.0.rem_euclid(86_400_000));
    let (year, month, day) = date(days);
    let (seconds, millis) = (of_day / 1_000, of_day % 1_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02},{millis:03}")
}

/// Writes a line to standard error as log4j does.
pub(crate) fn log(ctx: &mut Ctx<'_>, level: &str, message: &str, logger: &str) {
    let at = log_time(ctx.timestamp());
    ctx.print_error(&format!("[{at}] {level} {message} ({logger})"));
}

/// As [`log`], for an error with the exception that goes with it.
pub(crate) fn log_error(ctx: &mut Ctx<'_>, message: &str, logger: &str, exception: &str) {
    log(ctx, "ERROR", message, logger);
    ctx.print_error(exception);
}

/// Puts entries that are already in the order of their insertion into the order in which a `HashMap`
/// made for as many hands them out: users see it, since Kafka's tools print such maps.
pub(crate) fn hash_map_order<T>(entries: &mut [T], name: impl Fn(&T) -> &str) {
    hash_map_order_by(entries, |entry| string_hash(name(entry)));
}

/// As [`hash_map_order`], for keys that are no text, by their `hashCode`.
pub(crate) fn hash_map_order_by<T>(entries: &mut [T], hash: impl Fn(&T) -> u32) {
    let count = entries.len().max(1);
    let mut buckets = count.next_power_of_two();
    if count > buckets / 4 * 3 + buckets % 4 {
        buckets *= 2;
    }
    sort_by_bucket(entries, buckets, hash);
}

/// As [`hash_map_order`], for a map of that many buckets.
pub(crate) fn hash_map_order_in<T>(entries: &mut [T], buckets: usize, name: impl Fn(&T) -> &str) {
    sort_by_bucket(entries, buckets, |entry| string_hash(name(entry)));
}

fn sort_by_bucket<T>(entries: &mut [T], buckets: usize, hash: impl Fn(&T) -> u32) {
    entries.sort_by_key(|entry| {
        let hash = hash(entry);
        (hash ^ (hash >> 16)) as usize & (buckets - 1)
    });
}

/// Puts entries, in the order of their insertion, into the order in which a `HashSet` or `HashMap` that
/// grew with them hands them out.
pub(crate) fn grown_hash_order<T>(entries: &mut [T], hash: impl Fn(&T) -> u32) {
    let mut buckets: usize = 16;
    while entries.len() > buckets / 4 * 3 {
        buckets *= 2;
    }
    entries.sort_by_key(|entry| {
        let hash = hash(entry);
        (hash ^ (hash >> 16)) as usize & (buckets - 1)
    });
}

/// `Double.toString`: at least one digit behind the point, and an exponent for what is large or small.
pub(crate) fn double(number: f64) -> String {
    let magnitude = number.abs();
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if magnitude.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
        return format!("{number:?}");
    }
    let text = format!("{number:e}").replace('e', "E");
    match text.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
        _ => text,
    }
}

/// `TopicPartition.hashCode`.
pub(crate) fn partition_hash(partition: &TopicPartition) -> u32 {
    let TopicPartition { topic, partition: PartitionIndex(index) } = partition;
    let own = 31_u32.wrapping_add(*index as u32).wrapping_mul(31);
    own.wrapping_add(string_hash(topic.as_str()))
}

/// `String.hashCode`.
pub(crate) fn string_hash(text: &str) -> u32 {
    text.encode_utf16().fold(0, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit.into()))
}

/// The date of a day counted from 1970-01-01, in the Gregorian calendar. Years begin in March here, so
/// that the leap day is the last of its year.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_time(millis: i64, printed: &str) {
        assert_eq!(log_time(TimestampMs(millis)), printed);
    }

    #[test]
    fn times_are_printed_as_log4j_does() {
        check_time(0, "1970-01-01 00:00:00,000");
        check_time(1_709_164_800_000, "2024-02-29 00:00:00,000");
        check_time(1_767_603_601_250, "2026-01-05 09:00:01,250");
        check_time(1_798_761_599_999, "2026-12-31 23:59:59,999");
    }

    #[test]
    fn maps_are_gone_through_in_the_order_of_their_buckets() {
        let mut names = ["assigned", "defaults", "my.topic", "orders", "t1", "users"];
        hash_map_order(&mut names, |name| name);
        assert_eq!(names, ["assigned", "my.topic", "orders", "defaults", "t1", "users"]);
    }
}
