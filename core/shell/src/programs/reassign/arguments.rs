//! The arguments of `kafka-reassign-partitions.sh`, and what the tool says when they are wrong.

use crate::admin::Server;
use crate::options::{Given, Opt};
use crate::programs::jopt::{self, Refused, refused, refused_with_usage};
use crate::programs::servers;
use crate::words::Word;

/// All options, in the order in which the help lists them.
pub(crate) const OPTIONS: &[Opt] = &[
    Opt::flag(
        "--additional",
        "Execute this in addition to what goes on already, or change its throttle.",
    ),
    Opt::text("--bootstrap-controller", "String: controller", "Not simulated: ask a broker."),
    Opt::text("--bootstrap-server", "String: server", "REQUIRED: The brokers to connect to."),
    Opt::text("--broker-list", "String: brokerlist", "For --generate: the brokers, as 1,2,3."),
    Opt::flag("--cancel", "Call a reassignment off."),
    Opt::text("--command-config", "String: config file", "A file of settings of the admin client."),
    Opt::flag("--disable-rack-aware", "For --generate: pay no heed to racks."),
    Opt::flag(
        "--disallow-replication-factor-change",
        "For --execute: refuse another number of replicas than there are.",
    ),
    Opt::flag("--execute", "Begin the reassignment of --reassignment-json-file."),
    Opt::flag("--generate", "Propose a reassignment; nothing is executed."),
    Opt::flag("--help", "Print this."),
    Opt::flag("--list", "List all reassignments that go on."),
    Opt::flag("--preserve-throttles", "Leave the throttles of brokers and topics alone."),
    Opt::text(
        "--reassignment-json-file",
        "String: file",
        "{\"partitions\": [{\"topic\": \"foo\", \"partition\": 1, \"replicas\": [1,2,3]}], \"version\": 1}.",
    ),
    Opt::text(
        "--replica-alter-log-dirs-throttle",
        "Long: bytes/sec",
        "Between log directories; a broker has only one here.",
    ),
    Opt::text("--throttle", "Long: bytes/sec", "How fast replicas may move between brokers."),
    Opt::text("--timeout", "Long: ms", "How long to wait for the log directories of replicas."),
    Opt::text(
        "--topics-to-move-json-file",
        "String: file",
        "For --generate: {\"topics\": [{\"topic\": \"foo\"}], \"version\": 1}.",
    ),
    Opt::flag("--verify", "Tell how far the reassignment is; once it is done, lift its throttle."),
    Opt::flag("--version", "Print Kafka's version."),
];

const ABOUT: &str = "This tool helps to move topic partitions between replicas.";

const ACTIONS: &[&str] = &["--generate", "--execute", "--verify", "--cancel", "--list"];

/// What each action needs, and what else may stand with it.
const GOES_WITH: &[(&str, &[&str], &[&str])] = &[
    ("--verify", &["--reassignment-json-file"], &["--preserve-throttles"]),
    ("--generate", &["--topics-to-move-json-file", "--broker-list"], &["--disable-rack-aware"]),
    (
        "--execute",
        &["--reassignment-json-file"],
        &[
            "--additional",
            "--disallow-replication-factor-change",
            "--throttle",
            "--replica-alter-log-dirs-throttle",
            "--timeout",
        ],
    ),
    ("--cancel", &["--reassignment-json-file"], &["--preserve-throttles", "--timeout"]),
    ("--list", &[], &[]),
];

/// What is asked for.
#[derive(Clone, Debug)]
pub(super) struct Arguments {
    pub(super) servers: Vec<Server>,
    pub(super) action: Action,
}

/// What the tool is to do.
#[derive(Clone, Debug)]
pub(super) enum Action {
    Generate { topics_file: String, brokers: String, rack_aware: bool },
    Execute(ExecuteOptions),
    Verify { file: String, preserve_throttles: bool },
    Cancel { file: String, preserve_throttles: bool },
    List,
}

/// How a reassignment is to be executed.
#[derive(Clone, Debug)]
pub(super) struct ExecuteOptions {
    pub(super) file: String,
    pub(super) additional: bool,
    pub(super) may_change_factor: bool,
    /// In bytes a second.
    pub(super) throttle: Option<i64>,
    pub(super) log_dirs_throttle: Option<i64>,
    pub(super) timeout_ms: i64,
}

/// Reads the arguments, in the order in which the tool looks at them.
pub(super) fn read(words: &[Word]) -> Result<Arguments, Refused> {
    // The options are read before the tool catches anything.
    let uncaught =
        |class: &str, message: &str| format!("Exception in thread \"main\" {class}: {message}");
    let given = jopt::read(OPTIONS, words, ABOUT, uncaught)?;
    let action = check(&given)?;
    let text = |name| given.text(name).unwrap_or_default().to_owned();
    let file = text("--reassignment-json-file");
    let preserve_throttles = given.has("--preserve-throttles");
    let action = match action {
        "--generate" => Action::Generate {
            topics_file: text("--topics-to-move-json-file"),
            brokers: text("--broker-list"),
            rack_aware: !given.has("--disable-rack-aware"),
        },
        "--execute" => Action::Execute(ExecuteOptions {
            file,
            additional: given.has("--additional"),
            may_change_factor: !given.has("--disallow-replication-factor-change"),
            throttle: number(&given, "--throttle")?.filter(|rate| *rate >= 0),
            log_dirs_throttle: number(&given, "--replica-alter-log-dirs-throttle")?
                .filter(|rate| *rate >= 0),
            timeout_ms: number(&given, "--timeout")?.unwrap_or(10_000),
        }),
        "--verify" => Action::Verify { file, preserve_throttles },
        "--cancel" => Action::Cancel { file, preserve_throttles },
        _ => Action::List,
    };
    let servers = servers::named(given.text("--bootstrap-server").unwrap_or_default())?;
    Ok(Arguments { servers, action })
}

/// The one action that is named, with all that it needs and nothing that it has no use for.
fn check(given: &Given) -> Result<&'static str, Refused> {
    let named: Vec<&'static str> =
        ACTIONS.iter().copied().filter(|action| given.has(action)).collect();
    let [action] = named[..] else {
        let error = format!("Command must include exactly one action: {}", ACTIONS.join(", "));
        return Err(refused_with_usage(OPTIONS, &error));
    };
    match (given.has("--bootstrap-server"), given.has("--bootstrap-controller")) {
        (true, true) => {
            Err("Please don't specify both --bootstrap-server and --bootstrap-controller")
        }
        (false, false) => Err("Please specify either --bootstrap-server or --bootstrap-controller"),
        _ => Ok(()),
    }
    .map_err(|error| refused_with_usage(OPTIONS, error))?;
    let rule = GOES_WITH.iter().find(|(name, ..)| *name == action);
    let (_, required, permitted) = rule.expect("each action has its rule");
    if let Some(missing) = required.iter().find(|option| !given.has(option)) {
        let error = format!("Missing required argument \"[{}]\"", bare(missing));
        return Err(refused_with_usage(OPTIONS, &error));
    }
    let everywhere = [action, "--bootstrap-server", "--bootstrap-controller", "--command-config"];
    let is_permitted = |option: &&str| {
        everywhere.contains(option) || required.contains(option) || permitted.contains(option)
    };
    let mut others = OPTIONS.iter().map(|option| option.name).filter(|name| given.has(name));
    if let Some(option) = others.find(|option| !is_permitted(option)) {
        let (option, action) = (bare(option), bare(action));
        let error = format!("Option \"[{option}]\" can't be used with action \"[{action}]\"");
        return Err(refused_with_usage(OPTIONS, &error));
    }
    if given.has("--bootstrap-controller") {
        return Err(refused(
            "Highwater: controllers serve no tools here; name a broker, with --bootstrap-server broker1:9092",
        ));
    }
    Ok(action)
}

fn number(given: &Given, option: &str) -> Result<Option<i64>, Refused> {
    let Some(text) = given.text(option) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| {
        refused(format!(
            "Exception in thread \"main\" joptsimple.OptionArgumentConversionException: \
             Cannot parse argument '{text}' of option {}",
            bare(option)
        ))
    })
}

fn bare(option: &str) -> &str {
    option.trim_start_matches('-')
}
