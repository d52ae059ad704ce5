//! What Highwater is, what it rests on, and what this browser has saved.

use leptos::prelude::*;

use crate::clipboard;
use crate::format::{bytes, clock};
use crate::keymap::KeyList;
use crate::save::{Keeper, Saved, all_saved, forget};
use crate::share::go_to;

/// The page about the page.
#[component]
pub fn About() -> impl IntoView {
    let saved = RwSignal::new(all_saved());
    view! {
        <main class="prose">
            <h1>"About Highwater"</h1>
            <p>
                "Highwater is an Apache Kafka cluster in a browser tab, built to learn with. A deterministic engine exchanges Kafka's own messages between simulated nodes; what you see is what they did. Nothing is sent anywhere: the cluster, your files and your scenarios stay in this browser."
            </p>
            <h2>"What is simplified"</h2>
            <ul class="plain">
                <li>"Brokers, controllers and clients are the real protocol between simulated machines: disks, networks and clocks behave as their settings and faults say, not as hardware does."</li>
                <li>"Each fetch names all its partitions: there are no fetch sessions. The cleaner of compacted topics takes no time."</li>
                <li>"The voters of the quorum are those that the scenario begins with."</li>
                <li>"There are no principals yet: no authentication, no ACLs, no quotas by user. Tiered storage, share groups, Connect and Streams are not here yet."</li>
            </ul>
            <h2>"Keys"</h2>
            <KeyList/>
            <h2>"Saved in this browser"</h2>
            <Show when=move || saved.read().is_empty()><p class="empty">"Nothing."</p></Show>
            <ul class="saved">
                <For each=move || saved.get() key=|(key, _)| key.clone() let((key, scenario))>
                    <SavedLine key scenario all=saved/>
                </For>
            </ul>
            <h2>"With thanks"</h2>
            <p>
                "The typefaces are Inter and IBM Plex Mono, under the SIL Open Font Licence. The sample of flights comes from the U.S. Bureau of Transportation Statistics by way of the package vega-datasets, under the BSD 3-Clause Licence. Apache Kafka is a trademark of the Apache Software Foundation, with which this project is not affiliated."
            </p>
        </main>
    }
    .into_any()
}

#[component]
fn SavedLine(key: String, scenario: Saved, all: RwSignal<Vec<(String, Saved)>>) -> impl IntoView {
    let said = RwSignal::new(None);
    let when = js_sys::Date::new(&scenario.saved_at.into())
        .to_locale_string("en-GB", &wasm_bindgen::JsValue::UNDEFINED);
    let place = key.split('.').nth(2).unwrap_or_default().to_owned();
    let size = bytes(scenario.script.len() as u64);
    let at = clock(scenario.moment);
    let keeper = expect_context::<Keeper>();
    let (opened, whole) = (key.clone(), scenario.clone());
    let script = scenario.script;
    view! {
        <li>
            <span>{place} ", at " <code>{at}</code> ", " {size} ", saved " {String::from(when)}</span>
            <button type="button" on:click=move |_| {
                if let Some(place) = keeper.go_on_with(&opened, whole.clone()) {
                    go_to(&place);
                }
            }>"Open"</button>
            <button type="button" on:click=move |_| clipboard::copy(script.clone(), said)>{clipboard::label(said, "Copy scenario")}</button>
            <button type="button" on:click=move |_| {
                forget(&key);
                all.set(all_saved());
            }>"Forget"</button>
        </li>
    }
}
