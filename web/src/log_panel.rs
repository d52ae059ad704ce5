//! The log: what happened, in sentences, the newest below, in the depth and by the words that the reader
//! chooses. The past is shown in them too.

use highwater_cluster::time::Time;
use highwater_scenario::narration::{Depth, LogKind};
use highwater_scenario::session::{Filter, LogLine};
use leptos::html::Div;
use leptos::prelude::*;

use crate::each::Each;
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
    let lines = move || {
        let shows = desk.shows.get();
        let lines = sim.telling.lines.read();
        lines.iter().filter(|line| shows.tells(line)).cloned().collect::<Vec<_>>()
    };
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
            t!("log-panel.nothing-has-happened")
        } else {
            t!("log-panel.nothing-kind-has")
        }
    };
    view! {
        <section class="log" id="panel-log" aria-label=t!("log-panel.log")>
            <div class="log-head">
                <h2>{t!("log-panel.log")}</h2>
                <Depths sim/>
                <Search sim/>
            </div>
            // The narration is read out; the whole log would be too much to listen to.
            <div class="log-lines" role="log" aria-live="off" tabindex="0" aria-label=t!("log-panel.what-happened")
                node_ref=scroller on:scroll=note_scroll>
                <ol>
                    <Each each=lines key=|line| (line.event, line.kind == LogKind::Loss, line.sentence.clone()) let:line>
                        <Line line/>
                    </Each>
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
            Depth::Story => (t!("log-panel.story"), t!("log-panel.what-changes-who")),
            Depth::Detail => (t!("log-panel.detail"), t!("log-panel.how-that-works")),
            Depth::Wire => (t!("log-panel.wire"), t!("log-panel.each-request-and")),
        };
        let is_chosen = move || sim.telling.depth.get() == depth;
        view! {
            <button type="button" title=title aria-pressed=move || if is_chosen() { "true" } else { "false" }
                on:click=move |_| sim.set_depth(depth)>{label}</button>
        }
    };
    view! {
        <div class="depths" role="group" aria-label=t!("log-panel.how-deep")>{Depth::ALL.map(button).collect_view()}</div>
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
        <select aria-label=t!("log-panel.kind") on:change=choose>
            <option value="">{t!("log-panel.all-kinds")}</option>
            {LogKind::NAMES.map(|name| view! { <option value=name>{kind_words(name)}</option> }).collect_view()}
        </select>
        <input type="search" aria-label=t!("log-panel.search-log") placeholder=t!("log-panel.broker-2-orders")
            list="log-subjects" autocomplete="off" spellcheck="false" on:input=type_in/>
        <datalist id="log-subjects">
            <Each each=move || subjects(sim) key=Clone::clone let:subject><option value=subject></option></Each>
        </datalist>
    }
    .into_any()
}

/// The kind of that name, as it is to be chosen.
fn kind_words(name: &'static str) -> &'static str {
    match name {
        "you" => t!("log-panel.kind-you"),
        "fault" => t!("log-panel.kind-fault"),
        "loss" => t!("log-panel.kind-loss"),
        "election" => t!("log-panel.kind-election"),
        "isr" => t!("log-panel.kind-isr"),
        "group" => t!("log-panel.kind-group"),
        "produce" => t!("log-panel.kind-produce"),
        "consume" => t!("log-panel.kind-consume"),
        "topic" => t!("log-panel.kind-topic"),
        "message" => t!("log-panel.kind-message"),
        "other" => t!("log-panel.kind-other"),
        unknown => unknown,
    }
}

/// What can be searched for by name.
fn subjects(sim: Sim) -> Vec<String> {
    let view = sim.calm.read();
    let brokers = view.brokers.iter().map(|broker| t!("log-panel.broker", broker = broker.id));
    let topics = view.topics.iter().filter(|topic| !topic.is_internal);
    let partitions =
        topics.flat_map(|topic| &topic.partitions).map(|part| part.partition.to_string());
    let groups = view.groups.iter().map(|group| t!("log-panel.group", group = group.id));
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
                {line.because.map(|because| view! { <span class="because">{t!("log-panel.because")} {because}</span> })}
            </span>
        </li>
    }
}
