//! `kafka-topics.sh`: `TopicCommand` of Kafka's tools, with what it prints.

use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{BrokerId, CorrelationId, NodeId};
use highwater_cluster::input::Input;
use highwater_cluster::message::{Request, Response};
use highwater_cluster::program::Program;
use highwater_cluster::time::{Span, Time};
use highwater_cluster::timer::Timer;

use crate::command::Says;
use crate::words::Word;

mod arguments;
mod create;
mod describe;

use arguments::{Action, Arguments};

/// `default.api.timeout.ms` of the admin client.
const API_TIMEOUT: Span = Span(60_000_000);
/// `request.timeout.ms` of the admin client.
const REQUEST_TIMEOUT: Span = Span(30_000_000);
/// `retry.backoff.ms`
const RETRY_BACKOFF: Span = Span(100_000);

/// The process for `kafka-topics.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match Arguments::parse(words) {
        Ok(arguments) => Box::new(Topics { arguments, deadline: Time::ZERO, asked: None, attempts: 0 }),
        Err(lines) => Says::errors(1, lines),
    }
}

/// The command while it runs: one request at a time, to one broker after another until one answers.
#[derive(Clone, Debug)]
struct Topics {
    arguments: Arguments,
    deadline: Time,
    asked: Option<CorrelationId>,
    attempts: usize,
}

/// What the command came to.
enum Outcome {
    /// It printed what it had to.
    Done,
    /// It failed: the exception's class in Java, and its message.
    Failed(&'static str, String),
    /// Another request follows.
    Ask(Request),
}

impl Program for Topics {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => {
                self.deadline = ctx.now() + API_TIMEOUT;
                match create::check(ctx, &self.arguments) {
                    Ok(()) => self.ask(ctx),
                    Err(failed) => self.finish(ctx, failed),
                }
            }
            Input::Response(id, response) if self.asked == Some(id) => {
                let outcome = self.on_response(ctx, &response);
                self.finish(ctx, outcome);
            }
            Input::Failed(id, _) if self.asked == Some(id) => self.retry(ctx),
            Input::Timer(Timer::Program(_)) => self.ask(ctx),
            Input::Interrupt => ctx.exit(130),
            _ => {}
        }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

impl Topics {
    fn ask(&mut self, ctx: &mut Ctx<'_>) {
        let request = match self.arguments.action {
            Action::Create => create::request(&self.arguments),
            Action::List => describe::list_request(),
            Action::Describe => describe::request(&self.arguments),
        };
        self.send(ctx, request);
    }

    fn send(&mut self, ctx: &mut Ctx<'_>, request: Request) {
        let broker = self.broker(ctx);
        self.asked = Some(ctx.send(NodeId::Broker(broker), request, REQUEST_TIMEOUT));
    }

    /// The broker to ask: those of `--bootstrap-server` first, after them whoever there is.
    fn broker(&self, ctx: &Ctx<'_>) -> BrokerId {
        let all = ctx.bootstrap_brokers();
        let others = all.iter().filter(|id| !self.arguments.bootstrap.contains(id));
        let order: Vec<BrokerId> = self.arguments.bootstrap.iter().chain(others).copied().collect();
        order[self.attempts % order.len()]
    }

    fn retry(&mut self, ctx: &mut Ctx<'_>) {
        self.attempts += 1;
        if ctx.now() >= self.deadline {
            let call = match self.arguments.action {
                Action::Create => "createTopics",
                Action::List => "listTopics",
                Action::Describe => "describeTopics",
            };
            let message = format!("Timed out waiting for a node assignment. Call: {call}");
            let failed = Outcome::Failed("org.apache.kafka.common.errors.TimeoutException", message);
            return self.finish(ctx, failed);
        }
        ctx.set_timer(RETRY_BACKOFF, Timer::Program(0));
    }

    fn on_response(&mut self, ctx: &mut Ctx<'_>, response: &Response) -> Outcome {
        match response {
            Response::CreateTopics(body) => create::outcome(ctx, &self.arguments, body),
            Response::Metadata(body) => describe::list(ctx, body),
            Response::DescribeTopicPartitions(body) => describe::topics(&mut self.arguments, body),
            Response::DescribeConfigs(body) => describe::print(ctx, &self.arguments, body),
            other => unreachable!("nothing was asked that {:?} answers", other.api_key()),
        }
    }

    fn finish(&mut self, ctx: &mut Ctx<'_>, outcome: Outcome) {
        match outcome {
            Outcome::Done => ctx.exit(0),
            Outcome::Ask(request) => self.send(ctx, request),
            Outcome::Failed(class, message) => {
                ctx.print(&format!("Error while executing topic command : {message}"));
                let at = highwater_time(ctx);
                ctx.print_error(&format!("[{at}] ERROR {class}: {message}"));
                ctx.print_error(" (org.apache.kafka.tools.TopicCommand)");
                ctx.exit(1);
            }
        }
    }
}

/// The time of day as log4j prints it: `2026-01-05 09:00:01,250`.
fn highwater_time(ctx: &Ctx<'_>) -> String {
    let millis = ctx.timestamp().0;
    let (days, of_day) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
    let (year, month, day) = civil(days);
    let (seconds, millis) = (of_day / 1_000, of_day % 1_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02},{millis:03}")
}

/// The date of a day counted from 1970-01-01, in the Gregorian calendar. Years begin in March here, so
/// that the leap day is the last of its year.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}
