//! `kafka-acls.sh`: `AclCommand` of Kafka's tools, with what it prints.
//!
//! Kafka keeps entries in hash sets of objects whose hashes differ from run to run: here they stand in the order of
//! Kafka's enumerations.

use highwater_cluster::acl::{Acl, AclFilter, Principal, ResourcePattern, described};
use highwater_cluster::message::Response;
use highwater_cluster::program::Program;
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::protocol::StrBytes;

use crate::admin::{Admin, To};
use crate::command::Says;
use crate::programs::calls::ask;
use crate::script::{Failure, Halt, Io, Script, caught, process};
use crate::words::Word;

mod arguments;
mod options;

use arguments::{Action, Arguments, Wanted};
pub(crate) use options::{OPTIONS, PATTERN_TYPES, operation_names};

/// What is said where no broker asks an authorizer.
const NO_AUTHORIZER: &str = "Highwater: no broker asks an authorizer. Give them one in the scenario's header: config * \
                             authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer";

/// The process for `kafka-acls.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match arguments::read(words) {
        Ok(arguments) => {
            let admin = Admin::new(arguments.servers.clone());
            process(Acls(arguments), admin)
        }
        Err(refused) => Says::refused(refused),
    }
}

/// The command while it runs.
#[derive(Clone, Debug)]
struct Acls(Arguments);

impl Script for Acls {
    fn run(&self, io: &mut Io<'_, '_>) -> Result<i32, Halt> {
        let done = match self.0.action {
            Action::Add => self.add(io),
            Action::Remove => self.remove(io),
            Action::List => self.list(io),
        };
        let Err(failure) = caught(done)? else { return Ok(0) };
        let is_off = failure.error == Some(ResponseError::SecurityDisabled);
        let failure = failure.in_future();
        io.print(&format!("Error while executing ACL command: {}", failure.message));
        io.print(&failure.to_string());
        io.print("");
        if is_off {
            io.print_error(NO_AUTHORIZER);
        }
        Ok(1)
    }

    fn reads_input(&self) -> bool {
        self.0.action == Action::Remove && !self.0.force
    }
}

impl Acls {
    fn add(&self, io: &mut Io<'_, '_>) -> Result<(), Halt> {
        for Wanted { filter, entries } in &self.0.wanted {
            let pattern = ResourcePattern {
                resource_type: filter.resource_type,
                name: filter.name.clone().unwrap_or_default(),
                pattern_type: filter.pattern_type,
            };
            io.print(&format!("Adding ACLs for resource `{pattern}`: "));
            let lines: Vec<String> = entries.iter().map(|entry| format!("\t{entry}")).collect();
            print_lines(io, &format!(" {}", lines.join("\n")));
            io.print("");
            let creations = entries
                .iter()
                .map(|entry| Acl { pattern: pattern.clone(), entry: entry.clone() }.creation());
            let request = kafka::CreateAclsRequest::default().with_creations(creations.collect());
            let body = ask!(io, "createAcls", request, To::Controller => CreateAcls);
            for result in &body.results {
                check(result.error_code, result.error_message.as_ref())?;
            }
        }
        Ok(())
    }

    fn remove(&self, io: &mut Io<'_, '_>) -> Result<(), Halt> {
        for Wanted { filter, entries } in &self.0.wanted {
            let lines: Vec<String> = entries.iter().map(|entry| format!("\t{entry}")).collect();
            let question = match entries.is_empty() {
                true => format!(
                    "Are you sure you want to delete all ACLs for resource filter `{filter}`? (y/n)"
                ),
                false => format!(
                    "Are you sure you want to remove ACLs: \n {}\n from resource filter `{filter}`? (y/n)",
                    lines.join("\n")
                ),
            };
            if !self.0.force {
                print_lines(io, &question);
                let answer = io.line()?;
                if !answer.is_some_and(|answer| answer.eq_ignore_ascii_case("y")) {
                    continue;
                }
            }
            let all = AclFilter::on(filter.clone());
            let meant = entries.iter().map(|entry| AclFilter {
                pattern: filter.clone(),
                principal: Some(entry.principal.clone()),
                host: Some(entry.host.clone()),
                operation: entry.operation,
                permission: entry.permission,
            });
            let mut filters: Vec<_> = meant.map(|filter| filter.deletion()).collect();
            if filters.is_empty() {
                filters.push(all.deletion());
            }
            let request = kafka::DeleteAclsRequest::default().with_filters(filters);
            let body = ask!(io, "deleteAcls", request, To::Controller => DeleteAcls);
            for result in &body.filter_results {
                check(result.error_code, result.error_message.as_ref())?;
            }
        }
        Ok(())
    }

    fn list(&self, io: &mut Io<'_, '_>) -> Result<(), Halt> {
        let mut known: Vec<Acl> = Vec::new();
        for Wanted { filter, .. } in &self.0.wanted {
            let request = AclFilter::on(filter.clone()).describe();
            let body = ask!(io, "describeAcls", request, To::Any => DescribeAcls);
            check(body.error_code, body.error_message.as_ref())?;
            known.extend(described(&body).map_err(Failure::illegal_argument)?);
        }
        known.sort();
        known.dedup();
        if self.0.principals.is_empty() {
            print_known(io, &known, None);
        }
        for principal in &self.0.principals {
            io.print(&format!("ACLs for principal `{principal}`"));
            print_known(io, &known, Some(principal));
        }
        Ok(())
    }
}

/// Prints entries by their resources: all, or those of one principal.
fn print_known(io: &mut Io<'_, '_>, known: &[Acl], only: Option<&Principal>) {
    let meant = known.iter().filter(|acl| only.is_none_or(|only| *only == acl.entry.principal));
    let meant: Vec<&Acl> = meant.collect();
    for of_one in meant.chunk_by(|a, b| a.pattern == b.pattern) {
        io.print(&format!("Current ACLs for resource `{}`:", of_one[0].pattern));
        of_one.iter().for_each(|acl| io.print(&format!("\t{}", acl.entry)));
        io.print("");
    }
}

fn print_lines(io: &mut Io<'_, '_>, text: &str) {
    text.split('\n').for_each(|line| io.print(line));
}

/// What Kafka's client throws for an error.
fn check(code: i16, message: Option<&StrBytes>) -> Result<(), Halt> {
    match ResponseError::try_from_code(code) {
        None => Ok(()),
        Some(error) => Err(Failure::of(error, message.map(|message| &**message)).into()),
    }
}
