//! The log: what happened, in sentences, the newest below.

use highwater_cluster::time::Time;
use highwater_scenario::narration::LogKind;
use highwater_scenario::session::LogLine;
use leptos::html::Div;
use leptos::prelude::*;

use crate::format::clock;
use crate::play::Desk;

/// How near the end counts as being there, in pixels.
const NEAR: i32 = 40;

/// The log. It follows its end unless the reader has scrolled away from it.
#[component]
pub fn LogPanel() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let scroller = NodeRef::<Div>::new();
    let follows = StoredValue::new(true);
    let lines = move || {
        let log = desk.sim.log.read();
        log.iter()
            .filter(|line| !matches!(line.kind, LogKind::Output { .. }))
            .cloned()
            .collect::<Vec<_>>()
    };
    Effect::new(move |_| {
        desk.sim.log.track();
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
    view! {
        <section class="log" id="panel-log" aria-label="Log">
            <h2>"Log"</h2>
            // The narration is read out; the whole log would be too much to listen to.
            <div class="log-lines" role="log" aria-live="off" tabindex="0" aria-label="What happened"
                node_ref=scroller on:scroll=note_scroll>
                <ol>
                    <For each=lines key=|line| line.event let:line>
                        <Line line/>
                    </For>
                </ol>
                <Show when=move || desk.sim.log.read().is_empty()>
                    <p class="empty">"Nothing has happened yet."</p>
                </Show>
            </div>
        </section>
    }
    .into_any()
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
    let class = format!("kind-{}", kind(&line));
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

fn kind(line: &LogLine) -> &'static str {
    match &line.kind {
        // With what it begins is no fault.
        LogKind::Fault if line.at == Time::ZERO => "other",
        LogKind::You => "you",
        LogKind::Fault => "fault",
        LogKind::Election => "election",
        LogKind::Isr => "isr",
        LogKind::Group => "group",
        LogKind::Produce => "produce",
        LogKind::Consume => "consume",
        LogKind::Topic => "topic",
        LogKind::Output { .. } => "output",
        LogKind::Other => "other",
    }
}
