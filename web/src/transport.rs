//! Time as a control: play, pause, step, speed, restart.

use highwater_cluster::time::Time;
use highwater_scenario::script::Action;
use leptos::prelude::*;

use crate::breakpoints::Breakpoints;
use crate::format::clock;
use crate::play::Desk;
use crate::sim::SPEEDS;

/// The controls of time, and the clock.
#[component]
pub fn Transport() -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let playing = move || sim.playing.get();
    let is_replaying = move || sim.replaying.get().is_some();
    let choose = move |event| {
        let label = event_target_value(&event);
        if let Some((speed, _)) = SPEEDS.iter().find(|(_, known)| *known == label) {
            sim.speed.set(*speed);
        }
    };
    // What would be taken back, or done again, by its line.
    let undo = Memo::new(move |_| {
        sim.written.track();
        sim.read_timeline(|timeline| timeline.can_undo().map(|entry| words(&entry.action)))
            .flatten()
    });
    let undo = move || undo.get();
    let redo = Memo::new(move |_| {
        sim.written.track();
        sim.read_timeline(|timeline| timeline.can_redo().map(words)).flatten()
    });
    let redo = move || redo.get();
    let label = move || {
        let chosen = sim.speed.get();
        let known = SPEEDS.iter().find(|(speed, _)| *speed == chosen);
        known.map_or_else(|| format!("{chosen}×"), |(_, label)| (*label).to_owned())
    };
    view! {
        <div class="transport" role="group" aria-label=t!("transport.time")>
            <button type="button" class="play" on:click=move |_| sim.toggle() disabled=is_replaying
                aria-label=move || if playing() { t!("transport.pause") } else { t!("transport.play") }
                title=move || if playing() { t!("transport.pause-space") } else { t!("transport.play-space") }>
                <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
                    <path d=move || if playing() { "M4 3h3.5v12h-3.5z M10.5 3h3.5v12h-3.5z" } else { "M5 2.5l10 6.5 -10 6.5z" }
                        fill="currentColor"/>
                </svg>
            </button>
            <button type="button" class="icon" aria-label=t!("transport.event-before") title=t!("transport.back-to-what")
                disabled=move || is_replaying() || sim.clock.get() == Time::ZERO
                on:click=move |_| sim.step_back()>
                <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
                    <path d="M14 3l-8 6 8 6z M3 3h2v12h-2z" fill="currentColor"/>
                </svg>
            </button>
            <button type="button" class="icon" aria-label=t!("transport.next-event") title=t!("transport.next-event-2") disabled=is_replaying
                on:click=move |_| sim.step()>
                <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
                    <path d="M4 3l8 6 -8 6z M13 3h2v12h-2z" fill="currentColor"/>
                </svg>
            </button>
            <button type="button" class="icon restart" aria-label=t!("transport.restart") title=t!("transport.restart-scenario-with")
                disabled=is_replaying on:click=move |_| sim.restart()>
                <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
                    <path d="M3 3h2v12h-2z M10.5 3.5l-5.5 5.5 5.5 5.5z M16 3.5l-5.5 5.5 5.5 5.5z" fill="currentColor"/>
                </svg>
            </button>
            <button type="button" class="icon" aria-label=t!("transport.undo") title=move || undo().map_or_else(|| t!("transport.nothing-to-undo").to_owned(), |line| t!("transport.undo-ctrl-z", line = line))
                disabled=move || is_replaying() || undo().is_none() on:click=move |_| sim.undo()>
                <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
                    <path class="outline" d="M4 7.5h7a3.5 3.5 0 0 1 0 7h-3 M7 4l-3.5 3.5 3.5 3.5"/>
                </svg>
            </button>
            <button type="button" class="icon" aria-label=t!("transport.redo") title=move || redo().map_or_else(|| t!("transport.nothing-to-redo").to_owned(), |line| t!("transport.redo-ctrl-shift", line = line))
                disabled=move || is_replaying() || redo().is_none() on:click=move |_| sim.redo()>
                <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
                    <path class="outline" d="M14 7.5h-7a3.5 3.5 0 0 0 0 7h3 M11 4l3.5 3.5 -3.5 3.5"/>
                </svg>
            </button>
            <Breakpoints/>
            <select class="speed" aria-label=t!("transport.speed") on:change=choose prop:value=label>
                // A scene of a class may play at a speed of its own.
                {move || {
                    let own = label();
                    let is_own = SPEEDS.iter().all(|(_, known)| *known != own);
                    is_own.then(|| view! { <option value=own.clone() selected=true>{own.clone()}</option> })
                }}
                {SPEEDS.iter().map(|(speed, label)| view! {
                    <option value=*label selected=*speed == 1.0>{*label}</option>
                }).collect_view()}
            </select>
            <span class="clock" class:behind=move || sim.behind.get()
                title=move || if sim.behind.get() {
                    t!("transport.virtual-time-slower")
                } else {
                    t!("transport.virtual-time")
                }>
                {move || clock(sim.clock.get())}
            </span>
        </div>
    }
    .into_any()
}

/// An entry as a line to be named on a button.
fn words(action: &Action) -> String {
    match action {
        Action::Command { line, .. } => line.clone(),
        Action::File { name, .. } => format!("file {}", name.as_str()),
        Action::Signal { .. } => "Ctrl C".to_owned(),
        _ => t!("transport.input").to_owned(),
    }
}
