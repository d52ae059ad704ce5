//! `man`: for each command a page that explains it, with commands to try. The pages are texts in `manual/`;
//! [`layout`] makes of them what is printed.

use highwater_cluster::program::Program;

use crate::command::Says;
use crate::programs::absent;
use crate::suggest::nearest;
use crate::words::Word;

mod layout;
#[cfg(test)]
mod tests;

/// The exit code where there is no such page.
const NOT_FOUND: i32 = 16;

/// A page: its name, and its text.
type Page = (&'static str, &'static str);

macro_rules! page {
    ($name:literal) => {
        ($name, include_str!(concat!("../manual/", $name, ".txt")))
    };
}

/// All pages by their names. Only what `man` runs may name them: so they are loaded when it is asked.
static PAGES: &[Page] = &[
    page!("app"),
    page!("broker"),
    page!("cat"),
    page!("clear"),
    page!("consumer"),
    page!("controller"),
    page!("coordinator"),
    page!("cut"),
    page!("date"),
    page!("echo"),
    page!("grep"),
    page!("head"),
    page!("help"),
    page!("jq"),
    page!("kafka-acls"),
    page!("kafka-broker-api-versions"),
    page!("kafka-cluster"),
    page!("kafka-configs"),
    page!("kafka-console-consumer"),
    page!("kafka-console-producer"),
    page!("kafka-console-share-consumer"),
    page!("kafka-consumer-groups"),
    page!("kafka-consumer-perf-test"),
    page!("kafka-delete-records"),
    page!("kafka-dump-log"),
    page!("kafka-features"),
    page!("kafka-get-offsets"),
    page!("kafka-groups"),
    page!("kafka-leader-election"),
    page!("kafka-log-dirs"),
    page!("kafka-metadata-quorum"),
    page!("kafka-producer-perf-test"),
    page!("kafka-reassign-partitions"),
    page!("kafka-run-class"),
    page!("kafka-share-groups"),
    page!("kafka-topics"),
    page!("kafka-transactions"),
    page!("kafka-verifiable-consumer"),
    page!("kafka-verifiable-producer"),
    page!("kcat"),
    page!("ls"),
    page!("man"),
    page!("network"),
    page!("partition"),
    page!("printf"),
    page!("producer"),
    page!("remote-store"),
    page!("rm"),
    page!("seq"),
    page!("share-consumer"),
    page!("shell"),
    page!("sleep"),
    page!("sort"),
    page!("tail"),
    page!("tee"),
    page!("tr"),
    page!("uniq"),
    page!("wc"),
    page!("xargs"),
];

/// The process for `man` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    // A section may stand before the name, as in `man 1 head`.
    let texts = match texts.as_slice() {
        [section, rest @ ..] if !rest.is_empty() && section.parse::<u8>().is_ok() => rest,
        texts => texts,
    };
    match texts {
        [] => {
            let asks = "What manual page do you want?\nFor example, try 'man man'.";
            Says::errors(1, asks.lines().map(str::to_owned))
        }
        ["-k" | "--apropos" | "-K" | "--global-apropos"] => {
            Says::errors(1, ["man: what is to be searched for? Such as: man -k offsets".to_owned()])
        }
        ["-k" | "--apropos", wanted @ ..] => search(wanted, summary),
        ["-K" | "--global-apropos", wanted @ ..] => search(wanted, |page| page.1),
        [option, ..] if option.starts_with('-') => Says::errors(
            1,
            [
                format!("man: invalid option -- '{}'", option.trim_start_matches('-')),
                "Highwater: man COMMAND shows a page, man -k WORD searches".to_owned(),
            ],
        ),
        [name] => show(name),
        [name, rest @ ..] => show_all(name, rest),
    }
}

/// The name of the page for what is typed as a command.
fn page_name(command: &str) -> &str {
    let name = command.rsplit('/').next().unwrap_or(command);
    let name = name.strip_suffix(".sh").unwrap_or(name);
    match name {
        "kafkacat" => "kcat",
        "egrep" | "fgrep" => "grep",
        "bash" | "sh" => "shell",
        name if crate::shell::builtins::is_builtin(name) => "shell",
        name => name,
    }
}

fn find(command: &str) -> Option<&'static Page> {
    let wanted = page_name(command);
    PAGES.iter().find(|(name, _)| *name == wanted)
}

fn show(name: &str) -> Box<dyn Program> {
    match find(name) {
        Some((page @ "shell", text)) if !matches!(name, "shell" | "bash" | "sh") => {
            let entry = layout::entry(text, name).unwrap_or_default();
            Says::lines(layout::part(page, name, &entry))
        }
        Some((name, text)) => Says::lines(layout::page(name, text)),
        None => Says::errors(NOT_FOUND, missing(name)),
    }
}

/// Several pages; or what one of them says of a verb: `man broker pause`.
fn show_all(name: &str, rest: &[&str]) -> Box<dyn Program> {
    if let ([verb], Some((name, text))) = (rest, find(name))
        && let Some(entry) = layout::entry(text, verb)
    {
        return Says::lines(layout::part(name, verb, &entry));
    }
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    for name in [&[name], rest].concat() {
        match find(name) {
            Some((name, text)) => output.extend(layout::page(name, text)),
            None => errors.extend(missing(name)),
        }
    }
    let code = if errors.is_empty() { 0 } else { NOT_FOUND };
    Says::both(code, output, errors)
}

fn missing(name: &str) -> Vec<String> {
    let mut lines = vec![format!("No manual entry for {name}")];
    let plain = name.strip_suffix(".sh").unwrap_or(name);
    let hint = match absent::instead(plain) {
        Some(instead) => format!("{plain} is not offered here: {instead}"),
        None => match nearest(plain, PAGES.iter().map(|(name, _)| *name)) {
            Some(meant) => format!("did you mean {meant}? `man -k WORD` searches"),
            None => "`man -k WORD` searches; `help` lists all commands".to_owned(),
        },
    };
    lines.push(format!("Highwater: {hint}"));
    lines
}

/// The line of a page that says what it is about: `head - prints the first lines`.
fn summary(page: &Page) -> &'static str {
    page.1.lines().nth(1).unwrap_or_default()
}

/// The pages in which one of the words is, in what `part` gives of each.
fn search(wanted: &[&str], part: fn(&Page) -> &'static str) -> Box<dyn Program> {
    let holds = |page: &&Page| {
        let text = part(page).to_lowercase();
        wanted.iter().any(|word| text.contains(&word.to_lowercase()))
    };
    let line = |page: &Page| {
        let (name, about) = summary(page).split_once(" - ").unwrap_or((page.0, ""));
        format!("{:<28} - {about}", format!("{name} (1)"))
    };
    let found: Vec<String> = PAGES.iter().filter(holds).map(line).collect();
    if found.is_empty() {
        let lines = wanted.iter().map(|word| format!("{word}: nothing appropriate."));
        return Says::errors(NOT_FOUND, lines);
    }
    Says::lines(found)
}
