//! `kafka-consumer-perf-test.sh`: how fast a consumer gets records.

use highwater_cluster::consumer::{AutoOffsetReset, ConsumerConfig};
use highwater_cluster::ctx::Ctx;
use highwater_cluster::embedded::ProgramConsumer;
use highwater_cluster::ids::{GroupId, TopicName};
use highwater_cluster::input::Input;
use highwater_cluster::log::TimestampMs;
use highwater_cluster::program::Program;
use highwater_cluster::time::{Span, Time};
use highwater_cluster::timer::Timer;

use crate::admin::Server;
use crate::command::Says;
use crate::java::log_time;
use crate::options::Opt;
use crate::programs::clients::bootstrap::{Bootstrap, Found};
use crate::programs::clients::properties::{self, Properties};
use crate::programs::console_producer::set_all;
use crate::programs::jopt::{self, Refused, refused_with_usage};
use crate::programs::servers;
use crate::words::Word;

const LONG: (i64, i64) = (i64::MIN, i64::MAX);
/// The timer of `--timeout`.
const IDLE: u32 = 1;
const HEADER: &str = "start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, \
    rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec";

/// What it understands.
pub(crate) const OPTIONS: &[Opt] = &[
    Opt::text(
        "--bootstrap-server",
        "String: server to connect to",
        "REQUIRED: The brokers to connect to.",
    ),
    Opt::text("--command-property", "String: prop1=val1", "A setting of the consumer.").repeated(),
    Opt::text("--date-format", "String: date format", "How times are printed."),
    Opt::integer(
        "--fetch-size",
        "Integer: size",
        LONG,
        "The most bytes of a fetch of a partition.",
    ),
    Opt::flag("--from-latest", "Starts at the end if the group has no offset yet."),
    Opt::text("--group", "String: gid", "The group of the consumer."),
    Opt::flag("--help", "Prints this."),
    Opt::flag("--hide-header", "Leaves the header out."),
    Opt::integer("--messages", "Long: count", LONG, "DEPRECATED: use --num-records."),
    Opt::integer("--num-records", "Long: count", LONG, "REQUIRED: How many records are read."),
    Opt::integer(
        "--reporting-interval",
        "Long: interval_ms",
        LONG,
        "How often it tells how far it is.",
    ),
    Opt::flag("--show-detailed-stats", "Tells how far it is while it reads."),
    Opt::integer("--timeout", "Long: milliseconds", LONG, "How long it waits for records."),
    Opt::text("--topic", "String: topic", "REQUIRED: The topic to read."),
    Opt::flag("--version", "Prints Kafka's version."),
];

/// The process for `kafka-consumer-perf-test.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match read(words) {
        Ok(arguments) => Box::new(ConsumerPerf {
            stage: Stage::Starting,
            records: 0,
            bytes: 0,
            begun_at: TimestampMs(0),
            joined_at: None,
            idle_at: Time::ZERO,
            arguments,
        }),
        Err(refused) => Says::both(refused.code, refused.output, refused.errors),
    }
}

#[derive(Clone, Debug)]
struct Arguments {
    servers: Vec<Server>,
    topic: TopicName,
    group: Option<String>,
    records: u64,
    timeout_ms: i64,
    hides_header: bool,
    is_from_latest: bool,
    properties: Properties,
}

fn read(words: &[Word]) -> Result<Arguments, Refused> {
    let about = "This tool is used to verify the consumer performance.";
    let given = jopt::read(OPTIONS, words, about, |_, message| message.to_owned())?;
    let missing = |option: &str| {
        refused_with_usage(OPTIONS, &format!("Missing required argument \"[{option}]\""))
    };
    let topic = given.text("--topic").ok_or_else(|| missing("topic"))?;
    let listed = given.text("--bootstrap-server").ok_or_else(|| missing("bootstrap-server"))?;
    let records = given.integer("--num-records").or(given.integer("--messages"));
    let records = records.ok_or_else(|| missing("num-records"))?;
    let servers =
        servers::read(listed).map_err(|errors| Refused { code: 1, output: Vec::new(), errors })?;
    let properties = properties::given(&given, "--command-property");
    Ok(Arguments {
        servers,
        topic: TopicName::from(topic),
        group: given.text("--group").map(str::to_owned),
        records: records.max(0).unsigned_abs(),
        timeout_ms: given.integer("--timeout").unwrap_or(10_000).max(0),
        hides_header: given.has("--hide-header"),
        is_from_latest: given.has("--from-latest"),
        properties: properties.map_err(|message| refused_with_usage(OPTIONS, &message))?,
    })
}

#[derive(Clone, Debug)]
struct ConsumerPerf {
    arguments: Arguments,
    stage: Stage,
    records: u64,
    bytes: u64,
    begun_at: TimestampMs,
    /// When its group had given it partitions.
    joined_at: Option<TimestampMs>,
    idle_at: Time,
}

#[derive(Clone, Debug)]
enum Stage {
    Starting,
    Looking(Bootstrap, Box<ConsumerConfig>),
    Reading(ProgramConsumer),
    Closing(ProgramConsumer),
}

impl ConsumerPerf {
    fn begin(&mut self, ctx: &mut Ctx<'_>) {
        let drawn = || format!("perf-consumer-{}", ctx.random("perf").next_u64() % 100_000);
        let group = self.arguments.group.clone().unwrap_or_else(drawn);
        let topics = vec![self.arguments.topic.clone()];
        let name = "perf-consumer-client";
        let mut config = ConsumerConfig::new(name, &GroupId::from(group.as_str()), topics);
        config.poll_interval = Span::ZERO;
        if !self.arguments.is_from_latest {
            config.auto_offset_reset = AutoOffsetReset::Earliest;
        }
        let made = set_all(&self.arguments.properties, |name, value| config.set(name, value));
        match made {
            Ok(notes) => notes.iter().for_each(|note| ctx.print_error(note)),
            Err(error) => {
                ctx.print_error(&error);
                return ctx.exit(1);
            }
        }
        if !self.arguments.hides_header {
            ctx.print(HEADER);
        }
        let who = format!("[Consumer clientId={name}, groupId={group}]");
        let mut bootstrap = Bootstrap::new(self.arguments.servers.clone(), who);
        bootstrap.begin(ctx);
        self.stage = Stage::Looking(bootstrap, Box::new(config));
        self.begun_at = ctx.timestamp();
        self.waits(ctx);
    }

    fn waits(&mut self, ctx: &mut Ctx<'_>) {
        let timeout = Span::from_millis(self.arguments.timeout_ms);
        self.idle_at = ctx.now() + timeout;
        ctx.set_timer(timeout, Timer::Program(IDLE));
    }

    fn handle_client(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match &mut self.stage {
            Stage::Starting => {}
            Stage::Looking(bootstrap, config) => {
                if bootstrap.handle(ctx, &input) == Found::Cluster {
                    let mut consumer = ProgramConsumer::new((**config).clone());
                    consumer.handle(ctx, Input::Start);
                    self.stage = Stage::Reading(consumer);
                }
            }
            Stage::Reading(consumer) | Stage::Closing(consumer) => consumer.handle(ctx, input),
        }
        self.go_on(ctx);
    }

    fn go_on(&mut self, ctx: &mut Ctx<'_>) {
        while let Stage::Reading(consumer) = &mut self.stage {
            if self.joined_at.is_none() && !consumer.assignment().is_empty() {
                self.joined_at = Some(ctx.timestamp());
            }
            let brought = consumer.take();
            if brought.is_empty() {
                break;
            }
            for (_, record) in &brought {
                let size = |bytes: &Option<bytes::Bytes>| bytes.as_ref().map_or(0, |b| b.len());
                self.records += 1;
                self.bytes += (size(&record.key) + size(&record.value)) as u64;
            }
            consumer.poll(ctx);
            self.waits(ctx);
            if self.records >= self.arguments.records {
                return self.close(ctx);
            }
        }
        if matches!(&self.stage, Stage::Closing(consumer) if consumer.is_closed()) {
            self.report(ctx);
        }
    }

    fn close(&mut self, ctx: &mut Ctx<'_>) {
        let Stage::Reading(consumer) = &mut self.stage else { return self.report(ctx) };
        consumer.close(ctx);
        let consumer = consumer.clone();
        self.stage = Stage::Closing(consumer);
        if matches!(&self.stage, Stage::Closing(consumer) if consumer.is_closed()) {
            self.report(ctx);
        }
    }

    fn report(&self, ctx: &mut Ctx<'_>) {
        let end = ctx.timestamp();
        let elapsed_ms = (end.0 - self.begun_at.0).max(1).unsigned_abs();
        let joined = self.joined_at.unwrap_or(end);
        let joining_ms = (joined.0 - self.begun_at.0).max(0).unsigned_abs();
        let fetching_ms = elapsed_ms.saturating_sub(joining_ms).max(1);
        // In ten thousandths, as four digits behind the point are printed.
        let mib = self.bytes.saturating_mul(10_000) >> 20;
        let per_second = |amount: u64, millis: u64| amount.saturating_mul(1_000) / millis;
        let shown = |amount: u64| format!("{}.{:04}", amount / 10_000, amount % 10_000);
        let records = self.records.saturating_mul(10_000);
        let time = |at: TimestampMs| log_time(at).replace(',', ":");
        ctx.print(&format!(
            "{}, {}, {}, {}, {}, {}, {joining_ms}, {fetching_ms}, {}, {}",
            time(self.begun_at),
            time(end),
            shown(mib),
            shown(per_second(mib, elapsed_ms)),
            self.records,
            shown(per_second(records, elapsed_ms)),
            shown(per_second(mib, fetching_ms)),
            shown(per_second(records, fetching_ms)),
        ));
        ctx.exit(0);
    }

    fn time_out(&mut self, ctx: &mut Ctx<'_>) {
        if self.idle_at > ctx.now() || matches!(self.stage, Stage::Closing(_)) {
            return;
        }
        ctx.print(&format!(
            "WARNING: Exiting before consuming the expected number of records: timeout ({} ms) \
             exceeded. You can use the --timeout option to increase the timeout.",
            self.arguments.timeout_ms
        ));
        self.close(ctx);
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
        match &self.stage {
            Stage::Reading(consumer) | Stage::Closing(consumer) => Some(consumer),
            _ => None,
        }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}
