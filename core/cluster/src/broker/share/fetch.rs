//! ShareFetch: a member says what became of the records that it has, and gets others, locked for it alone.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use highwater_log::{Batch, Log, Offset, split_batches};
use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;

use crate::broker::Broker;
use crate::broker::share::acknowledge::Said;
use crate::broker::share::answers::Found;
use crate::broker::share::persister::Then;
use crate::broker::share::waiting::{Fetch, Waiting};
use crate::broker::share::{ShareName, sessions};
use crate::bugs::Bug;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{GroupId, TopicId, TopicPartition};
use crate::input::ReplyTo;
use crate::share::event::ShareEvent;
use crate::share::partition::{Acquired, LockId, Owner, Wanted, WriteId};
use crate::share::session::{FINAL_EPOCH, INITIAL_EPOCH, PartitionId, SessionKey};
use crate::time::Span;
use crate::timer::Timer;

impl Broker {
    pub(in crate::broker) fn on_share_fetch(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        body: &kafka::ShareFetchRequest,
    ) {
        let session = sessions::key(body.group_id.as_ref(), body.member_id.as_ref());
        let said = Said::of_fetch(body);
        let targets = match self.check_share_fetch(&session, from, body, &said) {
            Ok(targets) => targets,
            Err(error) => {
                let refused = kafka::ShareFetchResponse::default().with_error_code(error.code());
                return ctx.respond(from, refused);
            }
        };
        let max_bytes = usize::try_from(body.max_bytes).unwrap_or(0);
        let max_bytes = max_bytes.min(self.most_in_quota_window(ctx, from.node));
        let fetch = Fetch {
            targets,
            min_bytes: usize::try_from(body.min_bytes).unwrap_or(0).min(max_bytes),
            max_bytes,
            max_records: i64::from(body.max_records),
            found: None,
            timer: None,
        };
        let id = self.process.shares.next_id();
        let waiting = Waiting {
            reply: from,
            session: session.clone(),
            said: BTreeMap::new(),
            writes: BTreeMap::new(),
            fetch: Some(fetch),
        };
        self.process.shares.waiting.insert(id, waiting);
        self.take_over_said(ctx, id, &said);
        if body.share_session_epoch == FINAL_EPOCH {
            self.end_share_session(ctx, &session);
            return self.finish_share_fetch(ctx, id, Vec::new());
        }
        let is_patient = body.max_wait_ms > 0;
        if is_patient {
            let span = Span::from_millis(body.max_wait_ms.into());
            let timer = ctx.set_timer(span, Timer::DelayedShareFetch(id));
            if let Some(fetch) = self.share_fetch(id) {
                fetch.timer = Some(timer);
            }
        }
        self.try_share_fetch(ctx, id, !is_patient);
    }

    pub(in crate::broker) fn delayed_share_fetch_expired(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        if let Some(fetch) = self.share_fetch(id) {
            fetch.timer = None;
            self.try_share_fetch(ctx, id, true);
        }
    }

    /// Hands out what there is, if it is enough or the time is over.
    pub(super) fn try_share_fetch(&mut self, ctx: &mut Ctx<'_>, id: u64, is_over: bool) {
        let Some(fetch) = self.share_fetch(id).filter(|fetch| fetch.found.is_none()) else {
            return;
        };
        let fetch = fetch.clone();
        let waiting = &self.process.shares.waiting[&id];
        let (group, member) = waiting.session.clone();
        let owner = Owner { member, client: waiting.reply.node };
        let places = self.share_places(ctx, &group, &fetch.targets);
        let is_urgent = places.iter().any(|(_, place)| place.is_err());
        let ready = places.iter().filter_map(|(_, place)| place.as_ref().ok()?.as_ref());
        let bytes: usize = ready.map(|ready| ready.bytes).sum();
        if !is_over && !is_urgent && (bytes == 0 || bytes < fetch.min_bytes) {
            return;
        }
        let mut found = Vec::new();
        let mut room = Room { records: fetch.max_records, bytes: fetch.max_bytes };
        for (target, place) in places {
            match place {
                Err(error) => found.push((target, Found::Error(error))),
                Ok(Some(ready)) if room.records > 0 && room.bytes > 0 => {
                    let (bytes, acquired) = self.hand_out(ctx, &ready, &owner, room);
                    room.records -=
                        acquired.iter().map(|it| it.last.0 - it.first.0 + 1).sum::<i64>();
                    room.bytes = room.bytes.saturating_sub(bytes.len());
                    if !acquired.is_empty() {
                        found.push((target, Found::Records(bytes, acquired)));
                    }
                }
                Ok(_) => {}
            }
        }
        self.finish_share_fetch(ctx, id, found);
    }

    /// A share partition could not be taken up: whoever fetches from it is told.
    pub(super) fn share_failed(
        &mut self,
        ctx: &mut Ctx<'_>,
        name: &ShareName,
        error: ResponseError,
    ) {
        let Some(topic) = self.process.image.topics.get(&name.1.topic).map(|topic| topic.id) else {
            return;
        };
        let target = (topic, name.1.partition.0);
        let waits = |waiting: &Waiting| {
            let fetch = waiting.fetch.as_ref();
            waiting.session.0 == name.0
                && fetch.is_some_and(|it| it.found.is_none() && it.targets.contains(&target))
        };
        let all = self.process.shares.waiting.iter();
        let waiting: Vec<u64> =
            all.filter(|(_, waiting)| waits(waiting)).map(|(id, _)| *id).collect();
        for id in waiting {
            self.finish_share_fetch(ctx, id, vec![(target, Found::Error(error))]);
        }
    }

    fn share_fetch(&mut self, id: u64) -> Option<&mut Fetch> {
        self.process.shares.waiting.get_mut(&id)?.fetch.as_mut()
    }

    fn finish_share_fetch(&mut self, ctx: &mut Ctx<'_>, id: u64, found: Vec<(PartitionId, Found)>) {
        if let Some(fetch) = self.share_fetch(id) {
            fetch.found = Some(found);
        }
        self.answer_share_if_complete(ctx, id);
    }

    /// What the session fetches from.
    fn check_share_fetch(
        &mut self,
        session: &SessionKey,
        from: ReplyTo,
        body: &kafka::ShareFetchRequest,
        said: &Said,
    ) -> Result<Vec<PartitionId>, ResponseError> {
        if session.0.as_str().is_empty() || session.1.as_str().is_empty() {
            return Err(ResponseError::InvalidRequest);
        }
        let epoch = body.share_session_epoch;
        if epoch == INITIAL_EPOCH && !said.is_empty() {
            // Who has no session yet has no records either.
            return Err(ResponseError::InvalidRequest);
        }
        if epoch == FINAL_EPOCH {
            return self.process.shares.sessions.advance(session, epoch).map(|_| Vec::new());
        }
        let id = |topic: uuid::Uuid| TopicId(topic.as_u128());
        let added: Vec<PartitionId> = body
            .topics
            .iter()
            .flat_map(|topic| {
                let parts = topic.partitions.iter();
                parts.map(move |part| (id(topic.topic_id), part.partition_index))
            })
            .collect();
        let forgotten: Vec<PartitionId> = body
            .forgotten_topics_data
            .iter()
            .flat_map(|topic| topic.partitions.iter().map(move |part| (id(topic.topic_id), *part)))
            .collect();
        let most = usize::try_from(self.config.group_share_max_share_sessions).unwrap_or(0);
        let sessions = &mut self.process.shares.sessions;
        sessions.fetch(session, from.node, epoch, (&added, &forgotten), most)
    }

    /// Where records may be handed out, by target: none where there are none now, and the error of what cannot
    /// be read. Share partitions that nobody has fetched from are taken up.
    fn share_places(
        &mut self,
        ctx: &mut Ctx<'_>,
        group: &GroupId,
        targets: &[PartitionId],
    ) -> Vec<(PartitionId, Result<Option<Ready>, ResponseError>)> {
        targets.iter().map(|target| (*target, self.share_place(ctx, group, *target))).collect()
    }

    fn share_place(
        &mut self,
        ctx: &mut Ctx<'_>,
        group: &GroupId,
        (topic, index): PartitionId,
    ) -> Result<Option<Ready>, ResponseError> {
        let named = self.process.image.topic_by_id(topic);
        let (topic, _) = named.ok_or(ResponseError::UnknownTopicOrPartition)?;
        let name = (group.clone(), TopicPartition::new(topic, index));
        let log_start = self.check_leader_epoch(&name.1, -1)?.log.log_start_offset();
        if !self.process.shares.held.contains_key(&name) {
            self.begin_share(ctx, &name);
            return Ok(None);
        }
        self.with_share(ctx, &name, |partition| partition.log_start_moved(log_start));
        let settings = self.share_settings(group);
        let limits = self.share_limits(ctx, group);
        if ctx.has_bug(Bug::HandsOutTwice)
            && let Some(held) = self.process.shares.held.get_mut(&name)
            && let Some(partition) = &mut held.partition
        {
            partition.forget_holders();
        }
        let Some(partition) = self.process.shares.partition(&name) else { return Ok(None) };
        let Some(first) = partition.next_fetch_offset(limits) else { return Ok(None) };
        let log = self.log_for_shares(ctx, &name.1);
        let up_to = match settings.reads_committed {
            true => log.last_stable_offset(),
            false => log.high_watermark(),
        };
        let first = first.max(log.log_start_offset());
        let bytes = match log.read(first, 1, true, up_to) {
            Ok(bytes) => bytes.len(),
            Err(_) => 0,
        };
        Ok((bytes > 0).then_some(Ready { name, first, up_to, bytes }))
    }

    /// Hands out what may be handed out of a share partition, and locks it.
    fn hand_out(
        &mut self,
        ctx: &mut Ctx<'_>,
        ready: &Ready,
        owner: &Owner,
        room: Room,
    ) -> (Bytes, Vec<Acquired>) {
        let Ready { name, first, up_to, .. } = ready;
        let settings = self.share_settings(&name.0);
        let limits = self.share_limits(ctx, &name.0);
        let lock = self.new_lock();
        let log = self.log_for_shares(ctx, &name.1);
        let bytes = log.read(*first, room.bytes, true, *up_to).unwrap_or_default();
        let (batches, _) = split_batches(bytes);
        let aborted = if settings.reads_committed { aborted(&log, &batches) } else { Vec::new() };
        let wanted = Wanted { owner, lock, max_records: room.records, limits };
        let offsets: Vec<(Offset, Offset)> =
            batches.iter().map(|batch| (batch.base_offset(), batch.last_offset())).collect();
        let acquired = self.with_share(ctx, name, |partition| partition.acquire(offsets, &wanted));
        let mut acquired = acquired.unwrap_or_default();
        for (first, last) in aborted {
            self.archive_aborted(ctx, name, lock, (first, last));
            acquired = without(acquired, first, last);
        }
        for one in &acquired {
            let records = self.share_records(name, (one.first, one.last), one.delivery_count);
            let (member, client) = (owner.member.clone(), owner.client);
            ctx.emit(EventKind::Share(ShareEvent::Acquired { records, member, client }));
        }
        self.watch_lock(ctx, name, lock);
        (slice(&batches, &acquired), acquired)
    }

    /// What is handed out of: the log, and while the remote store answers, what is only there. It is not waited for.
    pub(super) fn log_for_shares(&self, ctx: &Ctx<'_>, partition: &TopicPartition) -> Cow<'_, Log> {
        let store = &ctx.world.remote_store;
        let whole = (!store.has_failed()).then(|| self.whole_log(partition, store)).flatten();
        whole.unwrap_or_else(|| Cow::Borrowed(&self.replicas[partition].log))
    }

    /// Records of an aborted transaction are nothing to be worked on.
    fn archive_aborted(
        &mut self,
        ctx: &mut Ctx<'_>,
        name: &ShareName,
        lock: LockId,
        (first, last): (Offset, Offset),
    ) {
        let write = WriteId(self.process.shares.next_id());
        let batches =
            self.with_share(ctx, name, |partition| partition.archive(first, last, lock, write));
        if let Some(batches) = batches.filter(|batches| !batches.is_empty()) {
            self.write_share(ctx, name, write, batches, Then::Settle(name.clone(), write));
        }
    }
}

/// How much a fetch may still bring.
#[derive(Clone, Copy)]
struct Room {
    records: i64,
    bytes: usize,
}

/// A place where records may be handed out.
struct Ready {
    name: ShareName,
    first: Offset,
    up_to: Offset,
    /// The bytes of the first batch there.
    bytes: usize,
}

/// The batches in which something was handed out, and those between.
fn slice(batches: &[Batch], acquired: &[Acquired]) -> Bytes {
    let (Some(first), Some(last)) = (acquired.first(), acquired.last()) else {
        return Bytes::new();
    };
    let within =
        |batch: &&Batch| batch.last_offset() >= first.first && batch.base_offset() <= last.last;
    let mut within = batches.iter().filter(within).peekable();
    let Some(one) = within.next() else { return Bytes::new() };
    if within.peek().is_none() {
        return one.bytes().clone();
    }
    let mut bytes = BytesMut::from(&one.bytes()[..]);
    within.for_each(|batch| bytes.extend_from_slice(batch.bytes()));
    bytes.freeze()
}

/// The offsets of batches that belong to aborted transactions.
fn aborted(log: &highwater_log::Log, batches: &[Batch]) -> Vec<(Offset, Offset)> {
    let (Some(first), Some(last)) = (batches.first(), batches.last()) else { return Vec::new() };
    let known = log.aborted_transactions(first.base_offset(), last.last_offset().next());
    let is_aborted = |batch: &&Batch| {
        let header = batch.header();
        header.is_transactional
            && !header.is_control
            && known.iter().any(|aborted| {
                aborted.producer_id == header.producer_id
                    && aborted.first_offset <= batch.base_offset()
                    && batch.last_offset() < aborted.last_offset
            })
    };
    let aborted = batches.iter().filter(is_aborted);
    aborted.map(|batch| (batch.base_offset(), batch.last_offset())).collect()
}

/// What was handed out but for some offsets.
fn without(acquired: Vec<Acquired>, first: Offset, last: Offset) -> Vec<Acquired> {
    let mut left = Vec::new();
    for one in acquired {
        if one.last < first || last < one.first {
            left.push(one);
            continue;
        }
        if one.first < first {
            left.push(Acquired { last: first - 1, ..one });
        }
        if one.last > last {
            left.push(Acquired { first: last.next(), ..one });
        }
    }
    left
}
