//! `cargo xtask content`: reads content when it runs, and proves it. `content new KIND ID` begins some, `--pack FILE` makes
//! one file of a folder, once it is proven.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use highwater_exercises::pack::{ENDING, Pack};
use highwater_exercises::reader::Beside;
use highwater_exercises::{Content, proof, reader};

/// Prints a line. Who reads no further, as `head` does, has read enough.
macro_rules! say {
    ($($words:tt)*) => {{
        use std::io::Write;
        let _ = writeln!(std::io::stdout(), $($words)*);
    }};
}

mod skeleton;

/// Where the project's content is, seen from its root.
const OWN: &str = "exercises/content";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let result = match words.first().map(String::as_str) {
        Some("new") => skeleton::write(&words[1..], Path::new(OWN)),
        _ => prove(&words),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// What to prove.
struct Wanted {
    folders: Vec<PathBuf>,
    only: Option<String>,
    /// The file to make of the folder.
    pack: Option<PathBuf>,
}

fn wanted(words: &[String]) -> Result<Wanted, String> {
    let mut wanted = Wanted { folders: Vec::new(), only: None, pack: None };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--only" => {
                let id = words
                    .next()
                    .ok_or("--only wants the id of an exercise, a question, or else")?;
                wanted.only = Some(id.clone());
            }
            "--pack" => {
                let file =
                    words.next().ok_or("--pack wants the file to write, such as my.hwpack")?;
                wanted.pack = Some(PathBuf::from(file));
            }
            option if option.starts_with('-') => {
                return Err(format!(
                    "{option} is unknown: cargo xtask content [FOLDER..] [--only ID] [--pack FILE], or new KIND ID"
                ));
            }
            folder => wanted.folders.push(PathBuf::from(folder)),
        }
    }
    let (one, all) = (wanted.folders.len() == 1, wanted.only.is_none());
    if wanted.pack.is_some() && !(one && all) {
        return Err("--pack makes one file of one folder, and of all that is in it: \
                    cargo xtask content FOLDER --pack FILE"
            .to_owned());
    }
    if wanted.folders.is_empty() {
        wanted.folders.push(PathBuf::from(OWN));
    }
    Ok(wanted)
}

fn prove(words: &[String]) -> Result<(), String> {
    let Wanted { folders, only, pack } = wanted(words)?;
    let begin = Instant::now();
    let wanted_folder = folders[0].clone();
    let (mut total, mut wrong, mut mutants, mut runs) = (Content::default(), 0, 0, 0);
    for folder in folders {
        let files = reader::files_of(&folder)?;
        let (_, content, mistakes) = reader::read_beside(files, &beside(&folder)?);
        let is_shown = |file: &str| only.as_ref().is_none_or(|only| file.contains(only.as_str()));
        for mistake in mistakes.iter().filter(|mistake| is_shown(&mistake.file)) {
            wrong += 1;
            say!("{}/{mistake}", folder.display());
        }
        if only.as_deref().is_some_and(|only| !has(&content, only)) {
            let only = only.unwrap_or_default();
            return Err(format!(
                "nothing in {} has the id {only}, or it could not be read",
                folder.display()
            ));
        }
        for id in proof::repeated_ids(&content) {
            wrong += 1;
            say!(
                "{}: two exercises or questions have the id {id}. To mend it: rename one.",
                folder.display()
            );
        }
        // What was not read rightly proves nothing: the rest is proven all the same.
        let threads = std::thread::available_parallelism().map_or(1, |count| count.get());
        let proof = proof::of_all(&content, only.as_deref(), threads);
        for failure in &proof.failures {
            wrong += 1;
            say!("{}/{failure}", folder.display());
        }
        mutants += proof.mutants;
        runs += proof.runs;
        add(&mut total, content);
    }
    say!(
        "{runs} proofs, of them {mutants} changed solutions, in {:.1} s",
        begin.elapsed().as_secs_f64()
    );
    say!("{}", counted(&total));
    match wrong {
        0 => pack.map_or(Ok(()), |file| write_pack(&wanted_folder, &file)),
        1 => Err("1 thing is wrong: see above".to_owned()),
        wrong => Err(format!("{wrong} things are wrong: see above")),
    }
}

/// What a folder of one's own may name besides what is in it: the project's terms and beliefs. The project's content has
/// all that it names.
fn beside(folder: &Path) -> Result<Beside, String> {
    let own = Path::new(OWN);
    let is_own =
        folder.canonicalize().ok().is_some_and(|path| own.canonicalize().ok() == Some(path));
    if is_own || !own.exists() || !folder.join(reader::ABOUT).exists() {
        return Ok(Beside::default());
    }
    let (content, _) = reader::read(reader::files_of(own)?);
    Ok(Beside::of(&content))
}

/// Writes a proven folder as one file, if it can be opened again as such.
fn write_pack(folder: &Path, file: &Path) -> Result<(), String> {
    let text = Pack::new(reader::files_of(folder)?).print();
    let beside = beside(folder)?;
    let opened = Pack::parse(text.as_bytes()).map_err(|mistake| vec![mistake]);
    let opened = opened.and_then(|pack| Ok((pack.to_word(), pack.open(&beside)?)));
    let (word, opened) = opened.map_err(|mistakes| {
        let lines: Vec<String> =
            mistakes.iter().map(|mistake| format!("{}/{mistake}", folder.display())).collect();
        lines.join("\n")
    })?;
    std::fs::write(file, &text)
        .map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
    say!(
        "wrote {}: \"{}\" by {}, {} bytes. Give it away; the page opens it under Learn. Its link ends in #/pack/ and {} letters: the page copies it.",
        file.display(),
        opened.about.title,
        opened.about.author,
        text.len(),
        word.len()
    );
    if !file.to_string_lossy().ends_with(ENDING) {
        say!("The page knows packs that are dropped on it by the ending {ENDING}.");
    }
    Ok(())
}

fn has(content: &Content, id: &str) -> bool {
    content.exercises.iter().any(|one| one.id == id)
        || content.questions.iter().any(|one| one.id == id)
        || content.lessons.iter().any(|one| one.id == id)
        || content.glossary.iter().any(|one| one.id == id)
        || content.misconceptions.iter().any(|one| one.id == id)
        || content.playlists.iter().any(|one| one.id == id)
}

fn add(total: &mut Content, content: Content) {
    total.exercises.extend(content.exercises);
    total.questions.extend(content.questions);
    total.lessons.extend(content.lessons);
    total.glossary.extend(content.glossary);
    total.misconceptions.extend(content.misconceptions);
    total.playlists.extend(content.playlists);
}

fn counted(content: &Content) -> String {
    let computed = content.questions.iter().filter(|one| one.is_computed()).count();
    let templates = content.questions.iter().filter(|one| one.is_template()).count();
    format!(
        "{} exercises, {} questions ({computed} computed, {templates} of them templates), {} lessons, {} terms, {} misconceptions, {} playlists",
        content.exercises.len(),
        content.questions.len(),
        content.lessons.len(),
        content.glossary.len(),
        content.misconceptions.len(),
        content.playlists.len(),
    )
}
