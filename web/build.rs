//! Makes code of the English texts: two macros with an arm for each key, so that each sentence stands as a constant
//! where it is said. A table of them all would have to be in the part of the module that the first screen waits for;
//! a constant is in the part of the code that says it. A key that is not in the file, or an argument that is missing,
//! superfluous or out of order, does not compile.
//!
//! `t!("key")` is the sentence in the language in force, `t!("key", name = value)` the sentence filled in, and
//! `text!("key")` the same as the first for constants.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use highwater_texts::{Entry, NAME, arguments, entries, numbered};

/// Where a language's texts of the page stand in its folder.
const FILE: &str = "interface.txt";

/// An argument of this name is a number, and chooses between `….one` and `….other`.
const NUMBER: &str = "number";

fn main() {
    let texts = Path::new("../texts");
    println!("cargo::rerun-if-changed={}", texts.display());
    println!("cargo::rerun-if-changed=build.rs");
    match write(texts) {
        Ok(code) => {
            let out =
                PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says where to write"));
            std::fs::write(out.join("texts.rs"), code).expect("cargo's own folder can be written");
        }
        Err(why) => println!("cargo::error={why}"),
    }
}

fn write(texts: &Path) -> Result<String, String> {
    let path = texts.join("en").join(FILE);
    let text =
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let english = entries(&text).map_err(|wrong| format!("{}: {wrong}", path.display()))?;
    let mut arms = String::new();
    let mut constants = String::new();
    for (index, entry) in english.iter().enumerate() {
        let names = arguments(entry.sentence);
        let key = entry.key;
        if let Some(key) = key.strip_suffix(".one") {
            let Some(other) = english.get(index + 1).filter(|it| it.key == format!("{key}.other"))
            else {
                return Err(format!("{}: {key}.other has to follow {key}.one", path.display()));
            };
            plural(&mut arms, index, key, entry, other)?;
        } else if let Some(key) = key.strip_suffix(".other") {
            let before = index.checked_sub(1).map(|before| english[before].key);
            if before != Some(&format!("{key}.one")) {
                return Err(format!(
                    "{}: {key}.one has to stand before {key}.other",
                    path.display()
                ));
            }
        } else if names.is_empty() {
            let sentence = entry.sentence;
            let _ = writeln!(arms, "({key:?}) => {{ $crate::texts::say({index}, {sentence:?}) }};");
            let _ = writeln!(
                constants,
                "({key:?}) => {{ $crate::texts::Text::new({index}, {sentence:?}) }};"
            );
        } else {
            let (takes, gives) = parameters(&names);
            let sentence = numbered(entry.sentence, &names).expect("these are its own names");
            let _ = writeln!(
                arms,
                "({key:?}, {takes} $(,)?) => {{ $crate::texts::fill({index}, {sentence:?}, &[{gives}]) }};"
            );
        }
    }
    let complaint = "\"no sentence of texts/en/interface.txt has this key and these arguments in this order: \"";
    Ok(format!(
        "macro_rules! t {{\n{arms}($key:literal $($rest:tt)*) => {{ compile_error!(concat!({complaint}, $key)) }};\n}}\n\
         macro_rules! text {{\n{constants}($key:literal) => {{ compile_error!(concat!({complaint}, $key)) }};\n}}\n\
         /// The languages that there are, by the names of their folders and what they call themselves.\n\
         pub const LANGUAGES: &[(&str, &str)] = &{:?};\n\
         /// Of the English file, so that another language is not matched with another version of it.\n\
         pub const ENGLISH_SUM: u32 = {};\n",
        languages(texts)?,
        highwater_texts::sum(&text),
    ))
}

/// The arm of a sentence with two forms.
fn plural(
    arms: &mut String,
    index: usize,
    key: &str,
    one: &Entry,
    other: &Entry,
) -> Result<(), String> {
    let names = arguments(other.sentence);
    let is_counted = names.contains(&NUMBER);
    let one = numbered(one.sentence, &names).filter(|_| is_counted);
    let one = one.ok_or_else(|| {
        format!(
            "{key}: the form for many needs {{{NUMBER}}}, and all arguments of the form for one"
        )
    })?;
    let other = numbered(other.sentence, &names).expect("these are its own names");
    let (takes, _) = parameters(&names);
    let gives = |(at, name): (usize, &&str)| {
        if *name == NUMBER {
            format!("&$crate::format::count($a{at}), ")
        } else {
            format!("&$a{at}, ")
        }
    };
    let gives: String = names.iter().enumerate().map(gives).collect();
    let at = names.iter().position(|name| *name == NUMBER).unwrap_or_default();
    let _ = writeln!(
        arms,
        "({key:?}, {takes} $(,)?) => {{ $crate::texts::counted({index}, [{one:?}, {other:?}], $a{at}, &[{gives}]) }};"
    );
    Ok(())
}

/// What a macro takes for arguments of these names, and what it gives on.
fn parameters(names: &[&str]) -> (String, String) {
    let takes: Vec<String> =
        names.iter().enumerate().map(|(at, name)| format!("{name} = $a{at}:expr")).collect();
    let gives: String = (0..names.len()).map(|at| format!("&$a{at}, ")).collect();
    (takes.join(", "), gives)
}

/// The languages, English first.
fn languages(texts: &Path) -> Result<Vec<(String, String)>, String> {
    let mut found = Vec::new();
    let folders =
        std::fs::read_dir(texts).map_err(|error| format!("{}: {error}", texts.display()))?;
    for folder in folders.flatten().map(|folder| folder.path()).filter(|path| path.is_dir()) {
        let path = folder.join(FILE);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let all = entries(&text).map_err(|wrong| format!("{}: {wrong}", path.display()))?;
        let name = all.iter().find(|entry| entry.key == NAME);
        let name = name.ok_or_else(|| format!("{}: {NAME} is missing", path.display()))?;
        let code = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        found.push((code, name.sentence.to_owned()));
    }
    found.sort_by_key(|(code, _)| (code != "en", code.clone()));
    Ok(found)
}
