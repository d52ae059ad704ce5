//! The metrics of all processes by their JMX names, to be searched and copied.

use std::sync::Arc;

use highwater_scenario::metrics::{Reading, exposition};
use leptos::prelude::*;

use crate::clipboard;
use crate::each::Each;
use crate::play::{Desk, Tab};
use crate::texts::of_engine;

/// The metrics that are listed at most: more would slow the page down, and nobody would read them.
const MOST: usize = 150;

/// A metric as it is listed.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    process: Arc<str>,
    mbean: String,
    attribute: &'static str,
    value: String,
    meaning: &'static str,
}

/// The metrics.
#[component]
pub fn MetricsPanel() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let sim = desk.sim;
    let search = RwSignal::new(String::new());
    let is_text = RwSignal::new(false);
    let copied = RwSignal::new(None);
    let read = move || {
        let read = sim.read(|session| session.metrics().read(&session.view()));
        read.unwrap_or_default()
    };
    let is_seen = Memo::new(move |_| desk.shows(Tab::Metrics));
    let found = Memo::new(move |_| {
        if !is_seen.get() {
            return (Vec::new(), 0);
        }
        sim.calm.track();
        let wanted = search.read().to_lowercase();
        let rows = read().into_iter().map(row).filter(|row| matches(row, &wanted));
        let mut rows: Vec<Row> = rows.collect();
        let all = rows.len();
        rows.truncate(MOST);
        (rows, all)
    });
    let text = move || {
        sim.calm.track();
        exposition(&read())
    };
    view! {
        <section class="metrics" id="panel-metrics" aria-label=t!("metrics-panel.metrics")>
            <div class="metrics-bar">
                <input type="text" aria-label=t!("metrics-panel.search-metrics") placeholder=t!("metrics-panel.search-name-process")
                    prop:value=search on:input=move |event| search.set(event_target_value(&event))/>
                <button type="button" aria-pressed=move || is_text.get().to_string()
                    on:click=move |_| is_text.update(|is_text| *is_text = !*is_text)>
                    {t!("metrics-panel.prometheus-text")}
                </button>
                <button type="button" on:click=move |_| clipboard::copy(exposition(&read()), copied)>
                    <span aria-live="polite">{clipboard::label(copied, t!("metrics-panel.copy-as-prometheus"))}</span>
                </button>
            </div>
            <div class="metrics-list" tabindex="0" role="group" aria-label=t!("metrics-panel.metrics-by-their")>
                <Show when=move || is_seen.get() && is_text.get()><pre>{text}</pre></Show>
                <table class:gone=is_text>
                    <caption class="sr-only">{t!("metrics-panel.metrics-by-their")}</caption>
                    <thead><tr>
                        <th scope="col">{t!("metrics-panel.process")}</th>
                        <th scope="col">{t!("metrics-panel.mbean")}</th>
                        <th scope="col">{t!("metrics-panel.attribute")}</th>
                        <th scope="col">{t!("metrics-panel.value")}</th>
                    </tr></thead>
                    <tbody>
                        <Each each=move || found.get().0
                            key=|row| (row.process.clone(), row.mbean.clone(), row.attribute, row.value.clone())
                            let:row>
                            <tr>
                                <td>{row.process.to_string()}</td>
                                <td><code>{row.mbean}</code><span class="aside">{row.meaning}</span></td>
                                <td><code>{row.attribute}</code></td>
                                <td>{row.value}</td>
                            </tr>
                        </Each>
                    </tbody>
                </table>
                <p class="empty" role="status" class:gone=is_text>{move || how_many(found.read().1)}</p>
            </div>
        </section>
    }
    .into_any()
}

fn how_many(found: usize) -> String {
    match found {
        0 => t!("metrics-panel.no-metric-matches").to_owned(),
        found if found > MOST => t!("metrics-panel.first-search-for", shown = MOST, found = found),
        found => t!("metrics-panel.found", number = found as u64),
    }
}

fn row(reading: Reading) -> Row {
    Row {
        mbean: reading.mbean(),
        attribute: reading.attribute(),
        value: reading.value.to_string(),
        meaning: of_engine(reading.metric.meaning),
        process: reading.process,
    }
}

/// Whether all words of a search, in small letters, stand in what is said of a metric.
fn matches(row: &Row, wanted: &str) -> bool {
    let Row { process, mbean, attribute, meaning, .. } = row;
    let said = format!("{process} {mbean} {attribute} {meaning}").to_lowercase();
    wanted.split_whitespace().all(|word| said.contains(word))
}
