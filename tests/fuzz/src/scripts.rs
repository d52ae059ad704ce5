//! The scripts and data of the project itself, which inputs are made of.

use std::fs;
use std::path::Path;

/// The scripts of tests and exercises, in the order of their paths.
///
/// # Panics
/// If there are none: without them, the inputs would try little.
pub fn all() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut scripts = Vec::new();
    for folder in ["tests/scenarios", "exercises/content"] {
        collect(&root.join(folder), &mut scripts);
    }
    assert!(!scripts.is_empty(), "there are scripts in {}", root.display());
    scripts
}

fn collect(folder: &Path, scripts: &mut Vec<String>) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, scripts);
        } else if path.extension().is_some_and(|ending| ending == "hw") {
            scripts.extend(fs::read_to_string(&path).ok().filter(|text| !text.is_empty()));
        }
    }
}
