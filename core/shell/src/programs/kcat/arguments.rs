//! The arguments of `kcat`, read as `getopt` does.

use highwater_cluster::ids::TopicName;

use super::format::Format;
use super::properties::Properties;
use crate::admin::Server;
use crate::programs::jopt::Refused;
use crate::programs::servers;
use crate::words::Word;

/// The letters with a value.
const WITH_VALUE: &str = "tpbzoDKkHdXcfsrmG";
const WITHOUT_VALUE: &str = "hVPCLQeEOqvTuZlJU";

const VERSION: [&str; 4] = [
    "kcat - Apache Kafka producer and consumer tool",
    "https://github.com/edenhill/kcat",
    "Copyright (c) 2014-2021, Magnus Edenhill",
    "Version 1.7.1 (JSON, Transactions, IncrementalAssign, librdkafka 2.0.2 builtin.features=gzip,snappy,ssl,sasl,regex,lz4,sasl_gssapi,sasl_plain,sasl_scram,plugins,zstd,sasl_oauthbearer)",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    List,
    Produce,
    Consume,
    Group,
    Query,
}

/// Where it starts to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum StartAt {
    #[default]
    Beginning,
    End,
    Stored,
    Offset(i64),
    /// So many before the end.
    Tail(i64),
    /// The first record of that time or later.
    Time(i64),
}

#[derive(Clone, Debug, Default)]
pub(super) struct Arguments {
    pub(super) mode: Option<Mode>,
    pub(super) servers: Vec<Server>,
    /// As they were given: names, or in query mode names with partitions and times.
    pub(super) topics: Vec<String>,
    pub(super) group: String,
    pub(super) partition: Option<i32>,
    pub(super) start: StartAt,
    pub(super) was_start_given: bool,
    /// Records of that time and later are not printed: `-o e@1`.
    pub(super) stop_before: Option<i64>,
    pub(super) exits_at_end: bool,
    pub(super) count: Option<u64>,
    pub(super) is_quiet: bool,
    pub(super) is_json: bool,
    pub(super) tees: bool,
    pub(super) null_for_empty: bool,
    pub(super) delimiter: String,
    pub(super) key_delimiter: Option<String>,
    pub(super) fixed_key: Option<String>,
    pub(super) headers: Vec<(String, Option<String>)>,
    pub(super) format: Format,
    pub(super) metadata_timeout_s: i64,
    pub(super) properties: Properties,
}

impl Arguments {
    /// The topic that it is about.
    pub(super) fn topic(&self) -> TopicName {
        TopicName::from(self.topics.first().map_or("", String::as_str))
    }
}

/// Its help, behind what is wrong.
pub(super) fn usage(wrong: &str) -> Refused {
    let mut errors = vec![format!("Error: {wrong}"), String::new()];
    errors.extend(help());
    Refused { code: 1, output: Vec::new(), errors }
}

fn help() -> Vec<String> {
    let mut lines = vec!["Usage: kcat <options> [file1 file2 .. | topic1 topic2 ..]]".to_owned()];
    lines.extend(VERSION.map(str::to_owned));
    lines.push(String::new());
    let options = [
        ("-C | -P | -L | -Q", "reads, writes, lists metadata, asks for offsets"),
        ("-G GROUP TOPIC..", "reads as a member of a group"),
        ("-b HOST:PORT,..", "the brokers to begin with"),
        ("-t TOPIC", "the topic; with -Q: TOPIC:PARTITION:TIMESTAMP"),
        ("-p N", "one partition only"),
        ("-o OFFSET", "beginning, end, stored, N, -N, s@MS, e@MS"),
        ("-e", "ends at the end of the partitions"),
        ("-c N", "ends after so many records"),
        (
            "-f FORMAT",
            "%s value, %k key, %t topic, %p partition, %o offset, %T time, %h headers, %S %K lengths",
        ),
        ("-J", "prints JSON"),
        ("-K TEXT", "what stands between key and value"),
        ("-k KEY", "a key for all records"),
        ("-H NAME=VALUE", "a header"),
        ("-D TEXT", "what stands between records"),
        ("-Z", "empty values are null"),
        ("-z CODEC", "compresses"),
        ("-T", "prints what it writes"),
        ("-X NAME=VALUE", "a setting of librdkafka"),
        ("-q", "says less"),
        ("-m SECONDS", "how long it waits for metadata"),
        ("-V", "the version"),
    ];
    lines.extend(options.map(|(option, text)| format!("  {option:<18} {text}")));
    lines
}

fn error(message: impl Into<String>) -> Refused {
    Refused { code: 1, output: Vec::new(), errors: vec![format!("% ERROR: {}", message.into())] }
}

/// Reads the words.
pub(super) fn read(words: &[Word]) -> Result<Arguments, Refused> {
    let mut arguments =
        Arguments { delimiter: "\n".to_owned(), metadata_timeout_s: 5, ..Arguments::default() };
    let (mut brokers, mut format, mut operands) = (None, None, Vec::new());
    let mut packs = Vec::new();
    let mut words = words.iter().map(|word| word.text.as_str());
    while let Some(word) = words.next() {
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            operands.push(word.to_owned());
            continue;
        };
        let mut rest = letters;
        while let Some(letter) = rest.chars().next() {
            rest = &rest[letter.len_utf8()..];
            if WITHOUT_VALUE.contains(letter) {
                flag(&mut arguments, letter)?;
                continue;
            }
            if !WITH_VALUE.contains(letter) {
                return Err(usage("unknown argument"));
            }
            let value =
                if rest.is_empty() { words.next() } else { Some(std::mem::take(&mut rest)) };
            let Some(value) = value else { return Err(usage("unknown argument")) };
            match letter {
                'b' => brokers = Some(value.to_owned()),
                'f' => format = Some(value.to_owned()),
                's' => packs.push(value.to_owned()),
                _ => option(&mut arguments, letter, value)?,
            }
            rest = "";
        }
    }
    let Some(brokers) = brokers else { return Err(usage("-b <broker,..> missing")) };
    arguments.servers = match servers::read(&brokers) {
        Ok(servers) => servers,
        // Names that cannot be resolved are tried in vain.
        Err(_) => brokers
            .split(',')
            .map(|address| Server { address: with_port(address.trim()), broker: None })
            .collect(),
    };
    match arguments.mode {
        Some(Mode::Group) => arguments.topics = operands,
        Some(Mode::Produce | Mode::Consume) if arguments.topics.is_empty() => {
            return Err(usage("-t <topic> missing"));
        }
        _ => {}
    }
    if arguments.mode == Some(Mode::Group) && arguments.topics.is_empty() {
        let what = "Failed to subscribe to 0 topics: Local: Invalid argument or configuration";
        return Err(error(what));
    }
    arguments.format = Format::new(&arguments, format.as_deref(), &packs).map_err(error)?;
    Ok(arguments)
}

fn with_port(address: &str) -> String {
    if address.contains(':') { address.to_owned() } else { format!("{address}:9092") }
}

fn flag(arguments: &mut Arguments, letter: char) -> Result<(), Refused> {
    match letter {
        'C' => arguments.mode = Some(Mode::Consume),
        'P' => arguments.mode = Some(Mode::Produce),
        'L' => arguments.mode = Some(Mode::List),
        'Q' => arguments.mode = Some(Mode::Query),
        'e' => arguments.exits_at_end = true,
        'q' => arguments.is_quiet = true,
        'J' => arguments.is_json = true,
        'T' => arguments.tees = true,
        'Z' => arguments.null_for_empty = true,
        'V' => {
            let mut output = VERSION.map(str::to_owned).to_vec();
            output.push(String::new());
            return Err(Refused { code: 0, output, errors: Vec::new() });
        }
        'h' => return Err(Refused { code: 0, output: help(), errors: Vec::new() }),
        _ => {}
    }
    Ok(())
}

fn option(arguments: &mut Arguments, letter: char, value: &str) -> Result<(), Refused> {
    match letter {
        'G' => {
            arguments.mode = Some(Mode::Group);
            arguments.group = value.to_owned();
        }
        't' => arguments.topics.push(value.to_owned()),
        'p' => arguments.partition = value.parse().ok(),
        'z' => arguments.properties.set("compression.codec", value).map_err(error)?,
        'o' => offset(arguments, value),
        'D' => arguments.delimiter = unescaped(value),
        'K' => arguments.key_delimiter = Some(unescaped(value)),
        'k' => arguments.fixed_key = Some(value.to_owned()),
        'H' => arguments.headers.push(match value.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (value.to_owned(), None),
        }),
        'X' => {
            let Some((name, value)) = value.split_once('=') else {
                return Err(error(format!(
                    "Expected -X property=value, not {value}, use -X list to display available properties"
                )));
            };
            arguments.properties.set(name, value).map_err(error)?;
        }
        'c' => arguments.count = value.parse().ok(),
        'm' => arguments.metadata_timeout_s = value.parse().unwrap_or(5).clamp(0, 1_000_000),
        _ => {}
    }
    Ok(())
}

fn offset(arguments: &mut Arguments, text: &str) {
    arguments.was_start_given = true;
    // A word that is no number counts as 0.
    let number = |text: &str| text.parse::<i64>().unwrap_or(0);
    arguments.start = match text {
        "beginning" => StartAt::Beginning,
        "end" => StartAt::End,
        "stored" => StartAt::Stored,
        _ => {
            if let Some(at) = text.strip_prefix("e@") {
                arguments.stop_before = Some(number(at));
                return;
            }
            if let Some(at) = text.strip_prefix("s@") {
                StartAt::Time(number(at))
            } else if number(text) < 0 {
                StartAt::Tail(number(text).checked_neg().unwrap_or(i64::MAX))
            } else {
                StartAt::Offset(number(text))
            }
        }
    };
}

/// `\n`, `\t`, `\r` and `\xNN`.
pub(super) fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        if c != '\\' {
            plain.push(c);
            rest = after;
            continue;
        }
        let hex = after.strip_prefix('x').and_then(|digits| digits.get(..2));
        let byte = hex.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (after.chars().next(), byte) {
            (_, Some(byte)) => {
                plain.push(char::from(byte));
                rest = &after[3..];
            }
            (Some(c), None) => {
                match c {
                    'n' => plain.push('\n'),
                    't' => plain.push('\t'),
                    'r' => plain.push('\r'),
                    other => plain.extend(['\\', other]),
                }
                rest = &after[c.len_utf8()..];
            }
            (None, None) => {
                plain.push('\\');
                rest = after;
            }
        }
    }
    plain
}
