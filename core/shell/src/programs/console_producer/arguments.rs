//! The arguments of `kafka-console-producer.sh`.

use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::TopicName;
use highwater_cluster::producer::ProducerConfig;

use crate::admin::Server;
use crate::options::{Given, Opt};
use crate::programs::clients::exception::no_client;
use crate::programs::clients::properties::{self, Properties, config_exception, set_all};
use crate::programs::jopt::{self, Refused, refused_with_usage};
use crate::programs::servers;
use crate::words::Word;

const ABOUT: &str = "This tool helps to read data from standard input and publish it to Kafka.";
const INT: (i64, i64) = (i32::MIN as i64, i32::MAX as i64);
const LONG: (i64, i64) = (i64::MIN, i64::MAX);

/// What it understands.
pub(crate) const OPTIONS: &[Opt] = &[
    Opt::integer("--batch-size", "Integer: size", INT, "The most bytes of a batch of one partition (batch.size)."),
    Opt::text("--bootstrap-server", "String: server to connect to", "REQUIRED: The brokers to connect to: HOST1:PORT1,HOST2:PORT2."),
    Opt::text("--command-config", "String: config file", "A file of settings of the producer."),
    Opt::text("--command-property", "String: producer_prop", "A setting of the producer: name=value.").repeated(),
    Opt::text("--compression-codec", "String: compression-codec", "none, gzip, snappy, lz4 or zstd; gzip if nothing follows."),
    Opt::flag("--help", "Prints this."),
    Opt::text("--line-reader", "String: reader_class", "The class that reads lines."),
    Opt::integer("--max-block-ms", "Long: max block on send", LONG, "How long send waits (max.block.ms)."),
    Opt::integer("--max-memory-bytes", "Long: total memory in bytes", LONG, "The memory for what waits (buffer.memory)."),
    Opt::integer("--max-partition-memory-bytes", "Integer: memory in bytes per partition", INT, "As --batch-size."),
    Opt::integer("--message-send-max-retries", "Integer", INT, "How often it tries again (retries)."),
    Opt::integer("--metadata-expiry-ms", "Long: metadata expiration interval", LONG, "metadata.max.age.ms"),
    Opt::text("--producer-property", "String: producer_prop", "DEPRECATED: use --command-property.").repeated(),
    Opt::text("--producer.config", "String: config file", "DEPRECATED: use --command-config."),
    Opt::text("--property", "String: prop", "DEPRECATED: use --reader-property.").repeated(),
    Opt::text("--reader-config", "String: config file", "A file of settings of the reader."),
    Opt::text("--reader-property", "String: prop", "A setting of the reader: parse.key, parse.headers, key.separator, headers.delimiter, headers.separator, headers.key.separator, ignore.error, null.marker.").repeated(),
    Opt::text("--request-required-acks", "String: request required acks", "acks"),
    Opt::integer("--request-timeout-ms", "Integer: request timeout ms", INT, "request.timeout.ms"),
    Opt::integer("--retry-backoff-ms", "Long", LONG, "retry.backoff.ms"),
    Opt::integer("--socket-buffer-size", "Integer: size", INT, "send.buffer.bytes"),
    Opt::flag("--sync", "Waits for each record before the next is sent."),
    Opt::integer("--timeout", "Long: timeout_ms", LONG, "How long a record waits for others (linger.ms)."),
    Opt::text("--topic", "String: topic", "REQUIRED: The topic to send to."),
    Opt::flag("--version", "Prints Kafka's version."),
];

/// Options that give a setting, by its name, with what they give if they are not there.
const SETTINGS: &[(&str, &str, &str)] = &[
    ("--timeout", "linger.ms", "1000"),
    ("--message-send-max-retries", "retries", "3"),
    ("--retry-backoff-ms", "retry.backoff.ms", "100"),
    ("--request-timeout-ms", "request.timeout.ms", "1500"),
    ("--metadata-expiry-ms", "metadata.max.age.ms", "300000"),
    ("--max-block-ms", "max.block.ms", "60000"),
    ("--max-memory-bytes", "buffer.memory", "33554432"),
    ("--batch-size", "batch.size", "16384"),
    ("--max-partition-memory-bytes", "batch.size", ""),
];

#[derive(Clone, Debug)]
pub(super) struct Arguments {
    pub(super) servers: Vec<Server>,
    pub(super) topic: TopicName,
    pub(super) is_sync: bool,
    /// What is said of options that are out of date.
    pub(super) warnings: Vec<String>,
    given: Given,
}

/// Reads the words.
pub(super) fn read(words: &[Word]) -> Result<Arguments, Refused> {
    let words = with_codec(words);
    let given = jopt::read_or_usage(OPTIONS, &words, ABOUT)?;
    let wrong = |message: &str| refused_with_usage(OPTIONS, message);
    let topic =
        given.text("--topic").ok_or_else(|| wrong("Missing required argument \"[topic]\""))?;
    let Some(servers) = given.text("--bootstrap-server") else {
        return Err(wrong("Missing required argument \"[bootstrap-server]\""));
    };
    let servers = servers::read(servers).map_err(|errors| no_client("producer", &errors))?;
    let deprecated = [
        ("--property", "--reader-property"),
        ("--producer-property", "--command-property"),
        ("--producer.config", "--command-config"),
    ];
    let warnings = deprecated.into_iter().filter(|(old, _)| given.has(old)).map(|(old, new)| {
        format!("Warning: {old} is deprecated and will be removed in a future version. Use {new} instead.")
    });
    Ok(Arguments {
        servers,
        topic: TopicName::from(topic),
        is_sync: given.has("--sync"),
        warnings: warnings.collect(),
        given,
    })
}

/// `--compression-codec` may stand without a value.
fn with_codec(words: &[Word]) -> Vec<Word> {
    let mut all = Vec::new();
    for (place, word) in words.iter().enumerate() {
        all.push(word.clone());
        let next = words.get(place + 1);
        let is_bare = next.is_none_or(|next| next.text.starts_with('-'));
        if word.text == "--compression-codec" && is_bare {
            all.push(Word { text: "gzip".to_owned(), ..word.clone() });
        }
    }
    all
}

impl Arguments {
    /// The settings of the reader. The error is what the tool ends with.
    pub(super) fn reader_properties(&self, ctx: &Ctx<'_>) -> Result<Properties, String> {
        let options = ["--property", "--reader-property"];
        properties::all(ctx, &self.given, &["--reader-config"], &options)
    }

    /// The producer's settings, and what there is to say of those that do nothing here.
    pub(super) fn config(&self, ctx: &Ctx<'_>) -> Result<(ProducerConfig, Vec<String>), String> {
        let files = ["--producer.config", "--command-config"];
        let options = ["--producer-property", "--command-property"];
        let mut all = properties::all(ctx, &self.given, &files, &options)?;
        let codec = self.given.text("--compression-codec").unwrap_or("none");
        if self.given.has("--compression-codec")
            || properties::get(&all, "compression.type").is_none()
        {
            all.push(("compression.type".to_owned(), codec.to_owned()));
        }
        self.merge(
            &mut all,
            "acks",
            self.given.text("--request-required-acks").map(str::to_owned),
            "-1",
        );
        for (option, name, default) in SETTINGS {
            let value = self.given.integer(option).map(|number| number.to_string());
            self.merge(&mut all, name, value, default);
        }
        let mut config = ProducerConfig::new("console-producer", self.topic.clone());
        config.client_id = "console-producer".into();
        let notes = set_all(&all, |name, value| config.set(name, value))?;
        config.check().map_err(|message| config_exception(&message))?;
        Ok((config, notes))
    }

    /// `CommandLineUtils.maybeMergeOptions`: an option that is given counts, else a setting that is, else
    /// what the tool has by default.
    fn merge(&self, all: &mut Properties, name: &str, given: Option<String>, default: &str) {
        if let Some(value) = given {
            all.push((name.to_owned(), value));
        } else if properties::get(all, name).is_none() && !default.is_empty() {
            all.push((name.to_owned(), default.to_owned()));
        }
    }
}
