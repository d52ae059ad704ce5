//! Producers, consumers and applications, below the matrix; the members of a group stand in a frame.

use std::collections::BTreeSet;

use highwater_cluster::event::MemberState;
use highwater_cluster::ids::ClientId;
use highwater_cluster::ownership::Fate;
use highwater_cluster::view::{
    AppView, ClusterView, ConsumerView, ProducerView, RealClientView, ShareConsumerView,
};
use leptos::prelude::*;

use super::Scene;
use super::chips::{self, CHIP_H, Chip};
use super::groups::Group;
use super::press::is_press;
use crate::each::Each;
use crate::format::{count, list, shorten};
use crate::shows::{Shown, Shows};
use crate::subject::Subject;

/// About the widths of the letters of a card's name, and of what stands beside it.
const NAME_LETTER: f64 = 7.0;
const ASIDE_LETTER: f64 = 7.5;

/// All producers, groups and consumers.
#[component]
pub fn Clients() -> impl IntoView {
    let scene = expect_context::<Scene>();
    let clients = move || -> Vec<ClientId> {
        let shape = scene.shape.read();
        let members = shape.groups.iter().flat_map(|(_, members)| members);
        shape.alone.iter().chain(members).copied().collect()
    };
    view! {
        <Each each=move || scene.shape.read().groups.clone() key=|(group, _)| group.clone() let((group, _))>
            <Group group/>
        </Each>
        <Each each=clients key=|id| *id let:id>
            <Card id/>
        </Each>
    }
    .into_any()
}

/// What a card says.
#[derive(Clone, Debug, Default, PartialEq)]
struct Face {
    name: String,
    aside: String,
    words: String,
    warns: bool,
}

#[component]
fn Card(id: ClientId) -> impl IntoView {
    let scene = expect_context::<Scene>();
    let desk = scene.desk;
    let area = Memo::new(move |_| {
        scene.geometry.read().client(id).map(|(area, _)| area).unwrap_or_default()
    });
    let face = Memo::new(move |_| {
        let view = desk.sim.standing.read();
        let shows = desk.shows.get();
        let producer = |known: &ProducerView| producer(known, shows);
        let producers = view.producers.iter().find(|known| known.client == id).map(producer);
        let consumer = |known: &ConsumerView| consumer(&view, known, shows);
        let consumers = || view.consumers.iter().find(|known| known.client == id).map(consumer);
        let apps = || view.apps.iter().find(|known| known.client == id).map(app);
        let real = || view.real_client(id).map(real_client);
        let share = || view.share_consumers.iter().find(|known| known.client == id);
        let share = || share().map(share_consumer);
        let face = producers.or_else(consumers).or_else(apps).or_else(share).or_else(real);
        held_back(&view, id, face.unwrap_or_default())
    });
    let owned = Memo::new(move |_| {
        let shape = scene.shape.read();
        let group = shape.groups.iter().find(|(_, members)| members.contains(&id));
        let (group, _) = group?;
        let holdings = scene.holdings.read();
        let held = holdings.get(group)?;
        let room = (area.get().w - 24.0).max(0.0);
        Some((chips::chips(held, id, room), chips::words(held, id)))
    });
    let said = move || {
        let words = face.get().words;
        owned.get().map_or_else(|| words.clone(), |(_, owns)| format!("{words}; {owns}"))
    };
    let subject = desk.sim.standing.with_untracked(|view| {
        if view.producers.iter().any(|known| known.client == id) {
            Subject::Producer(id)
        } else if view.apps.iter().any(|known| known.client == id) {
            Subject::App(id)
        } else if view.real_client(id).is_some() {
            Subject::RealClient(id)
        } else {
            Subject::Consumer(id)
        }
    });
    let is_selected = desk.is_selected(subject.clone());
    let select = desk.selecting(subject);
    let by_key = select.clone();
    let place = move || format!("translate({} {})", area.get().x, area.get().y);
    view! {
        <g class="node client" class:selected=is_selected role="button" tabindex="0"
            aria-label=move || face.get().name
            aria-description=said
            on:click=move |_| select()
            on:keydown=move |event| if is_press(&event) { by_key() }
            transform=place>
            <rect class="face" width=move || area.get().w height=move || area.get().h rx="8"/>
        </g>
        <g class="drawn" transform=place>
            <text class="client-name" x="12" y="21">{move || {
                let Face { name, aside, .. } = face.get();
                let room = area.get().w - 32.0 - ASIDE_LETTER * aside.chars().count() as f64;
                shorten(&name, (room / NAME_LETTER).max(5.0) as usize)
            }}</text>
            <text class="client-aside" x=move || area.get().w - 12.0 y="21" text-anchor="end">{move || face.get().aside}</text>
            <text class="client-words" class:warns=move || face.read().warns x="12" y="40">
                {move || shorten(&face.get().words, if scene.shape.read().is_narrow { 22 } else { 26 })}
            </text>
            <Each each=move || owned.get().map(|(chips, _)| chips).unwrap_or_default()
                key=|chip| (chip.words.clone(), chip.x as i64, chip.fate) let:chip>
                <ChipView chip/>
            </Each>
        </g>
    }
}

/// One chip: a frame for partitions, drawn by how they fare.
#[component]
fn ChipView(chip: Chip) -> impl IntoView {
    let Chip { x, w, words, fate } = chip;
    let kind = match fate {
        Some(Fate::Keeps) => "keeps",
        Some(Fate::Leaves) => "leaves",
        Some(Fate::Comes) => "comes",
        Some(Fate::GivenUp) => "given-up",
        None => "words",
    };
    let place = format!("translate({x:.1} 50)");
    let (at, anchor) = if fate.is_some() { (w / 2.0, "middle") } else { (0.0, "start") };
    view! {
        <g class=format!("chip {kind}") transform=format!("translate(12 0) {place}")>
            {fate.map(|_| view! { <rect width=w height=CHIP_H rx="4"/> })}
            <text x=at y="13.5" text-anchor=anchor>{words}</text>
        </g>
    }
}

/// A client that is beyond its quota is not heard for a while: nothing else matters as much.
fn held_back(view: &ClusterView, id: ClientId, face: Face) -> Face {
    if view.throttled.is_empty() {
        return face;
    }
    let of_connections = || {
        let connections = &view.real_client(id)?.connections;
        connections.iter().filter_map(|it| view.throttled_until(it.client)).max()
    };
    let Some(until) = view.throttled_until(id).or_else(of_connections) else { return face };
    let tenths = until.since(view.at).millis().div_ceil(100);
    let words = t!("stage.held-back", seconds = format!("{}.{}", tenths / 10, tenths % 10));
    Face { words, warns: true, ..face }
}

fn producer(view: &ProducerView, shows: Shows) -> Face {
    let waiting = view.records_waiting + view.records_in_flight;
    let (words, warns) = match &view.last_error {
        // Under way for longer than a quarter of a second: it is being sent again.
        Some(error) if waiting > u64::from(view.rate / 4).max(1) => (shorten(error, 17), true),
        _ if view.transaction.is_some() => (transaction(view), false),
        _ if view.is_done && waiting == 0 => (t!("stage.all-sent").to_owned(), false),
        // What it waits for is answers of replicas: who knows of none knows nothing of acks.
        _ if !shows.has(Shown::Replicas) && view.rate == 0 => {
            (t!("stage.sends-when-told").to_owned(), false)
        }
        _ if !shows.has(Shown::Replicas) => (t!("stage.at-rate", rate = view.rate), false),
        _ if waiting > 0 => {
            (t!("stage.acks-unanswered", acks = view.acks, waiting = count(waiting)), false)
        }
        _ => (t!("stage.acks-s", acks = view.acks, rate = view.rate), false),
    };
    Face {
        name: t!("stage.producer", name = view.name),
        aside: count(view.records_acknowledged),
        words,
        warns,
    }
}

/// How a producer's transaction stands.
fn transaction(view: &ProducerView) -> String {
    let Some(transaction) = &view.transaction else { return String::new() };
    let state = transaction.state.name().to_ascii_lowercase().replace('_', " ");
    match transaction.waits_in {
        Some(call) => t!("stage.in", state = state, call = call),
        None => state,
    }
}

fn consumer(cluster: &ClusterView, view: &ConsumerView, shows: Shows) -> Face {
    let has_group = !view.group.as_str().is_empty();
    let is_joining = view.member.is_none() || (view.assignment.is_empty() && view.generation.0 < 1);
    let application = &view.application;
    let (words, warns) = if let Some(error) = &view.last_error {
        (error.to_string(), true)
    } else if has_group && is_joining {
        (t!("stage.joining").to_owned(), false)
    } else if application.in_hand > 0 {
        (t!("stage.works-on", count = count(application.in_hand)), false)
    } else if has_group && shows.has(Shown::Groups) && shows.has(Shown::Lag) {
        // How a group agrees is taught with the lag.
        member(cluster, view)
    } else if shows.has(Shown::Partitions) {
        (list(view.assignment.iter().map(|owned| &owned.partition)), false)
    } else {
        let topics: BTreeSet<_> =
            view.assignment.iter().map(|owned| &owned.partition.topic).collect();
        (t!("stage.reads", topics = list(topics)), false)
    };
    Face {
        name: t!("stage.consumer", name = view.name),
        aside: count(view.records_consumed),
        words,
        warns,
    }
}

/// How a consumer stands as a member of its group, and whether it has fallen behind it.
fn member(cluster: &ClusterView, view: &ConsumerView) -> (String, bool) {
    let group = cluster.groups.iter().find(|group| group.id == view.group);
    let member = group.and_then(|group| {
        group.members.iter().find(|member| Some(&member.id) == view.member.as_ref())
    });
    let Some((group, member)) = group.zip(member) else {
        return (t!("stage.not-known-to").to_owned(), true);
    };
    let Some(way) = &member.reconciliation else {
        let leads = if member.is_leader { t!("stage.leads") } else { "" };
        let is_behind = view.generation < group.generation;
        return (t!("stage.generation", generation = view.generation, leads = leads), is_behind);
    };
    let doing = match way.state {
        MemberState::Stable => "",
        MemberState::UnrevokedPartitions => t!("stage.gives-up"),
        MemberState::UnreleasedPartitions => t!("stage.waits-for-others"),
    };
    (t!("stage.epoch", epoch = way.epoch, doing = doing), false)
}

fn app(view: &AppView) -> Face {
    let words = match &view.last_error {
        Some(error) => error.to_string(),
        None => format!("{}, {}", view.guarantee.name(), view.doing),
    };
    Face {
        name: t!("stage.app", name = view.name),
        aside: format!("{} \u{2192} {}", count(view.records_in), count(view.records_out)),
        words,
        warns: view.last_error.is_some(),
    }
}

/// A program outside: what it is written with, and what went in and out.
#[inline(never)]
fn real_client(view: &RealClientView) -> Face {
    let (produced, fetched) = (view.records_produced(), view.records_fetched());
    let aside = match (produced, fetched) {
        (0, 0) => String::new(),
        (produced, 0) => t!("stage.in-arrow", records = count(produced)),
        (0, fetched) => t!("stage.out-arrow", records = count(fetched)),
        (produced, fetched) => format!("{} / {}", count(produced), count(fetched)),
    };
    let connections = t!("stage.connections", number = view.connections.len() as u64);
    Face {
        name: view.name.to_string(),
        aside,
        words: view.software.as_deref().map_or(connections, str::to_owned),
        warns: false,
    }
}

/// A member of a share group: what it works on, and what it made of the records that it got.
fn share_consumer(view: &ShareConsumerView) -> Face {
    let (words, warns) = match (&view.last_error, &view.works_on) {
        (Some(error), _) => (error.to_string(), true),
        (None, Some((partition, offset))) => {
            (t!("stage.works-on-record", partition = partition, offset = offset), false)
        }
        _ if view.epoch.0 < 1 => (t!("stage.joining").to_owned(), false),
        _ => {
            let (released, rejected) = (count(view.released), count(view.rejected));
            (t!("stage.share-spoke", released = released, rejected = rejected), false)
        }
    };
    let name = t!("stage.share-consumer", name = view.name);
    Face { name, aside: count(view.accepted), words, warns }
}
