//! `kafka-console-producer.sh`: each line that it reads becomes a record.

use std::collections::VecDeque;

use highwater_cluster::ctx::Ctx;
use highwater_cluster::embedded::ProgramProducer;
use highwater_cluster::input::Input;
use highwater_cluster::producer::{Exception, ProducerConfig, ProducerError};
use highwater_cluster::program::Program;
use highwater_cluster::protocol::error::ResponseError;

use crate::command::Says;
use crate::java::log_time;
use crate::programs::clients::bootstrap::{Bootstrap, Found, ask, tell_of_unknown_topics};
use crate::words::Word;

mod arguments;
mod reader;

use arguments::Arguments;
pub(crate) use arguments::{OPTIONS, no_client, set_all};
use reader::LineReader;

/// The exit code after Ctrl-C.
const INTERRUPTED: i32 = 130;

/// The process for `kafka-console-producer.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match arguments::read(words) {
        Ok(arguments) => Box::new(ConsoleProducer {
            reader: LineReader::default(),
            stage: Stage::Starting,
            who: String::new(),
            lines: VecDeque::new(),
            has_input_ended: false,
            code: 0,
            waits_for: None,
            sizes: VecDeque::new(),
            prompts: false,
            answers: 0,
            closing_since: None,
            arguments,
        }),
        Err(refused) => Says::both(refused.code, refused.output, refused.errors),
    }
}

#[derive(Clone, Debug)]
struct ConsoleProducer {
    arguments: Arguments,
    reader: LineReader,
    stage: Stage,
    /// As it is called in the log.
    who: String,
    /// Lines that are not sent yet.
    lines: VecDeque<String>,
    has_input_ended: bool,
    code: i32,
    /// With `--sync`: the record that it waits for.
    waits_for: Option<u64>,
    /// What is told of a record that fails: its number, and what its key and value are.
    sizes: VecDeque<(u64, String)>,
    /// Whether it prompts: on a terminal.
    prompts: bool,
    answers: u32,
    closing_since: Option<highwater_cluster::time::Time>,
}

/// How far it is.
#[derive(Clone, Debug)]
enum Stage {
    Starting,
    /// It looks for the cluster.
    Looking(Bootstrap, Box<ProducerConfig>),
    Sending(ProgramProducer),
    Closing(ProgramProducer),
}

impl ConsoleProducer {
    fn begin(&mut self, ctx: &mut Ctx<'_>) {
        self.arguments.warnings.iter().for_each(|warning| ctx.print(warning));
        let made = self.arguments.reader_properties(ctx).and_then(|properties| {
            self.reader = LineReader::new(&properties)?;
            self.arguments.config(ctx)
        });
        let config = match made {
            Ok((config, notes)) => {
                notes.iter().for_each(|note| ctx.print_error(note));
                config
            }
            Err(error) => {
                ctx.print_error(&error);
                return ctx.exit(1);
            }
        };
        self.who = format!("[Producer clientId={}]", config.client_id);
        self.prompts = ctx.is_interactive();
        self.prompt(ctx);
        let mut bootstrap = Bootstrap::new(self.arguments.servers.clone(), self.who.clone());
        bootstrap.begin(ctx);
        self.stage = Stage::Looking(bootstrap, Box::new(config));
    }

    fn prompt(&self, ctx: &mut Ctx<'_>) {
        if self.prompts {
            ctx.print_open(">");
        }
    }

    fn handle_client(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match &mut self.stage {
            Stage::Starting => {}
            Stage::Looking(bootstrap, config) => {
                if bootstrap.handle(ctx, &input) == Found::Cluster {
                    let mut producer = ProgramProducer::new((**config).clone());
                    producer.handle(ctx, Input::Start);
                    ask(ctx, std::slice::from_ref(&self.arguments.topic), true);
                    self.stage = Stage::Sending(producer);
                }
            }
            Stage::Sending(producer) | Stage::Closing(producer) => {
                if matches!(input, Input::Response(..)) {
                    self.answers += 1;
                }
                tell_of_unknown_topics(ctx, &self.who, self.answers, &input);
                producer.handle(ctx, input);
            }
        }
        self.go_on(ctx);
    }

    /// Sends what can be sent now, and closes when there is no more.
    fn go_on(&mut self, ctx: &mut Ctx<'_>) {
        self.note_settled(ctx);
        while let Stage::Sending(producer) = &mut self.stage
            && !producer.is_in_call()
            && self.waits_for.is_none()
            && let Some(line) = self.lines.pop_front()
        {
            if !ctx.is_alive() {
                return;
            }
            match self.reader.record(&line, &self.arguments.topic) {
                Ok(Some(record)) => {
                    let size = |bytes: &Option<bytes::Bytes>| match bytes {
                        Some(bytes) => format!("{} bytes", bytes.len()),
                        None => "null".to_owned(),
                    };
                    let sizes =
                        format!("key: {}, value: {}", size(&record.key), size(&record.value));
                    let ticket = producer.send(ctx, record);
                    self.sizes.push_back((ticket, sizes));
                    self.waits_for = self.arguments.is_sync.then_some(ticket);
                }
                Ok(None) => {}
                Err(message) => {
                    let class = "org.apache.kafka.common.KafkaException";
                    ctx.print_error(&format!("{class}: {message}"));
                    self.end(1);
                }
            }
            self.note_settled(ctx);
        }
        self.close_if_done(ctx);
    }

    /// Nothing more is read; what was sent is settled before it ends.
    fn end(&mut self, code: i32) {
        self.lines.clear();
        self.has_input_ended = true;
        self.code = code;
        self.waits_for = None;
    }

    fn close_if_done(&mut self, ctx: &mut Ctx<'_>) {
        if let Stage::Sending(producer) = &mut self.stage
            && self.has_input_ended
            && self.lines.is_empty()
            && self.waits_for.is_none()
            && !producer.is_in_call()
        {
            producer.close(ctx);
            self.closing_since = Some(ctx.now());
            let producer = producer.clone();
            self.stage = Stage::Closing(producer);
            self.note_settled(ctx);
        }
        if let Stage::Closing(producer) = &self.stage
            && producer.is_closed()
        {
            ctx.exit(self.code);
        }
    }

    /// Says what failed: `ErrorLoggingCallback`.
    fn note_settled(&mut self, ctx: &mut Ctx<'_>) {
        let (Stage::Sending(producer) | Stage::Closing(producer)) = &mut self.stage else { return };
        for (ticket, delivery) in producer.take_settled() {
            let place = self.sizes.iter().position(|(number, _)| *number == ticket);
            let sizes = place.and_then(|place| self.sizes.remove(place));
            if self.waits_for == Some(ticket) {
                self.waits_for = None;
            }
            let Err(error) = delivery else { continue };
            if self.arguments.is_sync {
                let error = class_and_message(&error);
                ctx.print_error(&format!("java.util.concurrent.ExecutionException: {error}"));
                self.lines.clear();
                self.has_input_ended = true;
                self.code = 1;
                continue;
            }
            // The tool's log is closed soon after it begins to close: what fails later is not told.
            let since = self.closing_since.unwrap_or(ctx.now());
            if ctx.now().since(since).millis() > 1_000 {
                ctx.print_error(&format!(
                    "Highwater: the record was not written: {}. The real tool does not tell: its \
                     log is closed by then.",
                    class_and_message(&error)
                ));
                continue;
            }
            let (at, topic) = (log_time(ctx.timestamp()), &self.arguments.topic);
            let sizes = sizes.map(|(_, sizes)| sizes).unwrap_or_default();
            ctx.print_error(&format!(
                "[{at}] ERROR Error when sending message to topic {topic} with {sizes} with error: \
                 (org.apache.kafka.clients.producer.internals.ErrorLoggingCallback)"
            ));
            ctx.print_error(&class_and_message(&error));
        }
    }

    fn interrupt(&mut self, ctx: &mut Ctx<'_>) {
        if matches!(self.stage, Stage::Looking(..)) && !self.lines.is_empty() {
            let class = "org.apache.kafka.common.KafkaException";
            ctx.print_error(&format!("{class}: Producer closed while send in progress"));
        }
        self.end(INTERRUPTED);
        match self.stage {
            Stage::Starting | Stage::Looking(..) => ctx.exit(INTERRUPTED),
            Stage::Sending(_) => self.close_if_done(ctx),
            Stage::Closing(_) => ctx.exit(INTERRUPTED),
        }
    }
}

impl Program for ConsoleProducer {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => self.begin(ctx),
            Input::Line(line) if !self.has_input_ended => {
                self.lines.push_back(line);
                self.go_on(ctx);
                if !self.has_input_ended {
                    self.prompt(ctx);
                }
            }
            Input::EndOfInput => {
                self.has_input_ended = true;
                self.go_on(ctx);
            }
            Input::Interrupt => self.interrupt(ctx),
            Input::Line(_) => {}
            input => self.handle_client(ctx, input),
        }
    }

    fn reads_input(&self) -> bool {
        !self.has_input_ended
    }

    fn producer(&self) -> Option<&ProgramProducer> {
        match &self.stage {
            Stage::Sending(producer) | Stage::Closing(producer) => Some(producer),
            _ => None,
        }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

/// An exception as Java prints it.
pub(crate) fn class_and_message(error: &ProducerError) -> String {
    let class = match error.exception {
        Exception::Api(ResponseError::InvalidRecord) => {
            return format!("org.apache.kafka.common.InvalidRecordException: {}", error.message);
        }
        Exception::Kafka => {
            return format!("org.apache.kafka.common.KafkaException: {}", error.message);
        }
        Exception::IllegalState => {
            return format!("java.lang.IllegalStateException: {}", error.message);
        }
        Exception::IllegalArgument => {
            return format!("java.lang.IllegalArgumentException: {}", error.message);
        }
        Exception::BufferExhausted => {
            let class = "org.apache.kafka.clients.producer.BufferExhaustedException";
            return format!("{class}: {}", error.message);
        }
        _ => error.to_string(),
    };
    format!("org.apache.kafka.common.errors.{class}")
}
