//! The classroom: playlists that a teacher holds, the students' own questions, worksheets, and results laid together.

mod held;
mod keys;
mod notes;
mod overview;
mod results;
mod scene;
mod sheet;
mod vote;
mod work;

use highwater_exercises::{Playlist, Shown};
use leptos::prelude::*;

use crate::learn::stage_name;
use crate::packs;
use crate::play::Desk;
use crate::save::Keeper;
use crate::sim::EMPTY_SCRIPT;
use highwater_cluster::time::Time;

pub use notes::NotesPage;
pub use overview::PlaylistPage;
pub use results::ResultsPage;
pub use scene::ScenePanel;
pub use sheet::SheetPage;
pub use work::WorkPage;

/// All playlists: the page's own, and those of packs.
#[component]
pub fn ClassPage() -> impl IntoView {
    held::forget_scenes();
    let own = highwater_exercises::playlists().iter();
    let of_packs = packs::playlists();
    let has_packs = !of_packs.is_empty();
    view! {
        <main class="prose interview">
            <h1>{t!("class.teach")}</h1>
            <p class="lead">{t!("class.lead")}</p>
            <ul class="cards">{own.map(card).collect_view()}</ul>
            {has_packs.then(|| view! {
                <p class="over">{t!("class.of-packs")}</p>
                <ul class="cards">{of_packs.into_iter().map(card).collect_view()}</ul>
            })}
            <p class="aside">{t!("class.your-own")}</p>
        </main>
    }
    .into_any()
}

fn card(playlist: &'static Playlist) -> AnyView {
    view! {
        <li class="card">
            <h2><a href=format!("#/class/{}", playlist.id)>{playlist.title.as_str()}</a></h2>
            <p>{playlist.summary.as_str()}</p>
            <p class="over">{said_of(playlist)}</p>
        </li>
    }
    .into_any()
}

/// Its stage, how long it takes, and how many scenes it has.
fn said_of(playlist: &Playlist) -> String {
    t!(
        "class.said-of",
        stage = stage_name(playlist.stage),
        minutes = playlist.minutes(),
        scenes = playlist.scenes.len()
    )
}

/// Has the cluster stand as a scene begins.
pub fn set_the_stage(desk: Desk, keeper: Keeper, playlist: &Playlist, place: usize) {
    held::forget_scenes();
    let (script, moment) = match playlist.scenes.get(place).map(|scene| &scene.shown) {
        Some(Shown::Run(run)) => (run.script.clone(), Some(Time(run.from))),
        Some(Shown::Belief(id)) => {
            let script = packs::misconception(id).map(|belief| belief.scenario.clone());
            (script.unwrap_or_default(), None)
        }
        Some(Shown::Question { id, draw }) => match packs::question(id) {
            Some(question) => (
                question.situation_drawn(&question.draw(u64::from(*draw))),
                question.run.as_ref().map(|run| Time(run.shows)),
            ),
            None => (String::new(), None),
        },
        Some(Shown::Words) | None => (String::new(), None),
    };
    let begins = if script.is_empty() { EMPTY_SCRIPT } else { &script };
    keeper.open_at(&format!("class/{}/{}", playlist.id, place + 1), begins, moment);
    desk.clear();
}
