//! `cat`, `head`, `tail`, `wc`, `sort`, `uniq`, `tee` and `tr`.

use std::collections::VecDeque;

use bytes::Bytes;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::program::Program;

use super::reading::{Filter, Flow, Reading};
use crate::command::Says;
use crate::shell::file_name;

/// The process for one of them.
pub(super) fn start(name: &str, arguments: Vec<String>) -> Box<dyn Program> {
    let is_flag = |text: &String| text.len() > 1 && text.starts_with('-');
    let has = |flag: char| {
        let mut flags = arguments.iter().filter(|text| is_flag(text) && !text.starts_with("--"));
        flags.any(|text| text.contains(flag))
    };
    if let Some(flag) = unknown_flag(name, arguments.iter().filter(|text| is_flag(text))) {
        return Says::errors(
            1,
            [
                format!("{name}: invalid option -- '{flag}'"),
                format!("Highwater: `man {name}` tells which options are understood here"),
            ],
        );
    }
    let files: Vec<String> = arguments.iter().filter(|text| !is_flag(text)).cloned().collect();
    match name {
        "head" | "tail" => match count(&arguments) {
            Ok((count, files)) if name == "head" => Reading::boxed(Head { left: count }, files),
            Ok((count, files)) => {
                let kept = VecDeque::new();
                let from = arguments.iter().find_map(|text| text.strip_prefix('+')?.parse().ok());
                let files = files.into_iter().filter(|file| !file.starts_with('+')).collect();
                Reading::boxed(Tail { count, kept, from, seen: 0 }, files)
            }
            Err(wrong) => Says::errors(1, [format!("{name}: invalid number of lines: '{wrong}'")]),
        },
        "wc" => {
            let shown = [has('l'), has('w'), has('c') || has('m')];
            let shown = if shown == [false; 3] { [true; 3] } else { shown };
            Reading::boxed(Count { shown, counts: [0; 3] }, files)
        }
        "sort" => {
            let (is_numeric, is_reverse, is_unique) = (has('n'), has('r'), has('u'));
            Reading::boxed(Sort { is_numeric, is_reverse, is_unique, lines: Vec::new() }, files)
        }
        "uniq" => {
            let (counts, only_repeated) = (has('c'), has('d'));
            Reading::boxed(Uniq { counts, only_repeated, last: None }, files)
        }
        "tee" => {
            Reading::boxed(Tee { files, is_append: has('a'), text: String::new() }, Vec::new())
        }
        "tr" => {
            let sets: Vec<Vec<char>> = files.iter().map(|set| characters(set)).collect();
            let (from, to) = (sets.first().cloned(), sets.get(1).cloned());
            let tr = Tr { from: from.unwrap_or_default(), to, deletes: has('d') };
            Reading::boxed(tr, Vec::new())
        }
        _ => Reading::boxed(Cat { number: has('n').then_some(0) }, files),
    }
}

/// The first letter that a program does not know; `head` and `tail` look for themselves.
fn unknown_flag<'a>(name: &str, mut flags: impl Iterator<Item = &'a String>) -> Option<char> {
    let known = match name {
        "cat" => "nu",
        "wc" => "lwcm",
        "sort" => "nru",
        "uniq" => "cd",
        "tee" => "a",
        "tr" => "d",
        _ => return None,
    };
    flags.find_map(|flags| flags.chars().skip(1).find(|flag| !known.contains(*flag)))
}

/// `-n 5`, `-n5`, `-5` or nothing, and the files.
fn count(arguments: &[String]) -> Result<(usize, Vec<String>), String> {
    let (mut count, mut files) = (10, Vec::new());
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let number = match word.strip_prefix("--lines=").or_else(|| word.strip_prefix("-n")) {
            Some("") => words.next().ok_or_else(String::new)?.as_str(),
            Some(number) => number,
            None => match word.strip_prefix('-') {
                Some("f" | "q" | "") => continue,
                Some(number) => number,
                None => {
                    files.push(word.clone());
                    continue;
                }
            },
        };
        if let Some(from) = number.strip_prefix('+') {
            files.push(format!("+{from}"));
            continue;
        }
        count = number.parse().map_err(|_| number.to_owned())?;
    }
    Ok((count, files))
}

#[derive(Clone, Debug)]
struct Cat {
    number: Option<u64>,
}

impl Filter for Cat {
    fn name(&self) -> &'static str {
        "cat"
    }

    fn line(&mut self, ctx: &mut Ctx<'_>, line: &str) -> Flow {
        match &mut self.number {
            Some(number) => {
                *number += 1;
                ctx.print(&format!("{number:>6}\t{line}"));
            }
            None => ctx.print(line),
        }
        Flow::On
    }
}

#[derive(Clone, Debug)]
struct Head {
    left: usize,
}

impl Filter for Head {
    fn name(&self) -> &'static str {
        "head"
    }

    fn line(&mut self, ctx: &mut Ctx<'_>, line: &str) -> Flow {
        if self.left > 0 {
            ctx.print(line);
        }
        self.left = self.left.saturating_sub(1);
        if self.left == 0 { Flow::Done(0) } else { Flow::On }
    }
}

#[derive(Clone, Debug)]
struct Tail {
    count: usize,
    kept: VecDeque<String>,
    /// `-n +5`: from that line on.
    from: Option<u64>,
    seen: u64,
}

impl Filter for Tail {
    fn name(&self) -> &'static str {
        "tail"
    }

    fn line(&mut self, ctx: &mut Ctx<'_>, line: &str) -> Flow {
        self.seen += 1;
        if let Some(from) = self.from {
            if self.seen >= from {
                ctx.print(line);
            }
            return Flow::On;
        }
        self.kept.push_back(line.to_owned());
        if self.kept.len() > self.count {
            self.kept.pop_front();
        }
        Flow::On
    }

    fn end(&mut self, ctx: &mut Ctx<'_>) -> i32 {
        self.kept.iter().for_each(|line| ctx.print(line));
        0
    }
}

/// Lines, words and bytes.
#[derive(Clone, Debug)]
struct Count {
    shown: [bool; 3],
    counts: [u64; 3],
}

impl Filter for Count {
    fn name(&self) -> &'static str {
        "wc"
    }

    fn line(&mut self, _: &mut Ctx<'_>, line: &str) -> Flow {
        self.counts[0] += 1;
        self.counts[1] += line.split_whitespace().count() as u64;
        self.counts[2] += line.len() as u64 + 1;
        Flow::On
    }

    fn file_ended(&mut self, ctx: &mut Ctx<'_>, file: Option<&str>) {
        let counts = std::mem::take(&mut self.counts);
        let shown = counts.iter().zip(self.shown).filter(|(_, is_shown)| *is_shown);
        let numbers: Vec<u64> = shown.map(|(count, _)| *count).collect();
        let is_bare = numbers.len() == 1;
        let numbers: Vec<String> = numbers
            .iter()
            .map(|count| if is_bare { count.to_string() } else { format!("{count:>7}") })
            .collect();
        let name = file.map(|file| format!(" {file}")).unwrap_or_default();
        ctx.print(&format!("{}{name}", numbers.join(" ")));
    }
}

#[derive(Clone, Debug)]
struct Sort {
    is_numeric: bool,
    is_reverse: bool,
    is_unique: bool,
    lines: Vec<String>,
}

impl Filter for Sort {
    fn name(&self) -> &'static str {
        "sort"
    }

    fn line(&mut self, _: &mut Ctx<'_>, line: &str) -> Flow {
        self.lines.push(line.to_owned());
        Flow::On
    }

    fn end(&mut self, ctx: &mut Ctx<'_>) -> i32 {
        if self.is_numeric {
            self.lines.sort_by(|a, b| number(a).cmp(&number(b)).then_with(|| a.cmp(b)));
        } else {
            self.lines.sort();
        }
        if self.is_unique {
            self.lines.dedup();
        }
        if self.is_reverse {
            self.lines.reverse();
        }
        self.lines.iter().for_each(|line| ctx.print(line));
        0
    }
}

/// The number that a line begins with, in thousandths.
fn number(line: &str) -> i64 {
    let line = line.trim_start();
    let (is_negative, digits) = match line.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, line),
    };
    let whole: String = digits.chars().take_while(char::is_ascii_digit).collect();
    let rest = digits[whole.len()..].strip_prefix('.').unwrap_or_default();
    let part: String = rest.chars().take_while(char::is_ascii_digit).take(3).collect();
    let part = format!("{part:0<3}").parse().unwrap_or(0);
    let number = whole.parse::<i64>().unwrap_or(0).saturating_mul(1_000).saturating_add(part);
    if is_negative { -number } else { number }
}

#[derive(Clone, Debug)]
struct Uniq {
    counts: bool,
    only_repeated: bool,
    last: Option<(String, u64)>,
}

impl Uniq {
    fn print(&mut self, ctx: &mut Ctx<'_>) {
        let Some((line, count)) = self.last.take() else { return };
        if self.only_repeated && count < 2 {
            return;
        }
        if self.counts {
            ctx.print(&format!("{count:>7} {line}"));
        } else {
            ctx.print(&line);
        }
    }
}

impl Filter for Uniq {
    fn name(&self) -> &'static str {
        "uniq"
    }

    fn line(&mut self, ctx: &mut Ctx<'_>, line: &str) -> Flow {
        match &mut self.last {
            Some((last, count)) if last == line => *count += 1,
            _ => {
                self.print(ctx);
                self.last = Some((line.to_owned(), 1));
            }
        }
        Flow::On
    }

    fn end(&mut self, ctx: &mut Ctx<'_>) -> i32 {
        self.print(ctx);
        0
    }
}

#[derive(Clone, Debug)]
struct Tee {
    files: Vec<String>,
    is_append: bool,
    text: String,
}

impl Filter for Tee {
    fn name(&self) -> &'static str {
        "tee"
    }

    fn line(&mut self, ctx: &mut Ctx<'_>, line: &str) -> Flow {
        ctx.print(line);
        self.text.push_str(line);
        self.text.push('\n');
        Flow::On
    }

    fn end(&mut self, ctx: &mut Ctx<'_>) -> i32 {
        for file in &self.files {
            let name = file_name(file);
            let before = ctx.file(&name).filter(|_| self.is_append).unwrap_or_default();
            let content = [&before[..], self.text.as_bytes()].concat();
            ctx.put_file(&name, Bytes::from(content));
        }
        0
    }
}

#[derive(Clone, Debug)]
struct Tr {
    from: Vec<char>,
    to: Option<Vec<char>>,
    deletes: bool,
}

impl Filter for Tr {
    fn name(&self) -> &'static str {
        "tr"
    }

    fn line(&mut self, ctx: &mut Ctx<'_>, line: &str) -> Flow {
        let mut changed = String::new();
        for c in line.chars() {
            let place = self.from.iter().position(|from| *from == c);
            match (place, &self.to) {
                (Some(_), _) if self.deletes => {}
                (Some(place), Some(to)) if !to.is_empty() => {
                    changed.push(to[place.min(to.len() - 1)]);
                }
                _ => changed.push(c),
            }
        }
        changed.split('\n').for_each(|line| ctx.print(line));
        Flow::On
    }
}

/// `a-z` and `\n` in a set of characters.
fn characters(set: &str) -> Vec<char> {
    let chars: Vec<char> = set.replace("\\n", "\n").replace("\\t", "\t").chars().collect();
    let mut all = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        match (chars.get(at + 1), chars.get(at + 2)) {
            (Some('-'), Some(last)) => {
                all.extend((chars[at]..=*last).take(256));
                at += 3;
            }
            _ => {
                all.push(chars[at]);
                at += 1;
            }
        }
    }
    all
}
