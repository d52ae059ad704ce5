//! `producer start`.

use bytes::Bytes;
use highwater_cluster::action::Action;
use highwater_cluster::configs::ConfigKind;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::TopicName;
use highwater_cluster::producer::{
    EndAfter, ProducerConfig, Source, SourceRecord, TransactionPlan,
};
use highwater_cluster::time::Span;

use crate::data_file;
use crate::options::{Given, Opt, quote};
use crate::suggest::nearest;
use crate::words::Word;

use super::{Outcome, act, command_config, name_and_options, settings, workload};

/// The options of `producer start`.
pub(super) const OPTIONS: &[Opt] = &[
    Opt::text("--topic", "TOPIC", "where it sends to").required(),
    Opt::integer(
        "--rate",
        "N",
        (0, i64::MAX),
        "records a second; 1 if not given, 0 for none of its own",
    ),
    workload::BURST,
    workload::RAMP,
    workload::PAUSE,
    workload::UNTIL,
    Opt::integer("--count", "N", (1, i64::MAX), "records at most"),
    Opt::text("--acks", "0|1|all", "what it waits for before a record counts as written"),
    Opt::text("--file", "FILE", "the file whose records it sends"),
    Opt::text("--key", "FIELD", "the field of the file that is the key"),
    Opt::flag("--repeat", "begin the file again at its end"),
    Opt::flag("--skip-malformed", "send what could be read of a malformed file"),
    Opt::integer("--keys", "N", (0, 1_000_000), "how many different keys it makes up"),
    workload::KEY_DISTRIBUTION,
    workload::HOT_KEY,
    workload::KEY_TEMPLATE,
    workload::VALUE,
    workload::VALUE_BYTES,
    workload::HEADER,
    workload::INTERCEPT,
    workload::TOMBSTONE_EVERY,
    workload::OUT_OF_ORDER,
    workload::PARTITION,
    workload::PARTITION_RULE,
    Opt::text("--transactional-id", "ID", "its transactional.id: it sends within transactions"),
    Opt::integer(
        "--transaction-records",
        "N",
        (1, i64::MAX),
        "records in a transaction; 10 if not given",
    ),
    Opt::integer("--transaction-ms", "N", (1, 86_400_000), "how long a transaction takes instead"),
    Opt::integer("--abort-every", "N", (1, i64::MAX), "which transactions it aborts: every Nth"),
    Opt::text("--config", "NAME=VALUE", "a setting by Kafka's name").repeated(),
    command_config::OPTION,
];

/// Options that mean nothing without a file.
const OF_FILES: &[&str] = &["--key", "--repeat", "--skip-malformed"];

/// Options that mean nothing to a producer that makes no transactions by itself.
const OF_TRANSACTIONS: &[&str] = &["--transaction-records", "--transaction-ms", "--abort-every"];

/// How many records an application puts into a transaction if nobody says.
const TRANSACTION_RECORDS: u64 = 10;

/// The first problems of a malformed file that are told.
const PROBLEMS_TOLD: usize = 3;

/// `producer start p1 --topic orders`.
pub(super) fn start(ctx: &mut Ctx<'_>, words: &[Word]) -> Outcome {
    let (config, said) = read(words, &|name| ctx.file(name))?;
    act(ctx, Action::StartProducer(Box::new(config)), said)
}

/// What is asked for, and what is to be said of it. `file` has the content of a file of that name.
///
/// # Errors
/// What is wrong with the words.
pub(super) fn read(
    words: &[Word],
    file: &dyn Fn(&str) -> Option<Bytes>,
) -> Result<(ProducerConfig, String), String> {
    let (name, given) = name_and_options("producer", words)?;
    check_combinations(&given)?;
    let topic = given.text("--topic").unwrap_or_default();
    let mut config = ProducerConfig::new(name, TopicName::from(topic));
    // A rate beyond what the type holds is beyond every bound of the world too.
    let rate = given.integer("--rate").unwrap_or(1);
    config.rate_per_second = u32::try_from(rate).unwrap_or(u32::MAX);
    config.limit = given.integer("--count").and_then(|count| u64::try_from(count).ok());
    if let Some(acks) = given.text("--acks") {
        config.set("acks", acks)?;
    }
    let notes =
        settings::set_all(ConfigKind::Producer, &given, |name, value| config.set(name, value))?;
    if let Some(id) = given.text("--transactional-id") {
        config.set("transactional.id", id)?;
    }
    config.check()?;
    config.transaction_plan = transaction_plan(&config, &given)?;
    config.source = source(file, &given)?;
    workload::read(&given, &mut config)?;
    let said = settings::with_notes(format!("Producer {name} sends to {topic}."), &notes);
    Ok((config, said))
}

/// How the application groups its records. By hand, if it makes no record by itself.
fn transaction_plan(
    config: &ProducerConfig,
    given: &Given,
) -> Result<Option<TransactionPlan>, String> {
    let option = OF_TRANSACTIONS.iter().find(|option| given.has(option));
    if config.transactional_id.is_none() || config.rate_per_second == 0 {
        return match option {
            None => Ok(None),
            Some(option) if config.transactional_id.is_none() => {
                Err(format!("{option} is for transactions; add --transactional-id ID"))
            }
            Some(option) => Err(format!(
                "{option} is for a producer that makes records by itself; leave it or --rate 0 out"
            )),
        };
    }
    let number = |name| given.integer(name).and_then(|number| u64::try_from(number).ok());
    let end_after = match (number("--transaction-records"), number("--transaction-ms")) {
        (Some(_), Some(_)) => {
            return Err("give --transaction-records or --transaction-ms, not both".to_owned());
        }
        (None, Some(ms)) => EndAfter::Time(Span(ms * 1_000)),
        (records, None) => EndAfter::Records(records.unwrap_or(TRANSACTION_RECORDS)),
    };
    Ok(Some(TransactionPlan { end_after, abort_every: number("--abort-every") }))
}

fn check_combinations(given: &Given) -> Result<(), String> {
    let has_file = given.has("--file");
    let senseless = if has_file { workload::OF_MADE_UP } else { OF_FILES };
    match senseless.iter().find(|option| given.has(option)) {
        None => Ok(()),
        Some(option) if has_file => {
            Err(format!("{option} is for records that are made up; leave it or --file out"))
        }
        Some(option) => Err(format!("{option} is for records from a file; add --file FILE")),
    }
}

/// What a producer sends: a file's records, or records that it makes up.
fn source(file: &dyn Fn(&str) -> Option<Bytes>, given: &Given) -> Result<Source, String> {
    let Some(name) = given.text("--file") else {
        let keys = given.integer("--keys").and_then(|keys| u32::try_from(keys).ok());
        return Ok(Source::Synthetic { keys: keys.unwrap_or(0), value_bytes: 0 });
    };
    let Some(content) = file(name) else {
        return Err(format!("there is no file {}; open or drop it first", quote(name)));
    };
    let key = given.text("--key");
    let parsed = data_file::records(&content, name, key);
    if !parsed.problems.is_empty() && !given.has("--skip-malformed") {
        return Err(malformed(name, &parsed));
    }
    if parsed.records.is_empty() {
        return Err(format!("no record could be read from {}", quote(name)));
    }
    if let Some(key) = key
        && parsed.records.iter().all(|record| record.key.is_none())
    {
        return Err(no_such_field(&content, name, key));
    }
    let record =
        |record: data_file::DataRecord| SourceRecord { key: record.key, value: record.value };
    let records = parsed.records.into_iter().map(record).collect();
    Ok(Source::File { records, repeat: given.has("--repeat") })
}

fn malformed(name: &str, parsed: &data_file::Parsed) -> String {
    let told: Vec<String> =
        parsed.problems.iter().take(PROBLEMS_TOLD).map(ToString::to_string).collect();
    let more = parsed.problems.len() - told.len();
    let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
    let readable = match parsed.records.len() {
        0 => "no record could be read".to_owned(),
        count => format!("or send the {count} records that could be read with --skip-malformed"),
    };
    format!("{} is malformed: {}{more}. Mend it, {readable}", quote(name), told.join("; "))
}

fn no_such_field(content: &[u8], name: &str, key: &str) -> String {
    let fields = data_file::fields(content, name).map(|preview| preview.fields).unwrap_or_default();
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    match nearest(key, names.iter().copied()) {
        Some(meant) => format!("no record has a field {}; did you mean {meant}?", quote(key)),
        None => {
            format!("no record has a field {}; the fields are {}", quote(key), names.join(", "))
        }
    }
}
