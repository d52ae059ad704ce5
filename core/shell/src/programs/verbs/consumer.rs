//! `consumer start`.

use highwater_cluster::action::Action;
use highwater_cluster::configs::ConfigKind;
use highwater_cluster::consumer::ConsumerConfig;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{GroupId, TopicName};

use crate::options::Opt;
use crate::words::Word;

use super::{Outcome, act, name_and_options, settings};

/// The options of `consumer start`.
pub(super) const OPTIONS: &[Opt] = &[
    Opt::text("--group", "GROUP", "its group.id").required(),
    Opt::text("--topic", "TOPIC[,TOPIC]", "what it subscribes to").required(),
    Opt::flag("--from-beginning", "begin at the earliest record where nothing is committed"),
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
    if group.is_empty() || topics.is_empty() {
        return Err(
            "a consumer needs a group and a topic: --group billing --topic orders".to_owned()
        );
    }
    let mut config = ConsumerConfig::new(name, &GroupId::from(group), topics);
    if given.has("--from-beginning") {
        config.set("auto.offset.reset", "earliest")?;
    }
    let notes =
        settings::set_all(ConfigKind::Consumer, &given, |name, value| config.set(name, value))?;
    let said =
        [&[format!("Consumer {name} joins group {group}.")], notes.as_slice()].concat().join("\n");
    act(ctx, Action::StartConsumer(Box::new(config)), said)
}
