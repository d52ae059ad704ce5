//! First steps: what to do on an empty stage, ticked as it is done.

use highwater_cluster::view::{BrokerState, ClusterView};
use leptos::prelude::*;

use crate::beginnings::Beginnings;
use crate::clipboard;
use crate::data::DataPanel;
use crate::play::Desk;
use crate::save::Keeper;

/// What stands on the left in free play.
#[component]
pub fn Guide() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let keeper = expect_context::<Keeper>();
    let sim = desk.sim;
    let done = move |check: fn(&ClusterView) -> bool| {
        Memo::new(move |before: Option<&Done>| {
            // What was done once is done, until another scenario is taken up.
            let loaded = sim.loaded.get();
            let was = before.is_some_and(|before| before.is_done && before.loaded == loaded);
            Done { loaded, is_done: sim.calm.with(|view| check(view)) || was }
        })
    };
    let copied = RwSignal::new(None);
    view! {
        <section class="guide" aria-label=t!("guide.first-steps")>
            <p class="over">{t!("guide.free-play")}</p>
            <h2 class="title">{t!("guide.cluster-you-can")}</h2>
            <p class="lead">
                {t!("guide.three-brokers-and")}
            </p>
            <ol class="checks">
                <Step done=done(|view| !view.producers.is_empty())>{t!("guide.stream-real-records")}</Step>
                <Step done=done(|view| view.consumers.iter().any(|consumer| consumer.records_consumed > 0))>
                    {t!("guide.watch-them-flow")}
                </Step>
                <Step done=done(|view| view.brokers.iter().any(|broker| broker.state == BrokerState::Stopped))>
                    {t!("guide.press-broker-2")}
                </Step>
                <Step done=done(shrunk)>{t!("guide.see-isr-shrink")}</Step>
            </ol>
        </section>
        <DataPanel/>
        <section class="scenario" aria-label=t!("guide.scenario")>
            <h2>{t!("guide.scenario")}</h2>
            <p class="lead">{t!("guide.all-that-you")}</p>
            <p class="sources">
                <button type="button" on:click=move |_| clipboard::copy(sim.script(), copied)>
                    {clipboard::label(copied, t!("guide.copy-scenario"))}
                </button>
                <button type="button" on:click=move |_| keeper.begin_anew()>{t!("guide.new-scenario")}</button>
            </p>
            <Beginnings/>
        </section>
    }
    .into_any()
}

/// Whether a step was done since the scenario was taken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Done {
    loaded: u32,
    is_done: bool,
}

/// A line of a checklist.
#[component]
fn Step(done: Memo<Done>, children: Children) -> impl IntoView {
    let met = Signal::derive(move || done.get().is_done);
    view! {
        <li class="check-line" class:met=met>
            <Tick met/>
            <div>{children()}</div>
        </li>
    }
}

/// Whether something is done: a tick, and a word for those who do not see it.
#[component]
pub fn Tick(#[prop(into)] met: Signal<bool>) -> impl IntoView {
    view! {
        <svg class="tick" width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
            <circle cx="10" cy="10" r="9"/>
            <path d="M5.8 10.3l2.9 2.9 5.5 -6"/>
        </svg>
        <span class="sr-only">{move || if met.get() { t!("guide.done") } else { t!("guide.to-do") }}</span>
    }
}

fn shrunk(view: &ClusterView) -> bool {
    let partitions =
        view.topics.iter().filter(|topic| !topic.is_internal).flat_map(|topic| &topic.partitions);
    partitions.into_iter().any(|partition| partition.isr.len() < partition.replicas.len())
}
