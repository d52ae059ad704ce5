//! Opening what somebody else has shared: a link, or a file. It never takes the place of what is saved.

use highwater_scenario::link::{self, FileMark, LinkError, Shared};
use highwater_scenario::script::Document;
use highwater_scenario::session::Session;
use leptos::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::File;

use super::view;
use crate::clipboard;
use crate::data::drop;
use crate::notice::{Notice, Notices};
use crate::packs;
use crate::route;
use crate::save::Keeper;

/// How the names of files of scenarios end.
pub const ENDING: &str = ".hw";

/// A file may be as long as a script, and the line that holds the rest.
const MOST_BYTES: f64 = Document::MOST_BYTES as f64 + 8_192.0;

/// Why a link is not opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong, one thing after the other.
    pub reasons: Vec<String>,
    /// The script, if the link was whole: it can be copied and mended.
    pub script: Option<String>,
}

/// What the page shows for `#/s/…`: nothing while the scenario is taken up, else why it is not.
#[component]
pub fn SharedLink(
    /// What follows the `#/s/`.
    word: String,
) -> impl IntoView {
    let keeper = expect_context::<Keeper>();
    match read(&word) {
        Ok(shared) => {
            take_up(keeper, shared);
            ().into_any()
        }
        Err(refusal) => view! { <Refused refusal/> }.into_any(),
    }
}

#[component]
fn Refused(refusal: Refusal) -> impl IntoView {
    let said = RwSignal::new(None);
    let Refusal { reasons, script } = refusal;
    view! {
        <main class="prose refused">
            <h1>{t!("share.this-link-cannot")}</h1>
            <div role="alert">
                <ul class="plain">{reasons.into_iter().map(|reason| view! { <li>{reason}</li> }).collect_view()}</ul>
            </div>
            {script.map(|script| {
                let copied = script.clone();
                view! {
                    <p>{t!("share.nothing-it-was")}</p>
                    <textarea readonly rows="12" aria-label=t!("share.script-link") prop:value=script></textarea>
                    <p class="sources">
                        <button type="button" on:click=move |_| clipboard::copy(copied.clone(), said)>{clipboard::label(said, t!("share.copy-script"))}</button>
                    </p>
                }
            })}
            <p>{t!("share.what-you-had")}</p>
            <p><a href="#/play">{t!("share.to-cluster")}</a></p>
        </main>
    }
    .into_any()
}

/// Takes files of scenarios and packs that are dropped anywhere on the page.
pub fn take_drops(keeper: Keeper, notices: Notices) {
    drop::follow(RwSignal::new(false), move |file| match file {
        Some(file) if is_scenario(&file) => open_file(keeper, notices, file),
        Some(file) if packs::is_pack(&file) => packs::open_file(file),
        _ => {}
    });
}

/// Whether a file is one of a scenario, by its name.
pub fn is_scenario(file: &File) -> bool {
    file.name().to_ascii_lowercase().ends_with(ENDING)
}

/// Opens a file, or tells why not.
pub fn open_file(keeper: Keeper, notices: Notices, file: File) {
    spawn_local(async move {
        let name = file.name();
        notices.withdraw(|notice| matches!(notice, Notice::File { .. }));
        let tell = |sentence: String, script: Option<String>| {
            notices.tell(Notice::File { sentence: format!("{name} {sentence}"), script });
        };
        if file.size() > MOST_BYTES {
            return tell(t!("share.longer-than-scenario").to_owned(), None);
        }
        let buffer = JsFuture::from(file.array_buffer()).await;
        let text = buffer.ok().map(|buffer| js_sys::Uint8Array::new(&buffer).to_vec());
        let Some(text) = text.and_then(|bytes| String::from_utf8(bytes).ok()) else {
            return tell(t!("share.no-text-in").to_owned(), None);
        };
        let opened = Shared::read_file(&text);
        if let FileMark::CutOff { missing } = opened.mark {
            let sentence = t!("share.cut-off-last", missing = missing);
            return tell(sentence, Some(opened.shared.script));
        }
        // Lines are counted as they stand in the file.
        if let Err(reasons) = check(&text) {
            let more = match reasons.len() {
                1 => String::new(),
                count => t!("share.and-more", count = count - 1),
            };
            let first = reasons.into_iter().next().unwrap_or_default();
            return tell(t!("share.cannot-be-opened", first = first, more = more), Some(text));
        }
        if opened.mark == FileMark::Edited {
            tell(t!("share.was-edited-since").to_owned(), None);
        }
        take_up(keeper, opened.shared);
    });
}

fn read(word: &str) -> Result<Shared, Refusal> {
    let shared = Shared::from_word(word)
        .map_err(|error| Refusal { reasons: vec![said(&error)], script: None })?;
    match check(&shared.script) {
        Ok(()) => Ok(shared),
        Err(reasons) => Err(Refusal { reasons, script: Some(shared.script) }),
    }
}

/// What is wrong with a link, in a sentence.
fn said(error: &LinkError) -> String {
    match error {
        LinkError::Empty => t!("share.link-empty").to_owned(),
        LinkError::Character { place, character } => {
            let character = match character {
                '!'..='~' => format!("'{character}'"),
                _ => format!("U+{:04X}", u32::from(*character)),
            };
            t!("share.link-character", place = place, character = character)
        }
        LinkError::CutOff { characters } => t!("share.link-cut-off", characters = characters),
        LinkError::Damaged => t!("share.link-damaged").to_owned(),
        LinkError::OtherVersion(version) => {
            t!("share.link-version", version = version, own = link::VERSION)
        }
        LinkError::Content(_) => t!("share.link-content").to_owned(),
        LinkError::TooLong => t!("share.link-too-long").to_owned(),
    }
}

/// Each entry that cannot be read, with its line.
fn check(script: &str) -> Result<(), Vec<String>> {
    let session = Session::parse(script);
    session.map(|_| ()).map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn take_up(keeper: Keeper, shared: Shared) {
    let place = view::place_in(&shared.view);
    keeper.hand_over(&place, shared.script, shared.moment, shared.view);
    go_to(&place);
}

/// The address of the place takes that of the link: going back does not open the link again.
pub fn go_to(place: &str) {
    let hash = format!("#/{place}");
    let location = window().location();
    if location.hash().is_ok_and(|now| now == hash) {
        // The place is shown already: it has to be shown anew.
        route::show_anew();
    } else {
        let _ = location.replace(&hash);
    }
}
