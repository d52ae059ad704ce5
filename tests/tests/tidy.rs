//! The project's own rules for its files: length, and nothing left undone.

use std::path::{Path, PathBuf};

/// A file is one idea: beyond this many lines it is more than one.
const MOST_LINES: usize = 600;

#[test]
fn no_file_is_too_long_or_left_undone() {
    // Written in two pieces, so that this file does not find itself.
    let undone = [["tod", "o!("], ["unimple", "mented!("], ["#[ign", "ore"], ["dbg", "!("]]
        .map(|parts| parts.concat());
    let mut complaints = Vec::new();
    let files = sources();
    assert!(files.len() > 100, "only {} files were looked at", files.len());
    for file in files {
        let text = std::fs::read_to_string(&file).expect("the file can be read");
        let name = file.display();
        let lines = text.lines().count();
        if lines > MOST_LINES {
            complaints.push(format!("{name} has {lines} lines: is it one idea?"));
        }
        for (index, line) in text.lines().enumerate() {
            if let Some(word) = undone.iter().find(|word| line.contains(word.as_str())) {
                complaints.push(format!("{name}:{} has {word}", index + 1));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn every_sentence_of_the_narration_is_in_the_catalogue_and_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/scenario");
    let catalogue = std::fs::read_to_string(root.join("../../texts/en/narration.txt"))
        .expect("the catalogue is there");
    let sentences = highwater_texts::entries(&catalogue).expect("each line is a sentence");
    let ids: Vec<&str> = sentences.iter().map(|sentence| sentence.key).collect();
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    let read = |file: &PathBuf| std::fs::read_to_string(file).expect("the code is there");
    let is_test = |file: &&PathBuf| file.ends_with("tests.rs");
    let code: String = files.iter().filter(|file| !is_test(file)).map(read).collect();
    for id in &ids {
        assert!(code.contains(&format!("\"{id}\"")), "nothing says {id}");
    }
    let calls = ["story(", "detail(", "wire(", "fault(", ".because(", ".say("];
    for line in code.lines().filter(|line| calls.iter().any(|call| line.contains(call))) {
        for quoted in line.split('"').skip(1).step_by(2).filter(|word| word.contains('-')) {
            assert!(ids.contains(&quoted), "{quoted} has no sentence");
        }
    }
}

/// The page's security policy allows style sheets only. `style:left=..` is set property by property, which it allows.
#[test]
fn the_page_sets_no_style_attribute() {
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/src"), &mut files);
    assert!(files.len() > 30, "only {} files were looked at", files.len());
    for file in files {
        let text = std::fs::read_to_string(&file).expect("the file can be read");
        for (index, line) in text.lines().enumerate() {
            let found =
                [" style=", "\"style\"", "<style"].into_iter().find(|word| line.contains(word));
            assert_eq!(found, None, "{}:{}", file.display(), index + 1);
        }
    }
}

/// The Rust files of the project, as git knows them or would.
fn sources() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in ["core", "exercises", "standing", "web", "tests", "benches", "xtask"] {
        collect(&root.join(folder), &mut files);
    }
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() {
            if !path.ends_with("node_modules") && !path.ends_with("target") {
                collect(&path, files);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
