//! The arguments of `kafka-console-consumer.sh`.

use highwater_cluster::consumer::{AutoOffsetReset, ConsumerConfig, TopicPattern};
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{GroupId, TopicName, TopicPartition};
use highwater_cluster::log::Offset;

use super::formatter::Formatter;
use crate::admin::Server;
use crate::options::{Given, Opt};
use crate::programs::clients::properties::{self, Properties};

use crate::programs::clients::exception::no_client;
use crate::programs::clients::properties::set_all;
use crate::programs::jopt::{self, Refused, refused_with_usage};
use crate::programs::servers;
use crate::words::Word;

const ABOUT: &str =
    "This tool helps to read data from Kafka topics and outputs it to standard output.";
const INT: (i64, i64) = (i32::MIN as i64, i32::MAX as i64);
const LONG: (i64, i64) = (i64::MIN, i64::MAX);

/// What it understands.
pub(crate) const OPTIONS: &[Opt] = &[
    Opt::text("--bootstrap-server", "String: server to connect to", "REQUIRED: The brokers to connect to."),
    Opt::text("--command-config", "String: config file", "A file of settings of the consumer."),
    Opt::text("--command-property", "String: consumer_prop", "A setting of the consumer: name=value.").repeated(),
    Opt::text("--consumer-property", "String: consumer_prop", "DEPRECATED: use --command-property.").repeated(),
    Opt::text("--consumer.config", "String: config file", "DEPRECATED: use --command-config."),
    Opt::flag("--enable-systest-events", "Logs what happens to the consumer."),
    Opt::text("--formatter", "String: class", "The class that prints records."),
    Opt::text("--formatter-config", "String: config file", "A file of settings of the formatter."),
    Opt::text("--formatter-property", "String: prop", "A setting of the formatter: print.timestamp, print.key, print.offset, print.partition, print.headers, print.value, print.epoch, print.delivery, key.separator, line.separator, headers.separator, null.literal.").repeated(),
    Opt::flag("--from-beginning", "Starts at the first record if the group has no offset yet."),
    Opt::text("--group", "String: consumer group id", "The group of the consumer."),
    Opt::flag("--help", "Prints this."),
    Opt::text("--include", "String: Java regex (String)", "The topics to read, as a regular expression."),
    Opt::text("--isolation-level", "String", "read_committed, or read_uncommitted, which is the default."),
    Opt::text("--key-deserializer", "String: deserializer for key", "The class that reads keys."),
    Opt::integer("--max-messages", "Integer: num_messages", INT, "Ends after so many records."),
    Opt::text("--offset", "String: consume offset", "Where to start: a number, earliest or latest, which is the default."),
    Opt::integer("--partition", "Integer: partition", INT, "The partition to read."),
    Opt::text("--property", "String: prop", "DEPRECATED: use --formatter-property.").repeated(),
    Opt::flag("--skip-message-on-error", "Goes on after a record that cannot be printed."),
    Opt::integer("--timeout-ms", "Long: timeout_ms", LONG, "Ends when no record comes for so long."),
    Opt::text("--topic", "String: topic", "The topic to read."),
    Opt::text("--value-deserializer", "String: deserializer for values", "The class that reads values."),
    Opt::flag("--version", "Prints Kafka's version."),
];

/// Where `--offset` says to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StartAt {
    Earliest,
    Latest,
    Offset(Offset),
}

#[derive(Clone, Debug)]
pub(super) struct Arguments {
    pub(super) servers: Vec<Server>,
    pub(super) topic: Option<TopicName>,
    pub(super) partition: Option<i32>,
    pub(super) offset: StartAt,
    pub(super) max_messages: Option<u64>,
    pub(super) timeout_ms: Option<i64>,
    /// What is said of options that are out of date.
    pub(super) warnings: Vec<String>,
    given: Given,
}

/// Reads the words.
pub(super) fn read(words: &[Word]) -> Result<Arguments, Refused> {
    let given = jopt::read_or_usage(OPTIONS, words, ABOUT)?;
    let wrong = |message: &str| refused_with_usage(OPTIONS, message);
    let Some(servers) = given.text("--bootstrap-server") else {
        return Err(wrong("Missing required argument \"[bootstrap-server]\""));
    };
    if given.has("--topic") == given.has("--include") {
        let message = "Exactly one of the following arguments is required: [topic], [include]";
        return Err(wrong(message));
    }
    let partition = given.integer("--partition").map(|number| number as i32);
    if partition.is_some() {
        if !given.has("--topic") {
            return Err(wrong("The topic is required when partition is specified."));
        }
        if given.has("--from-beginning") && given.has("--offset") {
            let message = "Options from-beginning and offset cannot be specified together.";
            return Err(wrong(message));
        }
    } else if given.has("--offset") {
        return Err(wrong("The partition is required when offset is specified."));
    }
    let offset = offset(&given).map_err(|message| wrong(&message))?;
    let servers = servers::read(servers).map_err(|errors| no_client("consumer", &errors))?;
    let deprecated = [
        ("--consumer-property", "--command-property"),
        ("--property", "--formatter-property"),
        ("--consumer.config", "--command-config"),
    ];
    let warnings = deprecated.into_iter().filter(|(old, _)| given.has(old)).map(|(old, new)| {
        format!(
            "Option {old} is deprecated and will be removed in a future version. Use {new} instead."
        )
    });
    let not_negative = |option| given.integer(option).filter(|number: &i64| *number >= 0);
    Ok(Arguments {
        servers,
        topic: given.text("--topic").map(TopicName::from),
        partition,
        offset,
        max_messages: not_negative("--max-messages").map(i64::unsigned_abs),
        timeout_ms: not_negative("--timeout-ms"),
        warnings: warnings.collect(),
        given,
    })
}

fn offset(given: &Given) -> Result<StartAt, String> {
    let Some(text) = given.text("--offset") else {
        let is_first = given.has("--from-beginning");
        return Ok(if is_first { StartAt::Earliest } else { StartAt::Latest });
    };
    match text.to_lowercase().as_str() {
        "earliest" => Ok(StartAt::Earliest),
        "latest" => Ok(StartAt::Latest),
        number => match number.parse::<i64>() {
            Ok(offset) if offset >= 0 => Ok(StartAt::Offset(Offset(offset))),
            _ => Err(format!(
                "The provided offset value '{text}' is incorrect. Valid values are 'earliest', \
                 'latest', or a non-negative long."
            )),
        },
    }
}

impl Arguments {
    /// `allow.auto.create.topics`: whether brokers may create a topic that it asks for.
    pub(super) fn may_create(&self) -> bool {
        let options = ["--consumer-property", "--command-property"];
        let mut words = options.iter().flat_map(|option| self.given.texts(option));
        !words.any(|word| word.replace(' ', "") == "allow.auto.create.topics=false")
    }

    /// The consumer's settings, and what there is to say of those that do nothing here. The error is
    /// what the tool ends with.
    pub(super) fn config(
        &self,
        ctx: &Ctx<'_>,
    ) -> Result<(ConsumerConfig, Vec<String>), Vec<String>> {
        let all = self.properties(ctx).map_err(|error| vec![error])?;
        let is_from_beginning = self.given.has("--from-beginning");
        let reset = properties::get(&all, "auto.offset.reset");
        if let Some(reset) = reset.filter(|reset| is_from_beginning && *reset != "earliest") {
            return Err(vec![format!(
                "Can't simultaneously specify --from-beginning and 'auto.offset.reset={reset}', \
                 please remove one option"
            )]);
        }
        let groups: Vec<&str> = [self.given.text("--group"), properties::get(&all, "group.id")]
            .into_iter()
            .flatten()
            .collect();
        if groups.windows(2).any(|pair| pair[0] != pair[1]) {
            return Err(vec![
                "The group ids provided in different places (directly using '--group', via \
                 '--command-property', or via '--command-config') do not match. Detected group ids: "
                    .to_owned()
                    + &groups.iter().map(|group| format!("'{group}'")).collect::<Vec<_>>().join(", "),
            ]);
        }
        let group = GroupId::from(groups.first().copied().unwrap_or_default());
        let topics = self.topic.iter().cloned().collect();
        let mut config = ConsumerConfig::new("console-consumer", &group, topics);
        config.poll_interval = highwater_cluster::time::Span::ZERO;
        // A group that only this run has needs no offsets.
        config.enable_auto_commit = !groups.is_empty();
        if is_from_beginning {
            config.auto_offset_reset = AutoOffsetReset::Earliest;
        }
        if let (Some(topic), Some(partition)) = (&self.topic, self.partition) {
            config.assign = vec![TopicPartition::new(topic, partition)];
        }
        if let Some(pattern) = self.given.text("--include") {
            let pattern = TopicPattern::new(pattern).map_err(|error| {
                vec![format!("java.util.regex.PatternSyntaxException: {error}")]
            })?;
            config.pattern = Some(pattern);
        }
        let notes = set_all(&all, |name, value| config.set(name, value));
        let notes = notes.map_err(|error| vec![error])?;
        if !groups.is_empty() {
            config.group = group;
        }
        config.check().map_err(|message| {
            vec![format!("org.apache.kafka.common.config.ConfigException: {message}")]
        })?;
        Ok((config, notes))
    }

    fn properties(&self, ctx: &Ctx<'_>) -> Result<Properties, String> {
        let files = ["--consumer.config", "--command-config"];
        let options = ["--consumer-property", "--command-property"];
        let mut all = properties::all(ctx, &self.given, &files, &options)?;
        if let Some(level) = self.given.text("--isolation-level") {
            all.push(("isolation.level".to_owned(), level.to_owned()));
        }
        Ok(all)
    }

    /// What prints the records. The error is what the tool ends with.
    pub(super) fn formatter(&self, ctx: &Ctx<'_>) -> Result<Formatter, Vec<String>> {
        Formatter::given(ctx, &self.given)?
            .map_err(|message| refused_with_usage(OPTIONS, &message).errors)
    }
}
