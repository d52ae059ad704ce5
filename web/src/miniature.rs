//! A cluster within a text: it plays a scenario of its own when it is asked to, and then stands at its end.

use highwater_cluster::time::Time;
use highwater_scenario::script::Document;
use highwater_scenario::session::Session;
use leptos::context::Provider;
use leptos::prelude::*;

use crate::format::clock;
use crate::narration::last_told;
use crate::play::{Desk, Tab};
use crate::shows::Shows;
use crate::sim::{Sim, empty_session};
use crate::stage::Stage;
use crate::tables;

/// A desk for a stage that stands within something else.
pub fn small_desk(page: Desk, sim: Sim, is_narrow: RwSignal<bool>, shows: Shows) -> Desk {
    Desk {
        sim,
        selected: RwSignal::new(None),
        is_phone: is_narrow,
        place: RwSignal::new(None),
        opens: false,
        lower: RwSignal::new(Tab::Log),
        shows: RwSignal::new(shows),
        tables: tables::Open::new(),
        alone: RwSignal::new(false),
        presents: RwSignal::new(None),
        form: RwSignal::new(None),
        theme: page.theme,
        tab: RwSignal::new(Tab::Task),
    }
}

/// Under a small stage: a button for its time, what was told last, and its clock.
#[component]
pub fn SmallStrip(
    /// What is played.
    sim: Sim,
    /// What the button does.
    press: Callback<()>,
    /// What stands on the button.
    #[prop(into)]
    label: Signal<&'static str>,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    view! {
        <div class="show-strip">
            <button type="button" class="show-play" on:click=move |_| press.run(())>
                {label}
            </button>
            <p class="narration">
                {move || last_told(desk).map(|line| view! {
                    <strong>{line.sentence}</strong>
                    {line.because.map(|because| view! { <span>{t!("front.because")} {because}</span> })}
                })}
            </p>
            <span class="clock">{move || clock(sim.clock.get())}</span>
        </div>
    }
    .into_any()
}

/// A scenario that can be played where it stands: first its lines, and once it was asked for, the cluster.
#[component]
pub fn Miniature(
    /// The scenario.
    script: &'static str,
    /// What its stage draws.
    shows: Shows,
    /// Whether it has the width of a page, where the window is wide enough.
    #[prop(default = false)]
    is_wide: bool,
) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let open = move |_| is_open.set(true);
    view! {
        <figure class="miniature">
            <Show when=move || is_open.get() fallback=move || view! {
                <pre><code>{lines(script)}</code></pre>
                <button type="button" on:click=open>{t!("miniature.let-it-run")}</button>
            }>
                <Running script shows is_wide/>
            </Show>
        </figure>
    }
    .into_any()
}

/// The cluster of a miniature, which begins to play at once.
#[component]
fn Running(script: &'static str, shows: Shows, is_wide: bool) -> impl IntoView {
    let page = expect_context::<Desk>();
    let sim = Sim::new(session(script), page.sim.still);
    let is_narrow = if is_wide { page.is_phone } else { RwSignal::new(true) };
    let desk = small_desk(page, sim, is_narrow, shows);
    let end = end_of(script);
    // Two clusters at once are more than anybody follows.
    page.sim.pause();
    sim.play();
    Effect::new(move |_| {
        // Pausing tells the time once more.
        if sim.clock.get() >= end && sim.playing.get_untracked() {
            sim.pause();
        }
    });
    on_cleanup(move || sim.pause());
    let is_over = move || sim.clock.get() >= end;
    let press = Callback::new(move |()| {
        if is_over() {
            sim.load(session(script), None);
            sim.play();
        } else {
            sim.toggle();
        }
    });
    let label = Signal::derive(move || match (is_over(), sim.playing.get()) {
        (true, _) => t!("miniature.again"),
        (false, true) => t!("front.pause"),
        (false, false) => t!("transport.play"),
    });
    view! {
        <Provider value=desk>
            <Stage/>
            <SmallStrip sim press label/>
        </Provider>
    }
    .into_any()
}

fn session(script: &str) -> Session {
    // What the content is made of has been played before it was given away.
    Session::parse(script).unwrap_or_else(|_| empty_session())
}

/// The moment of the last line.
fn end_of(script: &str) -> Time {
    Document::parse(script).last_entry().map_or(Time::ZERO, |last| Time(last.at.0))
}

/// The lines that somebody types, without the header.
fn lines(script: &str) -> String {
    let typed =
        script.lines().filter_map(|line| line.split_once("> ").filter(|_| line.starts_with('@')));
    typed.map(|(_, line)| line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "highwater 1\nengine 0.1.0\nseed 1\ncluster --brokers 1\n# Why.\n@1s t1> producer start p --topic t\n@9s run\n";

    #[test]
    fn a_scenario_is_read_without_its_header_and_ends_with_its_last_line() {
        assert_eq!(lines(SCRIPT), "producer start p --topic t");
        assert_eq!(end_of(SCRIPT), Time(9_000_000));
        assert_eq!(end_of("nonsense"), Time::ZERO);
    }
}
