//! `producer send`, and the calls by which a person drives a producer's transactions by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use highwater_cluster::action::Action;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{GroupId, PartitionIndex, TopicName, TopicPartition};
use highwater_cluster::log::{Header, Offset};
use highwater_cluster::producer::{GroupMetadata, OffsetToCommit, ProducerCall, ProducerRecord};

use crate::options::{Given, Operands, Opt, parse, quote};
use crate::words::Word;

use super::{Outcome, act, options};

/// The options of `producer send`.
pub(super) const SEND: &[Opt] = &[
    Opt::text("--topic", "TOPIC", "where the records go; the producer's own topic if not given"),
    Opt::text("--key", "KEY", "their key; null if not given"),
    Opt::integer("--partition", "N", (0, i32::MAX as i64), "their partition, whatever the key"),
    Opt::text("--header", "NAME=VALUE", "a header of theirs").repeated(),
];

/// The options of `producer send-offsets`.
pub(super) const SEND_OFFSETS: &[Opt] =
    &[Opt::text("--group", "GROUP", "the consumer group whose offsets they are").required()];

/// The verbs that this file knows.
pub(super) const VERBS: &[&str] =
    &["init", "begin", "send", "send-offsets", "commit", "abort", "kill"];

/// `producer begin p1` and the like.
pub(super) fn call(ctx: &mut Ctx<'_>, verb: &str, words: &[Word]) -> Outcome {
    let named = words.split_first().filter(|(name, _)| !name.text.starts_with('-'));
    let Some((name, rest)) = named else {
        return Err(format!("name the producer first: producer {verb} NAME"));
    };
    let name: Arc<str> = name.text.as_str().into();
    let given = parse(options("producer", verb), Operands::Accepted, rest)
        .map_err(|error| error.to_string())?;
    if !matches!(verb, "send" | "send-offsets")
        && let Some(word) = given.operands.first()
    {
        return Err(format!("write its name, and nothing after it: not {}", quote(&word.text)));
    }
    let (call, said) = match verb {
        "send" => return send(ctx, &name, &given),
        "kill" => {
            return act(
                ctx,
                Action::KillProducer(name.clone()),
                format!("Producer {name} was killed."),
            );
        }
        "init" => {
            (ProducerCall::InitTransactions, format!("Producer {name} asks for its producer id."))
        }
        "begin" => {
            (ProducerCall::BeginTransaction, format!("Producer {name} begins a transaction."))
        }
        "commit" => {
            (ProducerCall::CommitTransaction, format!("Producer {name} commits its transaction."))
        }
        "abort" => {
            (ProducerCall::AbortTransaction, format!("Producer {name} aborts its transaction."))
        }
        _ => {
            let call = send_offsets(&given)?;
            (call, format!("Producer {name} sends offsets to its transaction."))
        }
    };
    act(ctx, Action::CallProducer(name, Box::new(call)), said)
}

fn send(ctx: &mut Ctx<'_>, name: &Arc<str>, given: &Given) -> Outcome {
    if given.operands.is_empty() {
        return Err(format!("write what to send: producer send {name} VALUE"));
    }
    let topic = match given.text("--topic") {
        Some(topic) => TopicName::from(topic),
        None => ctx
            .topic_of_producer(name)
            .ok_or_else(|| format!("no producer named {name} is running"))?,
    };
    let headers: Vec<Header> = given.texts("--header").map(header).collect::<Result<_, _>>()?;
    let partition = given.integer("--partition").and_then(|index| i32::try_from(index).ok());
    for value in &given.operands {
        let record = ProducerRecord {
            topic: topic.clone(),
            partition: partition.map(PartitionIndex),
            timestamp: None,
            key: given.text("--key").map(|key| key.to_owned().into_bytes().into()),
            value: Some(value.text.clone().into_bytes().into()),
            headers: headers.clone().into(),
        };
        let call = Box::new(ProducerCall::Send(record));
        ctx.act(Action::CallProducer(name.clone(), call)).map_err(|error| error.to_string())?;
    }
    Ok(match given.operands.len() {
        1 => format!("Producer {name} sends a record to {topic}."),
        count => format!("Producer {name} sends {count} records to {topic}."),
    })
}

fn header(text: &str) -> Result<Header, String> {
    let Some((name, value)) = text.split_once('=') else {
        return Err(format!("--header takes NAME=VALUE, not {}", quote(text)));
    };
    let key = name.to_owned().into_bytes().into();
    Ok(Header { key, value: Some(value.to_owned().into_bytes().into()) })
}

/// `orders-0=5`: by partition, the offset of the next record to read.
fn send_offsets(given: &Given) -> Result<ProducerCall, String> {
    if given.operands.is_empty() {
        return Err(
            "write the offsets: producer send-offsets NAME --group GROUP orders-0=5".to_owned()
        );
    }
    let group = GroupId::from(given.text("--group").unwrap_or_default());
    let mut offsets = BTreeMap::new();
    for word in &given.operands {
        let (partition, offset) = offset(&word.text).ok_or_else(|| {
            let found = quote(&word.text);
            format!("write an offset as TOPIC-N=OFFSET, such as orders-0=5, not {found}")
        })?;
        offsets.insert(partition, offset);
    }
    Ok(ProducerCall::SendOffsets { group: GroupMetadata::of_group(group), offsets })
}

fn offset(text: &str) -> Option<(TopicPartition, OffsetToCommit)> {
    let (partition, offset) = text.rsplit_once('=')?;
    let (topic, index) = partition.rsplit_once('-')?;
    let index: i32 = index.parse().ok().filter(|index| *index >= 0)?;
    let offset: i64 = offset.parse().ok().filter(|offset| *offset >= 0)?;
    let topic = TopicName::from(topic);
    let partition = TopicPartition::new(&topic, index);
    Some((
        partition,
        OffsetToCommit { offset: Offset(offset), leader_epoch: None, metadata: "".into() },
    ))
}
