//! The consumer groups: a frame around the members, and below them how the group's protocol stands.

use highwater_cluster::event::GroupState;
use highwater_cluster::ids::{ClientId, GroupId};
use highwater_cluster::ownership::{Fate, Holding};
use highwater_cluster::view::{ClusterView, GroupView, RecordState, ShareGroupView};
use leptos::prelude::*;

use super::Scene;
use super::geometry::FRAME_FOOT;
use super::press::is_press;
use crate::format::count;
use crate::shows::{Shown, Shows};
use crate::subject::Subject;

/// About the width of a letter of the lines below the members.
const LETTER: f64 = 5.9;

/// What is said of a group: three lines.
#[derive(Clone, Debug, Default, PartialEq)]
struct Face {
    /// Its state, as Kafka's tools print it.
    state: String,
    /// Whether nothing moves: every member has its assignment.
    is_settled: bool,
    /// By which generation or epochs, by which assignor, at which coordinator.
    protocol: String,
    /// What moves from whom to whom; else how far it has come.
    moves: String,
}

/// The frame of a group.
#[component]
pub fn Group(group: GroupId) -> impl IntoView {
    let scene = expect_context::<Scene>();
    let desk = scene.desk;
    let (known, placed) = (group.clone(), group.clone());
    let area = Memo::new(move |_| scene.geometry.read().group(&placed).unwrap_or_default());
    let face = Memo::new(move |_| {
        let holdings = scene.holdings.read();
        let held = holdings.get(&known).map_or(&[][..], Vec::as_slice);
        let shows = desk.shows.get();
        desk.sim.standing.with(|view| face(view, &known, held, shows))
    });
    let subject = Subject::Group(group.clone());
    let is_selected = desk.is_selected(subject.clone());
    let select = desk.selecting(subject);
    let by_key = select.clone();
    let name = t!("stage.group", group = group);
    let shown = name.clone();
    let said = move || {
        let Face { state, protocol, moves, .. } = face.get();
        if state.is_empty() { protocol } else { format!("{state}, {protocol}; {moves}") }
    };
    let line = move |number: f64| area.get().bottom() - FRAME_FOOT + 20.0 + number * 18.0;
    let fit = move |text: String| clip(text, ((area.get().w - 24.0) / LETTER) as usize);
    let is_settled = move || face.read().is_settled;
    view! {
        <rect class="frame" x=move || area.get().x y=move || area.get().y width=move || area.get().w
            height=move || area.get().h rx="10"/>
        <g class="node group-head" class:selected=is_selected role="button" tabindex="0" aria-label=name
            aria-description=said
            on:click=move |_| select()
            on:keydown=move |event| if is_press(&event) { by_key() }>
            <rect class="hit" x=move || area.get().x + 4.0 y=move || area.get().bottom() - FRAME_FOOT + 4.0
                width=move || (area.get().w - 8.0).max(0.0) height=FRAME_FOOT - 8.0 rx="6"/>
        </g>
        <g class="drawn group-words" class:moving=move || !is_settled()>
            <text class="group-name" x=move || area.get().x + 12.0 y=move || line(0.0)>{clip(shown, 28)}</text>
            <text class="group-state" x=move || area.get().right() - 12.0 y=move || line(0.0) text-anchor="end">
                {move || if is_settled() { face.get().state } else { format!("\u{21c4} {}", face.get().state) }}
            </text>
            <text x=move || area.get().x + 12.0 y=move || line(1.0)>{move || fit(face.get().protocol)}</text>
            <text class="group-moves" x=move || area.get().x + 12.0 y=move || line(2.0)>{move || fit(face.get().moves)}</text>
        </g>
    }
    .into_any()
}

fn face(view: &ClusterView, group: &GroupId, holdings: &[Holding], shows: Shows) -> Face {
    if let Some(known) = view.share_group(group) {
        return share_face(known);
    }
    let Some(known) = view.groups.iter().find(|known| known.id == *group) else {
        return Face {
            state: t!("stage.unknown").to_owned(),
            is_settled: true,
            protocol: t!("stage.no-coordinator-yet").to_owned(),
            moves: t!("stage.no-member-has").to_owned(),
        };
    };
    let moving = moves(view, holdings);
    let is_settled =
        matches!(known.state, GroupState::Stable | GroupState::Empty) && moving.is_empty();
    // How a group agrees is taught with the lag; before that it is who is in it.
    if !shows.has(Shown::Lag) {
        let members = t!("stage.members", number = known.members.len() as u64);
        return Face { is_settled, protocol: members, ..Face::default() };
    }
    let moves = if moving.is_empty() { calm(view, known) } else { moving.join("; ") };
    Face { state: known.state.name().to_owned(), is_settled, protocol: protocol(known), moves }
}

/// A share group: nothing moves between its members, each gets records of any partition it is given.
fn share_face(group: &ShareGroupView) -> Face {
    let epoch = t!("stage.share-group-epoch", epoch = group.epoch, coordinator = group.coordinator);
    let records = |state| group.records(state);
    let mut moves = t!(
        "stage.share-records",
        acquired = count(records(RecordState::Acquired)),
        available = count(records(RecordState::Available)),
        archived = count(records(RecordState::Archived))
    );
    // Most groups have no dead-letter queue.
    let archiving = records(RecordState::Archiving);
    if archiving > 0 {
        moves.push_str(", ");
        moves.push_str(&t!("stage.share-archiving", archiving = count(archiving)));
    }
    Face { state: group.state.name().to_owned(), is_settled: true, protocol: epoch, moves }
}

/// By generation under the classic protocol, by epochs under the consumer one (KIP-848).
fn protocol(group: &GroupView) -> String {
    let by = match group.assignment_epoch {
        None => t!("stage.generation-generation", generation = group.generation),
        Some(target) if target == group.generation => {
            t!("stage.group-and-assignment", target = target)
        }
        Some(target) => {
            t!("stage.group-epoch-assignment", generation = group.generation, target = target)
        }
    };
    let assignor = group.assignor.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
    t!("stage.coordinator-broker", by = by, assignor = assignor, coordinator = group.coordinator)
}

/// How a group stands in which nothing moves.
fn calm(view: &ClusterView, group: &GroupView) -> String {
    let members = t!("stage.members", number = group.members.len() as u64);
    match group.state {
        GroupState::PreparingRebalance => t!("stage.waits-until-all", members = members),
        GroupState::CompletingRebalance => {
            t!("stage.waits-for-assignment", members = members)
        }
        _ => t!("stage.lag", members = members, lag = count(lag(view, group))),
    }
}

/// How many committed records the group has not committed yet, over all partitions of which it has committed.
fn lag(view: &ClusterView, group: &GroupView) -> u64 {
    let of = |(partition, offset): &(_, highwater_cluster::log::Offset)| {
        let replicas =
            view.brokers.iter().filter_map(|broker| super::strip::find(broker, partition));
        let water = replicas.map(|replica| replica.high_watermark.0).max().unwrap_or(0);
        (water - offset.0).max(0) as u64
    };
    group.committed.iter().map(of).sum()
}

/// What moves, as sentences; partitions that move alike share one.
fn moves(view: &ClusterView, holdings: &[Holding]) -> Vec<String> {
    let mut alike: Vec<(String, Vec<String>)> = Vec::new();
    for holding in holdings.iter().filter(|holding| holding.moves()) {
        let whither = whither(view, holding);
        let partition = holding.partition.to_string();
        match alike.iter_mut().find(|(known, _)| *known == whither) {
            Some((_, partitions)) => partitions.push(partition),
            None => alike.push((whither, vec![partition])),
        }
    }
    let said = |(whither, partitions): (String, Vec<String>)| {
        format!("{} {whither}", partitions.join(", "))
    };
    alike.into_iter().map(said).collect()
}

fn whither(view: &ClusterView, holding: &Holding) -> String {
    let named = |client: ClientId| name_of(view, client);
    let leaving: Vec<String> = holding
        .owners
        .iter()
        .filter(|owner| holding.fate(**owner) == Some(Fate::Leaves))
        .map(|owner| named(*owner))
        .collect();
    let leaving = leaving.join(t!("stage.and"));
    match holding.given {
        Some(given) if !holding.is_decided => t!("stage.given-up-by", client = named(given)),
        Some(given) if leaving.is_empty() => format!("\u{2192} {}", named(given)),
        Some(given) => format!("{leaving} \u{2192} {}", named(given)),
        None => t!("stage.leaves", leaving = leaving),
    }
}

/// The name that a person gave a client.
pub fn name_of(view: &ClusterView, client: ClientId) -> String {
    view.client_name(client)
        .map_or_else(|| t!("stage.client", client = client), ToString::to_string)
}

/// Cuts what there is no room for; it is said in full to those who listen.
fn clip(mut text: String, most: usize) -> String {
    if text.chars().count() > most
        && let Some((at, _)) = text.char_indices().nth(most.saturating_sub(1))
    {
        text.truncate(at);
        text.push('\u{2026}');
    }
    text
}

#[cfg(test)]
mod tests {
    use highwater_cluster::ids::{TopicName, TopicPartition};

    use super::*;

    fn check(owners: &[u32], given: Option<u32>, is_decided: bool, expect: &str) {
        let holding = |index: i32| Holding {
            partition: TopicPartition::new(&TopicName::from("orders"), index),
            owners: owners.iter().map(|id| ClientId(*id)).collect(),
            given: given.map(ClientId),
            is_decided,
        };
        let said = moves(&ClusterView::default(), &[holding(0), holding(1)]);
        assert_eq!(said.join("; "), expect);
    }

    #[test]
    fn what_moves_is_said() {
        check(&[1], Some(1), true, "");
        check(&[1], Some(2), true, "orders-0, orders-1 client 1 \u{2192} client 2");
        check(&[], Some(2), true, "orders-0, orders-1 \u{2192} client 2");
        check(&[1], None, true, "orders-0, orders-1 leaves client 1");
        check(&[], Some(1), false, "orders-0, orders-1 given up by client 1");
        check(&[1, 2], Some(2), true, "orders-0, orders-1 client 1 \u{2192} client 2");
    }
}
