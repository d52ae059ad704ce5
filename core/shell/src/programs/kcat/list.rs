//! `kcat -L`: the metadata.

use highwater_cluster::client::error_messages::kafka_message;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::TopicName;
use highwater_cluster::input::Input;
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::protocol::messages::MetadataResponse;
use serde_json::Value;

use super::arguments::Arguments;
use super::{ask, metadata};

/// The port of the first broker.
const FIRST_PORT: i32 = 9_092;

#[derive(Clone, Debug, Default)]
pub(super) struct List;

impl List {
    pub(super) fn begin(&self, ctx: &mut Ctx<'_>, arguments: &Arguments) {
        let topics: Vec<TopicName> =
            arguments.topics.iter().map(|name| TopicName::from(name.as_str())).collect();
        if topics.is_empty() {
            let brokers = ctx.bootstrap_brokers();
            let known = arguments.servers.iter().find_map(|server| server.broker);
            if let Some(broker) = known.or(brokers.first().copied()) {
                let request = highwater_cluster::client::ClientMetadata::request_all();
                let to = highwater_cluster::ids::NodeId::Broker(broker);
                ctx.send(to, request, super::REQUEST_TIMEOUT);
            }
            return;
        }
        // librdkafka asks for the topic's creation here.
        ask(ctx, &topics, true);
    }

    pub(super) fn handle(&self, ctx: &mut Ctx<'_>, arguments: &Arguments, input: &Input) {
        match (metadata(input), input) {
            (Some(body), _) => {
                if arguments.is_json {
                    ctx.print(&json(body, arguments));
                } else {
                    print(ctx, body, arguments);
                }
                ctx.exit(0);
            }
            (None, Input::Failed(..)) => self.begin(ctx, arguments),
            _ => {}
        }
    }
}

/// What librdkafka says of a broker's error.
pub(super) fn words_of(code: i16) -> String {
    match ResponseError::try_from_code(code) {
        Some(ResponseError::UnknownTopicOrPartition) => {
            "Broker: Unknown topic or partition".to_owned()
        }
        Some(ResponseError::LeaderNotAvailable) => "Broker: Leader not available".to_owned(),
        Some(ResponseError::InvalidTopicException) => "Broker: Invalid topic".to_owned(),
        Some(ResponseError::ReplicaNotAvailable) => "Broker: Replica not available".to_owned(),
        Some(error) => format!("Broker: {}", kafka_message(error)),
        None => String::new(),
    }
}

fn address(id: i32) -> String {
    format!("localhost:{}", FIRST_PORT + id - 1)
}

fn list(ids: impl Iterator<Item = i32>) -> String {
    ids.map(|id| id.to_string()).collect::<Vec<_>>().join(",")
}

fn origin(arguments: &Arguments, body: &MetadataResponse) -> i32 {
    let known = arguments.servers.iter().filter_map(|server| server.broker);
    let mut known = known.filter(|id| body.brokers.iter().any(|broker| broker.node_id.0 == id.0));
    known.next().map_or(1, |id| id.0)
}

fn print(ctx: &mut Ctx<'_>, body: &MetadataResponse, arguments: &Arguments) {
    let from = origin(arguments, body);
    let what = arguments.topics.first().map_or("all topics", String::as_str);
    ctx.print(&format!("Metadata for {what} (from broker {from}: {}/{from}):", address(from)));
    ctx.print(&format!(" {} brokers:", body.brokers.len()));
    for broker in &body.brokers {
        let id = broker.node_id.0;
        let mark = if id == body.controller_id.0 { " (controller)" } else { "" };
        ctx.print(&format!("  broker {id} at {}{mark}", address(id)));
    }
    ctx.print(&format!(" {} topics:", body.topics.len()));
    for topic in &body.topics {
        let name = topic.name.as_ref().map_or("", |name| name.as_str());
        let error = match topic.error_code {
            0 => String::new(),
            code => format!(" {}", words_of(code)),
        };
        let count = topic.partitions.len();
        ctx.print(&format!("  topic \"{name}\" with {count} partitions:{error}"));
        let mut partitions: Vec<_> = topic.partitions.iter().collect();
        partitions.sort_by_key(|partition| partition.partition_index);
        for partition in partitions {
            let error = match partition.error_code {
                0 => String::new(),
                code => format!(", {}", words_of(code)),
            };
            ctx.print(&format!(
                "    partition {}, leader {}, replicas: {}, isrs: {}{error}",
                partition.partition_index,
                partition.leader_id.0,
                list(partition.replica_nodes.iter().map(|id| id.0)),
                list(partition.isr_nodes.iter().map(|id| id.0)),
            ));
        }
    }
}

fn json(body: &MetadataResponse, arguments: &Arguments) -> String {
    let from = origin(arguments, body);
    let topic = arguments.topics.first();
    let query = topic.map_or("*".to_owned(), Clone::clone);
    let brokers: Vec<String> = body
        .brokers
        .iter()
        .map(|broker| {
            let id = broker.node_id.0;
            format!("{{\"id\":{id},\"name\":\"{}\"}}", address(id))
        })
        .collect();
    let ids = |ids: &[highwater_cluster::protocol::messages::BrokerId]| {
        let ids: Vec<String> = ids.iter().map(|id| format!("{{\"id\":{}}}", id.0)).collect();
        ids.join(",")
    };
    let topics: Vec<String> = body
        .topics
        .iter()
        .map(|topic| {
            let name = topic.name.as_ref().map_or("", |name| name.as_str());
            let mut partitions: Vec<_> = topic.partitions.iter().collect();
            partitions.sort_by_key(|partition| partition.partition_index);
            let partitions = partitions.into_iter().map(|partition| {
                format!(
                    "{{\"partition\":{},\"leader\":{},\"replicas\":[{}],\"isrs\":[{}]}}",
                    partition.partition_index,
                    partition.leader_id.0,
                    ids(&partition.replica_nodes),
                    ids(&partition.isr_nodes)
                )
            });
            let partitions: Vec<String> = partitions.collect();
            let error = match topic.error_code {
                0 => String::new(),
                code => format!("\"error\":{},", Value::from(words_of(code))),
            };
            format!(
                "{{\"topic\":{},{error}\"partitions\":[{}]}}",
                Value::from(name),
                partitions.join(",")
            )
        })
        .collect();
    format!(
        "{{\"originating_broker\":{{\"id\":{from},\"name\":\"{}/{from}\"}},\"query\":{{\"topic\":{}}},\
         \"controllerid\":{},\"brokers\":[{}],\"topics\":[{}]}}",
        address(from),
        Value::from(query),
        body.controller_id.0,
        brokers.join(","),
        topics.join(",")
    )
}
