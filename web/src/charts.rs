//! Charts over virtual time, as many as one wants to see, each with a table of what it shows.

use std::sync::Arc;

use highwater_cluster::time::Time;
use highwater_scenario::metrics::{Chart, Sample};
use leptos::prelude::*;

use crate::each::Each;
use crate::play::Desk;
use crate::texts::of_engine;
use crate::timeline::span_for;

mod backend;
mod figure;
mod plot;
mod table;

use figure::Figure;

/// The samples of a run, those ahead of the present moment too.
#[derive(Clone, Debug, Default)]
struct Kept {
    /// What tells one run from another.
    run: (u32, u32),
    samples: Arc<Vec<Arc<Sample>>>,
}

impl PartialEq for Kept {
    /// Samples are added at the end, and all of them change only with the run or when they are thinned.
    fn eq(&self, other: &Self) -> bool {
        let end = |kept: &Self| (kept.samples.len(), kept.samples.last().map(|sample| sample.at));
        self.run == other.run && end(self) == end(other)
    }
}

/// The charts that are chosen.
#[component]
pub fn Charts() -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let chosen = RwSignal::new(vec![Chart::Throughput, Chart::Lag]);
    let span = Memo::new(move |_| span_for(sim.clock.get().max(sim.reached.get())));
    let kept = Memo::new(move |before: Option<&Kept>| {
        sim.calm.track();
        let run = (sim.loaded.get(), sim.written.get());
        let mut samples =
            sim.read(|session| session.metrics().history().samples().to_vec()).unwrap_or_default();
        let now = samples.last().map_or(Time::ZERO, |sample| sample.at);
        // What lies ahead was measured before time was taken back.
        if let Some(before) = before.filter(|before| before.run == run) {
            samples.extend(before.samples.iter().filter(|sample| sample.at > now).cloned());
        }
        Kept { run, samples: Arc::new(samples) }
    });
    let toggle = move |chart: Chart| {
        chosen.update(|chosen| match chosen.iter().position(|known| *known == chart) {
            Some(place) => drop(chosen.remove(place)),
            None => {
                chosen.push(chart);
                chosen.sort_by_key(|chart| Chart::ALL.iter().position(|known| known == chart));
            }
        });
    };
    view! {
        <section class="charts" id="panel-charts" aria-label=t!("charts.charts") tabindex="0">
            <div class="chart-picker" role="group" aria-label=t!("charts.what-to-draw")>
                {Chart::ALL.map(|chart| view! {
                    <button type="button" aria-pressed=move || chosen.read().contains(&chart).to_string()
                        on:click=move |_| toggle(chart)>
                        {of_engine(chart.title())}
                    </button>
                }).collect_view()}
            </div>
            <div class="chart-grid">
                <Each each=move || chosen.get() key=|chart| chart.title() let:chart>
                    <Figure chart kept span/>
                </Each>
            </div>
            <Show when=move || chosen.read().is_empty()>
                <p class="empty">{t!("charts.choose-what-to")}</p>
            </Show>
        </section>
    }
    .into_any()
}
