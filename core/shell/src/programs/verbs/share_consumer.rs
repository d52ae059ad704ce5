//! `share-consumer start`, `share-consumer stop`, `share-consumer kill`, `share-consumer power-loss`.

use std::sync::Arc;

use highwater_cluster::action::Action;
use highwater_cluster::configs::ConfigKind;
use highwater_cluster::consumer::FailRule;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{GroupId, TopicName};
use highwater_cluster::share_consumer::{
    AcknowledgementMode, OnFailure, SHARE_CONSUMER_CONFIGS, ShareConsumerConfig,
};
use highwater_cluster::time::Span;

use crate::options::{Given, Opt, quote};
use crate::words::Word;

use super::{Outcome, act, command_config, name_and_options, settings};

/// The options of `share-consumer start`.
pub(super) const OPTIONS: &[Opt] = &[
    Opt::text("--group", "GROUP", "its group.id: that of a share group").required(),
    Opt::text("--topic", "TOPIC[,TOPIC]", "what it subscribes to").required(),
    Opt::integer("--process-ms", "MS", (0, 86_400_000), "how long the work on each record takes"),
    Opt::integer("--poll-interval-ms", "MS", (0, 86_400_000), "the least time between two polls"),
    Opt::text(
        "--mode",
        "implicit|explicit",
        "share.acknowledgement.mode: by polling again, or record by record",
    ),
    Opt::text(
        "--fail-on",
        "RULE",
        "key=K, value~TEXT, offset=N or every=N; with ,times=N for the first N deliveries",
    )
    .repeated(),
    Opt::text("--on-fail", "release|reject|crash", "what it does then; release if not given"),
    Opt::integer("--commit-every", "N", (1, 1_000_000), "commitSync after so many records"),
    Opt::integer(
        "--renew-ms",
        "MS",
        (1, 86_400_000),
        "asks for more time after each MS of work on a record",
    ),
    Opt::text("--config", "NAME=VALUE", "a setting by Kafka's name").repeated(),
    command_config::OPTION,
];

/// What may follow an option that takes one of a few words.
pub(super) fn values(option: &str) -> Vec<String> {
    let few: &[&str] = match option {
        "--mode" => &["implicit", "explicit"],
        "--on-fail" => &["release", "reject", "crash"],
        "--fail-on" => &["key=", "value~", "offset=", "every="],
        _ => &[],
    };
    let names = SHARE_CONSUMER_CONFIGS.iter().filter(|_| option == "--config");
    few.iter().map(|word| (*word).to_owned()).chain(names.map(|name| format!("{name}="))).collect()
}

/// `share-consumer start s1 --group workers --topic jobs`.
pub(super) fn start(ctx: &mut Ctx<'_>, words: &[Word]) -> Outcome {
    let (config, said) = read(words)?;
    act(ctx, Action::StartShareConsumer(Box::new(config)), said)
}

/// What is asked for, and what is to be said of it.
///
/// # Errors
/// What is wrong with the words.
pub(super) fn read(words: &[Word]) -> Result<(ShareConsumerConfig, String), String> {
    let (name, given) = name_and_options("share-consumer", words)?;
    let group = given.text("--group").unwrap_or_default();
    let topics = given.text("--topic").unwrap_or_default().split(',').map(str::trim);
    let topics: Vec<TopicName> =
        topics.filter(|topic| !topic.is_empty()).map(TopicName::from).collect();
    if group.is_empty() || topics.is_empty() {
        return Err(
            "a share consumer needs a group and a topic: --group workers --topic jobs".to_owned()
        );
    }
    let mut config = ShareConsumerConfig::new(name, &GroupId::from(group), topics);
    configure(&mut config, &given)?;
    let notes = set_all(&mut config, &given)?;
    config.check()?;
    let said = format!("Share consumer {name} joins share group {}.", config.group);
    Ok((config, settings::with_notes(said, &notes)))
}

fn configure(config: &mut ShareConsumerConfig, given: &Given) -> Result<(), String> {
    let millis = |name| given.integer(name).map(Span::from_millis);
    config.process_time = millis("--process-ms").unwrap_or(Span::ZERO);
    config.poll_interval = millis("--poll-interval-ms").unwrap_or(Span::ZERO);
    config.renew_after = millis("--renew-ms");
    config.commit_every =
        given.integer("--commit-every").and_then(|number| u32::try_from(number).ok());
    config.fail_on = given.texts("--fail-on").map(FailRule::parse).collect::<Result<_, _>>()?;
    if let Some(text) = given.text("--on-fail") {
        config.on_failure = OnFailure::named(text).ok_or_else(|| {
            format!("--on-fail takes release, reject or crash, not {}", quote(text))
        })?;
        if config.fail_on.is_empty() {
            return Err("--on-fail says what is done with what --fail-on names".to_owned());
        }
    }
    // Who speaks of single records has to be in the mode for that.
    let speaks = config.renew_after.is_some()
        || config.commit_every.is_some()
        || (!config.fail_on.is_empty() && config.on_failure != OnFailure::Crash);
    if speaks {
        config.acknowledgement_mode = AcknowledgementMode::Explicit;
    }
    if let Some(text) = given.text("--mode") {
        config.acknowledgement_mode = AcknowledgementMode::named(text)
            .ok_or_else(|| format!("--mode takes implicit or explicit, not {}", quote(text)))?;
    }
    Ok(())
}

/// Sets what `--config` gives. What consumers have and share consumers have not, or is not simulated, is said to
/// change nothing.
fn set_all(config: &mut ShareConsumerConfig, given: &Given) -> Result<Vec<String>, String> {
    let (own, other): (Vec<&str>, Vec<&str>) = given.texts("--config").partition(|text| {
        let name = text.split_once('=').map(|(name, _)| name.trim());
        name.is_some_and(|name| SHARE_CONSUMER_CONFIGS.contains(&name))
    });
    for (name, value) in own.iter().filter_map(|text| text.split_once('=')) {
        config.set(name.trim(), value)?;
    }
    let mut notes = Vec::new();
    for text in other {
        let Some((name, value)) = text.split_once('=') else {
            return Err(format!(
                "--config takes NAME=VALUE, such as max.poll.records=10, not {}",
                quote(text)
            ));
        };
        let name = name.trim();
        let Some(definition) = ConfigKind::Consumer.definition(name) else {
            return Err(format!("{} is not a setting of Kafka's consumers", quote(name)));
        };
        definition.check(value)?;
        notes.push(format!("{name} changes nothing for a share consumer here."));
    }
    Ok(notes)
}

/// The verbs that end one.
pub(super) fn end(ctx: &mut Ctx<'_>, verb: &str, words: &[Word]) -> Outcome {
    let [word] = words else {
        return Err(format!("write its name, and nothing after it: share-consumer {verb} NAME"));
    };
    let name: Arc<str> = word.text.as_str().into();
    match verb {
        "stop" => {
            let said = format!("Share consumer {name} is closing.");
            act(ctx, Action::CloseShareConsumer(name), said)
        }
        "kill" => {
            let said = format!("Share consumer {name} was killed.");
            act(ctx, Action::KillShareConsumer { name, silently: false }, said)
        }
        _ => {
            let said = format!("The machine of share consumer {name} lost power.");
            act(ctx, Action::KillShareConsumer { name, silently: true }, said)
        }
    }
}
