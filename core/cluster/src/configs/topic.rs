//! Whether a topic may have its settings: `LogConfig.validate`.

use super::definition::topic_config;
use super::layers::Configs;

/// Checks all settings that a topic is given, each for itself and against each other.
///
/// # Errors
/// What Kafka's exception says.
pub fn check_topic_configs(configs: &Configs) -> Result<(), String> {
    if let Some(unknown) = configs.keys().find(|name| topic_config(name).is_none()) {
        return Err(format!("Unknown topic config name: {unknown}"));
    }
    for (name, value) in configs {
        topic_config(name).map_or(Ok(()), |config| config.check(value))?;
    }
    let (least, most) = ("min.compaction.lag.ms", "max.compaction.lag.ms");
    let (least_ms, most_ms) = (number(configs, least), number(configs, most));
    if least_ms > most_ms {
        return Err(format!(
            "conflict topic config setting {least} ({least_ms}) > {most} ({most_ms})"
        ));
    }
    let is_remote = configs.get("remote.storage.enable");
    if is_remote.is_some_and(|value| value.trim().eq_ignore_ascii_case("true")) {
        // `remote.log.storage.system.enable` is false, and there is no tiered storage here.
        return Err("Tiered Storage functionality is disabled in the broker. \
                    Topic cannot be configured with remote log storage."
            .to_owned());
    }
    Ok(())
}

/// A setting that is a number, or Kafka's default.
fn number(configs: &Configs, name: &str) -> i64 {
    let given = configs.get(name).map(|value| &**value);
    let text = given.or_else(|| topic_config(name)?.default);
    text.and_then(|text| text.trim().parse().ok()).unwrap_or_default()
}
