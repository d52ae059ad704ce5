//! The arguments of `kafka-acls.sh`, and what the tool says when they are wrong.

use std::collections::{BTreeMap, BTreeSet};

use highwater_cluster::acl::{
    AccessControlEntry, CLUSTER_NAME, Operation, PatternFilter, PatternType, Permission, Principal,
    ResourceType, WILDCARD,
};

use super::options::{OPTIONS, PATTERN_TYPES, operation_names};
use crate::admin::Server;
use crate::options::Given;
use crate::programs::jopt::{self, Refused, refused, refused_with_usage};
use crate::programs::servers;
use crate::suggest::nearest;
use crate::words::Word;

const ABOUT: &str = "This tool helps to manage acls on kafka.";
/// The options that name resources, with what they name.
const RESOURCES: [(&str, ResourceType); 5] = [
    ("--topic", ResourceType::Topic),
    ("--group", ResourceType::Group),
    ("--transactional-id", ResourceType::TransactionalId),
    ("--delegation-token", ResourceType::DelegationToken),
    ("--user-principal", ResourceType::User),
];

/// What the tool does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Add,
    Remove,
    List,
}

/// Entries that are wanted on resources, or not wanted there; none stands for all.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) filter: PatternFilter,
    pub(super) entries: Vec<AccessControlEntry>,
}

/// The arguments, read.
#[derive(Clone, Debug)]
pub(super) struct Arguments {
    pub(super) action: Action,
    pub(super) servers: Vec<Server>,
    pub(super) wanted: Vec<Wanted>,
    /// With [`Action::List`]: whose entries are listed; those of all if there are none.
    pub(super) principals: Vec<Principal>,
    pub(super) force: bool,
}

/// Reads the words.
pub(super) fn read(words: &[Word]) -> Result<Arguments, Refused> {
    let given = jopt::read_or_usage(OPTIONS, words, ABOUT)?;
    check_connection(&given)?;
    let action = action(&given)?;
    check_together(&given)?;
    let pattern_type = pattern_type(&given)?;
    let wanted = match action {
        Action::List => list_filters(&given, pattern_type),
        _ => wanted(&given, pattern_type)?,
    };
    if action == Action::Add {
        if !matches!(pattern_type, PatternType::Literal | PatternType::Prefixed) {
            return Err(wrong(&format!(
                "A '--resource-pattern-type' value of '{pattern_type}' is not valid when adding acls."
            )));
        }
        if wanted.iter().any(|wanted| wanted.entries.is_empty()) {
            return Err(wrong(
                "You must specify one of: --allow-principal, --deny-principal when trying to add ACLs.",
            ));
        }
    }
    let servers = servers::named(given.text("--bootstrap-server").unwrap_or_default())?;
    let principals = principals(&given, "--principal")?.into_iter().collect();
    Ok(Arguments { action, servers, wanted, principals, force: given.has("--force") })
}

fn wrong(message: &str) -> Refused {
    refused_with_usage(OPTIONS, message)
}

fn check_connection(given: &Given) -> Result<(), Refused> {
    match (given.has("--bootstrap-server"), given.has("--bootstrap-controller")) {
        (true, false) => Ok(()),
        (true, true) => {
            Err(wrong("Only one of --bootstrap-server or --bootstrap-controller must be specified"))
        }
        (false, false) => {
            Err(wrong("One of --bootstrap-server or --bootstrap-controller must be specified"))
        }
        (false, true) => Err(refused(
            "Highwater: controllers answer no tools here; use --bootstrap-server broker1:9092",
        )),
    }
}

fn action(given: &Given) -> Result<Action, Refused> {
    match ["--add", "--remove", "--list"].map(|name| given.has(name)) {
        [true, false, false] => Ok(Action::Add),
        [false, true, false] => Ok(Action::Remove),
        [false, false, true] => Ok(Action::List),
        _ => Err(wrong("Command must include exactly one action: --list, --add, --remove. ")),
    }
}

/// Which options do not go together.
fn check_together(given: &Given) -> Result<(), Refused> {
    let of_role: &[&str] = &["--operation", "--deny-principal", "--deny-host"];
    let exclusions: [(&str, &[&str]); 3] = [
        (
            "--list",
            &[
                "--producer",
                "--consumer",
                "--allow-host",
                "--allow-principal",
                "--deny-host",
                "--deny-principal",
            ],
        ),
        ("--producer", of_role),
        ("--consumer", of_role),
    ];
    for (used, others) in exclusions {
        if let Some(other) = others.iter().find(|other| given.has(used) && given.has(other)) {
            let (used, other) = (&used[2..], &other[2..]);
            return Err(wrong(&format!(
                "Option \"[{used}]\" can't be used with option \"[{other}]\""
            )));
        }
    }
    let has = |name: &str| given.has(name);
    if has("--principal") && !has("--list") {
        return Err(wrong("The --principal option is only available if --list is set"));
    }
    if has("--producer") && !has("--topic") {
        return Err(wrong("With --producer you must specify a --topic"));
    }
    if has("--idempotent") && !has("--producer") {
        return Err(wrong("The --idempotent option is only available if --producer is set"));
    }
    let is_more = !has("--producer") && (has("--cluster") || has("--transactional-id"));
    if has("--consumer") && (!has("--topic") || !has("--group") || is_more) {
        return Err(wrong(
            "With --consumer you must specify a --topic and a --group and no --cluster or --transactional-id \
             option should be specified.",
        ));
    }
    Ok(())
}

fn pattern_type(given: &Given) -> Result<PatternType, Refused> {
    let Some(text) = given.text("--resource-pattern-type") else { return Ok(PatternType::Literal) };
    let is_it = |kind: &&PatternType| kind.name().eq_ignore_ascii_case(text);
    PatternType::ALL.iter().find(is_it).copied().ok_or_else(|| {
        let mut refused =
            wrong(&format!("Cannot parse argument '{text}' of option resource-pattern-type"));
        suggest(&mut refused, text, PATTERN_TYPES.into_iter());
        refused
    })
}

/// The resources that are named, in the order of the options.
fn filters(given: &Given, pattern_type: PatternType) -> Vec<PatternFilter> {
    let mut filters = Vec::new();
    for (option, resource_type) in RESOURCES {
        filters.extend(given.texts(option).map(|name| PatternFilter {
            resource_type,
            name: Some(name.trim().into()),
            pattern_type,
        }));
    }
    let is_of_cluster = given.has("--cluster") || given.has("--idempotent");
    if pattern_type == PatternType::Literal && is_of_cluster {
        filters.push(cluster());
    }
    filters
}

fn cluster() -> PatternFilter {
    PatternFilter {
        resource_type: ResourceType::Cluster,
        name: Some(CLUSTER_NAME.into()),
        pattern_type: PatternType::Literal,
    }
}

/// What is listed: the resources that are named, or all.
fn list_filters(given: &Given, pattern_type: PatternType) -> Vec<Wanted> {
    let mut filters = filters(given, pattern_type);
    if filters.is_empty() {
        let (resource_type, pattern_type) = (ResourceType::Any, PatternType::Any);
        filters.push(PatternFilter { resource_type, name: None, pattern_type });
    }
    filters.into_iter().map(|filter| Wanted { filter, entries: Vec::new() }).collect()
}

/// The entries that are to be added or removed.
fn wanted(given: &Given, pattern_type: PatternType) -> Result<Vec<Wanted>, Refused> {
    use Operation::{Create, Describe, IdempotentWrite, Read, Write};
    let filters = filters(given, pattern_type);
    if filters.is_empty() {
        return Err(wrong(
            "You must provide at least one resource: --topic <topic> or --cluster or --group <group> or \
             --delegation-token <Delegation Token ID>",
        ));
    }
    let mut entries: BTreeMap<PatternFilter, BTreeSet<AccessControlEntry>> = BTreeMap::new();
    let is_role = given.has("--producer") || given.has("--consumer");
    for filter in filters {
        let of_producer: &[Operation] = match filter.resource_type {
            ResourceType::Topic => &[Write, Describe, Create],
            ResourceType::TransactionalId => &[Write, Describe],
            ResourceType::Cluster if given.has("--idempotent") => &[IdempotentWrite],
            _ => &[],
        };
        let of_consumer: &[Operation] = match filter.resource_type {
            ResourceType::Topic => &[Read, Describe],
            ResourceType::Group => &[Read],
            _ => &[],
        };
        let mut operations = Vec::new();
        operations.extend(of_producer.iter().filter(|_| given.has("--producer")));
        operations.extend(of_consumer.iter().filter(|_| given.has("--consumer")));
        if !is_role {
            operations = operations_given(given, filter.resource_type)?;
        } else if operations.is_empty() {
            continue;
        }
        let of_filter = entries_for(given, &operations)?;
        entries.entry(filter).or_default().extend(of_filter);
    }
    let wanted = entries.into_iter();
    Ok(wanted
        .map(|(filter, entries)| Wanted { filter, entries: entries.into_iter().collect() })
        .collect())
}

/// The operations that are named, or all, if the resource knows them.
fn operations_given(given: &Given, resource: ResourceType) -> Result<Vec<Operation>, Refused> {
    let mut operations = Vec::new();
    for text in given.texts("--operation").map(str::trim) {
        let operation = Operation::named(text).filter(|operation| {
            *operation == Operation::All || resource.operations().contains(operation)
        });
        operations.push(operation.ok_or_else(|| {
            let known = resource.operations().iter().chain([&Operation::All]);
            let known: Vec<String> = known.map(|operation| operation.title()).collect();
            let mut refused = wrong(&format!(
                "ResourceType {resource} only supports operations {}",
                known.join(", ")
            ));
            let names: Vec<String> = operation_names().collect();
            if Operation::named(text).is_none() {
                suggest(&mut refused, text, names.iter().map(String::as_str));
            }
            refused
        })?);
    }
    if operations.is_empty() {
        operations.push(Operation::All);
    }
    Ok(operations)
}

/// The entries that allow or deny these operations.
fn entries_for(
    given: &Given,
    operations: &[Operation],
) -> Result<Vec<AccessControlEntry>, Refused> {
    let kinds = [
        (Permission::Allow, "--allow-principal", "--allow-host"),
        (Permission::Deny, "--deny-principal", "--deny-host"),
    ];
    let mut entries = Vec::new();
    for (permission, principal_option, host_option) in kinds {
        let hosts: Vec<&str> = match given.has(host_option) {
            true => given.texts(host_option).map(str::trim).collect(),
            false => vec![WILDCARD],
        };
        for principal in principals(given, principal_option)? {
            for operation in operations {
                entries.extend(hosts.iter().map(|host| AccessControlEntry {
                    principal: principal.clone(),
                    host: (*host).into(),
                    operation: *operation,
                    permission,
                }));
            }
        }
    }
    Ok(entries)
}

fn principals(given: &Given, option: &str) -> Result<BTreeSet<Principal>, Refused> {
    let read = |text: &str| {
        Principal::parse(text.trim()).map_err(|message| {
            let mut error = refused(format!("Error while executing ACL command: {message}"));
            error.output.append(&mut error.errors);
            error.output.push(format!("java.lang.IllegalArgumentException: {message}"));
            error.errors.push(format!("Highwater: did you mean User:{}?", text.trim()));
            error
        })
    };
    given.texts(option).map(read).collect()
}

/// Adds the nearest of the words that could have been meant.
fn suggest<'a>(refused: &mut Refused, text: &str, known: impl Iterator<Item = &'a str>) {
    if let Some(near) = nearest(text, known) {
        refused.errors.push(format!("Highwater: did you mean {near}?"));
    }
}
