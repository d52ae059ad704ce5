//! The tables in docs/authoring.md are those of the code, and its example is one that is proven.

use std::path::{Path, PathBuf};

use highwater_exercises::SHOWS;
use highwater_exercises::expr::functions::{ALL, ANOMALIES, Function, HAPPENINGS};

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/authoring.md")
}

fn tables() -> String {
    let mut text = String::from("| what is asked | gives | what it says |\n|---|---|---|\n");
    for function in ALL {
        let Function { gives, about, .. } = function;
        text.push_str(&format!("| `{}` | {} | {about} |\n", function.usage(), gives.name()));
    }
    let words = |words: &[&str]| format!("`{}`", words.join("`, `"));
    text.push_str(&format!("\nWhat can have happened: {}.\n", words(HAPPENINGS)));
    text.push_str(&format!("\nKinds of anomalies: {}.\n", words(ANOMALIES)));
    text.push_str("\n| `shows` | what is drawn |\n|---|---|\n");
    for (word, what) in SHOWS {
        text.push_str(&format!("| `{word}` | {what} |\n"));
    }
    text
}

/// `UPDATE_EXPECT=1 cargo test -p highwater-exercises --test authoring` writes them anew.
#[test]
fn the_tables_are_up_to_date() {
    const BEGIN: &str = "<!-- tables: written by a test -->\n";
    let text = std::fs::read_to_string(path()).expect("the page is there").replace("\r\n", "\n");
    let (before, old) = text.split_once(BEGIN).expect("the page has a place for the tables");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path(), format!("{before}{BEGIN}{}", tables())).expect("it can be written");
        return;
    }
    assert!(
        old == tables(),
        "docs/authoring.md is out of date: run this test with UPDATE_EXPECT=1"
    );
}

/// What the page shows as a whole exercise is the one that beginners do first.
#[test]
fn the_example_is_the_exercise() {
    let text = std::fs::read_to_string(path()).expect("the page is there").replace("\r\n", "\n");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("content/exercises/keys-say-who");
    for file in ["start.hw", "solution.hw", "exercise.md"] {
        let shown = std::fs::read_to_string(folder.join(file)).expect("it is there");
        assert!(text.contains(shown.trim_end()), "docs/authoring.md shows another {file}");
    }
    let toml = std::fs::read_to_string(folder.join("exercise.toml")).expect("it is there");
    let blocks: Vec<&str> =
        text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let shown = blocks.iter().find(|block| block.contains("A key says who")).expect("it is shown");
    for part in shown.split("\n\n").map(str::trim).filter(|part| !part.is_empty()) {
        assert!(toml.contains(part), "docs/authoring.md shows another exercise.toml:\n{part}");
    }
}
