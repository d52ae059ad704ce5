//! `kafka-consumer-perf-test.sh`: how fast a consumer gets records.

use highwater_cluster::ctx::Ctx;
use highwater_cluster::embedded::ProgramConsumer;
use highwater_cluster::input::Input;
use highwater_cluster::log::{Record, TimestampMs};
use highwater_cluster::program::Program;
use highwater_cluster::time::{Span, Time};
use highwater_cluster::timer::Timer;

use crate::command::Says;
use crate::java::log_time;
use crate::programs::clients::exception::{no_client, of_consumer};
use crate::programs::clients::stage::Stage;
use crate::programs::servers;
use crate::words::Word;

mod arguments;

use arguments::Arguments;
pub(crate) use arguments::OPTIONS;

/// The timer of `--timeout`.
const IDLE: u32 = 1;
const FIELDS: &str = "data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, \
    rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec";

/// The process for `kafka-consumer-perf-test.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match arguments::read(words) {
        Ok(arguments) => Box::new(ConsumerPerf {
            stage: Stage::default(),
            read: Amount::default(),
            reported: Amount::default(),
            reported_at: TimestampMs(0),
            begun_at: TimestampMs(0),
            ended_at: TimestampMs(0),
            joining_since: Some(TimestampMs(0)),
            joining_ms: 0,
            joining_since_report_ms: 0,
            idle_at: Time::ZERO,
            arguments,
        }),
        Err(refused) => Says::refused(refused),
    }
}

#[derive(Clone, Debug)]
struct ConsumerPerf {
    arguments: Arguments,
    stage: Stage<ProgramConsumer>,
    read: Amount,
    /// What the last line of `--show-detailed-stats` told, and when.
    reported: Amount,
    reported_at: TimestampMs,
    begun_at: TimestampMs,
    ended_at: TimestampMs,
    /// Since when it has no partitions; none while it has some.
    joining_since: Option<TimestampMs>,
    /// How long it had none, in all.
    joining_ms: i64,
    /// How long it had none since the last line; the real tool forgets to begin anew in its sum.
    joining_since_report_ms: i64,
    idle_at: Time,
}

/// What was read.
#[derive(Clone, Copy, Debug, Default)]
struct Amount {
    records: u64,
    bytes: u64,
}

impl Amount {
    fn add(&mut self, record: &Record) {
        let size = |bytes: &Option<bytes::Bytes>| bytes.as_ref().map_or(0, |bytes| bytes.len());
        self.records += 1;
        self.bytes += (size(&record.key) + size(&record.value)) as u64;
    }

    fn since(self, earlier: Self) -> Self {
        Self { records: self.records - earlier.records, bytes: self.bytes - earlier.bytes }
    }

    fn mib(self) -> f64 {
        self.bytes as f64 / (1 << 20) as f64
    }
}

impl ConsumerPerf {
    fn begin(&mut self, ctx: &mut Ctx<'_>) {
        self.arguments.warnings().for_each(|warning| ctx.print(&warning));
        self.arguments.notes().for_each(|note| ctx.print_error(&note));
        if self.arguments.interval_ms <= 0 {
            let message = "Reporting interval must be greater than 0.";
            return throw(ctx, &format!("java.lang.IllegalArgumentException: {message}"));
        }
        if !self.arguments.hides_header {
            let times =
                if self.arguments.is_detailed { "time, threadId" } else { "start.time, end.time" };
            ctx.print(&format!("{times}, {FIELDS}"));
        }
        let servers = match servers::read(self.arguments.servers()) {
            Ok(servers) => servers,
            Err(errors) => {
                return throw(ctx, &no_client("consumer", &errors).errors.join("\n"));
            }
        };
        let (config, notes) = match self.arguments.config(ctx) {
            Ok(made) => made,
            Err(error) => return throw(ctx, &error),
        };
        notes.iter().for_each(|note| ctx.print_error(note));
        let (id, group) = (&config.client_id, &config.group);
        let who = format!("[Consumer clientId={id}, groupId={group}]");
        self.stage.look(ctx, &servers, &who, config);
        let now = ctx.timestamp();
        (self.begun_at, self.reported_at, self.joining_since) = (now, now, Some(now));
        self.waits(ctx);
    }

    fn waits(&mut self, ctx: &mut Ctx<'_>) {
        let timeout = Span::from_millis(self.arguments.timeout_ms);
        self.idle_at = ctx.now() + timeout;
        ctx.set_timer(timeout, Timer::Program(IDLE));
    }

    fn handle_client(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        self.stage.handle(ctx, input);
        self.note_assignment(ctx.timestamp());
        while let Some(consumer) = self.stage.open() {
            let brought = consumer.take();
            if brought.is_empty() {
                if !consumer.is_open() {
                    let error = consumer.last_error();
                    return throw(ctx, &of_consumer(error.as_deref()));
                }
                break;
            }
            for (_, record) in &brought {
                self.read.add(record);
                self.tell_of_progress(ctx);
            }
            self.waits(ctx);
            if self.read.records >= self.arguments.records {
                return self.close(ctx);
            }
            if let Some(consumer) = self.stage.open() {
                consumer.poll(ctx);
            }
        }
        self.exit_if_closed(ctx);
    }

    /// What the rebalance listener is called with.
    fn note_assignment(&mut self, now: TimestampMs) {
        let has_some =
            self.stage.client().is_some_and(|consumer| !consumer.assignment().is_empty());
        match self.joining_since {
            Some(since) if has_some => {
                self.joining_ms += now.0 - since.0;
                self.joining_since_report_ms += now.0 - since.0;
                self.joining_since = None;
            }
            None if !has_some => self.joining_since = Some(now),
            _ => {}
        }
    }

    /// A line of `--show-detailed-stats`, if one is due.
    fn tell_of_progress(&mut self, ctx: &mut Ctx<'_>) {
        let now = ctx.timestamp();
        let elapsed_ms = now.0 - self.reported_at.0;
        if elapsed_ms < self.arguments.interval_ms {
            return;
        }
        if self.arguments.is_detailed {
            let part = self.read.since(self.reported);
            let joining_ms = self.joining_since_report_ms;
            let fetching_ms = elapsed_ms - joining_ms;
            let a_second =
                |amount: f64, ms: i64| if ms <= 0 { 0.0 } else { 1_000.0 * amount / ms as f64 };
            let records = part.records as f64;
            ctx.print(&format!(
                "{}, 0, {}, {}, {}, {}, {joining_ms}, {fetching_ms}, {}, {}",
                time(now),
                fixed(self.read.mib()),
                fixed(a_second(part.mib(), elapsed_ms)),
                self.read.records,
                fixed(a_second(records, elapsed_ms)),
                fixed(a_second(part.mib(), fetching_ms)),
                fixed(a_second(records, fetching_ms)),
            ));
        }
        self.joining_since_report_ms = 0;
        (self.reported, self.reported_at) = (self.read, now);
    }

    fn close(&mut self, ctx: &mut Ctx<'_>) {
        if self.read.records < self.arguments.records {
            ctx.print(&format!(
                "WARNING: Exiting before consuming the expected number of records: timeout ({} ms) \
                 exceeded. You can use the --timeout option to increase the timeout.",
                self.arguments.timeout_ms
            ));
        }
        self.ended_at = ctx.timestamp();
        self.stage.close(ctx);
        self.exit_if_closed(ctx);
    }

    fn exit_if_closed(&mut self, ctx: &mut Ctx<'_>) {
        if !self.stage.is_closed() {
            return;
        }
        if !self.arguments.is_detailed {
            self.report(ctx);
        }
        ctx.exit(0);
    }

    fn report(&self, ctx: &mut Ctx<'_>) {
        let elapsed_ms = self.ended_at.0 - self.begun_at.0;
        let fetching_ms = elapsed_ms - self.joining_ms;
        let a_second = |amount: f64, ms: i64| fixed(amount / (ms as f64 / 1_000.0));
        let (mib, records) = (self.read.mib(), self.read.records);
        ctx.print(&format!(
            "{}, {}, {}, {}, {records}, {}, {}, {fetching_ms}, {}, {}",
            time(self.begun_at),
            time(self.ended_at),
            fixed(mib),
            a_second(mib, elapsed_ms),
            a_second(records as f64, elapsed_ms),
            self.joining_ms,
            a_second(mib, fetching_ms),
            a_second(records as f64, fetching_ms),
        ));
    }

    fn time_out(&mut self, ctx: &mut Ctx<'_>) {
        if self.idle_at <= ctx.now() && !self.stage.is_closing() {
            self.close(ctx);
        }
    }
}

/// An exception reached `main`: its message, then what it is.
fn throw(ctx: &mut Ctx<'_>, exception: &str) {
    let mut lines = exception.lines();
    let first = lines.next().unwrap_or_default();
    ctx.print_error(first.split_once(": ").map_or("null", |(_, message)| message));
    ctx.print_error(first);
    lines.for_each(|line| ctx.print_error(line));
    ctx.exit(1);
}

/// `yyyy-MM-dd HH:mm:ss:SSS`
fn time(at: TimestampMs) -> String {
    log_time(at).replace(',', ":")
}

/// `%.4f`
fn fixed(number: f64) -> String {
    match number {
        number if number.is_nan() => "NaN".to_owned(),
        number if number.is_infinite() => "Infinity".to_owned(),
        number => format!("{number:.4}"),
    }
}

impl Program for ConsumerPerf {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => self.begin(ctx),
            Input::Timer(Timer::Program(IDLE)) => self.time_out(ctx),
            Input::Interrupt => ctx.exit(130),
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
