//! `app start`, `app close`, `app kill`.

use std::sync::Arc;

use highwater_cluster::action::Action;
use highwater_cluster::application::{AppConfig, Guarantee};
use highwater_cluster::configs::ConfigKind;
use highwater_cluster::consumer::ConsumerConfig;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{GroupId, TopicName};
use highwater_cluster::producer::ProducerConfig;
use highwater_cluster::time::Span;

use crate::options::{Given, Operands, Opt, parse, quote};
use crate::suggest::nearest;
use crate::words::Word;

use super::{Outcome, act, command_config, settings};

/// The options of `app start`.
pub(super) const OPTIONS: &[Opt] = &[
    Opt::text("--group", "GROUP", "the group.id of its consumer").required(),
    Opt::text("--from", "TOPIC[,TOPIC]", "what it reads").required(),
    Opt::text("--to", "TOPIC", "where it writes to").required(),
    Opt::text(
        "--guarantee",
        "GUARANTEE",
        "what holds if something fails; at-least-once if not given",
    ),
    Opt::integer("--process-ms", "N", (0, 3_600_000), "how long it works on each record"),
    Opt::integer(
        "--commit-interval-ms",
        "N",
        (0, i32::MAX as i64),
        "commit.interval.ms; 30000 if not given, 100 with exactly-once, as in Kafka Streams",
    ),
    Opt::integer("--drop-every", "N", (1, i32::MAX as i64), "nothing comes of every Nth offset"),
    Opt::integer("--fan-out", "N", (1, 100), "how many records come of each; 1 if not given"),
    Opt::integer(
        "--fail-after",
        "N",
        (1, i64::MAX),
        "it crashes after N records, between writing and committing",
    ),
    Opt::text("--consumer-config", "NAME=VALUE", "a setting of its consumer").repeated(),
    Opt::text("--producer-config", "NAME=VALUE", "a setting of its producer").repeated(),
    command_config::OPTION,
];

/// What may follow an option that takes one of a few words.
pub(super) fn values(words: &[Word]) -> Vec<String> {
    match words.last().map(|word| word.text.as_str()) {
        Some("--guarantee") => Guarantee::ALL.map(|guarantee| guarantee.name().to_owned()).to_vec(),
        _ => Vec::new(),
    }
}

/// `app start a1 --group billing --from orders --to invoices`.
pub(super) fn start(ctx: &mut Ctx<'_>, words: &[Word]) -> Outcome {
    let (config, said) = read(words)?;
    act(ctx, Action::StartApp(Box::new(config)), said)
}

/// What is asked for, and what is to be said of it.
///
/// # Errors
/// What is wrong with the words.
pub(super) fn read(words: &[Word]) -> Result<(AppConfig, String), String> {
    let (name, given) = name_and_options(words)?;
    let (config, notes) = config(name, &given)?;
    let said = format!(
        "Application {name} reads {} and writes to {}, {}.",
        given.text("--from").unwrap_or_default(),
        config.to(),
        config.guarantee.name()
    );
    Ok((config, settings::with_notes(said, &notes)))
}

/// `app close a1`, `app kill a1`.
pub(super) fn end(ctx: &mut Ctx<'_>, verb: &str, words: &[Word]) -> Outcome {
    let [word] = words else {
        return Err(format!("write its name, and nothing after it: app {verb} NAME"));
    };
    let name: Arc<str> = word.text.as_str().into();
    if verb == "close" {
        let said = format!("Application {name} is closing.");
        return act(ctx, Action::CloseApp(name), said);
    }
    let said = format!("Application {name} was killed.");
    act(ctx, Action::KillApp(name), said)
}

fn name_and_options(words: &[Word]) -> Result<(&str, Given), String> {
    let named = words
        .split_first()
        .filter(|(name, _)| !name.text.is_empty() && !name.text.starts_with('-'));
    let Some((name, rest)) = named else {
        return Err("give the application a name first: \
                    app start NAME --group billing --from orders --to invoices"
            .to_owned());
    };
    let given = parse(OPTIONS, Operands::Refused, rest).map_err(|error| error.to_string())?;
    Ok((&name.text, given))
}

/// What is asked for, and what is to be said of its settings.
fn config(name: &str, given: &Given) -> Result<(AppConfig, Vec<String>), String> {
    let text = |option| given.text(option).unwrap_or_default();
    let (group, from, to) = (text("--group"), text("--from"), text("--to"));
    let from: Vec<TopicName> = from
        .split(',')
        .map(str::trim)
        .filter(|topic| !topic.is_empty())
        .map(TopicName::from)
        .collect();
    if group.is_empty() || from.is_empty() || to.is_empty() {
        return Err(
            "an application needs a group, a topic that it reads, and one that it writes to: \
                    --group billing --from orders --to invoices"
                .to_owned(),
        );
    }
    let to = TopicName::from(to);
    if from.contains(&to) {
        return Err(format!(
            "it would read what it writes, without end: name a topic other than {to} after --to"
        ));
    }
    let guarantee = guarantee(given)?;
    let mut consumer = ConsumerConfig::new(name, &GroupId::from(group), from);
    let mut producer = ProducerConfig::new(name, to);
    AppConfig::prepare(guarantee, &mut consumer, &mut producer)?;
    let mut notes = set_consumer(given, &mut consumer)?;
    notes.extend(set_producer(given, &mut producer)?);
    check_guarantee(guarantee, &producer)?;
    let mut config = AppConfig::new(consumer, producer, guarantee);
    config.process = Span::from_millis(given.integer("--process-ms").unwrap_or(0));
    if let Some(interval_ms) = given.integer("--commit-interval-ms") {
        config.commit_interval_ms = interval_ms;
    }
    let small = |option| given.integer(option).and_then(|number| u32::try_from(number).ok());
    config.drop_every = small("--drop-every");
    config.fan_out = small("--fan-out").unwrap_or(1);
    config.fail_after = given.integer("--fail-after").and_then(|after| u64::try_from(after).ok());
    Ok((config, notes))
}

fn guarantee(given: &Given) -> Result<Guarantee, String> {
    let Some(text) = given.text("--guarantee") else { return Ok(Guarantee::default()) };
    let found = Guarantee::ALL.into_iter().find(|guarantee| guarantee.name() == text);
    found.ok_or_else(|| {
        let names = Guarantee::ALL.map(Guarantee::name);
        let meant = nearest(text, names.iter().copied());
        let meant = meant.map_or(String::new(), |meant| format!("; did you mean {meant}?"));
        format!("--guarantee takes one of {}, not {}{meant}", names.join(", "), quote(text))
    })
}

/// Where nothing is committed it begins with the first record, as Kafka Streams does.
fn set_consumer(given: &Given, config: &mut ConsumerConfig) -> Result<Vec<String>, String> {
    config.set("auto.offset.reset", "earliest")?;
    let set = |name: &str, value: &str| {
        config.set(name, value)?;
        if name == "enable.auto.commit" && config.enable_auto_commit {
            return Err("an application commits by itself, so that --guarantee holds: \
                        leave enable.auto.commit out"
                .to_owned());
        }
        Ok(())
    };
    let notes = settings::set_given(ConfigKind::Consumer, given, "--consumer-config", set)?;
    config.check()?;
    Ok(notes)
}

fn set_producer(given: &Given, config: &mut ProducerConfig) -> Result<Vec<String>, String> {
    let set = |name: &str, value: &str| config.set(name, value);
    let notes = settings::set_given(ConfigKind::Producer, given, "--producer-config", set)?;
    config.check()?;
    Ok(notes)
}

/// Transactions are what exactly-once is made of, and nothing else knows what to do with them.
fn check_guarantee(guarantee: Guarantee, producer: &ProducerConfig) -> Result<(), String> {
    if guarantee == Guarantee::ExactlyOnce || producer.transactional_id.is_none() {
        return Ok(());
    }
    Err(format!("a transactional.id is for --guarantee exactly-once, not for {}", guarantee.name()))
}
