//! What the keys do: one list, shown behind `?` and on the page about the page.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::opened::Opened;
use crate::texts::Text;

/// What is done, and by which keys.
const KEYS: &[(Text, Text)] = &[
    (text!("keymap.play-and-pause"), text!("keymap.space")),
    (text!("keymap.next-event-event"), text!("keymap.and")),
    (text!("alone.stage-alone"), Text::of_kafka("f")),
    (text!("keymap.undo-and-redo"), text!("keymap.ctrl-z-ctrl")),
    (text!("keymap.go-through-time"), text!("keymap.arrows-page-up")),
    (text!("keymap.earlier-lines-terminal"), text!("keymap.arrow-up-arrow")),
    (text!("keymap.completes"), Text::of_kafka("Tab")),
    (text!("keymap.search-earlier"), Text::of_kafka("Ctrl R")),
    (text!("keymap.interrupt-command"), text!("keymap.ctrl-c-in")),
    (text!("keymap.end-input"), Text::of_kafka("Ctrl D")),
    (text!("keymap.clear-screen"), Text::of_kafka("Ctrl L")),
    (text!("keymap.everything-that-can"), text!("keymap.ctrl-k")),
    (text!("keymap.these-keys"), Text::of_kafka("?")),
];

/// The list.
#[component]
pub fn KeyList() -> impl IntoView {
    let line = |(what, keys): &(Text, Text)| {
        view! { <div><dt>{what.say()}</dt><dd>{keys.say()}</dd></div> }
    };
    view! { <dl class="facts">{KEYS.iter().map(line).collect_view()}</dl> }.into_any()
}

/// The list, behind a button and `?`.
#[component]
pub fn KeysButton() -> impl IntoView {
    let listener = window_event_listener(ev::keydown, |event| {
        let is_free = !event.default_prevented() && !event.ctrl_key() && !event.alt_key();
        if event.key() == "?" && is_free && !is_typed_into(event.target()) {
            toggle();
        }
    });
    on_cleanup(move || listener.remove());
    let once = RwSignal::new(false);
    view! {
        <button class="quiet keys-button" type="button" popovertarget="keys" aria-label=t!("keymap.keys")>"?"</button>
        <div id="keys" class="menu" popover="auto" role="group" aria-label=t!("keymap.keys") on:beforetoggle=move |_: web_sys::Event| once.set(true)>
            <Opened once>
                <h2>{t!("keymap.keys")}</h2>
                <KeyList/>
            </Opened>
        </div>
    }
    .into_any()
}

fn is_typed_into(target: Option<web_sys::EventTarget>) -> bool {
    let element = target.and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    element.is_some_and(|element| {
        element
            .closest("input:not([type=radio]), textarea, select")
            .is_ok_and(|found| found.is_some())
    })
}

fn toggle() {
    let list = document().get_element_by_id("keys");
    if let Some(list) = list.and_then(|list| list.dyn_into::<HtmlElement>().ok()) {
        // A browser without popovers shows the same list on the page about the page.
        let _ = js_sys::Reflect::get(&list, &"togglePopover".into())
            .and_then(|method| method.dyn_into::<js_sys::Function>())
            .and_then(|method| method.call0(&list));
    }
}
