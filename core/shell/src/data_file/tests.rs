use expect_test::{Expect, expect};
use proptest::prelude::{Strategy, any, prop_oneof, proptest};
use proptest::sample::select;

use super::{FileProblem, MOST_BYTES, MOST_RECORDS, Parsed, fields, records};

/// The records of a file, keyed by `id`, and its problems.
fn check(name: &str, bytes: impl AsRef<[u8]>, expected: Expect) {
    expected.assert_eq(&show(&records(bytes.as_ref(), name, Some("id"))));
}

fn show(parsed: &Parsed) -> String {
    let record = |record: &super::DataRecord| {
        let key = record.key.as_ref().map(|key| String::from_utf8_lossy(key).into_owned());
        let value = String::from_utf8_lossy(&record.value);
        format!("{} {} {value}", record.line, key.as_deref().unwrap_or("-"))
    };
    let records = parsed.records.iter().map(record);
    let problems = parsed.problems.iter().map(ToString::to_string);
    records.chain(problems).collect::<Vec<_>>().join("\n")
}

fn check_fields(name: &str, bytes: impl AsRef<[u8]>, expected: Expect) {
    let shown = match fields(bytes.as_ref(), name) {
        Err(problem) => problem.to_string(),
        Ok(preview) => {
            let mut lines = vec![format!("{}, {} records", preview.format.name(), preview.records)];
            for field in &preview.fields {
                lines.push(format!("{}: {:?}", field.name, field.example));
            }
            lines.extend(preview.problems.iter().map(ToString::to_string));
            lines.join("\n")
        }
    };
    expected.assert_eq(&shown);
}

#[test]
fn json_lines_keep_their_source() {
    check(
        "a.jsonl",
        "\u{feff}{\"id\": 1, \"a\" :[ ]}\r\n\n   \n {\"id\":\"x\\u00e9\"} \n{\"a\":1}\n{\"id\":null}\n{\"id\":1.50}\n{\"id\":{ \"a b\" : [1, \" \\\" \"]}}\n{\"id\":1,\"id\":true}",
        expect![[r#"
            1 1 {"id": 1, "a" :[ ]}
            4 xé {"id":"x\u00e9"}
            5 - {"a":1}
            6 - {"id":null}
            7 1.50 {"id":1.50}
            8 {"a b":[1," \" "]} {"id":{ "a b" : [1, " \" "]}}
            9 true {"id":1,"id":true}"#]],
    );
}

#[test]
fn malformed_json_lines_are_named() {
    check(
        "a.jsonl",
        "{\"id\":1},\n{\"id\":2}\n[1]\n7\n{\"id\":\n{\"id\":3 \"a\":4}\n{\"é\":tru}\n",
        expect![[r#"
            2 2 {"id":2}
            line 1, column 9: expected the line to end after the object, found ","
            line 3, column 1: expected an object such as {"id": 1}, found "[1]"; for an array let the file's name end in .json
            line 4, column 1: expected an object such as {"id": 1}, found "7"
            line 5, column 6: expected the object to go on: a closing quote, ] or } is missing
            line 6, column 9: expected a comma or } after the value
            line 7, column 9: expected a value: text in double quotes, a number, true, false, null, an object or an array"#]],
    );
    check(
        "a.jsonl",
        "{\"id\":1,}\n{id:1}\n{\"id\":01}\n{\"id\":\"a}\n{\"id\" 1}\n{\"id\":\"\\x\"}\n{\"a\":\"\t\"}",
        expect![[r#"
            line 1, column 9: expected a field's name in double quotes, and no comma after the last field
            line 2, column 2: expected a field's name in double quotes, and no comma after the last field
            line 3, column 8: expected a number such as 12 or -0.5
            line 4, column 9: expected the object to go on: a closing quote, ] or } is missing
            line 5, column 7: expected a colon after the field's name
            line 6, column 9: expected an escape such as \n or \u00e9 after the backslash; write \\ for a backslash
            line 7, column 6: expected the text to end with a double quote on its line; write \n for a line end and \t for a tab"#]],
    );
    check(
        "a.jsonl",
        b"{\"id\":1}\n{\"id\":\"\xc3\xa9\xff\"}\n{\"id\":\"\\ud800\"}\n{\"id\":2}",
        expect![[r#"
            1 1 {"id":1}
            4 2 {"id":2}
            line 2, column 9: expected text in UTF-8; save the file again with that encoding
            line 3, column 1: expected escapes that stand for a character: \ud83d goes with one like \ude00 after it"#]],
    );
    check(
        "a.jsonl",
        "{\"id\":1} {\"id\":2}",
        expect![[
            r#"line 1, column 10: expected the line to end after the object, found "{"id":2}""#
        ]],
    );
}

#[test]
fn json_arrays_are_read_element_by_element() {
    check(
        "a.json",
        " [ {\"id\": 1} ,{\"id\":2},\n{\"id\":3}]\n",
        expect![[r#"
        1 1 {"id": 1}
        1 2 {"id":2}
        2 3 {"id":3}"#]],
    );
    check(
        "a.json",
        "[\n  {\n    \"id\": \"a b\",\n    \"c\": [1, 2]\n  },\r\n  {\n    \"id\": {\n \"d\": 1}\n  }\n]",
        expect![[r#"
            2 a b {"id":"a b","c":[1,2]}
            6 {"d":1} {"id":{"d":1}}"#]],
    );
    check("a.json", "[]", expect!["line 1, column 1: expected records, found none"]);
}

#[test]
fn malformed_elements_are_passed_over() {
    check(
        "a.json",
        "[{\"id\":1},{\"id\":tru},{\"id\":3}]",
        expect![[r#"
        1 1 {"id":1}
        1 3 {"id":3}
        line 1, column 20: expected a value: text in double quotes, a number, true, false, null, an object or an array"#]],
    );
    check(
        "a.json",
        "[\n{\"id\":1},\n{\"id\":\"a},\n{\"id\":3},\n{\"id\":4, {\"b\":5},\n{\"id\":6}\n]",
        expect![[r#"
            2 1 {"id":1}
            4 3 {"id":3}
            6 6 {"id":6}
            line 3, column 10: expected the text to end with a double quote on its line; write \n for a line end and \t for a tab
            line 5, column 10: expected a field's name in double quotes, and no comma after the last field"#]],
    );
    check(
        "a.json",
        "[\n  {\n    \"id\": 1,\n    \"b\": [1, 2\n  },\n  {\n    \"id\": 2\n  }\n]",
        expect![[r#"
            6 2 {"id":2}
            line 5, column 3: expected a comma or ] after the value"#]],
    );
    check(
        "a.json",
        "[1, \"a\", {\"id\":2}, [3], null]",
        expect![[r#"
        1 2 {"id":2}
        line 1, column 2: expected an object such as {"id": 1}, found "1, "a", {"id":2}, [3], null]"
        line 1, column 5: expected an object such as {"id": 1}, found ""a", {"id":2}, [3], null]"
        line 1, column 20: expected an object such as {"id": 1}, found "[3], null]"
        line 1, column 25: expected an object such as {"id": 1}, found "null]""#]],
    );
    check(
        "a.json",
        "[{\"id\":1} {\"id\":2}\n{\"id\":3},,{\"id\":4},]",
        expect![[r#"
        1 1 {"id":1}
        1 2 {"id":2}
        2 3 {"id":3}
        2 4 {"id":4}
        line 1, column 11: expected a comma or ] before "{"id":2}"
        line 2, column 1: expected a comma or ] before "{"id":3},,{"id":4},]"
        line 2, column 10: expected an object before the comma; take the comma away
        line 2, column 19: expected another object after the comma; take the comma away"#]],
    );
    check(
        "a.json",
        "[{\"id\":1},{\"id\":2",
        expect![[r#"
            1 1 {"id":1}
            line 1, column 11: expected an object that ends; 1 record was read before it, and what follows cannot be told apart
            line 1, column 17: expected the object to go on: a closing quote, ] or } is missing"#]],
    );
    check(
        "a.json",
        "[{\"id\":1},",
        expect![[r#"
        1 1 {"id":1}
        line 1, column 11: expected ] to close the array, found the end of the file; 1 record was read before it"#]],
    );
    check(
        "a.json",
        "[{\"id\":1}] more",
        expect![[r#"
        1 1 {"id":1}
        line 1, column 12: expected the end of the file after ], found "more""#]],
    );
    check(
        "a.json",
        "{\n\"id\":1\n}",
        expect![[
            r#"line 1, column 1: expected [ to open an array of objects, found "{"; for one object on each line let the file's name end in .jsonl"#
        ]],
    );
    check(
        "a.json",
        b"[{\"id\":1},{\"id\":\"\xff\"},{\"id\":3}]",
        expect![[r#"
        1 1 {"id":1}
        1 3 {"id":3}
        line 1, column 18: expected text in UTF-8, and escapes that stand for a character"#]],
    );
}

#[test]
fn csv_rows_become_objects() {
    check(
        "a.csv",
        "\u{feff}id, name\r\n1,\"a \"\"b\"\", c\"\r\n\r\n2,\n\"3\",\"two\nlines\"\n4,\u{e9}",
        expect![[r#"
            2 1 {"id":"1","name":"a \"b\", c"}
            4 2 {"id":"2","name":""}
            5 3 {"id":"3","name":"two\nlines"}
            7 4 {"id":"4","name":"é"}"#]],
    );
    check("a.csv", "id;b\n1;a,b\n", expect![[r#"2 1 {"id":"1","b":"a,b"}"#]]);
    check("a.tsv", "id\tb\n1\ta b\n", expect![[r#"2 1 {"id":"1","b":"a b"}"#]]);
}

#[test]
fn malformed_csv_is_named() {
    check(
        "a.csv",
        "id,b\n1\n2,3,4\n\n5,6\n",
        expect![[r#"
        5 5 {"id":"5","b":"6"}
        line 2, column 1: expected 2 fields as in the header, found 1
        line 3, column 1: expected 2 fields as in the header, found 3"#]],
    );
    check(
        "a.csv",
        "id,b,id,,id_3\n1,2,3,4,5\n",
        expect![[r#"
        2 1 {"id":"1","b":"2","id_3_2":"3","column_4":"4","id_3":"5"}
        line 1, column 1: expected each name once, found "id" again in column 3; there it is called "id_3_2"
        line 1, column 1: expected a name for column 4; it is called "column_4""#]],
    );
    check(
        "a.csv",
        "id,b\n1,2\n3,\"four\n5,6\n",
        expect![[r#"
        2 1 {"id":"1","b":"2"}
        line 3, column 3: this quote is never closed: expected another " where the text ends; 1 row was read before it"#]],
    );
    check(
        "a.csv",
        "id,b\n1,\"2\n3,\"4\"\n5,6\n",
        expect![[r#"
            4 5 {"id":"5","b":"6"}
            line 3, column 4: expected "," or the end of the row after the closing quote; write "" for a quote in the text (the text was opened on line 2, column 3: is its closing quote missing?)"#]],
    );
    check(
        "a.csv",
        "id,b\n1,\"2\"3\n5,6\" of\n",
        expect![[r#"
            3 5 {"id":"5","b":"6\" of"}
            line 2, column 6: expected "," or the end of the row after the closing quote; write "" for a quote in the text"#]],
    );
    check(
        "a.csv",
        "id,b\n",
        expect!["line 1, column 1: expected rows after the header, found none that could be read"],
    );
    check(
        "a.csv",
        "\"id,b\n1,2\n",
        expect![[
            r#"line 1, column 1: this quote is never closed: expected another " where the text ends"#
        ]],
    );
    check(
        "a.csv",
        b"id,b\n1,\xff\n2,3",
        expect![[r#"
        3 2 {"id":"2","b":"3"}
        line 2, column 1: expected text in UTF-8 in field 2; save the file again with that encoding"#]],
    );
}

#[test]
fn the_format_is_told_by_name_then_content() {
    check_fields(
        "a.JSON",
        "[{\"a\":1}]",
        expect![[r#"
        JSON array, 1 records
        a: "1""#]],
    );
    check_fields(
        "a.json",
        "{\"a\":1}\n{\"a\":2}",
        expect![[r#"
        JSON Lines, 2 records
        a: "1""#]],
    );
    check_fields(
        "a.txt",
        "\n[{\"a\":1}]",
        expect![[r#"
        JSON array, 1 records
        a: "1""#]],
    );
    check_fields(
        "a",
        "{\"a\":1}",
        expect![[r#"
        JSON Lines, 1 records
        a: "1""#]],
    );
    check_fields(
        "a.txt",
        "a,b\n1,2",
        expect![[r#"
        CSV, 1 records
        a: "1"
        b: "2""#]],
    );
    check_fields(
        "a.txt",
        "hello",
        expect![[
            r#""a.txt" is not a kind of file that can be read: expected .jsonl, .json or .csv"#
        ]],
    );
    check_fields(
        "a.csv",
        " \r\n",
        expect!["the file is empty: expected records as JSON Lines, a JSON array or CSV"],
    );
    check_fields(
        "a.csv",
        b"\xff\xfea\0,\0",
        expect!["the file is text in UTF-16: expected UTF-8; save it again with that encoding"],
    );
    check(
        "a.csv",
        "",
        expect![
            "line 1, column 1: the file is empty: expected records as JSON Lines, a JSON array or CSV"
        ],
    );
}

#[test]
fn fields_come_with_an_example() {
    check_fields(
        "a.jsonl",
        "{\"id\":null,\"b\":\"x\\ny\"}\n{\"c\":{\"d\": 1},\"id\":7}\n{\"e\":null}\nx",
        expect![[r#"
            JSON Lines, 3 records
            id: "7"
            b: "x\ny"
            c: "{\"d\":1}"
            e: ""
            line 4, column 1: expected an object such as {"id": 1}, found "x""#]],
    );
}

#[test]
fn limits_hold() {
    let long = vec![b' '; MOST_BYTES + 1];
    let bytes = long.len();
    assert_eq!(fields(&long, "a.csv"), Err(FileProblem::TooLong { bytes }));
    let many = "{}\n".repeat(MOST_RECORDS + 2);
    let parsed = records(many.as_bytes(), "a.jsonl", None);
    assert_eq!(parsed.records.len(), MOST_RECORDS);
    expect!["line 1000001, column 1: only the first 1000000 records are read: 1000000 records are the limit"].assert_eq(&parsed.problems[0].to_string());
    let wrong = records("x\n".repeat(1_000).as_bytes(), "a.jsonl", None);
    assert_eq!(wrong.problems.len(), 101);
    expect!["line 101, column 1: from here on 900 more problems are not listed"]
        .assert_eq(&wrong.problems[100].to_string());
}

/// Each of these would take hours if a broken piece were looked for in all that follows again and again.
#[test]
fn hostile_files_are_read_in_time() {
    for (name, text) in [
        ("a.json", format!("[{}", "{\"a\":[\n".repeat(500_000))),
        ("a.json", format!("[{}", "{\"a\":1,\n".repeat(500_000))),
        ("a.json", format!("[{}", "{".repeat(2_000_000))),
        ("a.json", format!("[{}", "{\"a\":1 ".repeat(500_000))),
        ("a.json", format!("[{}]", "{\"a\":tru},".repeat(300_000))),
        ("a.jsonl", "[".repeat(2_000_000)),
        ("a.jsonl", format!("{{\"a\":{}", "[".repeat(2_000_000))),
        ("a.csv", format!("a,b\n{}", "1,\"2\n".repeat(300_000))),
        ("a.csv", ",".repeat(2_000_000)),
        ("a.csv", format!("{},b\n{}", "x".repeat(1_000_000), "1,2\n".repeat(10_000))),
    ] {
        let parsed = records(text.as_bytes(), name, Some("a"));
        assert!(!parsed.problems.is_empty());
        assert!(fields(text.as_bytes(), name).is_ok());
    }
}

/// Bytes that are likely to be nearly right.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\n",
        "\r\n",
        " ",
        "  ",
        "{\"id\":1}",
        "\"a\"",
        "1",
        "null",
        "true",
        "é",
        "id,b",
        ";",
        "\t",
        "\"\"",
        "\u{feff}",
        "{\"id\":[1,{\"b\":2}]},\n",
    ];
    let piece = prop_oneof![
        9 => select(pieces.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
        1 => any::<Vec<u8>>(),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in bytes(), name in select(&["a.jsonl", "a.json", "a.csv", "a"][..])) {
        let parsed = records(&bytes, name, Some("id"));
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
        for problem in &parsed.problems {
            assert!(problem.line >= 1 && problem.line as usize <= lines && problem.column >= 1);
        }
        for record in &parsed.records {
            assert!(record.line >= 1 && record.line as usize <= lines);
            assert!(record.value.starts_with(b"{") && record.value.ends_with(b"}"));
            assert!(!record.value.contains(&b'\n'));
        }
        if let Ok(preview) = fields(&bytes, name) {
            // Only the text of a key can fail where the fields did not.
            assert!(preview.records >= parsed.records.len());
        }
    }

    #[test]
    fn csv_keeps_any_text(texts in proptest::collection::vec(any::<String>(), 1..5)) {
        let mut file = String::from("key");
        let mut row = String::from("k");
        let mut expected = String::from("{\"key\":\"k\"");
        for (index, text) in texts.iter().enumerate() {
            file += &format!(",f{index}");
            row += &format!(",\"{}\"", text.replace('"', "\"\""));
            let json = serde_json::to_string(text).expect("text");
            expected += &format!(",\"f{index}\":{json}");
        }
        let file = format!("{file}\n{row}\n");
        let parsed = records(file.as_bytes(), "a.csv", None);
        assert_eq!(parsed.problems, []);
        assert_eq!(parsed.records.len(), 1);
        assert_eq!(parsed.records[0].value, format!("{expected}}}").as_bytes());
    }

    #[test]
    fn arrays_and_lines_agree(ids in proptest::collection::vec(any::<(i64, String)>(), 0..8)) {
        let objects: Vec<String> = ids
            .iter()
            .map(|(id, text)| format!("{{\"id\":{id},\"t\":{}}}", serde_json::to_string(text).expect("text")))
            .collect();
        let lines = format!("{}\n", objects.join("\n"));
        let array = format!("[{}]", objects.join(",\n"));
        let read = |text: &str, name| records(text.as_bytes(), name, Some("t")).records;
        let values = |text: &str, name| read(text, name).into_iter().map(|record| (record.key, record.value)).collect::<Vec<_>>();
        assert_eq!(values(&array, "a.json"), values(&lines, "a.jsonl"));
        assert_eq!(read(&array, "a.json").len(), ids.len());
    }
}
