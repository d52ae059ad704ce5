//! The arguments of `kafka-consumer-perf-test.sh`.

use highwater_cluster::consumer::{AutoOffsetReset, ConsumerConfig, TopicPattern};
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{GroupId, TopicName};
use highwater_cluster::time::Span;

use crate::options::{Given, Opt};
use crate::programs::clients::properties::{self, set_all};
use crate::programs::jopt::{self, Refused, refused_with_usage};
use crate::words::Word;

const LONG: (i64, i64) = (i64::MIN, i64::MAX);
const INTEGER: (i64, i64) = (i32::MIN as i64, i32::MAX as i64);
/// `client.id`, and what the consumer is called here.
const CLIENT: &str = "perf-consumer-client";
/// What is taken and has nothing to do here, with the reason.
const WITHOUT_EFFECT: &[(&str, &str)] = &[
    ("--date-format", "times are printed as yyyy-MM-dd HH:mm:ss:SSS"),
    ("--print-metrics", "the page shows what the consumer does"),
];

/// What it understands.
pub(crate) const OPTIONS: &[Opt] = &[
    Opt::text(
        "--bootstrap-server",
        "String: server to connect to",
        "REQUIRED: The brokers to connect to.",
    ),
    Opt::text("--command-config", "String: config file", "A file of settings of the consumer."),
    Opt::text("--command-property", "String: prop1=val1", "A setting of the consumer.").repeated(),
    Opt::text("--consumer.config", "String: config file", "DEPRECATED: use --command-config."),
    Opt::text("--date-format", "String: date format", "How times are printed."),
    Opt::integer(
        "--fetch-size",
        "Integer: size",
        INTEGER,
        "The most bytes of a fetch of a partition.",
    ),
    Opt::flag("--from-latest", "Starts at the end if the group has no offset yet."),
    Opt::text("--group", "String: gid", "The group of the consumer."),
    Opt::flag("--help", "Prints this."),
    Opt::flag("--hide-header", "Leaves the header out."),
    Opt::text(
        "--include",
        "String: Java regex (String)",
        "The topics to read, as a regular expression.",
    ),
    Opt::integer("--messages", "Long: count", LONG, "DEPRECATED: use --num-records."),
    Opt::integer("--num-records", "Long: count", LONG, "REQUIRED: How many records are read."),
    Opt::flag("--print-metrics", "Prints the consumer's metrics."),
    Opt::integer(
        "--reporting-interval",
        "Long: interval_ms",
        LONG,
        "How often it tells how far it is.",
    ),
    Opt::flag("--show-detailed-stats", "Tells how far it is while it reads."),
    Opt::integer("--socket-buffer-size", "Integer: size", INTEGER, "receive.buffer.bytes"),
    Opt::integer("--timeout", "Long: milliseconds", LONG, "How long it waits for records."),
    Opt::text("--topic", "String: topic", "The topic to read."),
    Opt::flag("--version", "Prints Kafka's version."),
];

/// The arguments, checked.
#[derive(Clone, Debug)]
pub(super) struct Arguments {
    given: Given,
    pub(super) records: u64,
    pub(super) timeout_ms: i64,
    pub(super) interval_ms: i64,
    pub(super) hides_header: bool,
    pub(super) is_detailed: bool,
}

pub(super) fn read(words: &[Word]) -> Result<Arguments, Refused> {
    let about = "This tool is used to verify the consumer performance.";
    let given = jopt::read_or_usage(OPTIONS, words, about)?;
    check(&given).map_err(|message| refused_with_usage(OPTIONS, &message))?;
    let records = given.integer("--messages").or(given.integer("--num-records"));
    Ok(Arguments {
        records: records.unwrap_or_default().max(0).unsigned_abs(),
        timeout_ms: given.integer("--timeout").unwrap_or(10_000).max(0),
        interval_ms: given.integer("--reporting-interval").unwrap_or(5_000),
        hides_header: given.has("--hide-header"),
        is_detailed: given.has("--show-detailed-stats"),
        given,
    })
}

/// Which options must be there, and which not together.
fn check(given: &Given) -> Result<(), String> {
    if !given.has("--bootstrap-server") {
        return Err("Missing required argument \"[bootstrap-server]\"".to_owned());
    }
    for (one, other) in [("topic", "include"), ("messages", "num-records")] {
        if given.has(&format!("--{one}")) == given.has(&format!("--{other}")) {
            return Err(format!(
                "Exactly one of the following arguments is required: [{one}], [{other}]"
            ));
        }
    }
    if given.has("--consumer.config") && given.has("--command-config") {
        return Err("Option \"[consumer.config]\" can't be used with option \"[command-config]\""
            .to_owned());
    }
    Ok(())
}

impl Arguments {
    pub(super) fn servers(&self) -> &str {
        self.given.text("--bootstrap-server").unwrap_or_default()
    }

    /// What is said of options that are out of date.
    pub(super) fn warnings(&self) -> impl Iterator<Item = String> {
        let old = [("--messages", "--num-records"), ("--consumer.config", "--command-config")];
        let old = old.into_iter().filter(|(old, _)| self.given.has(old));
        old.map(|(old, new)| format!("Warning: {old} is deprecated. Use {new} instead."))
    }

    /// What is said of options that do nothing here.
    pub(super) fn notes(&self) -> impl Iterator<Item = String> {
        let given = WITHOUT_EFFECT.iter().filter(|(option, _)| self.given.has(option));
        given.map(|(option, why)| format!("Highwater: {option} changes nothing here: {why}"))
    }

    /// The consumer's settings, and what there is to say of them. The error is that of the exception.
    pub(super) fn config(
        &self,
        ctx: &mut Ctx<'_>,
    ) -> Result<(ConsumerConfig, Vec<String>), String> {
        let given = &self.given;
        let files = ["--consumer.config", "--command-config"];
        let mut all = properties::all(ctx, given, &files, &["--command-property"])?;
        // The tool sets these after the file and the properties.
        let fetch_size = given.integer("--fetch-size").unwrap_or(1 << 20);
        let reset = if given.has("--from-latest") { "latest" } else { "earliest" };
        all.retain(|(name, _)| !matches!(name.as_str(), "group.id" | "receive.buffer.bytes"));
        all.push(("max.partition.fetch.bytes".to_owned(), fetch_size.to_string()));
        all.push(("auto.offset.reset".to_owned(), reset.to_owned()));
        let drawn = || format!("perf-consumer-{}", ctx.random("perf").next_u64() % 100_000);
        let group = given.text("--group").map_or_else(drawn, str::to_owned);
        let topics = given.text("--topic").map(TopicName::from).into_iter().collect();
        let mut config = ConsumerConfig::new(CLIENT, &GroupId::from(group.as_str()), topics);
        config.client_id = CLIENT.into();
        config.poll_interval = Span::ZERO;
        config.auto_offset_reset = AutoOffsetReset::Earliest;
        if let Some(pattern) = given.text("--include") {
            config.pattern = Some(TopicPattern::new(pattern)?);
        }
        let notes = set_all(&all, |name, value| config.set(name, value))?;
        config.check()?;
        Ok((config, notes))
    }
}
