//! What the program around a consumer does: options of `consumer start`, and verbs for one that runs.

use std::sync::Arc;

use highwater_cluster::action::Action;
use highwater_cluster::consumer::{
    CommitMode, CommitWhen, ConsumerCommand, ConsumerConfig, Dedupe, FailRule, OnError, SeekTo,
    WorkOrder,
};
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{TopicName, TopicPartition};
use highwater_cluster::log::Offset;
use highwater_cluster::time::Span;

use crate::options::{Given, Operands, Opt, parse, quote};
use crate::words::Word;

use super::requests::topic_partition;
use super::{Outcome, act};

/// The most milliseconds that an option takes: a day.
const MOST_MS: (i64, i64) = (0, 86_400_000);

/// The options of `consumer pause` and `consumer resume`.
pub(super) const PAUSE: &[Opt] =
    &[Opt::text("--partition", "TOPIC-N", "which; all that it has, if not given")];

/// The options of `consumer seek`.
pub(super) const SEEK: &[Opt] = &[
    Opt::text("--partition", "TOPIC-N", "which").required(),
    Opt::text("--to", "OFFSET|beginning|end", "where it reads on"),
    Opt::text("--to-time", "MS", "at the first record of that time, in ms since 1970, or later"),
];

/// The options of `consumer commit`.
pub(super) const COMMIT: &[Opt] = &[Opt::text(
    "--offset",
    "TOPIC-N=OFFSET",
    "what is committed; what its application is done with, if not given",
)];

/// Takes the options about the application over into a consumer's settings.
pub(super) fn configure(config: &mut ConsumerConfig, given: &Given) -> Result<(), String> {
    let millis = |name| given.integer(name).map(Span::from_millis);
    let count = |name| given.integer(name).and_then(|number| u32::try_from(number).ok());
    let application = &mut config.application;
    if let Some(time) = millis("--process-ms") {
        application.process_time = time;
        config.poll_interval = Span::ZERO;
    }
    if let Some(interval) = millis("--poll-interval-ms") {
        config.poll_interval = interval;
    }
    application.commit = read(given, "--commit", CommitMode::parse)?.unwrap_or_default();
    if application.commit != CommitMode::Auto {
        config.enable_auto_commit = false;
    }
    application.commit_when = read(given, "--commit-when", CommitWhen::parse)?.unwrap_or_default();
    application.commit_every = count("--commit-every");
    application.workers = count("--workers").unwrap_or(0);
    application.order = read(given, "--order", WorkOrder::parse)?.unwrap_or_default();
    application.dedupe = read(given, "--dedupe", Dedupe::parse)?;
    match (&mut application.dedupe, count("--dedupe-window")) {
        (Some(dedupe), Some(window)) => dedupe.window = window,
        (None, Some(_)) => {
            return Err("--dedupe-window is for --dedupe key|header:NAME|json:FIELD".to_owned());
        }
        (_, None) => {}
    }
    application.waits_until_due = given.has("--wait-until-due");
    application.fail_on =
        given.texts("--fail-on").map(FailRule::parse).collect::<Result<_, _>>()?;
    application.on_error =
        given.texts("--on-error").map(OnError::parse).collect::<Result<_, _>>()?;
    Ok(())
}

/// What it takes for itself, and the topics of that: `--assign orders-0,orders-1`.
pub(super) fn assign(text: &str) -> Result<(Vec<TopicPartition>, Vec<TopicName>), String> {
    let mut partitions = Vec::new();
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        partitions.push(topic_partition(word).ok_or_else(|| no_partition(word))?);
    }
    partitions.sort();
    partitions.dedup();
    if partitions.is_empty() {
        return Err("--assign takes partitions: --assign orders-0,orders-1".to_owned());
    }
    let mut topics: Vec<TopicName> =
        partitions.iter().map(|partition: &TopicPartition| partition.topic.clone()).collect();
    topics.dedup();
    Ok((partitions, topics))
}

/// A verb for a consumer that runs.
pub(super) fn command(ctx: &mut Ctx<'_>, verb: &str, words: &[Word]) -> Outcome {
    let Some((name, rest)) = words.split_first().filter(|(name, _)| !name.text.starts_with('-'))
    else {
        return Err(format!("write the consumer's name: consumer {verb} c1"));
    };
    let options = super::options("consumer", verb);
    let given = parse(options, Operands::Accepted, rest).map_err(|error| error.to_string())?;
    let name: Arc<str> = name.text.as_str().into();
    let (command, said) = match verb {
        "pause" | "resume" => pause(&name, verb, &given)?,
        "seek" => seek(&name, &given)?,
        "commit" => commit(&name, &given)?,
        _ => pace(&name, verb, &given)?,
    };
    act(ctx, Action::Consumer(name, command), said)
}

fn pause(name: &str, verb: &str, given: &Given) -> Result<(ConsumerCommand, String), String> {
    no_operand(given)?;
    let which = given.text("--partition").map(partition).transpose()?;
    let what = which.as_ref().map_or_else(|| "all that it has".to_owned(), ToString::to_string);
    Ok(match verb {
        "pause" => {
            (ConsumerCommand::Pause(which), format!("Consumer {name} fetches nothing of {what}."))
        }
        _ => (ConsumerCommand::Resume(which), format!("Consumer {name} fetches {what} again.")),
    })
}

fn seek(name: &str, given: &Given) -> Result<(ConsumerCommand, String), String> {
    no_operand(given)?;
    let partition = partition(given.text("--partition").unwrap_or_default())?;
    let number = |text: &str| text.parse::<i64>().ok().filter(|number| *number >= 0);
    let to = match (given.text("--to"), given.text("--to-time")) {
        (Some("beginning"), None) => SeekTo::Beginning,
        (Some("end"), None) => SeekTo::End,
        (Some(text), None) => SeekTo::Offset(Offset(number(text).ok_or_else(|| {
            format!("--to takes an offset, beginning or end, not {}", quote(text))
        })?)),
        (None, Some(text)) => SeekTo::Time(number(text).ok_or_else(|| {
            format!("--to-time takes milliseconds since 1970, not {}", quote(text))
        })?),
        _ => {
            return Err(format!(
                "say where: consumer seek {name} --partition {partition} --to beginning, or with --to-time MS"
            ));
        }
    };
    let said = format!("Consumer {name} reads {partition} from there on.");
    Ok((ConsumerCommand::Seek(partition, to), said))
}

fn commit(name: &str, given: &Given) -> Result<(ConsumerCommand, String), String> {
    let is_sync = match given.operands.as_slice() {
        [] => true,
        [word] if word.text == "sync" => true,
        [word] if word.text == "async" => false,
        [word, ..] => {
            return Err(format!("a consumer commits sync or async, not {}", quote(&word.text)));
        }
    };
    let offset = given.text("--offset").map(|text| {
        let wrong =
            || format!("--offset takes TOPIC-N=OFFSET, such as orders-0=5, not {}", quote(text));
        let (name, offset) = text.rsplit_once('=').ok_or_else(wrong)?;
        let offset = offset.parse().ok().filter(|offset| *offset >= 0).ok_or_else(wrong)?;
        Ok::<_, String>((partition(name)?, Offset(offset)))
    });
    let how = if is_sync { "commitSync" } else { "commitAsync" };
    let said = format!("Consumer {name} calls {how}.");
    Ok((ConsumerCommand::Commit { is_sync, offset: offset.transpose()? }, said))
}

fn pace(name: &str, verb: &str, given: &Given) -> Result<(ConsumerCommand, String), String> {
    let number = match given.operands.as_slice() {
        [word] => word.text.parse::<i64>().ok(),
        _ => None,
    };
    let Some(ms) = number.filter(|ms| (MOST_MS.0..=MOST_MS.1).contains(ms)) else {
        return Err(format!(
            "write milliseconds, {} at most: consumer {verb} {name} 200",
            MOST_MS.1
        ));
    };
    let span = Span::from_millis(ms);
    Ok(if verb == "process-ms" {
        let said = format!("The application of {name} works {ms} ms on each record.");
        (ConsumerCommand::ProcessTime(span), said)
    } else {
        let said = format!("The application of {name} polls every {ms} ms at most.");
        (ConsumerCommand::PollInterval(span), said)
    })
}

fn no_operand(given: &Given) -> Result<(), String> {
    match given.operands.first() {
        None => Ok(()),
        Some(word) => {
            Err(format!("{} is too much; name a partition with --partition", quote(&word.text)))
        }
    }
}

fn partition(text: &str) -> Result<TopicPartition, String> {
    topic_partition(text).ok_or_else(|| no_partition(text))
}

fn no_partition(text: &str) -> String {
    format!("{} is no partition; write its topic and number, such as orders-0", quote(text))
}

fn read<T>(
    given: &Given,
    option: &str,
    parse: fn(&str) -> Result<T, String>,
) -> Result<Option<T>, String> {
    given.text(option).map(parse).transpose()
}
