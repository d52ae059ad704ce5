//! Copying text.

use leptos::prelude::{RwSignal, Set, Signal, set_timeout, window};
use std::time::Duration;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// Copies text; tells by the signal what came of it, for a few seconds.
pub fn copy(text: String, said: RwSignal<Option<&'static str>>) {
    spawn_local(async move {
        let outcome = match write(&text).await {
            Ok(()) => t!("clipboard.copied"),
            Err(_) => t!("clipboard.browser-does-not"),
        };
        let _ = said.try_set(Some(outcome));
        set_timeout(
            move || {
                let _ = said.try_set(None);
            },
            Duration::from_secs(4),
        );
    });
}

/// A label that gives way to what came of copying.
pub fn label(said: RwSignal<Option<&'static str>>, usual: &'static str) -> Signal<&'static str> {
    use leptos::prelude::Get;
    Signal::derive(move || said.get().unwrap_or(usual))
}

async fn write(text: &str) -> Result<(), JsValue> {
    let navigator = window().navigator();
    // There is no clipboard where the page did not come over a secure connection.
    let has_clipboard = js_sys::Reflect::has(&navigator, &"clipboard".into()).unwrap_or(false)
        && js_sys::Reflect::get(&navigator, &"clipboard".into())
            .is_ok_and(|found| !found.is_undefined());
    if !has_clipboard {
        return Err(JsValue::NULL);
    }
    JsFuture::from(navigator.clipboard().write_text(text)).await.map(|_| ())
}
