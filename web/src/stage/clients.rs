//! Producers, consumers and applications, below the matrix; the members of a group stand in a frame.

use highwater_cluster::ids::{ClientId, GroupId};
use highwater_cluster::view::{AppView, ConsumerView, GroupView, ProducerView};
use leptos::prelude::*;

use super::Scene;
use super::press::is_press;
use crate::format::{count, list, shorten};
use crate::subject::Subject;

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
        <For each=move || scene.shape.read().groups.clone() key=|(group, _)| group.clone() let((group, _))>
            <Group group/>
        </For>
        <For each=clients key=|id| *id let:id>
            <Card id/>
        </For>
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
        let view = desk.sim.calm.read();
        let producers = view.producers.iter().find(|known| known.client == id).map(producer);
        let consumers = || view.consumers.iter().find(|known| known.client == id).map(consumer);
        let apps = || view.apps.iter().find(|known| known.client == id).map(app);
        producers.or_else(consumers).or_else(apps).unwrap_or_default()
    });
    let subject = desk.sim.calm.with_untracked(|view| {
        if view.producers.iter().any(|known| known.client == id) {
            Subject::Producer(id)
        } else if view.apps.iter().any(|known| known.client == id) {
            Subject::App(id)
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
            aria-description=move || face.get().words
            on:click=move |_| select()
            on:keydown=move |event| if is_press(&event) { by_key() }
            transform=place>
            <rect class="face" width=move || area.get().w height=move || area.get().h rx="8"/>
        </g>
        <g class="drawn" transform=place>
            <text class="client-name" x="12" y="21">{move || face.get().name}</text>
            <text class="client-aside" x=move || area.get().w - 12.0 y="21" text-anchor="end">{move || face.get().aside}</text>
            <text class="client-words" class:warns=move || face.read().warns x="12" y="40">
                {move || shorten(&face.get().words, if scene.shape.read().is_narrow { 22 } else { 26 })}
            </text>
        </g>
    }
}

#[component]
fn Group(group: GroupId) -> impl IntoView {
    let scene = expect_context::<Scene>();
    let desk = scene.desk;
    let (known, placed) = (group.clone(), group.clone());
    let area = Memo::new(move |_| scene.geometry.read().group(&placed).unwrap_or_default());
    let words = Memo::new(move |_| {
        let view = desk.sim.calm.read();
        view.groups
            .iter()
            .find(|group| group.id == known)
            .map_or_else(|| "no coordinator yet".to_owned(), state)
    });
    let subject = Subject::Group(group.clone());
    let is_selected = desk.is_selected(subject.clone());
    let select = desk.selecting(subject);
    let by_key = select.clone();
    let name = format!("Group {group}");
    let shown = name.clone();
    view! {
        <rect class="frame" x=move || area.get().x y=move || area.get().y width=move || area.get().w
            height=move || area.get().h rx="10"/>
        <g class="node group-head" class:selected=is_selected role="button" tabindex="0" aria-label=name
            aria-description=move || words.get()
            on:click=move |_| select()
            on:keydown=move |event| if is_press(&event) { by_key() }>
            <rect class="hit" x=move || area.get().x + 4.0 y=move || area.get().bottom() - 26.0
                width=move || (area.get().w - 8.0).max(0.0) height="24" rx="6"/>
        </g>
        <g class="drawn">
            <text x=move || area.get().x + 12.0 y=move || area.get().bottom() - 9.5>
                {move || {
                    // About six units a letter.
                    let room = (area.get().w / 6.2) as usize;
                    clip(format!("{shown}, {}", words.get()), room.saturating_sub(3))
                }}
            </text>
        </g>
    }
}

fn producer(view: &ProducerView) -> Face {
    let waiting = view.records_waiting + view.records_in_flight;
    let (words, warns) = match &view.last_error {
        // Under way for longer than a quarter of a second: it is being sent again.
        Some(error) if waiting > u64::from(view.rate / 4).max(1) => (shorten(error, 17), true),
        _ if view.transaction.is_some() => (transaction(view), false),
        _ if view.is_done && waiting == 0 => ("all sent".to_owned(), false),
        _ if waiting > 0 => (format!("acks={}, {} unanswered", view.acks, count(waiting)), false),
        _ => (format!("acks={}, {}/s", view.acks, view.rate), false),
    };
    Face {
        name: format!("Producer {}", view.name),
        aside: count(view.records_acknowledged),
        words,
        warns,
    }
}

/// How a producer's transaction stands.
fn transaction(view: &ProducerView) -> String {
    let Some(transaction) = &view.transaction else { return String::new() };
    let state = transaction.state.name().to_lowercase().replace('_', " ");
    match transaction.waits_in {
        Some(call) => format!("{state}, in {call}"),
        None => state,
    }
}

fn consumer(view: &ConsumerView) -> Face {
    let has_group = !view.group.as_str().is_empty();
    let is_joining = view.member.is_none() || (view.assignment.is_empty() && view.generation.0 < 1);
    let application = &view.application;
    let (words, warns) = if let Some(error) = &view.last_error {
        (error.to_string(), true)
    } else if has_group && is_joining {
        ("joining".to_owned(), false)
    } else if view.assignment.is_empty() {
        ("no partition".to_owned(), false)
    } else if application.in_hand > 0 {
        (format!("works on {}", count(application.in_hand)), false)
    } else {
        (list(view.assignment.iter().map(|owned| &owned.partition)), false)
    };
    Face {
        name: format!("Consumer {}", view.name),
        aside: count(view.records_consumed),
        words,
        warns,
    }
}

fn app(view: &AppView) -> Face {
    let words = match &view.last_error {
        Some(error) => error.to_string(),
        None => format!("{}, {}", view.guarantee.name(), view.doing),
    };
    Face {
        name: format!("App {}", view.name),
        aside: format!("{} \u{2192} {}", count(view.records_in), count(view.records_out)),
        words,
        warns: view.last_error.is_some(),
    }
}

/// Cuts what there is no room for.
fn clip(mut text: String, most: usize) -> String {
    if let Some((at, _)) = text.char_indices().nth(most) {
        text.truncate(at);
        text.push('…');
    }
    text
}

/// The state of a group: by generation under the classic protocol, by epochs under the consumer one.
fn state(group: &GroupView) -> String {
    let assignor =
        group.assignor.as_ref().map(|assignor| format!(", {assignor}")).unwrap_or_default();
    let word = if group.assignment_epoch.is_some() { "epoch" } else { "generation" };
    format!("{}, {word} {}{assignor}", group.state.name(), group.generation)
}
