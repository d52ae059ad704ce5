//! Packs: content that somebody else made, as one file. A pack holds the sources, TOML and Markdown, and nothing made of
//! them: whoever opens it reads them by the same reader, so that nothing in it is shown that the reader did not make.
//!
//! ```json
//! { "highwater_pack": 1, "files": { "pack.toml": "id = \"..\"", "exercises/ID/exercise.toml": ".." } }
//! ```

mod naming;

use std::collections::BTreeMap;

use highwater_scenario::link::{self, LinkError};
use serde::{Deserialize, Serialize};

use crate::model::Content;
use crate::proof::repeated_ids;
use crate::reader::{ABOUT, About, Beside, Mistake, read_beside};

/// The version of the form that is written, and the only one that is read.
pub const VERSION: u64 = 1;

/// How the names of files of packs end.
pub const ENDING: &str = ".hwpack";

/// The most bytes that a pack may have: some hundred exercises.
pub const MOST_BYTES: usize = 1 << 20;

/// The most bytes that one of its files may have.
const MOST_OF_FILE: usize = 64 << 10;

/// The most files that it may have.
const MOST_FILES: usize = 2_000;

/// A pack as it was given: files by their paths, which nobody has looked at yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    highwater_pack: u64,
    files: BTreeMap<String, String>,
}

/// A pack that can be read. It is not proven yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// What it is called.
    pub about: About,
    /// What is in it, with ids as the files write them.
    pub content: Content,
}

impl Pack {
    /// A pack of files, by their paths within its folder.
    pub fn new(files: BTreeMap<String, String>) -> Self {
        Self { highwater_pack: VERSION, files }
    }

    /// Reads a file. Blanks around it are passed over.
    ///
    /// # Errors
    /// Why it is no pack that can be opened.
    pub fn parse(bytes: &[u8]) -> Result<Self, Mistake> {
        #[derive(Deserialize)]
        struct Versioned {
            highwater_pack: u64,
        }
        if bytes.len() > MOST_BYTES {
            return Err(too_long(bytes.len()));
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Err(whole("it is no text in UTF-8", "ask for the file anew"));
        };
        // Of another version only its number is known to be where it is.
        match serde_json::from_str::<Versioned>(text) {
            Ok(Versioned { highwater_pack: VERSION }) => {}
            Ok(Versioned { highwater_pack: other }) => {
                let what =
                    format!("it is of version {other}, and this page reads version {VERSION}");
                return Err(whole(
                    what,
                    "reload the page to get the newest, or ask for another pack",
                ));
            }
            Err(error) => return Err(unreadable(&error)),
        }
        serde_json::from_str(text).map_err(|error| unreadable(&error))
    }

    /// Reads the word of a link.
    ///
    /// # Errors
    /// Why it is no pack that can be opened.
    pub fn from_word(word: &str) -> Result<Self, Mistake> {
        let bytes = link::content_of(word, MOST_BYTES).map_err(|error| match error {
            LinkError::Empty => whole("this link holds no pack", "ask for the whole of it"),
            LinkError::TooLong => too_long(MOST_BYTES + 1),
            other => whole(other.to_string(), "ask for the link anew, or for the file"),
        })?;
        Self::parse(&bytes)
    }

    /// As the text of a file.
    pub fn print(&self) -> String {
        format!("{}\n", serde_json::to_string_pretty(self).expect("it is plain data"))
    }

    /// As the word of a link: letters, digits, `-` and `_`.
    pub fn to_word(&self) -> String {
        link::word_of(serde_json::to_string(self).expect("it is plain data").as_bytes())
    }

    /// Reads what is in it. What is wrong is told in full.
    ///
    /// # Errors
    /// What is wrong, each with its place.
    pub fn open(self, beside: &Beside) -> Result<Opened, Vec<Mistake>> {
        let mut mistakes = self.bounds();
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let (about, content, found) = read_beside(self.files, beside);
        mistakes.extend(found.iter().cloned());
        for id in repeated_ids(&content) {
            let what = format!("two exercises or questions have the id {id}");
            mistakes.push(whole(what, "rename one"));
        }
        if content == Content::default() && mistakes.is_empty() {
            mistakes.push(whole("there is nothing in it", "put an exercise into it"));
        }
        let Some(about) = about else {
            if mistakes.is_empty() {
                let mend = "write it, with id, title and author";
                mistakes.push(Mistake::of_file(ABOUT, "it is missing", mend));
            }
            return Err(mistakes);
        };
        if mistakes.is_empty() { Ok(Opened { about, content }) } else { Err(mistakes) }
    }

    fn bounds(&self) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        if self.files.len() > MOST_FILES {
            let what = format!("it has {} files, and {MOST_FILES} are the most", self.files.len());
            mistakes.push(whole(what, "make several packs of it"));
        }
        for (path, text) in &self.files {
            if text.len() > MOST_OF_FILE || path.len() > 200 {
                let shown: String = path.chars().take(80).collect();
                let what = format!("it, or its name, is too long: {} bytes", text.len());
                let mend = format!("{MOST_OF_FILE} bytes are the most, and 200 of its name");
                mistakes.push(Mistake::of_file(shown, what, mend));
            }
        }
        let bytes: usize = self.files.iter().map(|(path, text)| path.len() + text.len()).sum();
        if bytes > MOST_BYTES {
            mistakes.push(too_long(bytes));
        }
        mistakes
    }
}

/// A mistake of the pack as a whole.
fn whole(what: impl Into<String>, mend: impl Into<String>) -> Mistake {
    Mistake::of_file("the pack", what, mend)
}

fn too_long(bytes: usize) -> Mistake {
    let what = format!("it has {bytes} bytes or more, and {MOST_BYTES} are the most");
    whole(what, "make several packs of it")
}

fn unreadable(error: &serde_json::Error) -> Mistake {
    // The place is told as of every mistake; serde tells it within its sentence.
    let sentence = error.to_string();
    let what = sentence.rsplit_once(" at line ").map_or(&*sentence, |(what, _)| what);
    let what: String = what.chars().take(120).collect();
    Mistake {
        line: Some(error.line()),
        ..whole(
            format!("this is no pack: {what}"),
            "open a file that `cargo xtask content FOLDER --pack FILE` has written",
        )
    }
}
