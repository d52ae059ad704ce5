//! The log: what happened, in sentences, the newest below, in the depth and by the words that the reader
//! chooses. The past is shown in them too.

use highwater_cluster::time::Time;
use highwater_scenario::narration::{Depth, LogKind};
use highwater_scenario::session::{Filter, LogLine};
use leptos::html::Div;
use leptos::prelude::*;

use crate::format::clock;
use crate::play::Desk;
use crate::sim::Sim;

/// How near the end counts as being there, in pixels.
const NEAR: i32 = 40;

/// The log. It follows its end unless the reader has scrolled away from it.
#[component]
pub fn LogPanel() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let sim = desk.sim;
    let scroller = NodeRef::<Div>::new();
    let follows = StoredValue::new(true);
    let lines = move || sim.telling.lines.read().to_vec();
    Effect::new(move |_| {
        sim.telling.lines.track();
        desk.tab.track();
        if follows.get_value() {
            scroll_to_end(scroller);
        }
    });
    let note_scroll = move |_| {
        if let Some(element) = scroller.get_untracked() {
            let left = element.scroll_height() - element.scroll_top() - element.client_height();
            follows.set_value(left < NEAR);
        }
    };
    let empty = move || {
        if sim.telling.filter.read().is_empty() {
            "Nothing has happened yet."
        } else {
            "Nothing of the kind has happened, as far back as it is remembered."
        }
    };
    view! {
        <section class="log" id="panel-log" aria-label="Log">
            <div class="log-head">
                <h2>"Log"</h2>
                <Depths sim/>
                <Search sim/>
            </div>
            // The narration is read out; the whole log would be too much to listen to.
            <div class="log-lines" role="log" aria-live="off" tabindex="0" aria-label="What happened"
                node_ref=scroller on:scroll=note_scroll>
                <ol>
                    <For each=lines key=|line| (line.event, line.kind == LogKind::Loss, line.sentence.clone()) let:line>
                        <Line line/>
                    </For>
                </ol>
                <Show when=move || sim.telling.lines.read().is_empty()>
                    <p class="empty">{empty}</p>
                </Show>
            </div>
        </section>
    }
    .into_any()
}

/// The choice of how deep is told, here and under the stage.
#[component]
fn Depths(sim: Sim) -> impl IntoView {
    let button = move |depth: Depth| {
        let (label, title) = match depth {
            Depth::Story => {
                ("Story", "What changes who does what: elections, losses, rebalances, faults (d)")
            }
            Depth::Detail => {
                ("Detail", "How that works: appends, high watermarks, positions, votes (d)")
            }
            Depth::Wire => {
                ("Wire", "Each request and response: version, correlation id, size, error (d)")
            }
        };
        let is_chosen = move || sim.telling.depth.get() == depth;
        view! {
            <button type="button" title=title aria-pressed=move || if is_chosen() { "true" } else { "false" }
                on:click=move |_| sim.set_depth(depth)>{label}</button>
        }
    };
    view! {
        <div class="depths" role="group" aria-label="How deep">{Depth::ALL.map(button).collect_view()}</div>
    }
    .into_any()
}

/// The search in the log.
#[component]
fn Search(sim: Sim) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let kind = RwSignal::new(String::new());
    let search = move || {
        let kind = kind.get_untracked();
        let kind = Some(kind.as_str()).filter(|kind| !kind.is_empty());
        sim.set_filter(Filter::new(&typed.get_untracked(), kind));
    };
    // A panel that comes back is as it was left: without a search.
    on_cleanup(move || sim.set_filter(Filter::default()));
    let type_in = move |event| {
        typed.set(event_target_value(&event));
        search();
    };
    let choose = move |event| {
        kind.set(event_target_value(&event));
        search();
    };
    view! {
        <select aria-label="Kind" on:change=choose>
            <option value="">"all kinds"</option>
            {LogKind::NAMES.map(|name| view! { <option value=name>{name}</option> }).collect_view()}
        </select>
        <input type="search" aria-label="Search the log" placeholder="broker 2, orders-0, words"
            list="log-subjects" autocomplete="off" spellcheck="false" on:input=type_in/>
        <datalist id="log-subjects">
            <For each=move || subjects(sim) key=Clone::clone let:subject><option value=subject></option></For>
        </datalist>
    }
    .into_any()
}

/// What can be searched for by name.
fn subjects(sim: Sim) -> Vec<String> {
    let view = sim.calm.read();
    let brokers = view.brokers.iter().map(|broker| format!("broker {}", broker.id));
    let topics = view.topics.iter().filter(|topic| !topic.is_internal);
    let partitions =
        topics.flat_map(|topic| &topic.partitions).map(|part| part.partition.to_string());
    let groups = view.groups.iter().map(|group| format!("group {}", group.id));
    brokers.chain(partitions).chain(groups).collect()
}

/// Scrolls an element to its end, once what was added stands in it.
pub fn scroll_to_end(element: NodeRef<Div>) {
    request_animation_frame(move || {
        if let Some(Some(element)) = element.try_get_untracked() {
            element.set_scroll_top(element.scroll_height());
        }
    });
}

#[component]
fn Line(line: LogLine) -> impl IntoView {
    // With what it begins is no fault.
    let begins = line.kind == LogKind::Fault && line.at == Time::ZERO;
    let kind = if begins { "other" } else { line.kind.name() };
    let class = format!("kind-{kind} depth-{}", line.depth.name());
    view! {
        <li class=class>
            <span class="at">{clock(line.at)}</span>
            <span class="said">
                {line.sentence}
                {line.because.map(|because| view! { <span class="because">" because " {because}</span> })}
            </span>
        </li>
    }
}
