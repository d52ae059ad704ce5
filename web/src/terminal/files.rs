//! The files of the scenario: what commands read by name. They are put in place and taken away by lines
//! of the script.

use std::sync::Arc;

use highwater_scenario::script::FileName;
use highwater_shell::words::quoted;
use leptos::html::{Dialog, Input};
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

use super::Terminals;
use crate::data::DataFile;
use crate::each::Each;
use crate::format::bytes;

#[wasm_bindgen]
extern "C" {
    /// Saves bytes as a file; see `web/boot.js`.
    #[wasm_bindgen(js_name = highwaterSave, catch)]
    async fn save_bytes(kind: &str, name: &str, content: &JsValue) -> Result<JsValue, JsValue>;
}

/// Files to begin with: what the tools of Kafka read.
const BEGINNINGS: [(&str, &str); 3] = [
    ("client.properties", "client.id=terminal\n"),
    (
        "reassignment.json",
        "{\"version\":1,\"partitions\":[\n  {\"topic\":\"orders\",\"partition\":0,\"replicas\":[2,3]}\n]}\n",
    ),
    ("offsets.csv", "orders,0,0\n"),
];

/// The file area.
#[component]
pub fn Files(terminals: Terminals, is_open: RwSignal<bool>) -> impl IntoView {
    let sim = terminals.sim;
    let dialog = NodeRef::<Dialog>::new();
    let picker = NodeRef::<Input>::new();
    let edited = RwSignal::new(None::<(String, String)>);
    let trouble = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if is_open.get() && !dialog.open() {
            let _ = dialog.show_modal();
        }
    });
    let list = Memo::new(move |_| {
        sim.calm.track();
        sim.written.track();
        is_open.track();
        sim.read(|session| session.files()).unwrap_or_default()
    });
    let content =
        move |name: &str| sim.read(|session| session.file(name)).flatten().unwrap_or_default();
    let edit = move |name: &str| match String::from_utf8(content(name).to_vec()) {
        Ok(text) => {
            trouble.set(None);
            edited.set(Some((name.to_owned(), text)));
        }
        Err(_) => trouble.set(Some(t!("terminal.no-text", name = name))),
    };
    let download = move |name: String| {
        let content = js_sys::Uint8Array::from(&*content(&name));
        spawn_local(async move {
            if save_bytes("text", &name, &content.into()).await.is_err() {
                trouble.set(Some(t!("terminal.not-saved", name = name)));
            }
        });
    };
    let remove = move |name: &str| sim.press(&format!("rm {}", quoted(name)));
    let put = move |name: &str, content: Vec<u8>, sha256: Option<[u8; 32]>| {
        let outcome = match FileName::new(name) {
            Some(name) => sim.put_file(name, content, sha256).map_err(|error| error.to_string()),
            None => Err(t!("terminal.needs-name").to_owned()),
        };
        trouble.set(outcome.as_ref().err().cloned());
        outcome.is_ok()
    };
    let upload = move |_| {
        let files = picker.get_untracked().and_then(|picker| picker.files());
        let Some(file) = files.and_then(|files| files.get(0)) else { return };
        spawn_local(async move {
            match DataFile::read(file).await {
                Ok(file) => drop(put(&file.name, file.bytes.to_vec(), file.sha256)),
                Err(sentence) => trouble.set(Some(sentence)),
            }
            if let Some(picker) = picker.get_untracked() {
                // The same file may be chosen again.
                picker.set_value("");
            }
        });
    };
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let row = move |(name, size): (String, usize)| {
        let each: [Arc<str>; 3] = [(); 3].map(|()| name.as_str().into());
        let [to_edit, to_save, to_remove] = each;
        view! {
            <li>
                <code>{name.clone()}</code>
                <span class="aside">{bytes(size as u64)}</span>
                <button type="button" aria-label=t!("terminal.edit-one", name = name) on:click=move |_| edit(&to_edit)>{t!("terminal.edit")}</button>
                <button type="button" aria-label=t!("terminal.download-one", name = name) on:click=move |_| download(to_save.to_string())>{t!("terminal.download")}</button>
                <button type="button" aria-label=t!("terminal.delete-one", name = name) on:click=move |_| remove(&to_remove)>{t!("terminal.delete")}</button>
            </li>
        }
    };
    view! {
        <dialog class="files" node_ref=dialog aria-labelledby="files-title" on:close=move |_| { is_open.set(false); edited.set(None); }>
            <h2 id="files-title">{t!("terminal.files")}</h2>
            <p>{t!("terminal.files-before")} <code>"--command-config client.properties"</code> ", " <code>"cat orders.csv"</code> {t!("terminal.files-after")}</p>
            <Show when=move || edited.read().is_none()>
                <ul class="file-list">
                    <Each each=move || list.get() key=Clone::clone let:file>{row(file)}</Each>
                </ul>
                <Show when=move || list.read().is_empty()>
                    <p class="hint">{t!("terminal.no-files")} <code>"kafka-topics.sh --list … > topics.txt"</code></p>
                </Show>
                <p class="form-ends">
                    <button type="button" on:click=move |_| edited.set(Some((String::new(), String::new())))>{t!("terminal.new-file")}</button>
                    {BEGINNINGS.map(|(name, text)| view! {
                        <button type="button" on:click=move |_| edited.set(Some((name.to_owned(), text.to_owned())))>{t!("terminal.new-one", name = name)}</button>
                    }).collect_view()}
                    <label class="button">
                        {t!("terminal.upload")}
                        <input type="file" class="sr-only" node_ref=picker on:change=upload/>
                    </label>
                </p>
            </Show>
            {move || edited.get().map(|(name, text)| {
                let (name, text) = (RwSignal::new(name), RwSignal::new(text));
                let save = move |event: leptos::ev::SubmitEvent| {
                    event.prevent_default();
                    if put(name.get_untracked().trim(), text.get_untracked().into_bytes(), None) {
                        edited.set(None);
                    }
                };
                view! {
                    <form class="file-edit" on:submit=save>
                        <label><span>{t!("terminal.name")}</span><input type="text" autocomplete="off" spellcheck="false" bind:value=name/></label>
                        <label><span>{t!("terminal.content")}</span><textarea rows="12" spellcheck="false" bind:value=text></textarea></label>
                        <p class="form-ends">
                            <button type="submit" class="main">{t!("terminal.save")}</button>
                            <button type="button" on:click=move |_| edited.set(None)>{t!("terminal.back")}</button>
                        </p>
                    </form>
                }
            })}
            {move || trouble.get().map(|sentence| view! { <p class="error" role="alert">{sentence}</p> })}
            <p class="form-ends"><button type="button" class="quiet" on:click=move |_| close()>{t!("terminal.close-files")}</button></p>
        </dialog>
    }
    .into_any()
}
