//! The playground's own verbs: what a person does to the cluster that no Kafka command does. Each is
//! done at once and says in a sentence what it did.

use std::sync::Arc;

use highwater_cluster::action::Action;
use highwater_cluster::consumer::ConsumerConfig;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{BrokerId, GroupId, NodeId, TopicName};
use highwater_cluster::input::Input;
use highwater_cluster::producer::{ProducerConfig, Source, SourceRecord};
use highwater_cluster::program::Program;

use crate::data_file;
use crate::options::{Given, Operands, Opt, parse};
use crate::suggest::nearest;
use crate::words::Word;

const PRODUCER_OPTIONS: &[Opt] = &[
    Opt::text("--topic", "TOPIC", "where it sends to").required(),
    Opt::integer("--rate", "N", (1, i64::MAX), "records a second"),
    Opt::text("--acks", "0|1|all", "what it waits for"),
    Opt::text("--file", "FILE", "the file whose records it sends"),
    Opt::text("--key", "FIELD", "the field of the file that is the key"),
    Opt::flag("--repeat", "begin the file again at its end"),
    Opt::flag("--skip-malformed", "send what could be read of a malformed file"),
    Opt::integer("--keys", "N", (0, 1_000_000), "how many different keys it makes up"),
    Opt::integer("--value-bytes", "N", (0, 1_000_000), "the length of the values that it makes up"),
    Opt::integer("--count", "N", (1, i64::MAX), "records at most"),
    Opt::text("--config", "NAME=VALUE", "a setting by Kafka's name").repeated(),
];

const CONSUMER_OPTIONS: &[Opt] = &[
    Opt::text("--group", "GROUP", "its group.id").required(),
    Opt::text("--topic", "TOPIC[,TOPIC]", "what it subscribes to").required(),
    Opt::flag("--from-beginning", "auto.offset.reset=earliest"),
    Opt::text("--config", "NAME=VALUE", "a setting by Kafka's name").repeated(),
];

/// What is said on success; or what is wrong, and how to mend it.
type Outcome = Result<String, String>;

/// A verb, as it was typed.
#[derive(Clone, Debug)]
pub(crate) struct Verb {
    words: Vec<Word>,
}

impl Verb {
    pub(crate) fn new(words: Vec<Word>) -> Self {
        Self { words }
    }

    fn run(&self, ctx: &mut Ctx<'_>) -> Outcome {
        let command = self.words[0].text.as_str();
        let verbs: &[&str] = match command {
            "broker" => &["stop", "kill", "start"],
            "network" => &["cut", "heal"],
            "producer" => &["start", "stop"],
            _ => &["start", "stop", "kill"],
        };
        let Some(verb) = self.words.get(1) else {
            return Err(format!("{command} what? It takes one of: {}", verbs.join(", ")));
        };
        if !verbs.contains(&verb.text.as_str()) {
            let meant = nearest(&verb.text, verbs.iter().copied());
            let meant = meant.map_or(String::new(), |meant| format!("; did you mean {command} {meant}?"));
            let all = verbs.join(", ");
            return Err(format!("{command} takes one of {all}, not {}{meant}", verb.text));
        }
        let rest = &self.words[2..];
        match (command, verb.text.as_str()) {
            ("broker", verb) => broker(ctx, verb, rest),
            ("network", verb) => network(ctx, verb, rest),
            ("producer", "start") => start_producer(ctx, rest),
            ("consumer", "start") => start_consumer(ctx, rest),
            (command, verb) => end_client(ctx, command, verb, rest),
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

fn broker(ctx: &mut Ctx<'_>, verb: &str, words: &[Word]) -> Outcome {
    let [word] = words else { return Err(format!("write the broker's id: broker {verb} 2")) };
    let Ok(id) = word.text.parse::<i32>().map(BrokerId) else {
        return Err(format!("{} is no broker's id; write a number: broker {verb} 2", word.text));
    };
    let (action, said) = match verb {
        "stop" => (Action::StopBroker(id), format!("Broker {id} is shutting down.")),
        "kill" => (Action::KillBroker(id), format!("Broker {id} was killed.")),
        _ => (Action::StartBroker(id), format!("Broker {id} is starting.")),
    };
    act(ctx, action, said)
}

fn network(ctx: &mut Ctx<'_>, verb: &str, words: &[Word]) -> Outcome {
    let [a, b] = words else { return Err(format!("write two nodes: network {verb} 1 3")) };
    let (a, b) = (node(ctx, &a.text)?, node(ctx, &b.text)?);
    if verb == "cut" {
        act(ctx, Action::CutLink(a, b), format!("Nothing passes between {a} and {b}."))
    } else {
        act(ctx, Action::HealLink(a, b), format!("Messages pass between {a} and {b} again."))
    }
}

/// A node by what a person calls it: `2`, `broker2`, `controller`.
fn node(ctx: &Ctx<'_>, text: &str) -> Result<NodeId, String> {
    let controllers = ctx.controllers();
    if text == "controller" {
        return Ok(NodeId::Controller(controllers[0]));
    }
    let number = text.strip_prefix("broker").unwrap_or(text).parse::<i32>();
    match number {
        Ok(id) => {
            let controller = controllers.into_iter().find(|controller| controller.0 == id);
            Ok(controller.map_or(NodeId::Broker(BrokerId(id)), NodeId::Controller))
        }
        Err(_) => Err(format!("{text} is no node; write a broker's id such as 2, or controller")),
    }
}

fn end_client(ctx: &mut Ctx<'_>, command: &str, verb: &str, words: &[Word]) -> Outcome {
    let [word] = words else { return Err(format!("write its name: {command} {verb} NAME")) };
    let name: Arc<str> = word.text.as_str().into();
    match (command, verb) {
        ("producer", _) => act(ctx, Action::CloseProducer(name.clone()), format!("Producer {name} is closing.")),
        (_, "stop") => act(ctx, Action::CloseConsumer(name.clone()), format!("Consumer {name} is closing.")),
        _ => act(ctx, Action::KillConsumer(name.clone()), format!("Consumer {name} was killed.")),
    }
}

fn start_producer(ctx: &mut Ctx<'_>, words: &[Word]) -> Outcome {
    let (name, given) = name_and_options("producer", PRODUCER_OPTIONS, words)?;
    let topic = given.text("--topic").unwrap_or_default();
    let mut config = ProducerConfig::new(name, TopicName::from(topic));
    // A rate beyond what the type holds is beyond every bound of the world too.
    config.rate_per_second = given.integer("--rate").map_or(1, |rate| u32::try_from(rate).unwrap_or(u32::MAX));
    config.limit = given.integer("--count").and_then(|count| u64::try_from(count).ok());
    if let Some(acks) = given.text("--acks") {
        config.set("acks", acks)?;
    }
    for setting in given.texts("--config") {
        let (name, value) = name_and_value(setting)?;
        config.set(name, value)?;
    }
    config.check()?;
    config.source = source(ctx, &given)?;
    let said = format!("Producer {name} sends to {topic}.");
    act(ctx, Action::StartProducer(Box::new(config)), said)
}

fn start_consumer(ctx: &mut Ctx<'_>, words: &[Word]) -> Outcome {
    let (name, given) = name_and_options("consumer", CONSUMER_OPTIONS, words)?;
    let group = given.text("--group").unwrap_or_default();
    let topics = given.text("--topic").unwrap_or_default();
    let subscription = topics.split(',').filter(|topic| !topic.is_empty()).map(TopicName::from).collect();
    let mut config = ConsumerConfig::new(name, GroupId::from(group), subscription);
    if given.has("--from-beginning") {
        config.set("auto.offset.reset", "earliest")?;
    }
    for setting in given.texts("--config") {
        let (name, value) = name_and_value(setting)?;
        config.set(name, value)?;
    }
    let said = format!("Consumer {name} joins group {group}.");
    act(ctx, Action::StartConsumer(Box::new(config)), said)
}

fn name_and_options<'a>(command: &str, options: &[Opt], words: &'a [Word]) -> Result<(&'a str, Given), String> {
    let Some((name, rest)) = words.split_first().filter(|(name, _)| !name.text.starts_with("--")) else {
        return Err(format!("give it a name first: {command} start NAME --topic orders"));
    };
    let given = parse(options, Operands::Refused, rest).map_err(|error| error.to_string())?;
    Ok((&name.text, given))
}

fn name_and_value(setting: &str) -> Result<(&str, &str), String> {
    setting.split_once('=').ok_or(format!("--config takes NAME=VALUE, such as linger.ms=20, not {setting}"))
}

/// What a producer sends: a file's records, or records that it makes up.
fn source(ctx: &Ctx<'_>, given: &Given) -> Result<Source, String> {
    let Some(name) = given.text("--file") else {
        let number = |name: &str| given.integer(name).and_then(|number| u32::try_from(number).ok());
        return Ok(Source::Synthetic {
            keys: number("--keys").unwrap_or(0),
            value_bytes: number("--value-bytes").unwrap_or(0),
        });
    };
    let Some(content) = ctx.file(name) else {
        return Err(format!("there is no file {name}; open it under Your data first"));
    };
    let parsed = data_file::records(&content, name, given.text("--key"));
    if let Some(first) = parsed.problems.first()
        && !given.has("--skip-malformed")
    {
        let (bad, good) = (parsed.problems.len(), parsed.records.len());
        return Err(format!(
            "{name} is malformed in {bad} places, first at line {}, column {}: {}. \
             Mend it, or send the {good} records that could be read with --skip-malformed",
            first.line, first.column, first.message
        ));
    }
    let record = |record: data_file::DataRecord| SourceRecord { key: record.key, value: record.value };
    Ok(Source::File {
        records: parsed.records.into_iter().map(record).collect(),
        repeat: given.has("--repeat"),
    })
}

fn act(ctx: &mut Ctx<'_>, action: Action, said: String) -> Outcome {
    ctx.act(action).map_err(|error| error.to_string())?;
    Ok(said)
}
