//! Several lines that are pasted: they are shown before they run.

use leptos::html::Dialog;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use super::Terminals;
use crate::command_line::unbroken;

/// The sheet that asks.
#[component]
pub fn PasteSheet(terminals: Terminals) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        match (terminals.pasted.read().is_some(), dialog.open()) {
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let lines = move || terminals.pasted.get().unwrap_or_default();
    let count = move || lines().len();
    let is_read = move || terminals.state.read().is_read;
    let run = move |_| {
        let lines = terminals.pasted.get_untracked().unwrap_or_default();
        terminals.pasted.set(None);
        // What was typed before stands there again.
        let typed = terminals.typed.get_untracked();
        for line in lines {
            terminals.run(&line);
        }
        terminals.typed.set(typed);
        terminals.focus();
    };
    let cancel = move || {
        terminals.pasted.set(None);
        terminals.focus();
    };
    view! {
        <dialog class="paste" node_ref=dialog aria-labelledby="paste-title" on:close=move |_| terminals.pasted.set(None)>
            <h2 id="paste-title">{move || t!("terminal.pasted", number = count() as u64)}</h2>
            <p>
                {move || if is_read() {
                    t!("terminal.pasted-read")
                } else {
                    t!("terminal.pasted-run")
                }}
            </p>
            <ol tabindex="0" aria-label=t!("terminal.the-lines")>
                {move || lines().into_iter().map(|line| {
                    let is_comment = line.starts_with('#');
                    view! { <li class:comment=is_comment><code>{unbroken(&line)}</code></li> }
                }).collect_view()}
            </ol>
            <p class="form-ends">
                <button type="button" class="main" on:click=run>{move || t!("terminal.run-lines", number = count() as u64)}</button>
                <button type="button" on:click=move |_| cancel()>{t!("terminal.cancel")}</button>
            </p>
        </dialog>
    }
    .into_any()
}

/// The text that is pasted.
pub fn text(event: &web_sys::Event) -> Option<String> {
    let data = js_sys::Reflect::get(event, &"clipboardData".into()).ok()?;
    let data: web_sys::DataTransfer = data.dyn_into().ok()?;
    data.get_data("text").ok()
}

/// Whether anything is selected in the page.
pub fn has_selection() -> bool {
    let selection = js_sys::Reflect::get(&window(), &"getSelection".into())
        .and_then(|method| method.dyn_into::<js_sys::Function>())
        .and_then(|method| method.call0(&window()))
        .and_then(|selection| js_sys::Reflect::get(&selection, &"isCollapsed".into()));
    selection.is_ok_and(|is_collapsed| is_collapsed == JsValue::FALSE)
}

/// The command lines of a text: what goes on with `\` is one line; empty lines, the fences of a
/// markdown block and the prompts before a command are left out, comments are kept.
pub fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut begun: Option<String> = None;
    for line in text.lines() {
        let line = line.trim_end();
        let line = match &begun {
            Some(begun) => format!("{begun} {}", line.trim_start()),
            None => line.trim_start().strip_prefix("$ ").unwrap_or(line).to_owned(),
        };
        let is_comment = line.trim_start().starts_with('#');
        begun =
            line.strip_suffix('\\').filter(|_| !is_comment).map(|line| line.trim_end().to_owned());
        if begun.is_none() && !line.trim().is_empty() && !line.trim_start().starts_with("```") {
            lines.push(line);
        }
    }
    lines.extend(begun.filter(|line| !line.trim().is_empty()));
    lines
}

#[cfg(test)]
mod tests {
    use super::lines;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(lines(text), expected, "{text:?}");
    }

    #[test]
    fn what_is_pasted_becomes_command_lines() {
        check("one\n\ntwo\r\n", &["one", "two"]);
        check(
            "kafka-topics.sh --create \\\n  --topic a \\\n  --partitions 3\nnext",
            &["kafka-topics.sh --create --topic a --partitions 3", "next"],
        );
        check("# about \\\nls", &["# about \\", "ls"]);
        check("```bash\n$ ls\n```", &["ls"]);
        check("ls \\", &["ls"]);
        check("for i in 1 2; do\n  echo $i\ndone", &["for i in 1 2; do", "  echo $i", "done"]);
    }
}
