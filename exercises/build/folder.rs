//! A folder of the content: its files as text, each of which must be used for something.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::markdown;
use crate::mistake::{Mistake, Mistakes};
use crate::settings::Source;

/// A folder of the content.
#[derive(Debug)]
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// Its name: the id of what it holds.
    pub id: String,
    files: BTreeMap<String, String>,
    used: BTreeSet<String>,
}

impl Folder {
    /// All folders of the content, by name.
    pub fn all(root: &Path, mistakes: &mut Mistakes) -> Vec<Self> {
        let mut folders: Vec<Self> = list(root, mistakes)
            .into_iter()
            .filter_map(|path| {
                if path.is_dir() {
                    return Self::read(path, mistakes);
                }
                let mend = "move it into the folder of the exercise or question that it belongs to";
                mistakes.add(Mistake::of_file(&path, "a file stands outside any folder", mend));
                None
            })
            .collect();
        folders.sort_by(|a, b| a.id.cmp(&b.id));
        folders
    }

    fn read(path: PathBuf, mistakes: &mut Mistakes) -> Option<Self> {
        let id = name(&path);
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !id.bytes().all(is_plain) {
            let mend =
                "write it with small letters, digits and - only: it becomes part of addresses";
            mistakes.add(Mistake::of_file(&path, format!("the name {id} cannot be an id"), mend));
            return None;
        }
        let mut files = BTreeMap::new();
        for file in list(&path, mistakes) {
            match std::fs::read_to_string(&file) {
                Ok(text) => {
                    // The same content on every system: Windows may check files out with other line ends.
                    files.insert(name(&file), text.replace("\r\n", "\n"));
                }
                Err(error) => {
                    let mend = "save it as a text file in UTF-8";
                    mistakes.add(Mistake::of_file(
                        &file,
                        format!("it cannot be read: {error}"),
                        mend,
                    ));
                }
            }
        }
        Some(Self { path, id, files, used: BTreeSet::new() })
    }

    /// Whether there is such a file.
    pub fn has(&self, file: &str) -> bool {
        self.files.contains_key(file)
    }

    /// The settings file of that name.
    pub fn source(&mut self, file: &str) -> Source {
        self.used.insert(file.to_owned());
        Source {
            path: self.path.join(file),
            text: self.files.get(file).cloned().unwrap_or_default(),
        }
    }

    /// The Markdown file of that name, as HTML.
    pub fn markdown(&mut self, file: &str, mistakes: &mut Mistakes) -> String {
        let path = self.path.join(file);
        self.used.insert(file.to_owned());
        match self.files.get(file) {
            Some(text) if !text.trim().is_empty() => markdown::to_html(&path, text, 0, mistakes),
            _ => {
                mistakes.add(Mistake::of_file(&path, "it is missing or empty", "write it"));
                String::new()
            }
        }
    }

    /// The scenario of that name, or what is wrong with it.
    pub fn script(&mut self, file: &str) -> Result<String, Mistake> {
        let path = self.path.join(file);
        self.used.insert(file.to_owned());
        let Some(text) = self.files.get(file) else {
            return Err(Mistake::of_file(
                &path,
                "there is no such scenario",
                "write it, or correct its name",
            ));
        };
        // Whatever else a scenario says, the proofs read it with the engine's own parser.
        if !text.starts_with("highwater 1\n") {
            return Err(Mistake::at(
                &path,
                text,
                0,
                "this is no scenario",
                "begin it with the line: highwater 1",
            ));
        }
        Ok(text.clone())
    }

    /// Files that nothing names are mistakes: a near-miss that is not listed is never proven.
    pub fn complain_of_unused(&self, mistakes: &mut Mistakes) {
        for file in self.files.keys().filter(|file| !self.used.contains(*file)) {
            let mend = "name it in the .toml file, or delete it";
            mistakes.add(Mistake::of_file(&self.path.join(file), "nothing uses this file", mend));
        }
    }
}

fn list(folder: &Path, mistakes: &mut Mistakes) -> Vec<PathBuf> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            let what = format!("the folder cannot be read: {error}");
            mistakes.add(Mistake::of_file(folder, what, "see that it is there and readable"));
            return Vec::new();
        }
    };
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    // What editors and file managers leave lying about.
    paths.filter(|path| !name(path).starts_with('.') && !name(path).ends_with('~')).collect()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_else(|| OsStr::new("")).to_string_lossy().into_owned()
}
