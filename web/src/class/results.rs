//! The students' files, laid together: who was right, which beliefs showed, and what was written.

use std::collections::BTreeMap;

use highwater_exercises::Playlist;
use highwater_standing::{Class, OfQuestion, OfStudent, Results, ResultsRefused};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::packs;

/// Files are read a few at a time, and no more than a school has students.
const MOST_FILES: u32 = 2_000;

/// Where files are laid together.
#[component]
pub fn ResultsPage(
    /// Of which playlist.
    playlist: &'static Playlist,
) -> impl IntoView {
    let files = RwSignal::new(BTreeMap::<String, Results>::new());
    let refused = RwSignal::new(BTreeMap::<String, String>::new());
    let choose = move |event: leptos::ev::Event| {
        let field = event.target().and_then(|it| it.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(field) = field else { return };
        let Some(chosen) = field.files() else { return };
        let all: Vec<web_sys::File> =
            (0..chosen.length().min(MOST_FILES)).filter_map(|index| chosen.get(index)).collect();
        spawn_local(async move {
            for file in all {
                let name = file.name();
                let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
                let read = text.ok_or_else(|| t!("file.no-text").to_owned());
                match read.and_then(|text| Results::read(&text, playlist).map_err(|why| said(&why)))
                {
                    Ok(results) => {
                        refused.update(|refused| drop(refused.remove(&name)));
                        // Two students may give their files the same name.
                        let key = format!("{}/{}/{name}", results.of.student, results.of.name);
                        files.update(|files| drop(files.insert(key, results)));
                    }
                    Err(why) => refused.update(|refused| drop(refused.insert(name, why))),
                }
            }
            // The same file can be chosen again once it is mended.
            field.set_value("");
        });
    };
    let class = Memo::new(move |_| {
        let all: Vec<Results> = files.read().values().cloned().collect();
        (!all.is_empty()).then(|| Class::of(playlist, &all, packs::question))
    });
    view! {
        <main class="prose interview">
            <p class="over"><a href=format!("#/class/{}", playlist.id)>{playlist.title.as_str()}</a></p>
            <h1>{t!("class.results")}</h1>
            <p>{t!("class.results-says")}</p>
            <div class="bank-filters">
                <label class="wide">{t!("class.choose-files")}
                    <input type="file" multiple accept=".json,application/json" on:change=choose/>
                </label>
            </div>
            <div role="alert">
                {move || refused.get().into_iter().map(|(name, why)| view! { <p class="why-not">{t!("class.refused", name = name, why = why)}</p> }).collect_view()}
            </div>
            <div role="status">
                {move || class.read().as_ref().map(|class| view! { <p>{t!("class.students", number = class.students.len() as u64)}</p> })}
            </div>
            {move || class.get().map(|class| view! { <Table class/> })}
        </main>
    }
    .into_any()
}

#[component]
fn Table(class: Class) -> impl IntoView {
    let head = (1..=class.questions.len()).map(|number| view! { <th scope="col">{number}</th> });
    let row = |student: &OfStudent| {
        let name = match student.of.name.as_str() {
            "" => t!("class.number-of", student = student.of.student),
            name => format!("{}. {name}", student.of.student),
        };
        let mark = |mark: &Option<bool>| match mark {
            Some(true) => view! { <td class="is-right">{t!("class.mark-right")}</td> }.into_any(),
            Some(false) => view! { <td>{t!("class.mark-wrong")}</td> }.into_any(),
            None => view! { <td class="aside">{t!("class.mark-none")}</td> }.into_any(),
        };
        view! {
            <tr>
                <th scope="row">{name}
                    {student.has_other_numbers.then(|| view! { <span class="aside"> " " {t!("class.other-numbers")}</span> })}</th>
                {student.marks.iter().map(mark).collect_view()}
                <td>{t!("class.of", right = student.right, all = student.judged)}</td>
            </tr>
        }
    };
    view! {
        <div class="wide-table" role="region" tabindex="0" aria-label=t!("class.results")>
            <table class="results">
                <thead><tr><th scope="col">{t!("class.student")}</th>{head.collect_view()}<th scope="col">{t!("class.right-of")}</th></tr></thead>
                <tbody>{class.students.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
        <h2>{t!("class.by-question")}</h2>
        <ol class="mock-lines of-class">{class.questions.iter().map(question).collect_view()}</ol>
    }
    .into_any()
}

fn question(one: &OfQuestion) -> AnyView {
    let title = packs::question(&one.question).map_or("", |question| question.title.as_str());
    let belief = |(id, times): &(String, usize)| {
        let belief = packs::misconception(id)?;
        let said = t!("learning.believed", number = *times as u64, belief = belief.belief);
        Some(view! { <li><a href=format!("#/beliefs/{id}")>{said}</a></li> })
    };
    let words = one.words.iter().map(|(of, words)| {
        view! { <li>{t!("class.number-of", student = of.student)} ": " {words.clone()}</li> }
    });
    let words: Vec<_> = words.collect();
    view! {
        <li>
            <p><a href=format!("#/interview/{}", one.question)>{title}</a> " "
                <span class="said">{t!("class.of", right = one.right, all = one.judged)}</span>
                {(one.unanswered > 0).then(|| view! { <span class="aside">" " {t!("class.unanswered", number = one.unanswered as u64)}</span> })}</p>
            <ul>{one.beliefs.iter().filter_map(belief).collect_view()}</ul>
            {(!words.is_empty()).then(|| view! { <ul class="own-words">{words}</ul> })}
        </li>
    }
    .into_any()
}

/// Why a file is not taken, in a sentence.
fn said(refused: &ResultsRefused) -> String {
    match refused {
        ResultsRefused::TooLong => t!("file.too-long").to_owned(),
        ResultsRefused::Another => t!("class.no-results").to_owned(),
        ResultsRefused::Version(version) => t!("file.version", version = version),
        ResultsRefused::Unreadable { line, why } => t!("class.unreadable", line = line, why = why),
        ResultsRefused::OtherPlaylist(id) => t!("class.other-playlist", id = id),
        ResultsRefused::OutOfBounds => t!("class.out-of-bounds").to_owned(),
    }
}
