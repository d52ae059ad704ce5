//! `kafka-reassign-partitions.sh`: `ReassignPartitionsCommand` of Kafka's tools, with what it prints.

use std::sync::Arc;

use highwater_cluster::ctx::Ctx;
use highwater_cluster::input::Input;
use highwater_cluster::message::Request;
use highwater_cluster::program::Program;

use crate::admin::{Admin, Answer, CLIENT_ID, To};
use crate::command::Says;
use crate::programs::json_file::{self, Exception};
use crate::words::Word;

mod arguments;
mod cancel;
mod execute;
mod facts;
mod generate;
mod list;
mod placement;
mod plan;
mod text;
mod throttle;
mod verify;

pub(crate) use arguments::OPTIONS;
use arguments::{Action, Arguments};
use facts::Facts;

/// The process for `kafka-reassign-partitions.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match arguments::read(words) {
        Ok(arguments) => {
            let admin = Admin::new(arguments.servers.clone());
            Box::new(Reassign { arguments, admin, facts: Facts::default(), job: None })
        }
        Err(refused) => Says::refused(refused),
    }
}

/// The command while it runs.
#[derive(Clone, Debug)]
struct Reassign {
    arguments: Arguments,
    admin: Admin,
    /// What the cluster has told so far.
    facts: Facts,
    job: Option<Job>,
}

/// What the command does, once its file is read.
#[derive(Clone, Debug)]
enum Job {
    Generate(generate::Generate),
    Execute(execute::Execute),
    Verify(verify::Verify),
    Cancel(cancel::Cancel),
    List,
}

/// Where the command stands after a step.
#[derive(Debug)]
enum Outcome {
    /// It printed what it had to.
    Done,
    /// It failed with this exception.
    Failed(Exception),
    /// It failed, and says only why.
    Terse(String),
    /// It goes on with another call.
    Call(&'static str, Request, To),
    /// It goes on after a while.
    Wait,
}

/// How long it waits before it looks again whether a replica has come.
const WAIT_MS: i64 = 100;
/// Its own timer, apart from those of the admin client.
const LOOK_AGAIN: u32 = u32::MAX;

impl Program for Reassign {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        use highwater_cluster::timer::Timer;
        let outcome = match &input {
            Input::Start => match self.job(ctx) {
                Ok(job) => {
                    self.job = Some(job);
                    self.next(ctx)
                }
                Err(exception) => Outcome::Failed(exception),
            },
            Input::Interrupt => return ctx.exit(130),
            Input::Timer(Timer::Program(LOOK_AGAIN)) => self.next(ctx),
            input => match self.admin.handle(ctx, input) {
                Answer::Pending => return,
                Answer::Response(response) => match self.facts.learn(&response) {
                    Ok(()) => self.next(ctx),
                    Err(exception) => Outcome::Failed(exception),
                },
                Answer::TimedOut(message) => Outcome::Failed(Exception::new(
                    "java.util.concurrent.ExecutionException",
                    format!("org.apache.kafka.common.errors.TimeoutException: {message}"),
                )),
            },
        };
        match outcome {
            Outcome::Done => ctx.exit(0),
            Outcome::Call(name, request, to) => self.admin.call(ctx, name, request, to),
            Outcome::Wait => {
                let wait = highwater_cluster::time::Span::from_millis(WAIT_MS);
                ctx.set_timer(wait, Timer::Program(LOOK_AGAIN));
            }
            Outcome::Failed(exception) => fail(ctx, &exception),
            Outcome::Terse(message) => {
                ctx.print(&message);
                ctx.exit(1);
            }
        }
    }

    fn client_id(&self) -> Option<Arc<str>> {
        Some(CLIENT_ID.into())
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

impl Reassign {
    /// Reads the files, and with them what is to be done.
    fn job(&self, ctx: &Ctx<'_>) -> Result<Job, Exception> {
        Ok(match &self.arguments.action {
            Action::Generate { topics_file, brokers, rack_aware } => {
                let text = json_file::read(ctx, topics_file)?;
                Job::Generate(generate::Generate::new(&text, brokers, *rack_aware)?)
            }
            Action::Execute(options) => {
                let text = json_file::read(ctx, &options.file)?;
                Job::Execute(execute::Execute::new(&text, options.clone(), ctx.now())?)
            }
            Action::Verify { file, preserve_throttles } => {
                let text = json_file::read(ctx, file)?;
                Job::Verify(verify::Verify::new(&text, *preserve_throttles)?)
            }
            Action::Cancel { file, preserve_throttles } => {
                let text = json_file::read(ctx, file)?;
                Job::Cancel(cancel::Cancel::new(&text, *preserve_throttles)?)
            }
            Action::List => Job::List,
        })
    }

    /// Goes on as far as what is known allows.
    fn next(&mut self, ctx: &mut Ctx<'_>) -> Outcome {
        let facts = &mut self.facts;
        let outcome = match self.job.as_mut().expect("it has begun") {
            Job::Generate(job) => job.next(ctx, facts),
            Job::Execute(job) => job.next(ctx, facts),
            Job::Verify(job) => job.next(ctx, facts),
            Job::Cancel(job) => job.next(ctx, facts),
            Job::List => list::next(ctx, facts),
        };
        outcome.unwrap_or_else(Outcome::Failed)
    }
}

/// As the tool says it, on its standard output: the message, then the exception with its stack.
fn fail(ctx: &mut Ctx<'_>, Exception { class, message, hint }: &Exception) {
    ctx.print(&format!("Error: {message}"));
    ctx.print(&format!("{class}: {message}"));
    ctx.print("");
    if let Some(hint) = hint {
        ctx.print_error(&format!("Highwater: {hint}"));
    }
    ctx.exit(1);
}
