//! `kcat -Q`: the offsets of times.

use std::collections::BTreeMap;

use highwater_cluster::client::names;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{PartitionIndex, TopicName};
use highwater_cluster::input::Input;
use highwater_cluster::message::Response;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::list_offsets_request::{
    ListOffsetsPartition, ListOffsetsTopic,
};

use super::arguments::Arguments;
use super::{Topic, ask, metadata};

#[derive(Clone, Debug, Default)]
pub(super) struct Query {
    /// The time that is asked for, by topic and partition.
    wanted: BTreeMap<(TopicName, i32), i64>,
    found: BTreeMap<(TopicName, i32), i64>,
}

impl Query {
    pub(super) fn begin(&mut self, ctx: &mut Ctx<'_>, arguments: &Arguments) {
        for text in &arguments.topics {
            let parts: Vec<&str> = text.rsplitn(3, ':').collect();
            let read =
                match parts.as_slice() {
                    [at, partition, topic] => partition.parse().ok().zip(at.parse().ok()).map(
                        |(partition, at): (i32, i64)| ((TopicName::from(*topic), partition), at),
                    ),
                    _ => None,
                };
            let Some((key, at)) = read else {
                let expected = "topic:partition:offset_or_timestamp";
                ctx.print_error(&format!("% ERROR: -t: expected \"{expected}\""));
                return ctx.exit(1);
            };
            self.wanted.insert(key, at);
        }
        self.ask(ctx);
    }

    fn ask(&self, ctx: &mut Ctx<'_>) {
        let mut topics: Vec<TopicName> =
            self.wanted.keys().map(|(topic, _)| topic.clone()).collect();
        topics.dedup();
        ask(ctx, &topics, false);
    }

    pub(super) fn handle(&mut self, ctx: &mut Ctx<'_>, _: &Arguments, input: &Input) {
        if let Some(body) = metadata(input) {
            return self.list(ctx, body);
        }
        match input {
            Input::Response(_, Response::ListOffsets(body)) => self.listed(ctx, body),
            Input::Failed(..) => self.ask(ctx),
            _ => {}
        }
    }

    fn list(&self, ctx: &mut Ctx<'_>, body: &kafka::MetadataResponse) {
        for ((name, index), at) in &self.wanted {
            let topic = Topic::of(body, name).unwrap_or_default();
            let place = topic.leaders.iter().find(|(known, _)| *known == PartitionIndex(*index));
            let Some(leader) = place.and_then(|(_, leader)| *leader) else {
                ctx.print_error("% ERROR: offsets_for_times failed: Local: Unknown partition");
                return ctx.exit(1);
            };
            let partition =
                ListOffsetsPartition::default().with_partition_index(*index).with_timestamp(*at);
            let topic = ListOffsetsTopic::default()
                .with_name(names::to_kafka(name))
                .with_partitions(vec![partition]);
            let request = kafka::ListOffsetsRequest::default()
                .with_replica_id(kafka::BrokerId(-1))
                .with_topics(vec![topic]);
            ctx.send(leader, request, super::REQUEST_TIMEOUT);
        }
    }

    fn listed(&mut self, ctx: &mut Ctx<'_>, body: &kafka::ListOffsetsResponse) {
        for topic in &body.topics {
            for partition in &topic.partitions {
                let key = (names::from_kafka(&topic.name), partition.partition_index);
                self.found.insert(key, partition.offset);
            }
        }
        if self.found.len() < self.wanted.len() {
            return;
        }
        for ((topic, partition), offset) in &self.found {
            ctx.print(&format!("{topic} [{partition}] offset {offset}"));
        }
        ctx.exit(0);
    }
}
