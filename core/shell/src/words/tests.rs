use expect_test::{Expect, expect};
use proptest::prelude::{any, proptest};

use super::{Token, split, split_partial};

fn check(line: &str, expected: Expect) {
    let shown = match split(line) {
        Err(error) => error.to_string(),
        Ok(tokens) => tokens.iter().map(show).collect::<Vec<_>>().join("\n"),
    };
    expected.assert_eq(&shown);
}

fn show(token: &Token) -> String {
    match token {
        Token::Word(word) => format!("{}-{} {:?}", word.span.start, word.span.end, word.text),
        Token::Operator { operator, span } => format!("{}-{} {operator:?}", span.start, span.end),
    }
}

#[test]
fn words_are_separated_by_blanks() {
    check(
        "kafka-topics.sh  --create\t--topic orders",
        expect![[r#"
            1-16 "kafka-topics.sh"
            18-26 "--create"
            27-34 "--topic"
            35-41 "orders""#]],
    );
    check("", expect![[""]]);
    check("   ", expect![[""]]);
}

#[test]
fn quotes_and_backslashes_keep_characters() {
    check(
        r#"a'b c'"d e"\ f '' "\"\\\$\n""#,
        expect![[r#"
            1-15 "ab cd e f"
            16-18 ""
            19-29 "\"\\$\\n""#]],
    );
    check(r"end\", expect![[r#"1-5 "end\\""#]]);
    check(
        "größe 'ä'",
        expect![[r#"
        1-6 "größe"
        7-10 "ä""#]],
    );
}

#[test]
fn a_backslash_joins_lines() {
    check(
        "kafka-topics.sh \\\n  --li\\\nst",
        expect![[r#"
            1-16 "kafka-topics.sh"
            21-29 "--list""#]],
    );
}

#[test]
fn operators_stand_for_themselves() {
    check(
        "a|b || c&&d & e>f>>g<h; i\nj ';' \\|",
        expect![[r#"
            1-2 "a"
            2-3 Pipe
            3-4 "b"
            5-7 Or
            8-9 "c"
            9-11 And
            11-12 "d"
            13-14 Ampersand
            15-16 "e"
            16-17 Write
            17-18 "f"
            18-20 Append
            20-21 "g"
            21-22 Read
            22-23 "h"
            23-24 Semicolon
            25-26 "i"
            26-27 LineEnd
            27-28 "j"
            29-32 ";"
            33-35 "|""#]],
    );
}

#[test]
fn comments_are_left_out() {
    check(
        "a # b 'c\nd#e",
        expect![[r#"
        1-2 "a"
        9-10 LineEnd
        10-13 "d#e""#]],
    );
}

#[test]
fn an_unclosed_quote_is_named() {
    check(
        "echo 'a b",
        expect!["column 6: this ' is never closed; add a ' where the text ends, or write \\'"],
    );
    let partial = split_partial("echo \"a b");
    assert_eq!(partial.tokens.len(), 2);
    assert!(partial.unclosed.is_some());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(line in any::<String>()) {
        let _ = split(&line);
    }

    #[test]
    fn single_quotes_keep_any_text(text in "[^']{0,20}") {
        let quoted = format!("a '{text}' b");
        let tokens = split(&quoted).expect("closed");
        assert!(matches!(&tokens[1], Token::Word(word) if word.text == text));
        assert_eq!(tokens.len(), 3);
    }

    #[test]
    fn quoting_survives_hostile_text(line in r#"[ab'"\\ #;|&<>\n]{0,24}"#) {
        let split = split_partial(&line);
        let mut last = 1;
        for token in &split.tokens {
            let (Token::Word(super::Word { span, .. }) | Token::Operator { span, .. }) = token;
            assert!(span.start >= last && span.end > span.start);
            last = span.end;
        }
        assert!(last as usize <= line.chars().count() + 1);
    }
}
