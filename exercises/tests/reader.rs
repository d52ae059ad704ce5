//! What an author reads when something is wrong: the file, the line, what it is, and what to write.

use std::collections::BTreeMap;
use std::path::Path;

use highwater_exercises::reader::{files_of, read};

fn own() -> BTreeMap<String, String> {
    files_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("content")).expect("it can be read")
}

/// Spoils a file, and looks for a sentence among what is found wrong.
fn check(file: &str, from: &str, to: &str, says: &str) {
    let mut files = own();
    let text = files.get_mut(file).unwrap_or_else(|| panic!("there is no {file}"));
    assert!(text.contains(from), "{file} does not say {from}");
    *text = text.replacen(from, to, 1);
    let (_, mistakes) = read(files);
    let all: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    assert!(all.iter().any(|mistake| mistake.contains(says)), "{says}\nnot in\n{}", all.join("\n"));
}

const FIRST: &str = "exercises/first-records/exercise.toml";

#[test]
fn the_projects_content_has_no_mistake() {
    let (content, mistakes) = read(own());
    assert!(mistakes.is_empty(), "{mistakes:?}");
    assert_eq!(&content, highwater_exercises::content(), "it is what is compiled in");
}

#[test]
fn mistakes_are_named_with_file_and_line() {
    check(
        FIRST,
        "records(\"greetings\") >= 3'\nunmet",
        "recrods(\"greetings\") >= 3'\nunmet",
        "exercises/first-records/exercise.toml:44: there is no function recrods",
    );
    check(FIRST, "\"offsets\", ", "\"offset\", ", "exercise.toml:6: the stage has no word offset");
    check(FIRST, "fails = \"three-records\"", "fails = \"three\"", "there is no check three");
    check(
        FIRST,
        "unmet.too_few = \"{found} of 3",
        "unmet.too_few = \"{fuond} of 3",
        "nothing fills {fuond} in",
    );
    check(FIRST, "unmet.too_few", "unmet.records_lost", "records_lost is never the reason");
    check(
        FIRST,
        "title = ",
        "titel = ",
        "exercises/first-records/exercise.toml:1: unknown field `titel`",
    );
    check(
        FIRST,
        "misconception = \"reading-deletes\"",
        "misconception = \"reading\"",
        "there is no misconception reading",
    );
    check(
        FIRST,
        "file = \"near-miss-too-late.hw\"",
        "file = \"near-miss-late.hw\"",
        "near-miss-too-late.hw: nothing uses this file",
    );
    check(FIRST, "minutes = 2", "minutes = 40", "it takes too long");
    check(
        "exercises/first-records/exercise.md",
        "[[topic]]",
        "[[topik]]",
        "exercise.md:1: there is no term topik",
    );
    check(
        "exercises/first-records/exercise.md",
        "Ann reads it.",
        "<b>Ann</b> reads it.",
        "exercise.md:3: <b> is HTML",
    );
    check(
        "exercises/first-records/start.hw",
        "highwater 1",
        "highwater",
        "start.hw:1: this is no scenario",
    );
    check(
        "road.toml",
        "needs = [\"log\", \"consumer\", \"group\"]",
        "needs = [\"isr\"]",
        "from-the-beginning needs isr, which nothing before it teaches",
    );
    check(
        "road.toml",
        "exercise = \"make-a-topic\"",
        "exercise = \"make-topic\"",
        "there is no exercise make-topic",
    );
    check(
        "glossary/topic.toml",
        "see = [\"record\"",
        "see = [\"recrod\"",
        "glossary/topic.toml:4: there is no term recrod",
    );
    check(
        "questions/log-or-queue.toml",
        "kind = \"open\"",
        "kind = \"essay\"",
        "log-or-queue.toml:2: there is no kind essay",
    );
    check(
        "questions/what-the-second-group-reads.toml",
        "{there} are",
        "{three} are",
        "nothing fills {three} in",
    );
    check(
        "questions/what-the-second-group-reads.toml",
        "before = [3, 4, 5]",
        "before = [3, \"4\"]",
        "before cannot be drawn",
    );
}

#[test]
fn texts_are_neither_hard_nor_long() {
    let hard =
        "Transactional coordination necessitates comprehensively understanding idempotence. "
            .repeat(12);
    check(
        "exercises/first-records/why.md",
        "**Ben got all three.**",
        &hard,
        "why.md:1: the text is hard to read",
    );
    let long = "Ann reads it, and so it goes. ".repeat(60);
    check(
        "exercises/first-records/exercise.md",
        "Ann reads it.",
        &long,
        "say less: 260 words at the most",
    );
}

/// A pack of one's own has no road and is read the same way; nonsense in it is said, whatever it is.
#[test]
fn any_files_are_read_without_a_panic() {
    for (path, text) in own() {
        for cut in (0..text.len()).step_by(97).filter(|cut| text.is_char_boundary(*cut)) {
            let files = BTreeMap::from([(path.clone(), text[..cut].to_owned())]);
            let _ = read(files);
        }
    }
}
