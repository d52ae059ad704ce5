//! The tabs of the terminals, and what can be done with them.

use std::collections::BTreeMap;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::files::Files;
use super::{Terminals, label};
use crate::clipboard;
use crate::each::Each;
use crate::opened::Opened;
use crate::sim::{PANEL, TERMINAL};

/// A terminal, as its tab tells.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Tab {
    name: String,
    /// Whether a command runs in it.
    runs: bool,
    /// Whether something was printed since it was shown last.
    has_news: bool,
}

/// The tabs, with the buttons beside them.
#[component]
pub fn Tabs(terminals: Terminals) -> impl IntoView {
    let sim = terminals.sim;
    // Up to which line each was looked at.
    let seen = StoredValue::new(BTreeMap::<String, u64>::new());
    let tabs = Memo::new(move |_| {
        sim.calm.track();
        sim.written.track();
        let current = terminals.current.get();
        let mut names = sim.read(|session| session.terminal_names()).unwrap_or_default();
        names.extend(terminals.opened.get());
        names.push(current.clone());
        let closed = terminals.closed.read();
        names.retain(|name| name != TERMINAL && name != PANEL && !closed.contains(name));
        names.sort_by_key(|name| (name.len(), name.clone()));
        names.dedup();
        names.insert(0, TERMINAL.to_owned());
        if terminals.printed(PANEL) > 0 || current == PANEL {
            names.push(PANEL.to_owned());
        }
        let tab = |name: String| {
            let printed = terminals.printed(&name);
            let looked = seen.try_update_value(|seen| {
                let looked = seen.entry(name.clone()).or_insert(printed);
                // What was taken back is not to be missed.
                *looked = if name == current { printed } else { printed.min(*looked) };
                *looked
            });
            let runs = sim.read(|session| {
                let terminal = session.terminal(&name);
                terminal.is_busy || terminal.jobs > 0
            });
            Tab {
                has_news: looked.is_some_and(|looked| printed > looked),
                runs: runs == Some(true),
                name,
            }
        };
        names.into_iter().map(tab).collect::<Vec<_>>()
    });
    let names = move || tabs.read().iter().map(|tab| tab.name.clone()).collect::<Vec<_>>();
    let select = move |name: &str| {
        terminals.show(name);
        if let Some(tab) = document().get_element_by_id(&id(name)) {
            let _ = tab.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    };
    let by_key = move |event: KeyboardEvent| {
        let tabs = tabs.read_untracked();
        let current = terminals.current.read_untracked();
        let place = tabs.iter().position(|tab| tab.name == *current).unwrap_or(0);
        let to = match event.key().as_str() {
            "ArrowRight" => (place + 1) % tabs.len(),
            "ArrowLeft" => (place + tabs.len() - 1) % tabs.len(),
            "Home" => 0,
            "End" => tabs.len() - 1,
            _ => return,
        };
        event.prevent_default();
        let name = tabs[to].name.clone();
        drop((tabs, current));
        select(&name);
    };
    let open = move |_| {
        let known = sim.read(|session| session.terminal_names()).unwrap_or_default();
        let opened = terminals.opened.get_untracked();
        let mut names = (2..).map(|number: u32| format!("t{number}"));
        let is_free = |name: &String| !known.contains(name) && !opened.contains(name);
        let Some(name) = names.find(is_free) else { return };
        terminals.opened.update(|opened| opened.push(name.clone()));
        terminals.show(&name);
        terminals.focus();
    };
    let close = move |_| {
        let name = terminals.current.get_untracked();
        if sim.read(|session| session.is_busy(&name)) == Some(true) {
            terminals.interrupt();
        }
        let before = {
            let tabs = tabs.read_untracked();
            let place = tabs.iter().position(|tab| tab.name == name).unwrap_or(0);
            tabs.get(place.saturating_sub(1)).map_or(TERMINAL.to_owned(), |tab| tab.name.clone())
        };
        terminals.show(&before);
        terminals.closed.update(|closed| closed.push(name.clone()));
        select(&before);
    };
    let can_close = move || !matches!(terminals.current.read().as_str(), TERMINAL | PANEL);
    let said = RwSignal::new(None::<&'static str>);
    let copy = move |_| {
        let name = terminals.current.get_untracked();
        let text = sim.read(|session| {
            let screen = session.screens().get(&name)?;
            Some(screen.since(0).map(|line| super::rows::shown(line) + "\n").collect::<String>())
        });
        clipboard::copy(text.flatten().unwrap_or_default(), said);
    };
    let is_open = RwSignal::new(false);
    let wants_files = RwSignal::new(false);
    let files = move |_| {
        wants_files.set(true);
        is_open.set(true);
    };
    view! {
        <div class="terminal-head">
            <h2 class="sr-only">{t!("terminal.terminal")}</h2>
            <div class="terminal-tabs" role="tablist" aria-label=t!("terminal.terminals") on:keydown=by_key>
                <Each each=names key=Clone::clone let:name>
                    {
                        let title = label(&name);
                        let (id, held) = (id(&name), StoredValue::new(name));
                        let is_chosen = Memo::new(move |_| held.with_value(|name| *terminals.current.read() == *name));
                        let tab = Memo::new(move |_| {
                            let tabs = tabs.read();
                            held.with_value(|name| tabs.iter().find(|tab| tab.name == *name).cloned())
                        });
                        let says = move || {
                            let tab = tab.get()?;
                            let runs = tab.runs.then(|| view! { <span class="runs">{t!("terminal.runs")}</span> });
                            let news = tab.has_news.then(|| view! { <span class="news">{t!("terminal.new")}</span> });
                            Some((runs, news))
                        };
                        view! {
                            <button type="button" role="tab" id=id aria-controls="terminal-screen"
                                aria-selected=move || is_chosen.get().to_string()
                                tabindex=move || if is_chosen.get() { "0" } else { "-1" }
                                on:click=move |_| held.with_value(|name| terminals.show(name))>
                                {title} {says}
                            </button>
                        }
                    }
                </Each>
            </div>
            <button type="button" class="quiet" aria-label=t!("terminal.new-terminal") title=t!("terminal.new-terminal") on:click=open>"+"</button>
            <Show when=can_close>
                <button type="button" class="quiet" aria-label=move || t!("terminal.close", terminal = terminals.current.get())
                    title=t!("terminal.close-says") on:click=close>"×"</button>
            </Show>
            <span class="room"></span>
            <button type="button" class="quiet larger" aria-pressed=move || terminals.is_large.get().to_string()
                on:click=move |_| terminals.is_large.update(|is_large| *is_large = !*is_large)>{t!("terminal.larger")}</button>
            <button type="button" class="quiet" title=t!("terminal.copy-says") on:click=copy>{clipboard::label(said, t!("terminal.copy"))}</button>
            <button type="button" class="quiet" aria-haspopup="dialog" title=t!("terminal.files-says") on:click=files>{t!("terminal.files")}</button>
        </div>
        <Opened once=wants_files><Files terminals is_open/></Opened>
    }
    .into_any()
}

fn id(name: &str) -> String {
    format!("terminal-{name}")
}
