//! The proof of all content: see `highwater_exercises::proof`.

use highwater_exercises::proof::{Failure, of_all, of_exercise, of_question, repeated_ids};
use highwater_exercises::{Accepted, Exercise, content, questions, taught};

fn exercise(id: &str) -> Exercise {
    content().exercises.iter().find(|exercise| exercise.id == id).expect("it is there").clone()
}

/// What the proof says of an exercise that was spoilt.
fn complaints(spoil: impl FnOnce(&mut Exercise)) -> String {
    let mut spoilt = exercise("first-records");
    assert_eq!(of_exercise(&spoilt), []);
    spoil(&mut spoilt);
    let what: Vec<String> =
        of_exercise(&spoilt).iter().map(|failure| failure.what.clone()).collect();
    what.join("\n")
}

#[test]
fn all_content_is_proven() {
    let content = content();
    assert!(content.exercises.len() >= 6 && content.questions.len() >= 8);
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get());
    let proof = of_all(content, None, threads);
    let shown: Vec<String> = proof.failures.iter().map(Failure::to_string).collect();
    assert!(shown.is_empty(), "\n{}", shown.join("\n"));
    // Each exercise's solution has entries, and each entry can be left out.
    assert!(proof.mutants > 3 * content.exercises.len(), "{} changes", proof.mutants);
    assert_eq!(repeated_ids(content), Vec::<String>::new());
}

#[test]
fn an_answer_is_the_same_each_time_and_has_numbers() {
    for question in questions().iter().filter(|question| question.is_computed()) {
        let answer = question.ask();
        assert_eq!(answer, question.ask());
        let evidence = &answer.evidence;
        assert!(evidence.chars().any(|letter| letter.is_ascii_digit()), "{evidence}");
        assert!(!evidence.contains('{'), "{evidence}");
        println!("{}: {:?}\n  {evidence}", question.id, answer.solution);
    }
}

#[test]
fn a_seed_draws_the_same_and_another_draws_other_things() {
    let question = questions().iter().find(|one| one.is_template()).expect("there is a template");
    assert_eq!(question.draw(7), question.draw(7));
    let drawn: Vec<_> = (0..50).map(|seed| question.draw(seed)).collect();
    assert!(question.draws().iter().all(|draw| drawn.contains(draw)), "some are never drawn");
}

#[test]
fn a_start_that_solves_and_a_solution_that_does_not_are_noticed() {
    let what = complaints(|exercise| exercise.solution = exercise.start.clone());
    assert!(what.contains("three-records is not met: 0 of 3: send another."), "{what}");
    let what = complaints(|exercise| exercise.checks.truncate(0));
    assert!(what.contains("all checks are met, but"), "{what}");
}

#[test]
fn a_near_miss_that_fails_elsewhere_is_noticed() {
    let what = complaints(|exercise| exercise.near_misses[0].fails = "read-again".to_owned());
    assert!(what.contains("it fails first at three-records"), "{what}");
}

#[test]
fn a_check_that_asks_too_little_is_noticed() {
    // Without the checks on the second reader its line can be left out.
    let what = complaints(|exercise| {
        exercise.checks.truncate(2);
        exercise.near_misses.truncate(1);
        exercise.alternatives.clear();
    });
    assert!(what.contains("without consumer start ben"), "{what}");
    assert!(what.contains("[[accepted]]"), "{what}");
}

#[test]
fn what_is_accepted_for_nothing_is_noticed() {
    let what = complaints(|exercise| {
        exercise.accepted.push(Accepted { change: "--topic x -> y".into(), because: "?".into() });
    });
    assert!(what.contains("it accepts a change of the solution that is not one"), "{what}");
}

#[test]
fn a_prediction_without_one_answer_is_noticed() {
    let what = complaints(|exercise| exercise.predictions[0].options.truncate(0));
    assert!(what.contains("the options [] hold, not one"), "{what}");
    let what = complaints(|exercise| {
        exercise.predictions[0].options[0].misconception = Some("reading-deletes".into());
    });
    assert!(what.contains("option 1"), "{what}");
}

#[test]
fn a_hint_that_leads_astray_is_noticed() {
    let what = complaints(|exercise| {
        let hint =
            exercise.hints.iter_mut().find(|hint| hint.line.is_some()).expect("there is one");
        hint.line = Some("producer send you elsewhere".to_owned());
    });
    assert!(what.contains("a line that the solution does not have"), "{what}");
}

#[test]
fn a_question_whose_answer_hangs_on_chance_is_noticed() {
    let mut question = questions()
        .iter()
        .find(|one| one.id == "what-a-log-does-with-a-key")
        .expect("it is there")
        .clone();
    assert_eq!(of_question(&question), []);
    let run = question.run.as_mut().expect("it has a run");
    // Without a key the producer chooses a partition by chance.
    run.scenario = run.scenario.replace(" --key ann", "");
    let failures = of_question(&question);
    assert!(!failures.is_empty());
}

/// The page has what it shows, and nothing of the proof.
#[test]
fn learners_get_all_but_the_proof() {
    let (whole, taught) = (content(), taught());
    assert_eq!((&whole.questions, &whole.road), (&taught.questions, &taught.road));
    for (whole, taught) in whole.exercises.iter().zip(&taught.exercises) {
        assert!(taught.solution.is_empty() && taught.near_misses.is_empty());
        assert_eq!(
            (&whole.start, &whole.checks, &whole.hints),
            (&taught.start, &taught.checks, &taught.hints)
        );
    }
}
