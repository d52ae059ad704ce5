use std::collections::BTreeSet;

use highwater_cluster::event::EventKind;
use highwater_cluster::time::{Span, Time};

use super::{Depth, LogKind};
use crate::catalogue::Catalogue;
use crate::session::{Filter, Session, Stop};

/// The variants that an enum of this source has.
fn variants(source: &str, name: &str) -> Vec<String> {
    let start = source.find(&format!("pub enum {name} {{")).expect("the enum is there");
    let mut depth = 0;
    let mut variants = Vec::new();
    for line in source[start..].lines() {
        let trimmed = line.trim();
        if depth == 1 && trimmed.starts_with(|letter: char| letter.is_ascii_uppercase()) {
            let end = trimmed.find(|letter: char| !letter.is_alphanumeric());
            variants.push(trimmed[..end.unwrap_or(trimmed.len())].to_owned());
        }
        if !trimmed.starts_with("//") {
            depth += line.matches('{').count();
            depth -= line.matches('}').count();
        }
        if depth == 0 {
            break;
        }
    }
    variants
}

/// Every event that can happen is told by a narrator that names it. Which arms a match has, the
/// compiler cannot say: the enums may grow, and each ends in an arm for all the rest.
#[test]
fn every_kind_of_event_has_a_sentence() {
    const EVENTS: &str = include_str!("../../../cluster/src/event.rs");
    const FAULTS: &str = include_str!("../../../cluster/src/fault/event.rs");
    const APPS: &str = include_str!("../../../cluster/src/application/event.rs");
    const APPLICATIONS: &str = include_str!("../../../cluster/src/consumer/application/event.rs");
    const PRODUCERS: &str = include_str!("../../../cluster/src/producer/transaction/event.rs");
    let main = include_str!("../narration.rs");
    let narrators = [
        (
            EVENTS,
            "EventKind",
            "EventKind::",
            vec![
                main,
                include_str!("network.rs"),
                include_str!("quorum.rs"),
                include_str!("groups.rs"),
                include_str!("transactions.rs"),
            ],
        ),
        (FAULTS, "FaultEvent", "FaultEvent::", vec![include_str!("faults.rs")]),
        (APPS, "AppEvent", "AppEvent::", vec![include_str!("apps.rs")]),
        (APPLICATIONS, "ApplicationEvent", "E::", vec![include_str!("application.rs")]),
        (
            PRODUCERS,
            "ProducerTransactionEvent",
            "Event::",
            vec![include_str!("producer_transactions.rs")],
        ),
    ];
    for (source, name, prefix, files) in narrators {
        let variants = variants(source, name);
        assert!(variants.len() > 5, "{name} has {variants:?}");
        for variant in variants {
            let arm = format!("{prefix}{variant}");
            let is_arm = |rest: &str| !rest.starts_with(char::is_alphanumeric);
            let has_arm = |file: &&str| {
                file.match_indices(&arm).any(|(at, _)| is_arm(&file[at + arm.len()..]))
            };
            assert!(files.iter().any(has_arm), "{name}::{variant} has no sentence: narrate it");
        }
    }
}

/// A run in which much happens, to its end.
fn story() -> Session {
    let script = include_str!("../../../../tests/scenarios/story.hw");
    let mut session = Session::parse(script).expect("it is a scenario");
    let end = session.script_end() + Span::from_millis(5_000);
    session.advance(end, u32::MAX);
    session
}

#[test]
fn every_event_of_a_long_run_is_told_without_gaps() {
    let session = story();
    let mut depths = BTreeSet::new();
    for event in session.causes().all() {
        let line = session.told(event).unwrap_or_else(|| panic!("nothing tells {event}"));
        depths.insert(line.depth);
        let text = format!("{} {}", line.sentence, line.because.unwrap_or_default());
        assert!(!text.trim().is_empty(), "{event}");
        let is_message = matches!(
            event.kind,
            EventKind::MessageSent { .. } | EventKind::MessageDelivered { .. }
        );
        let is_told_as_message = line.kind == LogKind::Message && line.depth == Depth::Wire;
        assert!(is_told_as_message || !is_message, "{text}");
        // Of the first that are remembered, what they came from is forgotten.
        let is_known = session.causes().of(event.id).next().is_some();
        assert!(!is_message || !is_known || !text.contains('?'), "its header is known: {text}");
    }
    assert_eq!(depths.len(), 3, "all depths occur");
}

#[test]
fn sentences_have_all_that_they_are_to_be_filled_with() {
    let session = story();
    let catalogue = Catalogue::english();
    let known: BTreeSet<&str> = catalogue.ids().collect();
    for event in session.causes().all() {
        let told = super::narrate(event, session.world(), session.causes()).expect("it is told");
        for id in [Some(told.id), told.because].into_iter().flatten() {
            assert!(known.contains(id), "{id} has no sentence");
            for needed in catalogue.arguments(id) {
                assert!(
                    told.arguments.iter().any(|(name, _)| *name == needed),
                    "{id} needs {needed}"
                );
            }
        }
    }
}

#[test]
fn another_depth_shows_the_past_too() {
    let session = story();
    let all = |depth| session.history(depth, &Filter::default(), None, usize::MAX);
    let [story, detail, wire] = Depth::ALL.map(all);
    assert!(story.len() > 30 && detail.len() > 5 * story.len() && wire.len() > 2 * detail.len());
    // What is told at a depth is told at each that is deeper, and in order.
    for (shallow, deep) in [(&story, &detail), (&detail, &wire)] {
        let mut rest = deep.iter();
        for line in shallow {
            assert!(rest.any(|other| other == line), "{line:?} is missing deeper down");
        }
    }
    assert!(wire.windows(2).all(|pair| pair[0].event <= pair[1].event), "in order");
    // What is asked for bit by bit is the same.
    let middle = wire[wire.len() / 2].event;
    let later = session.history(Depth::Wire, &Filter::default(), Some(middle), usize::MAX);
    assert_eq!(later.first().map(|line| line.event > middle), Some(true));
    assert!(wire.ends_with(&later));
    let last = session.history(Depth::Wire, &Filter::default(), None, 10);
    assert!(wire.ends_with(&last) && last.len() == 10);
}

/// So many lines of the story match, all of them for a reason.
#[track_caller]
fn check(typed: &str, kind: Option<&str>, is_right: impl Fn(&str) -> bool) {
    let filter = Filter::new(typed, kind);
    let lines = story().history(Depth::Detail, &filter, None, usize::MAX);
    assert!(!lines.is_empty(), "{typed} finds nothing");
    for line in lines {
        let text = format!(
            "{} {} {}",
            line.sentence.to_lowercase(),
            line.because.unwrap_or_default(),
            line.about.join(" ")
        );
        assert!(is_right(&text) && kind.is_none_or(|kind| kind == line.kind.name()), "{text}");
    }
}

#[test]
fn the_past_is_searched_by_node_partition_kind_and_words() {
    check("broker 2", None, |text| text.contains("broker 2"));
    check("orders-1", None, |text| text.contains("orders-1"));
    check("Broker 1 killed", None, |text| text.contains("broker 1") && text.contains("killed"));
    check("", Some("election"), |_| true);
    check("group billing", Some("group"), |text| text.contains("billing"));
    let nothing = Filter::new("no such word", None);
    assert!(story().history(Depth::Wire, &nothing, None, 10).is_empty());
}

#[test]
fn a_number_is_not_found_in_a_longer_one() {
    let session = story();
    let mut line = session.log().last().expect("there are lines").clone();
    line.sentence = "The ISR of orders-12 shrank".to_owned();
    line.about.clear();
    line.because = None;
    assert!(!Filter::new("orders-1", None).lets(&line));
    assert!(Filter::new("orders-12", None).lets(&line));
}

#[test]
fn the_first_of_its_kind_is_of_the_story() {
    let said = story().history(Depth::Story, &Filter::default(), None, usize::MAX);
    for (words, times) in [
        ("The first records of orders-0 are in the log", 1),
        ("Group billing committed for the first time", 1),
        ("begins a rebalance", 2),
        ("Broker 1 was killed", 1),
    ] {
        let count = said.iter().filter(|line| line.sentence.contains(words)).count();
        assert!(count >= times, "{words}: {count}");
    }
    assert!(!said.iter().any(|line| line.sentence.starts_with("Broker 1 appended")));
}

#[test]
fn steps_go_to_events_and_messages_and_back() {
    for stop in [Stop::Told(Depth::Story), Stop::Told(Depth::Detail), Stop::Message] {
        let mut session = story();
        let end = session.script_end() + Span::from_millis(60_000);
        let mut instants = Vec::new();
        for _ in 0..20 {
            let before = session.now();
            let line = session.step(stop, end, None).line;
            if let Some(line) = &line {
                assert_eq!(line.at, session.now());
                assert!(stop != Stop::Message || line.kind == LogKind::Message);
                instants.push((before, line.at));
            }
        }
        assert!(stop == Stop::Told(Depth::Story) || instants.len() == 20, "{stop:?}");
        for (before, at) in instants.into_iter().rev().filter(|(before, at)| before < at) {
            let back = session.instant_before(stop);
            assert!(back.is_some_and(|back| back < session.now() && back >= before), "{stop:?}");
            let _ = at;
        }
        assert!(session.now() > Time::ZERO);
    }
}

#[test]
fn a_session_can_be_told_in_another_language_from_its_beginning() {
    let script = "highwater 1\nseed 1\ncluster --brokers 1\n@1s t1> broker stop 1\n";
    let session = Session::parse(script).expect("it is a scenario");
    let other = Catalogue::of("entry = Du: {line}\n").expect("it is a sentence");
    let mut session = session.hashed().told_in(std::sync::Arc::new(other));
    let told = |session: &mut Session| {
        session.advance(session.script_end(), u32::MAX);
        let log = session.history(Depth::Story, &Filter::default(), None, usize::MAX);
        let says = log.iter().any(|line| line.sentence == "Du: broker stop 1");
        (says, session.hash())
    };
    let first = told(&mut session);
    assert!(first.0);
    session.restart();
    assert_eq!(told(&mut session), first, "it stays in force when the run begins anew");
    let mut english = Session::parse(script).expect("it is a scenario").hashed();
    assert_eq!(told(&mut english), (false, first.1), "the run is the same in every language");
}
