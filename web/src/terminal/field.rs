//! The line that is typed: its keys, and the keys that leave it.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::prelude::*;

use super::history::History;
use super::{Terminals, found, paste};

/// The field with its button.
#[component]
pub fn Field(terminals: Terminals) -> impl IntoView {
    let history = StoredValue::new(History::default());
    // Escape was pressed: the next Tab leaves the field.
    let leaves = StoredValue::new(false);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let line = terminals.typed.get_untracked();
        let is_read = terminals.state.read_untracked().is_read;
        if line.trim().is_empty() && !is_read {
            return;
        }
        history.update_value(|history| history.begin(Vec::new()));
        terminals.run(&line);
    };
    let bring = move |line: Option<String>| {
        if let Some(line) = line {
            let end = line.chars().count();
            terminals.typed.set(line);
            terminals.set_cursor(end);
        }
    };
    let key = move |event: KeyboardEvent| {
        let pressed = event.key();
        let is_leaving = leaves.get_value();
        leaves.set_value(pressed == "Escape");
        if event.ctrl_key() && !event.alt_key() {
            if by_control(terminals, &pressed.to_lowercase()) {
                event.prevent_default();
            }
            return;
        }
        let found = terminals.found.get_untracked();
        match (pressed.as_str(), found) {
            ("Escape", Some(_)) => terminals.found.set(None),
            ("Tab", _) if event.shift_key() || is_leaving => return terminals.found.set(None),
            ("Tab", Some(found)) if found.is_history => {
                if let Some(one) = found.chosen.and_then(|index| found.all.get(index)) {
                    terminals.take(one);
                }
            }
            ("Tab", Some(_)) => terminals.choose(1),
            ("Tab", None) if terminals.typed.read_untracked().trim().is_empty() => return,
            ("Tab", None) => terminals.complete(),
            ("ArrowDown", Some(_)) => terminals.choose(1),
            ("ArrowUp", Some(_)) => terminals.choose(-1),
            ("Enter", Some(found)) => {
                let Some(one) = found.chosen.and_then(|index| found.all.get(index)) else { return };
                if found.is_history {
                    terminals.run(&one.text);
                } else {
                    terminals.take(one);
                }
            }
            ("ArrowUp", None) => {
                let name = terminals.current.get_untracked();
                let line = history.try_update_value(|history| {
                    if !history.is_begun() {
                        let lines = terminals.sim.read(|session| session.typed_lines(&name));
                        history.begin(lines.unwrap_or_default());
                    }
                    history.back(&terminals.typed.read_untracked())
                });
                bring(line.flatten());
            }
            ("ArrowDown", None) => bring(history.try_update_value(History::forward).flatten()),
            _ => return,
        }
        event.prevent_default();
    };
    let typed = move |event| {
        terminals.typed.set(event_target_value(&event));
        history.update_value(|history| history.begin(Vec::new()));
        // A list that is open follows what is typed.
        match terminals.found.get_untracked() {
            Some(found) if found.is_history => terminals.search(),
            Some(_) => {
                let line = terminals.typed.get_untracked();
                terminals.list(terminals.completions(&line, terminals.cursor()));
            }
            None => {}
        }
    };
    let pasted = move |event: &web_sys::Event| {
        let Some(text) = paste::text(event) else { return };
        let lines = paste::lines(&text);
        if !text.trim_end().contains('\n') {
            // What is one line is pasted by the browser.
            return;
        }
        event.prevent_default();
        match lines.as_slice() {
            [] => {}
            [line] => terminals.insert(line),
            _ => terminals.pasted.set(Some(lines)),
        }
    };
    let prompt = move || {
        let state = terminals.state.read();
        let prompt = state.prompt.as_deref().unwrap_or(if state.is_read { "<" } else { "$" });
        // The end of a long prompt is what stands before the cursor.
        let skipped = prompt.chars().count().saturating_sub(12);
        prompt.chars().skip(skipped).collect::<String>()
    };
    let expects = move || {
        let state = terminals.state.read();
        match (state.is_read, state.is_busy) {
            (true, _) => t!("terminal.goes-to-command"),
            (false, true) => t!("terminal.runs-after"),
            (false, false) => t!("terminal.help-lists"),
        }
    };
    let chosen = move || {
        let found = terminals.found.read();
        found.as_ref().and_then(|found| found.chosen).map(found::id)
    };
    view! {
        <form class="command" on:submit=submit>
            <label for="command-line" aria-hidden="true">{prompt}</label>
            <input id="command-line" aria-label=t!("terminal.command-line") type="text" node_ref=terminals.field
                aria-describedby="command-keys" aria-autocomplete="list"
                aria-controls=move || terminals.found.read().is_some().then_some("terminal-found")
                aria-activedescendant=chosen
                autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="send"
                placeholder=expects
                prop:value=terminals.typed on:input=typed on:keydown=key on:paste=move |event| pasted(&event)/>
            <span id="command-keys" class="sr-only">{t!("terminal.keys")}</span>
            <button type="submit" class="quiet">{move || if terminals.state.read().is_read { t!("terminal.send") } else { t!("terminal.run") }}</button>
        </form>
    }
    .into_any()
}

/// What a key does together with Control. True if it does something.
fn by_control(terminals: Terminals, key: &str) -> bool {
    let state = terminals.state.get_untracked();
    match key {
        // With something selected it copies.
        "c" if is_selected(terminals) => return false,
        "c" if is_busy(terminals) => terminals.interrupt(),
        "c" => {
            terminals.typed.set(String::new());
            terminals.found.set(None);
        }
        "d" if terminals.typed.read_untracked().is_empty() => {
            if state.is_busy {
                terminals.end_input();
            }
        }
        "l" => terminals.clear(),
        "r" => {
            let is_open = terminals
                .found
                .with_untracked(|found| found.as_ref().is_some_and(|found| found.is_history));
            if is_open { terminals.choose(1) } else { terminals.search() }
        }
        _ => return false,
    }
    true
}

/// Whether a command runs: known at once, not only when the page is drawn again.
fn is_busy(terminals: Terminals) -> bool {
    let name = terminals.current.get_untracked();
    terminals.sim.read(|session| session.is_busy(&name)).unwrap_or(false)
}

fn is_selected(terminals: Terminals) -> bool {
    let in_field = terminals.field.get_untracked().is_some_and(|field| {
        let ends = (field.selection_start(), field.selection_end());
        matches!(ends, (Ok(Some(from)), Ok(Some(upto))) if from != upto)
    });
    in_field || paste::has_selection()
}

impl Terminals {
    /// Puts text where the cursor is.
    fn insert(self, text: &str) {
        let (line, cursor) = (self.typed.get_untracked(), self.cursor());
        let before: String = line.chars().take(cursor).collect();
        let after: String = line.chars().skip(cursor).collect();
        self.typed.set(format!("{before}{text}{after}"));
        self.set_cursor(cursor + text.chars().count());
    }
}
