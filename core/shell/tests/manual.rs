//! The manual's pages are true: their examples run, and the options of the small programs are those that
//! their pages explain.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use highwater_cluster::acl::STANDARD_AUTHORIZER;
use highwater_cluster::cluster_spec::ClusterSpec;
use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{EntryId, TerminalName};
use highwater_cluster::input::Input;
use highwater_cluster::time::{Span, Time};
use highwater_cluster::world::World;

/// After how long an example that goes on is ended as by Ctrl-C.
const LONG: Span = Span(30_000_000);

/// What the examples find: the topics orders and payments, the group billing with one consumer, and the share group
/// workers, whose member has left.
const SETUP: &[&str] = &[
    "kafka-topics.sh --bootstrap-server broker1:9092 --create --topic orders --partitions 3 --replication-factor 3",
    "kafka-topics.sh --bootstrap-server broker1:9092 --create --topic payments --partitions 1 --replication-factor 3",
    "for i in {1..30}; do echo \"k$i:order $i\"; done | kafka-console-producer.sh --bootstrap-server broker1:9092 --topic orders --reader-property parse.key=true --reader-property key.separator=:",
    "consumer start c1 --group billing --topic orders --from-beginning",
    "share-consumer start s0 --group workers --topic orders",
    "sleep 8",
    "share-consumer stop s0",
    "sleep 1",
];

/// What may stand in the errors of an example that does what it should.
const EXPECTED: &[&str] = &[
    "Processed a total of ",
    "Highwater: ",
    // Kafka 4 says so of the tool itself.
    "is deprecated",
    "The consumer rebalance protocol (KIP-848)",
    // What ran before `head` in a pipe was ended by it.
    "Unable to write to standard out",
    // The number of a job.
    "[1] ",
    // So kcat says that it has read all.
    "% Reached end of topic",
    // A client whose broker was stopped or cut off.
    " WARN ",
];

fn pages() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("manual");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    paths.sort();
    let page = |path: &Path| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    paths.iter().map(|path| page(path)).collect()
}

/// What a line printed, and its exit code.
#[derive(Debug, Default, PartialEq)]
struct Printed {
    output: String,
    errors: String,
    code: Option<i32>,
}

/// A cluster whose brokers have come up.
fn world() -> World {
    let mut spec = ClusterSpec::default();
    // Some tools need an authorizer; whoever reads a page may do everything.
    for (name, value) in
        [("authorizer.class.name", STANDARD_AUTHORIZER), ("super.users", "User:ANONYMOUS")]
    {
        spec.configs.insert(name.into(), value.into());
    }
    let mut world = World::new(spec);
    world.run_until(Time(5_000_000));
    world
}

/// Runs a line to its end; one that goes on is interrupted.
fn run(world: &mut World, entry: &mut u32, line: &str) -> Printed {
    *entry += 1;
    let (id, name) = (EntryId(*entry), TerminalName::from("t1"));
    world.take_events();
    let client =
        world.start_program(id, &name, highwater_shell::start(line)).expect("there is room");
    let mut printed = Printed::default();
    let begun = world.now();
    let mut interrupts = 0;
    loop {
        for event in world.take_events() {
            match event.kind {
                EventKind::Output { text, is_error, .. } => {
                    let to = if is_error { &mut printed.errors } else { &mut printed.output };
                    to.push_str(&text);
                    to.push('\n');
                }
                EventKind::CommandExited { client: ended, code, .. } if ended == client => {
                    printed.code = Some(code);
                }
                _ => {}
            }
        }
        if printed.code.is_some() || world.halted().is_some() {
            return printed;
        }
        assert!(world.step(), "{line} came to an end");
        if world.now().since(begun) > Span(LONG.0 * (interrupts + 1)) {
            interrupts += 1;
            assert!(interrupts < 4, "{line} ends: {printed:?}");
            world.input(id, client, Input::Interrupt);
        }
    }
}

#[test]
fn every_example_does_what_it_says() {
    let mut ready = world();
    let mut entry = 0;
    for line in SETUP {
        assert_eq!(run(&mut ready, &mut entry, line).code, Some(0), "{line}");
    }
    let mut ran = 0;
    for (name, page) in pages() {
        let mut world = ready.clone();
        for line in page.lines().filter_map(|line| line.strip_prefix("$ ")) {
            let printed = run(&mut world, &mut entry, line);
            // 130: it goes on until Ctrl-C, as it should.
            assert!(matches!(printed.code, Some(0 | 130)), "{name}: {line}: {printed:#?}");
            let wrong = printed
                .errors
                .lines()
                .find(|line| !line.is_empty() && !EXPECTED.iter().any(|part| line.contains(part)));
            assert_eq!(wrong, None, "{name}: {line}: {printed:#?}");
            ran += 1;
        }
    }
    assert!(ran > 90, "{ran} examples ran");
}

/// How to find out which letters a small program knows: what it is tried with, and a command afterwards.
const PROBES: &[(&str, &str)] = &[
    ("cat", "f"),
    ("echo", "-e 'a\\tb'"),
    ("grep", "a+ f"),
    ("head", "f"),
    ("jq", ".a j"),
    ("ls", "f"),
    ("rm", "nosuch"),
    ("sort", "f"),
    ("tail", "f"),
    ("tee", "f; cat f"),
    ("tr", "a b < f"),
    ("uniq", "f"),
    ("wc", "f"),
    ("xargs", "echo x < f"),
];

/// The letters that a page explains, with what it says of each.
fn explained(page: &str) -> Vec<(char, &str)> {
    let mut lines = page.lines().peekable();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        let letter = line.strip_prefix('-').and_then(|rest| rest.chars().next());
        if let (Some(letter), Some(text)) = (letter.filter(|letter| *letter != '-'), lines.peek()) {
            found.push((letter, *text));
        }
    }
    found
}

#[test]
fn the_letters_of_the_small_programs_are_explained() {
    let mut world = world();
    let mut entry = 0;
    let all = pages();
    for (name, arguments) in PROBES {
        let (_, page) = all.iter().find(|(page, _)| page == name).unwrap();
        let explained = explained(page);
        let mut outcome = |option: &str| {
            let files = "printf 'b 1\\nb 1\\na+ 10\\nA+ 9\\n' > f; echo '{\"a\":[\"x\"]}' > j";
            run(&mut world, &mut entry, files);
            run(&mut world, &mut entry, &format!("{name} {option} {arguments}"))
        };
        let plain = outcome("");
        let with_word = outcome("1");
        for letter in ('a'..='z').chain('A'..='Z') {
            let (alone, valued) =
                (outcome(&format!("-{letter}")), outcome(&format!("-{letter} 1")));
            let is_refused = |printed: &Printed| {
                printed.errors.contains("invalid")
                    || printed.errors.contains("command not found")
                    || printed.output.starts_with(&format!("-{letter}"))
            };
            let does = (alone != plain && !is_refused(&alone))
                || (valued != with_word && valued.output != alone.output && !is_refused(&valued));
            let text = explained.iter().find(|(known, _)| *known == letter).map(|(_, text)| *text);
            assert!(!does || text.is_some(), "{name} -{letter} is explained: {alone:?} {valued:?}");
            let is_known = !is_refused(&alone) || !is_refused(&valued);
            assert!(text.is_none() || is_known, "{name} knows -{letter}: {alone:?}");
        }
    }
}

#[test]
fn each_letter_of_kcat_is_explained() {
    let mut world = world();
    let mut entry = 0;
    let all = pages();
    let (_, page) = all.iter().find(|(name, _)| name == "kcat").unwrap();
    let explained: BTreeSet<char> = explained(page).iter().map(|(letter, _)| *letter).collect();
    let known = ('a'..='z').chain('A'..='Z').filter(|letter| {
        let line = format!("kcat -{letter} a=1 -V");
        !run(&mut world, &mut entry, &line).errors.contains("unknown argument")
    });
    assert_eq!(explained, known.collect());
}
