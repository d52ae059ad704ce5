//! What a fetch brought of one partition, until the application has got it all.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use highwater_log::{Batch, ControlType, LeaderEpoch, Offset, Record, split_batches};
use kafka_protocol::messages::fetch_response::AbortedTransaction;

use crate::ids::TopicPartition;

/// What a fetch brought of one partition.
#[derive(Clone, Debug)]
pub(super) struct CompletedFetch {
    pub(super) partition: TopicPartition,
    /// The position that it goes on from.
    pub(super) position: Offset,
    batches: Vec<Batch>,
    runs: VecDeque<Run>,
    /// What holds nothing for the application, and whether that is since a transaction was aborted.
    hidden: VecDeque<(Run, bool)>,
    /// Where the consumer goes on once it has got everything.
    end: Offset,
}

/// Records whose offsets follow on each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) first: Offset,
    pub(super) last: Offset,
}

impl CompletedFetch {
    /// Takes in the batches that came from `position` on; none if there is not a whole one. A batch
    /// is sent as it stands in the log, so the first may begin before the position. `aborted` is what
    /// the leader said of aborted transactions, if the consumer reads only what is committed.
    pub(super) fn parse(
        partition: &TopicPartition,
        position: Offset,
        records: Bytes,
        aborted: Option<&[AbortedTransaction]>,
    ) -> Option<Self> {
        let (batches, _) = split_batches(records);
        let end = batches.last()?.header().next_offset();
        let (mut runs, mut hidden) = (VecDeque::new(), VecDeque::new());
        let mut transactions = aborted.map(Aborted::new);
        for batch in &batches {
            let is_aborted = transactions.as_mut().is_some_and(|known| known.hide(batch));
            if is_aborted || batch.header().is_control {
                let run =
                    Run { first: batch.base_offset().max(position), last: batch.last_offset() };
                hidden.extend((run.first <= run.last).then_some((run, is_aborted)));
                continue;
            }
            for run in runs_of(batch) {
                add(&mut runs, run, position);
            }
        }
        let end = end.max(position);
        Some(Self { partition: partition.clone(), position, batches, runs, hidden, end })
    }

    /// The offset at which the consumer goes on after what it has got so far.
    pub(super) fn next_offset(&self) -> Offset {
        self.runs.front().map_or(self.end, |run| run.first)
    }

    /// The next records, at most `limit`; none if the application has got them all.
    pub(super) fn peek(&self, limit: u32) -> Option<Run> {
        let run = self.runs.front()?;
        Some(Run { first: run.first, last: run.last.min(run.first + (i64::from(limit) - 1)) })
    }

    /// Takes the next records, at most `limit`; none if the application has got them all.
    pub(super) fn take(&mut self, limit: u32) -> Option<Run> {
        let taken = self.peek(limit)?;
        let run = self.runs.front_mut()?;
        if taken.last == run.last {
            self.runs.pop_front();
        } else {
            run.first = taken.last.next();
        }
        self.position = self.next_offset();
        Some(taken)
    }

    /// The leader epoch of the batch that holds an offset.
    pub(super) fn leader_epoch_of(&self, offset: Offset) -> Option<LeaderEpoch> {
        let holds = |batch: &&Batch| batch.base_offset() <= offset && offset <= batch.last_offset();
        self.batches.iter().find(holds).map(|batch| batch.header().leader_epoch)
    }

    /// What the consumer has gone past since the last time that this was asked: control records and
    /// those of aborted transactions, these with true.
    pub(super) fn take_passed(&mut self) -> Vec<(Run, bool)> {
        let next = self.next_offset();
        let count = self.hidden.iter().take_while(|(run, _)| run.last < next).count();
        self.hidden.drain(..count).collect()
    }

    /// The records of a run, read from their batches.
    pub(super) fn records(&self, run: Run) -> Vec<Arc<Record>> {
        let holds = |batch: &&Batch| {
            batch.base_offset() <= run.last
                && run.first <= batch.last_offset()
                && !batch.header().is_control
        };
        let read = self.batches.iter().filter(holds).filter_map(|batch| batch.records().ok());
        let is_in = |record: &Record| run.first <= record.offset && record.offset <= run.last;
        read.flatten().filter(is_in).map(Arc::new).collect()
    }
}

/// What a leader said of aborted transactions, while batches are gone through in order: what Kafka's
/// `CompletedFetch` does.
struct Aborted<'a> {
    /// Those that have not begun yet, by their first offset.
    to_come: VecDeque<&'a AbortedTransaction>,
    producers: BTreeSet<i64>,
}

impl<'a> Aborted<'a> {
    fn new(aborted: &'a [AbortedTransaction]) -> Self {
        let mut to_come: Vec<&AbortedTransaction> = aborted.iter().collect();
        to_come.sort_by_key(|transaction| transaction.first_offset);
        Self { to_come: to_come.into(), producers: BTreeSet::new() }
    }

    /// Whether a batch is part of an aborted transaction.
    fn hide(&mut self, batch: &Batch) -> bool {
        let producer = batch.header().producer_id;
        if !producer.is_some() {
            return false;
        }
        let has_begun =
            |transaction: &&AbortedTransaction| transaction.first_offset <= batch.last_offset().0;
        while let Some(transaction) = self.to_come.pop_front_if(|next| has_begun(next)) {
            self.producers.insert(transaction.producer_id.0);
        }
        if batch.header().is_control {
            if batch.control_type() == Ok(Some(ControlType::Abort)) {
                self.producers.remove(&producer.0);
            }
            return false;
        }
        batch.header().is_transactional && self.producers.contains(&producer.0)
    }
}

impl Run {
    pub(super) fn count(self) -> u32 {
        u32::try_from(self.last.0 - self.first.0 + 1)
            .expect("a fetch brings fewer records than that")
    }
}

/// The records of a batch. Compaction leaves gaps.
fn runs_of(batch: &Batch) -> Vec<Run> {
    let header = batch.header();
    if header.record_count == header.last_offset_delta.saturating_add(1) {
        return vec![Run { first: batch.base_offset(), last: batch.last_offset() }];
    }
    let records = batch.records().unwrap_or_default();
    records.iter().map(|record| Run { first: record.offset, last: record.offset }).collect()
}

/// Adds a run, but for what lies before `position`, to the one before if it follows on it.
fn add(runs: &mut VecDeque<Run>, run: Run, position: Offset) {
    let first = run.first.max(position);
    if first > run.last {
        return;
    }
    match runs.back_mut() {
        Some(before) if before.last.next() == first => before.last = run.last,
        before => {
            let is_ascending = before.is_none_or(|before| before.last < first);
            assert!(is_ascending, "offsets in a log ascend");
            runs.push_back(Run { first, last: run.last });
        }
    }
}

#[cfg(test)]
mod tests {
    use highwater_log::{BatchBuilder, BatchOptions, LeaderEpoch, TimestampMs};

    use super::*;
    use crate::ids::TopicName;

    fn batch(base: i64, records: usize) -> Vec<u8> {
        let mut builder = BatchBuilder::new(BatchOptions::default());
        for _ in 0..records {
            builder.append(TimestampMs(0), None, Some(b"v"), &[]);
        }
        builder.build(Offset(base), LeaderEpoch(0)).bytes().to_vec()
    }

    /// The runs that polls of at most `limit` records get, and where the consumer is after them.
    fn check(batches: &[(i64, usize)], position: i64, limit: u32, runs: &[(i64, i64)], end: i64) {
        let bytes: Vec<u8> =
            batches.iter().flat_map(|(base, records)| batch(*base, *records)).collect();
        let partition = TopicPartition::new(&TopicName::from("t"), 0);
        let mut fetch =
            CompletedFetch::parse(&partition, Offset(position), bytes.into(), None).unwrap();
        let mut taken = Vec::new();
        while let Some(run) = fetch.take(limit) {
            taken.push((run.first.0, run.last.0));
        }
        assert_eq!(taken, runs, "{batches:?} from {position}");
        assert_eq!(fetch.next_offset(), Offset(end));
    }

    #[test]
    fn neighbouring_batches_are_one_run_and_gaps_divide() {
        check(&[(0, 3), (3, 2)], 0, 500, &[(0, 4)], 5);
        check(&[(0, 3), (7, 2)], 0, 500, &[(0, 2), (7, 8)], 9);
    }

    #[test]
    fn records_before_the_position_are_left_out() {
        check(&[(0, 5)], 3, 500, &[(3, 4)], 5);
        check(&[(0, 5)], 5, 500, &[], 5);
    }

    #[test]
    fn a_poll_takes_no_more_than_its_limit() {
        check(&[(0, 5)], 0, 2, &[(0, 1), (2, 3), (4, 4)], 5);
    }

    const COMMIT: bool = true;

    /// A batch of a log with transactions, by its producer.
    enum Part {
        Data(i64),
        Transactional(i64),
        Marker(i64, bool),
    }

    /// What is handed out and what is passed over of such a log, in order of offsets, with what the leader
    /// says of aborted transactions: producer and first offset.
    #[track_caller]
    fn check_read_committed(
        log: &[(i64, Part)],
        aborted: Option<&[(i64, i64)]>,
        position: i64,
        runs: &[(i64, i64)],
        passed: &[(i64, i64, bool)],
    ) {
        let bytes: Vec<u8> = log.iter().flat_map(|(base, part)| part.bytes(*base)).collect();
        let said = aborted.map(|aborted| -> Vec<AbortedTransaction> {
            let one = |(producer, first): &(i64, i64)| {
                AbortedTransaction::default()
                    .with_producer_id((*producer).into())
                    .with_first_offset(*first)
            };
            aborted.iter().map(one).collect()
        });
        let partition = TopicPartition::new(&TopicName::from("t"), 0);
        let fetch =
            CompletedFetch::parse(&partition, Offset(position), bytes.into(), said.as_deref());
        let mut fetch = fetch.unwrap();
        let (mut taken, mut gone) = (Vec::new(), Vec::new());
        loop {
            let run = fetch.take(500);
            taken.extend(run.map(|run| (run.first.0, run.last.0)));
            let hidden = fetch.take_passed().into_iter();
            gone.extend(hidden.map(|(run, aborted)| (run.first.0, run.last.0, aborted)));
            if run.is_none() {
                break;
            }
            let read = fetch.records(run.unwrap());
            assert_eq!(read.len(), run.unwrap().count() as usize);
        }
        assert_eq!((taken, gone), (runs.to_vec(), passed.to_vec()));
        let end = log.last().map(|(base, part)| base + part.records()).unwrap();
        assert_eq!(fetch.next_offset(), Offset(end), "the position moves past everything");
    }

    impl Part {
        fn records(&self) -> i64 {
            if matches!(self, Part::Marker(..)) { 1 } else { 2 }
        }

        fn bytes(&self, base: i64) -> Vec<u8> {
            use highwater_log::{EndTransactionMarker, ProducerEpoch, ProducerId, Sequence};
            let builder = match self {
                Part::Marker(producer, commit) => BatchBuilder::end_transaction(
                    ProducerId(*producer),
                    ProducerEpoch(0),
                    EndTransactionMarker { commit: *commit, coordinator_epoch: 0 },
                    TimestampMs(0),
                ),
                Part::Data(producer) | Part::Transactional(producer) => {
                    let mut builder = BatchBuilder::new(BatchOptions {
                        producer_id: ProducerId(*producer),
                        producer_epoch: ProducerEpoch(0),
                        base_sequence: Sequence(0),
                        is_transactional: matches!(self, Part::Transactional(_)),
                        ..BatchOptions::default()
                    });
                    for _ in 0..2 {
                        builder.append(TimestampMs(0), None, Some(b"v"), &[]);
                    }
                    builder
                }
            };
            builder.build(Offset(base), LeaderEpoch(0)).bytes().to_vec()
        }
    }

    #[test]
    fn aborted_transactions_and_markers_are_never_shown() {
        use Part::{Data, Marker, Transactional};
        // Producer 7 aborts, then commits; producer 8 commits in between; producer 9 has no transaction.
        let log = || {
            [
                (0, Transactional(7)),
                (2, Transactional(8)),
                (4, Data(9)),
                (6, Marker(7, !COMMIT)),
                (7, Marker(8, COMMIT)),
                (8, Transactional(7)),
                (10, Marker(7, COMMIT)),
            ]
        };
        check_read_committed(
            &log(),
            Some(&[(7, 0)]),
            0,
            &[(2, 5), (8, 9)],
            &[(0, 1, true), (6, 6, false), (7, 7, false), (10, 10, false)],
        );
        // Who reads everything is shown all but the markers.
        check_read_committed(
            &log(),
            None,
            0,
            &[(0, 5), (8, 9)],
            &[(6, 6, false), (7, 7, false), (10, 10, false)],
        );
    }

    #[test]
    fn a_fetch_may_begin_and_end_within_an_aborted_transaction() {
        use Part::{Marker, Transactional};
        let aborted = Some([(7, 0), (7, 5)].as_slice());
        let log = [
            (0, Transactional(7)),
            (2, Transactional(7)),
            (4, Marker(7, !COMMIT)),
            (5, Transactional(7)),
        ];
        check_read_committed(
            &log,
            aborted,
            1,
            &[],
            &[(1, 1, true), (2, 3, true), (4, 4, false), (5, 6, true)],
        );
    }
}
