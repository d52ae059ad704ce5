//! Transactions that are open or being ended, as brackets over the partitions that they touch.

use std::sync::Arc;

use highwater_cluster::ids::{TopicPartition, TransactionalId};
use highwater_cluster::view::{ClusterView, TransactionState, TransactionView};
use leptos::prelude::*;

use crate::each::Each;

use super::Scene;
use super::geometry::Geometry;

/// The brackets that have room beside each other.
const LANES: usize = 3;

/// How far they stand apart.
const LANE: f64 = 6.0;

/// A transaction as a bracket.
#[derive(Clone, Debug, PartialEq)]
pub struct Bracket {
    /// Which.
    pub id: TransactionalId,
    /// How it stands.
    pub state: TransactionState,
    /// Which of the lanes it stands in.
    pub lane: usize,
    /// The middles of the rows that it touches, from above.
    pub ticks: Vec<f64>,
    /// Everything that is to be said of it.
    pub words: String,
}

/// What stands under the name of a partition that a transaction has touched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Note {
    /// Which transaction, and how it stands.
    pub transaction: String,
    /// Where it holds the last stable offset, if it does.
    pub holds: Option<String>,
}

/// The brackets of a cluster.
pub fn brackets(view: &ClusterView, geometry: &Geometry) -> Vec<Bracket> {
    let mut brackets: Vec<Bracket> = Vec::new();
    for transaction in live(view) {
        let mut ticks: Vec<f64> = transaction
            .partitions
            .iter()
            .filter_map(|partition| geometry.strip_middle(partition))
            .collect();
        ticks.sort_by(f64::total_cmp);
        ticks.dedup();
        let (Some(first), Some(last)) = (ticks.first(), ticks.last()) else { continue };
        let is_free = |lane: &usize| {
            let mut there = brackets.iter().filter(|known| known.lane == *lane);
            there.all(|known| known.ticks[known.ticks.len() - 1] < *first || known.ticks[0] > *last)
        };
        // Where there is no lane left they share the last one; their rows name them.
        let lane = (0..LANES).find(is_free).unwrap_or(LANES - 1);
        let (id, state) = (transaction.id.clone(), transaction.state);
        brackets.push(Bracket { id, state, lane, ticks, words: words(view, transaction) });
    }
    brackets
}

/// What is to be said under the name of a partition; nothing if no transaction has touched it.
pub fn note(view: &ClusterView, partition: &TopicPartition) -> Option<Note> {
    let mut here = live(view).filter(|known| known.partitions.contains(partition));
    let first = here.next()?;
    let more = match here.count() {
        0 => String::new(),
        more => format!(" +{more}"),
    };
    let transaction = format!("{}{more} {}", first.id, doing(first.state));
    Some(Note {
        transaction,
        holds: held(view, partition).map(|at| t!("stage.lso-held-at", at = at)),
    })
}

/// The transactions that hold something back.
fn live(view: &ClusterView) -> impl Iterator<Item = &TransactionView> {
    view.transactions.iter().filter(|known| {
        matches!(
            known.state,
            TransactionState::Ongoing
                | TransactionState::PrepareCommit
                | TransactionState::PrepareAbort
                | TransactionState::PrepareEpochFence
        ) && !known.partitions.is_empty()
    })
}

/// What a transaction does, in a word.
fn doing(state: TransactionState) -> &'static str {
    match state {
        TransactionState::PrepareCommit => t!("stage.committing"),
        TransactionState::PrepareAbort | TransactionState::PrepareEpochFence => {
            t!("stage.aborting")
        }
        _ => t!("stage.open"),
    }
}

/// The last stable offset of a partition, where it lies below the high watermark.
fn held(view: &ClusterView, partition: &TopicPartition) -> Option<i64> {
    let topic = view.topics.iter().find(|topic| topic.name == partition.topic)?;
    let known = topic.partitions.iter().find(|known| known.partition == *partition)?;
    let leader = view.brokers.iter().find(|broker| Some(broker.id) == known.leader)?;
    let replica = super::strip::find(leader, partition)?;
    (replica.last_stable_offset < replica.high_watermark).then_some(replica.last_stable_offset.0)
}

fn words(view: &ClusterView, transaction: &TransactionView) -> String {
    let partitions: Vec<String> = transaction.partitions.iter().map(ToString::to_string).collect();
    let touches = match transaction.state {
        TransactionState::Ongoing => t!("stage.over", partitions = partitions.join(", ")),
        _ => t!("stage.marker-awaited-in", partitions = partitions.join(", ")),
    };
    let held: Vec<String> = transaction
        .partitions
        .iter()
        .filter_map(|partition| {
            Some(t!("stage.of", offset = held(view, partition)?, partition = partition))
        })
        .collect();
    let holds = if held.is_empty() {
        String::new()
    } else {
        t!("stage.read-committed-waits", held = held.join(", "))
    };
    format!("{}, {touches}{holds}", transaction.state.name())
}

/// The brackets, left of the names of the rows.
#[component]
pub fn Brackets() -> impl IntoView {
    let scene = expect_context::<Scene>();
    let all = Memo::new(move |_| {
        let geometry = scene.geometry.read();
        scene.desk.sim.standing.with(|view| Arc::new(brackets(view, &geometry)))
    });
    let ids = move || all.read().iter().map(|known| known.id.clone()).collect::<Vec<_>>();
    view! {
        <Each each=ids key=|id| id.clone() let:id>
            <Drawn id all/>
        </Each>
    }
    .into_any()
}

#[component]
fn Drawn(id: TransactionalId, all: Memo<Arc<Vec<Bracket>>>) -> impl IntoView {
    let scene = expect_context::<Scene>();
    let name = t!("stage.transaction", id = id);
    let own = Memo::new(move |_| all.read().iter().find(|known| known.id == id).cloned());
    let path = move || {
        let x = scene.geometry.read().labels_x - 2.0;
        own.read().as_ref().map(|known| outline(known, x))
    };
    let is_ending =
        move || own.read().as_ref().is_some_and(|known| known.state != TransactionState::Ongoing);
    view! {
        <g class="bracket" class:ending=is_ending role="img" aria-label=name
            aria-description=move || own.read().as_ref().map(|known| known.words.clone())>
            <path d=path/>
        </g>
    }
    .into_any()
}

/// A line along its rows, with a tick at each that it touches.
fn outline(bracket: &Bracket, x: f64) -> String {
    let x = x - LANE * (LANES - 1 - bracket.lane) as f64;
    let (first, last) = (bracket.ticks[0], bracket.ticks[bracket.ticks.len() - 1]);
    // One that touches a single row is still to be seen as a bracket.
    let (from, to) = if last > first { (first, last) } else { (first - 8.0, last + 8.0) };
    let mut path = format!("M{:.1} {from}H{x:.1}V{to}H{:.1}", x + 5.0, x + 5.0);
    for y in bracket.ticks.iter().filter(|y| **y > from && **y < to) {
        path.push_str(&format!("M{x:.1} {y}h5"));
    }
    path
}

#[cfg(test)]
mod tests {
    use highwater_cluster::ids::{BrokerId, TopicName};
    use highwater_cluster::log::{ProducerEpoch, ProducerId};

    use super::*;
    use crate::stage::shape::{Row, Shape};

    fn transaction(id: &str, state: TransactionState, partitions: &[i32]) -> TransactionView {
        let topic = TopicName::from("orders");
        TransactionView {
            id: TransactionalId::from(id),
            coordinator: BrokerId(1),
            producer_id: ProducerId(1),
            producer_epoch: ProducerEpoch(0),
            state,
            pending: None,
            partitions: partitions
                .iter()
                .map(|index| TopicPartition::new(&topic, *index))
                .collect(),
            timeout_ms: 60_000,
            started_at: None,
        }
    }

    #[test]
    fn brackets_that_share_rows_stand_side_by_side() {
        let topic = TopicName::from("orders");
        let rows = (0..6).map(|index| Row::Partition(TopicPartition::new(&topic, index)));
        let shape = Shape { brokers: vec![BrokerId(1)], rows: rows.collect(), ..Shape::default() };
        let geometry = Geometry::new(&shape);
        let view = ClusterView {
            transactions: vec![
                transaction("a", TransactionState::Ongoing, &[0, 2]),
                transaction("b", TransactionState::PrepareCommit, &[1]),
                transaction("c", TransactionState::Ongoing, &[4, 5]),
                transaction("d", TransactionState::CompleteCommit, &[3]),
            ],
            ..ClusterView::default()
        };
        let drawn = brackets(&view, &geometry);
        let lanes: Vec<(&str, usize, usize)> =
            drawn.iter().map(|known| (known.id.as_str(), known.lane, known.ticks.len())).collect();
        assert_eq!(lanes, [("a", 0, 2), ("b", 1, 1), ("c", 0, 2)]);
        assert!(drawn.iter().all(|known| outline(known, 30.0).starts_with('M')));
        let said = note(&view, &TopicPartition::new(&topic, 1)).unwrap();
        assert_eq!(said, Note { transaction: "b committing".to_owned(), holds: None });
        assert_eq!(drawn[1].words, "PrepareCommit, the marker is awaited in orders-1");
    }
}
