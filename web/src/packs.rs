//! Packs: exercises and questions that somebody else has made, opened from a file or a link, proven, and kept in this
//! browser. What is in them has ids with a `/`, `PACK/ID`, which no content of the page's own has.

mod kept;
mod opening;
mod page;
mod shelf;

use std::cell::RefCell;

use highwater_exercises::pack::ENDING;
use highwater_exercises::{
    Exercise, Misconception, Playlist, Question, Term, all, questions, taught,
};
use web_sys::File;

use crate::route;
pub use page::{MissingPack, PackPage};
pub use shelf::PackShelf;

/// The exercise of that id.
pub fn exercise(id: &str) -> Option<&'static Exercise> {
    exercises_beside(id).iter().find(|known| known.id == id)
}

/// The exercises among which that id is, in their order: a pack's, or the page's own.
pub fn exercises_beside(id: &str) -> &'static [Exercise] {
    match id.split_once('/') {
        Some((pack, _)) => kept::find(pack).map_or(&[], |pack| &pack.content.exercises),
        None => all(),
    }
}

/// The question of that id.
pub fn question(id: &str) -> Option<&'static Question> {
    let all = match id.split_once('/') {
        Some((pack, _)) => kept::find(pack).map_or(&[][..], |pack| &pack.content.questions),
        None => questions(),
    };
    all.iter().find(|known| known.id == id)
}

/// The term of that id.
pub fn term(id: &str) -> Option<&'static Term> {
    let all = match id.split_once('/') {
        Some((pack, _)) => kept::find(pack).map_or(&[][..], |pack| &pack.content.glossary),
        None => &taught().glossary,
    };
    all.iter().find(|known| known.id == id)
}

/// The wrong belief of that id.
pub fn misconception(id: &str) -> Option<&'static Misconception> {
    let all = match id.split_once('/') {
        Some((pack, _)) => kept::find(pack).map_or(&[][..], |pack| &pack.content.misconceptions),
        None => &taught().misconceptions,
    };
    all.iter().find(|known| known.id == id)
}

/// The playlist of that id.
pub fn playlist(id: &str) -> Option<&'static Playlist> {
    let all = match id.split_once('/') {
        Some((pack, _)) => kept::find(pack).map_or(&[][..], |pack| &pack.content.playlists),
        None => highwater_exercises::playlists(),
    };
    all.iter().find(|known| known.id == id)
}

/// The playlists of all packs that are here.
pub fn playlists() -> Vec<&'static Playlist> {
    kept::all().0.into_iter().flat_map(|pack| &pack.content.playlists).collect()
}

/// Whether an address leads into a pack, kept or not.
pub fn is_of_pack(id: &str) -> bool {
    id.contains('/')
}

thread_local! {
    /// A file that was chosen or dropped, for the page that opens it.
    static HANDED: RefCell<Option<File>> = const { RefCell::new(None) };
}

/// Whether a file is a pack, by its name.
pub fn is_pack(file: &File) -> bool {
    file.name().to_ascii_lowercase().ends_with(ENDING)
}

/// Opens a file, on the page that is for it.
pub fn open_file(file: File) {
    HANDED.with(|handed| handed.replace(Some(file)));
    if route::page() == PAGE { route::show_anew() } else { route::go(PAGE) }
}

/// The address of the page that opens packs.
const PAGE: &str = "#/pack";

fn handed() -> Option<File> {
    HANDED.with(|handed| handed.take())
}
