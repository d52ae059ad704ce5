//! Lines typed on a terminal: split into words, completed, and run in a cluster.

use highwater_cluster::cluster_spec::ClusterSpec;
use highwater_cluster::ids::{EntryId, TerminalName};
use highwater_cluster::input::Input;
use highwater_cluster::time::Time;
use highwater_cluster::world::World;
use highwater_shell::words::{Token, split, split_partial};
use highwater_shell::{COMMANDS, complete, start};

use super::Target;
use crate::mutate;
use crate::rng::Rng;
use crate::scripts;

/// What an ordinary command needs to end, in steps of the world.
const MOST_STEPS: usize = 300;

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
    "1h",
    "1.5ms",
    "99999999999999999999",
    "-2147483649",
];

pub struct CommandLine {
    lines: Vec<String>,
    /// A cluster that is up, from which each run begins.
    world: World,
}

impl CommandLine {
    pub fn new() -> Self {
        let mut world = World::new(ClusterSpec::default());
        world.run_until(Time(5_000_000));
        world.take_events();
        let scripts = scripts::all();
        let typed = scripts.iter().flat_map(|script| script.lines());
        let typed = typed.filter_map(|line| Some(line.split_once("> ")?.1.to_owned()));
        let examples = COMMANDS.iter().map(|command| command.example.to_owned());
        Self { lines: typed.chain(examples).collect(), world }
    }

    /// Runs the line in a copy of the cluster. What a world may do is bounded, so a line that asks for
    /// much halts it. A command ends within a bounded number of steps, or waits; interrupted twice, it ends.
    fn execute(&self, line: &str) {
        let mut world = self.world.clone();
        let (entry, terminal) = (EntryId(1), TerminalName::from("t1"));
        let client = world.start_program(entry, &terminal, start(line));
        let client = client.expect("there is room for a command");
        run(&mut world);
        // What waits for input gets some, and what goes on is interrupted, twice if need be.
        for input in [
            Input::Line("k:v".to_owned()),
            Input::Line("EOF".to_owned()),
            Input::EndOfInput,
            Input::Interrupt,
            Input::Interrupt,
        ] {
            let is_read = matches!(input, Input::Interrupt) || world.reads_input(client);
            let has_ended = world.client(client).is_none_or(|info| info.exit_code.is_some());
            if is_read && !has_ended && world.halted().is_none() {
                world.input(entry, client, input);
                run(&mut world);
            }
        }
        world.view();
        // It has come to its end, or waits for the last time: nothing that was typed goes on for ever.
        run(&mut world);
        let has_ended = world.client(client).is_none_or(|info| info.exit_code.is_some());
        assert!(has_ended || world.halted().is_some(), "it goes on after Ctrl-C, twice");
    }
}

fn run(world: &mut World) {
    for _ in 0..MOST_STEPS {
        if !world.step() {
            break;
        }
    }
}

impl Target for CommandLine {
    fn generate(&self, rng: &mut Rng) -> Vec<u8> {
        let mut line = rng.pick(&self.lines).clone().into_bytes();
        mutate::text(rng, &mut line, PIECES);
        line
    }

    fn run(&self, input: &[u8]) {
        let line = String::from_utf8_lossy(input);
        check_words(&line);
        let columns = line.chars().count();
        for cursor in [0, columns / 2, columns, columns + 1] {
            for found in complete(&line, cursor) {
                assert!(found.from <= columns && !found.text.is_empty());
            }
        }
        self.execute(&line);
    }
}

/// Words and operators stand in order within the line, and a word that was not quoted is its own text.
fn check_words(line: &str) {
    let partial = split_partial(line);
    let chars: Vec<char> = line.chars().collect();
    let mut end = 1;
    for token in &partial.tokens {
        let span = match token {
            Token::Word(word) => {
                let (from, to) = (word.span.start as usize - 1, word.span.end as usize - 1);
                let source: String = chars[from..to].iter().collect();
                assert!(word.quoted || word.text == source, "{:?} is {source:?}", word.text);
                word.span
            }
            Token::Operator { span, .. } => *span,
        };
        assert!(span.start >= end && span.end > span.start);
        end = span.end;
    }
    assert!(end as usize <= chars.len() + 1);
    match split(line) {
        Ok(tokens) => assert_eq!(tokens, partial.tokens),
        Err(unclosed) => assert_eq!(Some(unclosed), partial.unclosed),
    }
}
