//! The tables against what a real Kafka says of its settings, and what is said of wrong values.

use serde_json::Value;

use super::*;
use crate::configs::check_topic_configs;

const META: &str = include_str!("../../../../../tests/oracle/meta/kafka-meta.json");

/// The setting as the recording has it.
fn as_recorded(config: &Definition) -> Value {
    let mut recorded = serde_json::json!({
        "name": config.name,
        "type": config.config_type.name(),
        "default": config.default.map(as_shown),
        "internal": config.update == Update::Internal,
    });
    let valid = kafkas_notation(config.valid.0);
    if let Some(valid) = valid {
        recorded["validator"] = Value::from(valid);
    }
    recorded
}

/// A default as the recording has it: Java puts a word before the names of classes in a list.
fn as_shown(default: &str) -> String {
    let class = "org.apache.kafka.clients.consumer.";
    if default.contains(',') {
        default.replace(class, &format!("class {class}"))
    } else {
        default.to_owned()
    }
}

/// What is valid, as Kafka's documentation writes it.
fn kafkas_notation(valid: &str) -> Option<String> {
    Some(match valid {
        "" | "*" => return None,
        "text" => "non-empty string".to_owned(),
        "list" => "non-empty list".to_owned(),
        "given" => "non-null string".to_owned(),
        "replicas" => "[partitionId]:[brokerId],[partitionId]:[brokerId],...".to_owned(),
        range if range.contains("..") => {
            let (range, or) = range.split_once('|').unwrap_or((range, ""));
            let (least, most) = range.split_once("..").unwrap();
            let most = if most.is_empty() { String::new() } else { format!(",{most}") };
            let or = if or.is_empty() { String::new() } else { format!(" or {or}") };
            format!("[{least},...{most}]{or}")
        }
        words => {
            let case = if words.starts_with('~') { "(case insensitive) " } else { "" };
            format!("{case}[{}]", words.trim_start_matches('~').replace('|', ", "))
        }
    })
}

fn check_against_recording(section: &str, table: Vec<Definition>) {
    let meta: Value = serde_json::from_str(META).unwrap();
    let recorded = meta[section].as_array().unwrap();
    // What has no place in a broker's file is in no list of Kafka's.
    let table: Vec<Definition> =
        table.into_iter().filter(|config| config.update != Update::DynamicOnly).collect();
    assert_eq!(table.len(), recorded.len(), "{section}");
    for (config, recorded) in table.iter().zip(recorded) {
        let mut recorded = recorded.clone();
        let fields = recorded.as_object_mut().unwrap();
        fields.remove("importance");
        fields.remove("required");
        if fields.get("validator").is_some_and(|text| text == "") {
            fields.remove("validator");
        }
        assert_eq!(as_recorded(config), recorded);
    }
}

#[test]
fn the_tables_are_kafkas() {
    check_against_recording("topic", topic_configs().collect());
    check_against_recording("broker", broker_configs().collect());
    check_against_recording("producer", producer_configs());
    check_against_recording("consumer", consumer_configs());
    check_against_recording("admin", admin_configs());
}

#[test]
fn names_are_found_and_ascend() {
    for config in topic_configs() {
        assert_eq!(topic_config(config.name), Some(config));
    }
    for kind in ConfigKind::ALL {
        for config in kind.definitions() {
            assert_eq!(kind.definition(config.name), Some(config), "{}", kind.name());
        }
        assert_eq!(kind.definition("bootstrap"), None);
    }
    let names: Vec<&str> = broker_configs().map(|config| config.name).collect();
    assert!(names.is_sorted());
    assert!(names.iter().all(|name| broker_config(name).is_some_and(|found| found.name == *name)));
    assert_eq!(topic_config("retention"), None);
    assert_eq!(broker_config(""), None);
}

#[test]
fn defaults_are_valid_and_brokers_and_topics_agree_on_them() {
    let all = ConfigKind::ALL.into_iter().flat_map(ConfigKind::definitions);
    // Kafka's own default of this one is in other letters than its list of what is valid.
    for config in all.filter(|config| config.name != "share.acquire.mode") {
        assert_eq!(config.default.map_or(Ok(()), |value| config.check(value)), Ok(()));
    }
    for config in topic_configs().filter(|config| config.synonyms().next().is_some()) {
        let given = config.synonyms().find_map(|(name, factor)| {
            let default = broker_config(name).expect("a synonym is a broker's setting").default?;
            Some(if factor == 1 {
                default.to_owned()
            } else {
                (default.parse::<i64>().unwrap() * factor).to_string()
            })
        });
        assert_eq!(given.as_deref(), config.default, "{}", config.name);
    }
}

#[test]
fn settings_of_time_have_synonyms() {
    let all = ["log.retention.ms", "log.retention.minutes", "log.retention.hours"];
    assert_eq!(broker_synonyms("log.retention.hours"), all);
    assert_eq!(broker_synonyms("log.roll.ms"), ["log.roll.ms", "log.roll.hours"]);
    assert_eq!(broker_synonyms("log.flush.interval.ms").len(), 2);
    assert_eq!(broker_synonyms("log.flush.scheduler.interval.ms").len(), 1);
    assert_eq!(broker_synonyms("node.id"), ["node.id"]);
}

/// Settings of a topic that is new, and what Kafka says of them.
fn check(configs: &[(&str, &str)], expected: Result<(), &str>) {
    let configs = configs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let found = check_topic_configs(&configs, false);
    assert_eq!(found.as_ref().map(|_| ()).map_err(String::as_str), expected, "{configs:?}");
}

#[test]
fn settings_are_refused_in_kafkas_words() {
    for (name, value, reason) in [
        ("cleanup.policy", "shred", "String must be one of: compact, delete"),
        ("retention.ms", "abc", "Not a number of type LONG"),
        ("segment.bytes", "-1", "Value must be at least 1048576"),
        ("segment.bytes", "9999999999", "Not a number of type INT"),
        ("compression.gzip.level", "0", "Value must be at least 1"),
        ("compression.gzip.level", "10", "Value must be no more than 9"),
        ("min.cleanable.dirty.ratio", "1.1", "Value must be no more than 1"),
        ("min.cleanable.dirty.ratio", "-.5", "Value must be at least 0"),
        ("min.cleanable.dirty.ratio", "1000e-2", "Value must be no more than 1"),
        ("min.cleanable.dirty.ratio", "9e999999999", "Value must be no more than 1"),
        ("min.cleanable.dirty.ratio", "inf", "Not a number of type DOUBLE"),
        ("min.cleanable.dirty.ratio", ".", "Not a number of type DOUBLE"),
        ("unclean.leader.election.enable", "yes", "Expected value to be either true or false"),
        (
            "leader.replication.throttled.replicas",
            "1-2",
            "leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the \
             following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
        ),
    ] {
        let expected = format!("Invalid value {value} for configuration {name}: {reason}");
        check(&[(name, value)], Err(&expected));
    }
    check(&[("retention.hours", "1")], Err("Unknown topic config name: retention.hours"));
    check(
        &[("min.compaction.lag.ms", "9"), ("max.compaction.lag.ms", "8")],
        Err("conflict topic config setting min.compaction.lag.ms (9) > max.compaction.lag.ms (8)"),
    );
    check(
        &[("remote.storage.enable", "true")],
        Err(
            "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with \
             remote log storage.",
        ),
    );
}

#[test]
fn settings_are_accepted_as_kafka_does() {
    for (name, value) in [
        ("cleanup.policy", "compact, delete"),
        ("cleanup.policy", ""),
        ("compression.gzip.level", "-1"),
        ("retention.ms", " -1 "),
        ("internal.segment.bytes", "1000"),
        ("min.cleanable.dirty.ratio", "1e-2"),
        ("min.cleanable.dirty.ratio", "+10.0E-1"),
        ("min.cleanable.dirty.ratio", "1e-999999999"),
        ("follower.replication.throttled.replicas", "0:1,1:2"),
        ("follower.replication.throttled.replicas", "*"),
    ] {
        check(&[(name, value)], Ok(()));
    }
}
