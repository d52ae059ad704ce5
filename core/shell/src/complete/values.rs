//! What may stand as the value of an option, or as the name that a verb works on.

use highwater_cluster::configs::ConfigKind;
use highwater_cluster::quota::{IP_QUOTA_KEYS, QUOTA_KEYS};

use super::Known;
use crate::programs::acls;
use crate::words::Word;

/// What may follow these words, if the last of them awaits a value, or the command a name.
pub(super) fn values(words: &[Word], known: &Known) -> Vec<String> {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let Some((command, rest)) = texts.split_first() else { return Vec::new() };
    let tool = command.rsplit('/').next().unwrap_or(command);
    let tool = tool.strip_suffix(".sh").unwrap_or(tool);
    let of_option = rest.last().map(|option| of_option(tool, option, rest, known));
    of_option.filter(|values| !values.is_empty()).unwrap_or_else(|| names(tool, rest, known))
}

/// The values of an option of a tool.
fn of_option(tool: &str, option: &str, words: &[&str], known: &Known) -> Vec<String> {
    let is_given = |option: &str| words.contains(&option);
    let value_of = |option: &str| {
        let place = words.iter().position(|word| *word == option)?;
        words.get(place + 1).copied()
    };
    match (tool, option) {
        ("kafka-topics", "--topic") if is_given("--create") => {
            fresh(&["orders", "payments", "clicks", "users"], &known.topics)
        }
        ("kafka-topics", "--partitions") => owned(&["1", "3", "6", "12"]),
        (_, "--replication-factor") => {
            (1..=known.brokers.len().clamp(1, 5)).rev().map(|n| n.to_string()).collect()
        }
        (_, "--bootstrap-server" | "-b") => known.servers(),
        (_, "--bootstrap-controller") => {
            known.controllers.iter().map(|id| format!("controller{id}:9093")).collect()
        }
        (_, "--topic" | "--topic-list" | "-t" | "--from") => known.topics.clone(),
        ("app", "--to") => known.topics.clone(),
        ("partition" | "coordinator", "--to" | "--leader") => known.brokers.clone(),
        ("producer" | "consumer", "--partition") => match value_of("--topic") {
            Some(topic) => known.partitions_of(topic),
            None => known.partitions.clone(),
        },
        (_, "--partition" | "--partitions") => match value_of("--topic") {
            Some(topic) => known.partitions_of(topic),
            None => Vec::new(),
        },
        (_, "--topic-partitions" | "--topic-partition") => known
            .partitions
            .iter()
            .filter_map(|partition| {
                let (topic, number) = partition.rsplit_once('-')?;
                Some(format!("{topic}:{number}"))
            })
            .collect(),
        (
            "kafka-console-consumer"
            | "consumer"
            | "app"
            | "kafka-verifiable-consumer"
            | "kafka-consumer-perf-test",
            "--group" | "--group-id",
        ) => with(&known.groups, fresh(&["readers", "billing"], &known.groups)),
        ("share-consumer" | "kafka-console-share-consumer", "--group") => {
            with(&known.share_groups, fresh(&["workers"], &known.share_groups))
        }
        ("kafka-share-groups", "--group") => known.share_groups.clone(),
        (_, "--group" | "--group-id" | "-G") => known.groups.clone(),
        (_, "--transactional-id" | "--transactionalId") => known.transactional_ids.clone(),
        (_, "--broker" | "--brokers" | "--broker-list" | "--broker-id") => {
            let all = known.brokers.join(",");
            let several = (option == "--broker-list" && known.brokers.len() > 1).then_some(all);
            several.into_iter().chain(known.brokers.clone()).collect()
        }
        ("kafka-acls", "--allow-principal" | "--deny-principal" | "--principal") => {
            with(&known.principals, vec!["User:*".to_owned()])
        }
        ("kafka-acls", "--operation") => acls::operation_names().collect(),
        ("kafka-acls", "--resource-pattern-type") => owned(&acls::PATTERN_TYPES),
        (_, "--entity-type") => owned(&["topics", "brokers", "groups", "users", "clients", "ips"]),
        (_, "--entity-name") => match value_of("--entity-type") {
            Some("brokers") => known.brokers.clone(),
            Some("groups") => with(&known.groups, known.share_groups.clone()),
            Some("users" | "clients" | "ips") => Vec::new(),
            _ => known.topics.clone(),
        },
        ("kafka-topics", "--config") => configs(ConfigKind::Topic, "="),
        ("kafka-configs", "--add-config") => altered(value_of("--entity-type"), words, "="),
        (_, "--delete-config") => altered(value_of("--entity-type"), words, ""),
        (
            _,
            "--producer-property" | "--producer-config" | "--producer-props" | "--command-property",
        ) if tool.contains("producer") || tool == "app" => configs(ConfigKind::Producer, "="),
        (_, "--consumer-property" | "--consumer-config" | "--command-property")
            if tool.contains("consumer") || tool == "app" =>
        {
            configs(ConfigKind::Consumer, "=")
        }
        ("kafka-console-consumer", "--property" | "--formatter-property") => owned(&[
            "print.key=true",
            "print.partition=true",
            "print.offset=true",
            "print.timestamp=true",
            "print.headers=true",
            "key.separator=",
        ]),
        ("kafka-console-producer", "--property" | "--reader-property") => {
            owned(&["parse.key=true", "key.separator=:", "parse.headers=true", "null.marker="])
        }
        (_, "--election-type") => owned(&["preferred", "unclean"]),
        (_, "--isolation-level") => owned(&["read_committed", "read_uncommitted"]),
        (_, "--group-protocol") => owned(&["classic", "consumer"]),
        (_, "--reset-policy") => owned(&["earliest", "latest", "none"]),
        (_, "--guarantee") => owned(&["at-most-once", "at-least-once", "exactly-once"]),
        ("kafka-get-offsets", "--time") => owned(&["latest", "earliest", "max-timestamp"]),
        ("kafka-console-consumer", "--offset") => owned(&["earliest", "latest", "0"]),
        (_, "--max-messages" | "--messages" | "--count") => owned(&["1", "10", "100"]),
        (_, "--num-records" | "--throughput" | "--record-size") => owned(&["100", "1000"]),
        (_, "--rate") => owned(&["1", "5", "50"]),
        (_, "--timeout-ms") => owned(&["5000", "10000"]),
        (
            "kafka-console-producer" | "kafka-verifiable-producer",
            "--request-required-acks" | "--acks",
        ) => owned(&["0", "1", "-1"]),
        ("kafka-dump-log", "--files") => {
            let folder = |partition: &String| {
                format!("/var/lib/kafka/data1/{partition}/00000000000000000000.log")
            };
            known.partitions.iter().map(folder).collect()
        }
        (_, option) if takes_file(option) => known.files.clone(),
        _ => Vec::new(),
    }
}

/// The names that a command works on without an option.
fn names(tool: &str, words: &[&str], known: &Known) -> Vec<String> {
    match (tool, words) {
        ("broker", [_]) => known.brokers.clone(),
        ("controller", [_]) => known.controllers.clone(),
        ("coordinator", ["move"]) => known.groups.clone(),
        ("partition", ["elect"]) => known.partitions.clone(),
        ("network", [_] | [_, _]) => {
            let brokers = known.brokers.iter().cloned();
            let controllers = known.controllers.iter().map(|id| format!("controller{id}"));
            let clients = known.producers.iter().chain(&known.consumers);
            let clients = clients.chain(&known.share_consumers).cloned();
            let nodes = brokers.chain(controllers).chain(clients);
            nodes.filter(|node| words.get(1) != Some(&node.as_str())).collect()
        }
        ("producer", ["start"]) => next_name("p", &known.producers),
        ("consumer", ["start"]) => next_name("c", &known.consumers),
        ("app", ["start"]) => next_name("a", &known.apps),
        ("share-consumer", ["start"]) => next_name("s", &known.share_consumers),
        ("producer", [_]) => known.producers.clone(),
        ("consumer", [_]) => known.consumers.clone(),
        ("share-consumer", [_]) => known.share_consumers.clone(),
        ("app", [_]) => known.apps.clone(),
        ("cat" | "head" | "tail" | "wc" | "sort" | "uniq" | "rm" | "jq" | "cut" | "grep", _) => {
            known.files.clone()
        }
        _ => Vec::new(),
    }
}

fn takes_file(option: &str) -> bool {
    option.ends_with("-file")
        || matches!(
            option,
            "--command-config"
                | "--consumer.config"
                | "--producer.config"
                | "--admin.config"
                | "--file"
                | "--formatter-config"
                | "--reader-config"
        )
}

/// The settings or quotas that a line of `kafka-configs` may change.
fn altered(entity_type: Option<&str>, words: &[&str], end: &str) -> Vec<String> {
    let is = |types: &[&str], options: &[&str]| {
        entity_type.is_some_and(|given| types.contains(&given))
            || options.iter().any(|option| words.contains(option))
    };
    let ended = |names: &mut dyn Iterator<Item = &str>| {
        names.map(|name| format!("{name}{end}")).collect::<Vec<_>>()
    };
    if is(&["groups"], &["--group"]) {
        configs(ConfigKind::Group, end)
    } else if is(&["ips"], &["--ip", "--ip-defaults"]) {
        ended(&mut IP_QUOTA_KEYS.into_iter())
    } else if is(
        &["users", "clients"],
        &["--user", "--user-defaults", "--client", "--client-defaults"],
    ) {
        ended(&mut QUOTA_KEYS.into_iter())
    } else if is(&["brokers"], &["--broker", "--broker-defaults"]) {
        configs(ConfigKind::Broker, end)
    } else {
        configs(ConfigKind::Topic, end)
    }
}

/// The settings of a kind, those first that act here as they do in Kafka.
fn configs(kind: ConfigKind, end: &str) -> Vec<String> {
    let names: Vec<&str> = kind.definitions().into_iter().map(|config| config.name).collect();
    let (acting, others): (Vec<&str>, Vec<&str>) =
        names.into_iter().partition(|name| kind.is_simulated(name));
    acting.into_iter().chain(others).map(|name| format!("{name}{end}")).collect()
}

/// Names to give to something new.
fn fresh(proposed: &[&str], taken: &[String]) -> Vec<String> {
    let is_free = |name: &&&str| taken.iter().all(|known| known != **name);
    proposed.iter().filter(is_free).map(|name| (*name).to_owned()).collect()
}

/// The next name of the kind `p1`, `p2`.
fn next_name(letter: &str, taken: &[String]) -> Vec<String> {
    let mut names = (1..).map(|number: u32| format!("{letter}{number}"));
    names.find(|name| !taken.contains(name)).into_iter().collect()
}

fn with(known: &[String], fresh: Vec<String>) -> Vec<String> {
    known.iter().cloned().chain(fresh).collect()
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
