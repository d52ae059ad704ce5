//! The arguments of `kafka-console-share-consumer.sh`: `ConsoleShareConsumerOptions`.

use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{GroupId, TopicName};
use highwater_cluster::share_consumer::{SHARE_CONSUMER_CONFIGS, ShareConsumerConfig};

use crate::admin::Server;
use crate::options::{Given, Opt};
use crate::programs::clients::exception::no_client;
use crate::programs::clients::properties::{self, Properties, config_exception};
use crate::programs::console_consumer::Formatter;
use crate::programs::jopt::{self, Refused, refused_with_usage};
use crate::programs::servers;
use crate::words::Word;

const ABOUT: &str = "This tool helps to read data from Kafka topics using share groups and outputs it to \
                     standard output.";
const INT: (i64, i64) = (i32::MIN as i64, i32::MAX as i64);
/// The group of who names none.
const DEFAULT_GROUP: &str = "console-share-consumer";

/// What it understands.
pub(crate) const OPTIONS: &[Opt] = &[
    Opt::text("--bootstrap-server", "String: server to connect to", "REQUIRED: The brokers to connect to."),
    Opt::text("--command-config", "String: config file", "A file of settings of the consumer."),
    Opt::text("--command-property", "String: consumer_prop", "A setting of the consumer: name=value.").repeated(),
    Opt::text("--consumer-config", "String: config file", "DEPRECATED: use --command-config."),
    Opt::text("--consumer-property", "String: consumer_prop", "DEPRECATED: use --command-property.").repeated(),
    Opt::flag("--enable-systest-events", "Logs what happens to the consumer."),
    Opt::text("--formatter", "String: class", "The class that prints records."),
    Opt::text("--formatter-config", "String: config file", "A file of settings of the formatter."),
    Opt::text("--formatter-property", "String: prop", "A setting of the formatter: print.timestamp, print.key, print.offset, print.delivery, print.epoch, print.partition, print.headers, print.value, key.separator, line.separator, headers.separator, null.literal.").repeated(),
    Opt::text("--group", "String: share group id", "The share group; console-share-consumer if not given."),
    Opt::flag("--help", "Prints this."),
    Opt::text("--key-deserializer", "String: deserializer for key", "The class that reads keys."),
    Opt::integer("--max-messages", "Integer: num_messages", INT, "Ends after so many records."),
    Opt::text("--property", "String: prop", "DEPRECATED: use --formatter-property.").repeated(),
    Opt::flag("--reject", "Rejects each record: nobody is to try again."),
    Opt::flag("--reject-message-on-error", "Rejects a record that cannot be printed, and goes on."),
    Opt::flag("--release", "Releases each record: someone else gets it."),
    Opt::integer("--timeout-ms", "Integer: timeout_ms", INT, "Ends when no record comes for so long."),
    Opt::text("--topic", "String: topic", "REQUIRED: The topic to read."),
    Opt::text("--value-deserializer", "String: deserializer for values", "The class that reads values."),
    Opt::flag("--version", "Prints Kafka's version."),
];

#[derive(Clone, Debug)]
pub(super) struct Arguments {
    pub(super) servers: Vec<Server>,
    topic: TopicName,
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
    let Some(topic) = given.text("--topic") else {
        return Err(wrong("--topic is a required argument"));
    };
    let topic = TopicName::from(topic);
    let Some(servers) = given.text("--bootstrap-server") else {
        return Err(wrong("Missing required argument \"[bootstrap-server]\""));
    };
    if given.has("--reject") && given.has("--release") {
        return Err(wrong("At most one of --reject and --release may be specified."));
    }
    let servers = servers::read(servers).map_err(|errors| no_client("consumer", &errors))?;
    let deprecated = [
        ("--consumer-property", "--command-property"),
        ("--property", "--formatter-property"),
        ("--consumer-config", "--command-config"),
    ];
    let warnings = deprecated.into_iter().filter(|(old, _)| given.has(old)).map(|(old, new)| {
        format!(
            "Option {old} is deprecated and will be removed in a future version. Use {new} instead."
        )
    });
    let warnings = warnings.collect();
    let not_negative = |option| given.integer(option).filter(|number: &i64| *number >= 0);
    Ok(Arguments {
        servers,
        topic,
        max_messages: not_negative("--max-messages").map(i64::unsigned_abs),
        timeout_ms: not_negative("--timeout-ms"),
        warnings,
        given,
    })
}

impl Arguments {
    pub(super) fn has(&self, option: &str) -> bool {
        self.given.has(option)
    }

    /// The consumer's settings, and what there is to say of those that do nothing here. The error is
    /// what the tool ends with.
    pub(super) fn config(
        &self,
        ctx: &Ctx<'_>,
    ) -> Result<(ShareConsumerConfig, Vec<String>), Vec<String>> {
        let all = self.properties(ctx).map_err(|error| vec![error])?;
        let groups: Vec<&str> = [self.given.text("--group"), properties::get(&all, "group.id")]
            .into_iter()
            .flatten()
            .collect();
        if groups.windows(2).any(|pair| pair[0] != pair[1]) {
            let named: Vec<String> = groups.iter().map(|group| format!("'{group}'")).collect();
            let message = format!(
                "The group ids provided in different places (directly using '--group', via \
                 '--command-property', or via '--command-config') do not match. Detected group ids: {}",
                named.join(", ")
            );
            return Err(refused_with_usage(OPTIONS, &message).errors);
        }
        let group = GroupId::from(groups.first().copied().unwrap_or(DEFAULT_GROUP));
        let mut config =
            ShareConsumerConfig::new("console-share-consumer", &group, vec![self.topic.clone()]);
        let mut notes = Vec::new();
        for (name, value) in &all {
            if !SHARE_CONSUMER_CONFIGS.contains(&name.as_str()) {
                notes.push(format!("Highwater: {name} changes nothing for a share consumer here"));
                continue;
            }
            config.set(name, value).map_err(|message| vec![config_exception(&message)])?;
        }
        config.group = group;
        // The tool says of each record what becomes of it.
        config.set("share.acknowledgement.mode", "explicit").map_err(|error| vec![error])?;
        Ok((config, notes))
    }

    fn properties(&self, ctx: &Ctx<'_>) -> Result<Properties, String> {
        let files = ["--consumer-config", "--command-config"];
        let options = ["--consumer-property", "--command-property"];
        properties::all(ctx, &self.given, &files, &options)
    }

    /// What prints the records. The error is what the tool ends with.
    pub(super) fn formatter(&self, ctx: &Ctx<'_>) -> Result<Formatter, Vec<String>> {
        Formatter::given(ctx, &self.given)?
            .map_err(|message| refused_with_usage(OPTIONS, &message).errors)
    }
}
