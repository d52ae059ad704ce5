//! A partition opened: its replicas one under another, record by record, and who has read to where.

use highwater_log::{AbortedTxn, Batch, ControlType, Log, Offset, Record};

use crate::anatomy::internal::Decoded;
use crate::ids::{BrokerId, ClientId, GroupId, TopicPartition};
use crate::view::{ClusterView, ConsumerView, ReplicaView};
use crate::world::World;

/// Which offsets are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetWindow {
    /// The first; none for the newest.
    pub from: Option<Offset>,
    /// How many.
    pub cells: u32,
}

/// A partition opened.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionAnatomy {
    /// Which.
    pub partition: TopicPartition,
    /// The first offset of the window.
    pub from: Offset,
    /// How many offsets the window holds.
    pub cells: u32,
    /// The lowest log start offset of a replica.
    pub start: Offset,
    /// The highest log end offset of a replica.
    pub end: Offset,
    /// The replicas: the leader first, then in order of their brokers.
    pub replicas: Vec<ReplicaStrip>,
}

/// A replica opened.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplicaStrip {
    /// On which broker.
    pub broker: BrokerId,
    /// Whether that broker's process runs.
    pub is_running: bool,
    /// Its offsets, epochs and role.
    pub replica: ReplicaView,
    /// The base offsets of its segments, oldest first.
    pub segments: Vec<Offset>,
    /// What stands at the offsets of the window that its log holds.
    pub cells: Vec<Cell>,
}

/// What stands at an offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The offset.
    pub offset: Offset,
    /// The base offset of its batch; none if there is no batch any more.
    pub batch: Option<Offset>,
    /// What it is.
    pub kind: CellKind,
    /// The transaction that it belongs to.
    pub transaction: CellTransaction,
    /// The beginning of its key, as text; of a record of an internal topic, what the key names.
    pub key: Option<String>,
}

/// What can stand at an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CellKind {
    /// A record.
    Record,
    /// A record without a value: in a compacted topic it deletes its key.
    Tombstone,
    /// A control record.
    Marker(ControlType),
    /// Nothing any more: the cleaner took it.
    Gone,
}

/// How it stands with the transaction of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CellTransaction {
    /// It is in none.
    None,
    /// It is open: readers of committed records wait before it.
    Open,
    /// It was committed.
    Committed,
    /// It was aborted: readers of committed records skip it.
    Aborted,
}

/// How far a group has read a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderMark {
    /// The group.
    pub group: GroupId,
    /// The offset that it has committed.
    pub committed: Option<Offset>,
    /// The member that owns the partition, and where it reads next.
    pub position: Option<(ClientId, Option<Offset>)>,
    /// From the committed offset to the high watermark, as Kafka's tools count it; none without a
    /// committed offset.
    pub lag: Option<u64>,
}

/// The letters of a key that are handed out.
const KEY_LETTERS: usize = 24;

impl World {
    /// A partition opened; none if no broker has a replica of it.
    pub fn partition_anatomy(
        &self,
        partition: &TopicPartition,
        window: OffsetWindow,
    ) -> Option<PartitionAnatomy> {
        let logs = || self.logs().filter(|(_, known, _)| *known == partition);
        let start = logs().map(|(_, _, log)| log.log_start_offset()).min()?;
        let end = logs().map(|(_, _, log)| log.log_end_offset()).max()?;
        let cells = i64::from(window.cells);
        let last_from = Offset((end.0 - cells).max(start.0));
        let from = window.from.unwrap_or(last_from).clamp(start, last_from.max(start));
        let leader = self.registration(partition).and_then(|registered| registered.leader);
        let mut replicas: Vec<_> = logs()
            .filter_map(|(broker, ..)| {
                let whole = self.whole_log(broker, partition)?;
                Some(ReplicaStrip {
                    broker,
                    is_running: self.is_running(broker),
                    replica: self.replica_view(broker, partition)?,
                    segments: whole.segments().map(|segment| segment.base_offset()).collect(),
                    cells: strip(partition, &whole, from, Offset(from.0.saturating_add(cells))),
                })
            })
            .collect();
        replicas.sort_by_key(|strip| (Some(strip.broker) != leader, strip.broker));
        let partition = partition.clone();
        Some(PartitionAnatomy { partition, from, cells: window.cells, start, end, replicas })
    }

    /// A replica's offsets, epochs and role.
    pub(super) fn replica_view(
        &self,
        broker: BrokerId,
        partition: &TopicPartition,
    ) -> Option<ReplicaView> {
        let mut view = self.broker(broker)?.replica_view(partition)?;
        let registered = self.registration(partition);
        view.in_sync = registered.is_some_and(|registered| registered.isr.contains(&broker));
        Some(view)
    }
}

/// Who has read a partition to where, in order of the groups.
pub fn readers(view: &ClusterView, partition: &TopicPartition) -> Vec<ReaderMark> {
    let consumers = || view.consumers.iter().chain(view.apps.iter().map(|app| &app.consumer));
    let water = high_watermark(view, partition);
    let mark = |group: &crate::view::GroupView| {
        let committed = group.committed.iter().find(|(known, _)| known == partition);
        let committed = committed.map(|(_, offset)| *offset);
        let members = consumers().filter(|consumer| consumer.group == group.id);
        let position = members.filter_map(|consumer| position(consumer, partition)).next();
        let behind = |from: Offset| u64::try_from((water?.0 - from.0).max(0)).ok();
        (committed.is_some() || position.is_some()).then(|| ReaderMark {
            group: group.id.clone(),
            committed,
            position,
            lag: committed.and_then(behind),
        })
    };
    view.groups.iter().filter_map(mark).collect()
}

fn position(
    consumer: &ConsumerView,
    partition: &TopicPartition,
) -> Option<(ClientId, Option<Offset>)> {
    if consumer.is_closed {
        return None;
    }
    let owned = consumer.assignment.iter().find(|owned| owned.partition == *partition)?;
    Some((consumer.client, owned.position))
}

/// The high watermark that the leader knows; without a leader, the highest.
fn high_watermark(view: &ClusterView, partition: &TopicPartition) -> Option<Offset> {
    let registered = view
        .topics
        .iter()
        .flat_map(|topic| &topic.partitions)
        .find(|registered| registered.partition == *partition);
    let leader = registered.and_then(|registered| registered.leader);
    let replicas = view.brokers.iter().flat_map(|broker| {
        let own = broker.replicas.iter().filter(|replica| replica.partition == *partition);
        own.map(|replica| (Some(broker.id) == leader, replica.high_watermark))
    });
    replicas.max().map(|(_, water)| water)
}

/// What stands at the offsets of a window, as far as the log reaches.
fn strip(partition: &TopicPartition, log: &Log, from: Offset, to: Offset) -> Vec<Cell> {
    let from = from.max(log.log_start_offset());
    let to = to.min(log.log_end_offset());
    if from >= to {
        return Vec::new();
    }
    let aborted = log.aborted_transactions(from, to);
    let mut cells = Vec::new();
    let mut next = from;
    for batch in log.batches_from(from).take_while(|batch| batch.base_offset() < to) {
        // A batch was read when it was appended.
        let Ok(records) = batch.iter_records() else { continue };
        let wanted = next..to;
        for record in records.flatten().filter(|record| wanted.contains(&record.offset)) {
            cells.extend((next.0..record.offset.0).map(|offset| gone(Offset(offset), Some(batch))));
            next = record.offset.next();
            cells.push(cell(partition, log, batch, &record, &aborted));
        }
    }
    cells.extend((next.0..to.0).map(|offset| gone(Offset(offset), None)));
    cells
}

fn cell(
    partition: &TopicPartition,
    log: &Log,
    batch: &Batch,
    record: &Record,
    aborted: &[AbortedTxn],
) -> Cell {
    Cell {
        offset: record.offset,
        batch: Some(batch.base_offset()),
        kind: kind(batch, record),
        transaction: transaction(log, batch, record.offset, aborted),
        key: key_text(partition, batch, record),
    }
}

fn gone(offset: Offset, before: Option<&Batch>) -> Cell {
    let batch = before.map(Batch::base_offset).filter(|base| *base <= offset);
    Cell { offset, batch, kind: CellKind::Gone, transaction: CellTransaction::None, key: None }
}

/// What a record is.
pub(crate) fn kind(batch: &Batch, record: &Record) -> CellKind {
    if batch.header().is_control {
        let control = ControlType::parse(record.key.as_deref().unwrap_or_default());
        return CellKind::Marker(control.unwrap_or(ControlType::Unknown(-1)));
    }
    if record.value.is_none() { CellKind::Tombstone } else { CellKind::Record }
}

/// How it stands with the transaction of a record. `aborted` are the aborted transactions around it.
pub(crate) fn transaction(
    log: &Log,
    batch: &Batch,
    offset: Offset,
    aborted: &[AbortedTxn],
) -> CellTransaction {
    let header = batch.header();
    if !header.is_transactional || header.is_control {
        return CellTransaction::None;
    }
    let is_aborted = aborted.iter().any(|aborted| {
        aborted.producer_id == header.producer_id
            && (aborted.first_offset..=aborted.last_offset).contains(&offset)
    });
    let is_open = log
        .producer_state()
        .ongoing_transactions()
        .any(|open| open.producer_id == header.producer_id && open.first_offset <= offset);
    match (is_aborted, is_open) {
        (true, _) => CellTransaction::Aborted,
        (false, true) => CellTransaction::Open,
        (false, false) => CellTransaction::Committed,
    }
}

/// The beginning of a record's key as text.
fn key_text(partition: &TopicPartition, batch: &Batch, record: &Record) -> Option<String> {
    if batch.header().is_control {
        return None;
    }
    let key = record.key.as_ref()?;
    let decoded = Decoded::of(&partition.topic, key, record.value.as_ref());
    let text = match &decoded {
        Some(decoded) => decoded.key.fields.first().map(|(_, text)| text.clone())?,
        None => String::from_utf8_lossy(&key[..key.len().min(KEY_LETTERS * 4)]).into_owned(),
    };
    Some(text.chars().take(KEY_LETTERS).collect())
}
