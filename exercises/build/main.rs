//! Compiles the content in `content/` to one JSON text, deflated, so that the page carries neither a TOML nor a
//! Markdown parser. A mistake in the content ends the build, with its file, its line and what to mend.
//! Without the feature `embedded` it compiles nothing in: then content is read when the program runs.

#[path = "../src/expr/mod.rs"]
#[allow(dead_code, reason = "the library uses the rest")]
mod expr;
#[path = "../src/model/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the library uses the rest")]
mod model;
#[path = "../src/reader/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the library uses the rest")]
mod reader;

use std::path::{Path, PathBuf};

use model::Content;

/// How hard it is deflated: as hard as it goes.
const BEST: u8 = 10;

fn main() {
    for watched in ["build", "src/expr", "src/model", "src/reader"] {
        println!("cargo::rerun-if-changed={watched}");
    }
    let content = match std::env::var_os("CARGO_FEATURE_EMBEDDED") {
        Some(_) => {
            println!("cargo::rerun-if-changed=content");
            compile(Path::new("content"))
        }
        None => Some(Content::default()),
    };
    let Some(mut content) = content else { return };
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says where to write"));
    let write = |name: &str, content: &Content| {
        let json = serde_json::to_vec(content).expect("the content is plain data");
        let deflated = miniz_oxide::deflate::compress_to_vec(&json, BEST);
        std::fs::write(out.join(name), deflated).expect("cargo's own folder can be written");
    };
    write("content.json.deflated", &content);
    // Who comes for the first time is not a teacher: what reads playlists comes later.
    let playlists = std::mem::take(&mut content.playlists);
    write("playlists.json.deflated", &Content { playlists, ..Content::default() });
    write("taught.json.deflated", &without_proofs(content));
    let codes = match std::env::var_os("CARGO_FEATURE_EMBEDDED") {
        Some(_) => languages(Path::new("languages"), &mut |code, content| {
            write(&format!("{code}.json.deflated"), &without_proofs(content));
        }),
        None => Vec::new(),
    };
    let arms = codes.iter().map(|code| {
        format!(
            "({code:?}, include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{code}.json.deflated\"))),\n"
        )
    });
    let table = format!("&[\n{}]", arms.collect::<String>());
    std::fs::write(out.join("languages.rs"), table).expect("cargo's own folder can be written");
}

/// Hands over what each language has of the content, and tells which there are. What is wrong with a translation does not
/// end the build, for who mends an English text need not know Spanish: the tests name it.
fn languages(root: &Path, take: &mut dyn FnMut(&str, Content)) -> Vec<String> {
    println!("cargo::rerun-if-changed={}", root.display());
    let (Ok(english), Ok(all)) = (reader::files_of(Path::new("content")), reader::files_of(root))
    else {
        return Vec::new();
    };
    let mut codes: Vec<String> =
        all.keys().filter_map(|path| Some(path.split_once('/')?.0.to_owned())).collect();
    codes.dedup();
    for code in &codes {
        let own = all.iter().filter_map(|(path, text)| {
            let path = path.strip_prefix(code.as_str())?.strip_prefix('/')?;
            Some((path.to_owned(), text.clone()))
        });
        let own = own.collect();
        let (files, _) = reader::translated(&english, &own);
        let (content, _) = reader::read(files);
        take(code, reader::only_own(content, &own));
    }
    codes
}

/// What learners get: nobody downloads what is there only to prove an exercise.
fn without_proofs(mut content: Content) -> Content {
    for exercise in &mut content.exercises {
        exercise.solution.clear();
        exercise.near_misses.clear();
        exercise.alternatives.clear();
        exercise.accepted.clear();
    }
    content
}

/// The content; none if something is wrong with it, which cargo is told.
fn compile(root: &Path) -> Option<Content> {
    let files = match reader::files_of(root) {
        Ok(files) => files,
        Err(error) => {
            println!("cargo::error={error}");
            return None;
        }
    };
    let (content, mistakes) = reader::read(files);
    for mistake in mistakes.iter() {
        println!("cargo::error=exercises/content/{mistake}");
    }
    mistakes.is_empty().then_some(content)
}
