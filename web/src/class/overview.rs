//! A playlist before it is held: what it needs, its scenes, and the notes on them.

use highwater_exercises::{Playlist, Scene, Shown};
use leptos::prelude::*;

use super::{held, said_of};
use crate::clipboard;
use crate::packs;
use crate::share::link_to;

/// One playlist.
#[component]
pub fn PlaylistPage(
    /// Which.
    playlist: &'static Playlist,
) -> impl IntoView {
    held::forget_scenes();
    let id = playlist.id.as_str();
    let at = |rest: &str| format!("#/class/{id}/{rest}");
    let said = RwSignal::new(None::<&'static str>);
    let copy = move |_| clipboard::copy(link_to(&format!("class/{}/work", playlist.id)), said);
    let going = held::of(id).map(|held| held.scene + 1).filter(|place| *place > 1);
    view! {
        <main class="prose interview">
            <p class="over"><a href="#/class">{t!("class.teach")}</a></p>
            <h1>{playlist.title.as_str()}</h1>
            <p class="lead">{playlist.summary.as_str()}</p>
            <p class="over">{said_of(playlist)}</p>
            <p class="sources">
                <a class="button main" href=at("1")>{t!("class.begin")}</a>
                {going.map(|place| view! {
                    <a class="button" href=format!("#/class/{id}/{place}")>{t!("class.go-on-at", place = place)}</a>
                })}
                <a class="button" href=at("notes") target="_blank">{t!("class.notes-second")}</a>
            </p>
            <p>{t!("class.how-to")}</p>
            <h2>{t!("class.for-students")}</h2>
            <p>{t!("class.for-students-says")}</p>
            <p class="sources">
                <button type="button" on:click=copy>{t!("class.copy-link")}</button>
                <a class="button" href=at("work")>{t!("class.see-questions")}</a>
                <a class="button" href=at("sheet")>{t!("class.worksheets")}</a>
                <a class="button" href=at("results")>{t!("class.results")}</a>
            </p>
            <p role="status">{said}</p>
            <h2>{t!("class.scenes")}</h2>
            <ol class="scenes">{playlist.scenes.iter().enumerate().map(|one| line(id, one)).collect_view()}</ol>
        </main>
    }
    .into_any()
}

fn line(id: &str, (place, scene): (usize, &'static Scene)) -> AnyView {
    view! {
        <li>
            <p><a href=format!("#/class/{id}/{}", place + 1)>{scene.title.as_str()}</a>
                <span class="aside">{t!("learn.about-minutes", minutes = scene.minutes)} " " {shown(scene)}</span></p>
            <div class="text" inner_html=scene.notes_html.as_str()></div>
        </li>
    }
    .into_any()
}

/// What a scene shows, in a few words.
pub fn shown(scene: &Scene) -> String {
    match &scene.shown {
        Shown::Words => t!("class.words").to_owned(),
        Shown::Run(run) => t!("class.run", number = run.pauses.len() as u64),
        Shown::Question { id, .. } => {
            let title = packs::question(id).map_or("", |question| question.title.as_str());
            t!("class.question", title = title)
        }
        Shown::Belief(id) => {
            let belief = packs::misconception(id).map_or("", |belief| belief.belief.as_str());
            t!("led.belief", belief = belief)
        }
    }
}
