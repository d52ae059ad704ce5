//! The packs that are here, in the list of exercises: each under a heading of its own.

use highwater_exercises::{Exercise, Question, Term};
use leptos::prelude::*;

use super::kept::{self, Held, Lost};
use super::page::Chooser;
use crate::clipboard;
use crate::learn::is_noted_solved;
use crate::share::{files, link_to};

/// The packs, and the button that opens another.
#[component]
pub fn PackShelf() -> impl IntoView {
    let shelf = RwSignal::new(kept::all());
    let said = RwSignal::new(None::<String>);
    let remove = move |id: String, title: String| {
        kept::remove(&id);
        shelf.set(kept::all());
        said.set(Some(t!("packs.removed", title = title)));
    };
    let lost = move |lost: Lost| {
        let (id, shown) = (lost.id.clone(), lost.id.clone());
        view! {
            <p class="error">{t!("packs.kept-unreadable", id = shown, why = lost.why)}</p>
            <p class="sources">
                <button type="button" on:click=move |_| remove(id.clone(), id.clone())>{t!("packs.remove")}</button>
            </p>
        }
    };
    let held = move |held: &'static Held| {
        let about = &held.about;
        view! {
            <section>
                <h2>{about.title.as_str()}</h2>
                <Shown held/>
                <p class="sources">
                    <Given held/>
                    <button type="button" aria-label=t!("packs.remove-title", title = about.title)
                        on:click=move |_| remove(about.id.clone(), about.title.clone())>{t!("packs.remove")}</button>
                </p>
            </section>
        }
    };
    view! {
        <section class="packs" aria-label=t!("packs.packs")>
            {move || shelf.with(|(_, all)| all.iter().cloned().map(lost).collect_view())}
            {move || shelf.with(|(all, _)| all.iter().copied().map(held).collect_view())}
            <p role="status">{said}</p>
            <p class="sources"><Chooser/><span class="aside">{t!("packs.or-drop")}</span></p>
        </section>
    }
    .into_any()
}

/// What is in a pack.
#[component]
pub fn Shown(held: &'static Held) -> impl IntoView {
    let about = &held.about;
    let exercise = |exercise: &'static Exercise| {
        view! {
            <li class="card">
                <h3><a href=format!("#/learn/{}", exercise.id)>{exercise.title.as_str()}</a></h3>
                <p>{exercise.summary.as_str()}</p>
                <p class="over">
                    {t!("learn.about-minutes", minutes = exercise.minutes)}
                    {is_noted_solved(&exercise.id).then_some(t!("learn.solved"))}
                </p>
            </li>
        }
    };
    let question = |question: &'static Question| {
        view! { <li><a href=format!("#/interview/{}", question.id)>{question.title.as_str()}</a></li> }
    };
    let term = |term: &'static Term| {
        view! { <li><a class="term" href=format!("#/terms/{}", term.id)>{term.term.as_str()}</a></li> }
    };
    let content = &held.content;
    view! {
        <p>{t!("packs.by", author = about.author)}" "{about.about.as_str()}</p>
        <ul class="cards">{content.exercises.iter().map(exercise).collect_view()}</ul>
        {(!content.questions.is_empty()).then(|| view! {
            <h3>{t!("packs.questions")}</h3>
            <ul class="links">{content.questions.iter().map(question).collect_view()}</ul>
        })}
        {(!content.glossary.is_empty()).then(|| view! {
            <h3>{t!("packs.terms")}</h3>
            <ul class="links">{content.glossary.iter().map(term).collect_view()}</ul>
        })}
    }
    .into_any()
}

/// The ways to hand it on.
#[component]
fn Given(held: &'static Held) -> impl IntoView {
    let said = RwSignal::new(None);
    let trouble = RwSignal::new(None::<String>);
    let copy = move |_| clipboard::copy(link_to(&format!("pack/{}", held.word)), said);
    let save = move |_| {
        // It was read from this word.
        let text = highwater_exercises::pack::Pack::from_word(&held.word).map(|pack| pack.print());
        files::save("text", "pack.hwpack", &text.unwrap_or_default(), trouble);
    };
    view! {
        <button type="button" on:click=copy>{clipboard::label(said, t!("packs.copy-link"))}</button>
        <button type="button" on:click=save>{t!("packs.save-file")}</button>
        <span class="error" role="status">{trouble}</span>
    }
    .into_any()
}
