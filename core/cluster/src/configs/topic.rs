//! Whether a topic may have its settings: `LogConfig.validate`.

use highwater_log::AS_IN_ALL;

use super::boolean;
use super::definition::topic_config;
use super::layers::Configs;

/// Checks all settings that a topic is given, each for itself and against each other. `has_tiers` is
/// `remote.log.storage.system.enable` of the brokers.
///
/// # Errors
/// What Kafka's exception says.
pub fn check_topic_configs(configs: &Configs, has_tiers: bool) -> Result<(), String> {
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
    if is_true(configs, "remote.storage.enable") {
        check_remote_storage(configs, has_tiers)?;
    }
    Ok(())
}

/// Checks that remote storage is not turned off in a way that leaves data in the remote tier:
/// `validateTurningOffRemoteStorageWithDelete`.
///
/// # Errors
/// What Kafka's exception says.
pub fn check_remote_storage_change(before: &Configs, after: &Configs) -> Result<(), String> {
    let enabled = "remote.storage.enable";
    let is_turned_off = is_true(before, enabled) && !is_true(after, enabled);
    if is_turned_off && !is_true(after, "remote.log.delete.on.disable") {
        return Err(
            "It is invalid to disable remote storage without deleting remote data. If you want to keep \
             the remote data and turn to read only, please set `remote.storage.enable=true,\
             remote.log.copy.disable=true`. If you want to disable remote storage and delete all remote \
             data, please set `remote.storage.enable=false,remote.log.delete.on.disable=true`."
                .to_owned(),
        );
    }
    Ok(())
}

/// What a topic with `remote.storage.enable` may not have.
fn check_remote_storage(configs: &Configs, has_tiers: bool) -> Result<(), String> {
    if !has_tiers {
        return Err("Tiered Storage functionality is disabled in the broker. \
                    Topic cannot be configured with remote log storage."
            .to_owned());
    }
    if text(configs, "cleanup.policy").to_ascii_lowercase().contains("compact") {
        return Err("Remote log storage is unsupported for the compacted topics".to_owned());
    }
    for unit in ["bytes", "ms"] {
        let (all, local) = (format!("retention.{unit}"), format!("local.retention.{unit}"));
        let (kept, on_disk) = (number(configs, &all), number(configs, &local));
        if on_disk == AS_IN_ALL {
            continue;
        }
        let reason = match on_disk {
            _ if kept <= -1 => None,
            -1 => Some(format!("Value must not be -1 as {all} value is set as {kept}.")),
            _ if on_disk > kept => {
                Some(format!("Value must not be more than {all} property value: {kept}"))
            }
            _ => None,
        };
        if let Some(reason) = reason {
            return Err(format!("Invalid value {on_disk} for configuration {local}: {reason}"));
        }
    }
    if is_true(configs, "remote.log.copy.disable") {
        for unit in ["bytes", "ms"] {
            let (all, local) = (format!("retention.{unit}"), format!("local.retention.{unit}"));
            let on_disk = number(configs, &local);
            if on_disk != AS_IN_ALL && on_disk != number(configs, &all) {
                return Err(format!(
                    "When `remote.log.copy.disable` is set to true, the `{local}` and `{all}` must be set \
                     to the identical value because there will be no more logs copied to the remote storage."
                ));
            }
        }
    }
    Ok(())
}

fn is_true(configs: &Configs, name: &str) -> bool {
    boolean(text(configs, name)) == Some(true)
}

/// A setting as it is given, or Kafka's default.
fn text<'a>(configs: &'a Configs, name: &str) -> &'a str {
    let given = configs.get(name).map(|value| value.trim());
    given.or_else(|| topic_config(name)?.default).unwrap_or_default()
}

/// A setting that is a number, or Kafka's default.
fn number(configs: &Configs, name: &str) -> i64 {
    text(configs, name).parse().unwrap_or_default()
}
