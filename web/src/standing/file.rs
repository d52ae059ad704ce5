//! All progress as a file to take along, taken up again, and forgotten.

use highwater_exercises::taught;
use highwater_standing::{Mended, Merge, Progress, Refused};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::kept;
use crate::save::storage;
use crate::share::files;

/// The file, and what can be done with it.
#[component]
pub fn ProgressFile(
    /// One higher each time that what is kept has changed.
    changed: RwSignal<u32>,
) -> impl IntoView {
    let trouble = RwSignal::new(None::<String>);
    let refused = RwSignal::new(None::<String>);
    let told = RwSignal::new(None::<String>);
    let read = RwSignal::new(None::<Progress>);
    let asks = RwSignal::new(false);
    let save = move |_| {
        let text = kept::progress().write(kept::clock().now_ms);
        files::save("text", "highwater-progress.json", &text, trouble);
    };
    let choose = move |event: leptos::ev::Event| {
        let field = event.target().and_then(|it| it.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(field) = field else { return };
        let file = field.files().and_then(|files| files.get(0));
        // The same file can be chosen again once it is mended.
        refused.set(None);
        told.set(None);
        read.set(None);
        let Some(file) = file else { return };
        spawn_local(async move {
            let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
            let progress = text.ok_or_else(|| t!("file.no-text").to_owned()).and_then(|text| {
                Progress::read(&text, kept::clock().now_ms).map_err(|why| said(&why))
            });
            field.set_value("");
            match progress {
                Ok(progress) => read.set(Some(progress)),
                Err(why) => refused.set(Some(why)),
            }
        });
    };
    let take = move |how: Merge| {
        let Some(file) = read.get_untracked() else { return };
        let (all, mended) = kept::progress().take(file, how, taught());
        match kept::keep_progress(&all) {
            Ok(()) => told.set(Some(said_of(&mended))),
            Err(_) => refused.set(Some(t!("file.no-room").to_owned())),
        }
        read.set(None);
        changed.update(|changed| *changed += 1);
    };
    let forget = move |_| {
        let _ = kept::keep_progress(&Progress::default());
        storage::remove("highwater.learning");
        asks.set(false);
        told.set(Some(t!("file.forgotten").to_owned()));
        changed.update(|changed| *changed += 1);
    };
    view! {
        <section aria-labelledby="progress-file">
            <h2 id="progress-file">{t!("file.progress")}</h2>
            <p>{t!("file.lead")}</p>
            <p class="sources"><button type="button" on:click=save>{t!("file.save")}</button></p>
            <div class="bank-filters">
                <label class="wide">{t!("file.take-up")}
                    <input type="file" accept=".json,application/json" on:change=choose/>
                </label>
            </div>
            {move || read.get().map(|file| view! {
                <div class="led">
                    <p>{t!("file.holds", number = file.learning.deeds.len() as u64)}</p>
                    <p class="sources">
                        <button type="button" class="main" on:click=move |_| take(Merge::Add)>{t!("file.add")}</button>
                        <button type="button" on:click=move |_| take(Merge::Replace)>{t!("file.replace")}</button>
                        <button type="button" class="quiet" on:click=move |_| read.set(None)>{t!("file.leave")}</button>
                    </p>
                </div>
            })}
            <div role="alert">{move || refused.get().map(|why| view! { <p class="why-not">{why}</p> })}</div>
            <div role="status">
                {move || told.get().map(|told| view! { <p class="evidence">{told}</p> })}
                {trouble}
            </div>
            <Unreadable trouble/>
            <h3>{t!("file.forget")}</h3>
            <Show when=move || asks.get() fallback=move || view! {
                <p class="sources"><button type="button" on:click=move |_| asks.set(true)>{t!("file.forget-all")}</button></p>
            }>
                <div class="led" role="group" aria-label=t!("file.forget")>
                    <p>{t!("file.sure")}</p>
                    <p class="sources">
                        <button type="button" on:click=forget>{t!("file.yes")}</button>
                        <button type="button" class="main" on:click=move |_| asks.set(false)>{t!("file.no")}</button>
                    </p>
                </div>
            </Show>
        </section>
    }
    .into_any()
}

/// What is kept here and could not be read: it is neither used nor lost.
#[component]
fn Unreadable(trouble: RwSignal<Option<String>>) -> impl IntoView {
    let texts = RwSignal::new(kept::unreadable());
    let save = move |_| {
        let all: Vec<String> =
            texts.read_untracked().iter().map(|(_, text)| text.clone()).collect();
        files::save("text", "highwater-unreadable.txt", &all.join("\n"), trouble);
    };
    let forget = move |_| {
        for (key, _) in texts.read_untracked().iter() {
            storage::remove(key);
        }
        texts.set(Vec::new());
    };
    view! {
        <Show when=move || !texts.read().is_empty()>
            <p class="why-not">{t!("file.unreadable")}</p>
            <p class="sources">
                <button type="button" on:click=save>{t!("file.unreadable-save")}</button>
                <button type="button" on:click=forget>{t!("file.unreadable-forget")}</button>
            </p>
        </Show>
    }
    .into_any()
}

/// Why a file is not taken, in a sentence.
fn said(refused: &Refused) -> String {
    match refused {
        Refused::TooLong => t!("file.too-long").to_owned(),
        Refused::Another => t!("file.another").to_owned(),
        Refused::Version(version) => t!("file.version", version = version),
        Refused::Unreadable { line, column, why } => {
            t!("file.no-json", line = line, column = column, why = why)
        }
        Refused::Wrong { line, part, why } => t!("file.wrong", line = line, part = part, why = why),
    }
}

/// What came of a file, in sentences.
fn said_of(mended: &Mended) -> String {
    let mut said = vec![t!("file.added", added = mended.added, known = mended.known)];
    if mended.gone > 0 {
        said.push(t!("file.gone", number = mended.gone as u64));
    }
    if !mended.unknown.is_empty() {
        said.push(t!("file.unknown", names = mended.unknown.join(", ")));
    }
    if mended.left_mock {
        said.push(t!("file.left-mock").to_owned());
    }
    said.join(" ")
}
