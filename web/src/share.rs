//! Sharing a scenario: as a link, as a file, and as a picture of the stage; and opening what was shared.

pub mod files;
mod open;
pub mod view;

pub use open::{SharedLink, go_to, is_scenario, open_file, take_drops};

use highwater_scenario::link::Shared;
use highwater_scenario::script::{Action, FileContent};
use leptos::html::{Dialog, Input};
use leptos::prelude::*;

use crate::clipboard;
use crate::format::{clock, count};
use crate::notice::Notices;
use crate::play::Desk;
use crate::route::Route;
use crate::save::Keeper;
use crate::stage::picture;

/// A longer link is cut off by many programs that people send links with.
const MOST_USUAL: usize = 30_000;

/// The button in the header, on pages that show a cluster, with the panel that it opens.
#[component]
pub fn ShareButton(route: RwSignal<Route>) -> impl IntoView {
    let has_cluster = move || {
        use Route::{Exercise, Live, Play, Question};
        matches!(*route.read(), Play | Live | Exercise(_) | Question(..))
    };
    let panel = NodeRef::<Dialog>::new();
    let is_open = RwSignal::new(false);
    let open = move |_| {
        is_open.set(true);
        if let Some(panel) = panel.get_untracked() {
            let _ = panel.show_modal();
        }
    };
    view! {
        <Show when=has_cluster>
            <button type="button" class="share-button" on:click=open aria-haspopup="dialog">
                <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
                    <path class="outline" d="M8 10V2M5 4.5L8 1.5l3 3M3.5 8v5.5h9V8"/>
                </svg>
                <span>{t!("share.share")}</span>
            </button>
        </Show>
        <dialog class="share" node_ref=panel aria-labelledby="share-title" on:close=move |_| is_open.set(false)>
            <Show when=move || is_open.get()><Panel panel/></Show>
        </dialog>
    }
    .into_any()
}

/// What is shared, as it was when the panel was opened.
#[component]
fn Panel(panel: NodeRef<Dialog>) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let keeper = expect_context::<Keeper>();
    desk.sim.pause();
    let moment = desk.sim.clock.get_untracked();
    let shared = Shared {
        script: desk.sim.script(),
        moment,
        view: untrack(|| view::text_of(desk, &keeper.place_name())),
    };
    let file = shared.print_file();
    let close = move |_| {
        if let Some(panel) = panel.get_untracked() {
            panel.close();
        }
    };
    view! {
        <div class="share-head">
            <h2 id="share-title">{t!("share.share-this-scenario")}</h2>
            <button type="button" class="quiet" aria-label=t!("share.close") on:click=close>
                <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true"><path class="outline" d="M2 2l10 10M12 2L2 12"/></svg>
            </button>
        </div>
        <p>
            {t!("share.all-it-with")} <code>{clock(moment)}</code> {t!("share.and-what-selected")}
        </p>
        {also_needed(desk).map(|sentence| view! { <p class="aside">{sentence}</p> })}
        <Link shared panel/>
        <Files file panel/>
        <Pictures/>
    }
    .into_any()
}

/// The link, with its length.
#[component]
fn Link(shared: Shared, panel: NodeRef<Dialog>) -> impl IntoView {
    // What cannot be read back is not given away.
    let word = shared.to_word().and_then(|word| {
        let again = Shared::from_word(&word)?;
        Ok((word, again == shared))
    });
    let said = RwSignal::new(None);
    let field = NodeRef::<Input>::new();
    match word {
        Ok((word, true)) => {
            let link = link_to(&format!("s/{}", word));
            let length = link.chars().count();
            let copied = link.clone();
            let copy = move |_| {
                // Where the page may not copy, the link is at least selected.
                if let Some(field) = field.get_untracked() {
                    field.select();
                }
                clipboard::copy(copied.clone(), said);
            };
            let is_long = length > MOST_USUAL;
            let _ = panel;
            view! {
                <h3>{t!("share.link")}</h3>
                <div class="share-link">
                    <input type="text" readonly aria-label=t!("share.link") prop:value=link node_ref=field/>
                    <button type="button" class="main" on:click=copy>{clipboard::label(said, t!("share.copy-link"))}</button>
                </div>
                <p class="aside">
                    {t!("share.characters", count = count(length as u64))}
                    {is_long.then_some(t!("share.many-programs-cut"))}
                </p>
            }
            .into_any()
        }
        Ok(_) | Err(_) => view! {
            <h3>{t!("share.link")}</h3>
            <p class="aside">{t!("share.scenario-too-long")}</p>
        }
        .into_any(),
    }
}

/// The scenario as a file, and one to be opened.
#[component]
fn Files(file: String, panel: NodeRef<Dialog>) -> impl IntoView {
    let keeper = expect_context::<Keeper>();
    let notices = expect_context::<Notices>();
    let picker = NodeRef::<Input>::new();
    let trouble = RwSignal::new(None::<String>);
    let save = move |_| files::save("text", "scenario.hw", &file, trouble);
    let picked = move |_| {
        let files = picker.get_untracked().and_then(|picker| picker.files());
        if let Some(file) = files.and_then(|files| files.get(0)) {
            if let Some(panel) = panel.get_untracked() {
                panel.close();
            }
            open_file(keeper, notices, file);
        }
    };
    view! {
        <h3>{t!("share.file")}</h3>
        <p class="sources">
            <button type="button" on:click=save>{t!("share.download-file")}</button>
            <label class="button">
                {t!("share.open-scenario")}
                <input type="file" class="sr-only" accept=".hw" node_ref=picker on:change=picked/>
            </label>
            <span class="aside">{t!("share.or-drop-one")}</span>
        </p>
        <Trouble trouble/>
    }
    .into_any()
}

/// The stage as a picture.
#[component]
fn Pictures() -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let trouble = RwSignal::new(None::<String>);
    let save = move |kind: &'static str, name: &'static str| {
        let flights = sim.with_flights(picture::flights).unwrap_or_default();
        files::save(kind, name, &flights, trouble);
    };
    view! {
        <h3>{t!("share.picture-stage")}</h3>
        <p class="sources">
            <button type="button" on:click=move |_| save("svg", "highwater.svg")>{t!("share.download-svg")}</button>
            <button type="button" on:click=move |_| save("png", "highwater.png")>{t!("share.download-png")}</button>
        </p>
        <Trouble trouble/>
    }
    .into_any()
}

#[component]
fn Trouble(trouble: RwSignal<Option<String>>) -> impl IntoView {
    move || trouble.get().map(|sentence| view! { <p class="error" role="alert">{sentence}</p> })
}

/// What does not travel along: files that stand in the script by their hash, and other branches.
fn also_needed(desk: Desk) -> Option<String> {
    let files = desk.sim.read(|session| {
        let entries = session.entries().iter();
        let names = entries.filter_map(|entry| match &entry.action {
            Action::File { name, content: FileContent::ByHash { sha256, .. } }
                if !crate::data::sample::is_sample(sha256) =>
            {
                Some(name.as_str().to_owned())
            }
            _ => None,
        });
        names.collect::<Vec<_>>()
    });
    let files = files.unwrap_or_default();
    let branches = desk.sim.read_timeline(|timeline| timeline.branches().len()).unwrap_or(1);
    let mut sentences = Vec::new();
    if !files.is_empty() {
        sentences.push(t!("share.too-large-to", files = files.join(", ")));
    }
    if branches > 1 {
        sentences.push(t!("share.this-branch-only").to_owned());
    }
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// The address of a place of this page, to be given away: `s/WORD`.
pub fn link_to(place: &str) -> String {
    let address = window().location().href().unwrap_or_default();
    let page = address.split('#').next().unwrap_or_default();
    format!("{page}#/{place}")
}
