//! Arguments as `argparse4j` reads them: a main parser with options, then a command with its own; and
//! what it says when they are wrong, the usage first.

use crate::old_forms::instead_of;
use crate::options::{Given, Operands, Opt, OptionError, OptionErrorKind, Takes, parse};
use crate::programs::jopt::Refused;
use crate::suggest::nearest;
use crate::words::Word;

/// How wide the usage may be.
const WIDTH: usize = 75;

/// A command of a tool, with its options.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Command {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    pub(crate) options: &'static [Opt],
    /// Of these options exactly one must be given.
    pub(crate) one_of: &'static [&'static str],
}

/// A tool's arguments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parser {
    pub(crate) program: &'static str,
    pub(crate) about: &'static str,
    /// The options before the command.
    pub(crate) options: &'static [Opt],
    /// Of these of them exactly one must be given.
    pub(crate) one_of: &'static [&'static str],
    /// How the command is called in the usage; its names, if it has no name there.
    pub(crate) metavar: &'static str,
    pub(crate) commands: &'static [Command],
}

/// What was given: before the command, the command, and after it.
#[derive(Clone, Debug)]
pub(crate) struct Parsed {
    pub(crate) main: Given,
    pub(crate) command: &'static str,
    pub(crate) own: Given,
}

impl Parser {
    pub(crate) fn read(&'static self, words: &[Word]) -> Result<Parsed, Refused> {
        let at = self.command_at(words);
        let (before, after) = words.split_at(at.unwrap_or(words.len()));
        if is_help(before) {
            return Err(Refused { output: self.help(None), ..Refused::default() });
        }
        // What must be given is asked for last: the command's own options first.
        let main = parse(&optional(self.options), Operands::Accepted, before)
            .map_err(|error| self.refused(None, &message(self.options, &error)))?;
        let Some((name, own_words)) = after.split_first() else {
            return Err(self.refused(None, "too few arguments"));
        };
        let Some(command) = self.commands.iter().find(|command| command.name == name.text) else {
            let names: Vec<String> =
                self.commands.iter().map(|command| format!("'{}'", command.name)).collect();
            let message =
                format!("invalid choice: '{}' (choose from {})", name.text, names.join(", "));
            return Err(self.refused(None, &message));
        };
        if is_help(own_words) {
            return Err(Refused { output: self.help(Some(command)), ..Refused::default() });
        }
        let own = parse(&optional(command.options), Operands::Accepted, own_words)
            .map_err(|error| self.refused(Some(command), &message(command.options, &error)))?;
        if let Some(stray) = own.operands.first() {
            let message = format!("unrecognized arguments: '{}'", stray.text);
            return Err(self.refused(Some(command), &message));
        }
        let complete = |options: &[Opt], one_of: &[&str], given: &Given| {
            required(options, given).and_then(|()| exactly_one(one_of, given))
        };
        complete(command.options, command.one_of, &own)
            .map_err(|wrong| self.refused(Some(command), &wrong))?;
        complete(self.options, self.one_of, &main).map_err(|wrong| self.refused(None, &wrong))?;
        Ok(Parsed { main, command: command.name, own })
    }

    /// Reads the words of a tool without commands.
    pub(crate) fn read_plain(&'static self, words: &[Word]) -> Result<Given, Refused> {
        if words.is_empty() || is_help(words) {
            return Err(Refused { output: self.help(None), ..Refused::default() });
        }
        let given = parse(&optional(self.options), Operands::Accepted, words)
            .map_err(|error| self.refused(None, &message(self.options, &error)))?;
        if let Some(stray) = given.operands.first() {
            return Err(self.refused(None, &format!("unrecognized arguments: '{}'", stray.text)));
        }
        required(self.options, &given)
            .and_then(|()| exactly_one(self.one_of, &given))
            .map_err(|wrong| self.refused(None, &wrong))?;
        Ok(given)
    }

    /// Where the command stands: the first word that is no option and no option's value.
    fn command_at(&self, words: &[Word]) -> Option<usize> {
        let mut place = 0;
        while let Some(word) = words.get(place) {
            if !word.text.starts_with('-') {
                return Some(place);
            }
            let option = self.options.iter().find(|option| option.is_called(&word.text));
            let takes = option.is_some_and(|option| option.takes != Takes::Nothing);
            place += 1 + usize::from(takes);
        }
        None
    }

    /// What is wrong, below the usage.
    pub(crate) fn refused(&self, command: Option<&Command>, message: &str) -> Refused {
        let mut errors = self.usage(command);
        errors.push(format!("{}: error: {message}", self.program));
        let unknown = message.strip_prefix("unrecognized arguments: '");
        if let Some(option) = unknown.and_then(|rest| rest.strip_suffix('\'')) {
            let own = command.map_or(&[][..], |command| command.options);
            errors.extend(hint(option, self.options.iter().chain(own)));
        }
        Refused { code: 1, output: Vec::new(), errors }
    }

    fn usage(&self, command: Option<&Command>) -> Vec<String> {
        let head = format!("usage: {}", self.program);
        let mut parts = Vec::new();
        match command {
            None => {
                parts.push("[-h]".to_owned());
                parts.extend(shown(self.options, self.one_of, false));
                let names: Vec<&str> = self.commands.iter().map(|command| command.name).collect();
                if !names.is_empty() {
                    parts.push(match self.metavar {
                        "" => format!("{{{}}}", names.join(",")),
                        metavar => metavar.to_owned(),
                    });
                    parts.push("...".to_owned());
                }
            }
            Some(command) => {
                // Of the main parser's options those that must be given.
                parts.extend(shown(self.options, self.one_of, true));
                parts.push(command.name.to_owned());
                parts.push("[-h]".to_owned());
                parts.extend(shown(command.options, command.one_of, false));
            }
        }
        let indent = " ".repeat(head.chars().count());
        let mut lines = vec![head];
        for part in parts {
            let line = lines.last_mut().expect("there is a line");
            if line.chars().count() + 1 + part.chars().count() > WIDTH {
                lines.push(format!("{indent} {part}"));
            } else {
                line.push_str(&format!(" {part}"));
            }
        }
        lines
    }

    /// The usage, then each option and command with what it does.
    fn help(&self, command: Option<&Command>) -> Vec<String> {
        let mut lines = self.usage(command);
        let row = |left: &str, help: &str| format!("  {left:<24} {help}");
        let rows = |options: &[Opt]| {
            let mut rows = vec![row("-h, --help", "show this help message and exit")];
            rows.extend(options.iter().map(|option| {
                let names: Vec<&str> =
                    [option.name].into_iter().chain(option.aliases.iter().copied()).collect();
                let left = format!("{} {}", names.join(", "), option.placeholder);
                row(left.trim_end(), option.help)
            }));
            rows
        };
        lines.push(String::new());
        match command {
            Some(command) => {
                lines.extend([
                    command.help.to_owned(),
                    String::new(),
                    "named arguments:".to_owned(),
                ]);
                lines.extend(rows(command.options));
            }
            None => {
                lines.extend([self.about.to_owned(), String::new(), "named arguments:".to_owned()]);
                lines.extend(rows(self.options));
                if self.commands.is_empty() {
                    return lines;
                }
                lines.extend([String::new(), "commands:".to_owned()]);
                lines.extend(self.commands.iter().map(|command| row(command.name, command.help)));
            }
        }
        lines
    }
}

/// What is to be said of an option that a tool does not know.
fn hint<'a>(option: &str, options: impl Iterator<Item = &'a Opt>) -> Option<String> {
    let name = option.split('=').next().unwrap_or(option);
    let instead = instead_of(name.trim_start_matches('-')).map(str::to_owned);
    let nearest = || {
        Some(format!(
            "Highwater: did you mean {}?",
            nearest(name, options.map(|option| option.name))?
        ))
    };
    instead.or_else(nearest)
}

/// The options as the usage shows them: in brackets if they need not be given.
fn shown(options: &[Opt], one_of: &[&str], only_required: bool) -> Vec<String> {
    let short =
        |option: &Opt| format!("{} {}", option.name, option.placeholder).trim_end().to_owned();
    let mut parts = Vec::new();
    for option in options {
        if one_of.contains(&option.name) {
            if one_of.first() == Some(&option.name) {
                let choices = options.iter().filter(|option| one_of.contains(&option.name));
                let choices: Vec<String> = choices.map(short).collect();
                parts.push(format!("({})", choices.join(" | ")));
            }
        } else if option.required {
            parts.push(short(option));
        } else if !only_required {
            parts.push(format!("[{}]", short(option)));
        }
    }
    parts
}

/// The options, none of which must be given.
fn optional(options: &[Opt]) -> Vec<Opt> {
    options.iter().map(|option| Opt { required: false, ..*option }).collect()
}

fn required(options: &[Opt], given: &Given) -> Result<(), String> {
    match options.iter().find(|option| option.required && !given.has(option.name)) {
        Some(missing) => Err(format!("argument {} is required", written(missing))),
        None => Ok(()),
    }
}

fn exactly_one(one_of: &[&str], given: &Given) -> Result<(), String> {
    let there: Vec<&&str> = one_of.iter().filter(|option| given.has(option)).collect();
    match there.as_slice() {
        [first, second, ..] => Err(format!("argument {second}: not allowed with argument {first}")),
        [] if !one_of.is_empty() => {
            Err(format!("one of the arguments {} is required", one_of.join(" ")))
        }
        _ => Ok(()),
    }
}

fn is_help(words: &[Word]) -> bool {
    words.iter().any(|word| matches!(word.text.as_str(), "-h" | "--help"))
}

fn message(options: &[Opt], error: &OptionError) -> String {
    let option = options.iter().find(|option| option.is_called(&error.option));
    let name = option.map_or_else(|| error.option.clone(), written);
    match error.kind {
        OptionErrorKind::Unknown => format!("unrecognized arguments: '{}'", error.option),
        OptionErrorKind::NoValue => format!("argument {name}: expected one argument"),
        OptionErrorKind::BadValue => {
            format!(
                "argument {name}: could not convert '{}' to Integer",
                error.found.trim_matches('"')
            )
        }
        _ => error.to_string(),
    }
}

/// An option by all its names, as errors have it: `--bootstrap-server/-b`.
fn written(option: &Opt) -> String {
    let names: Vec<&str> =
        [option.name].into_iter().chain(option.aliases.iter().copied()).collect();
    names.join("/")
}
