//! `kafka-console-producer.sh`: each line that it reads becomes a record.

use std::collections::VecDeque;

use highwater_cluster::ctx::Ctx;
use highwater_cluster::embedded::ProgramProducer;
use highwater_cluster::input::Input;
use highwater_cluster::program::Program;

use crate::command::Says;
use crate::java::log_error;
use crate::programs::clients::bootstrap::{UnknownTopics, ask};
use crate::programs::clients::exception::class_and_message;
use crate::programs::clients::stage::Stage;
use crate::words::Word;

mod arguments;
mod reader;

use arguments::Arguments;
pub(crate) use arguments::OPTIONS;
use reader::LineReader;

/// The exit code after Ctrl-C.
const INTERRUPTED: i32 = 130;

/// The process for `kafka-console-producer.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match arguments::read(words) {
        Ok(arguments) => Box::new(ConsoleProducer {
            reader: LineReader::default(),
            stage: Stage::default(),
            who: String::new(),
            lines: VecDeque::new(),
            has_input_ended: false,
            code: 0,
            waits_for: None,
            sizes: VecDeque::new(),
            prompts: false,
            unknown_topics: UnknownTopics::default(),
            closing_since: None,
            arguments,
        }),
        Err(refused) => Says::refused(refused),
    }
}

#[derive(Clone, Debug)]
struct ConsoleProducer {
    arguments: Arguments,
    reader: LineReader,
    stage: Stage<ProgramProducer>,
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
    unknown_topics: UnknownTopics,
    closing_since: Option<highwater_cluster::time::Time>,
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
        self.stage.look(ctx, &self.arguments.servers, &self.who, config);
    }

    fn prompt(&self, ctx: &mut Ctx<'_>) {
        if self.prompts {
            ctx.print_open(">");
        }
    }

    fn handle_client(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        if self.stage.client().is_some() {
            self.unknown_topics.tell(ctx, &self.who, &input);
        }
        if self.stage.handle(ctx, input) {
            ask(ctx, std::slice::from_ref(&self.arguments.topic), true);
        }
        self.go_on(ctx);
    }

    /// Sends what can be sent now, and closes when there is no more.
    fn go_on(&mut self, ctx: &mut Ctx<'_>) {
        self.note_settled(ctx);
        while let Some(producer) = self.stage.open()
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
        if let Some(producer) = self.stage.open()
            && self.has_input_ended
            && self.lines.is_empty()
            && self.waits_for.is_none()
            && !producer.is_in_call()
        {
            self.stage.close(ctx);
            self.closing_since = Some(ctx.now());
            self.note_settled(ctx);
        }
        if self.stage.is_closed() {
            ctx.exit(self.code);
        }
    }

    /// Says what failed: `ErrorLoggingCallback`.
    fn note_settled(&mut self, ctx: &mut Ctx<'_>) {
        let Some(producer) = self.stage.client_mut() else { return };
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
            let topic = &self.arguments.topic;
            let sizes = sizes.map(|(_, sizes)| sizes).unwrap_or_default();
            let message =
                format!("Error when sending message to topic {topic} with {sizes} with error:");
            let logger = "org.apache.kafka.clients.producer.internals.ErrorLoggingCallback";
            log_error(ctx, &message, logger, &class_and_message(&error));
        }
    }

    /// Ctrl-C: the shutdown hook closes the producer, and a call that waits in it gets an exception.
    fn interrupt(&mut self, ctx: &mut Ctx<'_>) {
        let is_in_call = self.stage.open().is_some_and(|producer| producer.is_in_call());
        if is_in_call || (self.stage.is_looking() && !self.lines.is_empty()) {
            let class = "org.apache.kafka.common.KafkaException";
            ctx.print_error(&format!("{class}: Producer closed while send in progress"));
        }
        self.end(INTERRUPTED);
        if self.stage.open().is_none() {
            return ctx.exit(INTERRUPTED);
        }
        if is_in_call {
            self.stage.close(ctx);
            self.closing_since = Some(ctx.now());
        }
        self.close_if_done(ctx);
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
        self.stage.client()
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}
