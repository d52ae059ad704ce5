//! `--config NAME=VALUE` of a client: a setting that is simulated is set, one that Kafka has but that is
//! not simulated is checked and said to change nothing, a misspelt one is refused with the name that was
//! meant, and of any other is said what Kafka's clients log.

use highwater_cluster::configs::ConfigKind;

use crate::options::{Given, quote};
use crate::suggest::nearest;

/// Sets all that `--config` gives, and returns what is to be said of them.
///
/// # Errors
/// What Kafka's `ConfigException` says of a value; or that a name is misspelt.
pub(super) fn set_all(
    kind: ConfigKind,
    given: &Given,
    set: impl FnMut(&str, &str) -> Result<(), String>,
) -> Result<Vec<String>, String> {
    set_given(kind, given, "--config", set)
}

/// As [`set_all`], with the settings that stand after another option.
pub(super) fn set_given(
    kind: ConfigKind,
    given: &Given,
    option: &str,
    mut set: impl FnMut(&str, &str) -> Result<(), String>,
) -> Result<Vec<String>, String> {
    let mut notes = Vec::new();
    let mut unknown = Vec::new();
    for text in given.texts(option) {
        let Some((name, value)) = text.split_once('=') else {
            return Err(format!(
                "{option} takes NAME=VALUE, such as metadata.max.age.ms=10000, not {}",
                quote(text)
            ));
        };
        let name = name.trim();
        if kind.is_simulated(name) {
            set(name, value)?;
        } else if let Some(definition) = kind.definition(name) {
            definition.check(value)?;
            notes.push(kind.not_simulated(name));
        } else {
            refuse_misspelt(kind, name)?;
            unknown.push(name);
        }
    }
    if !unknown.is_empty() {
        notes.push(ConfigKind::not_used(&unknown));
    }
    Ok(notes)
}

/// What a command says, and below it what is to be said of settings.
pub(super) fn with_notes(said: String, notes: &[String]) -> String {
    [&[said], notes].concat().join("\n")
}

/// Refuses a name that is nearly one of Kafka's.
fn refuse_misspelt(kind: ConfigKind, name: &str) -> Result<(), String> {
    let known = kind.definitions();
    let names = || known.iter().map(|config| config.name);
    // One that is simulated is likelier meant.
    let simulated = nearest(name, names().filter(|name| kind.is_simulated(name)));
    match simulated.or_else(|| nearest(name, names())) {
        Some(meant) => Err(format!(
            "{} is not a setting of Kafka's {}s; did you mean {meant}?",
            quote(name),
            kind.name()
        )),
        None if name.is_empty() => {
            Err("--config takes NAME=VALUE, and there is no name".to_owned())
        }
        None => Ok(()),
    }
}
