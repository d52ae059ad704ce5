//! Completion: what may stand where the cursor is.

mod known;
mod values;

pub use known::Known;

use crate::command::COMMANDS;
use crate::options::Opt;
use crate::programs::argparse::Parser;
use crate::programs::{
    acls, api_versions, cluster, configs, console_consumer, console_producer,
    console_share_consumer, consumer_groups, consumer_perf, delete_records, dump_log, features,
    get_offsets, groups, leader_election, log_dirs, metadata_quorum, producer_perf, reassign,
    share_groups, topics, transactions, verbs, verifiable,
};
use crate::words::{Operator, Token, Word, split_partial};

/// A word that may stand where the cursor is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The whole word.
    pub text: String,
    /// The column from which it replaces what is typed, in characters from 0.
    pub from: usize,
    /// What it is, in a few words.
    pub help: &'static str,
}

/// The words that may stand at `cursor`, a column in characters from 0: commands; then the values
/// and names that are awaited, and a command's verbs or options. A cursor beyond the line's end stands
/// at its end.
pub fn complete(line: &str, cursor: usize, known: &Known) -> Vec<Completion> {
    let cursor = cursor.min(line.chars().count());
    let typed: String = line.chars().take(cursor).collect();
    let mut words: Vec<Word> = Vec::new();
    let mut before = None;
    for token in split_partial(&typed).tokens {
        match token {
            Token::Word(word) => words.push(word),
            // What follows is a command of its own, or the name of a file.
            Token::Operator { operator, .. } => {
                words.clear();
                before = Some(operator);
            }
        }
    }
    let is_in_word = words.last().is_some_and(|word| word.span.end as usize == cursor + 1);
    let (begun, from) = match words.pop_if(|_| is_in_word) {
        Some(word) => (word.text, word.span.start as usize - 1),
        None => (String::new(), cursor),
    };
    let names_file = matches!(before, Some(Operator::Read | Operator::Write | Operator::Append));
    if names_file {
        // A file is named by one word, behind which the command goes on as it was.
        let files = if words.is_empty() { known.files.as_slice() } else { &[] };
        let fitting = files.iter().filter(|name| name.starts_with(&begun));
        return fitting.map(|name| Completion { text: name.clone(), from, help: "" }).collect();
    }
    let (begun, from) = behind_equals(begun, from, &mut words);
    let fits = |text: &str| text.starts_with(&begun);
    let mut candidates = candidates(&words);
    if words.is_empty() && before == Some(Operator::Pipe) {
        // Behind a pipe the helpers come first.
        candidates.rotate_left(COMMANDS.len());
    }
    let fitting = candidates.into_iter().filter(|(text, _)| fits(text));
    let options = fitting.map(|(text, help)| Completion { text: text.to_owned(), from, help });
    let mut values = values::values(&words, known);
    if values.is_empty() {
        values = verbs::values(&words);
    }
    let values = values.into_iter().filter(|text| fits(text));
    // A name that is awaited comes before the options.
    values.map(|text| Completion { text, from, help: "" }).chain(options).collect()
}

/// Of `--topic=ord` the option becomes a word, and what stands behind it is what was begun.
fn behind_equals(begun: String, from: usize, words: &mut Vec<Word>) -> (String, usize) {
    match begun.split_once('=') {
        Some((option, value)) if option.starts_with("--") && !words.is_empty() => {
            let from = from + option.chars().count() + 1;
            let span = words[0].span;
            words.push(Word { text: option.to_owned(), span, quoted: false });
            (value.to_owned(), from)
        }
        _ => (begun, from),
    }
}

/// What may follow these words, whatever of it is typed already.
fn candidates(words: &[Word]) -> Vec<(&'static str, &'static str)> {
    let Some(command) = words.first() else {
        let commands = COMMANDS.iter().map(|command| (command.name, command.summary));
        return commands.chain(crate::helpers::NAMES.iter().copied()).collect();
    };
    let tool = match command.text.strip_suffix(".sh").unwrap_or(&command.text) {
        "kafka-topics" => Some(topics::OPTIONS),
        "kafka-acls" => Some(acls::OPTIONS),
        "kafka-configs" => Some(configs::OPTIONS),
        "kafka-consumer-perf-test" => Some(consumer_perf::OPTIONS),
        "kafka-producer-perf-test" => Some(producer_perf::OPTIONS),
        "kafka-console-consumer" => Some(console_consumer::OPTIONS),
        "kafka-console-producer" => Some(console_producer::OPTIONS),
        "kafka-console-share-consumer" => Some(console_share_consumer::OPTIONS),
        "kafka-share-groups" => Some(share_groups::OPTIONS),
        "kafka-verifiable-producer" => Some(verifiable::producer::OPTIONS),
        "kafka-verifiable-consumer" => Some(verifiable::consumer::OPTIONS),
        "kafka-dump-log" => Some(dump_log::OPTIONS),
        "kafka-get-offsets" => Some(get_offsets::OPTIONS),
        "kafka-groups" => Some(groups::OPTIONS),
        "kafka-log-dirs" => Some(log_dirs::OPTIONS),
        "kafka-broker-api-versions" => Some(api_versions::OPTIONS),
        "kafka-transactions" => return with_commands(&transactions::PARSER, &words[1..]),
        "kafka-cluster" => return with_commands(&cluster::PARSER, &words[1..]),
        "kafka-metadata-quorum" => return with_commands(&metadata_quorum::PARSER, &words[1..]),
        "kafka-features" => return with_commands(&features::PARSER, &words[1..]),
        "kafka-consumer-groups" => Some(consumer_groups::OPTIONS),
        "kafka-delete-records" => Some(delete_records::OPTIONS),
        "kafka-leader-election" => Some(leader_election::OPTIONS),
        "kafka-reassign-partitions" => Some(reassign::OPTIONS),
        _ => None,
    };
    if let Some(options) = tool {
        return unused(options, &words[1..]);
    }
    if matches!(command.text.as_str(), "help" | "man") && words.len() == 1 {
        return COMMANDS.iter().map(|command| (command.name, command.summary)).collect();
    }
    match words {
        [command] => {
            let verbs = verbs::verbs(&command.text).iter();
            verbs.map(|verb| (*verb, verbs::verb_help(&command.text, verb))).collect()
        }
        [command, verb, rest @ ..] => unused(verbs::options(&command.text, &verb.text), rest),
        [] => Vec::new(),
    }
}

/// Of a tool with commands: its options and commands, then the options of the command that is given.
fn with_commands(parser: &'static Parser, words: &[Word]) -> Vec<(&'static str, &'static str)> {
    let is_it = |name: &str| words.iter().position(|word| word.text == name);
    let given = parser.commands.iter().find_map(|command| Some((command, is_it(command.name)?)));
    if let Some((command, at)) = given {
        return unused(command.options, &words[at + 1..]);
    }
    let options = unused(parser.options, words);
    if options.is_empty() && !parser.options.is_empty() {
        return options;
    }
    let commands = parser.commands.iter().map(|command| (command.name, command.help));
    options.into_iter().chain(commands).collect()
}

/// The options that are not given yet, unless the last one still awaits its value.
fn unused(options: &'static [Opt], words: &[Word]) -> Vec<(&'static str, &'static str)> {
    let find = |word: &Word| options.iter().find(|option| option.is_called(&word.text));
    if words.last().and_then(find).is_some_and(|option| !option.placeholder.is_empty()) {
        return Vec::new();
    }
    let is_given = |option: &Opt| words.iter().any(|word| option.is_called(&word.text));
    let open = options.iter().filter(|option| option.repeated || !is_given(option));
    open.map(|option| (option.name, option.help)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let names = |text: &str| text.split(' ').map(str::to_owned).collect();
        Known {
            brokers: names("1 2 3"),
            controllers: names("101"),
            topics: names("orders orders-dlq __consumer_offsets"),
            partitions: names("orders-0 orders-1 orders-dlq-0"),
            groups: names("billing"),
            share_groups: names("packers"),
            share_consumers: names("s1"),
            producers: names("p1"),
            files: names("client.properties plan.json"),
            ..Known::default()
        }
    }

    fn check(line: &str, expected: &[&str]) {
        let found: Vec<String> = complete(line, line.chars().count(), &known())
            .into_iter()
            .map(|found| found.text)
            .collect();
        assert_eq!(found, expected, "for {line:?}");
    }

    #[test]
    fn commands_come_first_then_verbs_then_options() {
        check("kafka-to", &["kafka-topics.sh"]);
        check("kafka-transactions.sh li", &["list"]);
        check("kafka-transactions.sh list --dur", &["--duration-filter"]);
        check("kafka-consumer-groups.sh --re", &["--reset-offsets"]);
        check("kafka-configs.sh --delete", &["--delete-config"]);
        check("bro", &["broker"]);
        check("broker st", &["stop", "start"]);
        check("broker stop ", &["1", "2", "3"]);
        check("help prod", &["producer"]);
        check("kafka-topics.sh --re", &["--replica-assignment", "--replication-factor"]);
        check(
            "producer start p1 --ke",
            &["--key", "--keys", "--key-distribution", "--key-template"],
        );
        check("broker po", &["power-loss"]);
        check("consumer s", &["start", "stop", "seek"]);
        check("consumer start c1 --on-error s", &["stop", "skip"]);
        check("producer start p1 --part", &["--partition", "--partition-rule"]);
        check("producer start p1 --config partitioner.c", &["partitioner.class="]);
        check("consumer start c1 --config fetch.mi", &["fetch.min.bytes="]);
        check("producer start p1 --key-distribution ", &["uniform", "zipf", "hot:80"]);
        check("broker slow-disk 2 ", &["--append"]);
        check("broker drop 2 --api Off", &["OffsetForLeaderEpoch", "OffsetCommit", "OffsetFetch"]);
        check("broker fail 2 --api Produce --error NOT_L", &["NOT_LEADER_OR_FOLLOWER"]);
        check("network part", &["partition"]);
        check("partition elect orders-0 --un", &["--unclean"]);
    }

    #[test]
    fn a_cursor_beyond_the_end_stands_at_the_end() {
        let none = Known::default();
        assert_eq!(complete("bro", 9, &none), complete("bro", 3, &none));
        assert!(complete("", 1, &none).iter().all(|found| found.from == 0));
    }

    #[test]
    fn what_is_given_already_or_awaits_a_value_is_not_proposed() {
        check("kafka-topics.sh --list --li", &[]);
        check("kafka-topics.sh --partitions 3 --replica-assignment ", &[]);
        check("kafka-topics.sh --config a=b --conf", &["--config"]);
        check("broker stop 1; bro", &["broker"]);
    }

    #[test]
    fn values_are_the_names_of_what_there_is() {
        check("kafka-topics.sh --describe --topic ord", &["orders", "orders-dlq"]);
        check("kafka-topics.sh --describe --topic=orders-", &["orders-dlq"]);
        check("kafka-topics.sh --create --topic ", &["payments", "clicks", "users"]);
        check("kafka-topics.sh --replication-factor ", &["3", "2", "1"]);
        check("kafka-consumer-groups.sh --describe --group ", &["billing"]);
        check("kafka-console-consumer.sh --topic orders --group ", &["billing", "readers"]);
        check("kafka-console-consumer.sh --topic orders --partition ", &["0", "1"]);
        check("kafka-share-groups.sh --describe --group ", &["packers"]);
        check("share-consumer start s2 --group ", &["packers", "workers"]);
        check("share-consumer start s", &["s2"]);
        check("share-consumer stop s", &["s1"]);
        check("kafka-configs.sh --entity-type groups --entity-name ", &["billing", "packers"]);
        check(
            "kafka-configs.sh --entity-type groups --add-config share.auto",
            &["share.auto.offset.reset="],
        );
        check("kafka-topics.sh --bootstrap-server broker2", &["broker2:9092"]);
        check("kafka-configs.sh --entity-type brokers --entity-name ", &["1", "2", "3"]);
        check(
            "kafka-configs.sh --alter --entity-type topics --add-config cleanup",
            &["cleanup.policy="],
        );
        check(
            "kafka-configs.sh --alter --topic orders --delete-config retention.m",
            &["retention.ms"],
        );
        check("kafka-topics.sh --list --command-config ", &["client.properties", "plan.json"]);
        check("kafka-reassign-partitions.sh --reassignment-json-file pl", &["plan.json"]);
        check("kafka-reassign-partitions.sh --broker-list ", &["1,2,3", "1", "2", "3"]);
        check("controller kill ", &["101"]);
        check("coordinator move ", &["billing", "--to"]);
        check("network cut 1 ", &["2", "3", "controller101", "p1", "s1", "--one-way"]);
        check("partition elect orders-d", &["orders-dlq-0"]);
        check("producer start p", &["p2"]);
        check("producer stop ", &["p1"]);
        check("cat cl", &["client.properties"]);
        check("kafka-console-producer.sh --topic orders < pl", &["plan.json"]);
        check("kafka-topics.sh --list | he", &["head", "help"]);
    }

    #[test]
    fn a_completion_says_where_it_begins() {
        let none = Known::default();
        assert_eq!(complete("help  bro", 9, &none)[0].from, 6);
        assert_eq!(complete("broker stop", 3, &none)[0].from, 0);
        assert_eq!(complete("kafka-topics.sh --topic=or", 26, &known())[0].from, 24);
    }
}
