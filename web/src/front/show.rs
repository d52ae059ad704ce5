//! The cluster beside the doors: it plays a short scenario, over and over, until somebody takes a hand.

use highwater_cluster::time::Time;
use highwater_scenario::session::Session;
use leptos::context::Provider;
use leptos::prelude::*;

use crate::format::clock;
use crate::inspector::Glance;
use crate::media;
use crate::play::{Desk, Tab};
use crate::sim::{Sim, empty_session};
use crate::stage::Stage;
use crate::tables;

/// What is played.
const SCRIPT: &str = include_str!("show.hw");

/// Where the story begins: the topic is there, and records flow.
const BEGINNING: Time = Time(2_000_000);

/// Where it has ended, and begins anew.
const END: Time = Time(55_000_000);

/// Virtual time per real time: messages can be followed, and a broker that stops is not waited for long.
const SPEED: f64 = 0.3;

/// Where the cluster of the front page stands: it outlives the page that shows it, and goes on when one comes back.
#[derive(Clone)]
pub struct Stand {
    root: Owner,
    desk: StoredValue<Option<Desk>>,
    page: Desk,
}

impl Stand {
    /// For the cluster beside the `page`'s own; it begins when it is first shown.
    pub fn new(page: Desk) -> Self {
        let root = Owner::current().unwrap_or_default();
        Self { root, desk: StoredValue::new(None), page }
    }

    fn desk(&self) -> Desk {
        self.desk.get_value().unwrap_or_else(|| {
            let desk = self.root.with(|| begin(self.page));
            self.desk.set_value(Some(desk));
            desk
        })
    }
}

fn begin(page: Desk) -> Desk {
    let sim = Sim::new(empty_session(), page.sim.still);
    sim.speed.set(SPEED);
    // What the story needs comes with the rest of the module: the page stands before.
    media::once_whole(move || sim.load(session(), Some(BEGINNING)));
    Desk {
        sim,
        selected: RwSignal::new(None),
        // Beside the words there is less room than on the page of its own.
        is_phone: media::follow("(max-width: 1240px)"),
        place: RwSignal::new(None),
        opens: false,
        lower: RwSignal::new(Tab::Log),
        tables: tables::Open::new(),
        form: RwSignal::new(None),
        theme: page.theme,
        tab: RwSignal::new(Tab::Task),
    }
}

/// A live cluster, and what just happened in it.
#[component]
pub fn Show() -> impl IntoView {
    let desk = expect_context::<Stand>().desk();
    let sim = desk.sim;
    Effect::new(move |_| {
        let is_there = sim.loaded.get() > 0 && sim.replaying.get().is_none();
        if is_there && !sim.still.get_untracked() {
            sim.play();
        }
    });
    // Who has written a line has a cluster of their own: it is not taken away.
    Effect::new(move |_| {
        if sim.clock.get() >= END && !has_been_touched(sim) {
            sim.load(session(), Some(BEGINNING));
        }
    });
    on_cleanup(move || sim.pause());

    view! {
        <Provider value=desk>
        <section class="show" aria-label="A cluster that lives">
            <Stage/>
            <div class="show-strip">
                <button type="button" class="show-play" on:click=move |_| sim.toggle()>
                    {move || if sim.playing.get() { "Pause" } else { "Play" }}
                </button>
                <p class="narration">
                    {move || sim.told.get().map(|line| view! {
                        <strong>{line.sentence}</strong>
                        {line.because.map(|because| view! { <span>" because " {because}</span> })}
                    })}
                </p>
                <span class="clock">{move || clock(sim.clock.get())}</span>
            </div>
            <Glance invitation="This is no film: press a broker, and stop or kill it."/>
        </section>
        </Provider>
    }
    .into_any()
}

fn session() -> Session {
    Session::parse(SCRIPT).unwrap_or_else(|_| empty_session())
}

/// Whether a line was written that the story does not have.
fn has_been_touched(sim: Sim) -> bool {
    sim.written_lines() > SCRIPT.lines().filter(|line| line.starts_with('@')).count()
}

#[cfg(test)]
mod tests {
    use highwater_scenario::session::Session;

    use super::{END, SCRIPT};

    #[test]
    fn the_story_can_be_played_to_its_end() {
        let mut session = Session::parse(SCRIPT).expect("the story is a scenario");
        session.advance(END, u32::MAX);
        let view = session.view();
        assert!(view.brokers.iter().all(|broker| !broker.is_fenced), "all brokers are back");
        let consumer = view.consumers.first().expect("there is a consumer");
        assert!(consumer.records_consumed > 500, "{} records", consumer.records_consumed);
        assert_eq!(session.invariants().violations().count(), 0);
    }
}
