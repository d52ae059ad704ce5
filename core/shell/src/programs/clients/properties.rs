//! Settings as the tools take them: `name=value` words, and files of such lines.

use highwater_cluster::ctx::Ctx;

use crate::options::Given;
use crate::shell::file_name;

/// Settings in order; a later one counts.
pub(crate) type Properties = Vec<(String, String)>;

/// `CommandLineUtils.parseKeyValueArgs`. The error is what it says.
pub(crate) fn parse(words: &[&str]) -> Result<Properties, String> {
    let pair = |word: &&str| match word.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("Missing property value: {word}")),
    };
    words.iter().map(pair).collect()
}

/// The settings of an option that may be given more than once.
pub(crate) fn given(given: &Given, option: &str) -> Result<Properties, String> {
    parse(&given.texts(option).collect::<Vec<_>>())
}

/// The settings of files, then those of options, which count.
pub(crate) fn all(
    ctx: &Ctx<'_>,
    words: &Given,
    files: &[&str],
    options: &[&str],
) -> Result<Properties, String> {
    let mut all = Vec::new();
    for path in files.iter().filter_map(|option| words.text(option)) {
        all.extend(file(ctx, path)?);
    }
    for option in options {
        all.extend(given(words, option)?);
    }
    Ok(all)
}

/// A file of settings: a line each, `#` before a comment.
pub(crate) fn file(ctx: &Ctx<'_>, path: &str) -> Result<Properties, String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let content = ctx.file(&file_name(path)).or_else(|| ctx.file(name));
    let content = content.ok_or_else(|| {
        format!("java.nio.file.NoSuchFileException: {path}\nHighwater: there is no file {name}: put it in place first")
    })?;
    let text = String::from_utf8_lossy(&content).into_owned();
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with(['#', '!']));
    let pair = |line: &str| {
        let (name, value) = line.split_once(['=', ':']).unwrap_or((line, ""));
        (name.trim().to_owned(), value.trim().to_owned())
    };
    Ok(lines.map(pair).collect())
}

/// The value that counts of a setting.
pub(crate) fn get<'a>(properties: &'a Properties, name: &str) -> Option<&'a str> {
    let found = properties.iter().rev().find(|(given, _)| given == name);
    found.map(|(_, value)| value.as_str())
}

/// Sets what was given. Answers what there is to say of settings that do nothing here; the error is
/// what Kafka's client ends with.
pub(crate) fn set_all(
    all: &Properties,
    mut set: impl FnMut(&str, &str) -> Result<(), String>,
) -> Result<Vec<String>, String> {
    let mut notes = Vec::new();
    for (name, value) in all {
        if let Err(message) = set(name, value) {
            if !message.contains("that is simulated") {
                return Err(config_exception(&message));
            }
            if !matches!(
                name.as_str(),
                "bootstrap.servers"
                    | "key.serializer"
                    | "value.serializer"
                    | "key.deserializer"
                    | "value.deserializer"
                    | "allow.auto.create.topics"
            ) {
                notes.push(format!("Highwater: {name} changes nothing here: it is not simulated"));
            }
        }
    }
    Ok(notes)
}

/// What Kafka's clients say of a setting that cannot be.
pub(crate) fn config_exception(message: &str) -> String {
    format!("org.apache.kafka.common.config.ConfigException: {message}")
}
