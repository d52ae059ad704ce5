//! Compiles the content in `content/` to one JSON text, so that the page carries neither a TOML nor a
//! Markdown parser. A mistake in the content ends the build, with its file, its line and what to mend.

mod exercise;
mod folder;
mod markdown;
mod mistake;
#[path = "../src/model/mod.rs"]
mod model;
mod question;
mod settings;

use std::path::{Path, PathBuf};

use folder::Folder;
use mistake::{Mistake, Mistakes};
use model::Content;

fn main() {
    println!("cargo::rerun-if-changed=content");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=src/model");
    let mut mistakes = Mistakes::default();
    let content = compile(Path::new("content"), &mut mistakes);
    if mistakes.are_any() {
        mistakes.print();
        return;
    }
    let json = serde_json::to_string(&content).expect("the content is plain data");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says where to write"));
    std::fs::write(out.join("content.json"), json).expect("cargo's own folder can be written");
}

/// Compiles each folder of the content.
fn compile(root: &Path, mistakes: &mut Mistakes) -> Content {
    let mut content = Content::default();
    for mut folder in Folder::all(root, mistakes) {
        let (exercise, question) = (folder.has("exercise.toml"), folder.has("question.toml"));
        match (exercise, question) {
            (true, false) => {
                let Some(exercise) = exercise::compile(&mut folder, mistakes) else { continue };
                content.exercises.push(exercise);
            }
            (false, true) => {
                let Some(question) = question::compile(&mut folder, mistakes) else { continue };
                content.questions.push(question);
            }
            _ => mistakes.add(Mistake::of_file(
                &folder.path,
                "the folder holds neither an exercise nor a question, or both",
                "put exactly one of exercise.toml and question.toml into it",
            )),
        }
        // Of a settings file that could not be read it is not known what it uses.
        folder.complain_of_unused(mistakes);
    }
    content.exercises.sort_by(|a, b| (a.stage, &a.id).cmp(&(b.stage, &b.id)));
    content.questions.sort_by(|a, b| (a.stage, &a.id).cmp(&(b.stage, &b.id)));
    content
}
