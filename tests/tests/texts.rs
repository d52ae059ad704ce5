//! What people read stands in `texts/`, where a language is a folder of files: no sentence of the page is left in its
//! code, no key is left over, and no language lacks anything that English has.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use highwater_texts::{Entry, PLURAL, Plural, compare, entries};

mod rust_text;

use rust_text::{Literal, literals};

const FILES: [&str; 3] = ["interface.txt", "narration.txt", "engine.txt"];

/// Files of the page that say nothing, or not yet by keys.
const NOT_LOOKED_AT: &[(&str, &str)] = &[("texts.rs", "it is what says them")];

/// Whether a literal is of a kind, and why that kind is no text.
type Kind = (fn(&Literal) -> bool, &'static str);

/// Literals that look like words, and are none.
const NO_TEXTS: &[Kind] = &[
    (|it| it.follows(&["t!(", "text!("]), "a key"),
    (|it| it.follows(&["of_kafka("]), "a word of Kafka's own, which is the same in every language"),
    (|it| it.follows(&["expect(", "panic!(", "include_str!(", "env!("]), "no reader sees it"),
    (|it| it.follows(ATTRIBUTES), "of the markup: an id, a class, a shape"),
    (
        |it| it.follows(&["==", "!=", "fact("]) && it.is_one_word(),
        "a name of the protocol's, or one compared with",
    ),
    (
        |it| it.precedes(&["=>", "|", "if "]) && it.is_one_word(),
        "a name that is compared with: a key's, a state's",
    ),
    (|it| KEYS.contains(&it.text.as_str()), "a key of the keyboard"),
    (
        |it| it.follows(&["&"]) && it.is_one_word() && it.precedes(&[".into()"]),
        "a name of the browser's",
    ),
    (|it| it.text.starts_with("highwater 1\n"), "a script"),
    (|it| COMMANDS.iter().any(|word| it.text.starts_with(word)), "a command line"),
    (|it| it.text.trim_start().starts_with("--"), "an option of a command line"),
    (|it| it.text.starts_with(['#', '.', '[', '<', '%', '/']), "an address, a selector, markup"),
    (
        |it| {
            ["input, ", "input:", "(max-", "(prefers-"].iter().any(|lead| it.text.starts_with(lead))
        },
        "a selector, a media query",
    ),
    (
        |it| ["translate(", "rotate("].iter().any(|lead| it.text.starts_with(lead)),
        "where a shape stands",
    ),
    (|it| ["M{", "M-{", "h{"].iter().any(|lead| it.text.starts_with(lead)), "a shape"),
    (|it| it.text.contains('{') && it.is_one_word(), "a name made of parts"),
];

/// Literals that no rule explains: in which file, and why they are no texts.
const SINGLE: &[(&str, &str, &str)] = &[
    ("anatomy/parts.rs", "null", "a value as Kafka prints it"),
    ("anatomy/strips.rs", "null", "a value as Kafka prints it"),
    ("tables/messages.rs", "null", "a value as Kafka prints it"),
    (
        "anatomy/bytes_level.rs",
        "so the offset is {record}",
        "compared with what the engine says of a field",
    ),
    ("tables/groups.rs", "Empty", "a state of a group, as Kafka names it"),
    ("forms.rs", "true", "a value of a setting"),
    ("forms.rs", "orders", "the name of a topic"),
    ("forms.rs", "billing", "the name of a group"),
    ("data.rs", "readers", "the name of a group"),
    ("data/plan.rs", "records", "the name of a topic"),
    ("tables/messages.rs", "edge", "a value of a field of the form"),
    ("tables/configs.rs", "{} --add-config {}", "a command line"),
    ("tables/configs.rs", "{} --delete-config {}", "a command line"),
    ("share/view.rs", "play", "a word of a link"),
    ("save/keeper.rs", "play", "a key of the storage"),
    ("save/keeper.rs", "afresh", "the name of a place"),
    ("format.rs", "{:.1} kB", "a unit, which is the same in every language"),
    ("format.rs", "{:.1} MB", "a unit, which is the same in every language"),
    ("format.rs", "{:.1} GB", "a unit, which is the same in every language"),
    (
        "stage/picture.rs",
        " stroke=\\\"var(--flight-{colour})\\\" stroke-width=\\\"1.75\\\"",
        "markup",
    ),
    ("stage/painter.rs", "gray", "a colour"),
    ("stage/ties.rs", "tie moves", "classes"),
    ("tables/grid.rs", "number warns", "classes"),
    ("charts/backend.rs", "grid", "a class"),
    ("charts/backend.rs", "axis", "a class"),
    ("charts/backend.rs", "series series-{number}", "classes"),
    ("charts/backend.rs", "under under-{number}", "classes"),
    ("transport.rs", "file {}", "a line of a script"),
    ("terminal/screen.rs", "row typed", "classes"),
    ("terminal/screen.rs", "row typed more", "classes"),
    ("terminal/screen.rs", "row err", "classes"),
    ("terminal/screen.rs", "row own", "classes"),
    ("terminal/screen.rs", "row own more", "classes"),
    ("terminal/files.rs", "rm {}", "a command line"),
    ("terminal/files.rs", "cat orders.csv", "a command line"),
    ("live.rs", "cargo run --release -p highwater-cli -- serve --ui 8080", "a command line"),
    (
        "live.rs",
        "from kafka import KafkaProducer\\n\\\n         producer = KafkaProducer(bootstrap_servers=\\\"{first}\\\")\\n\\\n         producer.send(\\\"greetings\\\", b\\\"hello\\\").get(timeout=10)",
        "a program in Python",
    ),
    ("terminal/rows.rs", "such a line has more than one row", "no reader sees it"),
];

/// Keys as browsers name them, and as keyboards do.
const KEYS: &[&str] = &[
    "ArrowUp",
    "ArrowDown",
    "ArrowLeft",
    "ArrowRight",
    "Home",
    "End",
    "Enter",
    "Tab",
    "Escape",
    "Backspace",
    "Ctrl C",
];

/// What lines of scripts begin with.
const COMMANDS: &[&str] = &[
    "kafka-",
    "broker ",
    "controller ",
    "network ",
    "remote-store ",
    "producer ",
    "consumer ",
    "share-consumer ",
    "app ",
    "partition ",
];

/// Attributes whose values nobody reads.
const ATTRIBUTES: &[&str] = &[
    "class=format!(",
    "let class = format!(",
    "class=",
    "id=",
    "type=",
    "name=",
    "accept=",
    "patternUnits=",
    "patternTransform=",
    "viewBox=",
    "transform=",
];

#[test]
fn each_file_of_english_can_be_read() {
    for file in FILES {
        let text = read(&texts().join("en").join(file));
        let all = entries(&text).unwrap_or_else(|wrong| panic!("texts/en/{file}, {wrong}"));
        assert!(all.len() > 100, "{file} has only {} sentences", all.len());
    }
}

#[test]
fn each_language_has_all_that_english_has() {
    let mut faults = Vec::new();
    for language in languages() {
        for file in FILES {
            let path = texts().join(&language).join(file);
            let english = read(&texts().join("en").join(file));
            let found = compare(&english, &read(&path));
            faults.extend(found.iter().map(|fault| format!("texts/{language}/{file}: {fault}")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The page finds the line that a person wrote behind what the sentence begins with.
#[test]
fn each_language_begins_what_a_person_wrote_alike_in_both_files() {
    for language in languages() {
        let [interface, narration, _] = FILES.map(|file| read(&texts().join(&language).join(file)));
        let lead = sentence(&interface, "narration.you").to_owned() + "{line}";
        assert_eq!(sentence(&narration, "entry"), lead, "texts/{language}");
        assert!(Plural::named(sentence(&interface, PLURAL)).is_some(), "texts/{language}");
    }
}

/// That each key that is used exists is proved by the compiler: `t!` has an arm for each.
#[test]
fn each_sentence_of_the_page_is_used() {
    let text = read(&texts().join("en/interface.txt"));
    let mut used = BTreeSet::new();
    for (_, code) in page() {
        let keys = literals(&code).into_iter().filter(|it| it.follows(&["t!(", "text!("]));
        used.extend(keys.map(|it| it.text));
    }
    // The build script reads them, for the list of languages and their plurals.
    used.extend(["language.name".to_owned(), PLURAL.to_owned()]);
    let unused = unused(&entries(&text).expect("it can be read"), &used);
    assert!(unused.is_empty(), "nothing says these: leave them out\n{}", unused.join("\n"));
}

#[test]
fn a_sentence_that_nothing_says_is_found() {
    let text = "a = A\nb.one = B\nb.other = Bs\nc = C\n";
    let used = BTreeSet::from(["a".to_owned(), "b".to_owned()]);
    assert_eq!(unused(&entries(text).expect("it can be read"), &used), ["c"]);
}

#[test]
fn no_sentence_is_left_in_the_code_of_the_page() {
    let mut left = Vec::new();
    let mut looked_at = 0;
    for (name, code) in page() {
        if NOT_LOOKED_AT.iter().any(|(file, _)| *file == name) {
            continue;
        }
        looked_at += 1;
        left.extend(sentences_in(&name, &code));
    }
    assert!(looked_at > 80, "only {looked_at} files were looked at");
    let todo = "put these into texts/en/interface.txt, and say them with t!";
    assert!(left.is_empty(), "{todo}\n{}", left.join("\n"));
}

#[test]
fn each_exception_is_still_needed() {
    let files = page();
    for (file, text, why) in SINGLE {
        let (_, code) = files.iter().find(|(name, _)| name == file).expect("the file is there");
        let is_there = literals(code).iter().any(|it| it.text == *text);
        assert!(is_there, "{file} has no {text:?} any more, {why}");
    }
    for (file, why) in NOT_LOOKED_AT {
        assert!(files.iter().any(|(name, _)| name == file), "{file} is not there, {why}");
    }
}

#[test]
fn a_sentence_in_the_code_is_found() {
    let found = |code: &str| sentences_in("made_up.rs", code).len();
    for code in [
        "view! { <h2>\"Keys\"</h2> }",
        "view! { <option value=\"\">\"all\"</option> }",
        "view! { <p>{count} \" in it\"</p> }",
        "view! { <button aria-label=\"go on\"/> }",
        "view! { <input placeholder=\"help\"/> }",
        "view! { <b title=move || if is() { \"Pause\" } else { t!(\"app.play\") }/> }",
        "let said = format!(\"Broker {id}\");",
        "let said = \"nothing any more\".to_owned();",
        "let said = \"none\".to_owned();",
        "const COLUMNS: &[&str] = &[\"Broker\"];",
    ] {
        assert_eq!(found(code), 1, "{code}");
    }
    for code in [
        "// \"Keys\" are not looked at here",
        "view! { <h2 class=\"over it\">{t!(\"app.play\")}</h2> }",
        "view! { <code>\"...\"</code> }",
        "match key { \"ArrowLeft\" | \"Home\" => 1, _ => 0 }",
        "let line = format!(\"broker kill {id}\");",
        "let id = format!(\"panel-{name}\");",
        "let said = t!(\n    \"app.Play it\",\n    id = 1);",
        "let quote = '\"'; let lifetime: &'static str = name;",
        "#[cfg(test)]\nmod tests { const A: &str = \"Broker one\"; }",
    ] {
        assert_eq!(sentences_in("made_up.rs", code), [""; 0], "{code}");
    }
}

/// The literals of a file that a person would read.
fn sentences_in(name: &str, code: &str) -> Vec<String> {
    let all = literals(code);
    let shown = all.iter().filter(|it| it.is_shown() || it.looks_like_words());
    let left = shown.filter(|it| {
        let is_single = SINGLE.iter().any(|(file, text, _)| *file == name && *text == it.text);
        !is_single && !NO_TEXTS.iter().any(|(is_none, _)| is_none(it))
    });
    left.map(|it| format!("web/src/{name}:{}: {:?}", it.line, it.text)).collect()
}

fn unused(all: &[Entry], used: &BTreeSet<String>) -> Vec<String> {
    let name = |key: &str| {
        let counted = key.strip_suffix(".one").or_else(|| key.strip_suffix(".other"));
        counted.unwrap_or(key).to_owned()
    };
    all.iter().map(|entry| name(entry.key)).filter(|key| !used.contains(key)).collect()
}

fn sentence<'a>(text: &'a str, key: &str) -> &'a str {
    let all = entries(text).expect("it can be read");
    all.iter().find(|entry| entry.key == key).unwrap_or_else(|| panic!("{key} is missing")).sentence
}

/// The folders of languages.
fn languages() -> Vec<String> {
    let folders =
        std::fs::read_dir(texts()).expect("the texts are there").map(|it| it.expect("read"));
    let folders = folders.filter(|folder| folder.path().is_dir());
    folders.map(|folder| folder.file_name().to_string_lossy().into_owned()).collect()
}

/// The code of the page: each file by its name below `web/src`.
fn page() -> Vec<(String, String)> {
    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("the entry can be read").path();
            if path.is_dir() {
                collect(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    let name =
        |path: &Path| path.strip_prefix(&root).expect("it is below").to_string_lossy().into_owned();
    files.iter().map(|path| (name(path), read(path))).collect()
}

fn texts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../texts")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
