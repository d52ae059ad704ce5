//! What a shell knows to do by itself.

use std::collections::BTreeSet;

use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::ClientId;
use highwater_cluster::input::Input;
use highwater_cluster::program::Program;

use crate::command::Says;
use crate::words::Word;

/// Whether a word changes the way through a list, so that it can be no process of its own.
pub(crate) fn is_control(word: &str) -> bool {
    matches!(word, "exit" | "break" | "continue")
}

/// Whether the shell does that by itself.
pub(crate) fn is_builtin(word: &str) -> bool {
    is_control(word) || matches!(word, "pwd" | "whoami") || kind(word).is_some()
}

/// The process for a builtin; none if that is no builtin.
pub(crate) fn start(words: &[Word]) -> Option<Box<dyn Program>> {
    let (name, rest) = words.split_first()?;
    let kind = match name.text.as_str() {
        "pwd" => return Some(Says::lines(["/".to_owned()])),
        "whoami" => return Some(Says::lines(["you".to_owned()])),
        name => kind(name)?,
    };
    Some(Box::new(Builtin { kind, words: rest.to_vec(), waits_for: BTreeSet::new() }))
}

fn kind(name: &str) -> Option<Kind> {
    Some(match name {
        "true" | ":" | "cd" | "set" | "source" | "." | "alias" | "bg" => Kind::Nothing(0),
        "false" => Kind::Nothing(1),
        "export" | "unset" => Kind::Variables { is_unset: name == "unset" },
        "env" | "printenv" => Kind::Env,
        "history" => Kind::History,
        "jobs" => Kind::Jobs,
        "fg" | "wait" => Kind::Wait { is_foreground: name == "fg" },
        "kill" => Kind::Kill,
        "read" => Kind::Read,
        "test" | "[" => Kind::Test,
        _ => return None,
    })
}

#[derive(Clone, Debug)]
enum Kind {
    Nothing(i32),
    Variables { is_unset: bool },
    Env,
    History,
    Jobs,
    Wait { is_foreground: bool },
    Kill,
    Read,
    Test,
}

#[derive(Clone, Debug)]
struct Builtin {
    kind: Kind,
    words: Vec<Word>,
    /// The processes that `fg` and `wait` wait for.
    waits_for: BTreeSet<ClientId>,
}

impl Builtin {
    fn begin(&mut self, ctx: &mut Ctx<'_>) {
        let code = match self.kind {
            Kind::Nothing(code) => Some(code),
            Kind::Variables { is_unset } => Some(self.set_variables(ctx, is_unset)),
            Kind::Env => {
                let variables = ctx.terminal().variables.clone();
                variables.iter().for_each(|(name, value)| ctx.print(&format!("{name}={value}")));
                Some(0)
            }
            Kind::History => {
                let lines = ctx.terminal().history.clone();
                for (number, line) in lines.iter().enumerate() {
                    ctx.print(&format!("{:>5}  {line}", number + 1));
                }
                Some(0)
            }
            Kind::Jobs => {
                let jobs = ctx.terminal().jobs.clone();
                let newest = jobs.keys().last().copied();
                for (number, job) in jobs {
                    let mark = if newest == Some(number) { '+' } else { '-' };
                    ctx.print(&format!("[{number}]{mark}  {:<22}  {} &", "Running", job.line));
                }
                Some(0)
            }
            Kind::Wait { is_foreground } => self.wait(ctx, is_foreground),
            Kind::Kill => Some(self.kill(ctx)),
            Kind::Read => None,
            Kind::Test => Some(i32::from(!self.is_true(ctx))),
        };
        if let Some(code) = code {
            ctx.exit(code);
        }
    }

    fn set_variables(&self, ctx: &mut Ctx<'_>, is_unset: bool) -> i32 {
        for word in &self.words {
            let (name, value) = match word.text.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (word.text.clone(), None),
            };
            let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !is_name || name.is_empty() {
                let message = format!("bash: export: `{}': not a valid identifier", word.text);
                ctx.print_error(&message);
                return 1;
            }
            ctx.change_terminal(|terminal| {
                if is_unset {
                    terminal.variables.remove(&name);
                } else if let Some(value) = value {
                    terminal.variables.insert(name, value);
                }
            });
        }
        0
    }

    /// `fg` and `wait`: the exit code, if there is nothing to wait for.
    fn wait(&mut self, ctx: &mut Ctx<'_>, is_foreground: bool) -> Option<i32> {
        let jobs = ctx.terminal().jobs.clone();
        let named = self.words.iter().find(|word| !word.text.starts_with('-'));
        let wanted: Vec<u32> = match named {
            Some(word) => {
                let number = word.text.trim_start_matches('%').parse().ok();
                number.into_iter().filter(|number| jobs.contains_key(number)).collect()
            }
            None if is_foreground => jobs.keys().last().copied().into_iter().collect(),
            None => jobs.keys().copied().collect(),
        };
        if wanted.is_empty() && (is_foreground || named.is_some()) {
            let which = named.map_or("current", |word| &word.text);
            let name = if is_foreground { "fg" } else { "wait" };
            ctx.print_error(&format!("bash: {name}: {which}: no such job"));
            return Some(1);
        }
        for number in wanted {
            let job = &jobs[&number];
            if is_foreground {
                ctx.print(&job.line);
            }
            ctx.adopt(job.client);
            self.waits_for.insert(job.client);
        }
        self.waits_for.is_empty().then_some(0)
    }

    fn kill(&self, ctx: &mut Ctx<'_>) -> i32 {
        let (signals, names): (Vec<&Word>, Vec<&Word>) =
            self.words.iter().partition(|word| word.text.starts_with('-'));
        let is_hard = signals.iter().any(|word| {
            matches!(word.text.trim_start_matches("-SIG").trim_start_matches('-'), "9" | "KILL")
        });
        if names.is_empty() {
            ctx.print_error("kill: usage: kill [-9 | -INT] %JOB or PROCESS");
            return 2;
        }
        let mut code = 0;
        for name in names {
            let jobs = &ctx.terminal().jobs;
            let client = match name.text.strip_prefix('%') {
                Some(number) => {
                    number.parse().ok().and_then(|number: u32| Some(jobs.get(&number)?.client))
                }
                None => {
                    let number = name.text.parse::<u32>().ok();
                    let clients = jobs.values().map(|job| job.client);
                    number.and_then(|number| clients.clone().find(|client| client.0 == number))
                }
            };
            match client {
                Some(client) if is_hard => ctx.kill(client),
                Some(client) => ctx.hand(client, Input::Interrupt),
                None => {
                    ctx.print_error(&format!("bash: kill: {}: no such job", name.text));
                    code = 1;
                }
            }
        }
        code
    }

    fn read_line(&self, ctx: &mut Ctx<'_>, line: &str) {
        let names: Vec<&str> = self
            .words
            .iter()
            .map(|word| word.text.as_str())
            .filter(|name| !name.starts_with('-'))
            .collect();
        let mut rest = line.trim();
        let (last, most) = names.split_last().map_or(("REPLY", [].as_slice()), |(l, m)| (*l, m));
        for name in most {
            let (word, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            rest = after.trim_start();
            ctx.change_terminal(|terminal| {
                terminal.variables.insert((*name).to_owned(), word.to_owned());
            });
        }
        ctx.change_terminal(|terminal| {
            terminal.variables.insert(last.to_owned(), rest.to_owned());
        });
        ctx.exit(0);
    }

    fn is_true(&self, ctx: &Ctx<'_>) -> bool {
        let words: Vec<&str> = self.words.iter().map(|word| word.text.as_str()).collect();
        let words = words.strip_suffix(&["]"]).unwrap_or(&words);
        let (is_negated, words) = match words {
            ["!", rest @ ..] => (true, rest),
            words => (false, words),
        };
        let number = |text: &str| text.trim().parse::<i64>().unwrap_or(0);
        let is_true = match words {
            ["-z", text] => text.is_empty(),
            ["-n", text] => !text.is_empty(),
            ["-f" | "-e", file] => ctx.file(file).is_some(),
            ["-s", file] => ctx.file(file).is_some_and(|content| !content.is_empty()),
            [text] => !text.is_empty(),
            [left, "=" | "==", right] => left == right,
            [left, "!=", right] => left != right,
            [left, "-eq", right] => number(left) == number(right),
            [left, "-ne", right] => number(left) != number(right),
            [left, "-lt", right] => number(left) < number(right),
            [left, "-le", right] => number(left) <= number(right),
            [left, "-gt", right] => number(left) > number(right),
            [left, "-ge", right] => number(left) >= number(right),
            _ => false,
        };
        is_true != is_negated
    }
}

impl Program for Builtin {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => self.begin(ctx),
            Input::Line(line) if matches!(self.kind, Kind::Read) => self.read_line(ctx, &line),
            Input::EndOfInput if matches!(self.kind, Kind::Read) => ctx.exit(1),
            Input::ChildExited(client, code) => {
                self.waits_for.remove(&client);
                if self.waits_for.is_empty() {
                    ctx.exit(code);
                }
            }
            Input::Interrupt => {
                if matches!(self.kind, Kind::Wait { is_foreground: true }) {
                    self.waits_for.iter().for_each(|job| ctx.hand(*job, Input::Interrupt));
                } else {
                    ctx.exit(130);
                }
            }
            _ => {}
        }
    }

    fn reads_input(&self) -> bool {
        matches!(self.kind, Kind::Read)
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}
