//! `kafka-console-share-consumer.sh`: prints the records of a topic that a share group gives it
//! (`ConsoleShareConsumer`).

use highwater_cluster::ctx::Ctx;
use highwater_cluster::input::Input;
use highwater_cluster::program::Program;
use highwater_cluster::share::AcknowledgeType;
use highwater_cluster::share_consumer::ProgramShareConsumer;
use highwater_cluster::time::{Span, Time};
use highwater_cluster::timer::Timer;

use crate::command::Says;
use crate::java::log_error;
use crate::programs::clients::exception::of_consumer;
use crate::programs::clients::stage::Stage;
use crate::programs::console_consumer::Formatter;
use crate::words::Word;

mod arguments;

use arguments::Arguments;
pub(crate) use arguments::OPTIONS;

/// The exit code after Ctrl-C.
const INTERRUPTED: i32 = 130;
/// The timer of `--timeout-ms`.
const IDLE: u32 = 1;

/// The process for `kafka-console-share-consumer.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match arguments::read(words) {
        Ok(arguments) => Box::new(ConsoleShareConsumer {
            formatter: Formatter::default(),
            stage: Stage::default(),
            printed: 0,
            code: 0,
            idle_at: None,
            arguments,
        }),
        Err(refused) => Says::refused(refused),
    }
}

#[derive(Clone, Debug)]
struct ConsoleShareConsumer {
    arguments: Arguments,
    formatter: Formatter,
    stage: Stage<ProgramShareConsumer>,
    printed: u64,
    code: i32,
    /// When it gives up, with `--timeout-ms`.
    idle_at: Option<Time>,
}

impl ConsoleShareConsumer {
    fn begin(&mut self, ctx: &mut Ctx<'_>) {
        self.arguments.warnings.iter().for_each(|warning| ctx.print(warning));
        let made = self.arguments.config(ctx).and_then(|made| {
            self.formatter = self.arguments.formatter(ctx)?;
            Ok(made)
        });
        let (config, notes) = match made {
            Ok(made) => made,
            Err(errors) => {
                errors.iter().for_each(|error| ctx.print_error(error));
                return ctx.exit(1);
            }
        };
        notes.iter().for_each(|note| ctx.print_error(note));
        let who =
            format!("[ShareConsumer clientId={}, groupId={}]", config.client_id, config.group);
        self.stage.look(ctx, &self.arguments.servers, &who, config);
        self.polls(ctx);
    }

    /// Poll was called: it may take `--timeout-ms`.
    fn polls(&mut self, ctx: &mut Ctx<'_>) {
        let Some(timeout_ms) = self.arguments.timeout_ms else { return };
        let timeout = Span::from_millis(timeout_ms);
        self.idle_at = Some(ctx.now() + timeout);
        ctx.set_timer(timeout, Timer::Program(IDLE));
    }

    /// Prints what a poll brought, says what becomes of it, and polls again.
    fn go_on(&mut self, ctx: &mut Ctx<'_>) {
        let mut has_printed = false;
        while let Some(consumer) = self.stage.open() {
            if self.arguments.max_messages.is_some_and(|most| self.printed >= most) {
                return self.close(ctx, 0);
            }
            let Some(delivery) = consumer.next_record() else {
                if !consumer.is_open() {
                    return self.failed(ctx);
                }
                break;
            };
            if ctx.is_pipe_broken() {
                ctx.print_error("Unable to write to standard out, closing consumer.");
                return self.close(ctx, 0);
            }
            let count = Some(delivery.delivery_count());
            self.formatter.print_delivered(ctx, delivery.partition(), delivery.record(), count);
            consumer.acknowledge(&delivery, self.arguments.verdict());
            self.printed += 1;
            has_printed = true;
        }
        if has_printed {
            self.polls(ctx);
            if let Some(consumer) = self.stage.open() {
                consumer.poll(ctx);
            }
        }
        self.exit_if_closed(ctx);
    }

    /// Poll threw an exception.
    fn failed(&mut self, ctx: &mut Ctx<'_>) {
        let error = self.stage.client().and_then(ProgramShareConsumer::last_error);
        tell_of_end(ctx, &of_consumer(error.as_deref()));
        self.close(ctx, 1);
    }

    /// Says what it is done with, gives back what is not printed, and leaves.
    fn close(&mut self, ctx: &mut Ctx<'_>, code: i32) {
        self.code = code;
        self.stage.close(ctx);
        self.exit_if_closed(ctx);
    }

    fn exit_if_closed(&mut self, ctx: &mut Ctx<'_>) {
        if self.stage.is_closed() {
            ctx.print_error(&format!("Processed a total of {} messages", self.printed));
            ctx.exit(self.code);
        }
    }

    fn time_out(&mut self, ctx: &mut Ctx<'_>) {
        let is_due = self.idle_at.is_some_and(|at| at <= ctx.now());
        if is_due && !self.stage.is_closing() {
            tell_of_end(ctx, "org.apache.kafka.common.errors.TimeoutException");
            self.close(ctx, 0);
        }
    }
}

fn tell_of_end(ctx: &mut Ctx<'_>, exception: &str) {
    let message = "Error processing message, terminating consumer process: ";
    let logger = "org.apache.kafka.tools.consumer.ConsoleShareConsumer";
    log_error(ctx, message, logger, exception);
}

impl Program for ConsoleShareConsumer {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => self.begin(ctx),
            Input::Timer(Timer::Program(IDLE)) => self.time_out(ctx),
            Input::Interrupt if self.stage.is_closing() => ctx.exit(INTERRUPTED),
            Input::Interrupt => self.close(ctx, INTERRUPTED),
            Input::Line(_) | Input::EndOfInput => {}
            input => {
                self.stage.handle(ctx, input);
                self.go_on(ctx);
            }
        }
    }

    fn share_consumer(&self) -> Option<&ProgramShareConsumer> {
        self.stage.client()
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

impl Arguments {
    /// What it says of each record.
    fn verdict(&self) -> AcknowledgeType {
        match (self.has("--reject"), self.has("--release")) {
            (true, _) => AcknowledgeType::Reject,
            (_, true) => AcknowledgeType::Release,
            _ => AcknowledgeType::Accept,
        }
    }
}
