//! `kafka-producer-perf-test.sh`: how fast a producer gets records written.

use std::sync::Arc;

use bytes::Bytes;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::embedded::ProgramProducer;
use highwater_cluster::ids::TopicName;
use highwater_cluster::input::Input;
use highwater_cluster::producer::{ProducerConfig, ProducerRecord};
use highwater_cluster::program::Program;
use highwater_cluster::time::{Span, Time};
use highwater_cluster::timer::Timer;

use crate::admin::Server;
use crate::command::Says;
use crate::options::Opt;
use crate::programs::clients::bootstrap::ask;
use crate::programs::clients::exception::class_and_message;
use crate::programs::clients::properties::{self, set_all};
use crate::programs::clients::stage::Stage;
use crate::programs::jopt::{self, Refused, refused};
use crate::programs::servers;
use crate::words::Word;

const LONG: (i64, i64) = (i64::MIN, i64::MAX);
/// The timer by which the next records are sent.
const NEXT: u32 = 1;
/// How often records are sent.
const TICK: Span = Span(10_000);
/// How often the results of a part are printed, in milliseconds, if nothing else is asked for.
const INTERVAL_MS: i64 = 5_000;
/// How many records are sent at once at most, where nothing else limits them.
const BURST: u64 = 500;

/// What it understands.
pub(crate) const OPTIONS: &[Opt] = &[
    Opt::text("--bootstrap-server", "BOOTSTRAP-SERVERS", "The brokers to connect to."),
    Opt::text("--command-config", "CONFIG-FILE", "A file of settings of the producer."),
    Opt::text("--command-property", "PROP-NAME=PROP-VALUE", "Settings of the producer.").repeated(),
    Opt::flag("--help", "Prints this."),
    Opt::integer("--num-records", "NUM-RECORDS", LONG, "How many records are sent."),
    Opt::text("--producer-props", "PROP-NAME=PROP-VALUE", "Settings of the producer.").repeated(),
    Opt::text("--producer.config", "CONFIG-FILE", "A file of settings of the producer."),
    Opt::flag("--print-metrics", "Prints the producer's metrics at the end."),
    Opt::integer("--record-size", "RECORD-SIZE", LONG, "How many bytes a record has."),
    Opt::integer("--reporting-interval", "INTERVAL-MS", LONG, "How often it tells how far it is."),
    Opt::text(
        "--throughput",
        "THROUGHPUT",
        "How many records a second it sends at most; -1 for as many as it can.",
    ),
    Opt::text("--topic", "TOPIC", "The topic to send to."),
    Opt::flag("--version", "Prints Kafka's version."),
];

/// The process for `kafka-producer-perf-test.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match read(words) {
        Ok(arguments) => Box::new(ProducerPerf {
            stage: Stage::default(),
            sent: 0,
            begun_at: Time::ZERO,
            sent_at: Vec::new(),
            whole: Stats::default(),
            part: Stats::default(),
            part_since: Time::ZERO,
            value: Bytes::new(),
            arguments: Arc::new(arguments),
        }),
        Err(refused) => Says::refused(refused),
    }
}

#[derive(Clone, Debug)]
struct Arguments {
    servers: Vec<Server>,
    topic: TopicName,
    records: u64,
    size: usize,
    /// Records a second; none for no limit.
    throughput: Option<u64>,
    /// How often the results of a part are printed.
    interval: Span,
    prints_metrics: bool,
    properties: properties::Properties,
    file: Option<String>,
}

fn read(words: &[Word]) -> Result<Arguments, Refused> {
    let words = spread(words);
    let about = "This tool is used to verify the producer performance.";
    let given = jopt::read(OPTIONS, &words, about, |_, message| message.to_owned())?;
    let missing = |option: &str| {
        refused(format!("producer-performance: error: argument {option} is required"))
    };
    let topic = given.text("--topic").ok_or_else(|| missing("--topic"))?;
    let records = given.integer("--num-records").ok_or_else(|| missing("--num-records"))?;
    let size = given.integer("--record-size");
    let size = size.ok_or_else(|| refused("producer-performance: error: one of the arguments --record-size --payload-file --payload-monotonic is required"))?;
    let throughput = given.text("--throughput").ok_or_else(|| missing("--throughput"))?;
    let throughput: f64 = throughput.parse().map_err(|_| {
        refused(format!("producer-performance: error: argument --throughput: could not convert '{throughput}' to Double"))
    })?;
    let interval_ms = given.integer("--reporting-interval").unwrap_or(INTERVAL_MS);
    if interval_ms <= 0 {
        return Err(refused(
            "producer-performance: error: --reporting-interval should be greater than zero",
        ));
    }
    let mut all = Vec::new();
    for option in ["--producer-props", "--command-property"] {
        all.extend(properties::given(&given, option).map_err(refused)?);
    }
    let listed = given.text("--bootstrap-server").or(properties::get(&all, "bootstrap.servers"));
    let listed = listed.ok_or_else(|| missing("--bootstrap-server"))?;
    let servers = servers::named(listed)?;
    Ok(Arguments {
        servers,
        topic: TopicName::from(topic),
        records: records.clamp(0, 10_000_000).unsigned_abs(),
        size: size.clamp(1, 1 << 20) as usize,
        throughput: (throughput > 0.0).then_some(throughput as u64).filter(|most| *most > 0),
        interval: Span::from_millis(interval_ms),
        prints_metrics: given.has("--print-metrics"),
        properties: all,
        file: given.text("--producer.config").or(given.text("--command-config")).map(str::to_owned),
    })
}

/// `--producer-props` takes all words up to the next option.
fn spread(words: &[Word]) -> Vec<Word> {
    let (mut all, mut option): (Vec<Word>, Option<Word>) = (Vec::new(), None);
    let mut is_first = false;
    for word in words {
        if word.text.starts_with("--") {
            let is_list = matches!(word.text.as_str(), "--producer-props" | "--command-property");
            option = is_list.then(|| word.clone());
            is_first = true;
        } else if let Some(option) = &option {
            if !is_first {
                all.push(option.clone());
            }
            is_first = false;
        }
        all.push(word.clone());
    }
    all
}

#[derive(Clone, Debug)]
struct ProducerPerf {
    arguments: Arc<Arguments>,
    stage: Stage<ProgramProducer>,
    sent: u64,
    begun_at: Time,
    /// When each record was sent, by its number.
    sent_at: Vec<Time>,
    whole: Stats,
    part: Stats,
    part_since: Time,
    value: Bytes,
}

/// How long records took, in milliseconds.
#[derive(Clone, Debug, Default)]
struct Stats {
    latencies_ms: Vec<u64>,
}

impl Stats {
    fn line(&mut self, elapsed: Span, bytes: usize) -> String {
        let count = self.latencies_ms.len() as u64;
        let elapsed_ms = elapsed.millis().max(1);
        // Thousandths of a record a second, and millionths of a MiB.
        let per_second = count * 1_000_000_000 / elapsed_ms;
        let hundredths_mib = count * bytes as u64 * 100_000 / elapsed_ms / (1 << 20);
        let sum: u64 = self.latencies_ms.iter().sum();
        let average = (sum * 100).checked_div(count).unwrap_or(0);
        let most = self.latencies_ms.iter().max().copied().unwrap_or(0);
        format!(
            "{count} records sent, {}.{:06} records/sec ({}.{:02} MB/sec), {}.{:02} ms avg latency, {most}.00 ms max latency",
            per_second / 1_000_000,
            per_second % 1_000_000,
            hundredths_mib / 100,
            hundredths_mib % 100,
            average / 100,
            average % 100,
        )
    }

    fn percentiles(&mut self) -> String {
        self.latencies_ms.sort_unstable();
        let at = |thousandths: usize| {
            let place = self.latencies_ms.len() * thousandths / 1_000;
            let last = self.latencies_ms.len().saturating_sub(1);
            self.latencies_ms.get(place.min(last)).copied().unwrap_or(0)
        };
        format!(
            ", {} ms 50th, {} ms 95th, {} ms 99th, {} ms 99.9th.",
            at(500),
            at(950),
            at(990),
            at(999)
        )
    }
}

impl ProducerPerf {
    fn begin(&mut self, ctx: &mut Ctx<'_>) {
        let mut all = Vec::new();
        let from_file = self.arguments.file.as_ref().map(|path| properties::file(ctx, path));
        match from_file {
            Some(Ok(found)) => all.extend(found),
            Some(Err(error)) => {
                ctx.print_error(&error);
                return ctx.exit(1);
            }
            None => {}
        }
        all.extend(self.arguments.properties.iter().cloned());
        let mut config = ProducerConfig::new("perf-producer-client", self.arguments.topic.clone());
        config.client_id = "perf-producer-client".into();
        let made = set_all(&all, |name, value| config.set(name, value));
        let made = made.and_then(|notes| config.check().map(|()| notes));
        match made {
            Ok(notes) => notes.iter().for_each(|note| ctx.print_error(note)),
            Err(error) => {
                ctx.print_error(&error);
                return ctx.exit(1);
            }
        }
        if self.arguments.prints_metrics {
            let why = "the page shows what the producer does";
            ctx.print_error(&format!("Highwater: --print-metrics changes nothing here: {why}"));
        }
        // The payload is of capital letters that are drawn, as the real one's.
        let letters = (0..self.arguments.size).map(|_| {
            let drawn = ctx.random("payload").next_u64() % 26;
            b'A' + drawn as u8
        });
        self.value = letters.collect::<Vec<u8>>().into();
        let who = "[Producer clientId=perf-producer-client]";
        self.stage.look(ctx, &self.arguments.servers, who, config);
    }

    fn handle_client(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        if self.stage.handle(ctx, input) {
            ask(ctx, std::slice::from_ref(&self.arguments.topic), true);
            self.begun_at = ctx.now();
            self.part_since = ctx.now();
            self.send(ctx);
            ctx.set_timer(TICK, Timer::Program(NEXT));
        }
        self.go_on(ctx);
    }

    /// Sends the records that are due by now.
    fn send(&mut self, ctx: &mut Ctx<'_>) {
        let Some(producer) = self.stage.open() else { return };
        let elapsed_ms = ctx.now().since(self.begun_at).millis();
        let due = match self.arguments.throughput {
            Some(most) => most.saturating_mul(elapsed_ms) / 1_000 + 1,
            None => self.sent + BURST,
        };
        let due = due.min(self.sent + BURST).min(self.arguments.records);
        while self.sent < due && !producer.is_in_call() && ctx.is_alive() {
            let record = ProducerRecord {
                topic: self.arguments.topic.clone(),
                partition: None,
                timestamp: None,
                key: None,
                value: Some(self.value.clone()),
                headers: Arc::from([]),
            };
            if !ctx.charge(1) {
                return;
            }
            producer.send(ctx, record);
            self.sent += 1;
            self.sent_at.push(ctx.now());
        }
    }

    fn go_on(&mut self, ctx: &mut Ctx<'_>) {
        let now = ctx.now();
        let Some(producer) = self.stage.client_mut() else { return };
        for (ticket, delivery) in producer.take_settled() {
            match delivery {
                Ok(_) => {
                    let place = ticket.saturating_sub(1) as usize;
                    let since = self.sent_at.get(place).copied().unwrap_or(now);
                    let latency_ms = now.since(since).millis();
                    self.whole.latencies_ms.push(latency_ms);
                    self.part.latencies_ms.push(latency_ms);
                }
                Err(error) => {
                    let error = class_and_message(&error);
                    ctx.print_error(&error);
                }
            }
        }
        let size = self.arguments.size;
        if now.since(self.part_since) >= self.arguments.interval {
            let line = self.part.line(now.since(self.part_since), size);
            ctx.print(&format!("{line}."));
            self.part = Stats::default();
            self.part_since = now;
        }
        if let Some(producer) = self.stage.open()
            && self.sent == self.arguments.records
            && !producer.is_in_call()
        {
            self.stage.close(ctx);
            return self.go_on(ctx);
        }
        if self.stage.is_closed() {
            let line = self.whole.line(now.since(self.begun_at), size);
            let percentiles = self.whole.percentiles();
            ctx.print(&format!("{line}{percentiles}"));
            ctx.exit(0);
        }
    }
}

impl Program for ProducerPerf {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => self.begin(ctx),
            Input::Timer(Timer::Program(NEXT)) => {
                if self.stage.open().is_some() {
                    self.send(ctx);
                    ctx.set_timer(TICK, Timer::Program(NEXT));
                }
                self.go_on(ctx);
            }
            Input::Interrupt => ctx.exit(130),
            Input::Line(_) | Input::EndOfInput => {}
            input => self.handle_client(ctx, input),
        }
    }

    fn producer(&self) -> Option<&ProgramProducer> {
        self.stage.client()
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}
