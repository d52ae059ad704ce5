//! The settings that a topic can have, with what each can hold: `LogConfig`.

/// A setting of topics.
#[derive(Clone, Copy, Debug)]
pub(super) struct TopicConfig {
    pub(super) name: &'static str,
    pub(super) default: &'static str,
    kind: Kind,
}

/// What a setting can hold.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Boolean,
    /// A 32-bit number within a range.
    Int(i64, i64),
    /// A 64-bit number, at least this.
    Long(i64),
    /// A number from 0 to 1.
    Ratio,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Any of these words, separated by commas.
    AnyOf(&'static [&'static str]),
    /// Anything.
    Text,
}

const MAX_INT: i64 = i32::MAX as i64;
const MAX_LONG: &str = "9223372036854775807";
const CODECS: &[&str] = &["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"];

/// All settings of topics, by name.
pub(super) const TOPIC_CONFIGS: &[TopicConfig] = &[
    config("cleanup.policy", "delete", Kind::AnyOf(&["compact", "delete"])),
    config("compression.gzip.level", "-1", Kind::Int(-1, 9)),
    config("compression.lz4.level", "9", Kind::Int(1, 17)),
    config("compression.type", "producer", Kind::OneOf(CODECS)),
    config("compression.zstd.level", "3", Kind::Int(-131_072, 22)),
    config("delete.retention.ms", "86400000", Kind::Long(0)),
    config("errors.deadletterqueue.group.enable", "false", Kind::Boolean),
    config("file.delete.delay.ms", "60000", Kind::Long(0)),
    config("flush.messages", MAX_LONG, Kind::Long(1)),
    config("flush.ms", MAX_LONG, Kind::Long(0)),
    config("follower.replication.throttled.replicas", "", Kind::Text),
    config("index.interval.bytes", "4096", Kind::Int(0, MAX_INT)),
    config("leader.replication.throttled.replicas", "", Kind::Text),
    config("local.retention.bytes", "-2", Kind::Long(-2)),
    config("local.retention.ms", "-2", Kind::Long(-2)),
    config("max.compaction.lag.ms", MAX_LONG, Kind::Long(1)),
    config("max.message.bytes", "1048588", Kind::Int(0, MAX_INT)),
    config("message.timestamp.after.max.ms", "3600000", Kind::Long(0)),
    config("message.timestamp.before.max.ms", MAX_LONG, Kind::Long(0)),
    config("message.timestamp.type", "CreateTime", Kind::OneOf(&["CreateTime", "LogAppendTime"])),
    config("min.cleanable.dirty.ratio", "0.5", Kind::Ratio),
    config("min.compaction.lag.ms", "0", Kind::Long(0)),
    config("min.insync.replicas", "1", Kind::Int(1, MAX_INT)),
    config("preallocate", "false", Kind::Boolean),
    config("remote.copy.lag.bytes", "-1", Kind::Long(-1)),
    config("remote.copy.lag.ms", "0", Kind::Long(-1)),
    config("remote.log.copy.disable", "false", Kind::Boolean),
    config("remote.log.delete.on.disable", "false", Kind::Boolean),
    config("remote.storage.enable", "false", Kind::Boolean),
    config("retention.bytes", "-1", Kind::Long(i64::MIN)),
    config("retention.ms", "604800000", Kind::Long(-1)),
    config("segment.bytes", "1073741824", Kind::Int(1 << 20, MAX_INT)),
    config("segment.index.bytes", "10485760", Kind::Int(4, MAX_INT)),
    config("segment.jitter.ms", "0", Kind::Long(0)),
    config("segment.ms", "604800000", Kind::Long(1)),
    config("unclean.leader.election.enable", "false", Kind::Boolean),
];

/// Checks a setting of a topic, in Kafka's words.
pub(super) fn validate(name: &str, value: &str) -> Result<(), String> {
    let Some(config) = TOPIC_CONFIGS.iter().find(|config| config.name == name) else {
        return Err(format!("Unknown topic config name: {name}"));
    };
    config.kind.check(value).map_err(|(value, reason)| {
        format!("Invalid value {value} for configuration {name}: {reason}")
    })
}

/// The value of a setting that a topic was not given, where the cluster has another default than
/// Kafka.
pub(super) fn default_value(config: &TopicConfig, min_insync_replicas: i64) -> String {
    match config.name {
        "min.insync.replicas" => min_insync_replicas.to_string(),
        _ => config.default.to_owned(),
    }
}

const fn config(name: &'static str, default: &'static str, kind: Kind) -> TopicConfig {
    TopicConfig { name, default, kind }
}

/// The value that is wrong, and what is wrong with it.
type Wrong<'a> = (&'a str, String);

impl Kind {
    fn check(self, value: &str) -> Result<(), Wrong<'_>> {
        let value = value.trim();
        let wrong = |reason: &str| Err((value, reason.to_owned()));
        match self {
            Kind::Text => Ok(()),
            Kind::Boolean if is_boolean(value) => Ok(()),
            Kind::Boolean => wrong("Expected value to be either true or false"),
            Kind::Int(least, most) => match value.parse::<i32>() {
                Ok(number) => in_range(value, number.into(), least, most),
                Err(_) => wrong("Not a number of type INT"),
            },
            Kind::Long(least) => match value.parse::<i64>() {
                Ok(number) => in_range(value, number, least, i64::MAX),
                Err(_) => wrong("Not a number of type LONG"),
            },
            Kind::Ratio => ratio(value),
            Kind::OneOf(words) => one_of(value, words),
            Kind::AnyOf(_) if value.is_empty() => Ok(()),
            Kind::AnyOf(words) => value.split(',').try_for_each(|word| one_of(word.trim(), words)),
        }
    }
}

fn is_boolean(value: &str) -> bool {
    value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false")
}

fn in_range(value: &str, number: i64, least: i64, most: i64) -> Result<(), Wrong<'_>> {
    if number < least {
        return Err((value, format!("Value must be at least {least}")));
    }
    if number > most {
        return Err((value, format!("Value must be no more than {most}")));
    }
    Ok(())
}

fn one_of<'a>(value: &'a str, words: &[&str]) -> Result<(), Wrong<'a>> {
    if words.contains(&value) {
        return Ok(());
    }
    Err((value, format!("String must be one of: {}", words.join(", "))))
}

/// A decimal number from 0 to 1, read without floating point.
fn ratio(value: &str) -> Result<(), Wrong<'_>> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (sign, number) = value.strip_prefix('-').map_or(("", value), |number| ("-", number));
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    if whole.len() + decimals.len() == 0 || !digits(whole) || !digits(decimals) {
        return Err((value, "Not a number of type DOUBLE".to_owned()));
    }
    let is_zero = |text: &str| text.bytes().all(|byte| byte == b'0');
    if sign == "-" && !(is_zero(whole) && is_zero(decimals)) {
        return Err((value, "Value must be at least 0".to_owned()));
    }
    match whole.trim_start_matches('0') {
        "" => Ok(()),
        "1" if is_zero(decimals) => Ok(()),
        _ => Err((value, "Value must be no more than 1".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_valid() {
        for config in TOPIC_CONFIGS {
            assert_eq!(validate(config.name, config.default), Ok(()), "{}", config.name);
        }
    }

    #[test]
    fn settings_are_refused_in_kafkas_words() {
        for (name, value, message) in [
            (
                "cleanup.policy",
                "shred",
                "Invalid value shred for configuration cleanup.policy: String must be one of: compact, delete",
            ),
            (
                "retention.ms",
                "abc",
                "Invalid value abc for configuration retention.ms: Not a number of type LONG",
            ),
            (
                "segment.bytes",
                "-1",
                "Invalid value -1 for configuration segment.bytes: Value must be at least 1048576",
            ),
            (
                "min.cleanable.dirty.ratio",
                "1.1",
                "Invalid value 1.1 for configuration min.cleanable.dirty.ratio: Value must be no more than 1",
            ),
            (
                "unclean.leader.election.enable",
                "yes",
                "Invalid value yes for configuration unclean.leader.election.enable: Expected value to be either true or false",
            ),
            ("retention.hours", "1", "Unknown topic config name: retention.hours"),
        ] {
            assert_eq!(validate(name, value), Err(message.to_owned()));
        }
        assert_eq!(validate("cleanup.policy", "compact, delete"), Ok(()));
    }
}
