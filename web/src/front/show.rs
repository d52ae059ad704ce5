//! The cluster beside the doors: it plays a short scenario, over and over, until somebody takes a hand.

use highwater_cluster::time::Time;
use highwater_scenario::session::Session;
use leptos::context::Provider;
use leptos::prelude::*;

use crate::inspector::Glance;
use crate::media;
use crate::miniature::{SmallStrip, small_desk};
use crate::play::Desk;
use crate::shows::Shows;
use crate::sim::{Sim, empty_session};
use crate::stage::Stage;

/// What is played.
const SCRIPT: &str = include_str!("show.hw");

/// Where the story begins: the topic is there, records flow, and somebody reads them.
const BEGINNING: Time = Time(4_600_000);

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
    // Beside the words there is less room than on the page of its own.
    small_desk(page, sim, media::follow("(max-width: 1240px)"), Shows::without_own_affairs())
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
    // Who has written a line has a cluster of their own: it is not taken away, and the story leaves it alone.
    Effect::new(move |_| {
        sim.written.track();
        if sim.has_own_lines() && has_more_in_store(sim) {
            sim.leave_script();
        }
    });
    Effect::new(move |_| {
        if sim.clock.get() >= END && !sim.has_own_lines() {
            sim.load(session(), Some(BEGINNING));
        }
    });
    on_cleanup(move || sim.pause());
    let press = Callback::new(move |()| sim.toggle());
    let label =
        Signal::derive(
            move || if sim.playing.get() { t!("front.pause") } else { t!("transport.play") },
        );

    view! {
        <Provider value=desk>
        <section class="show" aria-label=t!("front.cluster-that-lives")>
            <Stage/>
            <SmallStrip sim press label/>
            <Glance invitation=t!("front.this-no-film")/>
        </section>
        </Provider>
    }
    .into_any()
}

fn session() -> Session {
    Session::parse(SCRIPT).unwrap_or_else(|_| empty_session())
}

/// Whether the story has lines that were not done yet.
fn has_more_in_store(sim: Sim) -> bool {
    sim.read(|session| session.entries_done() < session.entries().len()).unwrap_or(false)
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
