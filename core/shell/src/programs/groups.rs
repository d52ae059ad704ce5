//! `kafka-groups.sh`: `GroupsCommand` of Kafka's tools, with what it prints (KIP-1043).

use highwater_cluster::program::Program;
use highwater_cluster::protocol::messages::list_groups_response::ListedGroup;

use crate::admin::{Admin, Server};
use crate::command::Says;
use crate::options::Opt;
use crate::programs::calls::groups;
use crate::programs::jopt::{self, Refused, refused, refused_with_usage};
use crate::programs::servers;
use crate::script::{Halt, Io, Script, caught, process};
use crate::words::Word;

/// All options, in the order in which the help lists them.
pub(crate) const OPTIONS: &[Opt] = &[
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
    Opt::flag("--consumer", "Only groups of consumers, whichever protocol they speak."),
    Opt::text(
        "--group-type",
        "String: type",
        "Only groups of this type: classic, consumer, share or streams.",
    ),
    Opt::flag("--help", "Print this."),
    Opt::flag("--list", "List the groups."),
    Opt::text("--protocol", "String: protocol", "Only groups of this protocol type: consumer."),
    Opt::flag("--share", "Only share groups."),
    Opt::flag("--streams", "Only groups of Kafka Streams."),
    Opt::flag("--version", "Print Kafka's version."),
];

const ABOUT: &str = "This tool helps to list groups of all types.";
const TYPES: [&str; 4] = ["Classic", "Consumer", "Share", "Streams"];

/// The process for `kafka-groups.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match read(words) {
        Ok((servers, command)) => process(command, Admin::new(servers)),
        Err(refused) => Says::refused(refused),
    }
}

/// The command while it runs: which groups are wanted.
#[derive(Clone, Debug)]
struct Groups {
    kind: Option<&'static str>,
    protocol: Option<String>,
    consumers: bool,
}

impl Script for Groups {
    fn run(&self, io: &mut Io<'_, '_>) -> Result<i32, Halt> {
        let listed = match caught(groups::list(io, &[], &[]))? {
            Ok(listed) => listed,
            Err(failure) => {
                let message = &failure.message;
                io.print(&format!("Error while executing groups command : {message}"));
                return Ok(1);
            }
        };
        let rows: Vec<[String; 3]> = listed
            .iter()
            .filter(|group| self.wants(group))
            .map(|group| {
                let protocol = group.protocol_type.to_string();
                [group.group_id.to_string(), type_name(&group.group_type).to_owned(), protocol]
            })
            .collect();
        let lengths = rows.iter().flatten().map(|cell| cell.chars().count());
        let width = lengths.max().unwrap_or(0).max(20);
        io.print(&format!("{:<width$} {:<width$} {:<width$}", "GROUP", "TYPE", "PROTOCOL"));
        for [group, kind, protocol] in rows {
            io.print(&format!("{group:<width$} {kind:<width$} {protocol:<width$} "));
        }
        Ok(0)
    }
}

impl Groups {
    fn wants(&self, group: &ListedGroup) -> bool {
        let kind = type_name(&group.group_type);
        let has_protocol =
            self.protocol.as_ref().is_none_or(|protocol| **protocol == *group.protocol_type);
        match self.kind {
            Some(wanted) => wanted == kind && has_protocol,
            None if self.protocol.is_some() => has_protocol,
            None if self.consumers => {
                matches!(&*group.protocol_type, "consumer" | "") || kind == "Consumer"
            }
            None => true,
        }
    }
}

/// `GroupType.toString`
fn type_name(name: &str) -> &'static str {
    TYPES.iter().find(|kind| kind.eq_ignore_ascii_case(name)).unwrap_or(&"Unknown")
}

fn read(words: &[Word]) -> Result<(Vec<Server>, Groups), Refused> {
    let given = jopt::read(OPTIONS, words, ABOUT, |_, message| message.to_owned())?;
    let Some(list) = given.text("--bootstrap-server") else {
        return Err(refused_with_usage(OPTIONS, "Missing required option(s) [bootstrap-server]"));
    };
    if !given.has("--list") {
        let wrong = "Command must include exactly one action: --list.";
        return Err(refused_with_usage(OPTIONS, wrong));
    }
    let kind = match given.text("--group-type").map(type_name) {
        Some("Unknown") => return Err(refused("--group-type must be a valid group type.")),
        kind => kind,
    };
    let exclusions: [(&str, &[&str]); 3] = [
        ("--consumer", &["--group-type", "--protocol", "--share", "--streams"]),
        ("--share", &["--consumer", "--group-type", "--protocol", "--streams"]),
        ("--streams", &["--consumer", "--group-type", "--protocol", "--share"]),
    ];
    for (used, others) in exclusions {
        if let Some(other) = others.iter().find(|other| given.has(used) && given.has(other)) {
            let (used, other) = (&used[2..], &other[2..]);
            let wrong = format!("Option \"[{used}]\" can't be used with option \"[{other}]\"");
            return Err(refused_with_usage(OPTIONS, &wrong));
        }
    }
    let servers = servers::named(list)?;
    let kind = match () {
        () if given.has("--share") => Some("Share"),
        () if given.has("--streams") => Some("Streams"),
        () => kind,
    };
    let protocol = given.text("--protocol").map(str::to_owned);
    Ok((servers, Groups { kind, protocol, consumers: given.has("--consumer") }))
}
