//! The palette: everything that can be done, found by a few letters.

use leptos::ev::{self, KeyboardEvent};
use leptos::html::{Dialog, Input};
use leptos::prelude::*;

use crate::beginnings::BEGINNINGS;
use crate::forms::{Asked, FORMS};
use crate::inspector::actions;
use crate::opened::Opened;
use crate::play::Desk;
use crate::save::Keeper;
use crate::sim::Sim;
use crate::tables::{Go, Kind};
use crate::texts::{Text, of_engine};

/// The entries that are shown at a time.
const MOST_SHOWN: usize = 12;

/// Something that can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// What it is called.
    name: String,
    /// The line that it writes, or what it is in a word.
    says: String,
    does: Deed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Deed {
    Line(String),
    Go(&'static str),
    Begin(&'static str),
    Time(WithTime),
    Table(Kind),
    Form(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WithTime {
    PlayOrPause,
    NextEvent,
    EventBefore,
    Undo,
    Redo,
    Restart,
}

/// The things to be done with time, and their keys.
const WITH_TIME: [(WithTime, Text, Text); 6] = [
    (WithTime::PlayOrPause, text!("palette.play-or-pause"), text!("palette.space")),
    (WithTime::NextEvent, text!("palette.next-event"), Text::of_kafka(".")),
    (WithTime::EventBefore, text!("palette.event-before"), Text::of_kafka(",")),
    (WithTime::Undo, text!("palette.undo"), Text::of_kafka("Ctrl Z")),
    (WithTime::Redo, text!("palette.redo"), Text::of_kafka("Ctrl Shift Z")),
    (WithTime::Restart, text!("palette.restart"), text!("palette.from-first-line")),
];

const PLACES: [(Text, &str); 9] = [
    (text!("app.learn"), "#/learn"),
    (text!("glossary.glossary"), "#/terms"),
    (text!("app.play"), "#/play"),
    (text!("app.interview"), "#/interview"),
    (text!("hub.mock"), "#/mock"),
    (text!("standing.where-you-stand"), "#/standing"),
    (text!("beliefs.wrong-beliefs"), "#/beliefs"),
    (text!("class.teach"), "#/class"),
    (text!("app.about"), "#/about"),
];

/// The button that opens it; Ctrl K does so too.
#[component]
pub fn Palette() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let keeper = expect_context::<Keeper>();
    let sim = desk.sim;
    let dialog = NodeRef::<Dialog>::new();
    let field = NodeRef::<Input>::new();
    let typed = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let all = RwSignal::new(Vec::new());
    let once = RwSignal::new(false);
    let open = move || {
        let Some(dialog) = dialog.get_untracked() else { return };
        if dialog.open() {
            return dialog.close();
        }
        all.set(everything(sim));
        typed.set(String::new());
        chosen.set(0);
        once.set(true);
        let _ = dialog.show_modal();
        // The first time, the field is only just being made.
        request_animation_frame(move || {
            if let Some(field) = field.get_untracked() {
                let _ = field.focus();
            }
        });
    };
    let listener = window_event_listener(ev::keydown, move |event| {
        if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k") {
            event.prevent_default();
            open();
        }
    });
    on_cleanup(move || listener.remove());
    let found = Memo::new(move |_| all.with(|all| find(all, &typed.read())));
    let run = move |entry: Entry| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
        match entry.does {
            Deed::Line(line) => sim.press(&line),
            Deed::Go(address) => drop(window().location().set_hash(address)),
            Deed::Begin(script) => keeper.begin_with(script),
            Deed::Time(deed) => do_with_time(sim, deed),
            Deed::Table(kind) => desk.show_table(Go::To(kind)),
            Deed::Form(form) => desk.form.set(Some(Asked::new(form))),
        }
    };
    let by_key = move |event: KeyboardEvent| {
        let count = found.read_untracked().len();
        let now = chosen.get_untracked();
        match event.key().as_str() {
            "ArrowDown" if count > 0 => chosen.set((now + 1) % count),
            "ArrowUp" if count > 0 => chosen.set((now + count - 1) % count),
            "Enter" => {
                if let Some(entry) = found.read_untracked().get(now).cloned() {
                    run(entry);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <button type="button" class="quiet palette-button" title=t!("palette.everything-key") on:click=move |_| open()>
            {t!("palette.open")}
        </button>
        <dialog class="palette" node_ref=dialog aria-label=t!("palette.everything")>
            <Opened once>
            <input type="text" node_ref=field role="combobox" aria-expanded="true" aria-controls="palette-list"
                aria-label=t!("palette.what-to-do") placeholder=t!("palette.such-as") autocomplete="off" spellcheck="false"
                aria-activedescendant=move || format!("palette-{}", chosen.get())
                prop:value=typed
                on:input=move |event| { typed.set(event_target_value(&event)); chosen.set(0); }
                on:keydown=by_key/>
            <ul id="palette-list" role="listbox" aria-label=t!("palette.what-can-be-done")>
                {move || found.get().into_iter().enumerate().map(|(index, entry)| {
                    let Entry { name, says, .. } = entry.clone();
                    view! {
                        <li role="option" id=format!("palette-{index}")
                            aria-selected=move || if chosen.get() == index { "true" } else { "false" }
                            on:click=move |_| run(entry.clone())>
                            <span>{name}</span>" "<code>{says}</code>
                        </li>
                    }
                }).collect_view()}
            </ul>
            <p class="aside" role="status">
                {move || match found.read().len() {
                    0 => t!("palette.nothing").to_owned(),
                    MOST_SHOWN => t!("palette.first-of-many").to_owned(),
                    count => t!("palette.found", count = count),
                }}
            </p>
            </Opened>
        </dialog>
    }
    .into_any()
}

/// Everything that can be done now.
fn everything(sim: Sim) -> Vec<Entry> {
    let of_cluster = sim.calm.with_untracked(|view| actions::everything(view));
    let lines = of_cluster.into_iter().map(|(name, line)| Entry {
        name,
        says: line.clone(),
        does: Deed::Line(line),
    });
    let time = WITH_TIME.map(|(deed, name, says)| Entry {
        name: name.say().to_owned(),
        says: says.say().to_owned(),
        does: Deed::Time(deed),
    });
    let places = PLACES.map(|(name, address)| Entry {
        name: t!("palette.go-to", name = name.say()),
        says: t!("palette.page").to_owned(),
        does: Deed::Go(address),
    });
    let beginnings = BEGINNINGS.iter().map(|beginning| Entry {
        name: t!("palette.begin-with", name = beginning.name.say()),
        says: t!("palette.new-scenario").to_owned(),
        does: Deed::Begin(beginning.script),
    });
    let tables = Kind::ALL.map(|kind| Entry {
        name: t!("palette.see", name = kind.label().to_lowercase()),
        says: t!("palette.table").to_owned(),
        does: Deed::Table(kind),
    });
    let forms = FORMS.iter().enumerate().map(|(index, form)| Entry {
        name: t!("palette.new", kind = of_engine(form.name).to_ascii_lowercase()),
        says: t!("palette.form").to_owned(),
        does: Deed::Form(index),
    });
    let shown = tables.into_iter().chain(forms);
    time.into_iter().chain(shown).chain(lines).chain(places).chain(beginnings).collect()
}

fn do_with_time(sim: Sim, deed: WithTime) {
    match deed {
        WithTime::PlayOrPause => sim.toggle(),
        WithTime::NextEvent => sim.step(),
        WithTime::EventBefore => sim.step_back(),
        WithTime::Undo => sim.undo(),
        WithTime::Redo => sim.redo(),
        WithTime::Restart => sim.restart(),
    }
}

/// The entries that hold every word that was typed, in their name or their line; those whose name begins so first.
fn find(all: &[Entry], typed: &str) -> Vec<Entry> {
    let typed = typed.trim().to_lowercase();
    let holds = |entry: &&Entry| {
        let text = format!("{} {}", entry.name, entry.says).to_lowercase();
        typed.split_whitespace().all(|word| text.contains(word))
    };
    let mut found: Vec<&Entry> = all.iter().filter(holds).collect();
    found.sort_by_key(|entry| !entry.name.to_lowercase().starts_with(&typed));
    found.into_iter().take(MOST_SHOWN).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::{Deed, Entry, find};

    #[test]
    fn all_words_must_be_there_and_beginnings_come_first() {
        let entry = |name: &str, says: &str| Entry {
            name: name.to_owned(),
            says: says.to_owned(),
            does: Deed::Line(says.to_owned()),
        };
        let all = [
            entry("Broker 2: Kill", "broker kill 2"),
            entry("Broker 3: Kill", "broker kill 3"),
            entry("Kill nobody", ""),
        ];
        let names = |typed: &str| -> Vec<String> {
            find(&all, typed).into_iter().map(|entry| entry.name).collect()
        };
        assert_eq!(names("kill"), ["Kill nobody", "Broker 2: Kill", "Broker 3: Kill"]);
        assert_eq!(names("KILL 3"), ["Broker 3: Kill"]);
        assert_eq!(names("elect"), [""; 0]);
    }
}
