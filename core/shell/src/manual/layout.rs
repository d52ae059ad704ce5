//! How a page of the manual becomes lines of 80 columns.
//!
//! The text of a page is written without indentation: a line in capitals begins a section, each blank at
//! the beginning of a line is a level deeper, and a command to try begins with `$ `. Each line is a
//! paragraph, however long it is.

/// How wide a page is.
const COLUMNS: usize = 80;
/// How far the text of a section stands from the edge, and each level from the one above.
const STEP: usize = 7;
/// How far a command to try stands from the edge, and what of it does not fit into a line.
const COMMAND: usize = 11;
const COMMAND_GOES_ON: usize = 15;

/// A whole page, with its name above and below.
pub(super) fn page(name: &str, text: &str) -> Vec<String> {
    let mut lines = vec![edge(name), String::new()];
    let mut section = "";
    for line in text.lines() {
        if is_section(line) {
            section = line;
            lines.push(line.to_owned());
        } else {
            lines.extend(paragraph(section, line));
        }
    }
    lines.extend([String::new(), edge(name)]);
    lines
}

/// What the page `name` says of one verb, or of a builtin of the shell: its entry, and how to get the whole page.
pub(super) fn part(name: &str, verb: &str, entry: &[&str]) -> Vec<String> {
    let Some((head, about)) = entry.split_first() else { return Vec::new() };
    let before = if name == "shell" { String::new() } else { format!("{name} ") };
    let mut lines = vec![edge(&format!("{before}{verb}")), String::new(), "NAME".to_owned()];
    lines.extend(paragraph("NAME", &format!("{before}{head}")));
    lines.push(String::new());
    lines.push("DESCRIPTION".to_owned());
    lines.extend(
        about.iter().flat_map(|line| paragraph("", line.strip_prefix(' ').unwrap_or(line))),
    );
    lines.extend([String::new(), "SEE ALSO".to_owned()]);
    lines.extend(paragraph("", &format!("man {name}, for all of it and for commands to try")));
    lines
}

/// The lines of a page about a verb or a builtin: those from its head to before the next head.
pub(super) fn entry<'t>(text: &'t str, verb: &str) -> Option<Vec<&'t str>> {
    let mut lines =
        text.lines().skip_while(|line| !matches!(*line, "VERBS" | "COMMANDS" | "BUILTINS")).skip(1);
    let is_head = |line: &&str| {
        let mut ways = line.split(", ").filter(|way| !way.starts_with(' '));
        ways.any(|way| way.split_whitespace().next() == Some(verb))
    };
    let head = lines.by_ref().take_while(|line| !is_section(line)).find(is_head)?;
    let body = lines.take_while(|line| line.is_empty() || line.starts_with(' '));
    let mut entry: Vec<&str> = std::iter::once(head).chain(body).collect();
    while entry.last().is_some_and(|line| line.is_empty()) {
        entry.pop();
    }
    Some(entry)
}

/// Whether a line is the name of a section.
pub(super) fn is_section(line: &str) -> bool {
    !line.is_empty() && line.chars().all(|c| c.is_ascii_uppercase() || c == ' ')
}

/// The first and the last line: `HEAD(1)`, on both sides.
fn edge(name: &str) -> String {
    let name = format!("{}(1)", name.to_uppercase().replace(' ', "-"));
    let middle = COLUMNS.saturating_sub(2 * name.len());
    format!("{name}{:^middle$}{name}", "Highwater")
}

fn paragraph(section: &str, line: &str) -> Vec<String> {
    if line.is_empty() {
        return vec![String::new()];
    }
    if let Some(command) = line.strip_prefix("$ ") {
        return command_lines(command);
    }
    let text = line.trim_start();
    let indent = STEP * (1 + line.len() - text.len());
    let deeper = if section == "SYNOPSIS" { indent + STEP } else { indent };
    wrapped(text.split(' '), indent, deeper, "")
}

/// A command, broken where the shell allows it: by `\` between words.
fn command_lines(command: &str) -> Vec<String> {
    let (mut words, mut quote) = (vec![String::new()], None);
    for c in command.chars() {
        if quote.is_none() && c == ' ' {
            words.push(String::new());
            continue;
        }
        match quote {
            Some(open) if open == c => quote = None,
            None if matches!(c, '\'' | '"') => quote = Some(c),
            _ => {}
        }
        words.last_mut().expect("there is a word").push(c);
    }
    words[0].insert_str(0, "$ ");
    let words = with_values(words);
    wrapped(words.iter().map(String::as_str), COMMAND, COMMAND_GOES_ON, " \\")
}

/// Options with their values, which stay in a line if they are short.
fn with_values(words: Vec<String>) -> Vec<String> {
    const LONGEST: usize = 50;
    let mut all: Vec<String> = Vec::new();
    for word in words {
        let is_value = !word.starts_with(['-', '|', '>', '&', '<']);
        match all.last_mut() {
            Some(option)
                if is_value
                    && option.starts_with('-')
                    && !option.contains(' ')
                    && option.len() + word.len() < LONGEST =>
            {
                option.push(' ');
                option.push_str(&word);
            }
            _ => all.push(word),
        }
    }
    all
}

/// Words in lines that are not too long; `mark` ends each line but the last.
fn wrapped<'w>(
    words: impl Iterator<Item = &'w str>,
    first: usize,
    deeper: usize,
    mark: &str,
) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = " ".repeat(first);
    let mut is_empty = true;
    for word in words {
        let room = COLUMNS - mark.len();
        if !is_empty && line.chars().count() + 1 + word.chars().count() > room {
            lines.push(line + mark);
            line = " ".repeat(deeper);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line);
    lines
}
