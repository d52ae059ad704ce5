//! Copying the page's files into `dist/`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};
use crate::page::Copy;

/// Copies what a tag of `index.html` names, from the project's root into `dist`.
pub fn asset(copy: &Copy, root: &Path, dist: &Path) -> Outcome {
    let from = root.join(&copy.from);
    let to = dist.join(&copy.to);
    match (copy.folder, from.is_dir()) {
        (true, true) => folder(&from, &to),
        (false, false) if from.is_file() => {
            let name = from.file_name().unwrap_or_default();
            file(&from, &to.join(name))
        }
        _ => {
            let kind = if copy.folder { "folder" } else { "file" };
            Err(Failure::new(
                format!("index.html names {}, which is no {kind}", copy.from),
                "correct the href of its tag",
            ))
        }
    }
}

/// Copies one file, making the folders above it.
pub fn file(from: &Path, to: &Path) -> Outcome {
    let above = to.parent().unwrap_or(to);
    fs::create_dir_all(above).map_err(|error| Failure::file("make the folder", above, &error))?;
    fs::copy(from, to).map(|_| ()).map_err(|error| Failure::file("copy", from, &error))
}

/// An empty folder, whatever was there before.
pub fn empty(folder: &Path) -> Outcome {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| Failure::file("empty", folder, &error))?;
    }
    fs::create_dir_all(folder).map_err(|error| Failure::file("make the folder", folder, &error))
}

/// All files below a folder, sorted.
pub fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).map_err(|error| Failure::file("list", folder, &error))?;
    for entry in entries {
        let path = entry.map_err(|error| Failure::file("list", folder, &error))?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    found.sort();
    Ok(found)
}

fn folder(from: &Path, to: &Path) -> Outcome {
    for path in files(from)? {
        let below = path.strip_prefix(from).unwrap_or(&path);
        file(&path, &to.join(below))?;
    }
    Ok(())
}
