//! What Highwater is, what it rests on, and what this browser has saved.

use leptos::prelude::*;

use crate::clipboard;
use crate::each::Each;
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
            <h1>{t!("about.about-highwater")}</h1>
            <p>
                {t!("about.highwater-apache-kafka")}
            </p>
            <h2>{t!("about.what-simplified")}</h2>
            <ul class="plain">
                <li>{t!("about.brokers-controllers-and")}</li>
                <li>{t!("about.each-fetch-names")}</li>
                <li>{t!("about.voters-quorum-are")}</li>
                <li>{t!("about.there-are-no")}</li>
            </ul>
            <h2>{t!("about.keys")}</h2>
            <KeyList/>
            <h2>{t!("about.saved-in-this")}</h2>
            <Show when=move || saved.read().is_empty()><p class="empty">{t!("about.nothing")}</p></Show>
            <ul class="saved">
                <Each each=move || saved.get() key=|(key, _)| key.clone() let((key, scenario))>
                    <SavedLine key scenario all=saved/>
                </Each>
            </ul>
            <h2>{t!("about.with-thanks")}</h2>
            <p>
                {t!("about.typefaces-are-inter")}
            </p>
        </main>
    }
    .into_any()
}

#[component]
fn SavedLine(key: String, scenario: Saved, all: RwSignal<Vec<(String, Saved)>>) -> impl IntoView {
    let said = RwSignal::new(None);
    let when = js_sys::Date::new(&scenario.saved_at.into())
        .to_locale_string(t!("format.locale"), &wasm_bindgen::JsValue::UNDEFINED);
    let place = key.split('.').nth(2).unwrap_or_default().to_owned();
    let size = bytes(scenario.script.len() as u64);
    let at = clock(scenario.moment);
    let keeper = expect_context::<Keeper>();
    let (opened, whole) = (key.clone(), scenario.clone());
    let script = scenario.script;
    view! {
        <li>
            <span>{place} {t!("about.at")} <code>{at}</code> ", " {size} {t!("about.saved")} {String::from(when)}</span>
            <button type="button" on:click=move |_| {
                if let Some(place) = keeper.go_on_with(&opened, whole.clone()) {
                    go_to(&place);
                }
            }>{t!("about.open")}</button>
            <button type="button" on:click=move |_| clipboard::copy(script.clone(), said)>{clipboard::label(said, t!("about.copy-scenario"))}</button>
            <button type="button" on:click=move |_| {
                forget(&key);
                all.set(all_saved());
            }>{t!("about.forget")}</button>
        </li>
    }
}
