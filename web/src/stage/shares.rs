//! What has become of the records of a share group (KIP-932), in the cells of the leader's strip: each record between the
//! group's start and end offset has a state of its own, and so a mark.

use std::fmt::Write;

use highwater_cluster::ids::TopicPartition;
use highwater_cluster::log::Offset;
use highwater_cluster::view::{ClusterView, RecordState, SharePartitionView};
use leptos::prelude::*;

use super::Scene;
use super::strip::Strip;
use crate::format::count;

/// The marks of records, a path for each state.
pub type Marks = [String; 5];

/// The classes of the paths of [`Marks`].
pub const CLASSES: [&str; 5] = ["available", "acquired", "acknowledged", "archiving", "archived"];

/// The marks in the cells, and below the strip in words how many records somebody has in hand.
#[component]
pub fn ShareMarks(partition: TopicPartition, state: RwSignal<Option<Strip>>) -> impl IntoView {
    let scene = expect_context::<Scene>();
    let part = scene.desk.sim.part(&partition);
    let drawn = Memo::new(move |_| {
        part.with(|view| {
            let known = known_of(view, &partition).next()?;
            let strip = state.read();
            let strip = strip.as_ref()?;
            let geometry = scene.geometry.read();
            let measures = geometry.measures;
            let window = (Offset(strip.from), Offset(strip.from + measures.cells));
            let y = measures.strip_y + measures.strip_h / 2.0;
            let marks = marks(known, window, geometry.cell(), y);
            // Where a consumer group reads as well, its lag stands there.
            let is_alone = !view
                .groups
                .iter()
                .any(|group| group.committed.iter().any(|(known, _)| *known == partition));
            let words = is_alone.then(|| {
                let held = held(known);
                t!("stage.share-held", group = known.group, held = count(held))
            });
            Some((marks, words))
        })
    });
    move || {
        let (marks, words) = drawn.get()?;
        let words = words.map(|words| view! { <text class="lag" x="0" y="58">{words}</text> });
        Some(view! { <g class="share-marks">{paths(marks)}</g> {words} })
    }
}

/// What is drawn of marks.
pub fn paths(marks: Marks) -> impl IntoView {
    let all = CLASSES.into_iter().zip(marks).filter(|(_, path)| !path.is_empty());
    all.map(|(class, path)| view! { <path class=class d=path/> }).collect_view()
}

/// The marks of the records of a window of offsets, whose cells are so wide, at that height.
pub fn marks(known: &SharePartitionView, window: (Offset, Offset), cell: f64, y: f64) -> Marks {
    let mut marks = Marks::default();
    for run in &known.in_flight {
        let (first, behind) = (run.first.max(window.0), run.last.next().min(window.1));
        let place = RecordState::ALL.iter().position(|state| *state == run.state).unwrap_or(0);
        for offset in first.0..behind.0 {
            let x = ((offset - window.0.0) as f64 + 0.5) * cell;
            add(&mut marks[place], run.state, x, y);
        }
    }
    marks
}

/// Half the width of a mark.
pub const HALF: f64 = 3.5;

/// A ring for what may be handed out, a block for what somebody has, a tick for what is done, a stroke for what is on
/// its way into the dead-letter queue, and a cross once that is over.
fn add(path: &mut String, state: RecordState, x: f64, y: f64) {
    let r = HALF;
    let _ = match state {
        RecordState::Available => {
            write!(
                path,
                "M{:.1} {y:.1}a{r} {r} 0 1 0 {} 0a{r} {r} 0 1 0 -{} 0",
                x - r,
                2.0 * r,
                2.0 * r
            )
        }
        RecordState::Acquired => {
            write!(path, "M{:.1} {:.1}h{}v{}h-{}z", x - r, y - r, 2.0 * r, 2.0 * r, 2.0 * r)
        }
        RecordState::Acknowledged => write!(path, "M{:.1} {y:.1}l2.5 3 4.5 -6", x - r),
        RecordState::Archiving => {
            write!(path, "M{:.1} {:.1}l6 6", x - 3.0, y - 3.0)
        }
        RecordState::Archived => {
            write!(path, "M{:.1} {:.1}l6 6m0 -6l-6 6", x - 3.0, y - 3.0)
        }
    };
}

/// What the marks mean: class, path around a place, and words.
pub fn key(x: f64, y: f64) -> impl Iterator<Item = (&'static str, String, &'static str)> {
    let says = [
        t!("anatomy.share-available"),
        t!("anatomy.share-acquired"),
        t!("anatomy.share-acknowledged"),
        t!("anatomy.share-archiving"),
        t!("anatomy.share-archived"),
    ];
    RecordState::ALL.into_iter().zip(CLASSES).zip(says).map(move |((state, class), says)| {
        let mut path = String::new();
        add(&mut path, state, x, y);
        (class, path, says)
    })
}

/// What the share groups that have fetched from a partition know of it, in order of their names.
pub fn known_of<'a>(
    view: &'a ClusterView,
    partition: &'a TopicPartition,
) -> impl Iterator<Item = &'a SharePartitionView> {
    let all = view.share_groups.iter().flat_map(|group| &group.partitions);
    all.filter(move |known| known.partition == *partition)
}

/// How many records members have in hand.
pub fn held(known: &SharePartitionView) -> u64 {
    let runs = known.in_flight.iter().filter(|run| run.state == RecordState::Acquired);
    runs.map(|run| u64::try_from(run.last.0 - run.first.0 + 1).unwrap_or(0)).sum()
}

#[cfg(test)]
mod tests {
    use highwater_cluster::ids::{BrokerId, GroupId};
    use highwater_cluster::view::InFlightView;

    use super::*;

    fn run(first: i64, last: i64, state: RecordState) -> InFlightView {
        InFlightView {
            first: Offset(first),
            last: Offset(last),
            state,
            delivery_count: 1,
            member: None,
            client: None,
            is_being_written: false,
        }
    }

    #[test]
    fn each_record_of_the_window_has_the_mark_of_its_state() {
        let known = SharePartitionView {
            group: GroupId::from("g"),
            partition: TopicPartition::new(&"t".into(), 0),
            leader: BrokerId(1),
            start: Offset(2),
            end: Offset(30),
            in_flight: vec![
                run(2, 11, RecordState::Acknowledged),
                run(12, 13, RecordState::Acquired),
                run(14, 14, RecordState::Archived),
                run(15, 15, RecordState::Archiving),
                run(16, 29, RecordState::Available),
            ],
        };
        let drawn = marks(&known, (Offset(10), Offset(20)), 14.0, 30.0);
        let of = |place: usize| drawn[place].matches('M').count();
        assert_eq!([of(0), of(1), of(2), of(3), of(4)], [4, 2, 2, 1, 1]);
        assert!(drawn[2].starts_with("M3.5 30.0"), "{}", drawn[2]);
        assert_eq!(held(&known), 2);
    }
}
