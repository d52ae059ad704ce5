//! The options of `producer start` that say what its records look like and when they are made.

use std::sync::Arc;

use highwater_cluster::ids::PartitionIndex;
use highwater_cluster::producer::{
    KeyDistribution, Pace, PartitionRule, Partitioner, Pause, ProducerConfig, Shape, Source,
    Template,
};
use highwater_cluster::time::Span;

use crate::options::{Given, Opt, OptionError, OptionErrorKind, parse_duration, quote};

/// The most records of a burst, and the most a second of a ramp.
const MOST_AT_ONCE: u32 = 1_000_000;
/// The longest made-up value, in bytes.
const LONGEST_VALUE: u32 = 1_048_576;
/// The share of a hot key for which none is given, in per cent.
const HOT_PERCENT: u32 = 50;
/// What may follow `--key-distribution`.
pub(super) const DISTRIBUTIONS: [&str; 3] = ["uniform", "zipf", "hot:80"];

/// When records are made.
pub(super) const BURST: Opt =
    Opt::text("--burst", "N/TIME", "so many at once, again and again: 100/10s");
pub(super) const RAMP: Opt =
    Opt::text("--ramp", "A..B/TIME", "from A to B records a second in that time: 10..1000/60s");
pub(super) const PAUSE: Opt =
    Opt::text("--pause", "TIME/TIME", "it rests so long at the end of each stretch: 5s/30s");
pub(super) const UNTIL: Opt =
    Opt::duration("--until", "TIME", "how long it makes records; its topic stays open: 60s");
/// Which keys they have.
pub(super) const KEY_DISTRIBUTION: Opt = Opt::text(
    "--key-distribution",
    "uniform|zipf[:N]|hot:SHARE",
    "how often each of its --keys comes: zipf:1, or hot:80 for one that gets 80 %",
);
pub(super) const HOT_KEY: Opt =
    Opt::text("--hot-key", "KEY", "what the hottest key is called: vip");
pub(super) const KEY_TEMPLATE: Opt =
    Opt::text("--key-template", "TEXT", "what keys are made of: user-{key}, order-{n}");
/// What they hold.
pub(super) const VALUE: Opt = Opt::text(
    "--value",
    "TEXT",
    "what values are made of: '{\"order\":{n},\"by\":\"{key}\",\"amount\":{random 1..100},\"at\":{time},\"id\":\"{id}\"}'",
);
pub(super) const VALUE_BYTES: Opt =
    Opt::text("--value-bytes", "N|A..B", "how long the values are that it makes up: 100..2000");
pub(super) const HEADER: Opt =
    Opt::text("--header", "NAME=VALUE", "a header of each record: trace={id}")
        .aliases(&["--headers"])
        .repeated();
pub(super) const INTERCEPT: Opt = Opt::text(
    "--intercept",
    "header:NAME=VALUE",
    "what an interceptor adds to each record: header:source=web",
)
.repeated();
pub(super) const TOMBSTONE_EVERY: Opt =
    Opt::integer("--tombstone-every", "N", (1, i64::MAX), "each Nth record has a null value: 10");
pub(super) const OUT_OF_ORDER: Opt =
    Opt::duration("--out-of-order", "TIME", "timestamps lie up to so long before now: 5s");
/// Where they go.
pub(super) const PARTITION: Opt = Opt::integer(
    "--partition",
    "N",
    (0, i32::MAX as i64),
    "the partition that each record names: 0",
);
pub(super) const PARTITION_RULE: Opt = Opt::text(
    "--partition-rule",
    "RULE",
    "a partitioner of one's own: 'key=vip:0;key~^eu-:1;else:hash'",
);

/// Options that mean nothing for the records of a file.
pub(super) const OF_MADE_UP: &[&str] =
    &["--keys", "--value-bytes", "--value", "--key-distribution", "--hot-key"];

/// A header's name, and what its values are made of.
type NamedTemplate = (Arc<str>, Template);

/// Pairs of options that contradict each other, each with why.
const CONTRADICTIONS: &[(&str, &str, &str)] = &[
    ("--rate", "--burst", "both say when records are made"),
    ("--rate", "--ramp", "both say when records are made"),
    ("--burst", "--ramp", "both say when records are made"),
    ("--value", "--value-bytes", "a value made of a text has its length"),
    (
        "--partition",
        "--partition-rule",
        "a partitioner is not asked where a record names its partition",
    ),
];

/// Reads them into the producer's settings. Its source is already there.
///
/// # Errors
/// Where a value cannot be read, what was expected; or which options contradict each other.
pub(super) fn read(given: &Given, config: &mut ProducerConfig) -> Result<(), String> {
    let both = |(one, other, _): &&(&str, &str, &str)| given.has(one) && given.has(other);
    if let Some((one, other, why)) = CONTRADICTIONS.iter().find(both) {
        return Err(format!(
            "{one} and {other} contradict each other: {why}; leave one of them out"
        ));
    }
    let mut shape = Shape {
        pace: pace(given)?,
        pause: read_text(given, &PAUSE, "TIME/TIME, the first one shorter, such as 5s/30s", pause)?,
        until: given.duration(UNTIL.name).map(Span),
        out_of_order: Span(given.duration(OUT_OF_ORDER.name).unwrap_or(0)),
        tombstone_every: given.integer(TOMBSTONE_EVERY.name).map(i64::unsigned_abs),
        key: template(given, &KEY_TEMPLATE)?,
        value: template(given, &VALUE)?,
        headers: headers(given)?,
        partition: given
            .integer(PARTITION.name)
            .and_then(|index| i32::try_from(index).ok())
            .map(PartitionIndex),
        ..Shape::default()
    };
    let bytes =
        read_text(given, &VALUE_BYTES, "bytes up to 1048576, such as 100 or 100..2000", bytes)?;
    if let (Some((least, most)), Source::Synthetic { value_bytes, .. }) =
        (bytes, &mut config.source)
    {
        *value_bytes = least;
        shape.most_value_bytes = (most > least).then_some(most);
    }
    read_keys(given, config, &mut shape)?;
    if let Some(text) = given.text(PARTITION_RULE.name) {
        if config.partitioner != Partitioner::BuiltIn {
            return Err("--partition-rule is a partitioner; leave partitioner.class out".to_owned());
        }
        let rule = PartitionRule::parse(text)
            .map_err(|why| format!("column {}: {why}", column(given, &PARTITION_RULE)))?;
        config.partitioner = Partitioner::Rule(Arc::new(rule));
    }
    config.shape = shape;
    Ok(())
}

fn read_keys(given: &Given, config: &ProducerConfig, shape: &mut Shape) -> Result<(), String> {
    let keys = match config.source {
        Source::Synthetic { keys, .. } => keys,
        Source::File { .. } => 0,
    };
    let what =
        "uniform, zipf, zipf:N with a whole N from 1, or hot:SHARE with per cents from 0 to 100";
    let distribution = read_text(given, &KEY_DISTRIBUTION, what, distribution)?;
    shape.hot_key = given.text(HOT_KEY.name).map(Arc::from);
    let of_keys = [&KEY_DISTRIBUTION, &HOT_KEY].into_iter().find(|option| given.has(option.name));
    if let Some(option) = of_keys.filter(|_| keys == 0) {
        return Err(format!("{} is about the keys that are made up; add --keys 30", option.name));
    }
    shape.key_distribution = match (distribution, &shape.hot_key) {
        (None, Some(_)) => KeyDistribution::Hot { percent: HOT_PERCENT },
        (Some(KeyDistribution::Uniform), Some(_)) => {
            return Err(
                "--hot-key names a key that comes more often, and with uniform none does; write \
                        --key-distribution hot:80"
                    .to_owned(),
            );
        }
        (distribution, _) => distribution.unwrap_or_default(),
    };
    let is_zipf = matches!(shape.key_distribution, KeyDistribution::Zipf { .. });
    if is_zipf && keys > KeyDistribution::MOST_ZIPF_KEYS {
        return Err(format!("zipf takes at most --keys {}", KeyDistribution::MOST_ZIPF_KEYS));
    }
    let has_keys = keys > 0 || shape.key.is_some() || given.has("--key");
    if shape.tombstone_every.is_some() && !has_keys {
        return Err(
            "--tombstone-every makes records that delete a key, and there are none; add --keys 30"
                .to_owned(),
        );
    }
    Ok(())
}

fn pace(given: &Given) -> Result<Pace, String> {
    let what = "N/TIME with at most 1000000 records and at least 1ms, such as 100/10s";
    if let Some(burst) = read_text(given, &BURST, what, burst)? {
        return Ok(burst);
    }
    let what = "A..B/TIME with at most 1000000 records a second, such as 10..1000/60s";
    Ok(read_text(given, &RAMP, what, ramp)?.unwrap_or_default())
}

fn burst(text: &str) -> Option<Pace> {
    let (records, every) = text.split_once('/')?;
    let every = Span(parse_duration(every)?);
    let records = number(records, MOST_AT_ONCE).filter(|records| *records > 0)?;
    (every.0 >= 1_000).then_some(Pace::Bursts { records, every })
}

fn ramp(text: &str) -> Option<Pace> {
    let (rates, over) = text.split_once('/')?;
    let (from, to) = range(rates, MOST_AT_ONCE)?;
    let over = Span(parse_duration(over)?);
    let fits = over > Span::ZERO && over <= Pace::LONGEST_RAMP;
    fits.then_some(Pace::Ramp { from, to, over })
}

fn pause(text: &str) -> Option<Pause> {
    let (length, every) = text.split_once('/')?;
    let (length, every) = (Span(parse_duration(length)?), Span(parse_duration(every)?));
    (length < every).then_some(Pause { length, every })
}

fn bytes(text: &str) -> Option<(u32, u32)> {
    if let Some(exact) = number(text, LONGEST_VALUE) {
        return Some((exact, exact));
    }
    range(text, LONGEST_VALUE).filter(|(least, most)| least <= most)
}

fn distribution(text: &str) -> Option<KeyDistribution> {
    match text.split_once(':') {
        None if text == "uniform" => Some(KeyDistribution::Uniform),
        None if text == "zipf" => Some(KeyDistribution::Zipf { exponent: 1 }),
        Some(("zipf", exponent)) => {
            let exponent = number(exponent, 20).filter(|exponent| *exponent > 0)?;
            Some(KeyDistribution::Zipf { exponent })
        }
        Some(("hot", share)) => {
            let percent = number(share.trim_end_matches('%'), 100)?;
            Some(KeyDistribution::Hot { percent })
        }
        _ => None,
    }
}

/// The headers that the application sets, then those that interceptors add.
fn headers(given: &Given) -> Result<Arc<[NamedTemplate]>, String> {
    let own = given.texts(HEADER.name).map(|text| (&HEADER, text, Some(text)));
    let added = given.texts(INTERCEPT.name);
    let added = added.map(|text| (&INTERCEPT, text, text.strip_prefix("header:")));
    let headers = own.chain(added).map(|(option, text, header)| {
        let header = header.and_then(|header| header.split_once('='));
        let Some((name, value)) = header.filter(|(name, _)| !name.is_empty()) else {
            return Err(bad_value(given, option, text, option.placeholder));
        };
        let template =
            Template::parse(value).map_err(|why| format!("{} {name}: {why}", option.name))?;
        Ok((Arc::from(name), template))
    });
    headers.collect()
}

fn template(given: &Given, option: &Opt) -> Result<Option<Template>, String> {
    let Some(text) = given.text(option.name) else { return Ok(None) };
    let wrong = |why: String| format!("column {}, {}: {why}", column(given, option), option.name);
    Template::parse(text).map(Some).map_err(wrong)
}

/// The value of an option that `read` understands; what was expected, if it does not.
fn read_text<T>(
    given: &Given,
    option: &Opt,
    expected: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, String> {
    let Some(text) = given.text(option.name) else { return Ok(None) };
    match read(text) {
        Some(value) => Ok(Some(value)),
        None => Err(bad_value(given, option, text, expected)),
    }
}

fn bad_value(given: &Given, option: &Opt, text: &str, expected: &str) -> String {
    let error = OptionError {
        kind: OptionErrorKind::BadValue,
        option: option.name.to_owned(),
        column: column(given, option),
        expected: format!("{expected} for {}", option.name),
        found: if text.is_empty() { "nothing".to_owned() } else { quote(text) },
        suggestion: None,
    };
    error.to_string()
}

fn column(given: &Given, option: &Opt) -> u32 {
    given.span(option.name).map_or(1, |span| span.start)
}

fn number(text: &str, most: u32) -> Option<u32> {
    text.parse().ok().filter(|number| *number <= most)
}

fn range(text: &str, most: u32) -> Option<(u32, u32)> {
    let (least, greatest) = text.split_once("..")?;
    Some((number(least, most)?, number(greatest, most)?))
}
