//! Dark or light: as the system says, until the reader says otherwise.

use leptos::prelude::*;

use crate::media;
use crate::save::storage;

const KEY: &str = "highwater.theme";

/// The button that changes between dark and light. `page.js` applies the stored choice before the
/// first paint.
#[component]
pub fn ThemeButton(
    /// One higher each time the colours change, for what is drawn by hand.
    changed: RwSignal<u32>,
) -> impl IntoView {
    let system_is_dark = media::follow("(prefers-color-scheme: dark)");
    let chosen =
        RwSignal::new(storage::get(KEY).filter(|text| matches!(text.as_str(), "dark" | "light")));
    let is_dark = move || chosen.get().map_or_else(|| system_is_dark.get(), |name| name == "dark");
    Effect::new(move |_| {
        let name = chosen.get();
        system_is_dark.track();
        if let Some(root) = document().document_element() {
            let _ = match &name {
                Some(name) => root.set_attribute("data-theme", name),
                None => root.remove_attribute("data-theme"),
            };
        }
        changed.update(|count| *count += 1);
    });
    let press = move |_| {
        let name = if is_dark() { "light" } else { "dark" };
        // Where nothing can be stored, the choice holds until the page is left.
        let _ = storage::set(KEY, name);
        chosen.set(Some(name.to_owned()));
    };
    view! {
        <button class="quiet" type="button" on:click=press
            aria-label=move || if is_dark() { "Light colours" } else { "Dark colours" }>
            <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
                <circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" stroke-width="1.5"/>
                <path d="M8 1.75a6.25 6.25 0 0 1 0 12.5z" fill="currentColor"/>
            </svg>
        </button>
    }
}
