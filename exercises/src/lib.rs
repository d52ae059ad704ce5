//! Exercises and questions. The content is data, in `content/`: the build script compiles it, this
//! crate checks, grades and proves it. It knows the engine, and nothing of the screen.
//!
//! ```
//! use highwater_scenario::session::Session;
//!
//! let exercise = &highwater_exercises::all()[0];
//! let session = Session::parse(&exercise.start).expect("an exercise starts with a right scenario");
//! assert!(exercise.check(&session).iter().any(|check| !check.met));
//! ```
#![forbid(unsafe_code)]

mod ask;
mod check;
pub mod eval;
pub mod expr;
mod grade;
mod judge;
pub mod learning;
mod model;
mod paced;
#[cfg(feature = "reader")]
pub mod pack;
mod play;
pub mod proof;
#[cfg(feature = "reader")]
pub mod reader;

use std::sync::{LazyLock, OnceLock};

pub use ask::{Answer, NoAnswer, Solution};
pub use check::{CheckState, Checklist};
pub use grade::{Given, Grade};
pub use model::playlist::{SceneRun, Shown};
pub use model::question::{
    Choice, Drawn, Item, Level, Pointed, Question, Rubric, Run, Task, Wrong,
};
pub use model::{
    Accepted, Alternative, Button, Carry, Check, Content, Demonstration, Exercise, Guess, Hint,
    HintLevel, Judged, Lesson, Misconception, NearMiss, Offered, Playlist, Prediction, Reason,
    Road, SHOWS, Scene, Stage, Step, Term,
};

/// All content, as the build script compiled it; read when it is first asked for.
static CONTENT: LazyLock<Content> =
    LazyLock::new(|| compiled(include_bytes!(concat!(env!("OUT_DIR"), "/content.json.deflated"))));

/// The same without what is there only for the proof: a program that proves nothing has no more in it.
static TAUGHT: LazyLock<Content> = LazyLock::new(|| {
    let english = compiled(include_bytes!(concat!(env!("OUT_DIR"), "/taught.json.deflated")));
    match LANGUAGE.get() {
        Some(own) => english.said_in(compiled(own)),
        None => english,
    }
});

/// What languages other than English have of the content, by their codes.
static LANGUAGES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/languages.rs"));

/// What the language in force has of the content, if that is not English.
static LANGUAGE: OnceLock<&'static [u8]> = OnceLock::new();

/// The playlists by themselves: read when a class is held.
static PLAYLISTS: LazyLock<Content> = LazyLock::new(|| {
    compiled(include_bytes!(concat!(env!("OUT_DIR"), "/playlists.json.deflated")))
});

/// Reads what the build script wrote: deflated, since browsers refuse a module of more than 8 MiB in a call that waits.
fn compiled(deflated: &[u8]) -> Content {
    let json =
        miniz_oxide::inflate::decompress_to_vec(deflated).expect("the build script deflated it");
    serde_json::from_slice(&json).expect("the build script wrote it with the same types")
}

/// All content that is compiled in, with solutions and near-misses: for those who prove it.
pub fn content() -> &'static Content {
    &CONTENT
}

/// Puts a language in force for what learners get, as far as the content is there in it, before any of it is asked for.
pub fn speak(code: &str) {
    if let Some((_, own)) = LANGUAGES.iter().find(|(known, _)| *known == code) {
        let _ = LANGUAGE.set(own);
    }
}

/// What a language has of the content that learners get, by itself; none of a language that is not there.
pub fn own_of(code: &str) -> Option<Content> {
    let (_, own) = LANGUAGES.iter().find(|(known, _)| *known == code)?;
    Some(compiled(own))
}

/// The content that learners get: without solutions, near-misses, and what else is only for the proof. Playlists are in
/// [`playlists`].
pub fn taught() -> &'static Content {
    &TAUGHT
}

/// The exercises that learners get, in the order of the road.
pub fn all() -> &'static [Exercise] {
    &taught().exercises
}

/// All questions, by stage and level.
pub fn questions() -> &'static [Question] {
    &taught().questions
}

/// The lessons to be held before a class, by stage.
pub fn playlists() -> &'static [Playlist] {
    &PLAYLISTS.playlists
}

/// The road.
pub fn road() -> &'static Road {
    &taught().road
}

/// A stage of the road by its number; none beyond the road.
pub fn stage(number: u8) -> Option<&'static Stage> {
    road().stages.get(usize::from(number).checked_sub(1)?)
}

/// A stage of the road in words: its number, how many there are, and what it is about.
pub fn stage_name(number: u8) -> String {
    let about = stage(number).map_or("beyond the road", |stage| &stage.title);
    format!("Stage {number} of {}, {about}", road().stages.len())
}
