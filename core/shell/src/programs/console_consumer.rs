//! `kafka-console-consumer.sh`: prints the records of topics.

use std::collections::VecDeque;
use std::sync::Arc;

use highwater_cluster::consumer::{ConsumerCommand, ConsumerConfig, GroupProtocol, SeekTo};
use highwater_cluster::ctx::Ctx;
use highwater_cluster::embedded::ProgramConsumer;
use highwater_cluster::ids::{GroupId, TopicPartition};
use highwater_cluster::input::Input;
use highwater_cluster::log::Record;
use highwater_cluster::program::Program;
use highwater_cluster::time::{Span, Time};
use highwater_cluster::timer::Timer;

use crate::command::Says;
use crate::java::log_time;
use crate::programs::clients::bootstrap::{Bootstrap, Found, ask, tell_of_unknown_topics};
use crate::words::Word;

mod arguments;
mod formatter;
mod internal;

use arguments::Arguments;
pub(crate) use arguments::OPTIONS;
use formatter::Formatter;

/// The exit code after Ctrl-C.
const INTERRUPTED: i32 = 130;
/// The timer of `--timeout-ms`.
const IDLE: u32 = 1;
const NEW_PROTOCOL: &str = "The consumer rebalance protocol (KIP-848) is production-ready! Set \
    group.protocol=consumer to try it out. See \
    https://kafka.apache.org/documentation/#consumer_rebalance_protocol";

/// The process for `kafka-console-consumer.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match arguments::read(words) {
        Ok(arguments) => Box::new(ConsoleConsumer {
            formatter: Formatter::default(),
            stage: Stage::Starting,
            who: String::new(),
            waiting: VecDeque::new(),
            printed: 0,
            code: 0,
            idle_at: None,
            answers: 0,
            is_placed: false,
            arguments,
        }),
        Err(refused) => Says::both(refused.code, refused.output, refused.errors),
    }
}

#[derive(Clone, Debug)]
struct ConsoleConsumer {
    arguments: Arguments,
    formatter: Formatter,
    stage: Stage,
    /// As it is called in the log.
    who: String,
    /// What a poll brought and is not printed.
    waiting: VecDeque<(TopicPartition, Arc<Record>)>,
    printed: u64,
    code: i32,
    /// When it gives up, with `--timeout-ms`.
    idle_at: Option<Time>,
    answers: u32,
    /// Whether it stands where `--offset` says.
    is_placed: bool,
}

#[derive(Clone, Debug)]
enum Stage {
    Starting,
    /// It looks for the cluster.
    Looking(Bootstrap, Box<ConsumerConfig>),
    Reading(ProgramConsumer),
    Closing(ProgramConsumer),
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
        let mut bootstrap = Bootstrap::new(self.arguments.servers.clone(), self.who.clone());
        bootstrap.begin(ctx);
        self.stage = Stage::Looking(bootstrap, Box::new(config));
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
        match &mut self.stage {
            Stage::Starting => {}
            Stage::Looking(bootstrap, config) => {
                if bootstrap.handle(ctx, &input) == Found::Cluster {
                    let mut consumer = ProgramConsumer::new((**config).clone());
                    consumer.handle(ctx, Input::Start);
                    if let Some(topic) = &self.arguments.topic {
                        ask(ctx, std::slice::from_ref(topic), self.arguments.may_create());
                    }
                    self.stage = Stage::Reading(consumer);
                    self.place(ctx);
                }
            }
            Stage::Reading(consumer) | Stage::Closing(consumer) => {
                if matches!(input, Input::Response(..)) {
                    self.answers += 1;
                }
                tell_of_unknown_topics(ctx, &self.who, self.answers, &input);
                consumer.handle(ctx, input);
            }
        }
        self.go_on(ctx);
    }

    /// With `--partition`: goes to where `--offset` says.
    fn place(&mut self, ctx: &mut Ctx<'_>) {
        let (Stage::Reading(consumer), Some(partition)) =
            (&mut self.stage, self.arguments.partition)
        else {
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
        while let Stage::Reading(consumer) = &mut self.stage {
            self.waiting.extend(consumer.take());
            if self.waiting.is_empty() {
                if !consumer.is_open() {
                    self.failed(ctx);
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
            }
            if self.arguments.max_messages.is_some_and(|most| self.printed >= most) {
                return self.close(ctx, 0);
            }
            self.polls(ctx);
            if let Stage::Reading(consumer) = &mut self.stage {
                consumer.poll(ctx);
            }
        }
        self.exit_if_closed(ctx);
    }

    /// Poll threw an exception.
    fn failed(&mut self, ctx: &mut Ctx<'_>) {
        let Stage::Reading(consumer) = &self.stage else { return };
        let error = consumer.last_error().unwrap_or_else(|| "closed".into());
        let at = log_time(ctx.timestamp());
        ctx.print_error(&format!(
            "[{at}] ERROR Error processing message, terminating consumer process:  \
             (org.apache.kafka.tools.consumer.ConsoleConsumer)"
        ));
        ctx.print_error(&format!("org.apache.kafka.common.errors.{error}"));
        self.close(ctx, 1);
    }

    /// Goes back to what was not printed, commits if it has a group of its own, and leaves.
    fn close(&mut self, ctx: &mut Ctx<'_>, code: i32) {
        self.code = code;
        match std::mem::replace(&mut self.stage, Stage::Starting) {
            Stage::Reading(mut consumer) => {
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
                consumer.close(ctx);
                self.stage = Stage::Closing(consumer);
                self.exit_if_closed(ctx);
            }
            Stage::Closing(consumer) => self.stage = Stage::Closing(consumer),
            Stage::Starting | Stage::Looking(..) => self.report(ctx),
        }
    }

    fn exit_if_closed(&mut self, ctx: &mut Ctx<'_>) {
        if let Stage::Closing(consumer) = &self.stage
            && consumer.is_closed()
        {
            self.report(ctx);
        }
    }

    fn report(&self, ctx: &mut Ctx<'_>) {
        ctx.print_error(&format!("Processed a total of {} messages", self.printed));
        ctx.exit(self.code);
    }

    fn time_out(&mut self, ctx: &mut Ctx<'_>) {
        let is_due = self.idle_at.is_some_and(|at| at <= ctx.now());
        if !is_due || matches!(self.stage, Stage::Closing(_)) {
            return;
        }
        let at = log_time(ctx.timestamp());
        ctx.print_error(&format!(
            "[{at}] ERROR Error processing message, terminating consumer process:  \
             (org.apache.kafka.tools.consumer.ConsoleConsumer)"
        ));
        ctx.print_error("org.apache.kafka.common.errors.TimeoutException");
        self.close(ctx, 0);
    }
}

impl Program for ConsoleConsumer {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => self.begin(ctx),
            Input::Timer(Timer::Program(IDLE)) => self.time_out(ctx),
            Input::Interrupt if matches!(self.stage, Stage::Closing(_)) => ctx.exit(INTERRUPTED),
            Input::Interrupt => self.close(ctx, INTERRUPTED),
            Input::Line(_) | Input::EndOfInput => {}
            input => self.handle_client(ctx, input),
        }
    }

    fn consumer(&self) -> Option<&ProgramConsumer> {
        match &self.stage {
            Stage::Reading(consumer) | Stage::Closing(consumer) => Some(consumer),
            _ => None,
        }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}
