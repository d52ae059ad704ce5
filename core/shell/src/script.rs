//! A command written as one function from top to bottom, although each of its questions takes virtual
//! time. The function runs again from its beginning whenever an answer has come: what it asked before
//! is answered from a journal, what it printed before is not printed again. So it must do the same
//! each time until it meets the first question that is not answered yet.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use highwater_cluster::client::Backoff;
use highwater_cluster::client::error_messages::kafka_message;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::input::Input;
use highwater_cluster::log::TimestampMs;
use highwater_cluster::message::{Request, Response};
use highwater_cluster::program::Program;
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::time::Time;
use highwater_cluster::timer::Timer;

use crate::admin::{Admin, Answer, CLIENT_ID, To};
use crate::java::log_time;

/// The script's own timer; the admin client's have greater numbers.
const PAUSE: Timer = Timer::Program(0);

/// A command as one function.
pub(crate) trait Script: Clone + fmt::Debug + Send + Sync + 'static {
    /// Does the command's work and returns its exit code.
    ///
    /// # Errors
    /// [`Halt::Waiting`], to be passed on with `?`, while an answer is under way.
    fn run(&self, io: &mut Io<'_, '_>) -> Result<i32, Halt>;

    /// Whether it reads what is typed on its terminal: [`Io::line`].
    fn reads_input(&self) -> bool {
        false
    }
}

/// Why a script does not go on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Halt {
    /// It is to run again when an answer has come.
    Waiting,
    /// The command ends at once with this exit code.
    Exit(i32),
    /// An exception of Java's.
    Failed(Failure),
}

/// An exception of Java's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) class: String,
    pub(crate) message: String,
    /// The error that a broker answered with, if it was one.
    pub(crate) error: Option<ResponseError>,
}

impl Failure {
    pub(crate) fn new(class: impl Into<String>, message: impl Into<String>) -> Self {
        Self { class: class.into(), message: message.into(), error: None }
    }

    /// What Kafka's client makes of an error, with what the broker says of it.
    pub(crate) fn of(error: ResponseError, message: Option<&str>) -> Self {
        let class = format!("org.apache.kafka.common.errors.{}", exception_name(error));
        let message = message.map_or_else(|| kafka_message(error), str::to_owned);
        Self { class, message, error: Some(error) }
    }

    /// `IllegalArgumentException`
    pub(crate) fn illegal_argument(message: impl Into<String>) -> Self {
        Self::new("java.lang.IllegalArgumentException", message)
    }

    pub(crate) fn timeout(message: impl Into<String>) -> Self {
        Self::new("org.apache.kafka.common.errors.TimeoutException", message)
    }

    /// What a `Future` throws in place of the exception that it ended in.
    pub(crate) fn in_future(self) -> Self {
        self.wrapped("java.util.concurrent.ExecutionException")
    }

    /// `new RuntimeException(e)`
    pub(crate) fn at_run_time(self) -> Self {
        self.wrapped("java.lang.RuntimeException")
    }

    fn wrapped(self, class: &str) -> Self {
        Self { class: class.to_owned(), message: self.to_string(), error: self.error }
    }
}

/// As `Throwable.toString` has it.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.class, self.message)
    }
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Halt::Failed(failure)
    }
}

/// Lets a script look at an exception, while everything else is passed on.
pub(crate) fn caught<T>(result: Result<T, Halt>) -> Result<Result<T, Failure>, Halt> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Halt::Failed(failure)) => Ok(Err(failure)),
        Err(halt) => Err(halt),
    }
}

/// The process of a script that asks the brokers through `admin`.
pub(crate) fn process(script: impl Script, admin: Admin) -> Box<dyn Program> {
    Box::new(Process {
        script,
        admin,
        journal: Vec::new(),
        printed: 0,
        is_under_way: false,
        typed: VecDeque::new(),
    })
}

#[derive(Clone, Debug)]
struct Process<S> {
    script: S,
    admin: Admin,
    journal: Vec<Entry>,
    /// How many lines were printed.
    printed: usize,
    /// Whether the last question is still to be answered.
    is_under_way: bool,
    /// The lines that were typed and not read yet; none is the end of the input.
    typed: VecDeque<Option<String>>,
}

/// What a script learnt.
#[derive(Clone, Debug)]
enum Entry {
    Answered(Result<Response, Failure>),
    Paused,
    Now(Time, TimestampMs),
    Typed(Option<String>),
}

impl<S: Script> Program for Process<S> {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => {}
            Input::Interrupt => return ctx.exit(130),
            Input::Line(line) => self.typed.push_back(Some(line)),
            Input::EndOfInput => self.typed.push_back(None),
            Input::Timer(PAUSE) => self.learn(Entry::Paused),
            input => match self.admin.handle(ctx, &input) {
                Answer::Pending => return,
                Answer::Response(response) => self.learn(Entry::Answered(Ok(response))),
                Answer::TimedOut(message) => {
                    self.learn(Entry::Answered(Err(Failure::timeout(message))));
                }
            },
        }
        self.go_on(ctx);
    }

    fn reads_input(&self) -> bool {
        self.script.reads_input()
    }

    fn client_id(&self) -> Option<Arc<str>> {
        Some(CLIENT_ID.into())
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

impl<S: Script> Process<S> {
    fn learn(&mut self, entry: Entry) {
        self.journal.push(entry);
        self.is_under_way = false;
    }

    fn go_on(&mut self, ctx: &mut Ctx<'_>) {
        let mut io = Io {
            ctx,
            admin: &mut self.admin,
            journal: &mut self.journal,
            printed: &mut self.printed,
            is_under_way: &mut self.is_under_way,
            typed: &mut self.typed,
            read: 0,
            lines: 0,
        };
        match self.script.run(&mut io) {
            Ok(code) | Err(Halt::Exit(code)) => ctx.exit(code),
            Err(Halt::Waiting) => {}
            Err(Halt::Failed(failure)) => {
                io.print_error(&format!("Exception in thread \"main\" {failure}"));
                ctx.exit(1);
            }
        }
    }
}

/// What a script may do.
pub(crate) struct Io<'a, 'w> {
    ctx: &'a mut Ctx<'w>,
    admin: &'a mut Admin,
    journal: &'a mut Vec<Entry>,
    printed: &'a mut usize,
    is_under_way: &'a mut bool,
    typed: &'a mut VecDeque<Option<String>>,
    /// How much of the journal this run has used.
    read: usize,
    /// How many lines this run has said, whether or not they were printed before.
    lines: usize,
}

impl Io<'_, '_> {
    /// Writes a line to standard output.
    pub(crate) fn print(&mut self, line: &str) {
        if self.is_new_line() {
            self.ctx.print(line);
        }
    }

    /// Writes a line to standard error.
    pub(crate) fn print_error(&mut self, line: &str) {
        if self.is_new_line() {
            self.ctx.print_error(line);
        }
    }

    /// Writes a line to standard error as log4j does.
    pub(crate) fn warn(&mut self, message: &str, logger: &str) -> Result<(), Halt> {
        let (_, at) = self.now()?;
        self.print_error(&format!("[{}] WARN {message} ({logger})", log_time(at)));
        Ok(())
    }

    /// Asks a broker.
    ///
    /// # Errors
    /// [`Halt::Failed`] with a `TimeoutException`.
    pub(crate) fn ask(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        request: impl Into<Request>,
        to: To,
    ) -> Result<Response, Halt> {
        if let Some(Entry::Answered(answer)) = self.known() {
            return answer.map_err(Halt::Failed);
        }
        if !*self.is_under_way {
            *self.is_under_way = true;
            self.admin.call(self.ctx, name, request, to);
        }
        Err(Halt::Waiting)
    }

    /// Waits before it tries again what failed for the `tries`th time, from 0.
    pub(crate) fn back_off(&mut self, tries: u32) -> Result<(), Halt> {
        if let Some(Entry::Paused) = self.known() {
            return Ok(());
        }
        if !*self.is_under_way {
            *self.is_under_way = true;
            let wait = Backoff::RETRY.wait(self.ctx, tries);
            self.ctx.set_timer(wait, PAUSE);
        }
        Err(Halt::Waiting)
    }

    /// The time, and what the wall clock shows, at which the script came here first.
    pub(crate) fn now(&mut self) -> Result<(Time, TimestampMs), Halt> {
        if let Some(Entry::Now(time, timestamp)) = self.known() {
            return Ok((time, timestamp));
        }
        let (time, timestamp) = (self.ctx.now(), self.ctx.timestamp());
        self.journal.push(Entry::Now(time, timestamp));
        self.read += 1;
        Ok((time, timestamp))
    }

    /// The next line that is typed; none at the end of the input.
    pub(crate) fn line(&mut self) -> Result<Option<String>, Halt> {
        if let Some(Entry::Typed(line)) = self.known() {
            return Ok(line);
        }
        let line = self.typed.pop_front().ok_or(Halt::Waiting)?;
        self.journal.push(Entry::Typed(line.clone()));
        self.read += 1;
        Ok(line)
    }

    /// When a call that begins now must be over.
    pub(crate) fn deadline(&mut self) -> Result<Time, Halt> {
        let (now, _) = self.now()?;
        Ok(now + self.admin.timeout())
    }

    /// The context, for what is the same at any time: the files of the scenario.
    pub(crate) fn ctx(&self) -> &Ctx<'_> {
        self.ctx
    }

    /// What the journal holds for this step, of the kind that the step asks for: a script that took
    /// another turn than before would find another.
    fn known(&mut self) -> Option<Entry> {
        let entry = self.journal.get(self.read).cloned()?;
        self.read += 1;
        Some(entry)
    }

    fn is_new_line(&mut self) -> bool {
        self.lines += 1;
        let is_new = self.lines > *self.printed;
        *self.printed = self.lines.max(*self.printed);
        is_new
    }
}

/// The name of the exception that Kafka's client makes of an error.
pub(crate) fn exception_name(error: ResponseError) -> String {
    use ResponseError as E;
    let name = match error {
        E::UnknownServerError => "UnknownServerException",
        E::InvalidRegularExpression => "InvalidRegularExpression",
        E::CorruptMessage => "CorruptRecordException",
        E::RequestTimedOut => "TimeoutException",
        E::MessageTooLarge => "RecordTooLargeException",
        E::StaleControllerEpoch => "ControllerMovedException",
        E::OffsetMetadataTooLarge => "OffsetMetadataTooLarge",
        E::RecordListTooLarge => "RecordBatchTooLargeException",
        E::TopicAuthorizationFailed => "TopicAuthorizationException",
        E::GroupAuthorizationFailed => "GroupAuthorizationException",
        E::ClusterAuthorizationFailed => "ClusterAuthorizationException",
        E::TopicAlreadyExists => "TopicExistsException",
        E::InvalidConfig => "InvalidConfigurationException",
        E::OutOfOrderSequenceNumber => "OutOfOrderSequenceException",
        E::DuplicateSequenceNumber => "DuplicateSequenceException",
        E::InvalidProducerIdMapping => "InvalidPidMappingException",
        E::InvalidTransactionTimeout => "InvalidTxnTimeoutException",
        E::TransactionalIdAuthorizationFailed => "TransactionalIdAuthorizationException",
        E::KafkaStorageError => "KafkaStorageException",
        E::SaslAuthenticationFailed => "SaslAuthenticationException",
        E::DelegationTokenAuthDisabled => "DelegationTokenDisabledException",
        E::DelegationTokenRequestNotAllowed => "UnsupportedByAuthenticationException",
        E::DelegationTokenAuthorizationFailed => "DelegationTokenAuthorizationException",
        E::NonEmptyGroup => "GroupNotEmptyException",
        E::PrincipalDeserializationFailure => "PrincipalDeserializationException",
        E::FetchSessionTopicIdError => "FetchSessionTopicIdException",
        _ => "",
    };
    if !name.is_empty() {
        return name.to_owned();
    }
    let name = format!("{error:?}");
    let stem = name.strip_suffix("Exception").unwrap_or(&name);
    format!("{stem}Exception")
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDED: &str = include_str!("../../../tests/oracle/meta/kafka-meta.json");

    #[test]
    fn errors_become_the_exceptions_that_kafkas_client_throws() {
        let recorded: serde_json::Value = serde_json::from_str(RECORDED).unwrap();
        let mut compared = 0;
        for entry in recorded["errors"].as_array().unwrap() {
            let code = entry["code"].as_i64().unwrap() as i16;
            let Some(error) = ResponseError::try_from_code(code) else { continue };
            // The library knows errors up to a certain Kafka.
            if matches!(error, ResponseError::Unknown(_)) {
                continue;
            }
            assert_eq!(exception_name(error), entry["exception"].as_str().unwrap(), "{error:?}");
            compared += 1;
        }
        assert!(compared > 100, "{compared}");
    }
}
