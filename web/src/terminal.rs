//! The terminals: each a tab with what its commands print, and one line to type for the one that is shown.

mod field;
mod files;
mod found;
mod history;
mod paste;
mod rows;
mod said;
mod screen;
mod tabs;
mod tokens;

use std::collections::BTreeMap;

use highwater_scenario::session::TerminalView;
use leptos::html::Input;
use leptos::prelude::*;

use crate::opened::Opened;
use crate::play::{Desk, Tab};
use crate::sim::{PANEL, Sim, TERMINAL};

use field::Field;
use found::{Found, FoundList};
use paste::PasteSheet;
use screen::ScreenView;
use tabs::Tabs;
use tokens::Tokens;

/// What the parts of the terminals share.
#[derive(Clone, Copy)]
struct Terminals {
    desk: Desk,
    sim: Sim,
    /// The terminal that is shown.
    current: RwSignal<String>,
    /// Those that were opened here, whether anything was done on them or not.
    opened: RwSignal<Vec<String>>,
    /// Those that were closed here.
    closed: RwSignal<Vec<String>>,
    /// The one that is shown, as it stands.
    state: Memo<TerminalView>,
    /// What stands in the field.
    typed: RwSignal<String>,
    /// What was typed on the others and not run.
    drafts: StoredValue<BTreeMap<String, String>>,
    /// How many lines there were when the view was cleared.
    cleared: RwSignal<BTreeMap<String, u64>>,
    /// What may be put into the field.
    found: RwSignal<Option<Found>>,
    /// Lines that were pasted and are to be confirmed.
    pasted: RwSignal<Option<Vec<String>>>,
    /// Why the last line was not taken.
    refused: RwSignal<Option<String>>,
    /// One higher each time that the end of the screen is to be seen again.
    to_end: RwSignal<u32>,
    /// Whether it takes the room of what stands above it.
    is_large: RwSignal<bool>,
    field: NodeRef<Input>,
}

/// The terminals.
#[component]
pub fn Terminal() -> impl IntoView {
    let terminals = Terminals::new(expect_context::<Desk>());
    let is_asked = RwSignal::new(false);
    let has_list = RwSignal::new(false);
    Effect::new(move |_| {
        if terminals.pasted.read().is_some() {
            is_asked.set(true);
        }
        if terminals.found.read().is_some() {
            has_list.set(true);
        }
    });
    let desk = terminals.desk;
    let has_tokens = Memo::new(move |before: Option<&bool>| {
        before == Some(&true) || (desk.is_phone.get() && desk.tab.get() == Tab::Terminal)
    });
    view! {
        <section class="terminal" id="panel-terminal" aria-label=t!("terminal.terminal") class:large=terminals.is_large>
            <Tabs terminals/>
            <ScreenView terminals/>
            <State terminals/>
            <Opened once=has_list><FoundList terminals/></Opened>
            <Opened once=has_tokens><Tokens terminals/></Opened>
            <Field terminals/>
            <Opened once=is_asked><PasteSheet terminals/></Opened>
        </section>
    }
    .into_any()
}

/// What stands on an empty screen.
#[component]
fn Beginning(terminals: Terminals) -> impl IntoView {
    let text = move || {
        if terminals.current.read().as_str() == PANEL {
            t!("terminal.panel-empty")
        } else {
            t!("terminal.empty")
        }
    };
    view! { <p class="hint">{text}</p> }.into_any()
}

/// What runs on the terminal that is shown, and what can be done about it.
#[component]
fn State(terminals: Terminals) -> impl IntoView {
    let sim = terminals.sim;
    let is_busy = Memo::new(move |_| terminals.state.read().is_busy);
    let is_read = Memo::new(move |_| terminals.state.read().is_read);
    let waiting = Memo::new(move |_| terminals.state.read().waiting.clone());
    let says = move || match (is_read.get(), sim.playing.get()) {
        (true, true) => t!("terminal.reads-runs"),
        (true, false) => t!("terminal.reads-stands"),
        (false, true) => t!("terminal.waits-runs"),
        (false, false) => t!("terminal.waits-stands"),
    };
    view! {
        <Show when=move || is_busy.get()>
            <div class="terminal-state">
                <p>{says}</p>
                <Show when=move || !sim.playing.get()>
                    <button type="button" on:click=move |_| sim.play()>{t!("terminal.let-time-run")}</button>
                </Show>
                <Show when=move || is_read.get()>
                    <button type="button" title=t!("terminal.end-of-input") on:click=move |_| terminals.end_input()>{t!("terminal.ctrl-d")}</button>
                </Show>
                <button type="button" title=t!("terminal.ends-command") on:click=move |_| terminals.interrupt()>{t!("terminal.ctrl-c")}</button>
            </div>
        </Show>
        <Show when=move || !waiting.read().is_empty()>
            <p class="terminal-waits">
                {move || {
                    let waiting = waiting.get();
                    let next = waiting.first().cloned().unwrap_or_default();
                    t!("terminal.lines-wait", number = waiting.len() as u64, next = next)
                }}
            </p>
        </Show>
        {move || terminals.refused.get().map(|error| view! { <p class="error terminal-refused" role="alert">{error}</p> })}
    }
    .into_any()
}

impl Terminals {
    fn new(desk: Desk) -> Self {
        let sim = desk.sim;
        let current = RwSignal::new(TERMINAL.to_owned());
        let state = Memo::new(move |_| {
            sim.calm.track();
            sim.written.track();
            let name = current.get();
            sim.read(|session| session.terminal(&name)).unwrap_or_default()
        });
        let terminals = Self {
            desk,
            sim,
            current,
            opened: RwSignal::default(),
            closed: RwSignal::default(),
            state,
            typed: RwSignal::default(),
            drafts: StoredValue::default(),
            cleared: RwSignal::default(),
            found: RwSignal::default(),
            pasted: RwSignal::default(),
            refused: RwSignal::default(),
            to_end: RwSignal::default(),
            is_large: RwSignal::default(),
            field: NodeRef::new(),
        };
        Effect::new(move |before: Option<()>| {
            sim.loaded.track();
            if before.is_some() {
                terminals.begin_anew();
            }
        });
        terminals
    }

    /// Another scenario is played.
    fn begin_anew(self) {
        self.current.set(TERMINAL.to_owned());
        self.opened.set(Vec::new());
        self.closed.set(Vec::new());
        self.cleared.set(BTreeMap::new());
        self.drafts.set_value(BTreeMap::new());
        self.found.set(None);
    }

    /// Shows a terminal.
    fn show(self, name: &str) {
        let before = self.current.get_untracked();
        if before == name {
            return;
        }
        let draft = self.typed.get_untracked();
        let draft = self.drafts.try_update_value(|drafts| {
            drafts.insert(before, draft);
            drafts.remove(name).unwrap_or_default()
        });
        self.typed.set(draft.unwrap_or_default());
        self.found.set(None);
        self.refused.set(None);
        self.current.set(name.to_owned());
    }

    /// Runs a line, or gives it to the command that reads.
    fn run(self, line: &str) {
        let terminal = self.current.get_untracked();
        self.found.set(None);
        self.to_end.update(|count| *count += 1);
        match self.sim.type_line(&terminal, line) {
            Ok(()) => {
                self.refused.set(None);
                self.typed.set(String::new());
                if self.sim.awaits_line.get_value() {
                    self.sim.play();
                }
            }
            Err(error) => self.refused.set(Some(error.to_string())),
        }
    }

    fn interrupt(self) {
        self.sim.interrupt(&self.current.get_untracked());
    }

    fn end_input(self) {
        self.sim.end_input(&self.current.get_untracked());
    }

    /// Clears the view of the terminal that is shown; nothing is lost.
    fn clear(self) {
        let name = self.current.get_untracked();
        let printed = self.printed(&name);
        self.cleared.update(|cleared| {
            cleared.insert(name, printed);
        });
    }

    /// The line from which a terminal is shown, if its view was cleared before the present moment.
    fn cleared_at(self, name: &str) -> u64 {
        let cleared = self.cleared.with_untracked(|cleared| cleared.get(name).copied());
        cleared.filter(|cleared| *cleared <= self.printed(name)).unwrap_or(0)
    }

    /// How many lines stand on a terminal.
    fn printed(self, name: &str) -> u64 {
        let printed = |screen: &highwater_scenario::screens::Screen| screen.printed();
        self.sim.read(|session| session.screens().get(name).map_or(0, printed)).unwrap_or(0)
    }

    fn focus(self) {
        if let Some(field) = self.field.get_untracked() {
            let _ = field.focus();
        }
    }
}

/// What a terminal is called on its tab.
fn label(name: &str) -> String {
    if name == PANEL { t!("terminal.buttons").to_owned() } else { name.to_owned() }
}
