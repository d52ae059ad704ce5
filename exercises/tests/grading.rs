//! Grading of every kind of question, by what the run showed.

use highwater_exercises::{Given, Question, Solution, Task, questions};

fn question(id: &str) -> &'static Question {
    questions().iter().find(|question| question.id == id).expect("it is there")
}

/// Grades an answer: whether it is right, how much of it, and the beliefs that it shows.
fn check(id: &str, given: &Given, right: bool, share: u8, beliefs: &[&str]) {
    let grade = question(id).grade(&question(id).ask(), given);
    let found: Vec<&str> = grade.beliefs.iter().map(String::as_str).collect();
    assert_eq!(
        (grade.is_right, grade.share, &found[..]),
        (right, share, beliefs),
        "{id} {given:?}"
    );
    assert!(beliefs.is_empty() || !grade.replies.is_empty(), "{id}: nothing is said");
}

#[test]
fn a_choice() {
    check("second-broker-stops", &Given::Choice(1), true, 100, &[]);
    check("second-broker-stops", &Given::Choice(4), false, 0, &["isr-is-a-majority"]);
    check("second-broker-stops", &Given::Choice(40), false, 0, &[]);
    check("second-broker-stops", &Given::Number(1), false, 0, &[]);
}

#[test]
fn all_that_are_right() {
    let id = "what-a-log-does-with-a-key";
    assert_eq!(question(id).ask().solution, Solution::Choices(vec![0, 1]));
    check(id, &Given::Choices(vec![1, 0]), true, 100, &[]);
    check(id, &Given::Choices(vec![0]), false, 75, &[]);
    check(id, &Given::Choices(vec![0, 1, 2]), false, 75, &["same-key-replaces"]);
    check(
        id,
        &Given::Choices(vec![2, 3]),
        false,
        0,
        &["same-key-replaces", "only-the-newest-is-kept"],
    );
}

#[test]
fn an_order() {
    let id = "from-send-to-bookmark";
    assert_eq!(question(id).ask().solution, Solution::Order(vec![2, 1, 3, 0]));
    check(id, &Given::Order(vec![2, 1, 3, 0]), true, 100, &[]);
    check(id, &Given::Order(vec![2, 3, 1, 0]), false, 66, &[]);
    check(id, &Given::Order(vec![0, 3, 1, 2]), false, 0, &[]);
    check(id, &Given::Order(vec![2, 1]), false, 33, &[]);
}

#[test]
fn a_number() {
    let id = "what-the-second-group-reads";
    let Solution::Number(right) = question(id).ask().solution else { panic!("it is a number") };
    check(id, &Given::Number(right), true, 100, &[]);
    check(id, &Given::Number(0), false, 0, &["unread-is-lost"]);
    check(id, &Given::Number(999), false, 0, &[]);
}

#[test]
fn a_point_on_the_stage() {
    let id = "who-leads-after-the-stop";
    let answer = question(id).ask();
    let Solution::Point(right) = &answer.solution else { panic!("it is a place") };
    check(id, &Given::Point(right.clone()), true, 100, &[]);
    check(id, &Given::Point(answer.wrong[0].to_string()), false, 0, &["a-stopped-leader-stays"]);
}

#[test]
fn an_open_answer() {
    let id = "log-or-queue";
    let Task::Open(rubric) = &question(id).task else { panic!("it is open") };
    assert_eq!((rubric.contains.len(), rubric.separates.len()), (4, 2));
    check(id, &Given::Open(vec![true; 6]), true, 100, &[]);
    check(id, &Given::Open(vec![true, true, true, true, false, false]), true, 66, &[]);
    check(id, &Given::Open(vec![true, true, false, true, true, true]), false, 83, &[]);
    check(id, &Given::Open(Vec::new()), false, 0, &[]);
}

/// In a template an option is right for one draw, and names a belief for another: who chose it when it is
/// right is told nothing against it, and who chose it when it is wrong nothing for it.
#[test]
fn a_reply_is_for_the_draws_in_which_it_is_wrong() {
    let question = question("acks-all-and-brokers-stopped");
    let mut seen = Vec::new();
    for drawn in question.draws() {
        let answer = question.try_ask_drawn(&drawn).expect("it has an answer");
        let Solution::Choice(right) = answer.solution else { panic!("it is a choice") };
        seen.push(right);
        for chosen in 0..question.choices().len() {
            let grade = question.grade(&answer, &Given::Choice(chosen));
            let is_right = chosen == right;
            let names = question.choices()[chosen].misconception.is_some();
            assert_eq!(grade.is_right, is_right);
            assert_eq!(grade.beliefs.is_empty(), is_right, "{drawn:?} {chosen}");
            assert_eq!(grade.replies.is_empty(), is_right && names, "{drawn:?} {chosen}");
        }
    }
    assert!(seen.contains(&0) && seen.contains(&1), "right is now this one, now that one");
}

#[test]
fn a_reply_is_for_the_draws_in_which_it_is_right() {
    let question = question("the-name-of-the-successor");
    let mut said = Vec::new();
    for drawn in question.draws() {
        let answer = question.try_ask_drawn(&drawn).expect("it has an answer");
        let grade = question.grade(&answer, &Given::Choice(0));
        assert_eq!(grade.replies.is_empty(), !grade.is_right, "{drawn:?}");
        said.push(grade.is_right);
    }
    assert!(said.contains(&true) && said.contains(&false), "right for one, wrong for the other");
}

/// What a committed offset is worth once the log has lost the record: each way of beginning again.
#[test]
fn a_consumer_that_was_away_too_long() {
    let question = question("lag-outlives-retention");
    for drawn in question.draws() {
        let reset = drawn["reset"].to_string();
        let wanted = if reset == "earliest" { 1 } else { 2 };
        let answer = question.try_ask_drawn(&drawn).expect("it has an answer");
        assert_eq!(answer.solution, Solution::Choice(wanted), "{reset}: {}", answer.evidence);
    }
}
