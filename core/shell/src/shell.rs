//! The shell: what a line says is done by processes of the world, one for each command, and by one for
//! the line itself that waits for them. A line that is no more than one command is that command.

use std::collections::VecDeque;
use std::sync::Arc;

use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::ClientId;
use highwater_cluster::input::Input;
use highwater_cluster::process::{Job, Sink, Streams};
use highwater_cluster::program::Program;
use highwater_cluster::time::Span;
use highwater_cluster::timer::Timer;

use crate::command::{Says, program};
use crate::words::Word;

pub(crate) mod builtins;
mod connect;
mod expand;
mod parser;
mod substitute;
mod syntax;

pub(crate) use connect::file_name;

use connect::Connected;
use parser::Trouble;
use syntax::{Command, Join, List, Pipeline, Stage, Text};

/// How long it takes to go round a loop, so that one without an end does not stop time.
const LOOP_TIME: Span = Span(1_000);
/// The exit code after Ctrl-C.
const INTERRUPTED: i32 = 130;
/// The exit code of what bash cannot make sense of.
const MISUSE: i32 = 2;

/// The process for what was typed.
pub(crate) fn start(text: &str) -> Box<dyn Program> {
    match parser::parse(text) {
        Ok(list) if list.0.is_empty() => Says::lines([]),
        Ok(list) => match list.plain_words() {
            Some(words) if !builtins::is_control(&words[0].text) => program(&words),
            _ => Box::new(Shell::new(Arc::new(list))),
        },
        Err(Trouble::Incomplete) => Box::new(Shell::waiting(text)),
        Err(trouble) => trouble.says(),
    }
}

impl Trouble {
    fn says(&self) -> Box<dyn Program> {
        Says::errors(MISUSE, [self.message()])
    }

    fn message(&self) -> String {
        match self {
            Trouble::Incomplete => "bash: syntax error: unexpected end of file".to_owned(),
            Trouble::Unclosed { quote, column } => {
                format!("the quote {quote} at column {column} is never closed")
            }
            Trouble::Unexpected(what) => {
                format!("bash: syntax error near unexpected token `{what}'")
            }
        }
    }
}

/// A shell that does what a list says.
#[derive(Clone, Debug)]
pub(crate) struct Shell {
    /// What was typed so far of something that is not whole.
    unfinished: Option<String>,
    /// What is still to be done, the innermost last.
    stack: Vec<Frame>,
    /// The exit code of what was done last.
    code: i32,
    /// What was read and no command has taken.
    input: VecDeque<String>,
    has_input_ended: bool,
    /// The process that reads what this one reads.
    reader: Option<Reader>,
    is_interrupted: bool,
}

/// The process that reads what a shell reads.
#[derive(Clone, Copy, Debug)]
struct Reader {
    client: ClientId,
    /// Whether it takes one line and leaves the rest.
    takes_one: bool,
}

/// Something that is being done.
#[derive(Clone, Debug)]
enum Frame {
    /// The items of a list, from this one on.
    List(Arc<List>, usize),
    /// An item, of which the next part is this one; 0 is its first pipeline.
    Item(Arc<List>, usize, usize),
    /// What a pipeline has of `$(..)` is found out, or it runs.
    Pipeline(Box<Running>),
    /// A `for` with the values that are left.
    For { variable: String, values: VecDeque<String>, body: Arc<List> },
    /// A `while`, and whether its condition was just asked.
    While { is_until: bool, condition: Arc<List>, body: Arc<List>, has_asked: bool },
    /// An `if`: the branches that are left, of which the first was just asked.
    If { branches: VecDeque<(Arc<List>, Arc<List>)>, otherwise: Arc<List> },
}

/// A pipeline under way.
#[derive(Clone, Debug)]
struct Running {
    pipeline: Pipeline,
    /// The process of a `$(..)` in it, and what it has printed.
    substitution: Option<(ClientId, String)>,
    /// The processes that run still.
    children: Vec<ClientId>,
    /// The process whose exit code counts.
    last: Option<ClientId>,
}

impl Shell {
    fn new(list: Arc<List>) -> Self {
        Self {
            unfinished: None,
            stack: vec![Frame::List(list, 0)],
            code: 0,
            input: VecDeque::new(),
            has_input_ended: false,
            reader: None,
            is_interrupted: false,
        }
    }

    /// A shell that needs more lines to make sense of what was typed.
    fn waiting(text: &str) -> Self {
        let unfinished = Some(text.to_owned());
        Self { unfinished, stack: Vec::new(), ..Self::new(Arc::default()) }
    }

    /// One more line was typed of what is not whole.
    fn go_on_reading(&mut self, ctx: &mut Ctx<'_>, line: &str) {
        let Some(text) = &mut self.unfinished else { return };
        text.push('\n');
        text.push_str(line);
        match parser::parse(text) {
            Ok(list) => {
                self.unfinished = None;
                self.stack = vec![Frame::List(Arc::new(list), 0)];
                self.run(ctx);
            }
            Err(Trouble::Incomplete) => ctx.print_open("> "),
            Err(trouble) => {
                ctx.print_error(&trouble.message());
                ctx.exit(MISUSE);
            }
        }
    }

    /// Does what can be done until something is to be waited for.
    fn run(&mut self, ctx: &mut Ctx<'_>) {
        loop {
            if self.is_interrupted {
                self.stack.clear();
            }
            let Some(frame) = self.stack.pop() else { return ctx.exit(self.code) };
            if self.do_next(ctx, frame) {
                return;
            }
        }
    }

    /// Does the next part of what a frame says. True if it is to be waited for.
    fn do_next(&mut self, ctx: &mut Ctx<'_>, frame: Frame) -> bool {
        match frame {
            Frame::List(list, next) => {
                if let Some(item) = list.0.get(next) {
                    self.stack.push(Frame::List(list.clone(), next + 1));
                    if item.is_background {
                        self.start_job(ctx, &list, next);
                    } else {
                        self.stack.push(Frame::Item(list, next, 0));
                    }
                }
                false
            }
            Frame::Item(list, index, part) => {
                let item = &list.0[index];
                let pipeline = match part {
                    0 => Some(&item.first),
                    part => self.joined(&item.rest, part).map(|(_, pipeline)| pipeline),
                };
                let Some(pipeline) = pipeline.cloned() else { return false };
                let next = match part {
                    0 => 1,
                    part => self.joined(&item.rest, part).map_or(part, |(at, _)| at + 2),
                };
                self.stack.push(Frame::Item(list, index, next));
                self.begin(ctx, pipeline)
            }
            Frame::Pipeline(running) => {
                self.stack.push(Frame::Pipeline(running));
                true
            }
            Frame::For { variable, mut values, body } => {
                let Some(value) = values.pop_front() else { return false };
                ctx.change_terminal(|terminal| {
                    terminal.variables.insert(variable.clone(), value);
                });
                self.stack.push(Frame::For { variable, values, body: body.clone() });
                self.stack.push(Frame::List(body, 0));
                false
            }
            Frame::While { is_until, condition, body, has_asked } => {
                if !has_asked {
                    let again = Frame::While {
                        is_until,
                        condition: condition.clone(),
                        body,
                        has_asked: true,
                    };
                    self.stack.push(again);
                    self.stack.push(Frame::List(condition, 0));
                    ctx.set_timer(LOOP_TIME, Timer::Program(0));
                    return true;
                }
                if (self.code == 0) == is_until {
                    self.code = 0;
                    return false;
                }
                let again =
                    Frame::While { is_until, condition, body: body.clone(), has_asked: false };
                self.stack.push(again);
                self.stack.push(Frame::List(body, 0));
                false
            }
            Frame::If { mut branches, otherwise } => {
                let Some((_, body)) = branches.pop_front() else { return false };
                if self.code == 0 {
                    self.stack.push(Frame::List(body, 0));
                } else if let Some((condition, _)) = branches.front().cloned() {
                    self.stack.push(Frame::If { branches, otherwise });
                    self.stack.push(Frame::List(condition, 0));
                } else {
                    self.code = 0;
                    self.stack.push(Frame::List(otherwise, 0));
                }
                false
            }
        }
    }

    /// The next pipeline behind `&&` and `||` that is to be run, and its place.
    fn joined<'a>(
        &self,
        rest: &'a [(Join, Pipeline)],
        part: usize,
    ) -> Option<(usize, &'a Pipeline)> {
        let left = rest.iter().enumerate().skip(part - 1);
        let wanted = if self.code == 0 { Join::And } else { Join::Or };
        let mut fitting = left.filter(|(_, (join, _))| *join == wanted);
        fitting.next().map(|(at, (_, pipeline))| (at, pipeline))
    }

    /// Begins a pipeline. True if it is to be waited for.
    fn begin(&mut self, ctx: &mut Ctx<'_>, mut pipeline: Pipeline) -> bool {
        if let Some(list) = substitute::next(&mut pipeline) {
            let streams = Streams {
                output: Sink::Collector(ctx.process()),
                errors: ctx.streams().errors,
                parent: Some(ctx.process()),
                ..Streams::default()
            };
            let Some(child) = ctx.spawn(Box::new(Self::new(list)), streams) else { return true };
            let substitution = Some((child, String::new()));
            let running = Running { pipeline, substitution, children: Vec::new(), last: None };
            self.stack.push(Frame::Pipeline(Box::new(running)));
            return true;
        }
        if let [Stage { command, redirects }] = pipeline.stages.as_slice()
            && redirects.is_empty()
            && !pipeline.is_negated
            && let Some(waits) = self.do_here(ctx, command)
        {
            return waits;
        }
        self.start_stages(ctx, pipeline)
    }

    /// Does what needs no process of its own. None if it needs one.
    fn do_here(&mut self, ctx: &mut Ctx<'_>, command: &Command) -> Option<bool> {
        match command {
            Command::Simple { assignments, words } => {
                let words = self.expand(ctx, words);
                let Some(first) = words.first() else {
                    self.assign(ctx, assignments);
                    self.code = 0;
                    return Some(false);
                };
                builtins::is_control(&first.text).then(|| {
                    self.control(&words);
                    false
                })
            }
            Command::Group(list) => {
                self.stack.push(Frame::List(list.clone(), 0));
                Some(false)
            }
            Command::For { variable, values, body } => {
                let values = self.expand(ctx, values).into_iter().map(|word| word.text).collect();
                let (variable, body) = (variable.clone(), body.clone());
                self.stack.push(Frame::For { variable, values, body });
                Some(false)
            }
            Command::While { is_until, condition, body } => {
                let (is_until, condition, body) = (*is_until, condition.clone(), body.clone());
                self.stack.push(Frame::While { is_until, condition, body, has_asked: false });
                Some(false)
            }
            Command::If { branches, otherwise } => {
                let (branches, otherwise) = (VecDeque::from(branches.clone()), otherwise.clone());
                let condition = branches.front().map(|(condition, _)| condition.clone());
                self.stack.push(Frame::If { branches, otherwise });
                self.stack.extend(condition.map(|condition| Frame::List(condition, 0)));
                Some(false)
            }
        }
    }

    /// `exit`, `break` and `continue`.
    fn control(&mut self, words: &[Word]) {
        let number = words.get(1).and_then(|word| word.text.parse::<i32>().ok());
        if words[0].text == "exit" {
            self.code = number.unwrap_or(self.code) & 0xff;
            self.stack.clear();
            return;
        }
        let is_loop = |frame: &Frame| matches!(frame, Frame::For { .. } | Frame::While { .. });
        if let Some(innermost) = self.stack.iter().rposition(is_loop) {
            let keeps = words[0].text == "continue";
            self.stack.truncate(innermost + usize::from(keeps));
        }
        self.code = 0;
    }

    fn assign(&self, ctx: &mut Ctx<'_>, assignments: &[(String, Text)]) {
        for (name, text) in assignments {
            let value = expand::one(text, &|name| self.variable(ctx, name));
            ctx.change_terminal(|terminal| {
                terminal.variables.insert(name.clone(), value);
            });
        }
    }

    fn expand(&self, ctx: &Ctx<'_>, texts: &[Text]) -> Vec<Word> {
        let variable = |name: &str| self.variable(ctx, name);
        texts.iter().flat_map(|text| expand::words(text, &variable)).collect()
    }

    fn variable(&self, ctx: &Ctx<'_>, name: &str) -> String {
        let terminal = ctx.terminal();
        match name {
            "?" => match &self.stack[..] {
                // The first of a line asks for the line before.
                [Frame::List(_, 1), ..] if self.is_fresh() => terminal.last_code.to_string(),
                _ => self.code.to_string(),
            },
            "$" => ctx.process().to_string(),
            "!" => {
                terminal.jobs.values().last().map(|job| job.client.to_string()).unwrap_or_default()
            }
            "#" => "0".to_owned(),
            "0" => "bash".to_owned(),
            _ => terminal.variables.get(name).cloned().unwrap_or_default(),
        }
    }

    /// Whether nothing was done yet.
    fn is_fresh(&self) -> bool {
        self.code == 0 && self.stack.len() <= 2
    }

    /// Starts a process for each stage, the last one first, since each writes to the next.
    fn start_stages(&mut self, ctx: &mut Ctx<'_>, pipeline: Pipeline) -> bool {
        let mut children = Vec::new();
        let mut reads_from: Option<ClientId> = None;
        let stages = pipeline.stages.clone();
        for (index, stage) in stages.iter().enumerate().rev() {
            let Some(child) = self.start_stage(ctx, stage, index == 0, reads_from) else {
                children.iter().for_each(|child| ctx.kill(*child));
                return true;
            };
            children.push(child);
            reads_from = Some(child);
        }
        let last = children.first().copied();
        let running = Running { pipeline, substitution: None, children, last };
        self.stack.push(Frame::Pipeline(Box::new(running)));
        self.feed(ctx);
        true
    }

    fn start_stage(
        &mut self,
        ctx: &mut Ctx<'_>,
        stage: &Stage,
        is_first: bool,
        next: Option<ClientId>,
    ) -> Option<ClientId> {
        let own = ctx.streams();
        let output = next.map_or(own.output, Sink::Process);
        let variable = |name: &str| self.variable(ctx, name);
        let connected = Connected::new(&stage.redirects, &variable, output, own.errors);
        let connected = connected.open(ctx);
        let (program, takes_one): (Box<dyn Program>, bool) = match (&stage.command, &connected) {
            (_, Err(message)) => (Says::errors(1, [message.clone()]), false),
            (Command::Simple { assignments, words }, Ok(_)) => {
                let words = self.expand(ctx, words);
                self.assign(ctx, assignments);
                let takes_one = words.first().is_some_and(|word| word.text == "read");
                (if words.is_empty() { Says::lines([]) } else { program(&words) }, takes_one)
            }
            (command, Ok(_)) => (Box::new(Self::of_command(command)), false),
        };
        let connected = connected.unwrap_or_default();
        let is_shell = !matches!(stage.command, Command::Simple { .. });
        let reads = program.reads_input() || is_shell;
        let streams = Streams {
            output: connected.output,
            errors: connected.errors,
            is_last_writer: next.is_some(),
            reads_terminal: is_first
                && connected.input.is_none()
                && own.parent.is_none()
                && own.job.is_none(),
            parent: Some(ctx.process()),
            job: None,
        };
        let writes = |sink: &Sink| next.is_some_and(|next| *sink == Sink::Process(next));
        let is_cut_off = !writes(&streams.output) && !writes(&streams.errors);
        let child = ctx.spawn(program, streams)?;
        if let Some(next) = next.filter(|_| is_cut_off) {
            ctx.hand(next, Input::EndOfInput);
        }
        if let Some(text) = connected.input {
            for line in text.lines() {
                ctx.hand(child, Input::Line(line.to_owned()));
            }
            ctx.hand(child, Input::EndOfInput);
        } else if is_first && reads {
            self.reader = Some(Reader { client: child, takes_one });
        }
        Some(child)
    }

    /// A shell for a command that is more than a word and its arguments.
    fn of_command(command: &Command) -> Self {
        let stage = Stage { command: command.clone(), redirects: Vec::new() };
        let first = Pipeline { is_negated: false, stages: vec![stage] };
        let item = syntax::Item { first, rest: Vec::new(), is_background: false, text: "".into() };
        Self::new(Arc::new(List(vec![item])))
    }

    /// Starts what stands before `&`, and does not wait for it.
    fn start_job(&mut self, ctx: &mut Ctx<'_>, list: &Arc<List>, index: usize) {
        let mut item = list.0[index].clone();
        item.is_background = false;
        let line: Arc<str> = item.text.clone();
        let mut shell = Self::new(Arc::new(List(vec![item])));
        shell.has_input_ended = true;
        let number = ctx.terminal().jobs.keys().last().map_or(1, |last| last + 1);
        let own = ctx.streams();
        let streams = Streams { job: Some(number), parent: None, is_last_writer: false, ..own };
        let Some(client) = ctx.spawn(Box::new(shell), streams) else { return };
        ctx.change_terminal(|terminal| {
            terminal.jobs.insert(number, Job { client, line });
        });
        ctx.print_error(&format!("[{number}] {client}"));
        self.code = 0;
    }

    /// Hands on what was read.
    fn feed(&mut self, ctx: &mut Ctx<'_>) {
        let Some(reader) = self.reader else { return };
        while let Some(line) = self.input.pop_front() {
            ctx.hand(reader.client, Input::Line(line));
            if reader.takes_one {
                self.reader = None;
                return;
            }
        }
        if self.has_input_ended {
            ctx.hand(reader.client, Input::EndOfInput);
            self.reader = None;
        }
    }

    /// A command within a `$(..)` has printed a line.
    fn on_child_line(&mut self, line: &str) {
        if let Some(Frame::Pipeline(running)) = self.stack.last_mut()
            && let Some((_, printed)) = &mut running.substitution
        {
            printed.push_str(line);
            printed.push('\n');
        }
    }

    fn on_child_exited(&mut self, ctx: &mut Ctx<'_>, child: ClientId, code: i32) {
        if self.reader.is_some_and(|reader| reader.client == child) {
            self.reader = None;
        }
        let Some(Frame::Pipeline(running)) = self.stack.last_mut() else { return };
        if let Some((_, printed)) = running.substitution.take_if(|(client, _)| *client == child) {
            let mut pipeline = running.pipeline.clone();
            substitute::fill(&mut pipeline, &printed);
            self.stack.pop();
            self.code = code;
            if self.is_interrupted || !self.begin(ctx, pipeline) {
                self.run(ctx);
            }
            return;
        }
        running.children.retain(|client| *client != child);
        if running.last == Some(child) {
            self.code = if running.pipeline.is_negated { i32::from(code == 0) } else { code };
        }
        if running.children.is_empty() {
            self.stack.pop();
            self.run(ctx);
        }
    }

    /// Ctrl-C: those that run get it, and nothing more is begun. The second time they are killed.
    fn interrupt(&mut self, ctx: &mut Ctx<'_>) {
        if self.unfinished.is_some() || self.stack.is_empty() {
            return ctx.exit(INTERRUPTED);
        }
        let Some(Frame::Pipeline(running)) = self.stack.last() else {
            return ctx.exit(INTERRUPTED);
        };
        let substitution = running.substitution.as_ref().map(|(client, _)| *client);
        for child in running.children.iter().copied().chain(substitution) {
            match self.is_interrupted {
                false => ctx.hand(child, Input::Interrupt),
                true => ctx.kill(child),
            }
        }
        self.is_interrupted = true;
    }
}

impl Program for Shell {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start if self.unfinished.is_some() => ctx.print_open("> "),
            Input::Start | Input::Timer(_) => self.run(ctx),
            Input::Line(line) if self.unfinished.is_some() => self.go_on_reading(ctx, &line),
            Input::Line(line) => {
                self.input.push_back(line);
                self.feed(ctx);
            }
            Input::EndOfInput if self.unfinished.is_some() => {
                ctx.print_error(&Trouble::Incomplete.message());
                ctx.exit(MISUSE);
            }
            Input::EndOfInput => {
                self.has_input_ended = true;
                self.feed(ctx);
            }
            Input::ChildLine(_, line) => self.on_child_line(&line),
            Input::ChildExited(child, code) => self.on_child_exited(ctx, child, code),
            Input::Interrupt => self.interrupt(ctx),
            _ => {}
        }
    }

    fn reads_input(&self) -> bool {
        self.unfinished.is_some() || self.reader.is_some()
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests;
