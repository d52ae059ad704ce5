//! What the reader's system asks for, how much room there is, and whether the page is whole.

use leptos::prelude::{RwSignal, Set, window};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Below this width the page is one column, and the stage is drawn narrow.
pub const PHONE: &str = "(max-width: 759px)";

/// Whether motion is to be kept to the least.
pub const STILL: &str = "(prefers-reduced-motion: reduce)";

/// Whether a media query holds, as a signal that follows it.
pub fn follow(query: &str) -> RwSignal<bool> {
    let holds = RwSignal::new(false);
    let Ok(Some(list)) = window().match_media(query) else { return holds };
    holds.set(list.matches());
    let watched = list.clone();
    let listener = Closure::<dyn FnMut()>::new(move || {
        // The signal is gone once the page is taken down.
        let _ = holds.try_set(watched.matches());
    });
    let _ = list.add_event_listener_with_callback("change", listener.as_ref().unchecked_ref());
    // Media queries are asked for once, by the root, and live as long as the page.
    listener.forget();
    holds
}

/// Does something once the whole module is there, of which a first visit begins with a part: now, or then.
pub fn once_whole(act: impl FnOnce() + 'static) {
    let is_whole = js_sys::Reflect::get(&window(), &"highwaterIsWhole".into());
    if is_whole.is_ok_and(|flag| flag.is_truthy()) {
        return act();
    }
    let listener = Closure::once_into_js(act);
    let options = web_sys::AddEventListenerOptions::new();
    options.set_once(true);
    let _ = window().add_event_listener_with_callback_and_add_event_listener_options(
        "highwater-whole",
        listener.unchecked_ref(),
        &options,
    );
}
