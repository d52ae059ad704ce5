//! What the documentation says of the settings is what the code does.

use highwater_scenario::cluster::configs::{ConfigKind, Extent};
use highwater_tests::{config_table, engine_texts};
use serde_json::Value;

const META: &str = include_str!("../oracle/meta/kafka-meta.json");

#[test]
fn what_follows_from_the_code_is_up_to_date() {
    let files = [
        (config_table::path(), config_table::text()),
        (engine_texts::path(), engine_texts::text()),
    ];
    for (path, text) in files {
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == text, "{} is out of date: run `cargo xtask docs`", path.display());
    }
}

/// The rows of the file itself against what a real Kafka said of its settings.
#[test]
fn the_table_has_every_setting_with_kafkas_default() {
    let written = std::fs::read_to_string(config_table::path()).expect("the table is there");
    let meta: Value = serde_json::from_str(META).expect("the recording is JSON");
    for (section, title) in [
        ("producer", "producer"),
        ("consumer", "consumer"),
        ("topic", "topic"),
        ("broker", "broker"),
        ("admin", "admin client"),
    ] {
        let (_, part) =
            written.split_once(&format!("\n## Settings of {title}s\n")).expect("it has a part");
        let part = part.split_once("\n## ").map_or(part, |(part, _)| part);
        for config in meta[section].as_array().expect("the recording has it") {
            let is_internal = config["internal"] == Value::Bool(true);
            let default = match config["default"].as_str() {
                None => "none".to_owned(),
                Some("") => "empty".to_owned(),
                Some(default) => format!("`{}`", default.replace("class ", "")),
            };
            let kafkas_type = config["type"].as_str().expect("it has a type").to_lowercase();
            let name = config["name"].as_str().expect("it has a name");
            let row = format!("| `{name}` | {kafkas_type} | {default} | ");
            assert_eq!(part.contains(&row), !is_internal, "{section}: {row}");
        }
    }
}

#[test]
fn a_phrase_stands_only_where_kafka_has_the_setting() {
    for kind in ConfigKind::ALL {
        let partly = kind.definitions().into_iter().filter(|config| {
            matches!(kind.extent(config.name), Extent::Partly(phrase) if !phrase.is_empty())
        });
        let has_none = matches!(kind, ConfigKind::Topic | ConfigKind::Group);
        assert!(partly.count() > 0 || has_none, "{}", kind.name());
    }
}
