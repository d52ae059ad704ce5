//! `grep`: the lines that match.

use highwater_cluster::ctx::Ctx;
use highwater_cluster::program::Program;

use super::reading::{Filter, Flow, Reading};
use crate::command::Says;

mod matcher;

use matcher::{Matcher, is_special};

/// The process.
pub(super) fn start(name: &str, arguments: Vec<String>) -> Box<dyn Program> {
    let mut grep = Grep { is_fixed: name == "fgrep", ..Grep::default() };
    let (mut patterns, mut files) = (Vec::new(), Vec::new());
    let mut words = arguments.into_iter();
    while let Some(word) = words.next() {
        match word.strip_prefix('-').filter(|flags| !flags.is_empty()) {
            Some("e") => patterns.extend(words.next()),
            Some("m") => grep.most = words.next().and_then(|most| most.parse().ok()),
            Some("-line-buffered" | "-color=never" | "-color=auto" | "-color") => {}
            Some(flags) => {
                for flag in flags.chars() {
                    match flag {
                        'v' => grep.is_inverted = true,
                        'i' => grep.ignores_case = true,
                        'c' => grep.only_counts = true,
                        'n' => grep.tells_numbers = true,
                        'q' => grep.is_quiet = true,
                        'F' => grep.is_fixed = true,
                        'w' => grep.only_words = true,
                        'o' => grep.only_parts = true,
                        'E' | 'h' | 's' | 'P' | 'a' => {}
                        _ => return wrong(&format!("grep: invalid option -- '{flag}'")),
                    }
                }
            }
            None if patterns.is_empty() => patterns.push(word),
            None => files.push(word),
        }
    }
    if patterns.is_empty() {
        return wrong(
            "usage: grep [-v] [-i] [-c] [-n] [-q] [-o] [-w] [-E | -F] [-e] PATTERN [FILE..]",
        );
    }
    match patterns.iter().map(|pattern| grep.matcher(pattern)).collect() {
        Ok(matchers) => grep.matchers = matchers,
        Err(message) => return wrong(&format!("grep: {message}")),
    }
    Reading::boxed(grep, files)
}

fn wrong(message: &str) -> Box<dyn Program> {
    Says::errors(2, [message.to_owned()])
}

#[derive(Clone, Debug, Default)]
struct Grep {
    matchers: Vec<Matcher>,
    is_inverted: bool,
    ignores_case: bool,
    only_counts: bool,
    tells_numbers: bool,
    is_quiet: bool,
    is_fixed: bool,
    only_words: bool,
    only_parts: bool,
    most: Option<u64>,
    seen: u64,
    found: u64,
}

impl Grep {
    fn matcher(&self, pattern: &str) -> Result<Matcher, String> {
        let pattern = if self.ignores_case { pattern.to_lowercase() } else { pattern.to_owned() };
        if self.is_fixed || !pattern.contains(is_special) {
            return Matcher::text(pattern, self.only_words);
        }
        // In basic expressions these have a meaning with a backslash only.
        let pattern = pattern.replace("\\|", "|").replace("\\(", "(").replace("\\)", ")");
        Matcher::pattern(&pattern, self.only_words)
    }

    /// The line as it is compared: a character for each of its own.
    fn compared(&self, line: &str) -> Vec<char> {
        let lower = |c: char| c.to_lowercase().next().unwrap_or(c);
        line.chars().map(|c| if self.ignores_case { lower(c) } else { c }).collect()
    }

    fn matches(&self, line: &str) -> bool {
        let compared: String;
        let line = match self.ignores_case {
            true => {
                compared = self.compared(line).into_iter().collect();
                &compared
            }
            false => line,
        };
        self.matchers.iter().any(|matcher| matcher.matches(line))
    }

    /// Prints the parts of a line that match, from left to right.
    fn print_parts(&self, ctx: &mut Ctx<'_>, line: &str) {
        let (chars, compared): (Vec<char>, Vec<char>) =
            (line.chars().collect(), self.compared(line));
        let mut at = 0;
        while at < chars.len() {
            let ends = self.matchers.iter().filter_map(|matcher| matcher.end(&compared, at));
            let Some(end) = ends.max() else {
                at += 1;
                continue;
            };
            let part: String = chars[at..end].iter().collect();
            match self.tells_numbers {
                true => ctx.print(&format!("{}:{part}", self.seen)),
                false => ctx.print(&part),
            }
            at = end;
        }
    }
}

impl Filter for Grep {
    fn name(&self) -> &'static str {
        "grep"
    }

    fn line(&mut self, ctx: &mut Ctx<'_>, line: &str) -> Flow {
        self.seen += 1;
        if self.matches(line) == self.is_inverted {
            return Flow::On;
        }
        self.found += 1;
        if self.is_quiet {
            return Flow::Done(0);
        }
        if self.only_parts && !self.only_counts && !self.is_inverted {
            if line.chars().count() > matcher::LONGEST {
                let most = matcher::LONGEST;
                ctx.print_error(&format!("grep: -o is for lines of at most {most} characters"));
                return Flow::Done(2);
            }
            self.print_parts(ctx, line);
        } else if self.tells_numbers && !self.only_counts {
            ctx.print(&format!("{}:{line}", self.seen));
        } else if !self.only_counts {
            ctx.print(line);
        }
        if self.most == Some(self.found) { Flow::Done(0) } else { Flow::On }
    }

    fn end(&mut self, ctx: &mut Ctx<'_>) -> i32 {
        if self.only_counts {
            ctx.print(&self.found.to_string());
        }
        i32::from(self.found == 0)
    }
}
