//! What share consumers say of the records that they have: with a fetch, or by ShareAcknowledge.

use std::collections::BTreeMap;

use highwater_log::Offset;
use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;

use crate::broker::Broker;
use crate::broker::share::locks::is_fatal;
use crate::broker::share::persister::{Then, persister_error};
use crate::broker::share::waiting::Waiting;
use crate::broker::share::{ShareName, sessions};
use crate::bugs::Bug;
use crate::ctx::Ctx;
use crate::ids::{TopicId, TopicPartition};
use crate::input::ReplyTo;
use crate::share::AcknowledgeType;
use crate::share::partition::{Acknowledgement, Archiving, Settled, WriteId};
use crate::share::session::{FINAL_EPOCH, INITIAL_EPOCH, PartitionId};

/// What was said, by partition; none of a partition of which nonsense was said.
pub(super) struct Said(BTreeMap<PartitionId, Option<Vec<Acknowledgement>>>);

impl Said {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn of_fetch(body: &kafka::ShareFetchRequest) -> Self {
        let parts = body.topics.iter().flat_map(|topic| {
            topic.partitions.iter().map(|part| {
                let batches = part.acknowledgement_batches.iter().map(|batch| {
                    (batch.first_offset, batch.last_offset, batch.acknowledge_types.as_slice())
                });
                ((TopicId(topic.topic_id.as_u128()), part.partition_index), read(batches))
            })
        });
        Self(parts.filter(|(_, said)| said.as_ref().is_none_or(|said| !said.is_empty())).collect())
    }

    fn of_acknowledge(body: &kafka::ShareAcknowledgeRequest) -> Self {
        let parts = body.topics.iter().flat_map(|topic| {
            topic.partitions.iter().map(|part| {
                let batches = part.acknowledgement_batches.iter().map(|batch| {
                    (batch.first_offset, batch.last_offset, batch.acknowledge_types.as_slice())
                });
                ((TopicId(topic.topic_id.as_u128()), part.partition_index), read(batches))
            })
        });
        Self(parts.collect())
    }
}

/// One type for the whole batch, or one for each of its offsets. None if it is neither.
fn read<'a>(batches: impl Iterator<Item = (i64, i64, &'a [i8])>) -> Option<Vec<Acknowledgement>> {
    let mut said: Vec<Acknowledgement> = Vec::new();
    for (first, last, types) in batches {
        let count = last.checked_sub(first)?.checked_add(1)?;
        if count <= 0 || said.last().is_some_and(|before| before.last.0 >= first) {
            return None;
        }
        if let [one] = types {
            let kind = AcknowledgeType::from_id(*one)?;
            said.push(Acknowledgement { first: Offset(first), last: Offset(last), kind });
            continue;
        }
        if i64::try_from(types.len()) != Ok(count) {
            return None;
        }
        for (offset, kind) in (first..=last).zip(types) {
            let (offset, kind) = (Offset(offset), AcknowledgeType::from_id(*kind)?);
            match said.last_mut() {
                Some(before) if before.kind == kind && before.last.next() == offset => {
                    before.last = offset;
                }
                _ => said.push(Acknowledgement { first: offset, last: offset, kind }),
            }
        }
    }
    Some(said)
}

impl Broker {
    pub(in crate::broker) fn on_share_acknowledge(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        body: &kafka::ShareAcknowledgeRequest,
    ) {
        let session = sessions::key(body.group_id.as_ref(), body.member_id.as_ref());
        let epoch = body.share_session_epoch;
        let known = match epoch {
            // A session begins with a fetch.
            INITIAL_EPOCH => Err(ResponseError::InvalidShareSessionEpoch),
            epoch => self.process.shares.sessions.advance(&session, epoch).map(|_| ()),
        };
        if let Err(error) = known {
            let refused = kafka::ShareAcknowledgeResponse::default().with_error_code(error.code());
            return ctx.respond(from, refused);
        }
        let id = self.process.shares.next_id();
        let waiting = Waiting {
            reply: from,
            session: session.clone(),
            said: BTreeMap::new(),
            writes: BTreeMap::new(),
            fetch: None,
        };
        self.process.shares.waiting.insert(id, waiting);
        self.take_over_said(ctx, id, &Said::of_acknowledge(body));
        if epoch == FINAL_EPOCH {
            self.end_share_session(ctx, &session);
        }
        self.answer_share_if_complete(ctx, id);
    }

    /// Takes over what a request says of records. It counts once it is written down.
    pub(super) fn take_over_said(&mut self, ctx: &mut Ctx<'_>, id: u64, said: &Said) {
        for (target, said) in &said.0 {
            let outcome = match said {
                Some(said) => self.take_over(ctx, id, *target, said),
                None => Err(ResponseError::InvalidRequest),
            };
            if let Some(waiting) = self.process.shares.waiting.get_mut(&id) {
                waiting.said.insert(*target, outcome.err());
            }
        }
    }

    fn take_over(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: u64,
        (topic, index): PartitionId,
        said: &[Acknowledgement],
    ) -> Result<(), ResponseError> {
        let (group, member) = self.process.shares.waiting[&id].session.clone();
        let named = self.process.image.topic_by_id(topic);
        let (topic_name, _) = named.ok_or(ResponseError::UnknownTopicOrPartition)?;
        let name = (group, TopicPartition::new(topic_name, index));
        self.check_leader_epoch(&name.1, -1)?;
        let limits = self.share_limits(ctx, &name.0);
        let write = WriteId(self.process.shares.next_id());
        let taken = self
            .with_share(ctx, &name, |it| it.acknowledge(&member, said, limits, write))
            // Nothing was handed out by this leader: what an earlier one handed out is anybody's.
            .unwrap_or(Err(crate::share::partition::InvalidRecordState));
        let batches = taken.map_err(|_| ResponseError::InvalidRecordState)?;
        self.renew_locks(ctx, &name, said);
        if batches.is_empty() {
            return Ok(());
        }
        if let Some(waiting) = self.process.shares.waiting.get_mut(&id) {
            waiting.writes.insert(write, (name.clone(), (topic, index)));
        }
        self.write_share(ctx, &name, write, batches, Then::Settle(name.clone(), write));
        Ok(())
    }

    fn renew_locks(&mut self, ctx: &mut Ctx<'_>, name: &ShareName, said: &[Acknowledgement]) {
        for one in said.iter().filter(|one| one.kind == AcknowledgeType::Renew) {
            let lock = self.new_lock();
            self.settle_share(ctx, name, |partition| ((), partition.renew(one, lock)));
            self.watch_lock(ctx, name, lock);
        }
    }

    /// What was said of records is written down, or could not be.
    pub(super) fn share_written(
        &mut self,
        ctx: &mut Ctx<'_>,
        name: &ShareName,
        write: WriteId,
        error: Option<ResponseError>,
    ) {
        match error {
            None => {
                let settled = self.settle_share(ctx, name, |partition| {
                    let settled = partition.written(write);
                    (settled.clone(), settled)
                });
                let settled = settled.unwrap_or_default();
                let mut archiving: Vec<Archiving> =
                    settled.iter().filter_map(Settled::archiving).collect();
                if ctx.has_bug(Bug::DeadLettersAcknowledged) {
                    archiving.extend(settled.iter().map(Settled::as_rejected));
                }
                self.begin_dead_letters(ctx, name, &archiving);
            }
            Some(error) => {
                let expired = self.with_share(ctx, name, |it| it.write_failed(write));
                for lock in expired.unwrap_or_default() {
                    self.expire_lock(ctx, name, lock);
                }
                if is_fatal(error) {
                    self.drop_share(ctx, name);
                }
            }
        }
        self.share_write_ended(ctx, write, error.map(persister_error));
        self.forget_idle_shares(ctx, &name.0);
        self.share_changed(ctx, &name.1);
    }
}
