//! Single requests that fail, and leaders chosen by hand: `broker fail|drop`, `partition elect`,
//! `coordinator move`.

use highwater_cluster::action::Action;
use highwater_cluster::client::errors::kafka_name;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::fault::{Fault, SCRIPTED_APIS, Scripted, ScriptedApi, find_error};
use highwater_cluster::ids::{GroupId, TopicName, TopicPartition};
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::time::Span;

use crate::options::{Given, Operands, Opt, parse, quote};
use crate::suggest::nearest;
use crate::words::Word;

use super::faults::{broker_and_options, length};
use super::{Outcome, act};

const API: Opt =
    Opt::text("--api", "API", "which requests: Produce, Fetch, Metadata ...").required();
const TIMES: Opt = Opt::integer("--times", "N", (1, 1_000_000), "how many of them; 1 if not given");

/// The options of `broker fail`.
pub(super) const FAIL: &[Opt] = &[
    API,
    Opt::text("--error", "ERROR", "Kafka's name of the error: NOT_LEADER_OR_FOLLOWER ...")
        .required(),
    TIMES,
    Opt::duration("--delay", "TIME", "how long each answer is held back"),
];
/// The options of `broker drop`.
pub(super) const DROP: &[Opt] = &[API, TIMES];
/// The options of `partition elect`.
pub(super) const ELECT: &[Opt] = &[
    Opt::text("--leader", "ID", "the broker that is to lead").required(),
    Opt::flag("--unclean", "even if it is not in the ISR, and records are lost"),
];
/// The options of `coordinator move`.
pub(super) const MOVE: &[Opt] =
    &[Opt::text("--to", "ID", "the broker that is to coordinate the group").required()];

/// `broker fail 2 --api Produce --error NOT_LEADER_OR_FOLLOWER --times 3`.
pub(super) fn fail(ctx: &mut Ctx<'_>, words: &[Word]) -> Outcome {
    let (broker, given) = broker_and_options("fail", words)?;
    let api = api(&given)?;
    let error = error(api, given.text("--error").unwrap_or_default())?;
    let delay = length(&given, "--delay")?.unwrap_or(Span::ZERO);
    let times = times(&given);
    let scripted = Scripted { api: api.key, error: Some(error), times, delay };
    let said = format!(
        "Broker {broker} answers the next {} with {}, in {}.",
        counted(times, api),
        kafka_name(error),
        api.place
    );
    act(ctx, Action::Fault(Fault::Script { broker, scripted }), said)
}

/// `broker drop 2 --api Fetch --times 2`.
pub(super) fn drop(ctx: &mut Ctx<'_>, words: &[Word]) -> Outcome {
    let (broker, given) = broker_and_options("drop", words)?;
    let api = api(&given)?;
    let times = times(&given);
    let scripted = Scripted { api: api.key, error: None, times, delay: Span::ZERO };
    let said = format!(
        "Broker {broker} closes the connection on the next {}, without an answer.",
        counted(times, api)
    );
    act(ctx, Action::Fault(Fault::Script { broker, scripted }), said)
}

/// `partition elect orders-0 --leader 2`.
pub(super) fn elect(ctx: &mut Ctx<'_>, words: &[Word]) -> Outcome {
    let (word, given) = one_operand(ELECT, words, "partition elect orders-0 --leader 2")?;
    let Some(partition) = topic_partition(&word) else {
        return Err(format!(
            "{} is no partition; write its topic and number, such as orders-0",
            quote(&word)
        ));
    };
    let leader = broker_option(&given, "--leader")?;
    let said = format!("The controller makes broker {leader} the leader of {partition}.");
    let unclean = given.has("--unclean");
    act(ctx, Action::Fault(Fault::Elect { partition, leader, unclean }), said)
}

/// `coordinator move billing --to 2`.
pub(super) fn move_coordinator(ctx: &mut Ctx<'_>, words: &[Word]) -> Outcome {
    let (group, given) = one_operand(MOVE, words, "coordinator move billing --to 2")?;
    let to = broker_option(&given, "--to")?;
    let said = format!(
        "The controller makes broker {to} the leader of the partition of __consumer_offsets that holds group {group}."
    );
    let group = GroupId::from(&*group);
    act(ctx, Action::Fault(Fault::MoveCoordinator { group, to }), said)
}

/// The words that the last of these words may be followed by, if it is an option that takes one of a
/// few.
pub(super) fn values(words: &[Word]) -> Vec<String> {
    match words.last().map(|word| word.text.as_str()) {
        Some("--api") => SCRIPTED_APIS.iter().map(|api| api.name.to_owned()).collect(),
        Some("--error") => {
            let after_api = words.iter().skip_while(|word| word.text != "--api").nth(1);
            let api = after_api.and_then(|word| find_api(&word.text));
            api.map_or_else(Vec::new, |api| names_of(api.errors))
        }
        _ => Vec::new(),
    }
}

fn api(given: &Given) -> Result<&'static ScriptedApi, String> {
    let name = given.text("--api").unwrap_or_default();
    if let Some(api) = find_api(name) {
        return Ok(api);
    }
    let known = || SCRIPTED_APIS.iter().map(|api| api.name);
    let all: Vec<&str> = known().collect();
    let meant = nearest(name, known());
    let meant = meant.map_or(String::new(), |meant| format!("; did you mean {meant}?"));
    Err(format!(
        "{} is not a kind of request that a broker can be told to refuse; write one of {}{meant}",
        quote(name),
        all.join(", ")
    ))
}

fn find_api(name: &str) -> Option<&'static ScriptedApi> {
    SCRIPTED_APIS.iter().find(|api| api.name.eq_ignore_ascii_case(name))
}

fn error(api: &ScriptedApi, name: &str) -> Result<ResponseError, String> {
    let upper = name.to_ascii_uppercase();
    let Some(error) = find_error(&upper) else {
        let names = names_of(api.errors);
        let meant = nearest(&upper, names.iter().map(String::as_str));
        let meant = meant.map_or_else(
            || format!("; {} is answered with one of {}", api.name, names.join(", ")),
            |meant| format!("; did you mean {meant}?"),
        );
        return Err(format!("{} is no error of Kafka's{meant}", quote(name)));
    };
    if api.errors.contains(&error) {
        return Ok(error);
    }
    Err(format!(
        "no broker answers {} with {upper}; choose one of {}",
        api.name,
        names_of(api.errors).join(", ")
    ))
}

/// Kafka's names of errors.
fn names_of(errors: &[ResponseError]) -> Vec<String> {
    errors.iter().map(|error| kafka_name(*error)).collect()
}

fn times(given: &Given) -> u32 {
    given.integer("--times").and_then(|times| u32::try_from(times).ok()).unwrap_or(1)
}

fn counted(times: u32, api: &ScriptedApi) -> String {
    match times {
        1 => format!("{} request", api.name),
        times => format!("{times} {} requests", api.name),
    }
}

fn one_operand(options: &[Opt], words: &[Word], example: &str) -> Result<(String, Given), String> {
    let given = parse(options, Operands::Accepted, words).map_err(|error| error.to_string())?;
    match given.operands.as_slice() {
        [word] if !word.text.is_empty() => Ok((word.text.clone(), given)),
        _ => Err(format!("write one name, and its options: {example}")),
    }
}

fn broker_option(given: &Given, option: &str) -> Result<highwater_cluster::ids::BrokerId, String> {
    let text = given.text(option).unwrap_or_default();
    super::nodes::parse_broker(text)
        .ok_or_else(|| format!("{} is no broker; write its number: {option} 2", quote(text)))
}

/// `orders-0`: everything before the last dash is the topic.
pub(super) fn topic_partition(text: &str) -> Option<TopicPartition> {
    let (topic, index) = text.rsplit_once('-')?;
    let index: i32 = index.parse().ok().filter(|index| *index >= 0)?;
    (!topic.is_empty()).then(|| TopicPartition::new(&TopicName::from(topic), index))
}
