//! The arguments of `kafka-share-groups.sh`: `ShareGroupCommandOptions`.

use highwater_cluster::time::Span;

use crate::admin::Server;
use crate::options::{Given, Opt};
use crate::programs::consumer_groups::with_optional_values;
use crate::programs::jopt::{self, Refused, refused_with_usage};
use crate::programs::servers;
use crate::script::Failure;
use crate::words::Word;

const ABOUT: &str = "This tool helps to list, describe, reset and delete share groups.";
const LONG: (i64, i64) = (i64::MIN, i64::MAX);
/// The states that a share group can be in.
const STATES: [&str; 3] = ["Stable", "Dead", "Empty"];

/// What it understands.
pub(crate) const OPTIONS: &[Opt] = &[
    Opt::flag("--all-groups", "All share groups."),
    Opt::flag("--all-topics", "With --reset-offsets: all topics that the group reads."),
    Opt::text(
        "--bootstrap-server",
        "String: server to connect to",
        "REQUIRED: The brokers to connect to.",
    ),
    Opt::text(
        "--command-config",
        "String: command config property file",
        "A file of settings of the admin client.",
    ),
    Opt::flag("--delete", "Deletes groups that nobody is in."),
    Opt::flag("--delete-offsets", "Forgets where a group is in topics."),
    Opt::flag("--describe", "Tells of groups: where they are, or who is in them."),
    Opt::flag("--dry-run", "With --reset-offsets: only shows what would be done."),
    Opt::flag("--execute", "With --reset-offsets: does it."),
    Opt::text("--group", "String: share group", "A share group.").repeated(),
    Opt::flag("--help", "Prints this."),
    Opt::flag("--list", "Lists all share groups."),
    Opt::flag("--members", "With --describe: the members."),
    Opt::flag(
        "--offsets",
        "With --describe: where the group starts in each partition, which is the default.",
    ),
    Opt::flag("--reset-offsets", "Lets a group that nobody is in begin anew."),
    Opt::text(
        "--state",
        "String",
        "With --describe: the state; with --list: of all groups, or only those in these states.",
    ),
    Opt::integer(
        "--timeout",
        "Long: timeout (ms)",
        LONG,
        "How long the tool waits; 30000 if not given.",
    ),
    Opt::text(
        "--to-datetime",
        "String: datetime",
        "Begins with the first record of that time or later: YYYY-MM-DDThh:mm:ss.sss.",
    ),
    Opt::flag("--to-earliest", "Begins with the first record."),
    Opt::flag("--to-latest", "Begins after the last record."),
    Opt::text("--topic", "String: topic", "A topic; to reset, also with partitions: orders:0,1.")
        .repeated(),
    Opt::flag("--verbose", "With --describe: more columns."),
    Opt::flag("--version", "Prints Kafka's version."),
];

/// The arguments, read.
#[derive(Clone, Debug)]
pub(super) struct Arguments {
    pub(super) servers: Vec<Server>,
    pub(super) timeout: Span,
    pub(super) groups: Vec<String>,
    pub(super) topics: Vec<String>,
    given: Given,
}

/// Reads the words.
pub(super) fn read(words: &[Word]) -> Result<Arguments, Refused> {
    let given = jopt::read_or_usage(OPTIONS, &with_optional_values(words), ABOUT)?;
    let wrong = |message: &str| refused_with_usage(OPTIONS, message);
    let Some(list) = given.text("--bootstrap-server") else {
        return Err(wrong("Missing required argument \"[bootstrap-server]\""));
    };
    check(&given).map_err(|message| wrong(&message))?;
    Ok(Arguments {
        servers: servers::named(list)?,
        timeout: Span::from_millis(given.integer("--timeout").unwrap_or(30_000)),
        groups: given.texts("--group").map(str::to_owned).collect(),
        topics: given.texts("--topic").map(str::to_owned).collect(),
        given,
    })
}

/// What goes together: `checkArgs`.
fn check(given: &Given) -> Result<(), String> {
    let has = |option: &str| given.has(option);
    let actions = ["--list", "--describe", "--delete", "--reset-offsets", "--delete-offsets"];
    if actions.iter().filter(|action| has(action)).count() != 1 {
        return Err("Command must include exactly one action: --list, --describe, --delete, \
                    --reset-offsets, --delete-offsets."
            .to_owned());
    }
    let names_groups = has("--group") || has("--all-groups");
    if has("--describe") && !names_groups {
        return Err(
            "Option [describe] takes one of these options: [all-groups], [group]".to_owned()
        );
    }
    let parts = ["--members", "--offsets", "--state"];
    if has("--describe") && parts.iter().filter(|part| has(part)).count() > 1 {
        return Err(
            "Option [describe] takes at most one of these options: [members], [offsets], [state]"
                .to_owned(),
        );
    }
    if has("--delete") && !names_groups {
        return Err("Option [delete] takes the options [group] or [all-groups]".to_owned());
    }
    if has("--delete") && has("--group") && has("--all-groups") {
        return Err("Option [delete] takes either [group] or [all-groups], not both.".to_owned());
    }
    if has("--delete-offsets") && !(has("--group") && has("--topic")) {
        return Err(
            "Option [delete-offsets] takes the following options: [topic], [group]".to_owned()
        );
    }
    if has("--reset-offsets") {
        check_reset(given)?;
    }
    Ok(())
}

fn check_reset(given: &Given) -> Result<(), String> {
    let has = |option: &str| given.has(option);
    if has("--dry-run") && has("--execute") {
        return Err("Option [reset-offsets] only accepts one of [execute] and [dry-run]".to_owned());
    }
    if !has("--dry-run") && !has("--execute") {
        return Err("Option [reset-offsets] takes the option: [execute] or [dry-run]".to_owned());
    }
    if !has("--group") {
        return Err("Option [reset-offsets] takes the option: [group]".to_owned());
    }
    let scenarios = ["--to-datetime", "--to-earliest", "--to-latest"];
    if scenarios.iter().filter(|scenario| has(scenario)).count() != 1 {
        return Err("Option '[reset-offsets]' requires one of the following scenarios: \
                    [[to-datetime], [to-earliest], [to-latest]]"
            .to_owned());
    }
    Ok(())
}

impl Arguments {
    pub(super) fn has(&self, option: &str) -> bool {
        self.given.has(option)
    }

    pub(super) fn text(&self, option: &str) -> Option<&str> {
        self.given.text(option)
    }

    /// The states after `--state`.
    pub(super) fn states(&self) -> Result<Vec<String>, Failure> {
        let list = self.text("--state").unwrap_or_default();
        let mut states = Vec::new();
        for name in list.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match STATES.iter().find(|state| state.eq_ignore_ascii_case(name)) {
                Some(state) => states.push((*state).to_owned()),
                None => {
                    return Err(Failure::illegal_argument(format!(
                        "Invalid state list '{list}'. Valid states are: {}",
                        STATES.join(", ")
                    )));
                }
            }
        }
        Ok(states)
    }
}
