//! `pack.toml`: what a pack is called, and whose it is.

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::files::{Files, is_plain};
use super::mistake::Mistakes;

/// The file.
pub const FILE: &str = "pack.toml";

/// The longest id, in letters: it is part of addresses.
const LONGEST_ID: usize = 40;
/// The longest title and name, in letters.
const LONGEST_NAME: usize = 80;
/// The longest sentence about it, in letters.
const LONGEST_ABOUT: usize = 300;

/// What a pack is called, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its name in addresses.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Who made it.
    pub author: String,
    /// What it is for, in a sentence; may be empty.
    pub about: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackFile {
    id: Spanned<String>,
    title: Spanned<String>,
    author: Spanned<String>,
    about: Option<Spanned<String>>,
}

/// Reads it, if there is one.
pub fn read(files: &mut Files, mistakes: &mut Mistakes) -> Option<About> {
    if !files.has(FILE) {
        return None;
    }
    let source = files.source(FILE);
    let file: PackFile = source.parse(mistakes)?;
    let id = source.text(&file.id, mistakes);
    // `/at/` in an address parts the page from a place within the cluster.
    if !is_plain(&id) || id.len() > LONGEST_ID || id == "at" {
        let what = "this cannot be the id of a pack";
        let mend = format!(
            "write it with small letters, digits and - only, {LONGEST_ID} at the most: it becomes part of addresses"
        );
        mistakes.add(source.mistake(&file.id, what, mend));
    }
    let mut short = |value: &Spanned<String>, most: usize| {
        let text = source.text(value, mistakes);
        if text.chars().count() > most {
            let mend = format!("make it shorter: {most} letters at the most");
            mistakes.add(source.mistake(value, "this is too long", mend));
        }
        text
    };
    Some(About {
        title: short(&file.title, LONGEST_NAME),
        author: short(&file.author, LONGEST_NAME),
        about: file.about.map(|about| short(&about, LONGEST_ABOUT)).unwrap_or_default(),
        id,
    })
}
