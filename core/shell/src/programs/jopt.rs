//! Options as `joptsimple` reads them, which Kafka's tools are built with, and what it says when they
//! are wrong.

use crate::java::KAFKA_VERSION;
use crate::old_forms::instead_of;
use crate::options::{Given, Operands, Opt, OptionError, OptionErrorKind, Takes, parse};
use crate::words::Word;

/// Why a tool does nothing: what it prints, and its exit code.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Refused {
    pub(crate) code: i32,
    pub(crate) output: Vec<String>,
    pub(crate) errors: Vec<String>,
}

/// Reads a tool's words. `about` is what the tool says of itself when it is asked for help, or nothing;
/// `as_printed` makes of an exception, with its class and message, what the tool prints first.
pub(crate) fn read(
    spec: &'static [Opt],
    words: &[Word],
    about: &str,
    as_printed: fn(&str, &str) -> String,
) -> Result<Given, Refused> {
    if words.is_empty() {
        return Err(refused_with_usage(spec, about));
    }
    // Words that belong to no option are passed over, as the tools do.
    let given = parse(spec, Operands::Accepted, &with_two_dashes(spec, words))
        .map_err(|error| option_error(&error, as_printed))?;
    if given.has("--help") {
        return Err(refused_with_usage(spec, about));
    }
    if given.has("--version") {
        return Err(Refused { output: vec![KAFKA_VERSION.to_owned()], ..Refused::default() });
    }
    Ok(given)
}

/// As [`read`], for a tool that prints its help below everything that is wrong with an option.
pub(crate) fn read_or_usage(
    spec: &'static [Opt],
    words: &[Word],
    about: &str,
) -> Result<Given, Refused> {
    read(spec, words, about, |_, message| message.to_owned()).map_err(|mut refused| {
        if refused.code != 0 && refused.errors.len() <= 2 {
            refused.errors.splice(1..1, usage(spec));
        }
        refused
    })
}

pub(crate) fn refused(error: impl Into<String>) -> Refused {
    Refused { code: 1, output: Vec::new(), errors: vec![error.into()] }
}

/// `CommandLineUtils.printUsageAndExit`.
pub(crate) fn refused_with_usage(spec: &[Opt], error: &str) -> Refused {
    let mut refused = refused(error);
    refused.errors.extend(usage(spec));
    refused
}

/// The help, a line an option.
pub(crate) fn usage(spec: &[Opt]) -> Vec<String> {
    let row = |left: &str, right: &str| format!("{left:<56} {right}");
    let mut lines = vec![row("Option", "Description"), row("------", "-----------")];
    lines.extend(spec.iter().map(|option| {
        let left = match option.takes {
            Takes::Nothing => option.name.to_owned(),
            _ => format!("{} <{}>", option.name, option.placeholder),
        };
        row(&left, option.help)
    }));
    lines
}

/// Long options may be written with one dash, as `joptsimple` allows.
pub(crate) fn with_two_dashes(spec: &[Opt], words: &[Word]) -> Vec<Word> {
    let is_known = |text: &str| {
        let name = text.split('=').next().unwrap_or(text);
        spec.iter().any(|option| option.name == name)
    };
    let two_dashes = |word: &Word| {
        let text = format!("-{}", word.text);
        let is_option = word.text.starts_with('-') && is_known(&text);
        Word { text: if is_option { text } else { word.text.clone() }, ..word.clone() }
    };
    words.iter().map(two_dashes).collect()
}

fn option_error(error: &OptionError, as_printed: fn(&str, &str) -> String) -> Refused {
    let name = error.option.trim_start_matches('-');
    let (class, message) = match error.kind {
        OptionErrorKind::Unknown => {
            ("UnrecognizedOptionException", format!("{name} is not a recognized option"))
        }
        OptionErrorKind::NoValue => (
            "OptionMissingRequiredArgumentException",
            format!("Option {name} requires an argument"),
        ),
        OptionErrorKind::Repeated => (
            "MultipleArgumentsForOptionException",
            format!("Found multiple arguments for option {name}, but you asked for only one"),
        ),
        OptionErrorKind::BadValue => (
            "OptionArgumentConversionException",
            format!("Cannot parse argument '{}' of option {name}", error.found.trim_matches('"')),
        ),
        _ => ("OptionException", error.to_string()),
    };
    let mut refused = refused(as_printed(&format!("joptsimple.{class}"), &message));
    let is_unknown = error.kind == OptionErrorKind::Unknown;
    if let Some(hint) = instead_of(name).filter(|_| is_unknown) {
        refused.errors.push(hint.to_owned());
    } else if let Some(suggestion) = &error.suggestion {
        refused.errors.push(format!("Highwater: did you mean {suggestion}?"));
    }
    refused
}
