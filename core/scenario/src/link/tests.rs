//! Links and files read back as they were written, and say what is wrong with them otherwise.

use highwater_cluster::time::Time;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use super::{FileMark, LinkError, Shared, VERSION, base64url, seal, view_parts};
use crate::script::Micros;

const SCRIPT: &str =
    "highwater 1\nseed 7\n\n# a note\n@0s t1> kafka-topics.sh --list\nwhat is this\n@1s run\n";

fn shared() -> Shared {
    let view = "select=broker:2&tab=log".to_owned();
    Shared { script: SCRIPT.to_owned(), moment: Time(4_250_000), view }
}

#[track_caller]
fn check_refused(word: &str, wanted: &str) {
    let error = Shared::from_word(word).expect_err("it is refused");
    assert!(error.to_string().contains(wanted), "{error}");
}

#[test]
fn a_link_holds_script_moment_and_view() {
    let word = shared().to_word().expect("it is short");
    assert!(word.len() < 200, "{} characters", word.len());
    assert!(word.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter)));
    assert_eq!(Shared::from_word(&word), Ok(shared()));
    assert_eq!(Shared::from_word(&format!(" {word}\n")), Ok(shared()));
}

#[test]
fn what_is_wrong_with_a_link_is_told() {
    let word = shared().to_word().expect("it is short");
    check_refused("", "holds no scenario");
    check_refused(&word[..20], "cut off after 20 characters");
    check_refused(&word[..3], "cut off after 3 characters");
    check_refused(&word[..word.len() - 1], "cut off after");
    check_refused(&format!("{word}AAAA"), "checksum");
    check_refused(&word.replacen(&word[30..31], "", 1), "link is");
    check_refused(&format!("{word}."), "no link holds '.'");
    check_refused(&format!("é{word}"), "character 1: no link holds the character U+00E9");
    let newer = base64url::print(&seal(VERSION + 2, b"who knows"));
    check_refused(&newer, "made by a newer Highwater (version 3");
    let garbage = base64url::print(&seal(VERSION, b"this is not deflate"));
    check_refused(&garbage, "what is compressed in it cannot be read");
    let huge = Shared { script: "x".repeat(17 << 20), ..Shared::default() };
    assert_eq!(huge.to_word(), Err(LinkError::TooLong));
}

#[test]
fn a_bomb_is_refused_before_it_goes_off() {
    let zeros = vec![0; 64 << 20];
    let bomb = base64url::print(&seal(VERSION, &miniz_oxide::deflate::compress_to_vec(&zeros, 9)));
    assert!(bomb.len() < 100_000, "{}", bomb.len());
    assert_eq!(Shared::from_word(&bomb), Err(LinkError::TooLong));
}

#[test]
fn every_changed_character_is_found() {
    let word = shared().to_word().expect("it is short");
    for at in 0..word.len() {
        let other = if &word[at..=at] == "A" { "B" } else { "A" };
        let changed = format!("{}{other}{}", &word[..at], &word[at + 1..]);
        assert!(Shared::from_word(&changed).is_err(), "character {at}");
    }
}

#[test]
fn a_file_is_a_script_that_tells_the_rest_in_a_comment() {
    let text = shared().print_file();
    assert!(text.starts_with("highwater 1\n#shared 1 at 4.25s, "), "{text}");
    let opened = Shared::read_file(&text);
    assert_eq!((opened.shared, opened.mark), (shared(), FileMark::Whole));
    assert_eq!(Shared::read_file(&text.replace('\n', "\r\n")).mark, FileMark::Whole);
    let edited = Shared::read_file(&text.replace("seed 7", "seed 8"));
    assert_eq!(edited.mark, FileMark::Edited);
    assert!(edited.shared.script.contains("seed 8"));
    let cut = Shared::read_file(&text[..text.len() - 10]);
    assert_eq!(cut.mark, FileMark::CutOff { missing: 10 });
    let plain = Shared::read_file(SCRIPT);
    assert_eq!((plain.shared.script.as_str(), plain.mark), (SCRIPT, FileMark::None));
}

#[test]
fn a_view_is_parts_with_names() {
    let parts: Vec<_> = view_parts("select=broker:2&nonsense&tab=log&a=b=c").collect();
    assert_eq!(parts, [("select", "broker:2"), ("tab", "log"), ("a", "b=c")]);
}

proptest! {
    #[test]
    fn anything_reads_back(script in any::<String>(), micros in 0..=Micros::LATEST.0, view in "[ -~é]{0,80}") {
        let shared = Shared { script, moment: Time(micros), view };
        let word = shared.to_word().expect("it is short");
        prop_assert_eq!(Shared::from_word(&word), Ok(shared.clone()));
        if shared.script.contains('\n') && !shared.script.contains('\r') && !shared.script.starts_with('\u{feff}') {
            let opened = Shared::read_file(&shared.print_file());
            prop_assert_eq!(opened, super::OpenedFile { shared, mark: FileMark::Whole });
        }
    }

    #[test]
    fn no_word_makes_it_panic(word in "[A-Za-z0-9_é<-]{0,300}") {
        if let Ok(shared) = Shared::from_word(&word) {
            prop_assert!(shared.to_word().is_ok());
        }
        let _ = Shared::read_file(&word);
    }
}
