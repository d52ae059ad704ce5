//! The files of the content, each of which must be used for something.

use std::collections::{BTreeMap, BTreeSet};

use super::mistake::{Mistake, Mistakes};
use super::settings::Source;

/// The files of the content, by their paths.
#[derive(Debug)]
pub struct Files {
    files: BTreeMap<String, String>,
    used: BTreeSet<String>,
}

/// Whether a name can be part of addresses.
pub fn is_plain(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !id.is_empty() && id.bytes().all(is_plain)
}

/// The folders that content has.
pub const FOLDERS: [&str; 6] =
    ["exercises", "questions", "lessons", "glossary", "misconceptions", "playlists"];

impl Files {
    /// Takes files over.
    pub fn new(files: BTreeMap<String, String>, mistakes: &mut Mistakes) -> Self {
        for path in files.keys() {
            let (folder, rest) = path.split_once('/').unwrap_or(("", path));
            let id = rest.split('/').next().unwrap_or_default();
            let id = id.strip_suffix(".toml").unwrap_or(id);
            if FOLDERS.contains(&folder) && !is_plain(id) {
                let mend =
                    "write it with small letters, digits and - only: it becomes part of addresses";
                mistakes.add(Mistake::of_file(
                    path,
                    format!("the name {id} cannot be an id"),
                    mend,
                ));
            }
        }
        Self { files, used: BTreeSet::new() }
    }

    /// Whether there is such a file.
    pub fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// The text of a file, which is not counted as its use.
    pub fn text(&self, path: &str) -> &str {
        self.files.get(path).map(String::as_str).unwrap_or_default()
    }

    /// The settings file of that path.
    pub fn source(&mut self, path: &str) -> Source {
        self.used.insert(path.to_owned());
        Source { path: path.to_owned(), text: self.text(path).to_owned() }
    }

    /// The ids of the folders in a folder.
    pub fn folders(&self, folder: &str) -> Vec<String> {
        let inside =
            self.files.keys().filter_map(|path| path.strip_prefix(folder)?.strip_prefix('/'));
        let ids = inside.filter_map(|rest| rest.split_once('/')).map(|(id, _)| id.to_owned());
        ids.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The ids of the settings files in a folder.
    pub fn settings(&self, folder: &str) -> Vec<String> {
        let inside =
            self.files.keys().filter_map(|path| path.strip_prefix(folder)?.strip_prefix('/'));
        inside
            .filter_map(|rest| rest.strip_suffix(".toml"))
            .filter(|id| !id.contains('/'))
            .map(str::to_owned)
            .collect()
    }

    /// A file that must be there and say something.
    pub fn needed(&mut self, path: &str, mistakes: &mut Mistakes) -> Option<Source> {
        let source = self.source(path);
        if source.text.trim().is_empty() {
            mistakes.add(Mistake::of_file(path, "it is missing or empty", "write it"));
            return None;
        }
        Some(source)
    }

    /// The scenario of that path.
    pub fn script(&mut self, path: &str, mistakes: &mut Mistakes) -> String {
        let Some(source) = self.needed(path, mistakes) else { return String::new() };
        // Whatever else a scenario says, the proofs read it with the engine's own parser.
        if !source.text.starts_with("highwater 1\n") {
            let mend = "begin it with the line: highwater 1";
            mistakes.add(Mistake::at(path, &source.text, 0, "this is no scenario", mend));
        }
        source.text
    }

    /// Files that nothing names are mistakes: a near-miss that is not listed is never proven.
    pub fn complain_of_unused(&self, mistakes: &mut Mistakes) {
        for path in self.files.keys().filter(|path| !self.used.contains(*path)) {
            let folder = path.split('/').next().unwrap_or_default();
            let mend = match FOLDERS.contains(&folder) {
                true => "name it in the .toml file beside it, or delete it".to_owned(),
                false => format!("move it into one of {}", FOLDERS.join(", ")),
            };
            mistakes.add(Mistake::of_file(path, "nothing uses this file", mend));
        }
    }
}
