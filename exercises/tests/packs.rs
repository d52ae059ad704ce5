//! Packs: a folder becomes a file, and the file opens as it was, is proven in portions as well as at once, and is refused
//! with the place of what is wrong.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use highwater_exercises::pack::{MOST_BYTES, Opened, Pack};
use highwater_exercises::proof::{Proof, Proving, of_all};
use highwater_exercises::reader::{Beside, files_of};
use highwater_exercises::{Content, taught};

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packs/tea-house")
}

fn files() -> BTreeMap<String, String> {
    files_of(&folder()).expect("it can be read")
}

fn open(files: BTreeMap<String, String>) -> Result<Opened, String> {
    let pack = Pack::parse(Pack::new(files).print().as_bytes());
    let opened = pack.map_err(|mistake| vec![mistake]);
    opened
        .and_then(|pack| pack.open(&Beside::of(taught())))
        .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

/// The proof in portions.
fn proven(content: &Content) -> Proof {
    let mut proving = Proving::new(Arc::new(content.clone()));
    let mut before = proving.standing();
    assert_eq!(before, (0, 0));
    let mut portions = 0_usize;
    loop {
        if let Some(proof) = proving.go_on() {
            assert!(portions > proof.runs, "{portions} portions for {} proofs", proof.runs);
            return proof;
        }
        portions += 1;
        let (done, all) = proving.standing();
        assert!(done >= before.0 && done <= all, "{done} of {all}");
        before = (done, all);
    }
}

/// Spoils a pack, and looks for a sentence in its refusal.
fn refused(spoil: impl FnOnce(&mut BTreeMap<String, String>), says: &str) {
    let mut files = files();
    spoil(&mut files);
    let error = open(files).expect_err("it is to be refused");
    assert!(error.contains(says), "{says}\nnot in\n{error}");
}

fn put(
    path: &'static str,
    from: &'static str,
    to: &str,
) -> impl FnOnce(&mut BTreeMap<String, String>) {
    let to = to.to_owned();
    move |files| {
        let text = files.get_mut(path).unwrap_or_else(|| panic!("there is no {path}"));
        assert!(text.contains(from), "{path} does not say {from}");
        *text = text.replacen(from, &to, 1);
    }
}

#[test]
fn a_pack_opens_and_is_proven_in_portions_as_at_once() {
    let opened = open(files()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(opened.about.title, "Orders of a tea house");
    let whole = of_all(&opened.content, None, 2);
    assert_eq!(whole.failures, [], "it is proven");
    assert_eq!(proven(&opened.content), whole);
}

#[test]
fn what_fails_fails_in_portions_as_at_once() {
    let mut spoilt = open(files()).expect("it can be opened").content;
    let exercise = &mut spoilt.exercises[0];
    exercise.checks.truncate(1);
    exercise.near_misses[0].fails = "two-floors".to_owned();
    exercise.demonstrations[0].script.push_str("@7s t1> nonsense\n@8s run\n");
    spoilt.glossary[0].claims = Some(highwater_exercises::expr::Expr::Truth(false));
    let whole = of_all(&spoilt, None, 2);
    assert!(whole.failures.len() >= 4, "{:?}", whole.failures);
    assert_eq!(proven(&spoilt), whole);
}

#[test]
fn ids_that_clash_with_ours_are_names_of_their_own() {
    let content = open(files()).expect("it can be opened").named();
    let exercise = &content.exercises[0];
    assert_eq!(exercise.id, "tea-house/first-records");
    // Its own term, and one of ours.
    assert!(
        exercise.text_html.contains("href=\"#/terms/tea-house/order\""),
        "{}",
        exercise.text_html
    );
    assert!(exercise.text_html.contains("href=\"#/terms/topic\""), "{}", exercise.text_html);
    let guess = exercise.predictions[0].options[1].misconception.as_deref();
    assert_eq!(guess, Some("tea-house/a-topic-is-one-log"));
    let belief = &content.misconceptions[0];
    assert_eq!(belief.id, "tea-house/a-topic-is-one-log");
    assert_eq!(belief.exercise.as_deref(), Some("tea-house/first-records"));
    let log = content.glossary.iter().find(|term| term.term == "log").expect("it is there");
    assert_eq!(
        (log.id.as_str(), &log.see[..]),
        ("tea-house/log", &["tea-house/order".to_owned()][..])
    );
    let order = content.glossary.iter().find(|term| term.term == "order").expect("it is there");
    assert_eq!(order.see, ["record"]);
    // A belief of ours stays ours.
    let question = serde_json::to_string(&content.questions[0]).expect("it is plain data");
    assert!(question.contains("\"reading-deletes\"") && question.contains("tea-house/orders-in"));
}

#[test]
fn it_travels_as_a_file_and_in_a_link() {
    let pack = Pack::new(files());
    assert_eq!(Pack::parse(pack.print().as_bytes()).as_ref(), Ok(&pack));
    let word = pack.to_word();
    assert!(word.len() < 8_000, "{} letters", word.len());
    assert_eq!(Pack::from_word(&format!(" {word}\n")).as_ref(), Ok(&pack));
}

#[test]
fn what_is_no_pack_is_refused_in_a_sentence() {
    let refused = |text: &str, says: &str| {
        let told = Pack::parse(text.as_bytes()).expect_err("it is to be refused").to_string();
        assert!(told.contains(says), "{says}\nnot in\n{told}");
    };
    refused("", "the pack:1: this is no pack: EOF while parsing");
    refused("highwater 1\n", "the pack:1: this is no pack");
    refused(
        "{\n  \"highwater_pack\": 1,\n  \"files\": 7\n}",
        "the pack:3: this is no pack: invalid type",
    );
    refused(
        "{\"highwater_pack\": 2, \"chapters\": []}",
        "it is of version 2, and this page reads version 1",
    );
    refused(&" ".repeat(MOST_BYTES + 1), "1048577 bytes or more, and 1048576 are the most");
    let told = Pack::parse(b"\xff\xfe").expect_err("it is no text").to_string();
    assert!(told.contains("no text in UTF-8"), "{told}");
    let word = Pack::new(files()).to_word();
    let other = if word.as_bytes()[90] == b'A' { 'B' } else { 'A' };
    let damaged = format!("{}{other}{}", &word[..90], &word[91..]);
    for (word, says) in [
        ("", "this link holds no pack"),
        (&word[..200], "cut off after 200 characters"),
        (&*damaged, "this link is damaged"),
        ("not/base64", "this link is damaged at character 4"),
    ] {
        let told = Pack::from_word(word).expect_err("it is to be refused").to_string();
        assert!(told.contains(says), "{says}\nnot in\n{told}");
    }
}

#[test]
fn mistakes_are_told_with_their_place() {
    let text = "exercises/first-records/exercise.md";
    let toml = "exercises/first-records/exercise.toml";
    refused(|files| drop(files.remove("pack.toml")), "pack.toml: it is missing");
    refused(
        put("pack.toml", "id = \"tea-house\"", "id = \"Tea House\""),
        "pack.toml:1: this cannot be the id",
    );
    refused(
        put("pack.toml", "id = \"tea-house\"", "id = \"at\""),
        "pack.toml:1: this cannot be the id",
    );
    refused(put("pack.toml", "Mira Holm", &"x".repeat(81)), "pack.toml:3: this is too long");
    refused(put(text, "[[topic]]", "[[topik]]"), "exercise.md:2: there is no term topik");
    refused(put(toml, "a-topic-is-one-log", "nobody"), "there is no misconception nobody");
    refused(
        put(toml, "until = \"6s\"", "until = \"86400s\""),
        "exercise.toml:5: nobody waits that long",
    );
    refused(|files| files.retain(|path, _| path == "pack.toml"), "there is nothing in it");
    refused(
        |files| drop(files.insert("x.txt".into(), "x".into())),
        "x.txt: nothing uses this file",
    );
    let long = "x".repeat(70_000);
    refused(
        |files| drop(files.insert("x.txt".into(), long)),
        "x.txt: it, or its name, is too long: 70000",
    );
    refused(
        put("questions/orders-in-the-log.toml", "count = [3, 5]", "count = [\"{a}\", \"b\"]"),
        "count cannot be drawn",
    );
}

/// Whatever stands in the texts, nothing but plain elements comes of it: the rest is refused.
#[test]
fn what_could_do_harm_is_refused_with_its_place() {
    let text = "exercises/first-records/exercise.md";
    for harm in [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<b>x</b>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html,x)",
        "<javascript:alert(1)>",
        "![x](https://example.com/x.png)",
        "<a@example.com>",
        "[x](http://example.com)",
    ] {
        refused(put(text, "1. Create", &format!("{harm}\n\n1. Create")), "exercise.md:");
    }
    // What only looks like harm is a text.
    let mut files = files();
    put(text, "1. Create", "Write `<script>` and \\<b> and \"onclick=x\".\n\n1. Create")(
        &mut files,
    );
    put("glossary/order.toml", "in Kafka, a record.", "in Kafka, a 'record' \\\"onclick=x <b>.")(
        &mut files,
    );
    let html = open(files).expect("it does no harm").content.exercises.remove(0).text_html;
    assert!(html.contains("&lt;script&gt;") && !html.contains("<script"), "{html}");
    assert!(html.contains("a 'record' &quot;onclick=x &lt;b&gt;.\""), "{html}");
}

#[test]
fn what_would_take_for_ever_is_refused_when_it_is_read_or_proven() {
    let toml = "exercises/first-records/exercise.toml";
    let when = "partitions(\"tea\") == 2'\nunmet";
    let long =
        format!("{}partitions(\"tea\") == 2'\nunmet", "not topic_exists(\"x\") and ".repeat(200));
    refused(put(toml, when, &long), "the expression is too long");
    let deep = format!("{}partitions(\"tea\") == 2{}'\nunmet", "(".repeat(60), ")".repeat(60));
    refused(put(toml, when, &deep), "the expression is too deep");
    let nested = format!("{}records(\"t\"){}", "change(".repeat(30), ")".repeat(30));
    let question = "questions/orders-in-the-log.toml";
    refused(
        put(question, "answer = 'records(\"t\")'", &format!("answer = '{nested}'")),
        "stands within since or change",
    );
    let mut files = files();
    put(
        "glossary/log.toml",
        "@4s run",
        "@1.6s t1> producer start q --topic t --rate 300000\n@600s run",
    )(&mut files);
    let opened = open(files).expect("it can be read");
    let proof = proven(&opened.content);
    let told: Vec<String> = proof.failures.iter().map(|failure| failure.to_string()).collect();
    assert!(told.iter().any(|told| told.contains("glossary/log.toml")), "{told:?}");
}

#[test]
fn the_command_makes_a_file_of_a_proven_folder_only() {
    let run = |folder: &Path, file: &Path| {
        let output = Command::new(env!("CARGO_BIN_EXE_content"))
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
            .args([folder, Path::new("--pack"), file])
            .output()
            .expect("the program runs");
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    };
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packs");
    let _ = std::fs::remove_dir_all(&scratch);
    std::fs::create_dir_all(&scratch).expect("it can be made");
    let file = scratch.join("tea.hwpack");
    let (done, said) = run(&folder(), &file);
    assert!(done && said.contains("\"Orders of a tea house\" by Mira Holm"), "{said}");
    let bytes = std::fs::read(&file).expect("it was written");
    assert_eq!(Pack::parse(&bytes), Ok(Pack::new(files())));
    // A solution that is none: nothing is written.
    let spoilt = scratch.join("spoilt");
    for (path, text) in files() {
        let path = spoilt.join(path);
        std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("it can be made");
        std::fs::write(path, text.replace("tea --partitions 2", "tea --partitions 3"))
            .expect("it can be written");
    }
    let none = scratch.join("none.hwpack");
    let (done, said) = run(&spoilt, &none);
    assert!(!done && said.contains("check two-floors is not met") && !none.exists(), "{said}");
}
