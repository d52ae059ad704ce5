//! What all levels are made of: a heading with a sentence, facts, tables, and what is said where
//! nothing is.

use highwater_cluster::view::ClusterView;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::format::clock;
use crate::sim::Sim;
use crate::texts::Text;
use highwater_cluster::time::Time;
use highwater_scenario::cluster::log::TimestampMs;
use highwater_scenario::session::Session;

/// Something read from the session, again at a reader's pace while time runs.
pub fn live<T: Clone + PartialEq + Send + Sync + 'static>(
    sim: Sim,
    read: impl Fn(&Session) -> Option<T> + Send + Sync + 'static,
) -> Memo<Option<T>> {
    Memo::new(move |_| {
        sim.calm.track();
        sim.written.track();
        sim.read(&read).flatten()
    })
}

/// The same of the view of the cluster.
pub fn seen<T: PartialEq + Send + Sync + 'static>(
    sim: Sim,
    read: impl Fn(&ClusterView) -> T + Send + Sync + 'static,
) -> Memo<T> {
    Memo::new(move |_| sim.calm.with(|view| read(view)))
}

/// The heading of a level, and the sentence that says what is there.
#[component]
pub fn Heading(
    /// What kind of thing it is.
    over: &'static str,
    /// Its name.
    #[prop(into)]
    title: String,
    /// How it is, in a sentence or two.
    says: impl Fn() -> String + Send + Sync + 'static,
) -> impl IntoView {
    view! {
        <p class="over">{over}</p>
        <h2 class="level-title" tabindex="-1">{title}</h2>
        <p class="level-says">{says}</p>
    }
    .into_any()
}

/// Names and values.
pub fn facts(rows: Vec<(String, String)>) -> AnyView {
    view! {
        <dl class="facts level-facts">
            {rows.into_iter().map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }).collect_view()}
        </dl>
    }
    .into_any()
}

/// A fact for [`facts`].
pub fn fact(name: &str, value: impl ToString) -> (String, String) {
    (name.to_owned(), value.to_string())
}

/// What is said where the thing is not, or not any more.
pub fn gone(what: String) -> AnyView {
    view! {
        <h2 class="level-title" tabindex="-1">{t!("anatomy.not-there")}</h2>
        <p class="level-says">{t!("anatomy.not-there-at", what = what)}</p>
    }
    .into_any()
}

/// A table in a box of its own that can be scrolled, with names for its columns.
pub fn table(name: &'static str, columns: &[Text], rows: AnyView) -> AnyView {
    view! {
        <div class="level-table" role="region" aria-label=name tabindex="0">
            <table>
                <thead><tr>{columns.iter().map(|column| view! { <th scope="col">{column.say()}</th> }).collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A timestamp as the clock of the page shows it, if it lies in the run.
pub fn time(sim: Sim, at: TimestampMs) -> String {
    let start = sim.read(|session| session.world().spec().start).unwrap_or(TimestampMs(0));
    if at.0 < 0 {
        return t!("anatomy.none").to_owned();
    }
    match u64::try_from(at.0.saturating_sub(start.0)) {
        Ok(millis) if millis < 1_000_000_000_000 => {
            t!("anatomy.at", at = at, time = clock(Time(millis * 1_000)))
        }
        _ => at.to_string(),
    }
}

/// Bytes as text, with what is no text as hexadecimal.
pub fn text_of(bytes: Option<&[u8]>) -> String {
    const MOST: usize = 2_000;
    let Some(bytes) = bytes else { return "null".to_owned() };
    let shown = &bytes[..bytes.len().min(MOST)];
    let mut text = match std::str::from_utf8(shown) {
        Ok(text) if !text.chars().any(|letter| letter.is_control() && letter != '\n') => {
            text.to_owned()
        }
        _ => shown.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" "),
    };
    if bytes.is_empty() {
        t!("anatomy.empty").clone_into(&mut text);
    }
    if bytes.len() > MOST {
        text.push_str(&t!("anatomy.and-bytes-more", bytes = bytes.len() - MOST));
    }
    text
}

/// Gives the focus to the first element that fits; false if none does.
pub fn focus(selector: &str) -> bool {
    let found = document().query_selector(selector).ok().flatten();
    let Some(element) = found else { return false };
    // Both HTML and SVG elements can have the focus; the method is that of one of them.
    let element: web_sys::HtmlElement = element.unchecked_into();
    element.focus().is_ok()
}
