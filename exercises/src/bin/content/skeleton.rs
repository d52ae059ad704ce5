//! `cargo xtask content new KIND ID`: files that can be read and are yet to be filled.

use std::path::{Path, PathBuf};

/// A file that is begun: its path, and what stands in it.
type Begun = (String, &'static str);

/// Writes the files of a new piece of content, and says what is to be done.
pub fn write(words: &[String], root: &Path) -> Result<(), String> {
    const USAGE: &str =
        "write: cargo xtask content new exercise|question|term|misconception|lesson ID [FOLDER]";
    let [kind, id, rest @ ..] = words else { return Err(USAGE.to_owned()) };
    let root = match rest {
        [] => root.to_owned(),
        [folder] => PathBuf::from(folder),
        _ => return Err(USAGE.to_owned()),
    };
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if id.is_empty() || !id.bytes().all(is_plain) {
        return Err(format!(
            "{id} cannot be an id: write it with small letters, digits and - only"
        ));
    }
    let (files, todo) = begun(kind, id).ok_or(USAGE)?;
    for (path, _) in &files {
        if root.join(path).exists() {
            return Err(format!(
                "{} is there already: choose another id",
                root.join(path).display()
            ));
        }
    }
    for (path, text) in files {
        let path = root.join(path);
        let folder = path.parent().unwrap_or(Path::new("."));
        let cannot =
            |error: std::io::Error| format!("{} cannot be written: {error}", path.display());
        std::fs::create_dir_all(folder).map_err(cannot)?;
        std::fs::write(&path, text.replace("ID", id)).map_err(cannot)?;
        println!("{}", path.display());
    }
    println!("\n{todo}\nProve it with: cargo xtask content --only {id}");
    Ok(())
}

fn begun(kind: &str, id: &str) -> Option<(Vec<Begun>, &'static str)> {
    Some(match kind {
        "exercise" => {
            let file = |name: &str, text| (format!("exercises/{id}/{name}"), text);
            let files = vec![
                file("exercise.toml", include_str!("skeleton/exercise.toml")),
                file("exercise.md", include_str!("skeleton/exercise.md")),
                file("why.md", include_str!("skeleton/why.md")),
                file("start.hw", include_str!("skeleton/start.hw")),
                file("solution.hw", include_str!("skeleton/solution.hw")),
                file("near-miss-a.hw", include_str!("skeleton/near-miss-a.hw")),
                file("near-miss-b.hw", include_str!("skeleton/near-miss-b.hw")),
            ];
            (
                files,
                "It proves as it stands. Fill in each FILL, replace the scenarios, and add a step to road.toml.",
            )
        }
        "question" => {
            let files =
                vec![(format!("questions/{id}.toml"), include_str!("skeleton/question.toml"))];
            (
                files,
                "It proves as it stands. Fill in each FILL; other kinds of questions are in docs/authoring.md.",
            )
        }
        "term" => {
            let files = vec![(format!("glossary/{id}.toml"), include_str!("skeleton/term.toml"))];
            (files, "Fill in each FILL, and replace the scenario by one that shows the term.")
        }
        "misconception" => {
            let files = vec![(
                format!("misconceptions/{id}.toml"),
                include_str!("skeleton/misconception.toml"),
            )];
            (
                files,
                "Fill in each FILL, and replace the scenario by the smallest that refutes the belief.",
            )
        }
        "lesson" => {
            let files = vec![(format!("lessons/{id}.toml"), include_str!("skeleton/lesson.toml"))];
            (files, "Fill in each FILL: eighty words at least.")
        }
        _ => return None,
    })
}
