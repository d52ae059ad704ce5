//! The terminal: a line to type, and what the commands print.

use highwater_scenario::narration::LogKind;
use highwater_scenario::session::LogLine;
use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html::{Div, Input};
use leptos::prelude::*;

use crate::command_line::unbroken;
use crate::log_panel::scroll_to_end;
use crate::narration::own_line;
use crate::play::Desk;
use crate::sim::TERMINAL;

/// The lines that the arrow keys bring back.
const MOST_REMEMBERED: usize = 200;

/// The terminal.
#[component]
pub fn Terminal() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let sim = desk.sim;
    let field = NodeRef::<Input>::new();
    let scroller = NodeRef::<Div>::new();
    let refused = RwSignal::new(None::<String>);
    let history = StoredValue::new(History::default());
    let is_busy = Memo::new(move |_| {
        sim.calm.track();
        sim.written.track();
        sim.read(|session| session.is_busy(TERMINAL)).unwrap_or(false)
    });
    let lines =
        move || sim.log.read().iter().filter(|line| is_shown(line)).cloned().collect::<Vec<_>>();
    Effect::new(move |_| {
        sim.log.track();
        desk.tab.track();
        scroll_to_end(scroller);
    });

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(element) = field.get_untracked() else { return };
        let line = element.value();
        if line.trim().is_empty() {
            return;
        }
        history.update_value(|history| history.remember(&line));
        match sim.submit(TERMINAL, &line) {
            Ok(()) => {
                refused.set(None);
                element.set_value("");
            }
            Err(error) => refused.set(Some(error.to_string())),
        }
    };
    let key = move |event: KeyboardEvent| {
        let Some(element) = field.get_untracked() else { return };
        let brought = match event.key().as_str() {
            "ArrowUp" => {
                history.try_update_value(|history| history.back(&element.value())).flatten()
            }
            "ArrowDown" => history.try_update_value(History::forward).flatten(),
            "c" if event.ctrl_key() && is_busy.get_untracked() => {
                sim.interrupt(TERMINAL);
                None
            }
            _ => None,
        };
        if let Some(line) = brought {
            event.prevent_default();
            element.set_value(&line);
        }
    };
    view! {
        <section class="terminal" id="panel-terminal" aria-label="Terminal">
            <h2>"Terminal"</h2>
            <div class="terminal-lines" role="log" aria-label="Output" tabindex="0" node_ref=scroller>
                <For each=lines key=|line| line.event let:line>
                    <Line line/>
                </For>
                <Show when=move || !sim.log.read().iter().any(is_shown)>
                    <p class="hint">"Many of Kafka's own commands work here, and the lines that buttons write: help lists them. The arrow keys bring earlier ones back."</p>
                </Show>
                <Show when=move || is_busy.get() && sim.playing.get()>
                    <p class="hint">"The command waits for an answer; Ctrl C ends it."</p>
                </Show>
                <Show when=move || is_busy.get() && !sim.playing.get()>
                    <p class="hint">"The command waits for an answer, and time stands still: press Play or Next event."</p>
                </Show>
                {move || refused.get().map(|error| view! { <p class="error" role="alert">{error}</p> })}
            </div>
            <form class="command" on:submit=submit>
                <label for="command-line" aria-hidden="true">"$"</label>
                <input id="command-line" aria-label="Command line" type="text" node_ref=field on:keydown=key
                    autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="send"
                    placeholder="help lists the commands"/>
                <button type="submit" class="quiet">"Run"</button>
            </form>
        </section>
    }
    .into_any()
}

#[component]
fn Line(line: LogLine) -> impl IntoView {
    match &line.kind {
        LogKind::You => {
            let typed = unbroken(own_line(&line.sentence));
            view! { <p class="typed"><span aria-hidden="true">"$ "</span>{typed}</p> }.into_any()
        }
        LogKind::Output { is_error: true, .. } => {
            view! { <p class="error">{line.sentence}</p> }.into_any()
        }
        _ => view! { <p>{line.sentence}</p> }.into_any(),
    }
}

fn is_shown(line: &LogLine) -> bool {
    matches!(line.kind, LogKind::You | LogKind::Output { .. })
}

/// The lines that were typed, the newest last.
#[derive(Debug, Default)]
struct History {
    lines: Vec<String>,
    /// How far back the reader is; 0 is the line being typed.
    back: usize,
    /// The line that was being typed.
    draft: String,
}

impl History {
    fn remember(&mut self, line: &str) {
        if self.lines.last().is_none_or(|last| last != line) {
            self.lines.push(line.to_owned());
        }
        if self.lines.len() > MOST_REMEMBERED {
            self.lines.remove(0);
        }
        self.back = 0;
        self.draft.clear();
    }

    fn back(&mut self, current: &str) -> Option<String> {
        if self.back == 0 {
            current.clone_into(&mut self.draft);
        }
        let index = self.lines.len().checked_sub(self.back + 1)?;
        self.back += 1;
        self.lines.get(index).cloned()
    }

    fn forward(&mut self) -> Option<String> {
        self.back = self.back.checked_sub(1)?;
        if self.back == 0 {
            return Some(self.draft.clone());
        }
        self.lines.get(self.lines.len() - self.back).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::History;

    #[test]
    fn arrows_go_back_and_forth_and_keep_the_draft() {
        let mut history = History::default();
        history.remember("one");
        history.remember("two");
        assert_eq!(history.back("dra").as_deref(), Some("two"));
        assert_eq!(history.back("two").as_deref(), Some("one"));
        assert_eq!(history.back("one"), None);
        assert_eq!(history.forward().as_deref(), Some("two"));
        assert_eq!(history.forward().as_deref(), Some("dra"));
        assert_eq!(history.forward(), None);
    }
}
