//! `consumer start`.

use highwater_cluster::action::Action;
use highwater_cluster::configs::ConfigKind;
use highwater_cluster::consumer::{
    ConsumerConfig, GroupMembershipOperation, GroupProtocol, TopicPattern,
};
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{GroupId, TopicName};
use highwater_cluster::time::Span;

use crate::options::{Given, Opt, quote};
use crate::words::Word;

use super::{Outcome, act, application, command_config, name_and_options, settings};

/// The options of `consumer start`.
pub(super) const OPTIONS: &[Opt] = &[
    Opt::text("--group", "GROUP", "its group.id"),
    Opt::text("--topic", "TOPIC[,TOPIC]", "what it subscribes to"),
    Opt::text("--pattern", "REGEX", "in place of --topic: every topic whose whole name it matches"),
    Opt::text("--assign", "TOPIC-N[,TOPIC-N]", "what it takes for itself, without a group's help"),
    Opt::flag("--from-beginning", "begin at the earliest record where nothing is committed"),
    Opt::text("--protocol", "PROTOCOL", "its group.protocol: classic or consumer"),
    Opt::text(
        "--assignor",
        "NAME[,NAME]",
        "classic: range, roundrobin, sticky, cooperative-sticky; consumer: uniform, range",
    ),
    Opt::text("--instance", "ID", "its group.instance.id: it is a static member"),
    Opt::integer(
        "--revoke-ms",
        "MS",
        (0, 86_400_000),
        "how long the application works when it has to give partitions back",
    ),
    Opt::text("--on-close", "WHAT", "when it is stopped: default, leave or remain in its group"),
    Opt::integer("--process-ms", "MS", (0, 86_400_000), "how long the work on each record takes"),
    Opt::integer("--poll-interval-ms", "MS", (0, 86_400_000), "the least time between two polls"),
    Opt::text("--commit", "auto|sync|async|none", "how its application commits"),
    Opt::text(
        "--commit-when",
        "before|after|naive",
        "before or after the work, or whatever is polled",
    ),
    Opt::integer("--commit-every", "N", (1, 1_000_000), "commit after so many records"),
    Opt::text(
        "--fail-on",
        "RULE",
        "key=K, value~TEXT, offset=N or every=N; with ,times=N or ,deserialize",
    )
    .repeated(),
    Opt::text("--on-error", "POLICY", "stop, skip, retry:N,MS, dlq:TOPIC or retry-topic:TOPIC,MS")
        .repeated(),
    Opt::flag("--wait-until-due", "leave records of a retry topic alone until they are due"),
    Opt::text("--dedupe", "key|header:NAME|json:FIELD", "skip events that it has handled"),
    Opt::integer("--dedupe-window", "N", (1, 1_000_000), "how many ids it remembers"),
    Opt::integer("--workers", "N", (1, 64), "a pool that works behind the thread that polls"),
    Opt::text("--order", "partition|key|none", "what the pool keeps in order"),
    Opt::text("--config", "NAME=VALUE", "a setting by Kafka's name").repeated(),
    command_config::OPTION,
];

/// `consumer start c1 --group billing --topic orders`.
pub(super) fn start(ctx: &mut Ctx<'_>, words: &[Word]) -> Outcome {
    let (config, said) = read(words)?;
    act(ctx, Action::StartConsumer(Box::new(config)), said)
}

/// What is asked for, and what is to be said of it.
///
/// # Errors
/// What is wrong with the words.
pub(super) fn read(words: &[Word]) -> Result<(ConsumerConfig, String), String> {
    let (name, given) = name_and_options("consumer", words)?;
    let group = given.text("--group").unwrap_or_default();
    let topics = given.text("--topic").unwrap_or_default();
    if let Some(text) = given.text("--assign") {
        return read_assigned(name, &given, text);
    }
    let topics: Vec<TopicName> = topics
        .split(',')
        .map(str::trim)
        .filter(|topic| !topic.is_empty())
        .map(TopicName::from)
        .collect();
    if group.is_empty() || topics.is_empty() != given.has("--pattern") {
        return Err("a consumer needs a group, and a topic or a pattern: --group billing --topic \
                    orders, or --group billing --pattern 'orders.*'; or partitions: --assign orders-0"
            .to_owned());
    }
    let mut config = ConsumerConfig::new(name, &GroupId::from(group), topics);
    let notes = configure(&mut config, &given)?;
    if !config.has_group() {
        return Err("who subscribes to topics needs a group; leave group.id= out".to_owned());
    }
    let said = settings::with_notes(format!("Consumer {name} joins group {group}."), &notes);
    Ok((config, said))
}

/// `consumer start c1 --assign orders-0`.
fn read_assigned(
    name: &str,
    given: &Given,
    partitions: &str,
) -> Result<(ConsumerConfig, String), String> {
    if given.has("--topic") {
        return Err("--assign takes partitions and --topic subscribes; leave one out".to_owned());
    }
    let (partitions, topics) = application::assign(partitions)?;
    let group = given.text("--group").unwrap_or_default();
    let mut config = ConsumerConfig::new(name, &GroupId::from(group), topics);
    let first =
        format!("Consumer {name} reads {} partitions, and joins no group.", partitions.len());
    config.assign = partitions;
    config.enable_auto_commit = config.has_group();
    let notes = configure(&mut config, given)?;
    if !config.has_group() && (config.enable_auto_commit || given.has("--commit")) {
        return Err("who has no group commits nothing; add --group billing".to_owned());
    }
    Ok((config, settings::with_notes(first, &notes)))
}

/// Takes over all options but those that say what it reads.
fn configure(config: &mut ConsumerConfig, given: &Given) -> Result<Vec<String>, String> {
    if given.has("--from-beginning") {
        config.set("auto.offset.reset", "earliest")?;
    }
    application::configure(config, given)?;
    let notes =
        settings::set_all(ConfigKind::Consumer, given, |name, value| config.set(name, value))?;
    membership(config, given)?;
    config.check()?;
    Ok(notes)
}

/// The words that the last of these words may be followed by, if it is an option that takes one of a
/// few.
pub(super) fn values(words: &[Word]) -> Vec<String> {
    let few: &[&str] = match words.last().map(|word| word.text.as_str()) {
        Some("--commit") => &["auto", "sync", "async", "none"],
        Some("--commit-when") => &["before", "after", "naive"],
        Some("--fail-on") => &["key=", "value~", "offset=", "every="],
        Some("--on-error") => &["stop", "skip", "retry:", "dlq:", "retry-topic:"],
        Some("--dedupe") => &["key", "header:", "json:"],
        Some("--order") => &["partition", "key", "none"],
        Some("--protocol") => &["classic", "consumer"],
        Some("--assignor") => &["range", "roundrobin", "sticky", "cooperative-sticky", "uniform"],
        Some("--on-close") => &["default", "leave", "remain"],
        _ => &[],
    };
    few.iter().map(|word| (*word).to_owned()).collect()
}

/// The options that concern its place in its group.
fn membership(config: &mut ConsumerConfig, given: &Given) -> Result<(), String> {
    if let Some(pattern) = given.text("--pattern") {
        config.pattern = Some(TopicPattern::new(pattern)?);
    }
    if let Some(protocol) = given.text("--protocol") {
        config.set("group.protocol", protocol)?;
    }
    if let Some(assignor) = given.text("--assignor") {
        let setting = match config.group_protocol {
            GroupProtocol::Classic => "partition.assignment.strategy",
            GroupProtocol::Consumer => "group.remote.assignor",
        };
        config.set(setting, assignor)?;
    }
    if let Some(instance) = given.text("--instance") {
        config.set("group.instance.id", instance)?;
    }
    if let Some(millis) = given.integer("--revoke-ms") {
        config.revoke_time = Span::from_millis(millis);
    }
    if let Some(what) = given.text("--on-close") {
        let operation = GroupMembershipOperation::parse(what);
        config.group_membership_operation = operation.ok_or_else(|| {
            format!("--on-close takes default, leave or remain, not {}", quote(what))
        })?;
    }
    Ok(())
}
