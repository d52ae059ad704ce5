//! Which of the panels stands beside the terminal: the log, the tables, the charts, or the metrics.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use crate::play::{Desk, Tab};
use crate::texts::Text;

const LOWER: [(Tab, Text); 4] = [
    (Tab::Log, text!("play.log")),
    (Tab::Tables, text!("play.tables")),
    (Tab::Charts, text!("play.charts")),
    (Tab::Metrics, text!("play.metrics")),
];

/// The tabs beside the terminal, where there is room for more than one panel.
#[component]
pub fn LowerTabs() -> impl IntoView {
    let desk = expect_context::<Desk>();
    Effect::new(move |_| {
        let tab = desk.tab.get();
        if LOWER.iter().any(|(lower, _)| *lower == tab) {
            desk.lower.set(tab);
        }
    });
    let by_key = move |event: KeyboardEvent| {
        let place = LOWER.iter().position(|(tab, _)| *tab == desk.lower.get_untracked());
        let by = match event.key().as_str() {
            "ArrowRight" => 1,
            "ArrowLeft" => LOWER.len() - 1,
            _ => return,
        };
        event.prevent_default();
        let (tab, _) = LOWER[(place.unwrap_or(0) + by) % LOWER.len()];
        desk.tab.set(tab);
        if let Some(button) = document().get_element_by_id(&id(tab)) {
            let _ = wasm_bindgen::JsCast::unchecked_into::<web_sys::HtmlElement>(button).focus();
        }
    };
    let is_chosen = move |tab: Tab| desk.lower.get() == tab;
    view! {
        <div class="lower-tabs" role="tablist" aria-label=t!("play.beside-terminal") on:keydown=by_key>
            {LOWER.map(|(tab, label)| view! {
                <button type="button" role="tab" id=id(tab) aria-controls=format!("panel-{}", tab.name())
                    aria-selected=move || is_chosen(tab).to_string()
                    tabindex=move || if is_chosen(tab) { "0" } else { "-1" }
                    on:click=move |_| desk.tab.set(tab)>
                    {label.say()}
                </button>
            }).collect_view()}
        </div>
    }
    .into_any()
}

fn id(tab: Tab) -> String {
    format!("lower-{}", tab.name())
}
