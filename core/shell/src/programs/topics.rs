//! `kafka-topics.sh`: `TopicCommand` of Kafka's tools, with what it prints.

use std::borrow::Cow;
use std::sync::Arc;

use highwater_cluster::ctx::Ctx;
use highwater_cluster::input::Input;
use highwater_cluster::message::{Request, Response};
use highwater_cluster::program::Program;

use crate::admin::{Admin, Answer, CLIENT_ID, To};
use crate::command::Says;
use crate::java::log_time;
use crate::words::Word;

mod alter;
mod arguments;
mod assignment;
mod create;
mod describe;
pub(crate) mod filter;
mod options;

pub(crate) use arguments::option_error;
use arguments::{Action, Arguments};
pub(crate) use create::error_class;
use describe::Description;
pub(crate) use options::OPTIONS;

/// The process for `kafka-topics.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match arguments::read(words) {
        Ok(arguments) => {
            let admin = Admin::new(arguments.servers.clone());
            Box::new(Topics { arguments, admin, description: Description::default() })
        }
        Err(refused) => Says::refused(refused),
    }
}

/// The command while it runs.
#[derive(Clone, Debug)]
struct Topics {
    arguments: Arguments,
    admin: Admin,
    /// What the answers so far told, if topics are to be described.
    description: Description,
}

/// Where the command stands after a step.
#[derive(Debug)]
enum Outcome {
    /// It printed what it had to.
    Done,
    /// It failed with this exception.
    Failed(Exception),
    /// It goes on with another call.
    Call(&'static str, Request, To),
}

/// An exception of Java's, as the tool prints it.
#[derive(Debug)]
struct Exception {
    class: Cow<'static, str>,
    message: String,
}

impl Exception {
    fn new(class: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { class: class.into(), message: message.into() }
    }

    fn illegal_argument(message: impl Into<String>) -> Self {
        Self::new("java.lang.IllegalArgumentException", message)
    }
}

impl Program for Topics {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        let outcome = match input {
            Input::Start => self.begin(ctx),
            Input::Interrupt => return ctx.exit(130),
            input => match self.admin.handle(ctx, &input) {
                Answer::Pending => return,
                Answer::Response(response) => self.on_response(ctx, &response),
                Answer::TimedOut(message) => Outcome::Failed(Exception::new(
                    "org.apache.kafka.common.errors.TimeoutException",
                    message,
                )),
            },
        };
        match outcome {
            Outcome::Done => ctx.exit(0),
            Outcome::Call(name, request, to) => self.admin.call(ctx, name, request, to),
            Outcome::Failed(exception) => fail(ctx, &exception),
        }
    }

    fn client_id(&self) -> Option<Arc<str>> {
        Some(CLIENT_ID.into())
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

impl Topics {
    fn begin(&self, ctx: &mut Ctx<'_>) -> Outcome {
        match self.arguments.action {
            Action::Create => create::begin(ctx, &self.arguments),
            Action::Alter if let Err(exception) = alter::check(&self.arguments) => {
                Outcome::Failed(exception)
            }
            // What matches --topic is looked for among all topics.
            Action::Alter | Action::Describe | Action::List | Action::Delete => {
                Outcome::Call("listTopics", describe::list_request(), To::Any)
            }
        }
    }

    fn on_response(&mut self, ctx: &mut Ctx<'_>, response: &Response) -> Outcome {
        let arguments = &self.arguments;
        match response {
            Response::CreateTopics(body) => create::finish(ctx, arguments, body),
            Response::Metadata(body) => {
                let found = filter::matching(arguments, body);
                match arguments.action {
                    Action::Describe => describe::begin(arguments, found),
                    Action::Delete => describe::delete(arguments, found),
                    Action::Alter => alter::begin(arguments, found),
                    Action::List | Action::Create => {
                        ctx.print(&found.join("\n"));
                        Outcome::Done
                    }
                }
            }
            Response::DeleteTopics(body) => create::deleted(body),
            Response::CreatePartitions(body) => alter::finish(body),
            Response::DescribeTopicPartitions(body) if arguments.action == Action::Alter => {
                alter::with_assignment(arguments, body)
            }
            Response::DescribeTopicPartitions(body) => self.description.add_topics(body),
            Response::DescribeConfigs(body) => {
                let live: Vec<_> = self.admin.brokers().collect();
                self.description.print(ctx, arguments, &live, body);
                Outcome::Done
            }
            other => unreachable!("nothing was asked that {:?} answers", other.api_key()),
        }
    }
}

fn fail(ctx: &mut Ctx<'_>, Exception { class, message }: &Exception) {
    ctx.print(&format!("Error while executing topic command : {message}"));
    let at = log_time(ctx.timestamp());
    ctx.print_error(&format!("[{at}] ERROR {class}: {message}"));
    ctx.print_error(" (org.apache.kafka.tools.TopicCommand)");
    ctx.exit(1);
}
