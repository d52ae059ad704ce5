//! A command line becomes a process: the command is found by its name, and does the rest itself. What
//! is wrong with a line is said by a process too, as a shell would say it.

use highwater_cluster::ctx::Ctx;
use highwater_cluster::input::Input;
use highwater_cluster::program::Program;

use crate::old_forms::{explained, instead_of_command};
use crate::programs::clients::command_config;
use crate::programs::jopt::Refused;
use crate::programs::{
    absent, acls, api_versions, cluster, configs, console_consumer, console_producer,
    console_share_consumer, consumer_groups, consumer_perf, delete_records, dump_log, features,
    get_offsets, groups, kcat, leader_election, log_dirs, metadata_quorum, producer_perf, reassign,
    run_class, share_groups, topics, transactions, verbs, verifiable,
};
use crate::shell::builtins;
use crate::suggest::nearest;
use crate::words::Word;
use crate::{helpers, manual, shell};

/// A command as help and completion know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandHelp {
    /// Its name.
    pub name: &'static str,
    /// What may be said with it.
    pub usage: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// A line that can be run.
    pub example: &'static str,
}

/// All commands.
pub const COMMANDS: &[CommandHelp] = &[
    CommandHelp {
        name: "kafka-topics.sh",
        usage: "--bootstrap-server HOST:PORT (--create | --alter | --describe | --list | --delete) [--topic NAME] [--partitions N] [--replication-factor N] [--config NAME=VALUE]",
        summary: "Creates, changes, describes, lists and deletes topics.",
        example: "kafka-topics.sh --bootstrap-server broker1:9092 --create --topic orders --partitions 3 --replication-factor 3",
    },
    CommandHelp {
        name: "kafka-console-producer.sh",
        usage: "--bootstrap-server HOST:PORT --topic NAME [--reader-property parse.key=true] [--reader-property key.separator=:] [--command-property NAME=VALUE] [--sync]",
        summary: "Sends each line that you type, or that a pipe brings, as a record.",
        example: "echo 'k1:hello' | kafka-console-producer.sh --bootstrap-server broker1:9092 --topic orders --reader-property parse.key=true --reader-property key.separator=:",
    },
    CommandHelp {
        name: "kafka-console-consumer.sh",
        usage: "--bootstrap-server HOST:PORT (--topic NAME | --include PATTERN) [--from-beginning] [--group GROUP] [--partition N --offset N] [--max-messages N] [--timeout-ms N] [--formatter-property print.key=true] [--isolation-level read_committed]",
        summary: "Prints the records of a topic as they come, until Ctrl-C.",
        example: "kafka-console-consumer.sh --bootstrap-server broker1:9092 --topic orders --from-beginning",
    },
    CommandHelp {
        name: "kafka-delete-records.sh",
        usage: "--bootstrap-server HOST:PORT --offset-json-file FILE",
        summary: "Deletes the records of partitions before an offset.",
        example: "kafka-delete-records.sh --bootstrap-server broker1:9092 --offset-json-file offsets.json",
    },
    CommandHelp {
        name: "kafka-metadata-quorum.sh",
        usage: "--bootstrap-server HOST:PORT describe (--status | --replication [--human-readable])",
        summary: "Tells who leads the quorum of controllers, and how far each replica of the metadata log is.",
        example: "kafka-metadata-quorum.sh --bootstrap-server broker1:9092 describe --status",
    },
    CommandHelp {
        name: "kafka-configs.sh",
        usage: "--bootstrap-server HOST:PORT (--describe [--all] | --alter [--add-config NAME=VALUE,...] [--delete-config NAME,...]) (--topic NAME | --broker ID | --broker-defaults | --group ID | [--user NAME | --user-defaults] [--client ID | --client-defaults])",
        summary: "Shows and changes the settings of topics, brokers and groups, and the quotas of users and clients.",
        example: "kafka-configs.sh --bootstrap-server broker1:9092 --alter --topic orders --add-config retention.ms=60000",
    },
    CommandHelp {
        name: "kafka-acls.sh",
        usage: "--bootstrap-server HOST:PORT (--add | --remove [--force] | --list [--principal User:NAME]) (--topic NAME | --group NAME | --cluster | --transactional-id NAME) [--resource-pattern-type prefixed] [--allow-principal User:NAME | --deny-principal User:NAME] [--allow-host HOST] [--operation Read | --producer | --consumer] [--command-config FILE]",
        summary: "Says who may do what with which topics and groups.",
        example: "kafka-acls.sh --bootstrap-server broker1:9092 --add --allow-principal User:alice --consumer --topic orders --group billing --command-config admin.properties",
    },
    CommandHelp {
        name: "kafka-leader-election.sh",
        usage: "--bootstrap-server HOST:PORT --election-type preferred|unclean (--all-topic-partitions | --topic NAME --partition N | --path-to-json-file FILE)",
        summary: "Lets preferred leaders lead again, or a replica that is out of sync where no other is left.",
        example: "kafka-leader-election.sh --bootstrap-server broker1:9092 --election-type preferred --all-topic-partitions",
    },
    CommandHelp {
        name: "kafka-reassign-partitions.sh",
        usage: "--bootstrap-server HOST:PORT (--generate --topics-to-move-json-file FILE --broker-list 1,2,3 | --execute | --verify | --cancel) [--reassignment-json-file FILE] [--throttle BYTES] [--additional] [--preserve-throttles], or --list",
        summary: "Moves the replicas of partitions to other brokers, or changes how many there are.",
        example: "kafka-reassign-partitions.sh --bootstrap-server broker1:9092 --list",
    },
    CommandHelp {
        name: "kafka-producer-perf-test.sh",
        usage: "--bootstrap-server HOST:PORT --topic NAME --num-records N --record-size BYTES --throughput N|-1 [--producer-props NAME=VALUE ..]",
        summary: "Sends many records, and tells how fast they were written.",
        example: "kafka-producer-perf-test.sh --bootstrap-server broker1:9092 --topic orders --num-records 1000 --record-size 100 --throughput 200",
    },
    CommandHelp {
        name: "kafka-consumer-perf-test.sh",
        usage: "--bootstrap-server HOST:PORT --topic NAME --num-records N [--group GROUP] [--timeout MS] [--from-latest] [--hide-header]",
        summary: "Reads many records, and tells how fast they came.",
        example: "kafka-consumer-perf-test.sh --bootstrap-server broker1:9092 --topic orders --num-records 1000",
    },
    CommandHelp {
        name: "kafka-verifiable-producer.sh",
        usage: "--bootstrap-server HOST:PORT --topic NAME [--max-messages N] [--throughput N] [--acks 0|1|-1] [--value-prefix N] [--repeating-keys N] [--command-config FILE]",
        summary: "Sends 0, 1, 2 and so on, and prints as JSON what became of each.",
        example: "kafka-verifiable-producer.sh --bootstrap-server broker1:9092 --topic orders --max-messages 10",
    },
    CommandHelp {
        name: "kafka-verifiable-consumer.sh",
        usage: "--bootstrap-server HOST:PORT --topic NAME --group-id GROUP [--max-messages N] [--verbose] [--enable-autocommit] [--group-protocol classic|consumer] [--reset-policy earliest|latest|none]",
        summary: "Reads a topic as a member of a group, and prints as JSON what it is assigned, reads and commits.",
        example: "kafka-verifiable-consumer.sh --bootstrap-server broker1:9092 --topic orders --group-id checkers --max-messages 10",
    },
    CommandHelp {
        name: "kcat",
        usage: "-b HOST:PORT (-C -t TOPIC [-p N] [-o beginning|end|N|-N|s@MS] [-e] [-c N] [-f FORMAT] [-J] | -P -t TOPIC [-K TEXT] [-k KEY] [-H NAME=VALUE] | -L [-t TOPIC] [-J] | -G GROUP TOPIC.. | -Q -t TOPIC:PARTITION:MS) [-X NAME=VALUE]",
        summary: "Reads, writes and lists, in short: what many use beside Kafka's own tools.",
        example: "kcat -b broker1:9092 -C -t orders -o beginning -e -f '%p %o %k: %s\\n'",
    },
    CommandHelp {
        name: "kafka-consumer-groups.sh",
        usage: "--bootstrap-server HOST:PORT (--list [--state [STATE,...]] [--type [TYPE,...]] | --describe [--offsets | --members | --state] [--verbose] | --delete | --delete-offsets --topic NAME | --reset-offsets (--to-earliest | --to-latest | --to-current | --to-offset N | --shift-by N | --to-datetime TIME | --by-duration TIME | --from-file FILE) (--all-topics | --topic NAME[:0,1]) (--dry-run | --execute) [--export]) (--group NAME | --all-groups)",
        summary: "Tells how far consumer groups are and how far behind, moves them to other offsets, and deletes them.",
        example: "kafka-consumer-groups.sh --bootstrap-server broker1:9092 --describe --group billing",
    },
    CommandHelp {
        name: "kafka-get-offsets.sh",
        usage: "--bootstrap-server HOST:PORT [--topic NAME [--partitions 0,1] | --topic-partitions NAME:0-2,...] [--time latest|earliest|max-timestamp|TIMESTAMP] [--exclude-internal-topics]",
        summary: "Tells offsets of partitions: the ends, the first ones, or those at a time.",
        example: "kafka-get-offsets.sh --bootstrap-server broker1:9092 --topic orders --time earliest",
    },
    CommandHelp {
        name: "kafka-share-groups.sh",
        usage: "--bootstrap-server HOST:PORT --list [--state STATE,..], --describe (--group GROUP | --all-groups) [--offsets | --members | --state] [--verbose], --delete (--group GROUP | --all-groups), --delete-offsets --group GROUP --topic TOPIC, or --reset-offsets --group GROUP (--all-topics | --topic TOPIC) (--to-earliest | --to-latest | --to-datetime TIME) (--dry-run | --execute)",
        summary: "Lists share groups, tells where they are and who is in them, and lets them begin anew.",
        example: "kafka-share-groups.sh --bootstrap-server broker1:9092 --describe --group workers",
    },
    CommandHelp {
        name: "kafka-console-share-consumer.sh",
        usage: "--bootstrap-server HOST:PORT --topic TOPIC [--group GROUP] [--max-messages N] [--timeout-ms MS] [--reject | --release] [--formatter-property NAME=VALUE]",
        summary: "Prints the records of a topic that a share group gives it.",
        example: "kafka-console-share-consumer.sh --bootstrap-server broker1:9092 --topic jobs --group workers --formatter-property print.delivery=true",
    },
    CommandHelp {
        name: "kafka-groups.sh",
        usage: "--bootstrap-server HOST:PORT --list [--group-type TYPE] [--protocol PROTOCOL] [--consumer | --share | --streams]",
        summary: "Lists groups of all types.",
        example: "kafka-groups.sh --bootstrap-server broker1:9092 --list",
    },
    CommandHelp {
        name: "kafka-log-dirs.sh",
        usage: "--bootstrap-server HOST:PORT --describe [--topic-list NAME,...] [--broker-list ID,...]",
        summary: "Tells as JSON which replicas lie on the brokers' disks, how large they are and how far behind.",
        example: "kafka-log-dirs.sh --bootstrap-server broker1:9092 --describe --topic-list orders",
    },
    CommandHelp {
        name: "kafka-transactions.sh",
        usage: "--bootstrap-server HOST:PORT (list | describe --transactional-id ID | describe-producers --topic NAME --partition N | find-hanging (--topic NAME | --broker-id ID) | abort --topic NAME --partition N --start-offset N | forceTerminateTransaction --transactionalId ID)",
        summary: "Tells which transactions there are, finds those that hang, and ends them.",
        example: "kafka-transactions.sh --bootstrap-server broker1:9092 list",
    },
    CommandHelp {
        name: "kafka-cluster.sh",
        usage: "(cluster-id | list-endpoints [--include-fenced-brokers] | api-versions) --bootstrap-server HOST:PORT",
        summary: "Tells the id of the cluster, the addresses of its brokers, or their APIs.",
        example: "kafka-cluster.sh list-endpoints --bootstrap-server broker1:9092",
    },
    CommandHelp {
        name: "kafka-features.sh",
        usage: "--bootstrap-server HOST:PORT (describe | upgrade | downgrade | disable | version-mapping [--release-version VERSION] | feature-dependencies --feature NAME=LEVEL)",
        summary: "Tells the features of the cluster and their levels.",
        example: "kafka-features.sh --bootstrap-server broker1:9092 describe",
    },
    CommandHelp {
        name: "kafka-broker-api-versions.sh",
        usage: "--bootstrap-server HOST:PORT",
        summary: "Tells which APIs each broker has, in which versions.",
        example: "kafka-broker-api-versions.sh --bootstrap-server broker1:9092",
    },
    CommandHelp {
        name: "kafka-dump-log.sh",
        usage: "--files FILE,... [--print-data-log | --deep-iteration] [--skip-record-metadata] [--offsets-decoder | --transaction-log-decoder] [--index-sanity-check | --verify-index-only]",
        summary: "Shows what stands in the files of a broker's disk, batch for batch and record for record.",
        example: "kafka-dump-log.sh --files /var/lib/kafka/data1/orders-0/00000000000000000000.log --print-data-log",
    },
    CommandHelp {
        name: "kafka-run-class.sh",
        usage: "CLASS [ARGUMENT...]",
        summary: "Runs a tool by the name of its class.",
        example: "kafka-run-class.sh org.apache.kafka.tools.GetOffsetShell --bootstrap-server broker1:9092 --topic orders",
    },
    CommandHelp {
        name: "broker",
        usage: "stop|kill|start|power-loss|pause|resume|slow-disk|full-disk|free-disk|clock|fail|drop|hide|show ID",
        summary: "Stops and starts a broker, and lets its process, disk, clock or answers fail.",
        example: "broker stop 2",
    },
    CommandHelp {
        name: "controller",
        usage: "stop|kill|start ID",
        summary: "Shuts a controller down in good order, kills its process, or starts it again.",
        example: "controller kill 101",
    },
    CommandHelp {
        name: "network",
        usage: "cut|heal|latency|loss|duplicate NODE NODE, or partition NODE,NODE NODE, where a node is a broker's id, `controller101` or a client's name",
        summary: "Lets nothing pass between nodes, or only late, or lets it pass again.",
        example: "network cut 1 3",
    },
    CommandHelp {
        name: "remote-store",
        usage: "fail|mend",
        summary: "Lets the object store of tiered storage fail, or work again.",
        example: "remote-store fail",
    },
    CommandHelp {
        name: "partition",
        usage: "elect TOPIC-N --leader ID [--unclean]",
        summary: "Lets the controller elect the leader that you name.",
        example: "partition elect orders-0 --leader 2",
    },
    CommandHelp {
        name: "coordinator",
        usage: "move GROUP --to ID",
        summary: "Gives a consumer group another coordinator.",
        example: "coordinator move billing --to 2",
    },
    CommandHelp {
        name: "producer",
        usage: "start NAME --topic TOPIC [--rate N] [--acks 0|1|all] [--file FILE [--key FIELD] [--repeat] [--skip-malformed]] [--keys N] [--value-bytes N] [--count N] [--transactional-id ID [--transaction-records N|--transaction-ms N] [--abort-every N]] [--config NAME=VALUE], or stop NAME, or kill NAME; by hand: send NAME [--topic TOPIC] [--key KEY] [--partition N] [--header NAME=VALUE] VALUE.., init NAME, begin NAME, send-offsets NAME --group GROUP TOPIC-N=OFFSET.., commit NAME, or abort NAME",
        summary: "Starts a producer that sends records to a topic, closes it, or makes the calls of its application by hand.",
        example: "producer start p1 --topic orders --rate 5 --acks all",
    },
    CommandHelp {
        name: "consumer",
        usage: "start NAME --group GROUP --topic TOPIC[,TOPIC] [--from-beginning] [--config NAME=VALUE], or stop NAME, or kill NAME, or pause NAME, resume NAME, seek NAME --partition TOPIC-N --to OFFSET, commit NAME, poll-interval NAME MS, process-ms NAME MS",
        summary: "Starts a consumer, closes or kills it, or has its application pause, seek, commit or take its time.",
        example: "consumer start c1 --group billing --topic orders --from-beginning",
    },
    CommandHelp {
        name: "app",
        usage: "start NAME --group GROUP --from TOPIC[,TOPIC] --to TOPIC [--guarantee at-most-once|at-least-once|exactly-once] [--process-ms N] [--commit-interval-ms N] [--drop-every N] [--fan-out N] [--fail-after N] [--consumer-config NAME=VALUE] [--producer-config NAME=VALUE], or close NAME, or kill NAME",
        summary: "Starts an application that reads topics and writes what it makes of each record to another; closes it, or kills its process.",
        example: "app start a1 --group billing --from orders --to invoices --guarantee at-least-once",
    },
    CommandHelp {
        name: "share-consumer",
        usage: "start NAME --group GROUP --topic TOPIC[,TOPIC] [--process-ms MS] [--mode implicit|explicit] [--fail-on RULE] [--on-fail release|reject|crash] [--commit-every N] [--renew-ms MS] [--config NAME=VALUE], or stop NAME, or kill NAME, or power-loss NAME",
        summary: "Starts a consumer of a share group, closes it, or lets its process or its machine fail.",
        example: "share-consumer start s1 --group workers --topic jobs --process-ms 200",
    },
    CommandHelp {
        name: "help",
        usage: "[COMMAND]",
        summary: "Tells what commands there are, or more about one.",
        example: "help producer",
    },
    CommandHelp {
        name: "man",
        usage: "COMMAND [VERB], or -k WORD",
        summary: "Explains a command and each of its options, with commands to try.",
        example: "man kafka-topics",
    },
];

/// The process for what was typed on a terminal: a command, several, or the beginning of one.
pub fn start(text: &str) -> Box<dyn Program> {
    shell::start(text)
}

/// The process for a command and its arguments, once the shell is done with them.
pub(crate) fn program(words: &[Word]) -> Box<dyn Program> {
    let words = without_wrapper(words);
    let Some((command, arguments)) = words.split_first() else { return Says::lines([]) };
    // A tool may be named by its path: bin/kafka-topics.sh.
    let name = match command.text.rsplit_once('/') {
        Some((_, name)) if !name.is_empty() => name,
        _ => &command.text,
    };
    let name = name.strip_suffix(".sh").unwrap_or(name);
    command_config::read_first(name, arguments, tool(name, words))
}

/// The process of the command of that name; its words begin with it.
fn tool(name: &str, words: &[Word]) -> Box<dyn Program> {
    let (command, arguments) = words.split_first().expect("a command has a name");
    match name {
        "kafka-topics" => topics::start(arguments),
        "kafka-delete-records" => delete_records::start(arguments),
        "kafka-metadata-quorum" => metadata_quorum::start(arguments),
        "broker" | "controller" | "network" | "partition" | "coordinator" | "producer"
        | "consumer" | "app" | "share-consumer" | "remote-store" => {
            Box::new(verbs::Verb::new(words.to_vec()))
        }
        "kafka-acls" => acls::start(arguments),
        "kafka-configs" => configs::start(arguments),
        "kafka-console-consumer" => console_consumer::start(arguments),
        "kafka-console-producer" => console_producer::start(arguments),
        "kafka-console-share-consumer" => console_share_consumer::start(arguments),
        "kafka-share-groups" => share_groups::start(arguments),
        "kcat" | "kafkacat" => kcat::start(arguments),
        "kafka-consumer-groups" => consumer_groups::start(arguments),
        "kafka-get-offsets" => get_offsets::start(arguments),
        "kafka-groups" => groups::start(arguments),
        "kafka-log-dirs" => log_dirs::start(arguments),
        "kafka-transactions" => transactions::start(arguments),
        "kafka-cluster" => cluster::start(arguments),
        "kafka-features" => features::start(arguments),
        "kafka-broker-api-versions" => api_versions::start(arguments),
        "kafka-dump-log" => dump_log::start(arguments),
        "kafka-leader-election" => leader_election::start(arguments),
        "kafka-reassign-partitions" => reassign::start(arguments),
        "kafka-consumer-perf-test" => consumer_perf::start(arguments),
        "kafka-producer-perf-test" => producer_perf::start(arguments),
        "kafka-verifiable-producer" => verifiable::producer::start(arguments),
        "kafka-verifiable-consumer" => verifiable::consumer::start(arguments),
        "kafka-run-class" => run_class::start(arguments),
        "help" => help(arguments),
        "man" => manual::start(arguments),
        name => builtins::start(words)
            .or_else(|| helpers::start(words))
            .or_else(|| absent::start(name))
            .unwrap_or_else(|| unknown(&command.text)),
    }
}

/// The words without what people put before a tool to run it elsewhere: `docker exec -it kafka`.
fn without_wrapper(words: &[Word]) -> &[Word] {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let after = match texts.as_slice() {
        ["sudo" | "time" | "winpty" | "command", ..] => 1,
        ["docker" | "podman", "exec", ..] => 2,
        ["docker", "compose", "exec", ..] => 3,
        ["docker-compose", "exec", ..] => 2,
        _ => return words,
    };
    let rest = &words[after..];
    if after == 1 {
        return rest;
    }
    // Options of `exec` itself, then the container, then what runs in it.
    let options = rest.iter().take_while(|word| word.text.starts_with('-')).count();
    rest.get(options + 1..).unwrap_or_default()
}

/// A process that only says something and ends.
#[derive(Clone, Debug)]
pub(crate) struct Says {
    code: i32,
    output: Vec<String>,
    errors: Vec<String>,
}

impl Says {
    pub(crate) fn lines(lines: impl IntoIterator<Item = String>) -> Box<dyn Program> {
        Self::both(0, lines.into_iter().collect(), Vec::new())
    }

    pub(crate) fn errors(code: i32, lines: impl IntoIterator<Item = String>) -> Box<dyn Program> {
        Self::both(code, Vec::new(), lines.into_iter().collect())
    }

    /// What a tool prints that does nothing, and its exit code.
    pub(crate) fn refused(refused: Refused) -> Box<dyn Program> {
        Self::both(refused.code, refused.output, refused.errors)
    }

    pub(crate) fn both(
        code: i32,
        output: Vec<String>,
        mut errors: Vec<String>,
    ) -> Box<dyn Program> {
        if code != 0 {
            errors.extend(explained(&errors));
        }
        Box::new(Self { code, output, errors })
    }
}

impl Program for Says {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        if !matches!(input, Input::Start) {
            return;
        }
        self.output.iter().for_each(|line| ctx.print(line));
        self.errors.iter().for_each(|line| ctx.print_error(line));
        ctx.exit(self.code);
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

fn unknown(name: &str) -> Box<dyn Program> {
    let mut lines = vec![format!("bash: {name}: command not found")];
    let near = nearest(plain(name), COMMANDS.iter().map(|command| plain(command.name)));
    match COMMANDS.iter().find(|command| near == Some(plain(command.name))) {
        Some(command) => {
            let meant = command.name;
            lines.push(format!("Highwater: did you mean {meant}? `help` lists all commands."))
        }
        None => lines.push("Highwater: `help` lists all commands.".to_owned()),
    }
    let plain = plain(name);
    if let Some(hint) = instead_of_command(plain.rsplit('/').next().unwrap_or(plain)) {
        lines.truncate(1);
        lines.push(hint.to_owned());
    }
    Says::errors(127, lines)
}

/// A command's name as the tools that come with Kafka's packages bear it.
fn plain(name: &str) -> &str {
    name.strip_suffix(".sh").unwrap_or(name)
}

fn help(arguments: &[Word]) -> Box<dyn Program> {
    let Some(wanted) = arguments.first() else {
        let width = COMMANDS.iter().map(|command| command.name.len()).max().unwrap_or(0);
        let commands = COMMANDS.iter().map(|command| (command.name, command.summary));
        let all = commands.chain(helpers::NAMES.iter().copied());
        let hint = "`man COMMAND` explains one with all of its options; `man -k WORD` searches.";
        let all = all.map(|(name, summary)| format!("{name:width$}  {summary}"));
        return Says::lines(all.chain([String::new(), hint.to_owned()]));
    };
    let found = COMMANDS.iter().find(|command| {
        command.name == wanted.text || command.name.strip_suffix(".sh") == Some(&wanted.text)
    });
    match found {
        Some(command) => {
            let about = [
                command.summary.to_owned(),
                format!("usage: {} {}", command.name, command.usage),
                format!("for example: {}", command.example),
                format!("more: man {}", command.name.trim_end_matches(".sh")),
            ];
            Says::lines(about.into_iter().chain(verbs::help(command.name)))
        }
        None => match helpers::NAMES.iter().find(|(name, _)| *name == wanted.text) {
            Some((name, summary)) => {
                Says::lines([(*summary).to_owned(), format!("more: man {name}")])
            }
            None if builtins::is_builtin(&wanted.text) => manual::start(arguments),
            None => unknown(&wanted.text),
        },
    }
}
