//! Scripts: any text is read, and what was read is printed so that it reads the same.

use highwater_scenario::script::{Action, Document, Item, Micros, Name};

use super::Target;
use crate::mutate;
use crate::rng::Rng;
use crate::scripts;

/// What means something to the parser.
const PIECES: &[&str] = &[
    "highwater 1\n",
    "engine 0.1.0\n",
    "seed 7\n",
    "start 2026-01-05T09:00:00.25Z\n",
    "cluster --brokers 3 --controllers 1 --racks a,b --latency 1ms\n",
    "config * a=b\n",
    "config 2 x=\"\\u0000\"\n",
    "# note\n",
    "\n",
    " ",
    "\t",
    "\r\n",
    "\r",
    "\u{feff}",
    "\0",
    "é",
    "\u{85}",
    "@0s ",
    "@1s ",
    "@1.5x ",
    "@250ms ",
    "@1m30s ",
    "@99999999999s ",
    "@",
    "t1> ",
    "t1< ",
    "t1>> ",
    "t1<< ",
    "\"a\\nb\"",
    "\"\\u0007\"",
    "\"",
    "\\",
    "t1 eof",
    "t1 signal INT",
    "file a.txt ",
    "file \"a b\" ",
    "<<END",
    "<<END1",
    " base64",
    " no-newline",
    "\nEND\n",
    "\nEND1\n",
    "END",
    "aGVsbG8=",
    "AP8=",
    "sha256:",
    "00",
    "client c1 ",
    "connect 1",
    "bytes 00ff",
    "close",
    "run",
    "18446744073709551616",
    "-1",
    "1e9",
    ".",
];

/// Content of files, in each of the ways in which a script can hold it.
const FILES: &str = "highwater 1\n\
    @0s file orders.jsonl <<END\n{\"id\":1}\n{\"id\":2}\nEND\n\
    @0s file \"two words\" <<END1 no-newline\nEND\nEND1\n\
    @0s file bytes.bin <<X base64\nAP8AAQ==\nX\n\
    @0s file far.csv sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 12\n\
    @0.5s t1>> \"a\\nb\"\n@0.5s t1<< \"\\u0007\"\n@1s t1 signal TERM\n@1s client c1 connect 1\n\
    @1s client c1 bytes 00000012abcd\n@1s client c1 close\n@2s run\n";

pub struct ScriptParser {
    scripts: Vec<String>,
}

impl ScriptParser {
    pub fn new() -> Self {
        let mut scripts = scripts::all();
        scripts.push(FILES.to_owned());
        Self { scripts }
    }
}

impl Target for ScriptParser {
    fn generate(&self, rng: &mut Rng) -> Vec<u8> {
        let mut input = Vec::new();
        for _ in 0..=rng.below(2) {
            let script = if rng.once_in(3) { FILES } else { rng.pick(&self.scripts).as_str() };
            let part = mutate::lines_of(rng, script, 8);
            input.extend_from_slice(part.as_bytes());
        }
        if rng.once_in(2) {
            input.splice(0..0, *b"highwater 1\n");
        }
        mutate::text(rng, &mut input, PIECES);
        input
    }

    fn run(&self, input: &[u8]) {
        let text = String::from_utf8_lossy(input);
        let document = Document::parse(&text);
        let printed = document.print();
        let again = Document::parse(&printed);
        assert_eq!(again, document, "printed as {printed:?}");
        assert_eq!(again.print(), printed);
        check_lines(&text, &printed, &document);
        check_scenario(&document);
        if input.len() < 200 {
            check_insertion(document);
        }
    }
}

/// Every line keeps its number, and what is malformed keeps its text.
fn check_lines(text: &str, printed: &str, document: &Document) {
    let (source, lines) = (lines_of(text.trim_start_matches('\u{feff}')), lines_of(printed));
    assert_eq!(source.len(), lines.len());
    for item in document.items() {
        let Item::Malformed { text, error } = item else { continue };
        assert!(error.line as usize <= lines.len(), "{error}");
        let width = lines[error.line as usize - 1].chars().count();
        assert!(error.column >= 1 && error.column as usize <= width + 1, "{error}");
        assert!(text.split('\n').all(|line| source.contains(&line)), "{text:?} was in the source");
    }
}

/// A document without errors is a scenario, which makes a document that says the same.
fn check_scenario(document: &Document) {
    let Ok(scenario) = document.scenario() else {
        assert!(!document.errors().is_empty());
        return;
    };
    let fresh = scenario.to_document();
    assert_eq!(Document::parse(&fresh.print()).scenario().as_ref(), Ok(&scenario));
    for entry in document.entries() {
        let line = document.line_of(entry.id).expect("an entry of the document has a line");
        assert!(line >= 1);
    }
}

/// A line that a person types into the running scenario finds its place.
fn check_insertion(mut document: Document) {
    let before = document.entries().count();
    let terminal = Name::new("t1").expect("a terminal's name");
    let action = Action::Command { terminal, line: "help".to_owned() };
    match document.insert(Micros(1_000_000), action) {
        Ok(id) => {
            assert_eq!(document.entries().count(), before + 1);
            assert!(document.line_of(id).is_some());
        }
        Err(error) => panic!("there is room for one more entry: {error}"),
    }
}

fn lines_of(text: &str) -> Vec<&str> {
    let body = text.strip_suffix('\n').unwrap_or(text);
    if text.is_empty() {
        return Vec::new();
    }
    body.split('\n').map(|line| line.trim_end_matches('\r')).collect()
}
