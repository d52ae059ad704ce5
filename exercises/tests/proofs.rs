//! The proof of all content: see `highwater_exercises::proof`.

use std::collections::BTreeSet;

use highwater_exercises::proof::{Failure, of_exercise, of_question};
use highwater_exercises::{all, questions};

fn none(failures: &[Failure]) {
    let shown: Vec<String> = failures.iter().map(ToString::to_string).collect();
    assert!(shown.is_empty(), "\n{}", shown.join("\n"));
}

#[test]
fn starts_fail_solutions_pass_and_near_misses_fail_where_they_should() {
    assert!(!all().is_empty());
    none(&all().iter().flat_map(of_exercise).collect::<Vec<_>>());
}

#[test]
fn every_question_has_exactly_one_right_option() {
    assert!(!questions().is_empty());
    none(&questions().iter().flat_map(of_question).collect::<Vec<_>>());
}

#[test]
fn an_answer_is_the_same_each_time_and_has_numbers() {
    for question in questions() {
        let answer = question.ask();
        assert_eq!(answer, question.ask());
        assert!(
            answer.evidence.chars().any(|letter| letter.is_ascii_digit()),
            "{}",
            answer.evidence
        );
        assert!(!answer.evidence.contains('{'), "{}", answer.evidence);
        println!("{}: {}\n  {}", question.id, question.options[answer.right].text, answer.evidence);
    }
}

#[test]
fn ids_are_unique() {
    let ids: Vec<&str> = all()
        .iter()
        .map(|exercise| &*exercise.id)
        .chain(questions().iter().map(|question| &*question.id))
        .collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
}

#[test]
fn every_check_has_hints() {
    for exercise in all() {
        for check in &exercise.checks {
            let mut hints = exercise.hints_for(&check.id).peekable();
            assert!(hints.peek().is_some(), "{}: {} has no hint", exercise.id, check.id);
            assert!(hints.all(|hint| !hint.text_html.is_empty()), "{}: {}", exercise.id, check.id);
        }
    }
}

#[test]
fn the_proof_notices_what_is_wrong() {
    let mut exercise = all()[0].clone();
    exercise.near_misses.clear();
    exercise.alternatives.clear();
    exercise.solution = exercise.start.clone();
    let failures = of_exercise(&exercise);
    let what: Vec<&str> = failures.iter().map(|failure| &*failure.what).collect();
    assert_eq!(what.len(), 1, "{what:?}");
    assert!(what[0].contains("three-copies is not met: There is no topic orders yet."), "{what:?}");
}
