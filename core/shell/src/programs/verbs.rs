//! The playground's own verbs: what a person does to the cluster that no Kafka command does. Each is
//! done at once and says in a sentence what it did.

use std::sync::Arc;

use highwater_cluster::action::Action;
use highwater_cluster::configs::ConfigKind;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::input::Input;
use highwater_cluster::program::Program;

use crate::options::{Given, Operands, Opt, parse, quote};
use crate::suggest::nearest;
use crate::words::Word;

mod app;
mod application;
mod command_config;
mod consumer;
mod controller;
mod faults;
mod help;
mod links;
mod nodes;
mod producer;
mod producer_calls;
mod remote_store;
mod requests;
mod settings;
mod share_consumer;
mod workload;

pub(crate) use help::{help, verb_help};

/// What is said on success; or what is wrong, and how to mend it.
type Outcome = Result<String, String>;

/// The verbs of a command.
pub(crate) fn verbs(command: &str) -> &'static [&'static str] {
    match command {
        "broker" => &[
            "stop",
            "kill",
            "start",
            "power-loss",
            "pause",
            "resume",
            "slow-disk",
            "full-disk",
            "free-disk",
            "clock",
            "fail",
            "drop",
            "hide",
            "show",
        ],
        "network" => &["cut", "heal", "latency", "loss", "duplicate", "partition"],
        "partition" => &["elect"],
        "coordinator" => &["move"],
        "controller" => &["stop", "kill", "start"],
        "remote-store" => &["fail", "mend"],
        "producer" => {
            &["start", "stop", "kill", "send", "init", "begin", "send-offsets", "commit", "abort"]
        }
        "consumer" => &[
            "start",
            "stop",
            "kill",
            "pause",
            "resume",
            "seek",
            "commit",
            "poll-interval",
            "process-ms",
        ],
        "app" => &["start", "close", "kill"],
        "share-consumer" => &["start", "stop", "kill", "power-loss"],
        _ => &[],
    }
}

/// The options of a command's verb.
pub(crate) fn options(command: &str, verb: &str) -> &'static [Opt] {
    match (command, verb) {
        ("producer", "start") => producer::OPTIONS,
        ("producer", "send") => producer_calls::SEND,
        ("producer", "send-offsets") => producer_calls::SEND_OFFSETS,
        ("consumer", "start") => consumer::OPTIONS,
        ("consumer", "pause" | "resume") => application::PAUSE,
        ("consumer", "seek") => application::SEEK,
        ("consumer", "commit") => application::COMMIT,
        ("app", "start") => app::OPTIONS,
        ("share-consumer", "start") => share_consumer::OPTIONS,
        ("broker", "pause") => faults::PAUSE,
        ("broker", "slow-disk") => faults::SLOW_DISK,
        ("broker", "clock") => faults::CLOCK,
        ("broker", "fail") => requests::FAIL,
        ("broker", "drop") => requests::DROP,
        ("network", "cut") => links::CUT,
        ("network", "latency") => links::LATENCY,
        ("network", "loss") => links::LOSS,
        ("network", "duplicate") => links::DUPLICATE,
        ("partition", "elect") => requests::ELECT,
        ("coordinator", "move") => requests::MOVE,
        _ => &[],
    }
}

/// What would be said of the start of a client, without starting it; none for other words. Nobody has
/// looked yet whether its name is free.
pub(crate) fn check_start(words: &[Word]) -> Option<Outcome> {
    let [command, verb, rest @ ..] = words else { return None };
    let said = match (command.text.as_str(), verb.text.as_str()) {
        ("producer", "start") => producer::read(rest, &|_| None).map(|(_, said)| said),
        ("consumer", "start") => consumer::read(rest).map(|(_, said)| said),
        ("app", "start") => app::read(rest).map(|(_, said)| said),
        ("share-consumer", "start") => share_consumer::read(rest).map(|(_, said)| said),
        _ => return None,
    };
    Some(said)
}

/// What may follow an option of a verb, where it takes one of a few words.
pub(crate) fn values(words: &[Word]) -> Vec<String> {
    match words {
        [command, verb, rest @ ..] if command.text == "broker" && verb.text == "fail" => {
            requests::values(rest)
        }
        [command, verb, rest @ ..] if command.text == "broker" && verb.text == "drop" => {
            requests::values(rest)
        }
        [command, verb, rest @ ..] if command.text == "app" && verb.text == "start" => {
            app::values(rest)
        }
        [command, verb, .., option] if command.text == "share-consumer" && verb.text == "start" => {
            share_consumer::values(&option.text)
        }
        [command, verb, .., option] if verb.text == "start" => {
            let mut values = start_values(&command.text, option);
            if command.text == "consumer" {
                values.extend(consumer::values(&words[2..]));
            }
            values
        }
        _ => Vec::new(),
    }
}

/// What may follow an option of `producer start` or `consumer start`.
fn start_values(command: &str, option: &Word) -> Vec<String> {
    let kind = match command {
        "producer" => ConfigKind::Producer,
        "consumer" => ConfigKind::Consumer,
        _ => return Vec::new(),
    };
    match (kind, option.text.as_str()) {
        (_, "--config") => {
            let simulated = kind.definitions().into_iter().map(|config| config.name);
            let simulated = simulated.filter(|name| kind.is_simulated(name));
            simulated.map(|name| format!("{name}=")).collect()
        }
        (ConfigKind::Producer, "--key-distribution") => {
            workload::DISTRIBUTIONS.map(str::to_owned).to_vec()
        }
        (ConfigKind::Producer, "--acks") => ["0", "1", "all"].map(str::to_owned).to_vec(),
        _ => Vec::new(),
    }
}

/// A verb, as it was typed.
#[derive(Clone, Debug)]
pub(crate) struct Verb {
    words: Vec<Word>,
}

impl Verb {
    /// The process for these words, of which the first is a command that has verbs.
    pub(crate) fn new(words: Vec<Word>) -> Self {
        Self { words }
    }

    fn run(&self, ctx: &mut Ctx<'_>) -> Outcome {
        let command = self.words[0].text.as_str();
        let verbs = verbs(command);
        let Some(verb) = self.words.get(1) else {
            return Err(format!("{command} what? Write one of: {}", each(command, verbs)));
        };
        let verb = verb.text.as_str();
        if !verbs.contains(&verb) {
            let meant = nearest(verb, verbs.iter().copied());
            return Err(match meant {
                Some(meant) => format!(
                    "{command} has no verb {}; did you mean: {command} {meant}",
                    quote(verb)
                ),
                None => format!(
                    "{command} has no verb {}; write one of: {}",
                    quote(verb),
                    each(command, verbs)
                ),
            });
        }
        let rest = &command_config::expanded(ctx, command, verb, &self.words[2..])?;
        match (command, verb) {
            ("broker", "stop" | "kill" | "start") => nodes::broker(ctx, verb, rest),
            ("broker", "fail") => requests::fail(ctx, rest),
            ("broker", "drop") => requests::drop(ctx, rest),
            ("broker", _) => faults::broker(ctx, verb, rest),
            ("network", _) => links::network(ctx, verb, rest),
            ("partition", _) => requests::elect(ctx, rest),
            ("coordinator", _) => requests::move_coordinator(ctx, rest),
            ("controller", _) => controller::controller(ctx, verb, rest),
            ("remote-store", _) => remote_store::remote_store(ctx, verb, rest),
            ("producer", "start") => producer::start(ctx, rest),
            ("producer", verb) if producer_calls::VERBS.contains(&verb) => {
                producer_calls::call(ctx, verb, rest)
            }
            ("consumer", "start") => consumer::start(ctx, rest),
            (
                "consumer",
                "pause" | "resume" | "seek" | "commit" | "poll-interval" | "process-ms",
            ) => application::command(ctx, verb, rest),
            ("app", "start") => app::start(ctx, rest),
            ("app", verb) => app::end(ctx, verb, rest),
            ("share-consumer", "start") => share_consumer::start(ctx, rest),
            ("share-consumer", verb) => share_consumer::end(ctx, verb, rest),
            _ => end_client(ctx, command, verb, rest),
        }
    }
}

impl Program for Verb {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        if !matches!(input, Input::Start) {
            return;
        }
        match self.run(ctx) {
            Ok(said) => {
                ctx.print(&said);
                ctx.exit(0);
            }
            Err(wrong) => {
                ctx.print_error(&wrong);
                ctx.exit(1);
            }
        }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

/// The commands with each of their verbs: `broker stop, broker kill, broker start`.
fn each(command: &str, verbs: &[&str]) -> String {
    verbs.iter().map(|verb| format!("{command} {verb}")).collect::<Vec<_>>().join(", ")
}

fn end_client(ctx: &mut Ctx<'_>, command: &str, verb: &str, words: &[Word]) -> Outcome {
    let [word] = words else {
        return Err(format!("write its name, and nothing after it: {command} {verb} NAME"));
    };
    let name: Arc<str> = word.text.as_str().into();
    match (command, verb) {
        ("producer", _) => {
            let said = format!("Producer {name} is closing.");
            act(ctx, Action::CloseProducer(name), said)
        }
        (_, "stop") => {
            let said = format!("Consumer {name} is closing.");
            act(ctx, Action::CloseConsumer(name), said)
        }
        _ => {
            let said = format!("Consumer {name} was killed.");
            act(ctx, Action::KillConsumer(name), said)
        }
    }
}

/// The name of a client that is to be started, and its options.
fn name_and_options<'a>(command: &str, words: &'a [Word]) -> Result<(&'a str, Given), String> {
    let named = words
        .split_first()
        .filter(|(name, _)| !name.text.is_empty() && !name.text.starts_with('-'));
    let Some((name, rest)) = named else {
        return Err(format!(
            "give the {command} a name first: {command} start NAME --topic orders"
        ));
    };
    let options = options(command, "start");
    let given = parse(options, Operands::Refused, rest).map_err(|error| error.to_string())?;
    Ok((&name.text, given))
}

fn act(ctx: &mut Ctx<'_>, action: Action, said: String) -> Outcome {
    ctx.act(action).map_err(|error| error.to_string())?;
    Ok(said)
}
