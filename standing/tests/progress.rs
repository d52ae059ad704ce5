//! All progress as a file: what is written reads back, and what is wrong is refused with its place.

use highwater_exercises::learning::{Deed, Learning, MOST};
use highwater_exercises::{Given, taught};
use highwater_standing::{Kind, Merge, Mock, Practice, Progress, Refused};
use proptest::prelude::*;

const NOW: u64 = 1_700_000_000_000;

fn sample() -> Progress {
    let mut learning = Learning::default();
    learning.note(1_000, Deed::Arrived);
    learning.note(2_000, Deed::Began { exercise: "first-records".to_owned() });
    learning.note(9_000, Deed::Solved { exercise: "first-records".to_owned() });
    let (question, beliefs) = ("log-or-queue".to_owned(), vec!["reading-deletes".to_owned()]);
    learning.note(9_500, Deed::Answered { question, share: 50, is_right: false, beliefs });
    let all: Vec<_> = taught().questions.iter().collect();
    let mut mock = Mock::draw(&all, taught(), 7, 3);
    mock.slots[0].given = Some(Given::Choices(vec![0, 2]));
    mock.slots[0].close(all[0], None);
    let questions = vec!["log-or-queue".to_owned()];
    Progress {
        learning,
        solved: ["first-records".to_owned()].into(),
        mock: Some(mock),
        practice: Some(Practice::of(Kind::Wrong, questions)),
    }
}

#[test]
fn what_is_written_reads_back() {
    for progress in [sample(), Progress::default()] {
        let text = progress.write(NOW);
        assert_eq!(Progress::read(&text, NOW), Ok(progress));
    }
}

/// A change of the sample's file, the line that it is refused with, and a word of why.
fn check(from: &str, to: &str, line: usize, why: &str) {
    let text = sample().write(NOW);
    assert!(text.contains(from), "{from} is not in {text}");
    let refused = Progress::read(&text.replacen(from, to, 1), NOW).expect_err(to);
    let (at, said) = match &refused {
        Refused::Unreadable { line, why, .. } => (*line, why.clone()),
        Refused::Wrong { line, part, why } => (*line, format!("{part}: {why}")),
        other => panic!("{other:?}"),
    };
    assert_eq!(at, line, "{to}: {refused:?}");
    assert!(said.contains(why), "{to}: {said}");
}

#[test]
fn what_is_wrong_is_refused_with_its_place() {
    check("\"did\":\"solved\"", "\"did\":\"sold\"", 7, "deed 3: unknown variant `sold`");
    check("\"did\":\"solved\"", "\"did\":\"solved\",\"more\":1", 7, "`more` is not known");
    check("\"share\":50", "\"share\":\"half\"", 8, "deed 4");
    check("\"share\":50", "\"share\":101", 8, "at most 100");
    check("\"at_ms\":9000", "\"at_ms\":1800000000000", 7, "in the future");
    check("\"at_ms\":9000", "\"at_ms\":-1", 7, "deed 3");
    check(
        "\"exercise\":\"first-records\"",
        "\"exercise\":\"<script>\"",
        6,
        "`<script>` is no name",
    );
    check("\"deeds\": [", "\"deeds\": [,", 4, "expected value");
    check("\"solved\": [", "\"solved\": 3, \"x\": [", 10, "invalid type");
    check("\"spent_ms\":0", "\"spent_ms\":\"long\"", 11, "mock: invalid type");
    check("\"kind\":\"wrong\"", "\"kind\":\"odd\"", 12, "practice: unknown variant");
}

#[test]
fn what_is_another_file_is_told_so() {
    let read = |text: &str| Progress::read(text, NOW).expect_err(text);
    assert_eq!(read("{\"exercises\": []}"), Refused::Another);
    assert_eq!(read("{\"highwater_progress\": 2}"), Refused::Version(2));
    assert!(matches!(read("highwater 1\n"), Refused::Unreadable { line: 1, .. }));
    assert!(matches!(read(""), Refused::Unreadable { .. }));
    assert_eq!(read(&" ".repeat(20_000_000)), Refused::TooLong);
    let mut text = sample().write(NOW);
    text.truncate(text.len() / 2);
    assert!(matches!(read(&text), Refused::Unreadable { .. }));
}

#[test]
fn adding_loses_nothing_and_replacing_says_what_goes() {
    let mut mine = Progress::default();
    mine.learning.note(500, Deed::Arrived);
    mine.learning.note(9_600, Deed::Began { exercise: "no-such-exercise".to_owned() });
    mine.learning.note(9_000, Deed::Solved { exercise: "first-records".to_owned() });
    let (both, told) = mine.clone().take(sample(), Merge::Add, taught());
    assert_eq!((told.added, told.known, told.gone), (2, 1, 0), "the later arrival is none");
    assert_eq!(both.learning.deeds.len(), 5);
    assert!(both.learning.deeds.is_sorted_by_key(|noted| noted.at_ms));
    assert_eq!(both.mock, sample().mock);
    // Once more changes nothing.
    let (again, told) = both.clone().take(sample(), Merge::Add, taught());
    assert_eq!((again, told.known), (both.clone(), 3));
    // Nor does a later arrival count as something new, however often it is taken up.
    let (again, told) = both.clone().take(mine.clone(), Merge::Add, taught());
    assert_eq!((again, told.added), (both.clone(), 0));
    let (only, told) = both.take(mine.clone(), Merge::Replace, taught());
    assert_eq!((&only, told.gone), (&mine, 2));
    assert_eq!(told.unknown, ["no-such-exercise"]);
}

#[test]
fn a_mock_that_is_under_way_is_not_lost_to_another() {
    let mut mine = sample();
    mine.mock = Some(Mock::draw(&taught().questions.iter().collect::<Vec<_>>(), taught(), 1, 2));
    let (both, told) = mine.clone().take(sample(), Merge::Add, taught());
    assert!(told.left_mock);
    assert_eq!(both.mock, mine.mock);
}

#[test]
fn there_is_a_most() {
    let mut full = Progress::default();
    for at_ms in 0..MOST as u64 {
        full.learning.note(at_ms, Deed::Began { exercise: "a".to_owned() });
    }
    assert_eq!(Progress::read(&full.write(NOW), NOW).as_ref(), Ok(&full));
    let (both, told) = full.clone().take(sample(), Merge::Add, taught());
    assert_eq!(
        (both.learning.deeds.len(), told.gone),
        (MOST, 4),
        "the oldest went, and it is told"
    );
    let one_more = full.write(NOW).replacen(
        "\"deeds\": [",
        "\"deeds\": [\n{\"at_ms\":1,\"did\":\"arrived\"},",
        1,
    );
    assert!(matches!(Progress::read(&one_more, NOW), Err(Refused::Wrong { .. })));
}

proptest! {
    #[test]
    fn no_file_breaks_it(text in "\\PC{0,200}", cut in 0_usize..600, odd in "[\\[\\]{},:\"0-9a-z-]{0,6}") {
        let _ = Progress::read(&text, NOW);
        let mut whole = sample().write(NOW);
        let at = cut.min(whole.len());
        whole.insert_str(at, &odd);
        // What is taken means the same again.
        if let Ok(read) = Progress::read(&whole, NOW) {
            prop_assert_eq!(Progress::read(&read.write(NOW), NOW), Ok(read));
        }
    }
}
