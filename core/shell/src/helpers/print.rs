//! `echo`, `printf`, `ls`, `rm` and `clear`.

use highwater_cluster::ctx::Ctx;
use highwater_cluster::input::Input;
use highwater_cluster::program::Program;

use crate::shell::file_name;

/// The process for one of them.
pub(super) fn start(name: &str, arguments: Vec<String>) -> Box<dyn Program> {
    Box::new(Print { name: name.to_owned(), arguments })
}

#[derive(Clone, Debug)]
struct Print {
    name: String,
    arguments: Vec<String>,
}

impl Program for Print {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        if !matches!(input, Input::Start) {
            return;
        }
        let code = match self.name.as_str() {
            "echo" => self.echo(ctx),
            "printf" => self.printf(ctx),
            "ls" => self.list(ctx),
            "rm" => self.remove(ctx),
            // What was printed stays in the story; the screen scrolls on.
            _ => {
                ctx.print("\u{1b}[H\u{1b}[2J");
                0
            }
        };
        ctx.exit(code);
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

impl Print {
    fn echo(&self, ctx: &mut Ctx<'_>) -> i32 {
        let mut words = self.arguments.as_slice();
        let (mut ends_line, mut escapes) = (true, false);
        while let Some((flag, rest)) = words.split_first()
            && matches!(flag.as_str(), "-n" | "-e" | "-ne" | "-en" | "-E")
        {
            ends_line &= !flag.contains('n');
            escapes |= flag.contains('e');
            words = rest;
        }
        let text = words.join(" ");
        let text = if escapes { unescaped(&text) } else { text };
        print(ctx, &text, ends_line);
        0
    }

    fn printf(&self, ctx: &mut Ctx<'_>) -> i32 {
        let Some((format, values)) = self.arguments.split_first() else {
            ctx.print_error("printf: usage: printf format [arguments]");
            return 2;
        };
        let format = unescaped(format);
        let mut values = values.iter();
        let mut text = String::new();
        loop {
            let used = formatted(&format, &mut values, &mut text);
            if used == 0 || values.len() == 0 {
                break;
            }
        }
        print(ctx, &text, false);
        0
    }

    fn list(&self, ctx: &mut Ctx<'_>) -> i32 {
        let is_long = self.arguments.iter().any(|word| word.starts_with("-l"));
        let wanted: Vec<String> = self
            .arguments
            .iter()
            .filter(|word| !word.starts_with('-') && *word != "." && *word != "/")
            .map(|word| file_name(word))
            .collect();
        let mut code = 0;
        for name in wanted.iter().filter(|name| ctx.file(name).is_none()).collect::<Vec<_>>() {
            ctx.print_error(&format!("ls: cannot access '{name}': No such file or directory"));
            code = 2;
        }
        for name in ctx.file_names() {
            if !wanted.is_empty() && !wanted.contains(&name) {
                continue;
            }
            let size = ctx.file(&name).map_or(0, |content| content.len());
            match is_long {
                true => ctx.print(&format!("{size:>10} {name}")),
                false => ctx.print(&name),
            }
        }
        code
    }

    fn remove(&self, ctx: &mut Ctx<'_>) -> i32 {
        let is_forced =
            self.arguments.iter().any(|word| word.starts_with('-') && word.contains('f'));
        let mut code = 0;
        for word in self.arguments.iter().filter(|word| !word.starts_with('-')) {
            let name = file_name(word);
            if !ctx.remove_file(&name) && !is_forced {
                ctx.print_error(&format!("rm: cannot remove '{word}': No such file or directory"));
                code = 1;
            }
        }
        code
    }
}

/// Prints text of several lines; the last one is ended or left open.
fn print(ctx: &mut Ctx<'_>, text: &str, ends_line: bool) {
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        match lines.peek() {
            Some(_) => ctx.print(line),
            None if ends_line => ctx.print(line),
            None => ctx.print_open(line),
        }
    }
}

/// `\n`, `\t` and their like as what they stand for.
fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('r') => plain.push('\r'),
            Some('0') => plain.push('\0'),
            Some('\\') => plain.push('\\'),
            Some(other) => plain.extend(['\\', other]),
            None => plain.push('\\'),
        }
    }
    plain
}

/// Prints the format once. Answers how many values it took.
fn formatted(format: &str, values: &mut std::slice::Iter<'_, String>, text: &mut String) -> u32 {
    let mut used = 0;
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        let mut spec = String::new();
        while let Some(c) = chars.next_if(|c| c.is_ascii_digit() || matches!(c, '-' | '.' | '+')) {
            spec.push(c);
        }
        match chars.next() {
            Some('%') => text.push('%'),
            Some(kind @ ('s' | 'd' | 'i' | 'u' | 'b')) => {
                used += 1;
                let value = values.next().map_or("", String::as_str);
                let value = match kind {
                    's' => value.to_owned(),
                    'b' => unescaped(value),
                    _ => value.trim().parse::<i64>().unwrap_or(0).to_string(),
                };
                padded(&spec, &value, text);
            }
            Some(other) => text.extend(['%', other]),
            None => text.push('%'),
        }
    }
    used
}

/// The value as wide as `-10` or `05` says.
fn padded(spec: &str, value: &str, text: &mut String) {
    let is_left = spec.starts_with('-');
    let digits = spec.trim_start_matches(['-', '+']).split('.').next().unwrap_or_default();
    let width = digits.parse::<usize>().unwrap_or(0).min(1_000);
    let fill = if digits.starts_with('0') && !is_left { "0" } else { " " };
    let missing = fill.repeat(width.saturating_sub(value.chars().count()));
    match is_left {
        true => text.extend([value, &missing]),
        false => text.extend([missing.as_str(), value]),
    }
}
