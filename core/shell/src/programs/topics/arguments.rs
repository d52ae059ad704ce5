//! The arguments of `kafka-topics.sh`, and what the tool says when they are wrong.

use highwater_cluster::ids::TopicName;

use crate::admin::Server;
use crate::java::KAFKA_VERSION;
use crate::old_forms::instead_of;
use crate::options::{Given, Operands, OptionError, OptionErrorKind, parse};
use crate::programs::jopt::{self, Refused, refused, with_two_dashes};
use crate::programs::servers;
use crate::words::Word;

use super::options::OPTIONS;

/// What the tool is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Alter,
    Create,
    Delete,
    Describe,
    List,
}

/// Which partitions are described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Report {
    /// All, under their topics.
    All,
    /// None: only topics.
    TopicsWithOverrides,
    UnderReplicated,
    Unavailable,
    UnderMinIsr,
    AtMinIsr,
}

/// The arguments, read.
#[derive(Clone, Debug)]
pub(super) struct Arguments {
    pub(super) action: Action,
    pub(super) servers: Vec<Server>,
    pub(super) topic: Option<TopicName>,
    pub(super) partitions: Option<String>,
    pub(super) replication_factor: Option<String>,
    pub(super) replica_assignment: Option<String>,
    pub(super) configs: Vec<String>,
    pub(super) if_not_exists: bool,
    pub(super) if_exists: bool,
    pub(super) exclude_internal: bool,
    pub(super) report: Report,
}

const ACTIONS: &[&str] = &["--create", "--list", "--alter", "--describe", "--delete"];

const REPORTS: &[(&str, Report)] = &[
    ("--under-replicated-partitions", Report::UnderReplicated),
    ("--under-min-isr-partitions", Report::UnderMinIsr),
    ("--at-min-isr-partitions", Report::AtMinIsr),
    ("--unavailable-partitions", Report::Unavailable),
    ("--topics-with-overrides", Report::TopicsWithOverrides),
];

/// Options that go with some actions only.
const ONLY_WITH: &[(&str, &[&str])] = &[
    ("--config", &["--alter", "--create"]),
    ("--partitions", &["--alter", "--create"]),
    ("--replication-factor", &["--create"]),
    ("--replica-assignment", &["--alter", "--create"]),
    ("--under-replicated-partitions", &["--describe"]),
    ("--under-min-isr-partitions", &["--describe"]),
    ("--at-min-isr-partitions", &["--describe"]),
    ("--unavailable-partitions", &["--describe"]),
    ("--topics-with-overrides", &["--describe"]),
    ("--if-exists", &["--alter", "--delete", "--describe"]),
    ("--if-not-exists", &["--create"]),
    ("--exclude-internal", &["--list", "--describe"]),
];

/// Reads the arguments, in the order in which the tool looks at them.
pub(super) fn read(words: &[Word]) -> Result<Arguments, Refused> {
    if words.is_empty() {
        return Err(refused_with_usage("Create, delete, describe, or change a topic."));
    }
    // Words that belong to no option are passed over, as the tool does.
    let given = parse(OPTIONS, Operands::Accepted, &with_two_dashes(OPTIONS, words))
        .map_err(|error| option_error(&error))?;
    if given.has("--help") {
        let helps = "This tool helps to create, delete, describe, or change a topic.";
        return Err(refused_with_usage(helps));
    }
    if given.has("--version") {
        return Err(Refused { output: vec![KAFKA_VERSION.to_owned()], ..Refused::default() });
    }
    let named = action(&given)?;
    let servers = bootstrap_servers(&given)?;
    check_topic(&given, named)
        .and_then(|()| check_combinations(&given, named))
        .map_err(|refused| with_warnings(&given, refused))?;
    let action = match named {
        "--create" => Action::Create,
        "--list" => Action::List,
        "--describe" => Action::Describe,
        "--alter" => Action::Alter,
        _ => Action::Delete,
    };
    let text = |name| given.text(name).map(str::to_owned);
    let report = REPORTS.iter().find(|(name, _)| given.has(name));
    Ok(Arguments {
        action,
        servers,
        topic: given.text("--topic").map(TopicName::from),
        partitions: text("--partitions"),
        replication_factor: text("--replication-factor"),
        replica_assignment: text("--replica-assignment"),
        configs: given.texts("--config").map(str::to_owned).collect(),
        if_not_exists: given.has("--if-not-exists"),
        if_exists: given.has("--if-exists"),
        exclude_internal: given.has("--exclude-internal"),
        report: report.map_or(Report::All, |(_, report)| *report),
    })
}

/// The one action that is named.
fn action(given: &Given) -> Result<&'static str, Refused> {
    let named: Vec<&'static str> =
        ACTIONS.iter().copied().filter(|action| given.has(action)).collect();
    match named[..] {
        [action] => Ok(action),
        _ => Err(refused_with_usage(
            "Command must include exactly one action: --list, --describe, --create, --alter or --delete",
        )),
    }
}

fn bootstrap_servers(given: &Given) -> Result<Vec<Server>, Refused> {
    let Some(servers) = given.text("--bootstrap-server") else {
        return Err(refused("--bootstrap-server must be specified"));
    };
    servers::named(servers)
}

fn check_topic(given: &Given, action: &str) -> Result<(), Refused> {
    if given.has("--topic") {
        return Ok(());
    }
    if action == "--describe" && given.has("--if-exists") {
        return Err(refused_with_usage("--topic or --topic-id is required to describe a topic"));
    }
    if !matches!(action, "--list" | "--describe") {
        return Err(refused_with_usage("Missing required argument \"[topic]\""));
    }
    Ok(())
}

fn check_combinations(given: &Given, action: &str) -> Result<(), Refused> {
    if action == "--alter" && given.has("--config") {
        return Err(refused_with_usage(
            "Option combination \"[[config], [bootstrap-server]]\" can't be used with option \"[alter]\" \
             (To alter topic configurations, the kafka-configs tool can be used.)",
        ));
    }
    if action == "--alter" && !given.has("--partitions") {
        return Err(refused_with_usage("Missing required argument \"[partitions]\""));
    }
    for (option, actions) in ONLY_WITH {
        if given.has(option) && !actions.contains(&action) {
            return Err(excluded(option, action));
        }
    }
    if given.has("--replica-assignment") && action == "--create" {
        let excludes = ["--partitions", "--replication-factor"];
        if let Some(other) = excludes.into_iter().find(|other| given.has(other)) {
            return Err(excluded("--replica-assignment", other));
        }
    }
    let mut reports = REPORTS.iter().map(|(name, _)| *name).filter(|name| given.has(name));
    match (reports.next(), reports.next_back()) {
        (Some(first), Some(last)) if last == "--topics-with-overrides" => {
            Err(excluded(first, last))
        }
        _ => Ok(()),
    }
}

fn excluded(option: &str, other: &str) -> Refused {
    let bare = |name: &str| name.trim_start_matches('-').to_owned();
    let (option, other) = (bare(option), bare(other));
    refused_with_usage(&format!("Option \"[{option}]\" can't be used with option \"[{other}]\""))
}

/// The tool warns of an option that went away before it looks at the others.
fn with_warnings(given: &Given, mut refused: Refused) -> Refused {
    if given.has("--delete-config") {
        let gone = "delete-config option is no longer supported and deprecated since version 4.0. The config \
                    will be fully removed in future releases.";
        refused.errors.insert(0, gone.to_owned());
    }
    refused
}

/// As the tool's option parser says it; what was probably meant stands apart.
pub(crate) fn option_error(error: &OptionError) -> Refused {
    let name = error.option.trim_start_matches('-');
    let mut refused = refused(match error.kind {
        OptionErrorKind::Unknown => format!("{name} is not a recognized option"),
        OptionErrorKind::NoValue => format!("Option {name} requires an argument"),
        OptionErrorKind::Repeated => {
            format!("Found multiple arguments for option {name}, but you asked for only one")
        }
        _ => error.to_string(),
    });
    if let Some(suggestion) = &error.suggestion
        && instead_of(name).is_none()
    {
        refused.errors.push(format!("Highwater: did you mean {suggestion}?"));
    }
    refused
}

fn refused_with_usage(error: &str) -> Refused {
    jopt::refused_with_usage(OPTIONS, error)
}
