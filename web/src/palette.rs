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
    Time(&'static str),
    Table(Kind),
    Form(usize),
}

/// The things to be done with time, by the name that [`do_with_time`] knows.
const WITH_TIME: [(&str, &str); 6] = [
    ("Play or pause", "space"),
    ("Next event", "."),
    ("Event before", ","),
    ("Undo a line", "Ctrl Z"),
    ("Redo a line", "Ctrl Shift Z"),
    ("Restart the scenario", "from its first line"),
];

const PLACES: [(&str, &str); 4] =
    [("Learn", "#/learn"), ("Play", "#/play"), ("Interview", "#/interview"), ("About", "#/about")];

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
            Deed::Time(name) => do_with_time(sim, name),
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
        <button type="button" class="quiet palette-button" title="Everything that can be done (Ctrl K)" on:click=move |_| open()>
            "Do…"
        </button>
        <dialog class="palette" node_ref=dialog aria-label="Everything that can be done">
            <Opened once>
            <input type="text" node_ref=field role="combobox" aria-expanded="true" aria-controls="palette-list"
                aria-label="What to do" placeholder="kill, start broker 2, undo…" autocomplete="off" spellcheck="false"
                aria-activedescendant=move || format!("palette-{}", chosen.get())
                prop:value=typed
                on:input=move |event| { typed.set(event_target_value(&event)); chosen.set(0); }
                on:keydown=by_key/>
            <ul id="palette-list" role="listbox" aria-label="What can be done">
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
                    0 => "Nothing here goes by these words. The terminal takes any command line; help lists them.".to_owned(),
                    MOST_SHOWN => "The first of many: go on typing.".to_owned(),
                    count => format!("{count} found. Enter does it, Escape closes."),
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
    let time = WITH_TIME.map(|(name, says)| Entry {
        name: name.to_owned(),
        says: says.to_owned(),
        does: Deed::Time(name),
    });
    let places = PLACES.map(|(name, address)| Entry {
        name: format!("Go to {name}"),
        says: "page".to_owned(),
        does: Deed::Go(address),
    });
    let beginnings = BEGINNINGS.iter().map(|beginning| Entry {
        name: format!("Begin with: {}", beginning.name),
        says: "new scenario".to_owned(),
        does: Deed::Begin(beginning.script),
    });
    let tables = Kind::ALL.map(|kind| Entry {
        name: format!("See {}", kind.label().to_lowercase()),
        says: "table".to_owned(),
        does: Deed::Table(kind),
    });
    let forms = FORMS.iter().enumerate().map(|(index, form)| Entry {
        name: format!("New {}…", form.name.to_lowercase()),
        says: "form".to_owned(),
        does: Deed::Form(index),
    });
    let shown = tables.into_iter().chain(forms);
    time.into_iter().chain(shown).chain(lines).chain(places).chain(beginnings).collect()
}

fn do_with_time(sim: Sim, name: &str) {
    match name {
        "Play or pause" => sim.toggle(),
        "Next event" => sim.step(),
        "Event before" => sim.step_back(),
        "Undo a line" => sim.undo(),
        "Redo a line" => sim.redo(),
        _ => sim.restart(),
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
