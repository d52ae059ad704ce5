//! An answer that is spoken against a clock, and heard back: as in an interview. It is kept nowhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

use crate::format;

/// As long as an interviewer listens gladly.
const LIMIT_MS: u64 = 120_000;

/// Then it ends by itself: what is said lies in memory.
const MOST_MS: u64 = 600_000;

#[wasm_bindgen]
extern "C" {
    /// Listens, stops, or forgets; see `web/voice.js`.
    #[wasm_bindgen(js_name = highwaterVoice, catch)]
    async fn voice(act: &str) -> Result<JsValue, JsValue>;
}

/// What can be said, and heard.
#[component]
pub fn Spoken() -> impl IntoView {
    let since = RwSignal::new(None::<f64>);
    let spent_ms = RwSignal::new(0_u64);
    let address = RwSignal::new(None::<String>);
    let trouble = RwSignal::new(None::<String>);
    let was_begun = Arc::new(AtomicBool::new(false));
    let is_left = was_begun.clone();
    let was_begun = StoredValue::new(was_begun);
    let begin = move |_| {
        was_begun.with_value(|was_begun| was_begun.store(true, Ordering::Relaxed));
        trouble.set(None);
        address.set(None);
        spawn_local(async move {
            let outcome = voice("begin").await;
            // The page may have gone on while it was asked for the microphone.
            if since.try_get_untracked().is_none() {
                let _ = voice("forget").await;
                return;
            }
            match outcome {
                Ok(_) => {
                    spent_ms.set(0);
                    since.set(Some(js_sys::Date::now()));
                }
                Err(error) => {
                    let why = String::from(js_sys::Error::from(error).message());
                    trouble.set(Some(t!("spoken.no-microphone", why = why)));
                }
            }
        });
    };
    let end = move || {
        since.set(None);
        spawn_local(async move {
            let heard = voice("end").await.ok().and_then(|heard| heard.as_string());
            let _ = address.try_set(heard.filter(|heard| !heard.is_empty()));
        });
    };
    let step = move || {
        let Some(Some(began)) = since.try_get_untracked() else { return };
        let spent = (js_sys::Date::now() - began).max(0.0) as u64;
        spent_ms.set(spent);
        if spent > MOST_MS {
            end();
        }
    };
    if let Ok(handle) = set_interval_with_handle(step, Duration::from_millis(500)) {
        on_cleanup(move || handle.clear());
    }
    on_cleanup(move || {
        if is_left.load(Ordering::Relaxed) {
            spawn_local(async {
                let _ = voice("forget").await;
            });
        }
    });
    let is_listening = move || since.get().is_some();
    let begin_label =
        move || if address.read().is_some() { t!("spoken.say-again") } else { t!("spoken.say-it") };
    view! {
        <div class="spoken">
            <p class="way">
                <Show when=is_listening fallback=move || view! {
                    <button type="button" on:click=begin>{begin_label}</button>
                }>
                    <button type="button" class="main" on:click=move |_| end()>{t!("spoken.stop")}</button>
                </Show>
                <Show when=move || is_listening() || address.read().is_some()>
                    <span class="mock-clock" class:over-time=move || { spent_ms.get() > LIMIT_MS }>
                        <span role="timer">{move || format::minutes(spent_ms.get())}</span>
                        <span class="aside">{t!("mock.of-minutes", limit = format::minutes(LIMIT_MS))}</span>
                    </span>
                </Show>
            </p>
            {move || address.get().map(|address| view! {
                <audio controls src=address aria-label=t!("spoken.heard")></audio>
            })}
            <p class="aside">{t!("spoken.aim")}</p>
            <div role="alert">{move || trouble.get().map(|why| view! { <p class="why-not">{why}</p> })}</div>
        </div>
    }
    .into_any()
}
