//! `grep`: the lines that match.

use highwater_cluster::consumer::TopicPattern;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::TopicName;
use highwater_cluster::program::Program;

use super::reading::{Filter, Flow, Reading};
use crate::command::Says;

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
                        'E' | 'h' | 's' | 'P' | 'w' | 'o' | 'a' => {}
                        _ => return wrong(&format!("grep: invalid option -- '{flag}'")),
                    }
                }
            }
            None if patterns.is_empty() => patterns.push(word),
            None => files.push(word),
        }
    }
    if patterns.is_empty() {
        return wrong("usage: grep [-v] [-i] [-c] [-n] [-q] [-E | -F] [-e] PATTERN [FILE..]");
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
    most: Option<u64>,
    seen: u64,
    found: u64,
}

#[derive(Clone, Debug)]
enum Matcher {
    Text(String),
    Pattern(TopicPattern),
}

impl Grep {
    fn matcher(&self, pattern: &str) -> Result<Matcher, String> {
        let pattern = if self.ignores_case { pattern.to_lowercase() } else { pattern.to_owned() };
        let is_plain = !pattern.contains(|c: char| "\\^$.|?*+()[]{}".contains(c));
        if self.is_fixed || is_plain {
            return Ok(Matcher::Text(pattern));
        }
        // The whole line is to match, so what may stand around the pattern is added.
        let (before, inner) = match pattern.strip_prefix('^') {
            Some(inner) => ("", inner),
            None => (".*", pattern.as_str()),
        };
        let (after, inner) = match inner.strip_suffix('$') {
            Some(inner) => ("", inner),
            None => (".*", inner),
        };
        // In basic expressions these have a meaning with a backslash only.
        let inner = inner.replace("\\|", "|").replace("\\(", "(").replace("\\)", ")");
        TopicPattern::new(&format!("{before}({inner}){after}")).map(Matcher::Pattern)
    }

    fn matches(&self, line: &str) -> bool {
        let lower = self.ignores_case.then(|| line.to_lowercase());
        let line = lower.as_deref().unwrap_or(line);
        self.matchers.iter().any(|matcher| match matcher {
            Matcher::Text(text) => line.contains(text.as_str()),
            Matcher::Pattern(pattern) => pattern.matches(&TopicName::from(line)),
        })
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
        if self.tells_numbers && !self.only_counts {
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
