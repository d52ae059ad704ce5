//! Your data: a file of records becomes a stream of records.

pub mod drop;
mod file;
mod plan;
pub use plan::free_name;
pub mod sample;

use highwater_scenario::script::FileName;
use leptos::html::{Input, P};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use crate::command_line::unbroken;
use crate::each::Each;
use crate::format::bytes;
use crate::notice::{Notice, Notices};
use crate::packs::is_pack;
use crate::play::Desk;
use crate::share::is_scenario;
pub use file::DataFile;
use plan::Plan;

/// The panel.
#[component]
pub fn DataPanel(
    /// Whether it is folded away at first, where something else is to be done. A file that is dropped unfolds it.
    #[prop(default = false)]
    is_folded: bool,
) -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let notices = expect_context::<Notices>();
    let loaded = RwSignal::new_local(None::<DataFile>);
    let trouble = RwSignal::new(None::<String>);
    let is_over = RwSignal::new(false);
    let picker = NodeRef::<Input>::new();
    let is_unfolded = RwSignal::new(!is_folded);
    let is_open =
        move || is_unfolded.get() || trouble.read().is_some() || loaded.with(Option::is_some);
    let unfold = move |_| is_unfolded.set(!is_open());

    let take = move |outcome: Result<DataFile, String>| match outcome {
        Ok(file) => {
            if let Some(sha256) = file.sha256
                && sim.supply_file(sha256, file.bytes.to_vec())
            {
                notices.withdraw(|notice| matches!(notice, Notice::FilesMissing(_)));
            }
            trouble.set(None);
            loaded.set(Some(file));
        }
        Err(sentence) => trouble.set(Some(sentence)),
    };
    let open = move |file: Option<File>| {
        if let Some(file) = file {
            spawn_local(async move { take(DataFile::read(file).await) });
        }
    };
    let use_sample = move |_| spawn_local(async move { take(DataFile::sample().await) });
    let picked = move |_| {
        let files = picker.get_untracked().and_then(|picker| picker.files());
        open(files.and_then(|files| files.get(0)));
    };
    // Files of scenarios and packs are taken up by the page itself.
    let is_data = |file: &File| !is_scenario(file) && !is_pack(file);
    drop::follow(is_over, move |file| open(file.filter(is_data)));
    view! {
        <section class="data" class:over=move || is_over.get() aria-labelledby="data-title">
            <h2 id="data-title">
                {if is_folded {
                    view! {
                        <button type="button" class="unfold" on:click=unfold
                            aria-expanded=move || if is_open() { "true" } else { "false" }>
                            {t!("data.your-data")}
                        </button>
                    }.into_any()
                } else {
                    t!("data.your-data").into_any()
                }}
            </h2>
            <Show when=is_open>
            <p class="lead">{t!("data.stream-file-records")}</p>
            <p class="sources">
                <button type="button" on:click=use_sample>{t!("data.use-sample-2")}</button>
                <label class="button">
                    {t!("data.open-file")}
                    <input type="file" class="sr-only" accept=".jsonl,.ndjson,.json,.csv" node_ref=picker on:change=picked/>
                </label>
                <span class="aside">{t!("data.or-drop-one")}</span>
            </p>
            </Show>
            {move || trouble.get().map(|sentence| view! { <p class="error" role="alert">{sentence}</p> })}
            {move || loaded.get().map(|file| view! { <Loaded file/> }.into_any())}
        </section>
    }
    .into_any()
}

/// What is in the file, and what to do with it.
#[component]
fn Loaded(file: DataFile) -> impl IntoView {
    let size = bytes(file.bytes.len() as u64);
    // On a small screen what comes next would be below the fold.
    let place = NodeRef::<P>::new();
    Effect::new(move || {
        if let Some(place) = place.get() {
            place.scroll_into_view();
        }
    });
    match file.preview.clone() {
        Ok(preview) => {
            let records = t!("data.records", number = preview.records as u64);
            let problems = preview.problems.clone();
            let some = preview.records > 0;
            view! {
                <p class="file" node_ref=place><code>{file.name.clone()}</code>" " {records} ", " {size}</p>
                {(!problems.is_empty()).then(|| {
                    let count = problems.len();
                    view! {
                        <div class="problems" role="alert">
                            <p class="error">{t!("data.places", number = count as u64)} {t!("data.in-it-cannot")}</p>
                            <ol tabindex="0" aria-label=t!("data.what-cannot-be")>
                                {problems.iter().map(|problem| view! { <li>{problem.to_string()}</li> }).collect_view()}
                            </ol>
                        </div>
                    }
                })}
                {some.then(|| view! { <PlanForm file is_malformed=!problems.is_empty()/> })}
            }
            .into_any()
        }
        Err(problem) => view! {
            <p class="file"><code>{file.name.clone()}</code>" " {size}</p>
            <p class="error" role="alert">{problem.to_string()}</p>
        }
        .into_any(),
    }
}

#[component]
fn PlanForm(file: DataFile, is_malformed: bool) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let sim = desk.sim;
    let Ok(preview) = file.preview.clone() else { return ().into_any() };
    // A field by which records are grouped makes a good key: the sample's origin.
    let usual =
        preview.fields.iter().find(|field| matches!(field.name.as_str(), "origin" | "key" | "id"));
    let key = RwSignal::new(usual.map(|field| field.name.clone()).unwrap_or_default());
    let topic = RwSignal::new(plan::topic_for(&file.name));
    let rate = RwSignal::new("20".to_owned());
    let skip = RwSignal::new(false);
    let is_read = RwSignal::new(true);
    let failed = RwSignal::new(None::<String>);
    let records = preview.records as u64;

    let name = file.name.clone();
    let plan = Memo::new(move |_| Plan {
        file: name.clone(),
        key: Some(key.get()).filter(|key| !key.is_empty()),
        topic: topic.get().trim().to_owned(),
        rate: rate.get().trim().to_owned(),
        skip_malformed: skip.get(),
        is_read: is_read.get(),
    });
    let lines = Memo::new(move |_| sim.calm.with(|view| plan::lines(view, &plan.read())));
    let missing = Memo::new(move |_| {
        let plan = plan.read();
        if !plan::is_topic_name(&plan.topic) {
            Some(t!("data.topics-name-has"))
        } else if !plan.rate.parse::<u64>().is_ok_and(|rate| rate > 0) {
            Some(t!("data.rate-whole-number"))
        } else if is_malformed && !plan.skip_malformed {
            Some(t!("data.mend-file-and"))
        } else {
            None
        }
    });
    let stream = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if missing.get_untracked().is_some() {
            return;
        }
        let lines = lines.get_untracked();
        let Some(name) = FileName::new(&file.name) else {
            failed.set(Some(t!("data.files-name-cannot").to_owned()));
            return;
        };
        match sim.put_file(name, file.bytes.to_vec(), file.sha256) {
            Ok(()) => {
                failed.set(None);
                for line in lines {
                    sim.press(&line);
                }
                sim.play();
                desk.show_stage();
            }
            Err(error) => failed.set(Some(error.to_string())),
        }
    };
    let fields = preview.fields;
    let example = {
        let fields = fields.clone();
        move || {
            let field = fields.iter().find(|field| field.name == key.get())?;
            Some(t!("data.such-as", example = field.example)).filter(|_| !field.example.is_empty())
        }
    };
    view! {
        <form class="plan" on:submit=stream>
            <label>
                <span>{t!("data.key")}</span>
                <select prop:value=move || key.get() on:change=move |event| key.set(event_target_value(&event))>
                    <option value="">{t!("data.none")}</option>
                    {fields.into_iter().map(|field| {
                        let is_usual = field.name == key.get_untracked();
                        view! { <option value=field.name.clone() selected=is_usual>{field.name.clone()}</option> }
                    }).collect_view()}
                </select>
                <span class="aside">{example}</span>
            </label>
            <label>
                <span>{t!("data.topic")}</span>
                <input type="text" autocomplete="off" spellcheck="false" bind:value=topic/>
            </label>
            <label>
                <span>{t!("data.records-second")}</span>
                <input type="text" inputmode="numeric" autocomplete="off" bind:value=rate/>
            </label>
            <label class="check">
                <input type="checkbox" bind:checked=is_read/>
                <span>{t!("data.read-them-too")} <code>"readers"</code></span>
            </label>
            {is_malformed.then(|| view! {
                <label class="check">
                    <input type="checkbox" bind:checked=skip/>
                    <span>{t!("data.send")} {t!("data.records", number = records)} {t!("data.that-could-be")}</span>
                </label>
            })}
            <div class="writes">
                <p>{t!("data.this-writes")}</p>
                <ul>
                    <Each each=move || lines.get() key=|line| line.clone() let:line><li><code>{unbroken(&line)}</code></li></Each>
                </ul>
            </div>
            {move || missing.get().map(|sentence| view! { <p class="error">{sentence}</p> })}
            {move || failed.get().map(|sentence| view! { <p class="error" role="alert">{sentence}</p> })}
            <button type="submit" class="main" disabled=move || missing.get().is_some()>{t!("data.stream-it-in")}</button>
        </form>
    }
    .into_any()
}
