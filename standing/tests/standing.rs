//! Where one stands, what is next, plans, rows of questions and mock interviews, by the project's own content.

use std::collections::BTreeSet;

use highwater_exercises::learning::{Deed, Learning};
use highwater_exercises::{Given, Level, Question, questions, road, taught};
use highwater_standing::{
    Asks, Clock, Day, Filter, Mock, Next, Practice, Reason, Step, What, beliefs, concept_name,
    concepts_of, evening, find, minutes_for, schedule, skills, suggest,
};
use proptest::prelude::*;

const DAY_MS: u64 = 86_400_000;

fn clock(day: u64) -> Clock {
    Clock { now_ms: day * DAY_MS, minutes_east: 0 }
}

fn noted(deeds: Vec<(u64, Deed)>) -> Learning {
    let mut learning = Learning::default();
    for (day, deed) in deeds {
        learning.note(day * DAY_MS, deed);
    }
    learning
}

fn known(id: &str) -> Option<&'static Question> {
    questions().iter().find(|question| question.id == id)
}

fn began(exercise: &str) -> Deed {
    Deed::Began { exercise: exercise.to_owned() }
}

fn solved(exercise: &str) -> Deed {
    Deed::Solved { exercise: exercise.to_owned() }
}

fn answered(question: &str, belief: Option<&str>) -> Deed {
    let (question, is_right) = (question.to_owned(), belief.is_none());
    let beliefs = belief.map(str::to_owned).into_iter().collect();
    Deed::Answered { question, share: if is_right { 100 } else { 0 }, is_right, beliefs }
}

/// What is proposed on a day after these deeds.
fn check_next(deeds: Vec<(u64, Deed)>, day: u64, expect: &[Next]) {
    let learning = noted(deeds);
    let schedule = schedule(&learning, clock(day));
    let next = suggest(taught(), &learning, &schedule, Day(day as i64));
    assert_eq!(next, expect, "{learning:?}");
}

fn learn(exercise: &str) -> Next {
    let mut steps = road().stages.iter().flat_map(|stage| &stage.steps);
    let step = steps.find(|step| step.exercise == exercise).expect("it is on the road");
    Next::Learn { exercise: exercise.to_owned(), teaches: step.teaches.clone() }
}

#[test]
fn what_is_next_has_a_reason() {
    check_next(vec![], 9, &[learn("first-records")]);
    let begun = Next::GoOn { exercise: "first-records".to_owned() };
    check_next(vec![(1, began("first-records"))], 9, &[begun, learn("from-the-beginning")]);
    let mut next = vec![(1, began("first-records")), (1, solved("first-records"))];
    let learning = noted(next.clone());
    let asked = suggest(taught(), &learning, &schedule(&learning, clock(9)), Day(9));
    assert_eq!(asked[0], learn("from-the-beginning"));
    assert!(matches!(asked[1], Next::Ask { .. }), "{asked:?}");
    next.push((8, answered("killed-without-a-word", Some("each-record-is-on-disk"))));
    let mend = Next::Mend { belief: "each-record-is-on-disk".to_owned() };
    let wrong = Next::Wrong { count: 1 };
    check_next(next.clone(), 8, &[wrong, mend.clone(), learn("from-the-beginning")]);
    let due = Next::Due { count: 1 };
    check_next(next.clone(), 9, &[due, mend, learn("from-the-beginning")]);
    // Who passes the challenge skips its stage.
    let passed = vec![(1, solved("challenge-1"))];
    let learning = noted(passed);
    let asked = suggest(taught(), &learning, &schedule(&learning, clock(9)), Day(9));
    assert_eq!(asked[0], learn(&road().stages[1].steps[0].exercise));
}

#[test]
fn the_skills_map_tells_how_far_one_came() {
    let step = |deeds: Vec<(u64, Deed)>| {
        let learning = noted(deeds);
        let map = skills(taught(), &learning, &schedule(&learning, clock(40)));
        map.into_iter().find(|skill| skill.concept == "min-isr").expect("it is a concept").step()
    };
    let ask = "killed-without-a-word";
    assert_eq!(step(vec![]), Step::New);
    assert_eq!(step(vec![(1, began("too-few-in-sync"))]), Step::Seen);
    assert_eq!(step(vec![(1, solved("too-few-in-sync"))]), Step::Done);
    assert_eq!(step(vec![(1, solved("challenge-2"))]), Step::Done);
    assert_eq!(step(vec![(1, answered(ask, Some("acks-1-is-safe")))]), Step::Seen);
    assert_eq!(step(vec![(1, answered(ask, None))]), Step::Answered);
    assert_eq!(step(vec![(1, answered(ask, None)), (5, answered(ask, None))]), Step::Kept);
}

#[test]
fn every_concept_of_the_road_and_of_the_bank_is_on_the_map() {
    let map = skills(taught(), &Learning::default(), &schedule(&Learning::default(), clock(1)));
    let names: BTreeSet<&str> = map.iter().map(|skill| skill.concept.as_str()).collect();
    assert_eq!(names.len(), map.len(), "a concept is there once");
    for question in questions() {
        assert!(concepts_of(question, road()).iter().all(|concept| names.contains(concept)));
    }
    assert!(map.is_sorted_by_key(|skill| skill.stage));
    assert_eq!(concept_name("isr", taught()), "ISR");
    assert_eq!(concept_name("key-chooses-partition", taught()), "Key chooses partition");
}

/// What a filter finds: at least this question, and none of that.
fn check_found(filter: &Filter, has: &str, has_not: &str) {
    let found = find(questions(), road(), filter);
    let ids: Vec<&str> = found.iter().map(|question| question.id.as_str()).collect();
    assert!(ids.contains(&has), "{filter:?} finds {ids:?}");
    assert!(!ids.contains(&has_not), "{filter:?} finds {ids:?}");
}

#[test]
fn the_bank_is_searched_by_what_it_asks() {
    let sought = |words: &str| Filter { sought: words.to_owned(), ..Filter::default() };
    check_found(&sought("without WORD"), "killed-without-a-word", "log-or-queue");
    check_found(&sought("colleague asks"), "log-or-queue", "killed-without-a-word");
    check_found(&sought("min-isr"), "killed-without-a-word", "log-or-queue");
    assert!(find(questions(), road(), &sought("zzzz")).is_empty());
    let concept = |concept: &str| Filter { concept: Some(concept.to_owned()), ..Filter::default() };
    check_found(&concept("min-isr"), "killed-without-a-word", "log-or-queue");
    let asks = |asks| Filter { asks, ..Filter::default() };
    check_found(&asks(Asks::InOwnWords), "log-or-queue", "killed-without-a-word");
    check_found(&asks(Asks::Computed), "killed-without-a-word", "log-or-queue");
    check_found(&asks(Asks::Designs), "log-or-queue", "killed-without-a-word");
    let level = Filter { level: Some(Level::Hard), ..Filter::default() };
    check_found(&level, "killed-without-a-word", "log-or-queue");
    assert_eq!(find(questions(), road(), &Filter::default()).len(), questions().len());
}

#[test]
fn beliefs_know_what_they_are_tied_to() {
    let shown = answered("killed-without-a-word", Some("each-record-is-on-disk"));
    let learning = noted(vec![(3, shown)]);
    let all = beliefs(taught(), &learning);
    assert_eq!(all.len(), taught().misconceptions.len());
    let one =
        all.iter().find(|one| one.belief.id == "each-record-is-on-disk").expect("it is there");
    assert!(one.questions.iter().any(|question| question.id == "killed-without-a-word"));
    let told = one.shown.expect("it was shown");
    assert_eq!((told.times, told.last_ms, told.is_mended), (1, 3 * DAY_MS, false));
    assert_eq!(all.iter().filter(|one| one.shown.is_some()).count(), 1);
    let mut mended = learning;
    mended.note(5 * DAY_MS, answered("killed-without-a-word", None));
    let all = beliefs(taught(), &mended);
    let one =
        all.iter().find(|one| one.belief.id == "each-record-is-on-disk").expect("it is there");
    assert!(one.shown.is_some_and(|shown| shown.is_mended));
}

fn all() -> Vec<&'static Question> {
    questions().iter().collect()
}

#[test]
fn a_mock_tells_what_was_right_and_what_to_go_over() {
    let mut mock = Mock::draw(&all(), taught(), 3, 5);
    assert_eq!((mock.slots.len(), mock.place()), (5, Some(0)));
    let by_id =
        |id: &str| questions().iter().find(|question| question.id == id).expect("it is one");
    for slot in &mut mock.slots {
        let question = by_id(&slot.question);
        let answer =
            question.try_ask_drawn(&question.draw(u64::from(slot.draw))).expect("it is proven");
        // All but the first are answered by nothing that fits.
        let given = Given::Point("nowhere".to_owned());
        let mut grade = question.grade(&answer, &given);
        if slot.spent_ms == 0 && question.id == "killed-without-a-word" {
            grade = question.grade(&answer, &Given::Choice(4));
        }
        (slot.given, slot.spent_ms) = (Some(given), 1_000);
        slot.close(question, Some(&grade));
    }
    assert!(mock.is_over());
    let report = mock.report(taught(), known);
    assert_eq!((report.lines.len(), report.right, report.spent_ms), (5, 0, 5_000));
    let has_disk = mock.slots.iter().any(|slot| slot.question == "killed-without-a-word");
    let told = report
        .beliefs
        .iter()
        .any(|(belief, times)| belief == "each-record-is-on-disk" && *times == 1);
    assert_eq!(told, has_disk);
    assert!(report.review.iter().all(|one| one.wrong > 0 && one.wrong <= one.of));
    let minutes: u32 = mock.slots.iter().map(|slot| minutes_for(by_id(&slot.question))).sum();
    assert_eq!(report.limit_ms, u64::from(minutes) * 60_000);
}

#[test]
fn an_answer_in_own_words_waits_to_be_compared() {
    let question =
        questions().iter().find(|question| question.id == "log-or-queue").expect("it is one");
    let mut mock = Mock::draw(&[question], taught(), 3, 5);
    mock.slots[0].words = "Reading takes nothing away.".to_owned();
    mock.slots[0].close(question, None);
    assert_eq!(mock.report(taught(), known).to_compare, 1);
    mock.slots[0].words = " ".to_owned();
    mock.slots[0].close(question, None);
    let report = mock.report(taught(), known);
    assert_eq!((report.to_compare, report.right), (0, 0));
}

#[test]
fn a_mock_can_be_ended_before_its_end() {
    let mut mock = Mock::draw(&all(), taught(), 3, 5);
    mock.is_ended = true;
    assert!(mock.is_over());
    let report = mock.report(taught(), known);
    assert!(report.lines.iter().all(|line| line.judged.is_none()));
    assert!(report.review.is_empty() && report.right == 0);
}

#[test]
fn a_row_goes_on_where_one_left() {
    let schedule = schedule(&noted(vec![(1, answered("log-or-queue", None))]), clock(2));
    let mut row = Practice::mixed(&all(), &schedule, 1, usize::MAX);
    assert_eq!(row.questions.len(), questions().len());
    assert_eq!(row.questions.last().map(String::as_str), Some("log-or-queue"), "known comes last");
    let first = row.next(None).expect("nothing is answered").to_owned();
    assert!(row.answer(&first) && !row.answer("nothing"));
    let second = row.next(Some(&first)).expect("more is there").to_owned();
    assert_eq!(row.place(&second), Some(2));
    // What was passed over comes again at the end.
    let last = row.questions.last().expect("there are some").clone();
    assert_eq!(row.next(Some(&last)), Some(second.as_str()));
    for id in row.questions.clone() {
        row.answer(&id);
    }
    assert_eq!(row.next(None), None);
    assert!(row.known(|id| id == "log-or-queue").questions.len() == 1);
}

fn history() -> impl Strategy<Value = Learning> {
    let exercises: Vec<String> = taught().exercises.iter().map(|it| it.id.clone()).collect();
    let asked: Vec<String> = questions().iter().map(|it| it.id.clone()).collect();
    let beliefs: Vec<String> = taught().misconceptions.iter().map(|it| it.id.clone()).collect();
    let exercise = prop::sample::select(exercises);
    let deed = prop_oneof![
        exercise.clone().prop_map(|exercise| Deed::Began { exercise }),
        exercise.prop_map(|exercise| Deed::Solved { exercise }),
        (prop::sample::select(asked), prop::option::of(prop::sample::select(beliefs)))
            .prop_map(|(question, belief)| answered(&question, belief.as_deref())),
    ];
    prop::collection::vec((0_u64..30, deed), 0..60).prop_map(|mut deeds| {
        deeds.sort_by_key(|(day, _)| *day);
        noted(deeds)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_evening_keeps_to_its_time_and_says_nothing_twice(learning in history(), minutes in 0_u32..300) {
        let schedule = schedule(&learning, clock(30));
        let plan = evening(taught(), &learning, &schedule, Day(30), minutes);
        prop_assert!(plan.iter().map(|one| one.minutes).sum::<u32>() <= minutes);
        let unlike: BTreeSet<&What> = plan.iter().map(|one| &one.what).collect();
        prop_assert_eq!(unlike.len(), plan.len());
        for one in &plan {
            if let What::Exercise(id) = &one.what {
                prop_assert!(!learning.has_solved(id));
            }
            if one.why == Reason::Wrong {
                let What::Question(id) = &one.what else { panic!("{one:?}") };
                prop_assert!(!schedule[id].was_right);
            }
        }
    }

    #[test]
    fn there_is_always_something_next_until_all_is_done(learning in history()) {
        let schedule = schedule(&learning, clock(30));
        let next = suggest(taught(), &learning, &schedule, Day(30));
        prop_assert!(!next.is_empty() && next.len() <= 3);
        for map in skills(taught(), &learning, &schedule) {
            prop_assert!(map.kept <= map.right && map.right <= map.answered);
            prop_assert!(map.answered <= map.questions.len());
        }
    }

    #[test]
    fn a_mock_asks_nothing_twice_and_the_same_seed_the_same(seed in any::<u64>(), count in 0_usize..20) {
        let mock = Mock::draw(&all(), taught(), seed, count);
        prop_assert_eq!(&mock, &Mock::draw(&all(), taught(), seed, count));
        let unlike: BTreeSet<&String> = mock.slots.iter().map(|slot| &slot.question).collect();
        prop_assert_eq!(unlike.len(), count.min(questions().len()));
        prop_assert_eq!(mock.slots.len(), unlike.len());
    }
}
