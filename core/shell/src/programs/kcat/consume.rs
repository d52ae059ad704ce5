//! `kcat -C` and `kcat -G`: prints records.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use highwater_cluster::consumer::{
    AutoOffsetReset, ConsumerCommand, ConsumerConfig, SeekTo, TopicPattern,
};
use highwater_cluster::ctx::Ctx;
use highwater_cluster::embedded::ProgramConsumer;
use highwater_cluster::ids::{GroupId, NodeId, TopicName, TopicPartition};
use highwater_cluster::input::Input;
use highwater_cluster::log::{Offset, Record};

use super::arguments::{Arguments, Mode, StartAt};
use super::{Topic, ask, metadata};

#[derive(Clone, Debug, Default)]
pub(super) struct Consume {
    consumer: Option<ProgramConsumer>,
    waiting: VecDeque<(TopicPartition, Arc<Record>)>,
    printed: u64,
    code: i32,
    is_closing: bool,
    leaders: BTreeMap<TopicPartition, i32>,
    /// Partitions whose end was reached and told.
    ended: BTreeSet<TopicPartition>,
    /// With `-o -5`: the partitions of which the end is to be known first.
    finding_end: BTreeSet<TopicPartition>,
    /// The partitions that the group has given it, as far as that was told.
    assigned: Vec<TopicPartition>,
    member: String,
}

impl Consume {
    pub(super) fn consumer(&self) -> Option<&ProgramConsumer> {
        self.consumer.as_ref()
    }

    pub(super) fn begin(&mut self, ctx: &mut Ctx<'_>, arguments: &Arguments) {
        let names = arguments.topics.iter().filter(|name| !name.starts_with('^'));
        let topics: Vec<TopicName> = names.map(|name| TopicName::from(name.as_str())).collect();
        if topics.is_empty() {
            return self.subscribe(ctx, arguments);
        }
        ask(ctx, &topics, false);
    }

    pub(super) fn handle(&mut self, ctx: &mut Ctx<'_>, arguments: &Arguments, input: Input) {
        let Some(consumer) = &mut self.consumer else {
            match metadata(&input) {
                Some(body) => self.on_topics(ctx, arguments, body),
                None if matches!(input, Input::Failed(..)) => self.begin(ctx, arguments),
                None => {}
            }
            return;
        };
        consumer.handle(ctx, input);
        self.go_on(ctx, arguments);
    }

    fn on_topics(
        &mut self,
        ctx: &mut Ctx<'_>,
        arguments: &Arguments,
        body: &highwater_cluster::protocol::messages::MetadataResponse,
    ) {
        let is_group = arguments.mode == Some(Mode::Group);
        let mut assign = Vec::new();
        for name in arguments.topics.iter().filter(|name| !name.starts_with('^')) {
            let name = TopicName::from(name.as_str());
            let topic = Topic::of(body, &name).unwrap_or_default();
            if topic.error != 0 || topic.leaders.is_empty() {
                let what = "Broker: Unknown topic or partition";
                let text = match is_group {
                    true => format!(
                        "Topic {name} [0] error: Subscribed topic not available: {name}: {what}"
                    ),
                    false => format!("Topic {name} error: {what}"),
                };
                ctx.print_error(&format!("% ERROR: {text}"));
                return ctx.exit(1);
            }
            for (index, leader) in &topic.leaders {
                let partition = TopicPartition::new(&name, index.0);
                if let Some(NodeId::Broker(id)) = leader {
                    self.leaders.insert(partition.clone(), id.0);
                }
                assign.push(partition);
            }
        }
        if is_group {
            return self.subscribe(ctx, arguments);
        }
        assign.retain(|partition| {
            arguments.partition.is_none_or(|only| partition.partition.0 == only)
        });
        if let (Some(only), true) = (arguments.partition, assign.is_empty()) {
            let (name, last) = (arguments.topic(), self.leaders.len().saturating_sub(1));
            ctx.print_error(&format!(
                "% ERROR: Topic {name} (with partitions 0..{last}): partition {only} does not exist"
            ));
            return ctx.exit(1);
        }
        let group = arguments.properties.get("group.id").unwrap_or_default();
        let mut config = ConsumerConfig::new(
            "rdkafka#consumer-1",
            &GroupId::from(group),
            vec![arguments.topic()],
        );
        config.assign = assign.clone();
        if !self.start(ctx, arguments, config) {
            return;
        }
        let Some(consumer) = &mut self.consumer else { return };
        for partition in assign {
            let to = match arguments.start {
                StartAt::Stored => continue,
                StartAt::Beginning => SeekTo::Beginning,
                StartAt::End => SeekTo::End,
                StartAt::Offset(offset) => SeekTo::Offset(Offset(offset)),
                StartAt::Time(at) => SeekTo::Time(at),
                StartAt::Tail(_) => {
                    self.finding_end.insert(partition.clone());
                    SeekTo::End
                }
            };
            consumer.command(ctx, ConsumerCommand::Seek(partition, to));
        }
        self.go_on(ctx, arguments);
    }

    fn subscribe(&mut self, ctx: &mut Ctx<'_>, arguments: &Arguments) {
        let group = GroupId::from(arguments.group.as_str());
        let patterns: Vec<&str> =
            arguments.topics.iter().filter_map(|name| name.strip_prefix('^')).collect();
        let topics: Vec<TopicName> = match patterns.is_empty() {
            true => arguments.topics.iter().map(|name| TopicName::from(name.as_str())).collect(),
            false => Vec::new(),
        };
        let mut config = ConsumerConfig::new("rdkafka#consumer-1", &group, topics);
        if !patterns.is_empty() {
            match TopicPattern::new(&patterns.join("|")) {
                Ok(pattern) => config.pattern = Some(pattern),
                Err(error) => {
                    ctx.print_error(&format!("% ERROR: Failed to subscribe: {error}"));
                    return ctx.exit(1);
                }
            }
        }
        if self.start(ctx, arguments, config) {
            self.go_on(ctx, arguments);
        }
    }

    /// Starts the consumer. False if its settings are wrong.
    fn start(
        &mut self,
        ctx: &mut Ctx<'_>,
        arguments: &Arguments,
        mut config: ConsumerConfig,
    ) -> bool {
        let properties = &arguments.properties;
        config.client_id = properties.get("client.id").unwrap_or("rdkafka").into();
        config.poll_interval = highwater_cluster::time::Span::ZERO;
        let reset = properties.get("auto.offset.reset");
        let is_earliest = matches!(reset, Some("earliest" | "smallest" | "beginning"))
            || (reset.is_none()
                && arguments.was_start_given
                && arguments.start == StartAt::Beginning);
        config.auto_offset_reset = match is_earliest {
            true => AutoOffsetReset::Earliest,
            false => AutoOffsetReset::Latest,
        };
        config.enable_auto_commit = config.has_group();
        let wrong = properties.apply_to_consumer(&mut config).err();
        let wrong = wrong.or_else(|| config.check().err());
        if let Some(message) = wrong {
            ctx.print_error(&format!("% ERROR: {message}"));
            ctx.exit(1);
            return false;
        }
        let mut consumer = ProgramConsumer::new(config);
        consumer.handle(ctx, Input::Start);
        self.consumer = Some(consumer);
        true
    }

    fn go_on(&mut self, ctx: &mut Ctx<'_>, arguments: &Arguments) {
        if self.is_closing {
            return self.exit_if_closed(ctx);
        }
        self.tell_of_assignment(ctx, arguments);
        self.find_ends(ctx, arguments);
        while let Some(consumer) = &mut self.consumer
            && !self.is_closing
        {
            let brought = consumer.take();
            if brought.is_empty() {
                break;
            }
            // What comes while the end is looked for is read again.
            self.waiting.extend(
                brought.into_iter().filter(|(partition, _)| !self.finding_end.contains(partition)),
            );
            if !self.print(ctx, arguments) {
                return;
            }
            if let Some(consumer) = &mut self.consumer {
                consumer.poll(ctx);
            }
        }
        if let Some(error) =
            self.consumer.as_ref().filter(|own| !own.is_open()).and_then(|own| own.last_error())
        {
            ctx.print_error(&format!("% ERROR: {error}"));
            return self.close(ctx, 1);
        }
        self.tell_of_ends(ctx, arguments);
    }

    /// Prints what is there. False if that is all that was asked for.
    fn print(&mut self, ctx: &mut Ctx<'_>, arguments: &Arguments) -> bool {
        while let Some((partition, record)) = self.waiting.front().cloned() {
            if arguments.stop_before.is_some_and(|at| record.timestamp.0 >= at) {
                self.waiting.pop_front();
                self.ended.insert(partition);
                if self.is_at_end() {
                    self.close(ctx, 0);
                    return false;
                }
                continue;
            }
            let broker = self.leaders.get(&partition).copied().unwrap_or(-1);
            match arguments.format.text(&partition, &record, broker) {
                Ok(text) => print(ctx, &text),
                Err(message) => {
                    ctx.print_error(&format!("% ERROR: {message}"));
                    self.close(ctx, 1);
                    return false;
                }
            }
            if !ctx.is_alive() {
                return false;
            }
            self.waiting.pop_front();
            self.ended.remove(&partition);
            self.printed += 1;
            if arguments.count.is_some_and(|most| self.printed >= most) {
                self.close(ctx, 0);
                return false;
            }
        }
        true
    }

    /// Once the end of a partition is known, goes back from there.
    fn find_ends(&mut self, ctx: &mut Ctx<'_>, arguments: &Arguments) {
        let StartAt::Tail(count) = arguments.start else { return };
        let Some(consumer) = &mut self.consumer else { return };
        for (partition, end) in consumer.positions() {
            if self.finding_end.remove(&partition) {
                let to = SeekTo::Offset(Offset(end.0.saturating_sub(count).max(0)));
                consumer.command(ctx, ConsumerCommand::Seek(partition, to));
            }
        }
    }

    fn tell_of_assignment(&mut self, ctx: &mut Ctx<'_>, arguments: &Arguments) {
        let Some(consumer) = &self.consumer else { return };
        if arguments.mode != Some(Mode::Group) {
            return;
        }
        let assignment = consumer.assignment();
        if assignment == self.assigned {
            return;
        }
        let client = ctx.process();
        let member = consumer.view(client, true).member;
        if let Some(member) = member {
            self.member = member.to_string();
        }
        self.ended.retain(|partition| assignment.contains(partition));
        let list = |partitions: &[TopicPartition]| {
            let each = partitions.iter().map(|p| format!("{} [{}]", p.topic, p.partition));
            each.collect::<Vec<_>>().join(", ")
        };
        if !arguments.is_quiet {
            let (what, partitions) = match assignment.is_empty() {
                true => ("revoked", &self.assigned),
                false => ("assigned", &assignment),
            };
            let (group, member) = (&arguments.group, &self.member);
            let list = list(partitions);
            ctx.print_error(&format!(
                "% Group {group} rebalanced (memberid {member}): {what}: {list}"
            ));
        }
        self.assigned = assignment;
    }

    fn is_at_end(&self) -> bool {
        let Some(consumer) = &self.consumer else { return false };
        let assignment = consumer.assignment();
        !assignment.is_empty() && assignment.iter().all(|partition| self.ended.contains(partition))
    }

    /// Tells of each partition that is read to its end, and ends with the last one if that is wished.
    fn tell_of_ends(&mut self, ctx: &mut Ctx<'_>, arguments: &Arguments) {
        let Some(consumer) = &self.consumer else { return };
        if !self.finding_end.is_empty() {
            return;
        }
        let view = consumer.view(ctx.process(), true);
        for position in view.assignment {
            let (Some(offset), Some(0)) = (position.position, position.lag) else { continue };
            if !self.ended.insert(position.partition.clone()) {
                continue;
            }
            let is_last = self.is_at_end() && arguments.exits_at_end;
            if let StartAt::Offset(wanted) = arguments.start
                && offset.0 < wanted
                && arguments.mode != Some(Mode::Group)
            {
                self.tell_of_reset(ctx, &position.partition, wanted);
            }
            if !arguments.is_quiet {
                let TopicPartition { topic, partition } = &position.partition;
                let exits = if is_last { ": exiting" } else { "" };
                ctx.print_error(&format!(
                    "% Reached end of topic {topic} [{partition}] at offset {}{exits}",
                    offset.0
                ));
            }
            if is_last {
                return self.close(ctx, 0);
            }
        }
    }

    /// The offset that was asked for does not exist.
    fn tell_of_reset(&self, ctx: &mut Ctx<'_>, partition: &TopicPartition, wanted: i64) {
        let at = ctx.timestamp().0;
        let broker = self.leaders.get(partition).copied().unwrap_or(-1);
        ctx.print_error(&format!(
            "%4|{}.{:03}|OFFSET|rdkafka#consumer-1| [thrd:main]: {} [{}]: offset reset (at offset \
             {wanted}, broker {broker}) to END: fetch failed due to requested offset not available \
             on the broker: Broker: Offset out of range",
            at.div_euclid(1_000),
            at.rem_euclid(1_000),
            partition.topic,
            partition.partition,
        ));
    }

    /// Goes back to what was not printed, and leaves.
    pub(super) fn close(&mut self, ctx: &mut Ctx<'_>, code: i32) {
        let Some(consumer) = &mut self.consumer else { return ctx.exit(code) };
        if self.is_closing {
            return ctx.exit(code);
        }
        self.is_closing = true;
        self.code = code;
        self.waiting.extend(consumer.take());
        let mut back = BTreeSet::new();
        for (partition, record) in self.waiting.drain(..) {
            if back.insert(partition.clone()) {
                let to = SeekTo::Offset(record.offset);
                consumer.command(ctx, ConsumerCommand::Seek(partition, to));
            }
        }
        consumer.close(ctx);
        self.exit_if_closed(ctx);
    }

    fn exit_if_closed(&self, ctx: &mut Ctx<'_>) {
        if self.consumer.as_ref().is_none_or(ProgramConsumer::is_closed) {
            ctx.exit(self.code);
        }
    }
}

/// Prints text of several lines, of which the last may be open.
fn print(ctx: &mut Ctx<'_>, text: &str) {
    let mut rest = text;
    while let Some((line, after)) = rest.split_once('\n') {
        ctx.print(line);
        rest = after;
    }
    if !rest.is_empty() {
        ctx.print_open(rest);
    }
}
