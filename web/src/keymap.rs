//! What the keys do: one list, shown behind `?` and on the page about the page.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::opened::Opened;

/// What is done, and by which keys.
const KEYS: &[(&str, &str)] = &[
    ("Play and pause", "space"),
    ("Next event, event before", ". and ,"),
    ("Undo and redo a line", "Ctrl Z, Ctrl Shift Z"),
    ("Go through time, on the timeline", "arrows, Page up, Page down, Home, End"),
    ("Earlier lines of the terminal", "arrow up, arrow down"),
    ("Interrupt a command", "Ctrl C in the command line"),
    ("Everything that can be done", "Ctrl K"),
    ("These keys", "?"),
];

/// The list.
#[component]
pub fn KeyList() -> impl IntoView {
    let line = |(what, keys): &(&'static str, &'static str)| {
        view! { <div><dt>{*what}</dt><dd>{*keys}</dd></div> }
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
        <button class="quiet keys-button" type="button" popovertarget="keys" aria-label="Keys">"?"</button>
        <div id="keys" class="menu" popover="auto" role="group" aria-label="Keys" on:beforetoggle=move |_: web_sys::Event| once.set(true)>
            <Opened once>
                <h2>"Keys"</h2>
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
