//! `consumer start`.

use highwater_cluster::action::Action;
use highwater_cluster::consumer::{
    ConsumerConfig, GroupMembershipOperation, GroupProtocol, TopicPattern,
};
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{GroupId, TopicName};
use highwater_cluster::time::Span;

use crate::options::{Given, Opt, quote};
use crate::words::Word;

use super::{Outcome, act, name_and_options};

/// The options of `consumer start`.
pub(super) const OPTIONS: &[Opt] = &[
    Opt::text("--group", "GROUP", "its group.id").required(),
    Opt::text("--topic", "TOPIC[,TOPIC]", "what it subscribes to"),
    Opt::text("--pattern", "REGEX", "in place of --topic: every topic whose whole name it matches"),
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
    Opt::text("--config", "NAME=VALUE", "a setting by Kafka's name").repeated(),
];

/// `consumer start c1 --group billing --topic orders`.
pub(super) fn start(ctx: &mut Ctx<'_>, words: &[Word]) -> Outcome {
    let (name, given) = name_and_options("consumer", words)?;
    let group = given.text("--group").unwrap_or_default();
    let topics = given.text("--topic").unwrap_or_default();
    let topics: Vec<TopicName> = topics
        .split(',')
        .map(str::trim)
        .filter(|topic| !topic.is_empty())
        .map(TopicName::from)
        .collect();
    if group.is_empty() || topics.is_empty() != given.has("--pattern") {
        return Err("a consumer needs a group, and a topic or a pattern: --group billing --topic \
                    orders, or --group billing --pattern 'orders.*'"
            .to_owned());
    }
    let mut config = ConsumerConfig::new(name, &GroupId::from(group), topics);
    if given.has("--from-beginning") {
        config.set("auto.offset.reset", "earliest")?;
    }
    for text in given.texts("--config") {
        let Some((name, value)) = text.split_once('=') else {
            return Err(format!("--config takes NAME=VALUE, not {}", quote(text)));
        };
        config.set(name.trim(), value)?;
    }
    membership(&mut config, &given)?;
    config.check()?;
    let said = format!("Consumer {name} joins group {group}.");
    act(ctx, Action::StartConsumer(Box::new(config)), said)
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
