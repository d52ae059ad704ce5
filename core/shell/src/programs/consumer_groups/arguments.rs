//! The arguments of `kafka-consumer-groups.sh`, and what the tool says when they are wrong.

use highwater_cluster::time::Span;

use crate::admin::Server;
use crate::java::{grown_hash_order, string_hash};
use crate::options::{Given, Opt};
use crate::programs::jopt::{self, Refused, refused_with_usage};
use crate::programs::servers;
use crate::words::Word;

/// All options, in the order in which the help lists them.
pub(crate) const OPTIONS: &[Opt] = &[
    Opt::flag("--all-groups", "Of all consumer groups."),
    Opt::flag("--all-topics", "With --reset-offsets: all topics that the group has offsets of."),
    Opt::text(
        "--bootstrap-server",
        "String: server to connect to",
        "REQUIRED, but for --validate-regex: The brokers to connect to.",
    )
    .repeated(),
    Opt::text(
        "--by-duration",
        "String: duration",
        "Reset to what was written that long ago: P1D, PT2H30M.",
    )
    .repeated(),
    Opt::text(
        "--command-config",
        "String: command config property file",
        "A file of settings of the admin client.",
    ),
    Opt::flag("--delete", "Delete groups that nobody is in, with their offsets."),
    Opt::flag(
        "--delete-offsets",
        "Delete the offsets that a group has in topics that it does not read.",
    ),
    Opt::flag("--describe", "Tell how far a group is in each partition, and how far behind."),
    Opt::flag(
        "--dry-run",
        "With --reset-offsets: only say what would be done. This is the default.",
    ),
    Opt::flag("--execute", "With --reset-offsets: do it."),
    Opt::flag(
        "--export",
        "With --reset-offsets: print the offsets as CSV, as --from-file reads them.",
    ),
    Opt::text(
        "--from-file",
        "String: path to CSV file",
        "Reset to the offsets of a file: topic,partition,offset.",
    )
    .repeated(),
    Opt::text("--group", "String: group id", "The consumer group; may be given several times.")
        .repeated(),
    Opt::flag("--help", "Print this."),
    Opt::flag("--list", "List all consumer groups."),
    Opt::flag("--members", "With --describe: who is in the group."),
    Opt::flag("--offsets", "With --describe: offsets and lag. This is the default."),
    Opt::flag("--reset-offsets", "Move a group that nobody is in to other offsets."),
    Opt::text(
        "--shift-by",
        "Long: number-of-offsets",
        "Reset by that many offsets, back if negative.",
    )
    .repeated(),
    Opt::text(
        "--state",
        "String",
        "With --describe: the group's state. With --list: each state, or only groups in those: --state stable,empty.",
    ),
    Opt::text(
        "--timeout",
        "Long: timeout (ms)",
        "How long to wait for an answer, in milliseconds; 30000 if not given.",
    )
    .repeated(),
    Opt::flag("--to-current", "Reset to what is committed now, or to the end where nothing is."),
    Opt::text(
        "--to-datetime",
        "String: datetime",
        "Reset to what was written since then: 2026-01-05T09:00:00.000.",
    )
    .repeated(),
    Opt::flag("--to-earliest", "Reset to the first offset."),
    Opt::flag("--to-latest", "Reset to the end: what is there already is skipped."),
    Opt::text("--to-offset", "Long: offset", "Reset to this offset.").repeated(),
    Opt::text(
        "--topic",
        "String: topic",
        "The topic, or some of its partitions: orders:0,1; may be given several times.",
    )
    .repeated(),
    Opt::text(
        "--type",
        "String",
        "With --list: each type, or only groups of those: --type classic,consumer.",
    ),
    Opt::text("--validate-regex", "String: regex", "Check a pattern of topic names."),
    Opt::flag("--verbose", "With --describe: epochs and assignments too."),
    Opt::flag("--version", "Print Kafka's version."),
];

const ABOUT: &str = "This tool helps to list all consumer groups, describe a consumer group, delete consumer group info, or \
                     reset consumer group offsets.";

/// The actions, in the order in which the tool names them.
const ACTIONS: [&str; 6] =
    ["--list", "--describe", "--delete", "--reset-offsets", "--delete-offsets", "--validate-regex"];

/// What offsets can be reset to.
const SCENARIOS: [&str; 8] = [
    "--to-offset",
    "--shift-by",
    "--to-datetime",
    "--by-duration",
    "--to-earliest",
    "--to-latest",
    "--to-current",
    "--from-file",
];

const NO_FLAG: &str = "WARN: No action will be performed as the --execute option is missing. In version 5.0, this command will \
                       require either --dry-run or --execute to be specified. You should add the --dry-run option explicitly if \
                       you are scripting this command and want to keep the current default behavior without prompting.";

/// `--timeout`
const DEFAULT_TIMEOUT_MS: i64 = 30_000;

/// The arguments, read and looked through.
#[derive(Clone, Debug)]
pub(super) struct Arguments {
    pub(super) given: Given,
    pub(super) servers: Vec<Server>,
    pub(super) groups: Vec<String>,
    pub(super) topics: Vec<String>,
    pub(super) timeout: Span,
    /// What is said before anything is done.
    pub(super) warning: Option<&'static str>,
}

impl Arguments {
    pub(super) fn has(&self, option: &str) -> bool {
        self.given.has(option)
    }

    /// A whole number, which Java reads only when it needs it.
    pub(super) fn long(&self, option: &str) -> Result<Option<i64>, String> {
        let Some(text) = self.given.text(option) else { return Ok(None) };
        let name = option.trim_start_matches('-');
        let cannot = |_| format!("Cannot parse argument '{text}' of option {name}");
        text.parse().map(Some).map_err(cannot)
    }
}

/// The tool's usage after an error that shows only while it works.
pub(super) fn usage_error(message: &str) -> Vec<String> {
    refused_with_usage(OPTIONS, message).errors
}

/// Reads the arguments, in the order in which the tool looks at them.
pub(super) fn read(words: &[Word]) -> Result<Arguments, Refused> {
    let given = jopt::read(OPTIONS, &with_optional_values(words), ABOUT, |class, message| {
        format!("Exception in thread \"main\" {class}: {message}")
    })?;
    available(&given)?;
    let mut checked = Checked { given: &given, warning: None };
    if let Err(message) = checked.look() {
        let mut refused = refused_with_usage(OPTIONS, &message);
        if let Some(warning) = checked.warning {
            refused.errors.insert(0, warning.to_owned());
        }
        return Err(refused);
    }
    let warning = checked.warning;
    let servers = match given.text("--bootstrap-server") {
        Some(list) => servers::named(list)?,
        None => Vec::new(),
    };
    let texts = |option: &str| given.texts(option).map(str::to_owned).collect();
    let timeout_ms = given.text("--timeout").and_then(|text| text.parse().ok());
    Ok(Arguments {
        groups: texts("--group"),
        topics: texts("--topic"),
        servers,
        timeout: Span::from_millis(timeout_ms.unwrap_or(DEFAULT_TIMEOUT_MS)),
        warning,
        given,
    })
}

/// `--state` and `--type` may stand alone: what follows is their value if it looks like none of the
/// options.
pub(crate) fn with_optional_values(words: &[Word]) -> Vec<Word> {
    let mut out = Vec::new();
    for (place, word) in words.iter().enumerate() {
        out.push(word.clone());
        let is_optional = matches!(word.text.trim_start_matches('-'), "state" | "type")
            && word.text.starts_with('-');
        let next = words.get(place + 1);
        let has_value = next.is_some_and(|next| !next.text.starts_with('-'));
        if is_optional && !has_value {
            out.push(Word { text: String::new(), span: word.span, quoted: true });
        }
    }
    out
}

/// Options that go with certain others only: `availableIf`.
fn available(given: &Given) -> Result<(), Refused> {
    let needs: [(&str, &[&str]); 5] = [
        ("--members", &["--describe"]),
        ("--verbose", &["--describe"]),
        ("--offsets", &["--describe"]),
        ("--state", &["--describe", "--list"]),
        ("--type", &["--list"]),
    ];
    let is_alone = |option: &str, others: &[&str]| {
        given.has(option) && !others.iter().any(|other| given.has(other))
    };
    let alone = needs.iter().filter(|(option, others)| is_alone(option, others));
    let names: Vec<&str> = alone.map(|(option, _)| bare(option)).collect();
    if names.is_empty() {
        return Ok(());
    }
    Err(jopt::refused(format!(
        "Exception in thread \"main\" joptsimple.UnavailableOptionException: Option(s) [{}] are unavailable given other \
         options on the command line",
        names.join(", ")
    )))
}

/// The arguments while the tool looks through them.
struct Checked<'a> {
    given: &'a Given,
    warning: Option<&'static str>,
}

impl Checked<'_> {
    fn look(&mut self) -> Result<(), String> {
        if !self.has("--validate-regex") && !self.has("--bootstrap-server") {
            return Err("Missing required argument \"[bootstrap-server]\"".to_owned());
        }
        self.look_at_description()?;
        self.look_at_deletion()?;
        self.look_at_reset()?;
        let not_of = |allowed: &[&str]| {
            let levels = ["--list", "--describe", "--delete", "--reset-offsets"];
            let order = spec_order(&levels);
            order.into_iter().filter(|option| !allowed.contains(option)).collect::<Vec<_>>()
        };
        self.excludes("--group", &["--all-groups"])?;
        self.excludes("--group", &not_of(&["--describe", "--delete", "--reset-offsets"]))?;
        self.excludes("--topic", &not_of(&["--delete", "--reset-offsets"]))?;
        if ACTIONS.iter().filter(|action| self.has(action)).count() != 1 {
            let actions = ACTIONS.join(", ");
            return Err(format!("Command must include exactly one action: {actions}"));
        }
        Ok(())
    }

    fn look_at_description(&self) -> Result<(), String> {
        if !self.has("--describe") {
            return Ok(());
        }
        self.needs_groups("--describe")?;
        let sub_actions = ["--members", "--offsets", "--state"];
        if sub_actions.iter().filter(|option| self.has(option)).count() > 1 {
            return Err(format!(
                "Option [describe] takes at most one of these options: {}",
                listed(&sub_actions)
            ));
        }
        if self.given.text("--state").is_some_and(|value| !value.is_empty()) {
            return Err("Option [describe] does not take a value for [state]".to_owned());
        }
        Ok(())
    }

    fn look_at_deletion(&self) -> Result<(), String> {
        if self.has("--delete") {
            self.needs_groups("--delete")?;
            if self.has("--topic") {
                return Err(
                    "The consumer does not support topic-specific offset deletion from a consumer group."
                        .to_owned(),
                );
            }
        }
        let is_incomplete = !self.has("--group") || !self.has("--topic");
        if self.has("--delete-offsets") && is_incomplete {
            let options = listed(&spec_order(&["--group", "--topic"]));
            return Err(format!("Option [delete-offsets] takes the following options: {options}"));
        }
        Ok(())
    }

    fn look_at_reset(&mut self) -> Result<(), String> {
        if !self.has("--reset-offsets") {
            return Ok(());
        }
        match (self.has("--dry-run"), self.has("--execute")) {
            (true, true) => {
                return Err(
                    "Option [reset-offsets] only accepts one of [execute] and [dry-run]".to_owned()
                );
            }
            (false, false) => self.warning = Some(NO_FLAG),
            _ => {}
        }
        self.needs_groups("--reset-offsets")?;
        for used in [
            "--to-offset",
            "--to-datetime",
            "--by-duration",
            "--to-earliest",
            "--to-latest",
            "--to-current",
            "--shift-by",
            "--from-file",
        ] {
            let mut others = spec_order(&SCENARIOS);
            others.retain(|other| *other != used);
            self.excludes(used, &others)?;
        }
        Ok(())
    }

    fn needs_groups(&self, option: &str) -> Result<(), String> {
        if self.has("--group") || self.has("--all-groups") {
            return Ok(());
        }
        let options = listed(&spec_order(&["--group", "--all-groups"]));
        Err(format!("Option [{}] takes one of these options: {options}", bare(option)))
    }

    /// `CommandLineUtils.checkInvalidArgs`
    fn excludes(&self, used: &str, others: &[&str]) -> Result<(), String> {
        let other = others.iter().find(|other| self.has(used) && self.has(other));
        match other {
            None => Ok(()),
            Some(other) => {
                let (used, other) = (bare(used), bare(other));
                Err(format!("Option \"[{used}]\" can't be used with option \"[{other}]\""))
            }
        }
    }

    fn has(&self, option: &str) -> bool {
        self.given.has(option)
    }
}

/// Which scenarios there are, as the tool lists them.
pub(super) fn scenarios() -> String {
    listed(&spec_order(&SCENARIOS))
}

/// A set of `joptsimple`'s options is gone through in the order of their hashes: those of lists of one
/// name.
fn spec_order<'a>(options: &[&'a str]) -> Vec<&'a str> {
    let mut options = options.to_vec();
    grown_hash_order(&mut options, |option| 31_u32.wrapping_add(string_hash(bare(option))));
    options
}

fn listed(options: &[&str]) -> String {
    let options: Vec<String> = options.iter().map(|option| format!("[{}]", bare(option))).collect();
    options.join(", ")
}

fn bare(option: &str) -> &str {
    option.trim_start_matches('-')
}
