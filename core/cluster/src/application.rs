//! An application that reads topics, makes something of each record, and writes it to another topic:
//! a consumer and a producer in one process, with a loop between them. How it commits decides what is
//! seen when something fails: [`Guarantee`].
//!
//! Between polls the application works, and then its consumer does what a consumer does between polls:
//! heartbeats, and fetches that are under way. Like Kafka Streams, it settles what it has made before a
//! rebalance takes its partitions.

use std::collections::VecDeque;
use std::sync::Arc;

use highwater_log::Record;

use crate::client::Alarm;
use crate::consumer::Consumer;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{ClientId, NodeId, TopicPartition};
use crate::input::Input;
use crate::producer::{GroupMetadata, ProducerRecord};
use crate::time::{Span, Time};
use crate::view::AppView;

mod closing;
mod committing;
mod config;
mod event;
mod forwarder;
mod output;
mod transaction;
mod transform;
mod working;

use output::Output;

pub use config::{AppConfig, Guarantee, Shape};
pub use event::AppEvent;
pub(crate) use forwarder::Forwarder;
pub use transform::{SOURCE_HEADER, Source};

/// An application.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    config: Arc<AppConfig>,
    consumer: Consumer,
    output: Output,
    step: Step,
    /// Until when it may take to close, once it is asked to.
    closes_by: Option<Time>,
    /// What the last poll brought and is not worked on yet.
    queue: VecDeque<(TopicPartition, Arc<Record>)>,
    /// What was made of records and `send` has not taken yet.
    outgoing: VecDeque<ProducerRecord>,
    /// With exactly-once, while a transaction is open: as whom its consumer read the records.
    reader: Option<GroupMetadata>,
    /// When it last committed, or began.
    committed_at: Time,
    /// Records that it has worked on since then.
    uncommitted: u64,
    /// Why a record that was sent since then was given up, if one was.
    failure: Option<Arc<str>>,
    totals: Totals,
    last_error: Option<Arc<str>>,
    alarms: Alarms,
}

/// What an application is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// It waits in poll.
    Polling,
    /// It commits what a poll brought before it does anything with it.
    CommittingFirst,
    /// It works on a record, and is done with it at an instant.
    Working {
        done_at: Time,
    },
    /// It waits until what it has sent is written.
    Flushing,
    /// It commits where it has got to.
    Committing,
    /// With exactly-once: it waits in `initTransactions`.
    Initializing,
    /// It waits in `sendOffsetsToTransaction`.
    SendingOffsets,
    /// It waits in `commitTransaction`.
    CommittingTransaction,
    /// It waits in `abortTransaction`.
    Aborting,
    /// Its consumer and its producer are closing.
    Closing,
    Ended,
}

/// What came of it all.
#[derive(Clone, Debug, Default)]
struct Totals {
    records_in: u64,
    records_out: u64,
    commits: u64,
    times_gone_back: u64,
}

/// What it is to be woken for.
#[derive(Clone, Debug, Default)]
struct Alarms {
    work: Alarm,
    commit: Alarm,
    close: Alarm,
}

impl Application {
    pub(crate) fn new(config: AppConfig) -> Self {
        Self {
            consumer: Consumer::embedded(config.consumer.clone()),
            output: Output::new(config.producer.clone()),
            step: Step::Polling,
            closes_by: None,
            queue: VecDeque::new(),
            outgoing: VecDeque::new(),
            reader: None,
            committed_at: Time::ZERO,
            uncommitted: 0,
            failure: None,
            totals: Totals::default(),
            last_error: None,
            alarms: Alarms::default(),
            config: Arc::new(config),
        }
    }

    pub(crate) fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => self.start(ctx),
            Input::Stop => self.close(ctx),
            // Ids of requests are unique in a world, and timers only wake: each takes what is its own.
            input => self.tell_parts(ctx, &input),
        }
        while self.advance(ctx) {}
        self.set_alarms(ctx);
    }

    pub(crate) fn consumer(&self) -> &Consumer {
        &self.consumer
    }

    pub(crate) fn view(&self, client: ClientId, is_running: bool) -> AppView {
        AppView {
            client,
            name: self.config.name.clone(),
            group: self.config.consumer.group.clone(),
            from: self.config.consumer.topics.clone(),
            to: self.config.to().clone(),
            guarantee: self.config.guarantee,
            commit_interval_ms: self.config.commit_interval_ms,
            is_closed: !is_running,
            doing: self.step.name().into(),
            records_in: self.totals.records_in,
            records_out: self.totals.records_out,
            records_uncommitted: self.uncommitted,
            commits: self.totals.commits,
            times_gone_back: self.totals.times_gone_back,
            lag: None,
            last_error: self.last_error.clone(),
            consumer: self.consumer.view(client, is_running),
            producer: self.output.view(client),
        }
    }

    fn start(&mut self, ctx: &mut Ctx<'_>) {
        let started = ctx.emit(EventKind::App(AppEvent::Started {
            client: my_id(ctx),
            name: self.config.name.clone(),
            group: self.config.consumer.group.clone(),
            from: self.config.consumer.topics.clone(),
            to: self.config.to().clone(),
            guarantee: self.config.guarantee,
            shape: self.config.shape(),
        }));
        ctx.because(started);
        self.committed_at = ctx.now();
        self.tell_parts(ctx, &Input::Start);
        if self.config.guarantee == Guarantee::ExactlyOnce {
            // It polls only after that. Records that wait for it would be worked on by whom the group may
            // have thrown out meanwhile.
            self.consumer.wake_up(ctx.now());
            self.initialize(ctx);
        }
    }

    fn tell_parts(&mut self, ctx: &mut Ctx<'_>, input: &Input) {
        if self.step == Step::Ended {
            return;
        }
        ctx.as_part(|ctx| self.consumer.handle(ctx, input.clone()));
        self.output.handle(ctx, input.clone());
    }

    /// Does the next thing that can be done at once. False if there is none.
    fn advance(&mut self, ctx: &mut Ctx<'_>) -> bool {
        if matches!(self.step, Step::Closing | Step::Ended) {
            return self.go_on_closing(ctx);
        }
        if !self.consumer.is_open() {
            let error = self.consumer.last_error().unwrap_or_else(|| "closed".into());
            self.fail(ctx, &error);
            return true;
        }
        if self.closes_by.is_some_and(|by| by <= ctx.now()) {
            self.close_parts(ctx);
            return true;
        }
        match self.step {
            Step::Polling => self.go_on_polling(ctx),
            Step::Working { done_at } => self.go_on_working(ctx, done_at),
            Step::CommittingFirst => self.go_on_committing_first(ctx),
            Step::Flushing => self.go_on_flushing(ctx),
            Step::Committing => self.go_on_committing(ctx),
            Step::Initializing => self.go_on_initializing(ctx),
            Step::SendingOffsets => self.go_on_sending_offsets(ctx),
            Step::CommittingTransaction => self.go_on_committing_transaction(ctx),
            Step::Aborting => self.go_on_aborting(ctx),
            Step::Closing | Step::Ended => false,
        }
    }

    fn set_alarms(&mut self, ctx: &mut Ctx<'_>) {
        use crate::timer::Timer;
        let is_ended = self.step == Step::Ended;
        let work = match self.step {
            Step::Working { done_at } => Some(done_at),
            _ => None,
        };
        let commits = self.step == Step::Polling && self.uncommitted > 0;
        let commit = commits.then(|| self.next_commit());
        self.alarms.work.set(ctx, work, &Timer::Processing);
        self.alarms.commit.set(ctx, commit, &Timer::CommitInterval);
        self.alarms.close.set(ctx, self.closes_by.filter(|_| !is_ended), &Timer::CloseTimeout);
    }

    /// When it commits next, if there is anything to commit.
    fn next_commit(&self) -> Time {
        self.committed_at + self.config.commit_interval()
    }

    /// Whether it was told to crash by now.
    fn is_to_crash(&self) -> bool {
        self.config.fail_after.is_some_and(|after| self.totals.records_in >= after)
    }
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Step::Polling => "polling",
            Step::Initializing => "initializing",
            Step::CommittingFirst
            | Step::Committing
            | Step::SendingOffsets
            | Step::CommittingTransaction => "committing",
            Step::Aborting => "aborting",
            Step::Working { .. } => "working",
            Step::Flushing => "flushing",
            Step::Closing => "closing",
            Step::Ended => "ended",
        }
    }
}

/// Working on what a poll brought takes some time at least: else nothing would stop an endless loop.
const LEAST_WORK: Span = Span(1_000);

fn my_id(ctx: &Ctx<'_>) -> ClientId {
    match ctx.me() {
        NodeId::Client(id) => id,
        other => unreachable!("{other} is no application"),
    }
}
