//! What people type on a terminal, and what becomes of it on the way.

use highwater_shell::COMMANDS;

use crate::mutate;
use crate::rng::Rng;
use crate::scripts;

const PIECES: &[&str] = &[
    " ",
    "\t",
    "\n",
    "'",
    "\"",
    "\\",
    "\\\n",
    "#",
    ";",
    "|",
    "||",
    "&&",
    ">",
    ">>",
    "<",
    "$x",
    "*",
    "é",
    "\0",
    " | head -1",
    " | wc -l",
    " > f",
    " >> f",
    " < f",
    " 2>&1",
    " && echo a",
    " || ",
    " &",
    "; jobs",
    "; kill %1",
    "<<EOF\n",
    "\nEOF\n",
    "for i in 1 2; do ",
    "; done",
    "while true; do ",
    "if true; then ",
    "; fi",
    "$(",
    ")",
    "`",
    "${",
    "}",
    "$((1/0))",
    "{1..9}",
    "seq 9",
    "grep 'a(b'",
    "jq .a[]",
    "printf %5s",
    "xargs ",
    "read x",
    "kcat -b localhost:9092 ",
    " -P -t orders",
    " -C -t orders -e",
    " -f '%s%",
    " -G g orders",
    "kafka-verifiable-producer.sh --bootstrap-server localhost:9092 --topic orders",
    "kafka-verifiable-consumer.sh --bootstrap-server localhost:9092 --topic orders --group-id g",
    " --command-config f",
    " --zookeeper localhost:2181",
    " --broker-list localhost:9092",
    "kafka-console-producer.sh --bootstrap-server localhost:9092 --topic orders",
    "kafka-console-consumer.sh --bootstrap-server localhost:9092 --topic orders",
    " --max-messages 1",
    " --timeout-ms 1",
    " --property parse.key=true",
    " -- ",
    " --",
    "=",
    " --help",
    " --topic orders",
    " --topic=",
    " --partitions 3",
    " --partitions -1",
    " --replication-factor 3",
    " --config a=b",
    " --config retention.ms=-1",
    " --bootstrap-server broker1:9092",
    " --replica-assignment 1:2,2:3",
    " --create",
    " --delete",
    " --describe",
    " --list",
    " --if-not-exists",
    " --rate 5",
    " --rate 0",
    " --acks all",
    " --file none.jsonl",
    " --keys 0",
    " --value-bytes 99999999999",
    " --count 1",
    " --group g",
    " --from-beginning",
    "broker stop 1",
    "broker kill 2",
    "broker start 99",
    "network cut 1 3",
    "network heal 1 controller",
    "producer start p1",
    "producer stop p1",
    "consumer start c1",
    "consumer kill c1",
    "help",
    "man kafka-topics",
    "man -k offsets",
    "man broker pause",
    "kafka-metadata-quorum.sh --bootstrap-server localhost:9092 describe --status",
    "kafka-consumer-perf-test.sh --bootstrap-server localhost:9092 --topic orders --num-records 5",
    " --show-detailed-stats --reporting-interval 0",
    " --include 'o.*'",
    "coordinator move g --to 1",
    "app start a1 --group g --from orders --to orders",
    "1h",
    "1.5ms",
    "99999999999999999999",
    "-2147483649",
];

/// Lines that are right, from which inputs are made.
pub struct Typed(Vec<String>);

impl Typed {
    /// The lines of the project's own scripts, and the examples of all commands.
    pub fn new() -> Self {
        let scripts = scripts::all();
        let typed = scripts.iter().flat_map(|script| script.lines());
        let typed = typed.filter_map(|line| Some(line.split_once("> ")?.1.to_owned()));
        let examples = COMMANDS.iter().map(|command| command.example.to_owned());
        Self(typed.chain(examples).collect())
    }

    /// One of them, damaged.
    pub fn generate(&self, rng: &mut Rng) -> Vec<u8> {
        let mut line = rng.pick(&self.0).clone().into_bytes();
        mutate::text(rng, &mut line, PIECES);
        line
    }
}
