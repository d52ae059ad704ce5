//! A playlist held before a class, the students' questions, and their files laid together.

use highwater_exercises::{Given, Playlist, Question, Shown, Task, playlists, questions};
use highwater_standing::{
    Ballot, Class, ClassStep, Hands, Held, MOST_STUDENTS, Results, ResultsRefused, Share, Work,
    draw_of, steps,
};
use proptest::prelude::*;

fn find(id: &str) -> Option<&'static Question> {
    questions().iter().find(|question| question.id == id)
}

fn playlist() -> &'static Playlist {
    playlists().iter().find(|one| one.id == "what-is-a-log").expect("it is one")
}

fn count_of(playlist: &Playlist, scene: usize) -> usize {
    let scene = &playlist.scenes[scene];
    let question = match &scene.shown {
        Shown::Question { id, .. } => find(id),
        _ => None,
    };
    steps(scene, question).len()
}

fn work(student: u32, name: &str) -> Work {
    Work { playlist: playlist().id.clone(), student, name: name.to_owned() }
}

/// What a student hands in who answers each question by its option at a place.
fn handed_in(student: u32, name: &str, option: usize, at_ms: u64) -> Results {
    let mut mock = work(student, name).begin(playlist(), find);
    for slot in &mut mock.slots {
        slot.given = Some(Given::Choice(option));
    }
    Results::of(&mock, at_ms).expect("a class gave it")
}

#[test]
fn every_stage_has_a_playlist_with_votes() {
    for stage in 1..=10 {
        let of_stage = playlists().iter().filter(|one| one.stage == stage);
        let lists: Vec<&Playlist> = of_stage.collect();
        assert!(!lists.is_empty(), "stage {stage}");
        for list in lists {
            let is_vote = |id: &str| Ballot::is_there(find(id).expect("it is there"));
            assert!(list.questions().filter(|(id, _)| is_vote(id)).count() >= 2, "{}", list.id);
        }
    }
}

#[test]
fn a_question_is_voted_on_twice_and_then_answered() {
    let scene =
        playlist().scenes.iter().find(|scene| matches!(scene.shown, Shown::Question { .. }));
    let scene = scene.expect("there is one");
    let Shown::Question { id, .. } = &scene.shown else { unreachable!() };
    use ClassStep::{Answers, Asks, AsksAgain, Discusses};
    assert_eq!(steps(scene, find(id)), [Asks, Discusses, AsksAgain, Answers]);
    assert_eq!(steps(scene, None), [Asks, Answers]);
}

#[test]
fn a_ballot_has_what_is_right_among_what_wrong_beliefs_say() {
    for question in questions().iter().filter(|question| Ballot::is_there(question)) {
        let answer = question.try_ask().expect("it is proven");
        let Ballot { answers, right } = Ballot::of(question, &answer);
        assert!(answers.len() > 1 && !right.is_empty(), "{}", question.id);
        assert!(right.iter().all(|place| *place < answers.len()), "{}", question.id);
        let unlike: std::collections::BTreeSet<&String> = answers.iter().collect();
        assert_eq!(unlike.len(), answers.len(), "{}", question.id);
        if matches!(question.task, Task::Number { .. }) {
            let numbers: Vec<i64> =
                answers.iter().map(|it| it.parse().expect("a number")).collect();
            assert!(numbers.is_sorted(), "{}", question.id);
        }
    }
}

#[test]
fn hands_are_shared_out_between_right_and_wrong() {
    let mut hands = Hands::default();
    let answers: Vec<String> = ["one", "two", "three"].map(str::to_owned).to_vec();
    let ballot = |right: &[usize]| Ballot { answers: answers.clone(), right: right.to_vec() };
    assert_eq!(hands.share(false, &ballot(&[1])), None);
    hands.first.extend([(0, 12), (1, 6)]);
    hands.second.extend([(0, 2), (1, 15), (2, 0)]);
    assert_eq!(hands.share(false, &ballot(&[1])), Some(Share { right: 6, all: 18 }));
    assert_eq!(hands.share(true, &ballot(&[1, 2])), Some(Share { right: 15, all: 17 }));
}

#[test]
fn neighbours_have_other_numbers() {
    for question in questions().iter().filter(|question| question.draws().len() > 1) {
        let drawn = |student| question.draw(u64::from(draw_of(question, student)));
        for student in 1..12 {
            assert_ne!(drawn(student), drawn(student + 1), "{} of {student}", question.id);
        }
        assert_eq!(drawn(7), drawn(7));
    }
}

#[test]
fn files_of_a_class_are_laid_together() {
    let files = [
        handed_in(1, "Ada", 0, 10),
        handed_in(2, "Ben", 1, 10),
        // The same student once more: the later one counts, in whatever order they come.
        handed_in(2, "Ben", 2, 30),
        handed_in(2, "Ben", 3, 20),
    ];
    let class = Class::of(playlist(), &files, find);
    assert_eq!(class.students.len(), 2);
    for (place, question) in class.questions.iter().enumerate() {
        let asked = find(&question.question).expect("it is there");
        let right = |student: u32, option| {
            let drawn = asked.draw(u64::from(draw_of(asked, student)));
            let answer = asked.try_ask_drawn(&drawn).expect("it is proven");
            asked.grade(&answer, &Given::Choice(option)).is_right
        };
        let marks = [right(1, 0), right(2, 2)];
        assert_eq!(class.students[0].marks[place], Some(marks[0]));
        assert_eq!(class.students[1].marks[place], Some(marks[1]));
        assert_eq!(question.right, marks.iter().filter(|is_right| **is_right).count());
        assert_eq!((question.judged, question.unanswered), (2, 0));
        let wrong = marks.iter().filter(|is_right| !**is_right).count();
        assert!(question.beliefs.iter().map(|(_, times)| times).sum::<usize>() <= wrong);
    }
    assert!(class.students.iter().all(|one| !one.has_other_numbers));
}

#[test]
fn who_has_the_numbers_of_another_is_noticed() {
    let mut file = handed_in(4, "Cleo", 0, 10);
    let asked = find(&file.answers[0].question).expect("it is there");
    file.answers[0].draw = draw_of(asked, 4).wrapping_add(1);
    file.answers[1].given = None;
    let class = Class::of(playlist(), &[file], find);
    assert!(class.students[0].has_other_numbers);
    assert_eq!(class.questions[1].unanswered, 1);
    assert_eq!(class.students[0].marks[1], None);
}

#[test]
fn only_files_of_this_playlist_are_read() {
    let file = handed_in(3, "Dana", 0, 10);
    let text = file.write();
    assert_eq!(Results::read(&text, playlist()), Ok(file.clone()));
    let check = |text: &str, wanted: ResultsRefused| {
        assert_eq!(Results::read(text, playlist()), Err(wanted), "{text}");
    };
    check("", ResultsRefused::Another);
    check("{}", ResultsRefused::Another);
    check("{\"highwater_class\": 2, \"more\": 1}", ResultsRefused::Version(2));
    let why =
        "unknown field `x`, expected one of `highwater_class`, `of`, `written_at_ms`, `answers`";
    let why = why.to_owned();
    check("{\"highwater_class\": 1,\n\"x\": 1}", ResultsRefused::Unreadable { line: 2, why });
    let other = text.replace("what-is-a-log", "another");
    check(&other, ResultsRefused::OtherPlaylist("another".to_owned()));
    check(&text.replace("\"student\": 3", "\"student\": 0"), ResultsRefused::OutOfBounds);
    let beyond = format!("\"student\": {}", MOST_STUDENTS + 1);
    check(&text.replace("\"student\": 3", &beyond), ResultsRefused::OutOfBounds);
    check(&text.replace("Dana", &"D".repeat(81)), ResultsRefused::OutOfBounds);
    check(&" ".repeat(600_000), ResultsRefused::TooLong);
}

proptest! {
    /// Whatever is pressed, it stands at a step that there is; as far back as forward leads to the beginning.
    #[test]
    fn a_playlist_goes_forth_and_back(keys in proptest::collection::vec(any::<bool>(), 0..80)) {
        let list = playlist();
        let mut held = Held::begin(&list.id, 5);
        for is_forward in keys {
            let count = count_of(list, held.scene);
            let before = (held.scene, held.step);
            let has_moved = if is_forward { held.forward(list, count, 9) } else { held.back(9) };
            prop_assert_eq!(has_moved, before != (held.scene, held.step));
            prop_assert!(held.step < count_of(list, held.scene));
        }
        while held.back(9) {}
        prop_assert_eq!((held.scene, held.step, held.planned_ms(list)), (0, 0, 0));
        let mut presses = 0;
        while held.forward(list, count_of(list, held.scene), 9) {
            presses += 1;
        }
        let all: usize = (0..list.scenes.len()).map(|scene| count_of(list, scene)).sum();
        prop_assert_eq!(presses + 1, all);
    }

    /// No text of a file brings it down.
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}", at in 0_usize..400, byte in any::<u8>()) {
        let _ = Results::read(&text, playlist());
        let mut bytes = handed_in(1, "Ada", 0, 1).write().into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok(text) = String::from_utf8(bytes)
            && let Ok(read) = Results::read(&text, playlist())
        {
            Class::of(playlist(), &[read], find);
        }
    }
}
