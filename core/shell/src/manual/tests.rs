//! What the pages say is what the commands know.

use std::collections::BTreeSet;

use super::{PAGES, find, layout, page_name, start};
use crate::command::COMMANDS;
use crate::helpers;
use crate::options::Opt;
use crate::programs::argparse::Parser;
use crate::programs::{
    acls, api_versions, cluster, configs, console_consumer, console_producer,
    console_share_consumer, consumer_groups, consumer_perf, delete_records, dump_log, features,
    get_offsets, groups, leader_election, log_dirs, metadata_quorum, producer_perf, reassign,
    share_groups, topics, transactions, verbs, verifiable,
};
use crate::words::{Span, Word};

/// What the shell does by itself.
const BUILTINS: &str = ": . [ alias bg break cd continue env exit export false fg history jobs kill \
                        printenv pwd read set source test true unset wait whoami";

/// The options of a tool, or of one of its commands: each with all the ways to write it.
type Options = BTreeSet<Vec<String>>;

fn ways(options: &[Opt]) -> Options {
    let ways = |option: &Opt| {
        let names = [option.name].into_iter().chain(option.aliases.iter().copied());
        let mut names: Vec<String> = names.map(str::to_owned).collect();
        names.sort();
        names
    };
    options.iter().map(ways).collect()
}

fn with_commands(parser: &Parser) -> Vec<(String, Options)> {
    let own = parser.commands.iter().map(|it| (it.name.to_owned(), ways(it.options)));
    [(String::new(), ways(parser.options))].into_iter().chain(own).collect()
}

/// The options that the parser of a tool knows; none for a tool that reads its words itself.
fn known(name: &str) -> Option<Vec<(String, Options)>> {
    let plain = |options: &[Opt]| Some(vec![(String::new(), ways(options))]);
    match name {
        "kafka-topics" => plain(topics::OPTIONS),
        "kafka-acls" => plain(acls::OPTIONS),
        "kafka-configs" => plain(configs::OPTIONS),
        "kafka-consumer-perf-test" => plain(consumer_perf::OPTIONS),
        "kafka-producer-perf-test" => plain(producer_perf::OPTIONS),
        "kafka-console-consumer" => plain(console_consumer::OPTIONS),
        "kafka-console-producer" => plain(console_producer::OPTIONS),
        "kafka-console-share-consumer" => plain(console_share_consumer::OPTIONS),
        "kafka-share-groups" => plain(share_groups::OPTIONS),
        "kafka-verifiable-producer" => plain(verifiable::producer::OPTIONS),
        "kafka-verifiable-consumer" => plain(verifiable::consumer::OPTIONS),
        "kafka-dump-log" => plain(dump_log::OPTIONS),
        "kafka-get-offsets" => plain(get_offsets::OPTIONS),
        "kafka-groups" => plain(groups::OPTIONS),
        "kafka-log-dirs" => plain(log_dirs::OPTIONS),
        "kafka-broker-api-versions" => plain(api_versions::OPTIONS),
        "kafka-consumer-groups" => plain(consumer_groups::OPTIONS),
        "kafka-delete-records" => plain(delete_records::OPTIONS),
        "kafka-leader-election" => plain(leader_election::OPTIONS),
        "kafka-reassign-partitions" => plain(reassign::OPTIONS),
        "kafka-run-class" | "help" => plain(&[]),
        "kafka-metadata-quorum" => Some(with_commands(&metadata_quorum::PARSER)),
        "kafka-transactions" => Some(with_commands(&transactions::PARSER)),
        "kafka-cluster" => Some(with_commands(&cluster::PARSER)),
        "kafka-features" => Some(with_commands(&features::PARSER)),
        name => {
            let verbs = verbs::verbs(name).iter();
            let verbs = verbs.map(|verb| ((*verb).to_owned(), ways(verbs::options(name, verb))));
            let verbs: Vec<_> =
                [(String::new(), Options::new())].into_iter().chain(verbs).collect();
            (verbs.len() > 1).then_some(verbs)
        }
    }
}

/// The options that a page explains, by the command or verb that they belong to.
fn explained(text: &str) -> Vec<(String, Options)> {
    let mut found = vec![(String::new(), Options::new())];
    let mut section = "";
    for line in text.lines() {
        match line.trim_start() {
            _ if layout::is_section(line) => section = line,
            "" => {}
            _ if !matches!(section, "OPTIONS" | "COMMANDS" | "VERBS") => {}
            option if option.starts_with('-') && line.len() - option.len() < 2 => {
                let ways = option.split(", ").map(|way| way.split(' ').next().unwrap().to_owned());
                let mut ways: Vec<String> = ways.collect();
                ways.sort();
                let (of, options) = found.last_mut().unwrap();
                assert!(options.insert(ways), "{of} {option} stands once");
            }
            head if line == head => {
                let name = head.split(' ').next().unwrap();
                found.push((name.to_owned(), Options::new()));
            }
            _ => {}
        }
    }
    found.sort();
    found
}

#[test]
fn all_that_can_be_typed_has_a_page_and_no_page_is_of_nothing() {
    let commands = COMMANDS.iter().map(|command| command.name);
    let helpers = helpers::NAMES.iter().map(|(name, _)| *name);
    let more = ["bash", "egrep", "fgrep", "kafkacat", "/opt/kafka/bin/kafka-topics.sh"];
    let typed: BTreeSet<&str> =
        commands.chain(helpers).chain(BUILTINS.split(' ')).chain(more).collect();
    for name in &typed {
        assert!(find(name).is_some(), "there is a page for {name}");
    }
    let paged: BTreeSet<&str> = typed.iter().map(|name| page_name(name)).collect();
    assert_eq!(PAGES.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), paged);
}

#[test]
fn each_option_is_explained_and_none_that_is_not_there() {
    let mut checked = 0;
    for (name, text) in PAGES {
        let Some(mut known) = known(name) else { continue };
        known.sort();
        assert_eq!(explained(text), known, "left is what the page of {name} explains");
        checked += 1;
    }
    let tools = COMMANDS.iter().filter(|command| !matches!(command.name, "kcat" | "man"));
    assert_eq!(checked, tools.count(), "each tool with options is known to this test");
}

#[test]
fn the_shell_s_page_tells_of_each_builtin() {
    for name in BUILTINS.split(' ') {
        let (_, text) = find("shell").unwrap();
        assert!(layout::entry(text, name).is_some(), "{name}");
    }
}

#[test]
fn pages_are_of_one_build_and_fit_on_80_columns() {
    for (name, text) in PAGES {
        assert!(text.starts_with(&format!("NAME\n{name} - ")), "{name} begins with its name");
        let sections: Vec<&str> = text.lines().filter(|line| layout::is_section(line)).collect();
        assert!(sections.starts_with(&["NAME", "SYNOPSIS"]), "{name}: {sections:?}");
        assert!(sections.contains(&"EXAMPLES") && text.contains("\n$ "), "{name} has an example");
        assert_eq!(sections.last(), Some(&"SEE ALSO"), "{name}: {sections:?}");
        let others = text.lines().last().unwrap().split(", ");
        others.for_each(|other| assert!(find(other).is_some(), "{name} names {other}"));
        for line in layout::page(name, text) {
            assert!(line.chars().count() <= 80, "{name}: {line}");
        }
    }
}

/// What `man` prints for these words.
fn man(words: &str) -> String {
    let word =
        |text: &str| Word { text: text.to_owned(), span: Span { start: 1, end: 1 }, quoted: false };
    format!("{:?}", start(&words.split_whitespace().map(word).collect::<Vec<_>>()))
}

fn check(words: &str, parts: &[&str]) {
    let said = man(words);
    parts.iter().for_each(|part| assert!(said.contains(part), "man {words}: {said}"));
}

#[test]
fn man_finds_pages_verbs_and_words() {
    check("kafka-topics.sh", &["KAFKA-TOPICS(1)", "--replication-factor N", "$ kafka-topics.sh"]);
    check("1 head", &["HEAD(1)"]);
    check("broker pause", &["BROKER-PAUSE(1)", "--for TIME", "man broker, for all of it"]);
    check("read", &["READ(1)", "Reads a line into variables"]);
    check("head tail", &["HEAD(1)", "TAIL(1)"]);
    check("-k offsets", &["kafka-get-offsets (1)", "code: 0"]);
    check("-K tombstone", &["kafka-console-producer (1)", "producer (1)"]);
    check("", &["What manual page do you want?", "code: 1"]);
    check("-k", &["man -k offsets", "code: 1"]);
    check("-x head", &["invalid option -- 'x'", "code: 1"]);
    check("-k zzz", &["zzz: nothing appropriate.", "code: 16"]);
    check("kafka-topcis", &["No manual entry for kafka-topcis", "mean kafka-topics?", "code: 16"]);
    check("kafka-jmx.sh", &["kafka-jmx is not offered here", "code: 16"]);
}
