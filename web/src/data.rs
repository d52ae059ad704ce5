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
use crate::format::{bytes, counted};
use crate::notice::{Notice, Notices};
use crate::play::Desk;
use crate::share::is_scenario;
use file::DataFile;
use plan::Plan;

/// The panel.
#[component]
pub fn DataPanel() -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let notices = expect_context::<Notices>();
    let loaded = RwSignal::new_local(None::<DataFile>);
    let trouble = RwSignal::new(None::<String>);
    let is_over = RwSignal::new(false);
    let picker = NodeRef::<Input>::new();

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
    // Files of scenarios are taken up by the page itself.
    drop::follow(is_over, move |file| open(file.filter(|file| !is_scenario(file))));
    view! {
        <section class="data" class:over=move || is_over.get() aria-labelledby="data-title">
            <h2 id="data-title">"Your data"</h2>
            <p class="lead">"Stream a file of records in: JSON Lines, a JSON array, or CSV with a header."</p>
            <p class="sources">
                <button type="button" on:click=use_sample>"Use the sample: 2,000 flights"</button>
                <label class="button">
                    "Open a file"
                    <input type="file" class="sr-only" accept=".jsonl,.ndjson,.json,.csv" node_ref=picker on:change=picked/>
                </label>
                <span class="aside">"or drop one anywhere on the page"</span>
            </p>
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
            let records = counted(preview.records as u64, "record", "records");
            let problems = preview.problems.clone();
            let some = preview.records > 0;
            view! {
                <p class="file" node_ref=place><code>{file.name.clone()}</code>" " {records} ", " {size}</p>
                {(!problems.is_empty()).then(|| {
                    let count = problems.len();
                    view! {
                        <div class="problems" role="alert">
                            <p class="error">{counted(count as u64, "place", "places")} " in it cannot be read:"</p>
                            <ol tabindex="0" aria-label="What cannot be read">
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
            Some("A topic's name has letters, digits, dots, dashes and underscores.")
        } else if !plan.rate.parse::<u64>().is_ok_and(|rate| rate > 0) {
            Some("The rate is a whole number from 1 up.")
        } else if is_malformed && !plan.skip_malformed {
            Some("Mend the file and open it again, or send what could be read.")
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
            failed.set(Some("The file's name cannot be used.".to_owned()));
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
            Some(format!("such as {}", field.example)).filter(|_| !field.example.is_empty())
        }
    };
    view! {
        <form class="plan" on:submit=stream>
            <label>
                <span>"Key"</span>
                <select prop:value=move || key.get() on:change=move |event| key.set(event_target_value(&event))>
                    <option value="">"none"</option>
                    {fields.into_iter().map(|field| {
                        let is_usual = field.name == key.get_untracked();
                        view! { <option value=field.name.clone() selected=is_usual>{field.name.clone()}</option> }
                    }).collect_view()}
                </select>
                <span class="aside">{example}</span>
            </label>
            <label>
                <span>"Topic"</span>
                <input type="text" autocomplete="off" spellcheck="false" bind:value=topic/>
            </label>
            <label>
                <span>"Records a second"</span>
                <input type="text" inputmode="numeric" autocomplete="off" bind:value=rate/>
            </label>
            <label class="check">
                <input type="checkbox" bind:checked=is_read/>
                <span>"Read them too, with a consumer in group " <code>"readers"</code></span>
            </label>
            {is_malformed.then(|| view! {
                <label class="check">
                    <input type="checkbox" bind:checked=skip/>
                    <span>"Send the " {counted(records, "record", "records")} " that could be read"</span>
                </label>
            })}
            <div class="writes">
                <p>"This writes"</p>
                <ul>
                    <For each=move || lines.get() key=|line| line.clone() let:line><li><code>{unbroken(&line)}</code></li></For>
                </ul>
            </div>
            {move || missing.get().map(|sentence| view! { <p class="error">{sentence}</p> })}
            {move || failed.get().map(|sentence| view! { <p class="error" role="alert">{sentence}</p> })}
            <button type="submit" class="main" disabled=move || missing.get().is_some()>"Stream it in"</button>
        </form>
    }
    .into_any()
}
