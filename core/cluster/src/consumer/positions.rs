//! Finding out where to start: at the group's committed offsets, or where `auto.offset.reset` says.

use std::collections::BTreeMap;

use highwater_log::{LeaderEpoch, Offset};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::list_offsets_response::ListOffsetsPartitionResponse;
use kafka_protocol::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use kafka_protocol::messages::offset_fetch_response::OffsetFetchResponseGroup;
use kafka_protocol::messages::{
    BrokerId as KafkaBrokerId, ListOffsetsRequest, ListOffsetsResponse, OffsetFetchRequest,
    OffsetFetchResponse,
};

use crate::client::error_messages::not_authorized_to_topics;
use crate::client::names;
use crate::consumer::assignment::Position;
use crate::consumer::responses::Sent;
use crate::consumer::{AutoOffsetReset, Consumer};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{BrokerId, NodeId, TopicName, TopicPartition};

/// The timestamp by which ListOffsets asks for the end of a partition.
const LATEST: i64 = -1;

impl Consumer {
    /// Asks for the positions that are not known.
    pub(super) fn find_positions(&mut self, ctx: &mut Ctx<'_>) {
        self.fetch_committed_offsets(ctx);
        self.list_offsets(ctx);
    }

    pub(super) fn on_offsets_fetched(
        &mut self,
        ctx: &mut Ctx<'_>,
        assignment: u64,
        response: &OffsetFetchResponse,
    ) {
        let Some(group) = response.groups.first() else {
            return self.offset_fetch_failed(ctx, assignment);
        };
        let mut errors = group.topics.iter().flat_map(|topic| &topic.partitions);
        let partition_error =
            errors.find_map(|partition| ResponseError::try_from_code(partition.error_code));
        match ResponseError::try_from_code(group.error_code).or(partition_error) {
            None => {}
            Some(error) => {
                if matches!(
                    error,
                    ResponseError::NotCoordinator | ResponseError::CoordinatorNotAvailable
                ) {
                    self.membership.coordinator_unknown();
                } else if !self.config.is_classic()
                    && matches!(
                        error,
                        ResponseError::StaleMemberEpoch | ResponseError::UnknownMemberId
                    )
                {
                    // The next heartbeat brings a newer epoch, or tells that it was thrown out.
                } else if !error.is_retriable() {
                    return self.fail(ctx, error);
                }
                return self.offset_fetch_failed(ctx, assignment);
            }
        }
        if assignment != self.assignment.id {
            return;
        }
        self.check_reset_policy(ctx, group);
        for topic in &group.topics {
            let name = names::from_kafka(&topic.name);
            for answer in &topic.partitions {
                let partition = TopicPartition::new(&name, answer.partition_index);
                let committed =
                    (answer.committed_offset >= 0).then_some(Offset(answer.committed_offset));
                let epoch = LeaderEpoch(answer.committed_leader_epoch);
                self.start_at_committed(ctx, &partition, committed.map(|offset| (offset, epoch)));
            }
        }
    }

    pub(super) fn offset_fetch_failed(&mut self, ctx: &Ctx<'_>, assignment: u64) {
        if assignment != self.assignment.id {
            return;
        }
        let not_before = ctx.now() + self.config.retry_pause();
        for partition in self.assignment.partitions.values_mut() {
            if partition.position == Position::Committed {
                partition.is_asking = false;
                partition.not_before = not_before;
            }
        }
    }

    pub(super) fn on_offsets_listed(
        &mut self,
        ctx: &mut Ctx<'_>,
        assignment: u64,
        asked: &[TopicPartition],
        response: &ListOffsetsResponse,
    ) {
        if assignment != self.assignment.id {
            return;
        }
        for topic in &response.topics {
            let name = names::from_kafka(&topic.name);
            for answer in &topic.partitions {
                let partition = TopicPartition::new(&name, answer.partition_index);
                self.start_at_listed(ctx, &partition, answer);
            }
        }
        // What was not answered is asked again.
        for partition in asked {
            if let Some(state) = self.assignment.partitions.get_mut(partition) {
                state.is_asking = false;
            }
        }
    }

    pub(super) fn list_offsets_failed(
        &mut self,
        ctx: &Ctx<'_>,
        assignment: u64,
        asked: &[TopicPartition],
    ) {
        self.updater.request_update();
        if assignment != self.assignment.id {
            return;
        }
        for partition in asked {
            self.ask_again_later(ctx, partition);
        }
    }

    /// The position is gone, or never was: `auto.offset.reset` says where to go on.
    pub(super) fn reset_position(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        error: &str,
    ) {
        match self.config.auto_offset_reset.timestamp(ctx.timestamp()) {
            Some(timestamp) => {
                if let Some(state) = self.assignment.partitions.get_mut(partition) {
                    state.position = Position::Reset(timestamp);
                }
            }
            None => self.poll_fails(ctx, error),
        }
    }

    /// The group has committed nothing for some partitions, and nothing says where to begin: the
    /// application learns of all of them at once.
    fn check_reset_policy(&mut self, ctx: &mut Ctx<'_>, answer: &OffsetFetchResponseGroup) {
        if self.config.auto_offset_reset != AutoOffsetReset::None {
            return;
        }
        let mut without: Vec<String> = Vec::new();
        for topic in &answer.topics {
            let nothing = topic.partitions.iter().filter(|answer| answer.committed_offset < 0);
            without.extend(
                nothing.map(|answer| format!("{}-{}", topic.name.as_str(), answer.partition_index)),
            );
        }
        if !without.is_empty() {
            let exception = no_offset(&without.join(", "));
            self.poll_fails(ctx, &exception);
        }
    }

    fn fetch_committed_offsets(&mut self, ctx: &mut Ctx<'_>) {
        if !self.has_group() {
            return self.begin_without_group(ctx);
        }
        let (Some(coordinator), now) = (self.membership.coordinator, ctx.now()) else { return };
        let mut topics: BTreeMap<TopicName, Vec<i32>> = BTreeMap::new();
        for (partition, state) in &mut self.assignment.partitions {
            if state.position == Position::Committed && state.is_ready(now) {
                state.is_asking = true;
                topics.entry(partition.topic.clone()).or_default().push(partition.partition.0);
            }
        }
        if topics.is_empty() {
            return;
        }
        let topics = topics.into_iter().map(|(topic, indexes)| {
            OffsetFetchRequestTopics::default()
                .with_name(names::to_kafka(&topic))
                .with_partition_indexes(indexes)
        });
        let (member, epoch) = self.fetch_identity();
        let group = OffsetFetchRequestGroup::default()
            .with_group_id(self.group_id())
            .with_member_id(member)
            .with_member_epoch(epoch)
            .with_topics(Some(topics.collect()));
        let request =
            OffsetFetchRequest::default().with_groups(vec![group]).with_require_stable(true);
        let sent = Sent::OffsetFetch(self.assignment.id);
        self.send(ctx, NodeId::Broker(coordinator), request, sent);
    }

    /// Nobody has committed anything for a consumer without a group.
    fn begin_without_group(&mut self, ctx: &mut Ctx<'_>) {
        let partitions = self.assignment.partitions.iter();
        let unknown = partitions.filter(|(_, state)| state.position == Position::Committed);
        let unknown: Vec<TopicPartition> = unknown.map(|(name, _)| name.clone()).collect();
        let all: Vec<String> = unknown.iter().map(ToString::to_string).collect();
        for partition in unknown {
            self.reset_position(ctx, &partition, &no_offset(&all.join(", ")));
        }
    }

    fn start_at_committed(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        committed: Option<(Offset, LeaderEpoch)>,
    ) {
        let Some(state) = self.assignment.partitions.get_mut(partition) else { return };
        if state.position != Position::Committed {
            return;
        }
        state.is_asking = false;
        match committed {
            Some((offset, epoch)) => {
                state.position = Position::At(offset);
                state.offset_epoch = epoch;
                state.committed = Some(offset);
                let (client, partition) = (super::my_id(ctx), partition.clone());
                ctx.emit(EventKind::PositionReset { client, partition, offset, committed: true });
            }
            None => self.reset_position(ctx, partition, &no_offset(&partition.to_string())),
        }
    }

    /// Asks the leaders for the offsets at which to start.
    fn list_offsets(&mut self, ctx: &mut Ctx<'_>) {
        let now = ctx.now();
        let mut by_leader: BTreeMap<BrokerId, Vec<(TopicPartition, i64)>> = BTreeMap::new();
        for (partition, state) in &mut self.assignment.partitions {
            let Position::Reset(timestamp) = state.position else { continue };
            if !state.is_ready(now) {
                continue;
            }
            let Some(leader) = self.updater.metadata.leader(partition) else {
                self.updater.request_update();
                continue;
            };
            if self.fetcher.is_blacked_out(leader, now) {
                continue;
            }
            state.is_asking = true;
            by_leader.entry(leader).or_default().push((partition.clone(), timestamp));
        }
        for (leader, asked) in by_leader {
            let request = self.list_offsets_request(&asked);
            let asked = asked.into_iter().map(|(partition, _)| partition).collect();
            let sent = Sent::ListOffsets(self.assignment.id, asked);
            self.send(ctx, NodeId::Broker(leader), request, sent);
        }
    }

    fn list_offsets_request(&self, asked: &[(TopicPartition, i64)]) -> ListOffsetsRequest {
        let mut topics: Vec<ListOffsetsTopic> = Vec::new();
        for (partition, timestamp) in asked {
            let epoch =
                self.updater.metadata.partition(partition).map_or(-1, |known| known.leader_epoch.0);
            let entry = ListOffsetsPartition::default()
                .with_partition_index(partition.partition.0)
                .with_current_leader_epoch(epoch)
                .with_timestamp(*timestamp);
            let name = names::to_kafka(&partition.topic);
            match topics.last_mut().filter(|topic| topic.name == name) {
                Some(topic) => topic.partitions.push(entry),
                None => topics
                    .push(ListOffsetsTopic::default().with_name(name).with_partitions(vec![entry])),
            }
        }
        ListOffsetsRequest::default()
            .with_replica_id(KafkaBrokerId(-1))
            .with_isolation_level(self.config.isolation_level.code())
            .with_topics(topics)
            .with_timeout_ms(self.config.request_timeout_ms)
    }

    fn start_at_listed(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        answer: &ListOffsetsPartitionResponse,
    ) {
        let Some(state) = self.assignment.partitions.get_mut(partition) else { return };
        if !matches!(state.position, Position::Reset(_)) {
            return;
        }
        match ResponseError::try_from_code(answer.error_code) {
            // Nothing is as young as that: it begins where the next record will be.
            None if answer.offset < 0 => state.position = Position::Reset(LATEST),
            None => {
                let offset = Offset(answer.offset);
                state.position = Position::At(offset);
                state.offset_epoch = LeaderEpoch(answer.leader_epoch);
                let (client, partition) = (super::my_id(ctx), partition.clone());
                ctx.emit(EventKind::PositionReset { client, partition, offset, committed: false });
            }
            Some(error)
                if error.is_retriable() || crate::client::errors::is_invalid_metadata(error) =>
            {
                self.updater.request_update();
                self.ask_again_later(ctx, partition);
            }
            Some(ResponseError::TopicAuthorizationFailed) => {
                self.poll_fails(ctx, &not_authorized_to_topics(&[&partition.topic]));
            }
            Some(error) => self.fail(ctx, error),
        }
    }

    fn ask_again_later(&mut self, ctx: &Ctx<'_>, partition: &TopicPartition) {
        let not_before = ctx.now() + self.config.retry_pause();
        if let Some(state) = self.assignment.partitions.get_mut(partition) {
            state.is_asking = false;
            state.not_before = not_before;
        }
    }
}

/// What Kafka tells of partitions without a committed offset and without a reset policy.
fn no_offset(partitions: &str) -> String {
    format!(
        "NoOffsetForPartitionException: Undefined offset with no reset policy for partitions: [{partitions}]"
    )
}
