//! The same scenario is the same run, to the last event and byte. The page is held to the same hash
//! by the tests in the browser.

use highwater_tests::play;

const STORY: &str = include_str!("../scenarios/story.hw");
/// The hash of the story. It changes with the engine's behaviour, and then the engine's version does.
const GOLDEN: &str = include_str!("../scenarios/story.hash");

#[test]
fn the_same_scenario_gives_the_same_hash_twice() {
    let first = play(STORY, 150).session.hash().expect("it is hashed");
    let second = play(STORY, 150).session.hash().expect("it is hashed");
    assert_eq!(first, second);
}

#[test]
fn the_hash_is_the_one_that_is_written_down() {
    let hash = format!("{:016x}", play(STORY, 150).session.hash().expect("it is hashed"));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/story.hash");
        std::fs::write(path, format!("{hash}\n")).expect("the file can be written");
        return;
    }
    assert_eq!(
        hash,
        GOLDEN.trim(),
        "if the engine is meant to behave otherwise, run again with UPDATE_EXPECT=1"
    );
}

#[test]
fn how_far_it_is_played_at_once_makes_no_difference() {
    let at_once = play(STORY, 150).session.hash();
    let mut in_pieces = play(STORY, 0);
    for second in 1..=150 {
        in_pieces.play_to(second);
    }
    assert_eq!(at_once, in_pieces.session.hash());
}

#[test]
fn stepping_and_starting_over_make_no_difference() {
    let at_once = play(STORY, 150).session.hash();
    let mut stepped = play(STORY, 0);
    for _ in 0..500 {
        stepped.session.step_event();
    }
    stepped.session.restart();
    stepped.play_to(150);
    assert_eq!(at_once, stepped.session.hash());
}

#[test]
fn a_line_typed_while_it_plays_gives_what_the_saved_script_gives() {
    check_typed(highwater_tests::THREE_BROKERS);
    // What is typed goes behind the last line, whatever that is.
    check_typed(&format!("{}\n# Three brokers, no topic yet.\n", highwater_tests::THREE_BROKERS));
    check_typed(&format!(
        "{}@500ms t1> broker stop 3\n\n# A comment at the end.\n",
        highwater_tests::THREE_BROKERS
    ));
}

/// Each line that is typed is done at once, and the saved script plays the same run.
#[track_caller]
fn check_typed(script: &str) {
    let mut typed = play(script, 1);
    let lines = [
        "kafka-topics.sh --create --topic orders --partitions 3 --replication-factor 3 --bootstrap-server broker1:9092",
        "producer start p1 --topic orders --rate 10",
        "broker stop 2",
    ];
    for (index, line) in lines.iter().enumerate() {
        typed.session.submit("t1", line).expect("the line can be written");
        let story = typed.story();
        assert!(story.contains(&format!("You: {line}")), "{line} was not done at once:\n{story}");
        typed.play_to(3 + index as u64);
    }
    typed.play_to(20);
    let replayed = play(&typed.session.script(), 20);
    assert_eq!(typed.session.hash(), replayed.session.hash(), "{}", typed.session.script());
}
