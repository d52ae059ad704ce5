//! The glossary: a page with all terms, a page for each, and the same card where a text names one.

use highwater_exercises::{Exercise, Term};
use leptos::ev;
use leptos::html::Dialog;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::miniature::Miniature;
use crate::packs;
use crate::prose::Prose;
use crate::route;
use crate::shows::Shows;

/// The addresses of terms begin so.
const ADDRESS: &str = "#/terms/";

/// The term of that id.
pub fn find(id: &str) -> Option<&'static Term> {
    packs::term(id)
}

/// All terms.
#[component]
pub fn TermList() -> impl IntoView {
    let sought = RwSignal::new(String::new());
    let terms = sorted();
    let count = terms.len() as u64;
    let found = move || {
        let sought = sought.read().trim().to_lowercase();
        let fits =
            |term: &&&'static Term| names(term).any(|name| name.to_lowercase().contains(&sought));
        let found: Vec<_> = terms.iter().filter(fits).copied().collect();
        if found.is_empty() {
            return view! { <p class="aside">{t!("glossary.no-term-has")}</p> }.into_any();
        }
        let entry = |term: &'static Term| {
            view! {
                <div>
                    <dt><a href=format!("{ADDRESS}{}", term.id)>{term.term.as_str()}</a></dt>
                    <dd>{term.short.as_str()}</dd>
                </div>
            }
        };
        view! { <dl class="terms">{found.into_iter().map(entry).collect_view()}</dl> }.into_any()
    };
    view! {
        <main class="prose">
            <h1>{t!("glossary.glossary")}</h1>
            <p class="lead">{t!("glossary.terms", number = count)}</p>
            <div class="bank-filters">
                <label class="wide">{t!("glossary.find")}
                    <input type="search" on:input=move |event| sought.set(event_target_value(&event))/>
                </label>
            </div>
            {found}
        </main>
    }
    .into_any()
}

/// One term, on a page of its own.
#[component]
pub fn TermPage(term: &'static Term) -> impl IntoView {
    view! {
        <main class="prose">
            <p class="over"><a href="#/terms">{t!("glossary.glossary")}</a></p>
            <h1>{term.term.as_str()}</h1>
            <Card term is_wide=true/>
        </main>
    }
    .into_any()
}

/// Where a text beside the cluster names a term, pressing it shows the card instead of leaving the page.
#[component]
pub fn TermDialog() -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    let shown = RwSignal::new(None::<&'static Term>);
    let listener = window_event_listener(ev::click, move |event| {
        let is_plain = !event.ctrl_key() && !event.meta_key() && !event.shift_key();
        let Some(term) = pressed(event.target()).filter(|_| is_plain) else { return };
        let Some(dialog) = dialog.get_untracked() else { return };
        event.prevent_default();
        shown.set(Some(term));
        if !dialog.open() {
            let _ = dialog.show_modal();
        }
    });
    on_cleanup(move || listener.remove());
    let close = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    view! {
        <dialog class="term-card" node_ref=dialog aria-labelledby="term-title" on:close=move |_| shown.set(None)>
            {move || shown.get().map(|term| view! {
                <h2 id="term-title">{term.term.as_str()}</h2>
                <Card term is_wide=false/>
            })}
            <p class="sources">
                <button type="button" class="main" on:click=close>{t!("glossary.go-on")}</button>
            </p>
        </dialog>
    }
    .into_any()
}

/// What is said of a term, with what shows it.
#[component]
fn Card(
    term: &'static Term,
    /// Whether it has the width of a page.
    is_wide: bool,
) -> impl IntoView {
    let also = (!term.also.is_empty()).then(|| {
        view! { <p class="aside">{t!("glossary.also", names = term.also.join(", "))}</p> }
    });
    let beside = term.see.iter().filter_map(|id| find(id));
    let beside: Vec<AnyView> = beside.map(link_to_term).collect();
    let used: Vec<AnyView> = used_in(term).map(link_to_exercise).collect();
    let list = |title: &'static str, links: Vec<AnyView>| {
        (!links.is_empty()).then(|| {
            let links = links.into_iter().map(|link| view! { <li>{link}</li> }).collect_view();
            // Below the page's own heading, or the card's.
            let title = if is_wide {
                view! { <h2>{title}</h2> }.into_any()
            } else {
                view! { <h3>{title}</h3> }.into_any()
            };
            view! { {title} <ul class="links">{links}</ul> }
        })
    };
    let shows =
        if term.shows.is_empty() { Shows::without_own_affairs() } else { Shows::of(&term.shows) };
    let run = term.scenario.as_ref().map(|script| {
        view! { <Miniature script=script.as_str() shows is_wide/> }
    });
    view! {
        <p class="lead">{term.short.as_str()}</p>
        {also}
        <Prose html=term.long_html.as_str()/>
        {run}
        {list(t!("glossary.beside-it"), beside)}
        {list(t!("glossary.learn-it-in"), used)}
    }
    .into_any()
}

fn link_to_term(term: &'static Term) -> AnyView {
    view! {
        <a class="term" href=format!("{ADDRESS}{}", term.id) title=term.short.as_str()>{term.term.as_str()}</a>
    }
    .into_any()
}

fn link_to_exercise(exercise: &'static Exercise) -> AnyView {
    view! { <a href=format!("#/learn/{}", exercise.id)>{exercise.title.as_str()}</a> }.into_any()
}

/// The exercises whose texts name the term, in the order of the road; the first few of many.
fn used_in(term: &Term) -> impl Iterator<Item = &'static Exercise> {
    const MOST: usize = 4;
    let link = format!("\"{ADDRESS}{}\"", term.id);
    let names = move |exercise: &&Exercise| {
        exercise.text_html.contains(&link) || exercise.why_html.contains(&link)
    };
    packs::exercises_beside(&term.id).iter().filter(names).take(MOST)
}

fn names(term: &Term) -> impl Iterator<Item = &str> {
    [term.term.as_str()].into_iter().chain(term.also.iter().map(String::as_str))
}

fn sorted() -> Vec<&'static Term> {
    let mut terms: Vec<_> = highwater_exercises::taught().glossary.iter().collect();
    terms.sort_by_key(|term| term.term.to_lowercase());
    terms
}

/// The term whose link was pressed beside a cluster. On a page without one the link is followed as any other.
fn pressed(target: Option<web_sys::EventTarget>) -> Option<&'static Term> {
    let element = target?.dyn_into::<web_sys::Element>().ok()?;
    let link = element.closest("a.term").ok()??;
    let is_beside_cluster = link.closest(".desk, dialog").is_ok_and(|found| found.is_some());
    let id = link.get_attribute("href")?;
    find(id.strip_prefix(ADDRESS)?).filter(|_| is_beside_cluster && route::page() != id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_to_a_term_leads_to_one() {
        for exercise in highwater_exercises::all() {
            for html in [&exercise.text_html, &exercise.why_html] {
                for link in html.split(ADDRESS).skip(1) {
                    let id = link.split('"').next().unwrap_or_default();
                    assert!(find(id).is_some(), "{}: {id}", exercise.id);
                }
            }
        }
    }

    #[test]
    fn a_term_knows_the_exercises_that_name_it() {
        let key = find("key").expect("it is a term");
        let used: Vec<&str> = used_in(key).map(|exercise| exercise.id.as_str()).collect();
        assert!(used.contains(&"keys-say-who"), "{used:?}");
    }
}
