//! Dead-letter queues of share groups (KIP-1191): what the leader of a share partition gives up, it writes to the topic
//! that the group names, and archives it then. Kafka's `ShareGroupDLQStateManager`, of Kafka 4.4.
//!
//! What cannot be written is archived all the same: a record that nobody wants is not to hold up those behind it.

use std::collections::BTreeMap;

use highwater_log::{LeaderEpoch, Offset, Record};
use kafka_protocol::ResponseError;

use crate::broker::Broker;
use crate::broker::share::locks::{NO_WRITE, is_fatal};
use crate::broker::share::persister::{ATTEMPTS, BACKOFF, Then};
use crate::broker::share::{ShareName, SharePartition};
use crate::bugs::Bug;
use crate::configs::boolean;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{BrokerId, GroupId, TopicName, TopicPartition};
use crate::share::dead_letter::{DeadLetterFailure, Queue, destination};
use crate::share::event::ShareEvent;
use crate::share::partition::Archiving;
use crate::timer::Timer;

mod originals;
mod send;
mod topic;

use send::Sending;

/// What is on its way into dead-letter queues.
#[derive(Clone, Debug, Default)]
pub(super) struct DeadLetters {
    pending: BTreeMap<u64, Pending>,
    /// What waits for the leader of its queue to answer what was sent before.
    ready: BTreeMap<BrokerId, Vec<u64>>,
    /// What was sent, by whom it was sent to: one request at a time.
    sent: BTreeMap<BrokerId, Vec<Sending>>,
}

/// Records that are given up together.
#[derive(Clone, Debug)]
struct Pending {
    name: ShareName,
    /// Whose they are: a share partition that was taken up anew sends them by itself.
    epochs: (LeaderEpoch, i32),
    records: Archiving,
    /// The first that the queue does not have yet.
    next: Offset,
    /// What the next ones held, and up to where that is known.
    contents: BTreeMap<Offset, Record>,
    known_to: Offset,
    /// Where they go.
    queue: Option<(TopicPartition, BrokerId)>,
    /// How often the topic was to be created since that last went well, and how often they were sent.
    creations: u32,
    attempts: u32,
}

impl Broker {
    /// Records are given up, and that is written down: they go into the dead-letter queue.
    pub(super) fn begin_dead_letters(
        &mut self,
        ctx: &mut Ctx<'_>,
        name: &ShareName,
        archiving: &[Archiving],
    ) {
        for records in archiving {
            let Some(partition) = self.process.shares.partition(name) else { return };
            let epochs = epochs(partition);
            let id = self.process.shares.next_id();
            let pending = Pending::new(name.clone(), epochs, *records);
            self.process.shares.dead_letters.pending.insert(id, pending);
            if ctx.has_bug(Bug::SkipsDeadLetters) {
                self.dead_letter_ended(ctx, id, Ok(()));
                continue;
            }
            if let Err(failure) = self.check_queue(&name.0) {
                self.dead_letter_ended(ctx, id, Err(failure));
                continue;
            }
            self.read_originals(ctx, id);
            self.send_dead_letter(ctx, id);
        }
    }

    /// A leader goes on with what an earlier one had begun: the queue may have it already, and gets it again.
    pub(super) fn resume_dead_letters(&mut self, ctx: &mut Ctx<'_>, name: &ShareName) {
        let limits = self.share_limits(ctx, &name.0);
        let Some(partition) = self.process.shares.partition(name) else { return };
        let unfinished = partition.unfinished_archiving(limits);
        self.begin_dead_letters(ctx, name, &unfinished);
    }

    /// Sends what is to be sent, or sends it again, by the settings of now. A topic that is not there is created first,
    /// and one whose partition has no leader is asked for in that way too: the answer says that it is there.
    pub(in crate::broker) fn send_dead_letter(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        let Some(pending) = self.process.shares.dead_letters.pending.get(&id) else { return };
        let (group, source) = (pending.name.0.clone(), pending.name.1.partition.0);
        if let Err(failure) = self.check_queue(&group) {
            return self.dead_letter_ended(ctx, id, Err(failure));
        }
        match self.find_queue(&group, source) {
            Some(found) => self.dead_letter_ready(ctx, id, found),
            None => self.create_dead_letter_topic(ctx, id),
        }
    }

    /// It is known where records go: they are sent as soon as that leader has answered what was sent before.
    fn dead_letter_ready(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: u64,
        (partition, leader): (TopicPartition, BrokerId),
    ) {
        let letters = &mut self.process.shares.dead_letters;
        let Some(pending) = letters.pending.get_mut(&id) else { return };
        pending.queue = Some((partition, leader));
        letters.ready.entry(leader).or_default().push(id);
        self.send_ready_letters(ctx, leader);
    }

    /// Tries again after a while, but not for ever.
    fn dead_letter_later(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: u64,
        attempts: u32,
        failure: DeadLetterFailure,
    ) {
        if attempts >= ATTEMPTS {
            return self.dead_letter_ended(ctx, id, Err(failure));
        }
        let wait = BACKOFF.wait(ctx, attempts.saturating_sub(1));
        ctx.set_timer(wait, Timer::DeadLetter(id));
    }

    /// The queue has the records, or never will: they are archived, whichever it is.
    fn dead_letter_ended(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: u64,
        outcome: Result<(), DeadLetterFailure>,
    ) {
        let Some(pending) = self.process.shares.dead_letters.pending.remove(&id) else { return };
        let Pending { name, epochs: own, records, next, queue, .. } = pending;
        if let Err(failure) = outcome {
            let known = queue.map(|(partition, _)| partition.topic);
            let queue = known.unwrap_or_else(|| TopicName::from(self.dead_letter_topic(&name.0)));
            let records = self.share_records(&name, (next, records.last), records.delivery_count);
            let failed = ShareEvent::DeadLetterFailed { records, queue, failure };
            ctx.emit(EventKind::Share(failed));
        }
        let held = self.process.shares.partition(&name);
        let Some(start) = held.filter(|it| epochs(it) == own).map(SharePartition::start) else {
            return;
        };
        let first = records.first.max(start);
        if first <= records.last {
            let Archiving { last, delivery_count, reason, .. } = records;
            let records = self.share_records(&name, (first, last), delivery_count);
            let archived = ShareEvent::Archived { records, reason, was_archiving: true };
            ctx.emit(EventKind::Share(archived));
        }
        let batches = self.with_share(ctx, &name, |it| it.end_archiving(first, records.last));
        match batches.filter(|batches| !batches.is_empty()) {
            Some(batches) => {
                self.write_share(ctx, &name, NO_WRITE, batches, Then::Archived(name.clone()));
            }
            // The log begins behind them by now.
            None => self.forget_idle_shares(ctx, &name.0),
        }
        self.share_changed(ctx, &name.1);
    }

    /// That records are archived is written down, or is not: then the next leader sends them again.
    pub(super) fn dead_letters_archived(
        &mut self,
        ctx: &mut Ctx<'_>,
        name: &ShareName,
        error: Option<ResponseError>,
    ) {
        if error.is_some_and(is_fatal) {
            return self.drop_share(ctx, name);
        }
        self.forget_idle_shares(ctx, &name.0);
    }

    /// Whether the dead-letter queue of a group may be written to, or created, by the settings of now.
    fn check_queue(&self, group: &GroupId) -> Result<(), DeadLetterFailure> {
        let topic = self.dead_letter_topic(group);
        let name = TopicName::from(topic);
        let exists = self.process.image.topics.contains_key(&name);
        let is_enabled = || {
            let enabled = self.topic_setting(&name, "errors.deadletterqueue.group.enable");
            boolean(&enabled).unwrap_or_default()
        };
        let layers = self.layers();
        let given = |name| layers.value(name).map_or("", str::trim);
        let queue = Queue {
            topic,
            is_enabled: exists.then(is_enabled),
            prefix: given("errors.deadletterqueue.topic.name.prefix"),
            may_be_created: boolean(given("errors.deadletterqueue.auto.create.topics.enable"))
                .unwrap_or_default(),
        };
        queue.check()
    }

    /// Where the records of a partition go, if that has a leader.
    fn find_queue(&self, group: &GroupId, source: i32) -> Option<(TopicPartition, BrokerId)> {
        let name = TopicName::from(self.dead_letter_topic(group));
        let topic = self.process.image.topics.get(&name)?;
        let count = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
        let partition = TopicPartition::new(&name, destination(source, count));
        let leader = self.leader_of(&partition)?;
        Some((partition, leader))
    }
}

impl Pending {
    fn new(name: ShareName, epochs: (LeaderEpoch, i32), records: Archiving) -> Self {
        Self {
            name,
            epochs,
            records,
            next: records.first,
            contents: BTreeMap::new(),
            known_to: records.last,
            queue: None,
            creations: 0,
            attempts: 0,
        }
    }
}

fn epochs(partition: &SharePartition) -> (LeaderEpoch, i32) {
    (partition.leader_epoch, partition.state_epoch)
}
