//! What may be put into the field: words that complete it, or lines that were typed before.

use highwater_shell::{Completion, Known, complete};
use leptos::prelude::*;

use super::{Terminals, history};

/// The words that are listed at most.
const MOST: usize = 200;

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The words, or the lines.
    pub all: Vec<Completion>,
    /// The one that Enter takes.
    pub chosen: Option<usize>,
    /// Whether these are lines that were typed before.
    pub is_history: bool,
}

/// The list above the field.
#[component]
pub fn FoundList(terminals: Terminals) -> impl IntoView {
    let found = terminals.found;
    let all = Memo::new(move |_| {
        found.read().as_ref().map(|found| found.all.clone()).unwrap_or_default()
    });
    let chosen = Memo::new(move |_| found.read().as_ref().and_then(|found| found.chosen));
    let is_history =
        Memo::new(move |_| found.read().as_ref().is_some_and(|found| found.is_history));
    let says = move || match (is_history.get(), all.read().len()) {
        (true, 0) => t!("terminal.nothing-typed").to_owned(),
        (true, _) => t!("terminal.typed-says").to_owned(),
        (false, count) => t!("terminal.words", number = count as u64),
    };
    Effect::new(move |_| {
        if let Some(index) = chosen.get()
            && let Some(element) = document().get_element_by_id(&id(index))
        {
            element.scroll_into_view_with_bool(false);
        }
    });
    view! {
        <Show when=move || found.read().is_some()>
            <div class="found">
                <p class="found-says" role="status">{says}</p>
                <ul id="terminal-found" role="listbox" aria-label=move || if is_history.get() { t!("terminal.typed-before") } else { t!("terminal.may-follow") }>
                    {move || all.get().into_iter().enumerate().map(|(index, one)| {
                        let (text, help) = (one.text.clone(), one.help);
                        view! {
                            <li role="option" id=id(index)
                                aria-selected=move || if chosen.get() == Some(index) { "true" } else { "false" }
                                on:mousedown=|event| event.prevent_default()
                                on:click=move |_| terminals.take(&one)>
                                <code>{text}</code>" "<span>{help}</span>
                            </li>
                        }
                    }).collect_view()}
                </ul>
            </div>
        </Show>
    }
    .into_any()
}

/// The name of a line of the list.
pub fn id(index: usize) -> String {
    format!("terminal-found-{index}")
}

impl Terminals {
    /// What may stand at the cursor, a column in characters.
    pub(super) fn completions(self, line: &str, cursor: usize) -> Vec<Completion> {
        let files = self.sim.read(|session| session.files()).unwrap_or_default();
        let files = files.into_iter().map(|(name, _)| name).collect();
        let known = self.sim.calm.with_untracked(|view| Known::new(view, files));
        complete(line, cursor, &known)
    }

    /// Completes the word at the cursor as far as there is one way to go on; then lists the ways.
    pub(super) fn complete(self) {
        let (line, cursor) = (self.typed.get_untracked(), self.cursor());
        let all = self.completions(&line, cursor);
        let begun = |one: &Completion| cursor.saturating_sub(one.from);
        match all.as_slice() {
            [] => self.found.set(None),
            [one] => self.put(one, cursor),
            [first, ..] => {
                let shared = all.iter().skip(1).fold(first.text.clone(), |shared, one| {
                    let same = shared.chars().zip(one.text.chars()).take_while(|(a, b)| a == b);
                    same.map(|(letter, _)| letter).collect()
                });
                if shared.chars().count() > begun(first) {
                    self.replace(first.from, cursor, &shared);
                }
                self.list(all);
            }
        }
    }

    /// Lists what may follow, none of it chosen.
    pub(super) fn list(self, mut all: Vec<Completion>) {
        all.truncate(MOST);
        self.found.set(Some(Found { all, chosen: None, is_history: false }));
    }

    /// Searches the lines that were typed for what stands in the field.
    pub(super) fn search(self) {
        let name = self.current.get_untracked();
        let lines = self.sim.read(|session| session.typed_lines(&name)).unwrap_or_default();
        let found = history::search(&lines, &self.typed.get_untracked(), MOST);
        let all: Vec<Completion> =
            found.into_iter().map(|text| Completion { text, from: 0, help: "" }).collect();
        let chosen = (!all.is_empty()).then_some(0);
        self.found.set(Some(Found { all, chosen, is_history: true }));
    }

    /// Chooses another of the list.
    pub(super) fn choose(self, by: isize) {
        self.found.update(|found| {
            let Some(found) = found else { return };
            let count = found.all.len() as isize;
            if count > 0 {
                let next =
                    found.chosen.map_or(if by > 0 { 0 } else { -1 }, |now| now as isize + by);
                found.chosen = Some(next.rem_euclid(count) as usize);
            }
        });
    }

    /// Puts one of the list into the field.
    pub(super) fn take(self, one: &Completion) {
        let is_history =
            self.found.with_untracked(|found| found.as_ref().is_some_and(|found| found.is_history));
        if is_history {
            self.typed.set(one.text.clone());
            self.set_cursor(one.text.chars().count());
        } else {
            self.put(one, self.cursor());
        }
        self.found.set(None);
    }

    /// Puts a word in the place of what was begun of it.
    pub(super) fn put(self, one: &Completion, cursor: usize) {
        let goes_on = one.text.ends_with('=');
        let text = if goes_on { one.text.clone() } else { format!("{} ", one.text) };
        self.replace(one.from, cursor, &text);
        self.found.set(None);
    }

    fn replace(self, from: usize, upto: usize, text: &str) {
        let line = self.typed.get_untracked();
        let mut letters = line.chars();
        let before: String = letters.by_ref().take(from).collect();
        let after: String = letters.skip(upto.saturating_sub(from)).collect();
        let after = if text.ends_with(' ') { after.trim_start() } else { &after };
        self.typed.set(format!("{before}{text}{after}"));
        self.set_cursor(from + text.chars().count());
    }

    /// Where the cursor stands, in characters.
    pub(super) fn cursor(self) -> usize {
        let line = self.typed.get_untracked();
        let all = line.chars().count();
        let Some(field) = self.field.get_untracked() else { return all };
        let Ok(Some(units)) = field.selection_start() else { return all };
        let before: Vec<u16> = line.encode_utf16().take(units as usize).collect();
        String::from_utf16_lossy(&before).chars().count()
    }

    /// Moves the cursor, once the field has what was typed.
    pub(super) fn set_cursor(self, letters: usize) {
        let units: usize =
            self.typed.with_untracked(|line| line.chars().take(letters).map(char::len_utf16).sum());
        let units = units as u32;
        if let Some(field) = self.field.get_untracked() {
            field.set_value(&self.typed.get_untracked());
            let _ = field.set_selection_range(units, units);
            // A long line is shown where it is written on.
            field.set_scroll_left(if self.typed.with_untracked(String::len) as u32 == units {
                i32::MAX
            } else {
                field.scroll_left()
            });
        }
    }
}
