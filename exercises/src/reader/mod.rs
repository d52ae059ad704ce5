//! Reading content: files in TOML and Markdown become a [`Content`]. One code for the build script, for
//! `cargo xtask content` and for content packs that the page loads. It touches no engine; what it finds
//! wrong it says with file, line and what to write.

mod about;
mod beside;
mod disk;
mod exercise;
mod files;
mod language;
mod library;
mod markdown;
mod mistake;
mod playlist;
mod prose;
mod question;
mod road;
mod settings;
mod whitelist;

use std::collections::BTreeMap;

pub use about::{About, FILE as ABOUT};
pub use beside::Beside;
pub use disk::files_of;
pub use files::Files;
pub use language::{only_own, translated};
pub use mistake::{Mistake, Mistakes};
pub use whitelist::stranger;

use crate::model::Content;
use markdown::Terms;

/// Reads content from files, by their paths within its folder.
pub fn read(files: BTreeMap<String, String>) -> (Content, Mistakes) {
    let (_, content, mistakes) = read_beside(files, &Beside::default());
    (content, mistakes)
}

/// Reads content that may name what is there already. If it says what it is called, addresses of its terms begin with that;
/// its ids are as it writes them.
pub fn read_beside(
    files: BTreeMap<String, String>,
    beside: &Beside,
) -> (Option<About>, Content, Mistakes) {
    let mut mistakes = Mistakes::default();
    let mut files = Files::new(files, &mut mistakes);
    let about = about::read(&mut files, &mut mistakes);
    let terms = Terms::read(&mut files, about.as_ref(), beside, &mut mistakes);
    let mut content = Content {
        road: road::read(&mut files, &mut mistakes),
        exercises: exercise::read_all(&mut files, &terms, &mut mistakes),
        questions: question::read_all(&mut files, &terms, &mut mistakes),
        lessons: library::lessons(&mut files, &terms, &mut mistakes),
        glossary: library::glossary(&mut files, &terms, &mut mistakes),
        misconceptions: library::misconceptions(&mut files, &terms, &mut mistakes),
        playlists: playlist::read_all(&mut files, &terms, &mut mistakes),
    };
    files.complain_of_unused(&mut mistakes);
    road::check(&content, &files, &mut mistakes);
    road::order(&mut content);
    library::check_links(&content, beside, &mut mistakes);
    playlist::check_links(&content, beside, &mut mistakes);
    (about, content, mistakes)
}
