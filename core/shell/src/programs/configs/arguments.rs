//! The arguments of `kafka-configs.sh`, and what the tool says when they are wrong: `ConfigCommandOptions`.

use crate::admin::Server;
use crate::java::KAFKA_VERSION;
use crate::options::{Given, Operands, parse};
use crate::programs::jopt::{self, Refused, refused, with_two_dashes};
use crate::programs::servers;
use crate::programs::topics::option_error;
use crate::words::Word;

use super::options::OPTIONS;
use super::quotas::{self, Part};

/// What the tool does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Alter,
    Describe,
}

/// What has settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntityType {
    Topics,
    Brokers,
    Groups,
    /// Users, client ids, addresses: what they have is called quotas.
    Quotas,
}

/// The arguments, read.
#[derive(Clone, Debug)]
pub(super) struct Arguments {
    pub(super) action: Action,
    pub(super) servers: Vec<Server>,
    pub(super) entity_type: EntityType,
    /// The one that is named; empty for the default of brokers, none for all.
    pub(super) entity: Option<String>,
    /// Of quotas, whom they are for.
    pub(super) parts: Vec<Part>,
    /// The entity type that is named first.
    pub(super) types: String,
    pub(super) all: bool,
    pub(super) add: Option<String>,
    pub(super) add_file: Option<String>,
    pub(super) delete: Vec<String>,
    /// The arguments as they were written.
    pub(super) line: String,
}

/// Kafka's entity types, with the options that name one of them and those that mean its default.
const ENTITY_TYPES: &[(&str, &str, &str)] = &[
    ("topics", "--topic", ""),
    ("clients", "--client", "--client-defaults"),
    ("users", "--user", "--user-defaults"),
    ("brokers", "--broker", "--broker-defaults"),
    ("ips", "--ip", "--ip-defaults"),
    ("broker-loggers", "--broker-logger", ""),
    ("client-metrics", "--client-metrics", ""),
    ("groups", "--group", ""),
];

/// Those that may be named together with their default.
const WITH_DEFAULTS: &[&str] = &["users", "clients", "brokers", "ips"];

/// Reads the arguments, in the order in which the tool looks at them.
pub(super) fn read(words: &[Word]) -> Result<Arguments, Refused> {
    let given = parse(OPTIONS, Operands::Accepted, &with_two_dashes(OPTIONS, words))
        .map_err(|error| option_error(&error))?;
    if given.has("--help") || words.is_empty() {
        let helps = "This tool helps to manipulate and describe entity config for a topic, client, user, \
                     broker, ip, client-metrics or group";
        return Err(refused_with_usage(helps));
    }
    if given.has("--version") {
        return Err(Refused { output: vec![KAFKA_VERSION.to_owned()], ..Refused::default() });
    }
    let action = action(&given)?;
    let types = entity_types(&given);
    let names = entity_names(&given);
    check_connection(&given)?;
    check_types(&given, &types)?;
    check_names(&given, action, &types, &names)?;
    let entity_type = match types[0] {
        "topics" => EntityType::Topics,
        "brokers" => EntityType::Brokers,
        "groups" if names.is_empty() => {
            let wrong = "Highwater: name a group with --entity-name; there is no list of all";
            return Err(refused(wrong.to_owned()));
        }
        "groups" => EntityType::Groups,
        "users" | "clients" | "ips" => EntityType::Quotas,
        other => {
            return Err(refused(format!("Highwater: settings of {other} are not simulated yet")));
        }
    };
    let parts = match entity_type {
        EntityType::Quotas => quotas::entity(&types, &names).map_err(refused)?,
        _ => Vec::new(),
    };
    let address = given.text("--bootstrap-server").unwrap_or_default();
    let servers = servers::named(address)?;
    let delete = given.texts("--delete-config").flat_map(|text| text.split(','));
    Ok(Arguments {
        action,
        servers,
        entity_type,
        parts,
        types: types[0].to_owned(),
        entity: names.into_iter().next(),
        all: given.has("--all"),
        add: given.text("--add-config").map(str::to_owned),
        add_file: given.text("--add-config-file").map(str::to_owned),
        delete: delete.map(|name| name.trim().to_owned()).collect(),
        line: words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "),
    })
}

/// The one action that is named.
fn action(given: &Given) -> Result<Action, Refused> {
    let action = match (given.has("--alter"), given.has("--describe")) {
        (true, false) => Action::Alter,
        (false, true) => Action::Describe,
        _ => {
            let error = "Command must include exactly one action: --describe, --alter";
            return Err(refused_with_usage(error));
        }
    };
    let changes = ["--add-config", "--delete-config"].into_iter().find(|name| given.has(name));
    match changes.filter(|_| action == Action::Describe) {
        Some(name) => Err(refused_with_usage(&format!(
            "Option \"[describe]\" can't be used with option \"[{}]\"",
            &name[2..]
        ))),
        None => Ok(action),
    }
}

fn check_connection(given: &Given) -> Result<(), Refused> {
    match (given.has("--bootstrap-server"), given.has("--bootstrap-controller")) {
        (true, false) => Ok(()),
        (false, false) => {
            Err(refused("Either --bootstrap-server or --bootstrap-controller must be specified."))
        }
        (true, true) => Err(refused(
            "Only one of --bootstrap-server or --bootstrap-controller can be specified",
        )),
        (false, true) => Err(refused(
            "Highwater: controllers answer no tools here; use --bootstrap-server broker1:9092",
        )),
    }
}

fn entity_types(given: &Given) -> Vec<&str> {
    let named = given.texts("--entity-type");
    let by_flag = ENTITY_TYPES.iter().filter(|(_, one, _)| given.has(one));
    let by_default = ENTITY_TYPES.iter().filter(|(_, _, all)| !all.is_empty() && given.has(all));
    named.chain(by_flag.chain(by_default).map(|(name, ..)| *name)).collect()
}

/// The names in order; an empty one for a default.
fn entity_names(given: &Given) -> Vec<String> {
    let named = given.texts("--entity-name");
    let default = given.has("--entity-default").then_some("");
    let by_flag = ENTITY_TYPES.iter().filter_map(|(_, one, _)| given.text(one));
    let by_default = ENTITY_TYPES.iter().filter(|(_, _, all)| !all.is_empty() && given.has(all));
    let all = named.chain(default).chain(by_flag).chain(by_default.map(|_| ""));
    all.map(str::to_owned).collect()
}

fn check_types(given: &Given, types: &[&str]) -> Result<(), Refused> {
    if let Some(twice) =
        types.iter().enumerate().find(|(place, name)| types[..*place].contains(name))
    {
        return Err(refused(format!("Duplicate entity type(s) specified: {}", twice.1)));
    }
    let is_known = |name: &str| ENTITY_TYPES.iter().any(|(known, ..)| *known == name);
    if let Some(unknown) = types.iter().find(|name| !is_known(name)) {
        let known: Vec<&str> = ENTITY_TYPES.iter().map(|(name, ..)| *name).collect();
        return Err(refused(format!(
            "Invalid entity type {unknown}, the entity type must be one of {} with a --bootstrap-server or \
             --bootstrap-controller argument",
            known.join(", ")
        )));
    }
    match types {
        [] => return Err(refused("At least one entity type must be specified")),
        [_] => {}
        ["users", "clients"] | ["clients", "users"] => {}
        _ => {
            let error = "Only 'users' and 'clients' entity types may be specified together";
            return Err(refused(error));
        }
    }
    let in_general = ["--entity-type", "--entity-name", "--entity-default"];
    let is_special = |(_, one, all): &(&str, &str, &str)| given.has(one) || given.has(all);
    if in_general.iter().any(|name| given.has(name)) && ENTITY_TYPES.iter().any(is_special) {
        return Err(refused(
            "--entity-{type,name,default} should not be used in conjunction with specific entity flags",
        ));
    }
    Ok(())
}

fn check_names(
    given: &Given,
    action: Action,
    types: &[&str],
    names: &[String],
) -> Result<(), Refused> {
    let (has_name, has_default) =
        (names.iter().any(|name| !name.is_empty()), names.iter().any(String::is_empty));
    let of = types.join(",");
    let is_broker = types.contains(&"brokers") || types.contains(&"broker-loggers");
    let no_id = names.iter().find(|name| !name.is_empty() && name.parse::<i32>().is_err());
    if let Some(name) = no_id.filter(|_| is_broker) {
        return Err(refused(format!(
            "The entity name for {} must be a valid integer broker id, but it is: {name}",
            types[0]
        )));
    }
    let may_be_default = types.iter().any(|name| WITH_DEFAULTS.contains(name));
    if action == Action::Describe {
        if given.has("--entity-default") && !may_be_default {
            let error = format!("--entity-default must not be specified with --describe of {of}");
            return Err(refused(error));
        }
        return Ok(());
    }
    if may_be_default && !has_name && !has_default {
        return Err(refused(
            "An entity-name or default entity must be specified with --alter of users, clients, brokers or \
             ips",
        ));
    }
    if !may_be_default && !has_name {
        return Err(refused(format!("An entity name must be specified with --alter of {of}")));
    }
    let changes =
        ["--add-config", "--add-config-file", "--delete-config"].map(|name| given.has(name));
    match changes {
        [true, true, _] => {
            Err(refused("Only one of --add-config or --add-config-file must be specified"))
        }
        [false, false, false] => Err(refused(
            "At least one of --add-config, --add-config-file, or --delete-config must be specified with \
             --alter",
        )),
        _ if types.len() != names.len() => {
            Err(refused("An entity name must be specified for every entity type"))
        }
        _ => Ok(()),
    }
}

fn refused_with_usage(error: &str) -> Refused {
    jopt::refused_with_usage(OPTIONS, error)
}
