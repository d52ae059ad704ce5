//! Time as a control: play, pause, step, speed, restart.

use leptos::prelude::*;

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
    let label = move || {
        let chosen = sim.speed.get();
        SPEEDS.iter().find(|(speed, _)| *speed == chosen).map_or("", |(_, label)| *label)
    };
    view! {
        <div class="transport" role="group" aria-label="Time">
            <button type="button" class="play" on:click=move |_| sim.toggle() disabled=is_replaying
                aria-label=move || if playing() { "Pause" } else { "Play" }
                title=move || if playing() { "Pause (space)" } else { "Play (space)" }>
                <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
                    <path d=move || if playing() { "M4 3h3.5v12h-3.5z M10.5 3h3.5v12h-3.5z" } else { "M5 2.5l10 6.5 -10 6.5z" }
                        fill="currentColor"/>
                </svg>
            </button>
            <button type="button" class="icon" aria-label="Next event" title="Next event (.)" disabled=is_replaying
                on:click=move |_| sim.step()>
                <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
                    <path d="M4 3l8 6 -8 6z M13 3h2v12h-2z" fill="currentColor"/>
                </svg>
            </button>
            <button type="button" class="icon" aria-label="Restart" title="Restart the scenario, with all its lines"
                disabled=is_replaying on:click=move |_| sim.restart()>
                <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
                    <path d="M14 3l-8 6 8 6z M3 3h2v12h-2z" fill="currentColor"/>
                </svg>
            </button>
            <select class="speed" aria-label="Speed" on:change=choose prop:value=label>
                {SPEEDS.iter().map(|(speed, label)| view! {
                    <option value=*label selected=*speed == 1.0>{*label}</option>
                }).collect_view()}
            </select>
            <span class="clock" class:behind=move || sim.behind.get()
                title=move || if sim.behind.get() {
                    "Virtual time is slower than chosen: there is more to do than this machine can do in a frame"
                } else {
                    "Virtual time"
                }>
                {move || clock(sim.clock.get())}
            </span>
        </div>
    }
    .into_any()
}
