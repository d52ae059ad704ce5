//! `--command-config FILE` of a client that is started: its settings from a file, as Kafka's tools take them. The file's
//! lines become the options that they stand for.

use highwater_cluster::configs::ConfigKind;
use highwater_cluster::ctx::Ctx;

use crate::options::Opt;
use crate::programs::clients::properties;
use crate::words::Word;

/// The option.
const NAME: &str = "--command-config";
/// As the tables of options have it.
pub(super) const OPTION: Opt = Opt::text(NAME, "FILE", "a file of settings by Kafka's names");

/// The words with the settings of the file in the option's place. What is given by itself counts more: it comes later.
///
/// # Errors
/// There is no such file.
pub(super) fn expanded(
    ctx: &Ctx<'_>,
    command: &str,
    verb: &str,
    words: &[Word],
) -> Result<Vec<Word>, String> {
    let takes_it = ["producer", "consumer", "share-consumer", "app"].contains(&command);
    let place = words.iter().position(|word| {
        word.text == NAME || word.text.strip_prefix(NAME).is_some_and(|rest| rest.starts_with('='))
    });
    let Some(place) = place.filter(|_| takes_it && verb == "start") else {
        return Ok(words.to_vec());
    };
    let option = &words[place];
    let (path, taken) = match option.text.split_once('=') {
        Some((_, path)) => (path, 1),
        None => (words.get(place + 1).map_or("", |word| word.text.as_str()), 2),
    };
    let file = properties::file(ctx, path).map_err(|error| match error.split_once('\n') {
        Some((_, hint)) => hint.trim_start_matches("Highwater: ").to_owned(),
        None => error,
    })?;
    let mut settings = Vec::new();
    for (name, value) in file {
        for option_name in options_for(command, &name) {
            let word = |text: String| Word { text, ..option.clone() };
            settings.push(word((*option_name).to_owned()));
            settings.push(word(format!("{name}={value}")));
        }
    }
    // The name of the client comes first, and stays there.
    let (before, after) = words.split_at(place);
    let after = after.get(taken..).unwrap_or_default();
    let name = before.len().min(1);
    Ok([&before[..name], &settings, &before[name..], after].concat())
}

/// The options that give a setting of that name to a client: an application has two.
fn options_for(command: &str, name: &str) -> &'static [&'static str] {
    let is_of = |kind: ConfigKind| kind.definition(name).is_some();
    match command {
        "app" => match (is_of(ConfigKind::Consumer), is_of(ConfigKind::Producer)) {
            (true, true) => &["--consumer-config", "--producer-config"],
            (false, true) => &["--producer-config"],
            _ => &["--consumer-config"],
        },
        _ => &["--config"],
    }
}
