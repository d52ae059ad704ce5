//! `kafka-verifiable-producer.sh`: sends growing numbers, and tells what became of each.

use std::collections::VecDeque;
use std::sync::Arc;

use highwater_cluster::ctx::Ctx;
use highwater_cluster::embedded::{Delivery, ProgramProducer};
use highwater_cluster::ids::TopicName;
use highwater_cluster::input::Input;
use highwater_cluster::log::TimestampMs;
use highwater_cluster::producer::{ProducerConfig, ProducerRecord};
use highwater_cluster::program::Program;
use highwater_cluster::time::{Span, Time};
use highwater_cluster::timer::Timer;

use super::{INTEGER, config_file, event, quoted};
use crate::admin::Server;
use crate::command::Says;
use crate::java::double;
use crate::options::{Given, Opt};
use crate::programs::argparse::Parser;
use crate::programs::clients::bootstrap::ask;
use crate::programs::clients::exception::class_and_message;
use crate::programs::clients::properties::set_all;
use crate::programs::clients::stage::Stage;
use crate::programs::jopt::Refused;
use crate::programs::servers;
use crate::words::Word;

/// The timer by which the next records are sent.
const NEXT: u32 = 1;
const TICK: Span = Span(10_000);
/// How many records are sent at once at most, where nothing else limits them.
const BURST: u64 = 50;
/// `client.id` of the first producer of a process.
const CLIENT: &str = "producer-1";

/// What it understands.
pub(crate) const OPTIONS: &[Opt] = &[
    Opt::text("--topic", "TOPIC", "Produce messages to this topic.").required(),
    Opt::text("--bootstrap-server", "HOST1:PORT1[,HOST2:PORT2[...]]", "The brokers to connect to."),
    Opt::integer("--max-messages", "MAX-MESSAGES", INTEGER, "How many; -1 for no end."),
    Opt::integer("--throughput", "THROUGHPUT", INTEGER, "At most so many messages a second."),
    Opt::integer("--acks", "ACKS", INTEGER, "Acks required on each message: 0, 1 or -1."),
    Opt::text("--producer.config", "CONFIG-FILE", "(DEPRECATED) Use --command-config instead."),
    Opt::integer(
        "--message-create-time",
        "CREATE-TIME",
        (i64::MIN, i64::MAX),
        "The time of the first message, in milliseconds since 1970.",
    ),
    Opt::integer(
        "--value-prefix",
        "VALUE-PREFIX",
        INTEGER,
        "Stands before each value, with a dot.",
    ),
    Opt::integer(
        "--repeating-keys",
        "REPEATING-KEYS",
        INTEGER,
        "Keys that count from 0 up to this number, over and over.",
    ),
    Opt::text("--command-config", "CONFIG-FILE", "A file of settings of the producer."),
];

static PARSER: Parser = Parser {
    program: "verifiable-producer",
    about: "This tool produces increasing integers to the specified topic and prints JSON metadata to stdout on each \"send\" request, making externally visible which messages have been acked and which have not.",
    options: OPTIONS,
    one_of: &["--bootstrap-server"],
    metavar: "",
    commands: &[],
};

/// The process for `kafka-verifiable-producer.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match read(words) {
        Ok(arguments) => Box::new(VerifiableProducer {
            arguments: Arc::new(arguments),
            stage: Stage::default(),
            begun_at: Time::ZERO,
            stamped_from: TimestampMs(0),
            create_time: None,
            sent: 0,
            acked: 0,
            under_way: VecDeque::new(),
            code: 0,
        }),
        Err(refused) => Says::refused(refused),
    }
}

#[derive(Clone, Debug)]
struct Arguments {
    servers: Vec<Server>,
    topic: TopicName,
    given: Given,
    /// How many records; none for no end.
    most: Option<u64>,
    throughput: i64,
}

fn read(words: &[Word]) -> Result<Arguments, Refused> {
    let given = PARSER.read_plain(words)?;
    let acks = given.integer("--acks").unwrap_or(-1);
    if !matches!(acks, -1..=1) {
        let message = format!("argument --acks: invalid choice: '{acks}' (choose from {{0,1,-1}})");
        return Err(PARSER.refused(None, &message));
    }
    if given.has("--producer.config") && given.has("--command-config") {
        let message = "Options --producer.config and --command-config are mutually exclusive.";
        return Err(PARSER.refused(None, message));
    }
    let listed = given.text("--bootstrap-server").unwrap_or_default();
    let servers = servers::named(listed)?;
    Ok(Arguments {
        servers,
        topic: TopicName::from(given.text("--topic").unwrap_or_default()),
        most: given.integer("--max-messages").and_then(|most| u64::try_from(most).ok()),
        throughput: given.integer("--throughput").unwrap_or(-1),
        given,
    })
}

#[derive(Clone, Debug)]
struct VerifiableProducer {
    arguments: Arc<Arguments>,
    stage: Stage<ProgramProducer>,
    begun_at: Time,
    stamped_from: TimestampMs,
    /// The time of the next record, where the command line tells it.
    create_time: Option<i64>,
    sent: u64,
    acked: u64,
    /// What was sent and is not settled: its ticket, key and value.
    under_way: VecDeque<(u64, Option<String>, String)>,
    code: i32,
}

impl VerifiableProducer {
    fn begin(&mut self, ctx: &mut Ctx<'_>) {
        let config = match self.config(ctx) {
            Ok(config) => config,
            Err(error) => {
                ctx.print_error(&error);
                return ctx.exit(1);
            }
        };
        self.begun_at = ctx.now();
        self.stamped_from = ctx.timestamp();
        let given = self.arguments.given.integer("--message-create-time");
        self.create_time = given.filter(|time| *time != -1);
        event(ctx, "startup_complete", "");
        let who = format!("[Producer clientId={CLIENT}]");
        self.stage.look(ctx, &self.arguments.servers, &who, config);
    }

    fn config(&self, ctx: &mut Ctx<'_>) -> Result<ProducerConfig, String> {
        let acks = self.arguments.given.integer("--acks").unwrap_or(-1);
        let mut all = vec![
            ("acks".to_owned(), acks.to_string()),
            // A record that could not be written is told, not tried again.
            ("retries".to_owned(), "0".to_owned()),
        ];
        let options = ["--producer.config", "--command-config"];
        all.extend(config_file(ctx, &self.arguments.given, options)?);
        let mut config = ProducerConfig::new(CLIENT, self.arguments.topic.clone());
        config.client_id = CLIENT.into();
        let notes = set_all(&all, |name, value| config.set(name, value))?;
        config.check()?;
        notes.iter().for_each(|note| ctx.print_error(note));
        Ok(config)
    }

    fn handle_client(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        if self.stage.handle(ctx, input) {
            ask(ctx, std::slice::from_ref(&self.arguments.topic), true);
            self.send(ctx);
            ctx.set_timer(TICK, Timer::Program(NEXT));
        }
        self.go_on(ctx);
    }

    /// How many records may have been sent by now.
    fn due(&self, now: Time) -> u64 {
        let elapsed_ms = now.since(self.begun_at).millis();
        let due = match self.arguments.throughput {
            ..0 => u64::MAX,
            // The throttle lets the first one pass.
            throughput => (throughput.unsigned_abs().saturating_mul(elapsed_ms) / 1_000).max(1),
        };
        due.min(self.sent + BURST).min(self.arguments.most.unwrap_or(u64::MAX))
    }

    fn send(&mut self, ctx: &mut Ctx<'_>) {
        let due = self.due(ctx.now());
        let Some(producer) = self.stage.open() else { return };
        while self.sent < due && !producer.is_in_call() && ctx.is_alive() && ctx.charge(1) {
            let number = self.sent;
            let given = &self.arguments.given;
            let value = match given.integer("--value-prefix") {
                Some(prefix) => format!("{prefix}.{number}"),
                None => number.to_string(),
            };
            let keys = given.integer("--repeating-keys");
            let key = keys.map(|keys| match u64::try_from(keys) {
                Ok(keys) if keys > 0 => (number % keys).to_string(),
                _ => number.to_string(),
            });
            let timestamp = self.create_time;
            // The real tool adds all the time since its start after each record.
            let since = ctx.timestamp().0 - self.stamped_from.0;
            self.create_time = timestamp.map(|time| time.saturating_add(since));
            let record = ProducerRecord {
                topic: self.arguments.topic.clone(),
                partition: None,
                timestamp: timestamp.map(TimestampMs),
                key: key.clone().map(Into::into),
                value: Some(value.clone().into()),
                headers: Arc::from([]),
            };
            let ticket = producer.send(ctx, record);
            self.sent += 1;
            self.under_way.push_back((ticket, key, value));
        }
    }

    fn go_on(&mut self, ctx: &mut Ctx<'_>) {
        let Some(producer) = self.stage.client_mut() else { return };
        for (ticket, delivery) in producer.take_settled() {
            let known = self.under_way.iter().position(|(known, ..)| *known == ticket);
            if let Some((_, key, value)) = known.and_then(|at| self.under_way.remove(at)) {
                self.settled(ctx, key, &value, delivery);
            }
        }
        let Some(producer) = self.stage.open() else { return self.exit_if_closed(ctx) };
        if self.arguments.most.is_some_and(|most| self.sent >= most) && !producer.is_in_call() {
            self.close(ctx);
        }
    }

    fn settled(&mut self, ctx: &mut Ctx<'_>, key: Option<String>, value: &str, delivery: Delivery) {
        let key = key.map_or_else(|| "null".to_owned(), |key| quoted(&key));
        let value = quoted(value);
        match delivery {
            Ok((partition, offset)) => {
                self.acked += 1;
                let offset = offset.map_or(-1, |offset| offset.0);
                let topic = quoted(partition.topic.as_str());
                let partition = partition.partition;
                let fields = format!(
                    "\"key\":{key},\"value\":{value},\"offset\":{offset},\"topic\":{topic},\"partition\":{partition}"
                );
                event(ctx, "producer_send_success", &fields);
            }
            Err(error) => {
                let text = class_and_message(&error);
                let (class, message) = text.split_once(": ").unwrap_or((&text, ""));
                let topic = quoted(self.arguments.topic.as_str());
                let (class, message) = (quoted(&format!("class {class}")), quoted(message));
                let fields = format!(
                    "\"topic\":{topic},\"key\":{key},\"value\":{value},\"exception\":{class},\"message\":{message}"
                );
                event(ctx, "producer_send_error", &fields);
            }
        }
    }

    fn close(&mut self, ctx: &mut Ctx<'_>) {
        self.stage.close(ctx);
        match self.stage.client() {
            Some(_) => self.go_on(ctx),
            None => self.report(ctx),
        }
    }

    fn exit_if_closed(&mut self, ctx: &mut Ctx<'_>) {
        if self.stage.is_closed() {
            self.report(ctx);
        }
    }

    /// What the shutdown hook prints.
    fn report(&mut self, ctx: &mut Ctx<'_>) {
        event(ctx, "shutdown_complete", "");
        let elapsed_ms = ctx.now().since(self.begun_at).millis();
        let average = 1000.0 * (self.acked as f64 / elapsed_ms as f64);
        let average = match average.is_finite() {
            true => double(average),
            false => quoted(&double(average)),
        };
        let (sent, acked, target) = (self.sent, self.acked, self.arguments.throughput);
        let fields = format!(
            "\"sent\":{sent},\"acked\":{acked},\"target_throughput\":{target},\"avg_throughput\":{average}"
        );
        event(ctx, "tool_data", &fields);
        ctx.exit(self.code);
    }

    fn interrupt(&mut self, ctx: &mut Ctx<'_>) {
        self.code = 130;
        match self.stage.is_closing() {
            true => ctx.exit(130),
            false => self.close(ctx),
        }
    }
}

impl Program for VerifiableProducer {
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
            Input::Interrupt => self.interrupt(ctx),
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
