//! Files of records that people bring. An input is the number of a file name, then the content.

use std::collections::BTreeSet;

use highwater_shell::data_file::{DataRecord, fields, records};

use super::Target;
use crate::mutate;
use crate::rng::Rng;

const NAMES: [&str; 7] = ["a.jsonl", "a.json", "a.csv", "a.tsv", "a.txt", "a", "a.JSON"];

const FILES: [&str; 6] = [
    "{\"id\":1,\"to\":\"Oslo\",\"price\":9.5}\n{\"id\":2,\"to\":null,\"tags\":[1,{\"a\":true}]}\n\n{\"id\":3}\n",
    "[\n  {\"id\": 1, \"to\": \"Oslo\"},\n  {\"id\": 2, \"nested\": {\"a\": [1, 2, {}]}}\n]\n",
    "id,to,price\n1,Oslo,9.5\n2,\"Bergen, by sea\",\n3,\"two\nlines\",1\n",
    "id;to\n1;\"a \"\"quoted\"\" word\"\n2;b\n",
    "id\tto\r\n1\tOslo\r\n2\t\r\n",
    "[]",
];

const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u00e9",
    "\\ud800",
    "\n",
    "\r\n",
    "\r",
    "\t",
    ";",
    " ",
    "null",
    "true",
    "1e999",
    "-0",
    "123456789012345678901234567890",
    "\"id\":",
    "{\"id\":1}\n",
    "[{}]",
    "\"\"",
    "\u{feff}",
    "\0",
    "é",
    "\u{2028}",
    "id,id\n",
    ",,,\n",
    "[[[[[[[[",
    "{\"a\":{\"a\":",
];

pub struct DataFile;

impl Target for DataFile {
    fn generate(&self, rng: &mut Rng) -> Vec<u8> {
        let mut content = rng.pick(&FILES).as_bytes().to_vec();
        if rng.once_in(200) {
            // Depth, which a reader that calls itself would pay for with its stack.
            content =
                rng.pick(&["[", "{\"a\":", "[{\"a\":["]).repeat(1 + rng.below(8_000)).into_bytes();
        }
        mutate::text(rng, &mut content, PIECES);
        content.insert(0, rng.next() as u8);
        content
    }

    fn run(&self, input: &[u8]) {
        let Some((&name, content)) = input.split_first() else { return };
        let name = NAMES[usize::from(name) % NAMES.len()];
        let parsed = records(content, name, Some("id"));
        let lines = 1 + content.iter().filter(|byte| **byte == b'\n' || **byte == b'\r').count();
        parsed.records.iter().for_each(|record| check(record, lines));
        assert!(parsed.records.windows(2).all(|pair| pair[0].line <= pair[1].line));
        match fields(content, name) {
            Ok(preview) => {
                let names: BTreeSet<_> = preview.fields.iter().map(|field| &field.name).collect();
                assert_eq!(names.len(), preview.fields.len(), "each field is listed once");
                let without_key = records(content, name, None).records.len();
                assert!(without_key >= parsed.records.len());
            }
            Err(problem) => {
                assert!(parsed.records.is_empty(), "{problem}, yet there are records");
                assert!(!parsed.problems.is_empty());
            }
        }
    }
}

fn check(record: &DataRecord, lines: usize) {
    let value: Result<serde_json::Map<String, serde_json::Value>, _> =
        serde_json::from_slice(&record.value);
    // Depth and numbers beyond what a tree can hold are no fault of the reader.
    if let Err(error) = value {
        assert!(!error.is_eof(), "{error}: {:?}", record.value);
    }
    assert!(record.line >= 1 && record.line as usize <= lines, "line {}", record.line);
}
