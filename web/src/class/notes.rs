//! The teacher's notes, in a window of their own: they follow the scenes, and can lead through them.

use std::time::Duration;

use highwater_exercises::Playlist;
use leptos::prelude::*;

use super::held::{self, Wish};
use super::keys;
use super::overview::shown;
use crate::format;
use crate::kept;

/// The notes on the scene that is shown.
#[component]
pub fn NotesPage(
    /// Of which playlist.
    playlist: &'static Playlist,
) -> impl IntoView {
    let stands = RwSignal::new(held::of(&playlist.id));
    let now_ms = RwSignal::new(kept::clock().now_ms);
    held::hear(|_| (), move || stands.set(held::of(&playlist.id)));
    keys::listen(held::wish);
    let step = move || {
        let _ = now_ms.try_set(kept::clock().now_ms);
    };
    if let Ok(handle) = set_interval_with_handle(step, Duration::from_secs(1)) {
        on_cleanup(move || handle.clear());
    }
    let place = Memo::new(move |_| stands.read().as_ref().map(|held| held.scene));
    let times = move || {
        let held = stands.get()?;
        let scene = playlist.scenes.get(held.scene)?;
        let now = now_ms.get();
        let spent = format::minutes(now.saturating_sub(held.began_ms));
        let in_scene = now.saturating_sub(held.scene_began_ms);
        let is_over = in_scene > u64::from(scene.minutes) * 60_000;
        Some(view! {
            <p class="mock-clock" class:over-time=is_over>
                <span role="timer">{format::minutes(in_scene)}</span>
                <span class="aside">{t!("class.of-minutes", number = u64::from(scene.minutes))}</span>
            </p>
            <p class="aside">{t!(
                "class.whole-time",
                spent = spent,
                planned = format::minutes(held.planned_ms(playlist)),
                all = format::minutes(u64::from(playlist.minutes()) * 60_000)
            )}</p>
        })
    };
    let scene = move || {
        let place = place.get()?;
        let scene = playlist.scenes.get(place)?;
        let next = playlist.scenes.get(place + 1);
        Some(view! {
            <p class="over">{t!("class.scene-of", place = place + 1, all = playlist.scenes.len())} " " {shown(scene)}</p>
            <h2>{scene.title.as_str()}</h2>
            <div class="text" inner_html=scene.notes_html.as_str()></div>
            {next.map(|next| view! {
                <p class="aside">{t!("class.next-is", title = next.title, minutes = next.minutes)}</p>
            })}
        })
    };
    view! {
        <main class="prose interview notes">
            <p class="over"><a href=format!("#/class/{}", playlist.id)>{playlist.title.as_str()}</a></p>
            <h1>{t!("class.notes")}</h1>
            <Show when=move || stands.read().is_some() fallback=move || view! { <p class="lead">{t!("class.not-begun")}</p> }>
                {times}
                {scene}
                <p class="sources">
                    <button type="button" class="main" on:click=move |_| held::wish(Wish::Forward)>{t!("class.on")}</button>
                    <button type="button" on:click=move |_| held::wish(Wish::Back)>{t!("class.back")}</button>
                </p>
            </Show>
        </main>
    }
    .into_any()
}
