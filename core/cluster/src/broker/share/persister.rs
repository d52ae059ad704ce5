//! What leaders and group coordinators ask of share coordinators, and how they bear it that one does not
//! answer: Kafka's `DefaultStatePersister` and `PersisterStateManager`.

use highwater_log::{LeaderEpoch, Offset};
use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::{
    delete_share_group_state_request as delete, initialize_share_group_state_request as initialize,
    read_share_group_state_request as read, read_share_group_state_summary_request as summary,
    write_share_group_state_request as write,
};
use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

use crate::broker::internal_log::InternalTopic;
use crate::broker::share::ShareName;
use crate::broker::{Broker, Sent};
use crate::client::Backoff;
use crate::ctx::Ctx;
use crate::ids::{GroupId, NodeId};
use crate::message::{Request, Response};
use crate::share::partition::{Archiving, WriteId};
use crate::share::state::{ShareState, StateBatch};
use crate::share::{RecordState, ShareKey};
use crate::time::Span;
use crate::timer::Timer;

/// How often a call is made until it counts as failed (`MAX_FIND_COORD_ATTEMPTS`).
pub(super) const ATTEMPTS: u32 = 5;
/// How long is waited between two calls (`REQUEST_BACKOFF_MS`, `REQUEST_BACKOFF_MAX_MS`).
pub(super) const BACKOFF: Backoff = Backoff { initial: Span(1_000_000), max: Span(30_000_000) };

/// What a share coordinator is asked.
#[derive(Clone, Debug)]
pub(in crate::broker) enum Operation {
    /// To begin with a share partition, or to begin anew.
    Initialize { state_epoch: i32, start: Offset },
    /// For all that is known of it.
    Read { leader_epoch: LeaderEpoch },
    /// For where it starts.
    Summary { leader_epoch: LeaderEpoch },
    /// To write down what became of records.
    Write { state_epoch: i32, leader_epoch: LeaderEpoch, start: Offset, batches: Vec<StateBatch> },
    /// To forget it.
    Delete,
}

/// What goes on once a share coordinator has answered.
#[derive(Clone, Debug)]
pub(in crate::broker) enum Then {
    /// A leader takes a share partition up.
    Load(ShareName),
    /// What became of records counts.
    Settle(ShareName, WriteId),
    /// What was written counts already: the lock of records had run out. Some are to go into the dead-letter queue.
    Expired(ShareName, Vec<Archiving>),
    /// What was written counts already: the dead-letter queue has the records, or never will.
    Archived(ShareName),
    /// The group coordinator goes on.
    Group(GroupId),
    /// A question of an administrator is answered in part.
    Question(u64),
}

/// A call that is not answered.
#[derive(Clone, Debug)]
pub(in crate::broker) struct Call {
    key: ShareKey,
    operation: Operation,
    then: Then,
    attempts: u32,
}

/// What a share coordinator answered: what it knows, if it was asked for that.
type Answered = Result<Option<ShareState>, ResponseError>;

impl Broker {
    /// Asks the coordinator of a share partition something.
    pub(in crate::broker) fn persist(
        &mut self,
        ctx: &mut Ctx<'_>,
        key: ShareKey,
        operation: Operation,
        then: Then,
    ) {
        let id = self.process.shares.next_id();
        self.process.shares.calls.insert(id, Call { key, operation, then, attempts: 0 });
        self.call_share_coordinator(ctx, id);
    }

    /// Makes a call, or makes it again.
    pub(in crate::broker) fn call_share_coordinator(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        let Some(call) = self.process.shares.calls.get(&id) else { return };
        let topic = InternalTopic::ShareState;
        let text = call.key.text();
        let request = call.request();
        self.create_internal_topic(ctx, topic);
        let Some(coordinator) = self.coordinator_of(topic, &text) else {
            return self.call_failed(ctx, id, ResponseError::CoordinatorNotAvailable);
        };
        let timeout = self.config.request_timeout;
        let sent = ctx.send(NodeId::Broker(coordinator), request, timeout);
        self.process.requests.insert(sent, Sent::Share(id));
    }

    /// A share coordinator has answered, or has not.
    pub(in crate::broker) fn share_coordinator_answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: u64,
        response: Option<&Response>,
    ) {
        match response.map_or(Err(ResponseError::NetworkException), read_answer) {
            Err(
                error @ (ResponseError::NetworkException
                | ResponseError::NotCoordinator
                | ResponseError::CoordinatorNotAvailable
                | ResponseError::CoordinatorLoadInProgress),
            ) => self.call_failed(ctx, id, error),
            answered => self.call_ended(ctx, id, answered),
        }
    }

    /// A call did not get through: it is made again, but not for ever.
    fn call_failed(&mut self, ctx: &mut Ctx<'_>, id: u64, error: ResponseError) {
        let Some(call) = self.process.shares.calls.get_mut(&id) else { return };
        call.attempts += 1;
        let attempts = call.attempts;
        if attempts >= ATTEMPTS {
            return self.call_ended(ctx, id, Err(error));
        }
        let wait = BACKOFF.wait(ctx, attempts - 1);
        ctx.set_timer(wait, Timer::SharePersister(id));
    }

    fn call_ended(&mut self, ctx: &mut Ctx<'_>, id: u64, answered: Answered) {
        let Some(call) = self.process.shares.calls.remove(&id) else { return };
        let error = answered.as_ref().err().copied();
        match call.then {
            Then::Load(name) => self.share_state_read(ctx, &name, &call.key, answered),
            Then::Settle(name, write) => self.share_written(ctx, &name, write, error),
            Then::Expired(name, archiving) => {
                self.share_expiry_written(ctx, &name, &archiving, error);
            }
            Then::Archived(name) => self.dead_letters_archived(ctx, &name, error),
            Then::Group(group) => {
                let (topic, partition) = (call.key.topic, call.key.partition);
                self.share_initialized(ctx, &group, (topic, partition), error);
            }
            Then::Question(question) => {
                self.share_question_answered(ctx, question, &call.key, answered);
            }
        }
    }
}

impl Call {
    fn request(&self) -> Request {
        let group = StrBytes::from_string(self.key.group.to_string());
        let topic = Uuid::from_u128(self.key.topic.0);
        let partition = self.key.partition;
        match &self.operation {
            Operation::Initialize { state_epoch, start } => {
                let part = initialize::PartitionData::default()
                    .with_partition(partition)
                    .with_state_epoch(*state_epoch)
                    .with_start_offset(start.0);
                let data = initialize::InitializeStateData::default()
                    .with_topic_id(topic)
                    .with_partitions(vec![part]);
                let request = kafka::InitializeShareGroupStateRequest::default();
                request.with_group_id(group).with_topics(vec![data]).into()
            }
            Operation::Read { leader_epoch } => {
                let part = read::PartitionData::default()
                    .with_partition(partition)
                    .with_leader_epoch(leader_epoch.0);
                let data =
                    read::ReadStateData::default().with_topic_id(topic).with_partitions(vec![part]);
                let request = kafka::ReadShareGroupStateRequest::default();
                request.with_group_id(group).with_topics(vec![data]).into()
            }
            Operation::Summary { leader_epoch } => {
                let part = summary::PartitionData::default()
                    .with_partition(partition)
                    .with_leader_epoch(leader_epoch.0);
                let data = summary::ReadStateSummaryData::default()
                    .with_topic_id(topic)
                    .with_partitions(vec![part]);
                let request = kafka::ReadShareGroupStateSummaryRequest::default();
                request.with_group_id(group).with_topics(vec![data]).into()
            }
            Operation::Write { state_epoch, leader_epoch, start, batches } => {
                let part = write::PartitionData::default()
                    .with_partition(partition)
                    .with_state_epoch(*state_epoch)
                    .with_leader_epoch(leader_epoch.0)
                    .with_start_offset(start.0)
                    .with_state_batches(batches.iter().map(written_batch).collect());
                let data = write::WriteStateData::default()
                    .with_topic_id(topic)
                    .with_partitions(vec![part]);
                let request = kafka::WriteShareGroupStateRequest::default();
                request.with_group_id(group).with_topics(vec![data]).into()
            }
            Operation::Delete => {
                let part = delete::PartitionData::default().with_partition(partition);
                let data = delete::DeleteStateData::default()
                    .with_topic_id(topic)
                    .with_partitions(vec![part]);
                let request = kafka::DeleteShareGroupStateRequest::default();
                request.with_group_id(group).with_topics(vec![data]).into()
            }
        }
    }
}

fn written_batch(batch: &StateBatch) -> write::StateBatch {
    write::StateBatch::default()
        .with_first_offset(batch.first.0)
        .with_last_offset(batch.last.0)
        .with_delivery_state(batch.state.id())
        .with_delivery_count(batch.delivery_count)
}

/// What a response says of the one share partition that it is about.
fn read_answer(response: &Response) -> Answered {
    /// The one partition of a response.
    macro_rules! part {
        ($body:expr) => {{
            let result = $body.results.first();
            let part = result.and_then(|result| result.partitions.first());
            let part = part.ok_or(ResponseError::UnknownServerError)?;
            match ResponseError::try_from_code(part.error_code) {
                Some(error) => return Err(error),
                None => part,
            }
        }};
    }
    match response {
        Response::InitializeShareGroupState(body) => {
            part!(body);
            Ok(None)
        }
        Response::WriteShareGroupState(body) => {
            part!(body);
            Ok(None)
        }
        Response::DeleteShareGroupState(body) => {
            part!(body);
            Ok(None)
        }
        Response::ReadShareGroupState(body) => {
            let part = part!(body);
            let batches = part.state_batches.iter().filter_map(|batch| {
                Some(StateBatch {
                    first: Offset(batch.first_offset),
                    last: Offset(batch.last_offset),
                    state: RecordState::from_id(batch.delivery_state)?,
                    delivery_count: batch.delivery_count,
                })
            });
            Ok(Some(ShareState {
                snapshot_epoch: 0,
                state_epoch: part.state_epoch,
                leader_epoch: LeaderEpoch(0),
                start: Offset(part.start_offset),
                batches: batches.collect(),
            }))
        }
        Response::ReadShareGroupStateSummary(body) => {
            let part = part!(body);
            Ok(Some(ShareState {
                snapshot_epoch: 0,
                state_epoch: part.state_epoch,
                leader_epoch: LeaderEpoch(part.leader_epoch),
                start: Offset(part.start_offset),
                batches: Vec::new(),
            }))
        }
        other => unreachable!("no share coordinator answers {:?}", other.api_key()),
    }
}

/// What a member is told when the state could not be read or written down (`fetchPersisterError`).
pub(super) fn persister_error(error: ResponseError) -> ResponseError {
    match error {
        ResponseError::NetworkException
        | ResponseError::NotCoordinator
        | ResponseError::CoordinatorLoadInProgress => ResponseError::CoordinatorNotAvailable,
        ResponseError::FencedLeaderEpoch => ResponseError::NotLeaderOrFollower,
        other => other,
    }
}
