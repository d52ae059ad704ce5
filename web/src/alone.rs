//! The stage alone: for a projector, and for whoever wants to see more of it. The strip of time stays below it.

use leptos::ev;
use leptos::prelude::*;

use crate::play::Desk;

/// Leaves the stage alone with its time, in all of the screen where the browser allows that; or brings the rest back.
pub fn toggle(desk: Desk) {
    let is_alone = !desk.alone.get_untracked();
    desk.alone.set(is_alone);
    let page = document();
    if is_alone {
        // Where it is not allowed, the window is all there is.
        let _ = page.document_element().map(|root| root.request_fullscreen());
    } else if page.fullscreen_element().is_some() {
        page.exit_fullscreen();
    }
}

/// Brings the rest back once the browser has left the full screen, as it does on Escape.
pub fn follow(desk: Desk) {
    let listener = window_event_listener(ev::fullscreenchange, move |_| {
        if document().fullscreen_element().is_none() {
            desk.alone.set(false);
        }
    });
    on_cleanup(move || listener.remove());
}

/// The button at the lower edge of the stage.
#[component]
pub fn AloneButton() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let pressed = move || if desk.alone.get() { "true" } else { "false" };
    view! {
        <button type="button" class="quiet alone" aria-label=t!("alone.stage-alone") title=t!("alone.stage-alone-key")
            aria-pressed=pressed on:click=move |_| toggle(desk)>
            <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
                <path class="outline" d="M5 1H1v4 M9 1h4v4 M5 13H1V9 M9 13h4V9"/>
            </svg>
        </button>
    }
    .into_any()
}
