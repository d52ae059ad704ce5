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
pub fn Pennants(partition: TopicPartition, state: Memo<Option<Strip>>) -> impl IntoView {
    let scene = expect_context::<Scene>();
    let readers = Memo::new(move |_| {
        let holdings = scene.holdings.read();
        scene.desk.sim.view.with(|view| readers(view, &partition, &holdings))
    });
    let place = move |offset: i64| {
        let geometry = scene.geometry.read();
        let from = state.read().as_ref().map_or(0, |strip| strip.from);
        (offset - from).clamp(0, geometry.measures.cells) as f64 * geometry.cell()
    };
    // In full, and short for where there is little room.
    let words = move |reader: &Reader, count: usize| {
        let water = state.read().as_ref().map_or(0, |strip| strip.high_watermark);
        let lag = (water - reader.committed).max(0);
        let more = if count > 1 { format!(", and {} more", count - 1) } else { String::new() };
        let owner = reader.owner.as_ref().map(|owner| format!(" {owner}")).unwrap_or_default();
        [
            format!("{}{owner}, lag {lag}{more}", reader.group),
            format!("{}, lag {lag}{more}", reader.group),
            format!("lag {lag}{more}"),
            format!("lag {lag}"),
        ]
    };
    move || {
        let readers = readers.get();
        let count = readers.len();
        let drawn = readers.into_iter().take(MOST).enumerate().map(move |(index, reader)| {
            let x = place(reader.committed);
            let caret_x = reader.position.map(place);
            let width = scene.geometry.read().strip_width();
            let text = (index == 0).then(|| {
                let fitting = words(&reader, count).into_iter().find_map(|said| {
                    let wide = said.chars().count() as f64 * LETTER;
                    room_for(wide, x, caret_x, width).map(|place| (said, place))
                });
                fitting.map(|(said, (at, anchor))| {
                    view! { <text class="lag" x=at y="58" text-anchor=anchor>{said}</text> }
                })
            });
            let is_right = flies_left(x, width);
            let flag = if is_right { "v10 m0 -10 l-7 3 7 3" } else { "v10 m0 -10 l7 3 -7 3" };
            let caret = caret_x.map(|x| {
                view! { <path class="caret" d=format!("M{} 50l4 -5 4 5", x - 4.0)/> }
            });
            view! { <path class="pennant" d=format!("M{x} 48{flag}")/> {caret} {text} }
        });
        drawn.collect_view()
    }
}

/// Whether a pennant stands so near the end of its strip that it has to fly to the left.
fn flies_left(pennant: f64, strip: f64) -> bool {
    pennant > strip - 9.0
}

/// Where there is room for a text beside a pennant, such that it does not run into the caret.
fn room_for(
    wide: f64,
    pennant: f64,
    caret: Option<f64>,
    strip: f64,
) -> Option<(f64, &'static str)> {
    let right_of = pennant + 11.0;
    let is_clear = caret.is_none_or(|caret| caret <= pennant || caret - 8.0 > right_of + wide);
    let after = caret.map_or(right_of, |caret| caret.max(pennant) + 9.0);
    let left_of = pennant - if flies_left(pennant, strip) { 12.0 } else { 5.0 };
    if left_of >= wide {
        Some((left_of, "end"))
    } else if is_clear && right_of + wide <= strip + 8.0 {
        Some((right_of, "start"))
    } else {
        (after + wide <= strip + 8.0).then_some((after, "start"))
    }
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
