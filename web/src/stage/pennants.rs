//! How far the groups have come, under the strip of the leader: a pennant where a group has
//! committed, a caret where its consumer reads next.

use std::collections::BTreeMap;

use highwater_cluster::ids::{ClientId, GroupId, TopicPartition};
use highwater_cluster::ownership::Holding;
use highwater_cluster::view::ClusterView;
use leptos::prelude::*;

use super::Scene;
use super::groups::name_of;
use super::strip::Strip;
use crate::shows::Shown;

/// The groups that a strip has room to name.
const MOST: usize = 3;

/// About the width of a letter.
const LETTER: f64 = 5.7;

/// How far a group has come in a partition.
#[derive(Clone, Debug, PartialEq)]
struct Reader {
    group: GroupId,
    committed: i64,
    position: Option<i64>,
    /// Which member owns it; where it moves, from whom to whom.
    owner: Option<String>,
}

/// All groups that have committed an offset of the partition.
#[component]
pub fn Pennants(partition: TopicPartition, state: RwSignal<Option<Strip>>) -> impl IntoView {
    let scene = expect_context::<Scene>();
    let part = scene.desk.sim.part(&partition);
    let readers = Memo::new(move |_| {
        let holdings = scene.holdings.read();
        part.with(|view| readers(view, &partition, &holdings))
    });
    let place = move |offset: i64| {
        let geometry = scene.geometry.read();
        let from = state.read().as_ref().map_or(0, |strip| strip.from);
        (offset - from).clamp(0, geometry.measures.cells) as f64 * geometry.cell()
    };
    let lag = move |reader: &Reader| {
        let water = state.read().as_ref().map_or(0, |strip| strip.high_watermark);
        (water - reader.committed).max(0)
    };
    move || {
        let readers = readers.get();
        let width = scene.geometry.read().strip_width();
        let drawn = &readers[..readers.len().min(MOST)];
        let marks: Vec<(f64, f64)> = drawn
            .iter()
            .flat_map(|reader| {
                let x = place(reader.committed);
                let flag =
                    if flies_left(x, width) { (x - 8.0, x + 1.0) } else { (x - 1.0, x + 8.0) };
                let caret = reader.position.map(place).map(|x| (x - 5.0, x + 5.0));
                [Some(flag), caret].into_iter().flatten()
            })
            .collect();
        let lags: Vec<i64> = readers.iter().map(lag).collect();
        let text = words(&readers, &lags).into_iter().find_map(|said| {
            let wide = said.chars().count() as f64 * LETTER;
            room_for(wide, &marks, width).map(|x| (said, x))
        });
        let text = text.filter(|_| scene.shows(Shown::Lag));
        let text = text.map(|(said, x)| view! { <text class="lag" x=x y="58">{said}</text> });
        let (shows_committed, shows_positions) =
            (scene.shows(Shown::Committed), scene.shows(Shown::Positions));
        let marks = drawn.iter().map(move |reader| {
            let x = place(reader.committed);
            let flag =
                if flies_left(x, width) { "v10 m0 -10 l-7 3 7 3" } else { "v10 m0 -10 l7 3 -7 3" };
            let caret = reader.position.filter(|_| shows_positions).map(place).map(|x| {
                view! { <path class="caret" d=format!("M{} 50l4 -5 4 5", x - 4.0)/> }
            });
            let pennant = shows_committed.then(|| {
                view! { <path class="pennant" d=format!("M{x} 48{flag}")/> }
            });
            view! { {pennant} {caret} }
        });
        view! { {marks.collect_view()} {text} }
    }
}

/// What is said of the groups: in full, and shorter for where there is little room.
fn words(readers: &[Reader], lags: &[i64]) -> Vec<String> {
    let (Some(least), Some(most)) = (lags.iter().min(), lags.iter().max()) else {
        return Vec::new();
    };
    let [reader] = readers else {
        let between =
            if least == most { most.to_string() } else { format!("{least}\u{2013}{most}") };
        let count = readers.len();
        return vec![
            t!("stage.groups-lag", count = count, between = between),
            t!("stage.lag-between", between = between),
            t!("stage.lag-most", most = most),
        ];
    };
    let owner = reader.owner.as_ref().map(|owner| format!(" {owner}")).unwrap_or_default();
    vec![
        t!("stage.lag-group", group = reader.group, owner = owner, most = most),
        t!("stage.lag-group-most", group = reader.group, most = most),
        t!("stage.lag-most", most = most),
    ]
}

/// Whether a pennant stands so near the end of its strip that it has to fly to the left.
fn flies_left(pennant: f64, strip: f64) -> bool {
    pennant > strip - 9.0
}

/// Where there is room for a text between the marks of a strip. It may stand out a little at the right.
fn room_for(wide: f64, marks: &[(f64, f64)], strip: f64) -> Option<f64> {
    const AIR: f64 = 3.0;
    let mut marks = marks.to_vec();
    marks.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut from = 0.0_f64;
    let ends = marks.iter().copied().chain([(strip + 8.0 + AIR, 0.0)]);
    for (begin, end) in ends {
        if begin - AIR - from >= wide {
            // Beside the mark that it is about, where one stands before it.
            return Some(from);
        }
        from = from.max(end + AIR);
    }
    None
}

fn readers(
    view: &ClusterView,
    partition: &TopicPartition,
    holdings: &BTreeMap<GroupId, Vec<Holding>>,
) -> Vec<Reader> {
    let committed_of = |known: &(TopicPartition, _)| known.0 == *partition;
    let mut readers = Vec::new();
    for group in &view.groups {
        let Some((_, offset)) = group.committed.iter().find(|known| committed_of(known)) else {
            continue;
        };
        let members = view
            .consumers
            .iter()
            .filter(|consumer| consumer.group == group.id && !consumer.is_closed);
        let position = members
            .flat_map(|consumer| &consumer.assignment)
            .find(|owned| owned.partition == *partition)
            .and_then(|owned| owned.position)
            .map(|position| position.0);
        let held = holdings.get(&group.id).into_iter().flatten();
        let owner = held
            .filter(|holding| holding.partition == *partition)
            .find_map(|holding| owner(holding, |client| name_of(view, client)));
        readers.push(Reader { group: group.id.clone(), committed: offset.0, position, owner });
    }
    readers
}

/// Who owns a partition; where it moves, from whom to whom.
fn owner(holding: &Holding, name: impl Fn(ClientId) -> String) -> Option<String> {
    let owner = holding.owners.first().map(|owner| name(*owner));
    match (owner, holding.given) {
        (owner, _) if !holding.moves() => owner,
        (Some(owner), Some(given)) => Some(format!("{owner} \u{2192} {}", name(given))),
        (None, Some(given)) if holding.is_decided => Some(format!("\u{2192} {}", name(given))),
        (owner, _) => owner,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_never_run_into_marks() {
        for seed in 0..500_u32 {
            let at = |salt: u32| f64::from((seed * 37 + salt * 61) % 140);
            let marks: Vec<(f64, f64)> =
                (0..4).map(|salt| (at(salt) - 1.0, at(salt) + 8.0)).collect();
            for wide in [20.0, 60.0, 110.0] {
                let Some(x) = room_for(wide, &marks, 140.0) else { continue };
                assert!(x >= 0.0 && x + wide <= 148.0);
                let is_free = |(from, to): &(f64, f64)| x + wide <= *from || x >= *to;
                assert!(marks.iter().all(is_free), "{wide} at {x} among {marks:?}");
            }
        }
        assert_eq!(room_for(60.0, &[], 140.0), Some(0.0));
        assert_eq!(room_for(100.0, &[(0.0, 70.0)], 140.0), None);
    }
}
