//! A leader asks the transaction's coordinator before it appends for a transaction: with transaction
//! version 1, whether the partition is part of it; with version 2, to make it part of it (KIP-890,
//! Kafka's `AddPartitionsToTxnManager`).

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use highwater_log::{ProducerEpoch, ProducerId, TransactionVersion, split_batches};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::add_partitions_to_txn_request::{
    AddPartitionsToTxnTopic, AddPartitionsToTxnTransaction,
};

use crate::broker::internal_log::InternalTopic;
use crate::broker::{Broker, Sent};
use crate::client::names;
use crate::ctx::Ctx;
use crate::ids::{NodeId, TopicName, TopicPartition};
use crate::input::ReplyTo;
use crate::message::Request;
use crate::time::Time;
use crate::timer::Timer;
use crate::transaction::client_version;

/// What waits for a coordinator.
#[derive(Clone, Debug, Default)]
pub(super) struct Verifications {
    next: u64,
    pending: BTreeMap<u64, Verification>,
    /// Produce requests that came behind one that waits. A connection's requests are handled one by one.
    behind: BTreeMap<NodeId, VecDeque<(ReplyTo, Arc<kafka::ProduceRequest>)>>,
    /// The producers that a partition is being verified for. A marker takes its producer out: what was
    /// verified before it counts no longer.
    guards: BTreeMap<(TopicPartition, ProducerId), u64>,
}

/// One that waits.
#[derive(Clone, Debug)]
struct Verification {
    appends: Appends,
    version: TransactionVersion,
    asked: AddPartitionsToTxnTransaction,
    producer_id: ProducerId,
    /// How long the coordinator is asked again while it is busy with the transaction before.
    until: Time,
}

/// What is done once the coordinator has answered.
#[derive(Clone, Debug)]
enum Appends {
    Records(ReplyTo, Arc<kafka::ProduceRequest>),
    Offsets(ReplyTo, Arc<kafka::TxnOffsetCommitRequest>),
}

/// The partitions that may not be written to, with the reason.
pub(super) type Refused = BTreeMap<TopicPartition, ResponseError>;

/// The producer of a transaction, and the partitions that it wants to write to.
struct Wanted {
    producer_id: ProducerId,
    epoch: ProducerEpoch,
    partitions: Vec<TopicPartition>,
}

impl Broker {
    /// Lets a produce request wait until its transaction is verified, if it has to.
    pub(super) fn produce_when_verified(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &Arc<kafka::ProduceRequest>,
    ) {
        if let Some(queue) = self.process.verifications.behind.get_mut(&from.node) {
            return queue.push_back((from, request.clone()));
        }
        let wanted = match self.unverified(request) {
            Ok(wanted) => wanted,
            Err(error) => return self.refuse_produce(ctx, from, request, error),
        };
        let id = request.transactional_id.as_ref().map_or("", |id| id.as_str());
        let version = client_version(ctx, &request.unknown_tagged_fields);
        // Whoever relies on the leader to add the partition must be heard in any case.
        let is_checked = self.config.transaction_partition_verification || adds(version);
        let Some(wanted) = wanted.filter(|_| is_checked) else {
            return self.append_produced(ctx, from, request, &Refused::new());
        };
        self.process.verifications.behind.insert(from.node, VecDeque::new());
        let appends = Appends::Records(from, request.clone());
        self.verify(ctx, id, wanted, version, appends);
    }

    /// Lets a commit of offsets wait until its transaction is verified.
    pub(super) fn commit_when_verified(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &Arc<kafka::TxnOffsetCommitRequest>,
    ) {
        let version = client_version(ctx, &request.unknown_tagged_fields);
        let topic = InternalTopic::Offsets;
        let index = self.internal_partition_for(topic, &request.group_id);
        let is_checked = self.config.transaction_partition_verification || adds(version);
        let wanted = Wanted {
            producer_id: ProducerId(request.producer_id.0),
            epoch: ProducerEpoch(request.producer_epoch),
            partitions: vec![topic.partition(index)],
        };
        if !is_checked || !self.leads_internal(topic, index) || self.is_open(&wanted) {
            let request = Request::TxnOffsetCommit(request.clone());
            return self.on_group_request(ctx, from, &request);
        }
        let appends = Appends::Offsets(from, request.clone());
        self.verify(ctx, &request.transactional_id, wanted, version, appends);
    }

    /// A coordinator has answered, or not.
    pub(super) fn verification_answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: u64,
        response: Option<&kafka::AddPartitionsToTxnResponse>,
    ) {
        let Some(verification) = self.process.verifications.pending.get(&id) else { return };
        let refused = match response {
            None => verification.refuse_all(ResponseError::NetworkException),
            Some(body) => match ResponseError::try_from_code(body.error_code) {
                Some(error) => verification.refuse_all(error),
                None => refused_in(body),
            },
        };
        let is_busy = refused.values().any(|error| *error == ResponseError::ConcurrentTransactions);
        if is_busy && adds(verification.version) && ctx.now() < verification.until {
            let backoff = self.config.add_partitions_retry_backoff;
            ctx.set_timer(backoff, Timer::AddPartitionsToTxn(id));
            return;
        }
        self.verified(ctx, id, refused);
    }

    /// Asks the coordinator of a transaction, again if it was busy.
    pub(super) fn ask_coordinator(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        let Some(verification) = self.process.verifications.pending.get(&id) else { return };
        let transactional_id = &verification.asked.transactional_id;
        let coordinator = self.coordinator_of(InternalTopic::Transactions, transactional_id);
        let Some(coordinator) = coordinator else {
            let refused = verification.refuse_all(ResponseError::CoordinatorNotAvailable);
            return self.verified(ctx, id, refused);
        };
        let request = kafka::AddPartitionsToTxnRequest::default()
            .with_transactions(vec![verification.asked.clone()]);
        let timeout = self.config.request_timeout;
        let sent = ctx.send(NodeId::Broker(coordinator), request, timeout);
        self.process.requests.insert(sent, Sent::AddPartitionsToTxn(id));
    }

    /// A transaction has ended in a partition: what was verified for its producer counts no longer.
    pub(super) fn forget_verified(&mut self, partition: &TopicPartition, producer: ProducerId) {
        self.process.verifications.guards.remove(&(partition.clone(), producer));
    }

    fn verify(
        &mut self,
        ctx: &mut Ctx<'_>,
        transactional_id: &str,
        wanted: Wanted,
        version: TransactionVersion,
        appends: Appends,
    ) {
        let verifications = &mut self.process.verifications;
        verifications.next += 1;
        let id = verifications.next;
        let producer_id = wanted.producer_id;
        for partition in &wanted.partitions {
            verifications.guards.insert((partition.clone(), producer_id), id);
        }
        let asked = AddPartitionsToTxnTransaction::default()
            .with_transactional_id(kafka::TransactionalId(transactional_id.to_owned().into()))
            .with_producer_id(kafka::ProducerId(producer_id.0))
            .with_producer_epoch(wanted.epoch.0)
            .with_verify_only(!adds(version))
            .with_topics(by_topic(&wanted.partitions));
        let until = ctx.now() + self.config.add_partitions_retry_backoff_max;
        let verification = Verification { appends, version, asked, producer_id, until };
        verifications.pending.insert(id, verification);
        self.ask_coordinator(ctx, id);
    }

    /// What waited is appended, but for what the coordinator refused.
    fn verified(&mut self, ctx: &mut Ctx<'_>, id: u64, mut refused: Refused) {
        let Some(verification) = self.process.verifications.pending.remove(&id) else { return };
        let Verification { appends, version, producer_id, .. } = &verification;
        for partition in verification.partitions() {
            let guard = (partition.clone(), *producer_id);
            if self.process.verifications.guards.get(&guard) == Some(&id) {
                self.process.verifications.guards.remove(&guard);
            } else {
                refused.entry(partition).or_insert(ResponseError::InvalidTxnState);
            }
        }
        match appends {
            Appends::Records(from, request) => {
                for error in refused.values_mut() {
                    *error = for_producer(*error, *version);
                }
                self.append_produced(ctx, *from, request, &refused);
                self.produce_behind(ctx, from.node);
            }
            Appends::Offsets(from, request) => {
                let request = Request::TxnOffsetCommit(request.clone());
                match refused.values().next() {
                    None => self.on_group_request(ctx, *from, &request),
                    Some(error) => {
                        let error = for_committer(*error);
                        ctx.respond(*from, crate::group::refusal(&request, error));
                    }
                }
            }
        }
    }

    /// Handles what came behind a produce request that waited.
    fn produce_behind(&mut self, ctx: &mut Ctx<'_>, client: NodeId) {
        let queue = self.process.verifications.behind.remove(&client).unwrap_or_default();
        for (from, request) in queue {
            // If one of them has to wait, the rest queues up behind it again.
            self.produce_when_verified(ctx, from, &request);
        }
    }

    /// The partitions of a produce request in which its transaction is not open yet.
    fn unverified(&self, request: &kafka::ProduceRequest) -> Result<Option<Wanted>, ResponseError> {
        let mut wanted: Option<Wanted> = None;
        for topic in &request.topic_data {
            let name = TopicName::from(&**topic.name);
            for data in &topic.partition_data {
                let records = data.records.clone().unwrap_or_default();
                let (batches, _) = split_batches(records);
                let header = batches.first().map(highwater_log::Batch::header);
                let Some(header) = header.filter(|header| header.is_transactional) else {
                    continue;
                };
                let (producer_id, epoch) = (header.producer_id, header.producer_epoch);
                let wanted = wanted.get_or_insert_with(|| Wanted {
                    producer_id,
                    epoch,
                    partitions: Vec::new(),
                });
                if wanted.producer_id != producer_id {
                    return Err(ResponseError::InvalidProducerIdMapping);
                }
                wanted.partitions.push(TopicPartition::new(&name, data.index));
            }
        }
        if wanted.is_some() && request.transactional_id.is_none() {
            return Err(ResponseError::TransactionalIdAuthorizationFailed);
        }
        Ok(wanted.and_then(|mut wanted| {
            let (id, epoch) = (wanted.producer_id, wanted.epoch);
            wanted.partitions.retain(|partition| !self.has_open(partition, id, epoch));
            (!wanted.partitions.is_empty()).then_some(wanted)
        }))
    }

    fn is_open(&self, wanted: &Wanted) -> bool {
        let mut partitions = wanted.partitions.iter();
        partitions.all(|partition| self.has_open(partition, wanted.producer_id, wanted.epoch))
    }

    /// Whether a producer's transaction has begun in a partition already.
    fn has_open(&self, partition: &TopicPartition, id: ProducerId, epoch: ProducerEpoch) -> bool {
        let replica = self.replicas.get(partition);
        let entry = replica.and_then(|replica| replica.log.producer_state().entry(id));
        entry.is_some_and(|entry| {
            entry.current_txn_first_offset.is_some() && entry.producer_epoch == epoch
        })
    }
}

impl Verification {
    fn partitions(&self) -> Vec<TopicPartition> {
        let topics = self.asked.topics.iter();
        topics
            .flat_map(|topic| {
                let name = names::from_kafka(&topic.name);
                topic.partitions.iter().map(move |index| TopicPartition::new(&name, *index))
            })
            .collect()
    }

    fn refuse_all(&self, error: ResponseError) -> Refused {
        self.partitions().into_iter().map(|partition| (partition, error)).collect()
    }
}

/// Whether a leader adds partitions to a transaction, rather than ask whether they are part of it.
fn adds(version: TransactionVersion) -> bool {
    version >= TransactionVersion(2)
}

fn by_topic(partitions: &[TopicPartition]) -> Vec<AddPartitionsToTxnTopic> {
    let mut topics: BTreeMap<&TopicName, Vec<i32>> = BTreeMap::new();
    for partition in partitions {
        topics.entry(&partition.topic).or_default().push(partition.partition.0);
    }
    let topics = topics.into_iter().map(|(topic, indexes)| {
        AddPartitionsToTxnTopic::default()
            .with_name(names::to_kafka(topic))
            .with_partitions(indexes)
    });
    topics.collect()
}

fn refused_in(body: &kafka::AddPartitionsToTxnResponse) -> Refused {
    let topics = body.results_by_transaction.iter().flat_map(|result| &result.topic_results);
    topics
        .flat_map(|topic| {
            let name = names::from_kafka(&topic.name);
            topic.results_by_partition.iter().filter_map(move |result| {
                let error = ResponseError::try_from_code(result.partition_error_code)?;
                Some((TopicPartition::new(&name, result.partition_index), error))
            })
        })
        .collect()
}

/// What a producer is told. It knows how to try again after some errors only.
fn for_producer(error: ResponseError, version: TransactionVersion) -> ResponseError {
    match error {
        ResponseError::ProducerFenced => ResponseError::InvalidProducerEpoch,
        ResponseError::CoordinatorLoadInProgress
        | ResponseError::CoordinatorNotAvailable
        | ResponseError::NotCoordinator
        | ResponseError::NetworkException => ResponseError::NotEnoughReplicas,
        ResponseError::ConcurrentTransactions if !adds(version) => ResponseError::NotEnoughReplicas,
        other => other,
    }
}

/// What a producer is told that commits offsets: the coordinator of the transaction is not the one
/// that it asked.
fn for_committer(error: ResponseError) -> ResponseError {
    match error {
        ResponseError::ProducerFenced => ResponseError::InvalidProducerEpoch,
        ResponseError::CoordinatorNotAvailable
        | ResponseError::NotCoordinator
        | ResponseError::NetworkException => ResponseError::CoordinatorLoadInProgress,
        other => other,
    }
}
