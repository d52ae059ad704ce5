//! `kafka-console-consumer.sh`: prints the records of topics.

use std::collections::VecDeque;
use std::sync::Arc;

use highwater_cluster::consumer::{ConsumerCommand, GroupProtocol, SeekTo};
use highwater_cluster::ctx::Ctx;
use highwater_cluster::embedded::ProgramConsumer;
use highwater_cluster::ids::{GroupId, TopicPartition};
use highwater_cluster::input::Input;
use highwater_cluster::log::Record;
use highwater_cluster::program::Program;
use highwater_cluster::time::{Span, Time};
use highwater_cluster::timer::Timer;

use crate::command::Says;
use crate::java::log_error;
use crate::programs::clients::bootstrap::{UnknownTopics, ask};
use crate::programs::clients::exception::of_consumer;
use crate::programs::clients::stage::Stage;
use crate::words::Word;

mod arguments;
mod formatter;
mod internal;

use arguments::Arguments;
pub(crate) use arguments::OPTIONS;
pub(crate) use formatter::Formatter;

/// The exit code after Ctrl-C.
const INTERRUPTED: i32 = 130;
/// The timer of `--timeout-ms`.
const IDLE: u32 = 1;
/// The timer after which it prints on.
const REST: u32 = 2;
/// So many records are printed at one instant: a read of very many small ones takes its time, as it does
/// on a real screen, instead of being taken for a loop without delay.
const MOST_AT_ONCE: usize = 4_000;
/// How long it takes to print so many.
const REST_TIME: Span = Span(20_000);
const NEW_PROTOCOL: &str = "The consumer rebalance protocol (KIP-848) is production-ready! Set \
    group.protocol=consumer to try it out. See \
    https://kafka.apache.org/documentation/#consumer_rebalance_protocol";

/// The process for `kafka-console-consumer.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match arguments::read(words) {
        Ok(arguments) => Box::new(ConsoleConsumer {
            formatter: Formatter::default(),
            stage: Stage::default(),
            who: String::new(),
            rests: false,
            waiting: VecDeque::new(),
            printed: 0,
            code: 0,
            idle_at: None,
            unknown_topics: UnknownTopics::default(),
            is_placed: false,
            arguments,
        }),
        Err(refused) => Says::refused(refused),
    }
}

#[derive(Clone, Debug)]
struct ConsoleConsumer {
    arguments: Arguments,
    formatter: Formatter,
    stage: Stage<ProgramConsumer>,
    /// As it is called in the log.
    who: String,
    /// It has printed much, and goes on a little later.
    rests: bool,
    /// What a poll brought and is not printed.
    waiting: VecDeque<(TopicPartition, Arc<Record>)>,
    printed: u64,
    code: i32,
    /// When it gives up, with `--timeout-ms`.
    idle_at: Option<Time>,
    unknown_topics: UnknownTopics,
    /// Whether it stands where `--offset` says.
    is_placed: bool,
}

impl ConsoleConsumer {
    fn begin(&mut self, ctx: &mut Ctx<'_>) {
        self.arguments.warnings.iter().for_each(|warning| ctx.print(warning));
        let made = self.arguments.config(ctx).and_then(|made| {
            self.formatter = self.arguments.formatter(ctx)?;
            Ok(made)
        });
        let (mut config, notes) = match made {
            Ok(made) => made,
            Err(errors) => {
                errors.iter().for_each(|error| ctx.print_error(error));
                return ctx.exit(1);
            }
        };
        notes.iter().for_each(|note| ctx.print_error(note));
        if !config.has_group() {
            let number = ctx.random("console-consumer").next_u64() % 100_000;
            config.group = GroupId::from(format!("console-consumer-{number}").as_str());
        }
        let (id, group) = (&config.client_id, &config.group);
        self.who = format!("[Consumer clientId={id}, groupId={group}]");
        if self.arguments.partition.is_none() && config.group_protocol == GroupProtocol::Classic {
            ctx.print_error(NEW_PROTOCOL);
        }
        self.stage.look(ctx, &self.arguments.servers, &self.who, config);
        self.polls(ctx);
    }

    /// Poll was called: it may take `--timeout-ms`.
    fn polls(&mut self, ctx: &mut Ctx<'_>) {
        let Some(timeout_ms) = self.arguments.timeout_ms else { return };
        let timeout = Span::from_millis(timeout_ms);
        self.idle_at = Some(ctx.now() + timeout);
        ctx.set_timer(timeout, Timer::Program(IDLE));
    }

    fn handle_client(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        if self.stage.client().is_some() {
            self.unknown_topics.tell(ctx, &self.who, &input);
        }
        if self.stage.handle(ctx, input) {
            if let Some(topic) = &self.arguments.topic {
                ask(ctx, std::slice::from_ref(topic), self.arguments.may_create());
            }
            self.place(ctx);
        }
        self.go_on(ctx);
    }

    /// With `--partition`: goes to where `--offset` says.
    fn place(&mut self, ctx: &mut Ctx<'_>) {
        let Some((consumer, partition)) = self.stage.open().zip(self.arguments.partition) else {
            return;
        };
        let Some(topic) = &self.arguments.topic else { return };
        let partition = TopicPartition::new(topic, partition);
        let to = match self.arguments.offset {
            arguments::StartAt::Earliest => SeekTo::Beginning,
            arguments::StartAt::Latest => SeekTo::End,
            arguments::StartAt::Offset(offset) => SeekTo::Offset(offset),
        };
        if !self.is_placed {
            self.is_placed = true;
            consumer.command(ctx, ConsumerCommand::Seek(partition, to));
        }
    }

    /// Prints what polls brought, and polls again.
    fn go_on(&mut self, ctx: &mut Ctx<'_>) {
        let mut printed = 0;
        while let Some(consumer) = self.stage.open() {
            if self.rests {
                break;
            }
            self.waiting.extend(consumer.take());
            if self.waiting.is_empty() {
                if !consumer.is_open() {
                    return self.failed(ctx);
                }
                break;
            }
            while let Some((partition, record)) = self.waiting.front() {
                if self.arguments.max_messages.is_some_and(|most| self.printed >= most) {
                    break;
                }
                if ctx.is_pipe_broken() {
                    ctx.print_error("Unable to write to standard out, closing consumer.");
                    return self.close(ctx, 0);
                }
                self.formatter.print(ctx, partition, record);
                self.printed += 1;
                self.waiting.pop_front();
                printed += 1;
            }
            if self.arguments.max_messages.is_some_and(|most| self.printed >= most) {
                return self.close(ctx, 0);
            }
            self.polls(ctx);
            if let Some(consumer) = self.stage.open() {
                consumer.poll(ctx);
            }
            if printed >= MOST_AT_ONCE {
                self.rests = true;
                ctx.set_timer(REST_TIME, Timer::Program(REST));
            }
        }
        self.exit_if_closed(ctx);
    }

    /// Poll threw an exception.
    fn failed(&mut self, ctx: &mut Ctx<'_>) {
        let error = self.stage.client().and_then(ProgramConsumer::last_error);
        Self::tell_of_end(ctx, &of_consumer(error.as_deref()));
        self.close(ctx, 1);
    }

    /// Goes back to what was not printed, commits if it has a group of its own, and leaves.
    fn close(&mut self, ctx: &mut Ctx<'_>, code: i32) {
        self.code = code;
        if let Some(consumer) = self.stage.open() {
            let mut back: Vec<(TopicPartition, Arc<Record>)> = Vec::new();
            for (partition, record) in self.waiting.drain(..) {
                if !back.iter().any(|(known, _)| *known == partition) {
                    back.push((partition, record));
                }
            }
            for (partition, record) in back {
                let to = SeekTo::Offset(record.offset);
                consumer.command(ctx, ConsumerCommand::Seek(partition, to));
            }
        }
        self.stage.close(ctx);
        self.exit_if_closed(ctx);
    }

    fn exit_if_closed(&mut self, ctx: &mut Ctx<'_>) {
        if self.stage.is_closed() {
            self.report(ctx);
        }
    }

    fn report(&self, ctx: &mut Ctx<'_>) {
        ctx.print_error(&format!("Processed a total of {} messages", self.printed));
        ctx.exit(self.code);
    }

    fn time_out(&mut self, ctx: &mut Ctx<'_>) {
        let is_due = self.idle_at.is_some_and(|at| at <= ctx.now());
        if !is_due || self.rests || self.stage.is_closing() {
            return;
        }
        Self::tell_of_end(ctx, "org.apache.kafka.common.errors.TimeoutException");
        self.close(ctx, 0);
    }

    fn tell_of_end(ctx: &mut Ctx<'_>, exception: &str) {
        let message = "Error processing message, terminating consumer process: ";
        let logger = "org.apache.kafka.tools.consumer.ConsoleConsumer";
        log_error(ctx, message, logger, exception);
    }
}

impl Program for ConsoleConsumer {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => self.begin(ctx),
            Input::Timer(Timer::Program(IDLE)) => self.time_out(ctx),
            Input::Timer(Timer::Program(REST)) => {
                self.rests = false;
                self.go_on(ctx);
            }
            Input::Interrupt if self.stage.is_closing() => ctx.exit(INTERRUPTED),
            Input::Interrupt => self.close(ctx, INTERRUPTED),
            Input::Line(_) | Input::EndOfInput => {}
            input => self.handle_client(ctx, input),
        }
    }

    fn consumer(&self) -> Option<&ProgramConsumer> {
        self.stage.client()
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}
