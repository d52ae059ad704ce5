//! From topic to topic: what an application makes of what it reads, held against what it read. Each
//! record that it writes names the one that it was made from, so both can be compared exactly: what is
//! lost, what is there twice, what is right.
//!
//! What is written counts once a consumer with `isolation.level=read_committed` can get it: it is below
//! the high watermark, and its transaction, if it is part of one, is committed.

use std::collections::{BTreeMap, BTreeSet};

use highwater_cluster::application::{AppEvent, Guarantee, Shape, Source};
use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{BrokerId, ClientId, EventId, GroupId, TopicName, TopicPartition};
use highwater_cluster::log::{Batch, ControlType, Offset, ProducerId};
use highwater_cluster::world::World;

use crate::invariants::{Anomaly, Look};

mod count;

pub use count::{PipelineCount, PipelinePartition};

/// The way from some topics to another: all applications of a group that write to one topic.
type Way = (GroupId, TopicName);

/// What applications read and wrote.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pipelines {
    ways: BTreeMap<Way, Pipeline>,
    of_client: BTreeMap<ClientId, Way>,
    /// Up to where the visible records of output partitions were looked at.
    seen: BTreeMap<TopicPartition, Offset>,
}

/// One way from topics to a topic.
#[derive(Clone, Debug)]
struct Pipeline {
    from: Vec<TopicName>,
    guarantee: Guarantee,
    shape: Shape,
    inputs: BTreeMap<TopicPartition, Input>,
    written: BTreeMap<Source, Written>,
    /// What was written in transactions that are still open.
    open: BTreeMap<(TopicPartition, ProducerId), Vec<(Source, EventId)>>,
    /// Its applications that run.
    running: BTreeSet<ClientId>,
    /// Where an application has begun to read.
    begun: BTreeSet<(ClientId, TopicPartition)>,
    /// The last event that ended one of its applications in bad order.
    ended: Option<EventId>,
}

/// How far a partition is read.
#[derive(Clone, Copy, Debug)]
struct Input {
    /// Where its first reader began.
    start: Offset,
    /// What was committed last, and when.
    committed: Option<(Offset, EventId)>,
    /// Below this, what is lost has been told.
    told: Offset,
}

/// What came of a record.
#[derive(Clone, Copy, Debug)]
struct Written {
    count: u32,
    /// When the first that came of it could be seen.
    event: EventId,
}

impl Pipelines {
    pub(crate) fn observe(&mut self, look: &mut Look<'_>) {
        match look.kind() {
            EventKind::App(event) => self.app(look.event.id, event),
            _ if self.ways.is_empty() => {}
            EventKind::PositionReset { client, partition, offset, committed } => {
                self.started_at(look, *client, partition, *offset, *committed);
            }
            EventKind::OffsetCommitted { group, partition, offset } => {
                let ways = self.ways.iter_mut().filter(|((of, _), _)| of == group);
                for (_, pipeline) in ways {
                    if let Some(input) = pipeline.inputs.get_mut(partition) {
                        input.committed = Some((*offset, look.event.id));
                    }
                }
            }
            EventKind::HighWatermarkAdvanced { broker, partition, to, is_leader: true, .. } => {
                self.became_visible(look, *broker, partition, *to);
            }
            EventKind::TopicDeleted { topic } => self.forget(topic),
            _ => {}
        }
    }

    /// What every way has come to by now, by what stands in the logs.
    pub(crate) fn count(&self, world: &World) -> Vec<PipelineCount> {
        let counts = self.ways.iter().map(|((group, to), pipeline)| {
            let committed = |partition: &TopicPartition| {
                pipeline.inputs.get(partition).map(|input| {
                    (input.start, input.committed.map_or(input.start, |(offset, _)| offset))
                })
            };
            let base = PipelineCount::new(group, to, &pipeline.from, pipeline.guarantee);
            base.fill(world, pipeline.shape, &committed)
        });
        counts.collect()
    }

    fn app(&mut self, id: EventId, event: &AppEvent) {
        match event {
            AppEvent::Started { client, group, from, to, guarantee, shape, .. } => {
                let way = (group.clone(), to.clone());
                self.of_client.insert(*client, way.clone());
                let pipeline = self.ways.entry(way).or_insert_with(|| Pipeline {
                    from: from.clone(),
                    guarantee: *guarantee,
                    shape: *shape,
                    inputs: BTreeMap::new(),
                    written: BTreeMap::new(),
                    open: BTreeMap::new(),
                    running: BTreeSet::new(),
                    begun: BTreeSet::new(),
                    ended: None,
                });
                (pipeline.from, pipeline.guarantee) = (from.clone(), *guarantee);
                pipeline.shape = *shape;
                pipeline.running.insert(*client);
            }
            AppEvent::Closed { client }
            | AppEvent::Killed { client }
            | AppEvent::Crashed { client, .. }
            | AppEvent::Failed { client, .. } => {
                let way = self.of_client.get(client);
                let Some(pipeline) = way.and_then(|way| self.ways.get_mut(way)) else { return };
                // One that fails may still be about to write what it has sent.
                if !matches!(event, AppEvent::Failed { .. }) {
                    pipeline.running.remove(client);
                }
                if !matches!(event, AppEvent::Closed { .. }) {
                    pipeline.ended = Some(id);
                }
            }
            _ => {}
        }
    }

    /// An application begins at an offset. If no other runs, nobody works on what lies before any more, and
    /// what did not come of it never will.
    fn started_at(
        &mut self,
        look: &mut Look<'_>,
        client: ClientId,
        partition: &TopicPartition,
        offset: Offset,
        is_committed: bool,
    ) {
        let Some(way) = self.of_client.get(&client) else { return };
        let Some(pipeline) = self.ways.get_mut(way) else { return };
        let start = Input { start: offset, committed: None, told: offset };
        let input = pipeline.inputs.entry(partition.clone()).or_insert(start);
        let from = input.told;
        let is_first = pipeline.begun.insert((client, partition.clone()));
        let is_alone = pipeline.running.iter().all(|running| *running == client);
        if !is_committed || !is_first || !is_alone || offset <= from {
            return;
        }
        input.told = offset;
        let commit = input.committed.map(|(_, event)| event);
        let evidence: Vec<EventId> = commit.into_iter().chain(pipeline.ended).collect();
        let lost = pipeline.missing(look.world, partition, from, offset);
        report_lost(look, way, lost, &evidence);
    }

    /// More of a partition can be read.
    fn became_visible(
        &mut self,
        look: &mut Look<'_>,
        leader: BrokerId,
        partition: &TopicPartition,
        to: Offset,
    ) {
        let topic = &partition.topic;
        if !self.ways.keys().any(|(_, output)| output == topic) {
            return;
        }
        let seen = self.seen.entry(partition.clone()).or_insert(Offset(0));
        let from = std::mem::replace(seen, to.max(*seen));
        let Some(log) = look.world.log(leader, partition).filter(|_| from < to) else { return };
        let batches: Vec<Batch> = log
            .batches_from(from)
            .take_while(|batch| batch.base_offset() < to)
            .filter(|batch| batch.base_offset() >= from)
            .cloned()
            .collect();
        let ways = self.ways.iter_mut().filter(|((_, output), _)| output == topic);
        for (way, pipeline) in ways {
            for batch in &batches {
                pipeline.take_in(look, way, partition, batch);
            }
        }
    }

    fn forget(&mut self, topic: &TopicName) {
        self.seen.retain(|partition, _| partition.topic != *topic);
        self.ways.retain(|(_, to), _| to != topic);
        for pipeline in self.ways.values_mut() {
            pipeline.inputs.retain(|partition, _| partition.topic != *topic);
            pipeline.written.retain(|source, _| source.partition.topic != *topic);
        }
    }
}

impl Pipeline {
    fn take_in(
        &mut self,
        look: &mut Look<'_>,
        way: &Way,
        partition: &TopicPartition,
        batch: &Batch,
    ) {
        let header = batch.header();
        let key = (partition.clone(), header.producer_id);
        if header.is_control {
            let ended = self.open.remove(&key).unwrap_or_default();
            match batch.control_type() {
                Ok(Some(ControlType::Commit)) => self.count_in(look, way, ended),
                Ok(Some(ControlType::Abort)) => self.aborted(look, way, &ended),
                _ => {
                    self.open.insert(key, ended);
                }
            }
            return;
        }
        let records = batch.records().unwrap_or_default();
        let event = look.event.id;
        let made = records.iter().filter_map(Source::of).map(|source| (source, event));
        let made: Vec<(Source, EventId)> =
            made.filter(|(source, _)| self.inputs.contains_key(&source.partition)).collect();
        if header.is_transactional {
            self.open.entry(key).or_default().extend(made);
        } else {
            self.count_in(look, way, made);
        }
    }

    /// Records can be read from now on.
    fn count_in(&mut self, look: &mut Look<'_>, way: &Way, made: Vec<(Source, EventId)>) {
        let mut again: Vec<Source> = Vec::new();
        let mut evidence: Vec<EventId> = Vec::new();
        for (source, event) in made {
            let expected = self.shape.expected(source.offset);
            let written = self.written.entry(source.clone()).or_insert(Written { count: 0, event });
            written.count += 1;
            if written.count > expected {
                evidence.push(written.event);
                again.push(source);
            }
        }
        evidence.extend(self.ended);
        for (partition, first, last) in runs(again) {
            let (group, to) = way.clone();
            let what = Anomaly::MadeTwice { group, to, partition, first, last };
            look.report(what, evidence.iter().copied());
        }
    }

    /// A transaction was aborted: what was in it and is committed nevertheless is lost.
    fn aborted(&mut self, look: &mut Look<'_>, way: &Way, made: &[(Source, EventId)]) {
        let is_passed = |source: &Source| {
            self.inputs.get(&source.partition).is_some_and(|i| source.offset < i.told)
        };
        let passed = made.iter().map(|(source, _)| source).filter(|source| is_passed(source));
        let lost: Vec<Source> = passed.filter(|source| self.is_missing(source)).cloned().collect();
        report_lost(look, way, lost, &self.ended.into_iter().collect::<Vec<_>>());
    }

    /// The records of a partition between two offsets of which not all came that is to come.
    fn missing(
        &self,
        world: &World,
        partition: &TopicPartition,
        from: Offset,
        to: Offset,
    ) -> Vec<Source> {
        let offsets = count::offsets(world, partition, from, to);
        let sources = offsets.map(|offset| Source { partition: partition.clone(), offset });
        sources.filter(|source| self.is_missing(source)).collect()
    }

    fn is_missing(&self, source: &Source) -> bool {
        let visible = self.written.get(source).map_or(0, |written| written.count);
        let undecided = || self.open.values().flatten().filter(|(made, _)| made == source).count();
        let expected = self.shape.expected(source.offset);
        visible < expected && visible as usize + undecided() < expected as usize
    }
}

fn report_lost(look: &mut Look<'_>, way: &Way, lost: Vec<Source>, evidence: &[EventId]) {
    for (partition, first, last) in runs(lost) {
        let (group, to) = way.clone();
        let what = Anomaly::NeverMade { group, to, partition, first, last };
        look.report(what, evidence.iter().copied());
    }
}

/// Records that lie next to each other, as runs.
fn runs(mut sources: Vec<Source>) -> Vec<(TopicPartition, Offset, Offset)> {
    sources.sort();
    sources.dedup();
    let mut runs: Vec<(TopicPartition, Offset, Offset)> = Vec::new();
    for Source { partition, offset } in sources {
        match runs.last_mut() {
            Some((of, _, last)) if *of == partition && last.next() == offset => *last = offset,
            _ => runs.push((partition, offset, offset)),
        }
    }
    runs
}
