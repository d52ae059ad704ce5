//! Fetches and acknowledgements of share consumers that are not answered yet: they wait for records, or for
//! what they said to be written down.

use std::collections::{BTreeMap, BTreeSet};

use kafka_protocol::ResponseError;

use crate::broker::Broker;
use crate::broker::share::{ShareName, answers};
use crate::ctx::Ctx;
use crate::ids::{NodeId, TimerId, TopicPartition};
use crate::input::ReplyTo;
use crate::share::partition::WriteId;
use crate::share::session::{PartitionId, SessionKey};

/// A request that is not answered yet.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) reply: ReplyTo,
    pub(super) session: SessionKey,
    /// What came of the acknowledgements that it carried.
    pub(super) said: BTreeMap<PartitionId, Option<ResponseError>>,
    /// Writes that are under way for these.
    pub(super) writes: BTreeMap<WriteId, (ShareName, PartitionId)>,
    /// What else it wants, if it is a fetch.
    pub(super) fetch: Option<Fetch>,
}

/// What a fetch wants, and has got.
#[derive(Clone, Debug)]
pub(super) struct Fetch {
    pub(super) targets: Vec<PartitionId>,
    pub(super) min_bytes: usize,
    pub(super) max_bytes: usize,
    pub(super) max_records: i64,
    /// None while it waits.
    pub(super) found: Option<Vec<(PartitionId, answers::Found)>>,
    pub(super) timer: Option<TimerId>,
}

impl Waiting {
    fn is_complete(&self) -> bool {
        self.writes.is_empty() && self.fetch.as_ref().is_none_or(|fetch| fetch.found.is_some())
    }
}

impl Broker {
    /// Answers a request if nothing is missing any more.
    pub(super) fn answer_share_if_complete(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        let Some(waiting) = self.process.shares.waiting.get(&id) else { return };
        if !waiting.is_complete() {
            return;
        }
        let waiting = self.process.shares.waiting.remove(&id).expect("it was just there");
        if let Some(timer) = waiting.fetch.as_ref().and_then(|fetch| fetch.timer) {
            ctx.cancel_timer(timer);
        }
        match &waiting.fetch {
            Some(fetch) => {
                let lock = self.share_settings(&waiting.session.0).lock_duration;
                let found = fetch.found.as_deref().unwrap_or_default();
                let response =
                    answers::fetched(found, &waiting.said, lock, &|id| self.current_leader(id));
                let response = self.throttle_share_fetch(ctx, waiting.reply, response);
                ctx.respond(waiting.reply, response);
            }
            None => {
                let response = answers::acknowledged(&waiting.said, &|id| self.current_leader(id));
                ctx.respond(waiting.reply, response);
            }
        }
    }

    /// A write is done, or failed: what was said in the request counts, or does not.
    pub(super) fn share_write_ended(
        &mut self,
        ctx: &mut Ctx<'_>,
        write: WriteId,
        error: Option<ResponseError>,
    ) {
        let waiting = &mut self.process.shares.waiting;
        let found = waiting.iter_mut().find_map(|(id, waiting)| {
            let (_, partition) = waiting.writes.remove(&write)?;
            waiting.said.insert(partition, error);
            Some(*id)
        });
        if let Some(id) = found {
            self.answer_share_if_complete(ctx, id);
        }
    }

    /// A share partition is gone: nothing that was said of it will count.
    pub(super) fn forget_share_writes(
        &mut self,
        ctx: &mut Ctx<'_>,
        name: &ShareName,
        error: ResponseError,
    ) {
        let of_it: BTreeSet<WriteId> = self
            .process
            .shares
            .waiting
            .values()
            .flat_map(|waiting| &waiting.writes)
            .filter(|(_, (own, _))| own == name)
            .map(|(write, _)| *write)
            .collect();
        for write in of_it {
            self.share_write_ended(ctx, write, Some(error));
        }
    }

    /// Something happened to a partition: fetches that wait for it may be answered.
    pub(in crate::broker) fn share_changed(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
    ) {
        let Some(topic) = self.process.image.topics.get(&partition.topic).map(|topic| topic.id)
        else {
            return;
        };
        let id = (topic, partition.partition.0);
        let waits = |waiting: &Waiting| {
            waiting
                .fetch
                .as_ref()
                .is_some_and(|fetch| fetch.found.is_none() && fetch.targets.contains(&id))
        };
        let all = self.process.shares.waiting.iter();
        let waiting: Vec<u64> =
            all.filter(|(_, waiting)| waits(waiting)).map(|(id, _)| *id).collect();
        for id in waiting {
            self.try_share_fetch(ctx, id, false);
        }
    }

    /// A client is gone: nobody waits for these answers any more.
    pub(super) fn forget_share_requests(&mut self, ctx: &mut Ctx<'_>, client: NodeId) {
        let all = self.process.shares.waiting.iter();
        let own: Vec<u64> =
            all.filter(|(_, waiting)| waiting.reply.node == client).map(|(id, _)| *id).collect();
        for id in own {
            let waiting = self.process.shares.waiting.remove(&id).expect("it was just there");
            if let Some(timer) = waiting.fetch.and_then(|fetch| fetch.timer) {
                ctx.cancel_timer(timer);
            }
        }
    }

    /// The leader of a partition and its epoch, as far as this broker knows.
    fn current_leader(&self, (topic, index): PartitionId) -> Option<(i32, i32)> {
        let (name, _) = self.process.image.topic_by_id(topic)?;
        let partition = TopicPartition::new(name, index);
        let registered = self.process.image.partition(&partition)?;
        Some((registered.leader.map_or(-1, |leader| leader.0), registered.leader_epoch.0))
    }
}
