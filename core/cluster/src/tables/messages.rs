//! The messages of a topic, page by page: the newest or the oldest first, from an offset or a time on, and
//! what is found among them. However many there are, one step looks at a bounded number.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::vec;

use highwater_log::{Batch, Log, Offset, Record, TimestampMs};

use super::search::Search;
use crate::anatomy::{CellKind, CellTransaction, Decoded, kind, segment_of, transaction};
use crate::ids::{BrokerId, PartitionIndex, TopicName, TopicPartition};
use crate::world::World;

/// Which messages come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageOrder {
    /// The newest.
    Newest,
    /// The oldest.
    Oldest,
}

/// Where to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageStart {
    /// At the end or the beginning of the logs, by the order.
    Edge,
    /// At an offset of each partition.
    Offset(Offset),
    /// At the first messages of that time or later; the newest first: at the last before it.
    Time(TimestampMs),
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageQuery {
    /// Of which topic.
    pub topic: TopicName,
    /// Of which partition; none for all of them.
    pub partition: Option<PartitionIndex>,
    /// Which come first.
    pub order: MessageOrder,
    /// Where to begin.
    pub start: MessageStart,
    /// What they hold: text in key, value or headers; `key:`, `value:` or `header:` before it looks into that alone.
    pub search: String,
    /// How many are wanted.
    pub most: usize,
    /// How many may be looked at.
    pub most_searched: usize,
}

/// Messages, and where to go on.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The messages, those of several partitions by their timestamps.
    pub rows: Vec<MessageRow>,
    /// How far this has come.
    pub cursor: MessageCursor,
    /// Whether there are no more.
    pub is_all: bool,
}

/// How far one has come with a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageCursor {
    /// The offset before which, or from which on, a partition is yet to be searched.
    places: Vec<(PartitionIndex, Offset)>,
    /// The offsets that were searched.
    pub searched: u64,
    /// The offsets there were to be searched at the beginning.
    pub total: u64,
}

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageRow {
    /// Its partition.
    pub partition: TopicPartition,
    /// The broker whose log it was read from: the leader; without one, who has the most.
    pub broker: BrokerId,
    /// The base offset of its segment.
    pub segment: Offset,
    /// The base offset of its batch.
    pub batch: Offset,
    /// The record.
    pub record: Record,
    /// Key and value as Kafka's record types, in an internal topic.
    pub decoded: Option<Decoded>,
    /// What it is.
    pub kind: CellKind,
    /// How it stands with its transaction.
    pub transaction: CellTransaction,
    /// Whether it lies below the high watermark: others get to see it.
    pub is_below_high_watermark: bool,
}

impl World {
    /// The messages that a query asks for, from the beginning or from where an answer ended. None if there
    /// is no log of the topic, or of the partition.
    pub fn messages(&self, query: &MessageQuery, from: Option<&MessageCursor>) -> Option<Found> {
        let logs = self.lane_logs(query);
        let mut lanes = lanes(&logs, query, from);
        if lanes.is_empty() {
            return None;
        }
        let search = Search::new(&query.search);
        let mut searched = 0;
        let mut looked_at = 0;
        let mut rows = Vec::new();
        while rows.len() < query.most && looked_at < query.most_searched {
            let Some(lane) = next_lane(&mut lanes, query.order) else { break };
            let Some((record, batch)) = lane.take() else { break };
            looked_at += 1;
            searched += lane.pass(record.offset);
            if let Some(row) = lane.row(record, batch, search.as_ref()) {
                rows.push(row);
            }
        }
        let is_all = lanes.iter_mut().all(|lane| lane.head().is_none());
        let total = lanes.iter().map(|lane| lane.distance).sum();
        let before = from.map(|cursor| (cursor.searched, cursor.total)).unwrap_or((0, total));
        let cursor = MessageCursor {
            places: lanes.iter().map(|lane| (lane.partition.partition, lane.place)).collect(),
            searched: if is_all { before.1 } else { before.0 + searched },
            total: before.1,
        };
        Some(Found { rows, cursor, is_all })
    }

    /// The logs of the partitions that the query is about, with what is in the remote tier.
    fn lane_logs(&self, query: &MessageQuery) -> Vec<LaneLog<'_>> {
        let wanted = |partition: &TopicPartition| {
            partition.topic == query.topic
                && query.partition.is_none_or(|wanted| wanted == partition.partition)
        };
        let mut logs: Vec<_> = self.logs().filter(|(_, partition, _)| wanted(partition)).collect();
        // The leader's log of each, or else the longest.
        let leads = |broker: BrokerId, partition: &TopicPartition| {
            self.registration(partition).and_then(|known| known.leader) == Some(broker)
        };
        logs.sort_by_key(|(broker, partition, log)| {
            (partition.partition, Reverse((leads(*broker, partition), log.log_end_offset())))
        });
        logs.dedup_by_key(|(_, partition, _)| partition.partition);
        let whole = |(broker, partition, _): (BrokerId, &TopicPartition, _)| {
            Some((broker, partition.clone(), self.whole_log(broker, partition)?))
        };
        logs.into_iter().filter_map(whole).collect()
    }
}

/// A log that a query looks into.
type LaneLog<'w> = (BrokerId, TopicPartition, Cow<'w, Log>);

/// A lane for each log.
fn lanes<'w>(
    logs: &'w [LaneLog<'_>],
    query: &MessageQuery,
    from: Option<&MessageCursor>,
) -> Vec<Lane<'w>> {
    let place = |partition: &TopicPartition, log: &Log| {
        let places = from.map(|cursor| cursor.places.iter());
        let known = places.into_iter().flatten().find(|known| known.0 == partition.partition);
        known.map_or_else(|| begin(log, query), |(_, place)| *place)
    };
    let lane = |(broker, partition, log): &'w LaneLog<'_>| {
        Lane::new(*broker, partition.clone(), log, query.order, place(partition, log))
    };
    logs.iter().map(lane).collect()
}

/// Where a query begins in a log.
fn begin(log: &Log, query: &MessageQuery) -> Offset {
    let (start, end) = (log.log_start_offset(), log.log_end_offset());
    let at_time = |time| log.offset_for_timestamp(time).map_or(end, |(_, offset, _)| offset);
    let place = match (query.order, query.start) {
        (MessageOrder::Newest, MessageStart::Edge) => end,
        (MessageOrder::Oldest, MessageStart::Edge) => start,
        (MessageOrder::Newest, MessageStart::Offset(offset)) => Offset(offset.0.saturating_add(1)),
        (MessageOrder::Oldest, MessageStart::Offset(offset)) => offset,
        (MessageOrder::Newest, MessageStart::Time(time)) => {
            at_time(TimestampMs(time.0.saturating_add(1)))
        }
        (MessageOrder::Oldest, MessageStart::Time(time)) => at_time(time),
    };
    place.clamp(start, end)
}

/// The lane whose next message comes first.
fn next_lane<'l, 'w>(lanes: &'l mut [Lane<'w>], order: MessageOrder) -> Option<&'l mut Lane<'w>> {
    let heads = lanes.iter_mut().filter_map(|lane| Some((lane.head()?, lane)));
    match order {
        MessageOrder::Newest => heads.max_by_key(|(at, lane)| (*at, Reverse(lane.index()))),
        MessageOrder::Oldest => heads.min_by_key(|(at, lane)| (*at, lane.index())),
    }
    .map(|(_, lane)| lane)
}

/// The messages of a partition, in the order of the query.
struct Lane<'w> {
    broker: BrokerId,
    partition: TopicPartition,
    log: &'w Log,
    order: MessageOrder,
    batches: Box<dyn Iterator<Item = &'w Batch> + 'w>,
    /// The batch that is being read, and what is left of its records.
    opened: Option<(&'w Batch, vec::IntoIter<Record>)>,
    next: Option<Record>,
    place: Offset,
    /// The offsets that lay ahead at first.
    distance: u64,
}

impl<'w> Lane<'w> {
    fn new(
        broker: BrokerId,
        partition: TopicPartition,
        log: &'w Log,
        order: MessageOrder,
        place: Offset,
    ) -> Self {
        let (start, end) = (log.log_start_offset(), log.log_end_offset());
        let (batches, ahead): (Box<dyn Iterator<Item = &'w Batch> + 'w>, i64) = match order {
            MessageOrder::Newest => (Box::new(log.batches_before(place)), place.0 - start.0),
            MessageOrder::Oldest => (Box::new(log.batches_from(place)), end.0 - place.0),
        };
        let distance = u64::try_from(ahead).unwrap_or(0);
        Self { broker, partition, log, order, batches, opened: None, next: None, place, distance }
    }

    fn index(&self) -> PartitionIndex {
        self.partition.partition
    }

    /// The timestamp of its next message.
    fn head(&mut self) -> Option<TimestampMs> {
        if self.next.is_none() {
            self.next = self.read();
        }
        self.next.as_ref().map(|record| record.timestamp)
    }

    fn take(&mut self) -> Option<(Record, &'w Batch)> {
        let record = self.next.take()?;
        self.opened.as_ref().map(|(batch, _)| (record, *batch))
    }

    /// Notes that a message was looked at; how many offsets that brought it on.
    fn pass(&mut self, offset: Offset) -> u64 {
        let before = self.place;
        self.place = match self.order {
            MessageOrder::Newest => offset,
            MessageOrder::Oldest => offset.next(),
        };
        before.0.abs_diff(self.place.0)
    }

    fn read(&mut self) -> Option<Record> {
        loop {
            if let Some((_, records)) = &mut self.opened
                && let Some(record) = records.next()
            {
                return Some(record);
            }
            let batch = self.batches.next()?;
            if batch.last_offset() < self.log.log_start_offset() {
                return None;
            }
            // A batch was read when it was appended.
            let mut records = batch.records().unwrap_or_default();
            let start = self.log.log_start_offset();
            records.retain(|record| match self.order {
                MessageOrder::Newest => (start..self.place).contains(&record.offset),
                MessageOrder::Oldest => record.offset >= self.place,
            });
            if self.order == MessageOrder::Newest {
                records.reverse();
            }
            self.opened = Some((batch, records.into_iter()));
        }
    }

    /// A message as it is shown, if it is what is looked for.
    fn row(&self, record: Record, batch: &Batch, search: Option<&Search>) -> Option<MessageRow> {
        let decoded = record.key.as_ref().filter(|_| !batch.header().is_control);
        let decoded =
            decoded.and_then(|key| Decoded::of(&self.partition.topic, key, record.value.as_ref()));
        if search.is_some_and(|search| !search.finds(&record, decoded.as_ref())) {
            return None;
        }
        let offset = record.offset;
        let aborted = if batch.header().is_transactional {
            self.log.aborted_transactions(offset, offset.next())
        } else {
            Vec::new()
        };
        let segment = segment_of(self.log, batch.base_offset());
        Some(MessageRow {
            partition: self.partition.clone(),
            broker: self.broker,
            segment: segment.map_or(Offset(0), |segment| segment.base_offset()),
            batch: batch.base_offset(),
            kind: kind(batch, &record),
            transaction: transaction(self.log, batch, offset, &aborted),
            is_below_high_watermark: offset < self.log.high_watermark(),
            decoded,
            record,
        })
    }
}
