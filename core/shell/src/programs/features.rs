//! `kafka-features.sh`: `FeatureCommand` of Kafka's tools, with what it prints (KIP-584, KIP-1022). The
//! features of a cluster here are those that its first controller wrote: they are told, and what would be
//! refused is, but they do not change.

use std::collections::BTreeMap;

use highwater_cluster::FEATURES as FINALIZED;
use highwater_cluster::message::Response;
use highwater_cluster::program::Program;
use highwater_cluster::protocol::messages as kafka;

use crate::admin::{Admin, To};
use crate::command::Says;
use crate::options::{Given, Opt};
use crate::programs::argparse::{Command, Parsed, Parser};
use crate::programs::calls::{self, ask};
use crate::programs::servers;
use crate::script::{Halt, Io, Script, caught, process};
use crate::words::Word;

mod levels;

use levels::{FEATURES, METADATA_VERSION, NEWEST_METADATA};

/// The options before the command.
pub(crate) const OPTIONS: &[Opt] = &[
    Opt::text("--bootstrap-server", "BOOTSTRAP_SERVER", "The brokers to ask, separated by commas."),
    Opt::text(
        "--bootstrap-controller",
        "BOOTSTRAP_CONTROLLER",
        "The controllers to ask; they answer no tools here.",
    ),
    Opt::text("--command-config", "COMMAND_CONFIG", "A file of settings of the admin client."),
];

const FEATURE: Opt =
    Opt::text("--feature", "FEATURE", "A feature with its level: group.version=1.").repeated();
const METADATA: Opt =
    Opt::text("--metadata", "METADATA", "Deprecated: the level of metadata.version: 4.0-IV3.");
const RELEASE: Opt =
    Opt::text("--release-version", "RELEASE_VERSION", "All features as in a release: 4.2.");
const UNSAFE: Opt = Opt::flag("--unsafe", "Even if metadata is lost by it.");
const DRY_RUN: Opt = Opt::flag("--dry-run", "Only check it.");

/// The tool's arguments.
pub(crate) static PARSER: Parser = Parser {
    program: "kafka-features",
    about: "This tool manages feature flags in Kafka.",
    options: OPTIONS,
    one_of: &["--bootstrap-server", "--bootstrap-controller"],
    metavar: "",
    commands: &[
        Command {
            name: "describe",
            help: "Tells the level of each feature.",
            options: &[],
            one_of: &[],
        },
        Command {
            name: "upgrade",
            help: "Raises the level of features.",
            options: &[METADATA, RELEASE, FEATURE, DRY_RUN],
            one_of: &[],
        },
        Command {
            name: "downgrade",
            help: "Lowers the level of features.",
            options: &[METADATA, RELEASE, FEATURE, UNSAFE, DRY_RUN],
            one_of: &[],
        },
        Command {
            name: "disable",
            help: "Sets the level of features to 0.",
            options: &[
                Opt::text("--feature", "FEATURE", "A feature: group.version.").repeated(),
                UNSAFE,
                DRY_RUN,
            ],
            one_of: &[],
        },
        Command {
            name: "version-mapping",
            help: "Tells which levels a release has.",
            options: &[RELEASE],
            one_of: &[],
        },
        Command {
            name: "feature-dependencies",
            help: "Tells what a level needs.",
            options: &[FEATURE.required()],
            one_of: &[],
        },
    ],
};

/// The process for `kafka-features.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    let parsed = match PARSER.read(words) {
        Ok(parsed) => parsed,
        Err(refused) => return Says::refused(refused),
    };
    let Some(list) = parsed.main.text("--bootstrap-server") else {
        let hint = "Highwater: controllers answer no tools here; ask a broker: --bootstrap-server broker1:9092";
        return Says::errors(1, [hint.to_owned()]);
    };
    match servers::named(list) {
        Ok(servers) => process(Features { parsed }, Admin::new(servers)),
        Err(refused) => Says::refused(refused),
    }
}

/// The command while it runs.
#[derive(Clone, Debug)]
struct Features {
    parsed: Parsed,
}

/// What the tool says on standard error before it ends with 1.
type Terse = String;

impl Script for Features {
    fn run(&self, io: &mut Io<'_, '_>) -> Result<i32, Halt> {
        let given = &self.parsed.own;
        let done = match self.parsed.command {
            "describe" => describe(io)?,
            "version-mapping" => version_mapping(io, given),
            "feature-dependencies" => dependencies(io, given),
            operation => match updates(io, operation, given) {
                Ok(updates) => update(io, operation, &updates, given)?,
                Err(terse) => Err(terse),
            },
        };
        match done {
            Ok(()) => Ok(0),
            Err(terse) => {
                io.print_error(&terse);
                Ok(1)
            }
        }
    }
}

/// The level of each feature that the cluster has.
fn finalized(io: &Io<'_, '_>) -> BTreeMap<&'static str, i16> {
    let mut levels: BTreeMap<&'static str, i16> = FINALIZED.into_iter().collect();
    levels.insert("transaction.version", io.ctx().transaction_version().0);
    levels
}

fn describe(io: &mut Io<'_, '_>) -> Result<Result<(), Terse>, Halt> {
    let epoch = match caught(epoch(io))? {
        Ok(epoch) => epoch,
        Err(failure) => return Ok(Err(failure.in_future().message)),
    };
    let finalized = finalized(io);
    let mut names: Vec<&str> = FEATURES.iter().map(|feature| feature.name).collect();
    names.push(METADATA_VERSION);
    names.sort_unstable();
    for name in names {
        let (oldest, newest) = levels::supported(name).unwrap_or_default();
        let level = finalized.get(name).copied().unwrap_or(0);
        let [oldest, newest, level] = [oldest, newest, level].map(|it| levels::shown(name, it));
        io.print(&format!(
            "Feature: {name:<40}  SupportedMinVersion: {oldest:<15}  SupportedMaxVersion: {newest:<15}  \
             FinalizedVersionLevel: {level:<15}  Epoch: {epoch}"
        ));
    }
    Ok(Ok(()))
}

/// The epoch of the features: how far the metadata log is committed.
fn epoch(io: &mut Io<'_, '_>) -> Result<i64, Halt> {
    use kafka::describe_quorum_request::{PartitionData, TopicData};
    calls::cluster(io, false)?;
    let topic = TopicData::default()
        .with_topic_name(kafka::TopicName("__cluster_metadata".to_owned().into()))
        .with_partitions(vec![PartitionData::default()]);
    let request = kafka::DescribeQuorumRequest::default().with_topics(vec![topic]);
    let body = ask!(io, "describeFeatures", request, To::Any => DescribeQuorum);
    let quorum = body.topics.first().and_then(|topic| topic.partitions.first());
    Ok(quorum.map_or(0, |quorum| quorum.high_watermark - 1))
}

fn version_mapping(io: &mut Io<'_, '_>, given: &Given) -> Result<(), Terse> {
    let newest = levels::shown(METADATA_VERSION, NEWEST_METADATA);
    let release = given.text("--release-version").unwrap_or(&newest);
    let Some(level) = levels::metadata_level(release) else {
        let oldest = levels::supported(METADATA_VERSION).map_or(0, |(oldest, _)| oldest);
        let oldest = levels::shown(METADATA_VERSION, oldest);
        return Err(format!(
            "Unknown release version '{release}'. Supported versions are: {oldest} to {newest}"
        ));
    };
    io.print(&format!("{METADATA_VERSION}={level} ({release})"));
    for feature in &FEATURES {
        io.print(&format!("{}={}", feature.name, feature.default_level(level)));
    }
    Ok(())
}

fn dependencies(io: &mut Io<'_, '_>, given: &Given) -> Result<(), Terse> {
    for text in given.texts("--feature") {
        let (name, level) = name_and_level(text)?;
        if name == METADATA_VERSION {
            let Some(version) = levels::metadata_name(level) else {
                return Err(format!("Unknown {METADATA_VERSION} {level}"));
            };
            io.print(&format!("{name}={level} ({version}) has no dependencies."));
            continue;
        }
        let Some(feature) = FEATURES.iter().find(|feature| feature.name == name) else {
            return Err(format!("Unknown feature: {name}"));
        };
        if !(0..=feature.newest()).contains(&level) {
            return Err(format!("No feature:{name} with feature level {level}"));
        }
        match feature.needs.filter(|_| level > 0) {
            None => io.print(&format!("{name}={level} has no dependencies.")),
            Some(needed) => {
                io.print(&format!("{name}={level} requires:"));
                let version = levels::shown(METADATA_VERSION, needed);
                io.print(&format!("    {METADATA_VERSION}={needed} ({version})"));
            }
        }
    }
    Ok(())
}

/// What is to be changed to which level.
type Updates = BTreeMap<String, i16>;

fn updates(io: &mut Io<'_, '_>, operation: &str, given: &Given) -> Result<Updates, Terse> {
    let mut updates = Updates::new();
    let mut add = |name: &str, level: i16| match updates.insert(name.to_owned(), level) {
        None => Ok(()),
        Some(_) => Err(format!("Feature {name} was specified more than once.")),
    };
    let unknown = |version: &str| {
        let names = levels::metadata_names();
        format!("Unknown metadata.version {version}. Supported metadata.version are {names}")
    };
    if operation == "disable" {
        for name in given.texts("--feature") {
            add(name, 0)?;
        }
        return Ok(updates);
    }
    if let Some(release) = given.text("--release-version") {
        if given.has("--metadata") || given.has("--feature") {
            return Err("Can not specify `release-version` with other feature flags.".to_owned());
        }
        let level = levels::metadata_level(release).ok_or_else(|| unknown(release))?;
        add(METADATA_VERSION, level)?;
        for feature in &FEATURES {
            let own = feature.default_level(level);
            // Nothing is upgraded to 0.
            if own > 0 || operation != "upgrade" {
                add(feature.name, own)?;
            }
        }
        return Ok(updates);
    }
    if let Some(version) = given.text("--metadata") {
        io.print(" `metadata` flag is deprecated and may be removed in a future release.");
        add(METADATA_VERSION, levels::metadata_level(version).ok_or_else(|| unknown(version))?)?;
    }
    for text in given.texts("--feature") {
        let (name, level) = name_and_level(text)?;
        add(name, level)?;
    }
    Ok(updates)
}

/// `parseNameAndLevel`
fn name_and_level(text: &str) -> Result<(&str, i16), Terse> {
    let Some((name, level)) = text.split_once('=') else {
        return Err(format!("Can't parse feature=level string {text}: equals sign not found."));
    };
    let (name, level) = (name.trim(), level.trim());
    let parsed = level.parse().map_err(|_| {
        format!("Can't parse feature=level string {text}: unable to parse {level} as a short.")
    });
    parsed.map(|level| (name, level))
}

fn update(
    io: &mut Io<'_, '_>,
    operation: &str,
    updates: &Updates,
    given: &Given,
) -> Result<Result<(), Terse>, Halt> {
    if updates.is_empty() {
        return Ok(Err(format!("You must specify at least one feature to {operation}")));
    }
    // The tool reaches the cluster, or fails.
    if let Err(failure) = caught(calls::cluster(io, false))? {
        return Ok(Err(failure.in_future().message));
    }
    let finalized = finalized(io);
    let is_dry = given.has("--dry-run");
    // One that is wrong lets all fail.
    let reason = updates
        .iter()
        .find_map(|(name, level)| refusal(operation, name, *level, &finalized))
        .map(|reason| {
            format!("The update failed for all features since the following feature had an error: {reason}")
        });
    let changes = |(name, level): (&String, &i16)| {
        *level != finalized.get(name.as_str()).copied().unwrap_or(0)
    };
    if reason.is_none() && !is_dry && updates.iter().any(changes) {
        return Ok(Err(
            "Highwater: the features of a cluster do not change here; they are those that it began with".to_owned()
        ));
    }
    for (name, level) in updates {
        let target = match operation {
            "disable" => format!("disable {name}"),
            operation => format!("{operation} {name} to {level}"),
        };
        let done = match operation {
            "disable" => "disabled.".to_owned(),
            operation => format!("{operation}d to {level}."),
        };
        match &reason {
            Some(reason) => {
                let cannot = if is_dry { "Can not" } else { "Could not" };
                io.print(&format!("{cannot} {target}. {reason}"));
            }
            None => io.print(&format!("{name} {} {done}", if is_dry { "can be" } else { "was" })),
        }
    }
    let count = updates.len();
    Ok(match reason {
        Some(_) => Err(format!("{count} out of {count} operation(s) failed.")),
        None => Ok(()),
    })
}

/// Why a controller would not do it: `FeatureControlManager.updateFeature`.
fn refusal(
    operation: &str,
    name: &str,
    level: i16,
    finalized: &BTreeMap<&'static str, i16>,
) -> Option<String> {
    let current = finalized.get(name).copied().unwrap_or(0);
    let because = match levels::supported(name) {
        _ if level < 0 => "A feature version cannot be less than 0.".to_owned(),
        None => "Local controller 101 does not support this feature.".to_owned(),
        Some((oldest, newest)) if !(oldest..=newest).contains(&level) && level != 0 => {
            format!("Local controller 101 only supports versions {oldest}-{newest}")
        }
        _ if level < current && operation == "upgrade" => {
            "Can't downgrade the version of this feature without setting the upgrade type to either safe or \
             unsafe downgrade."
                .to_owned()
        }
        _ if level > current && operation != "upgrade" => {
            "Can't downgrade to a newer version.".to_owned()
        }
        Some(_) => return None,
    };
    Some(format!("Invalid update version {level} for feature {name}. {because}"))
}
