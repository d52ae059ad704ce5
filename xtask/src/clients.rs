//! `cargo xtask clients`: clients of Kafka that others wrote, unmodified, against `highwater serve`.
//!
//! Each program of `tests/clients` drives one client against a cluster of its own, and says what it does
//! (`trial.rs`). What is installed for it goes to `.tools/clients`, what a run leaves to `clients` of
//! cargo's target folder.

mod cluster;
mod ledger;
pub mod soak;
mod suite;
mod table;
mod trial;

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use crate::cli::ClientsOptions;
use crate::failure::{Failure, Outcome};
use crate::process;
use crate::project::Project;
use crate::report::{note, say, seconds, step};
use suite::{Client, Start};
use trial::{Account, Files};

/// How many clients run at a time: they wait for each other's members more than they work.
const AT_A_TIME: usize = 3;

const TODO: &str = "mend what the accounts above name; the run that a client's scenario (.hw) holds plays \
                    again with `cargo run -p highwater-cli -- run FILE`";

/// Installs what the clients need, so that what cannot be had is known at once.
pub fn prepare(project: &Project) -> Outcome {
    suite::chosen(None)?.iter().try_for_each(|client| client.prepare(project).map(|_| ()))
}

/// Runs one client, or all. All run to their end, so that one failure does not hide another.
pub fn run(project: &Project, options: &ClientsOptions) -> Outcome {
    let begin = Instant::now();
    let clients = suite::chosen(options.only.as_deref())?;
    let starts = clients.iter().map(|client| client.prepare(project));
    let starts = starts.collect::<Outcome<Vec<_>>>()?;
    let server = step("highwater serve", "the cluster that they connect to", || build(project))?;
    let folder = project.target()?.join("clients");
    fs::create_dir_all(&folder).map_err(|error| Failure::file("create", &folder, &error))?;
    say("clients", "whoever speaks Kafka's protocol must find Kafka");
    let accounts = all(&clients, &starts, &server, &folder);
    if options.table {
        table::write(project, &clients, &accounts)?;
    }
    let failed = accounts.iter().filter(|account| account.is_failure()).count();
    if failed > 0 {
        return Err(Failure::new(format!("{failed} of {} clients failed", clients.len()), TODO));
    }
    note(&format!("done after {}", seconds(begin.elapsed())));
    Ok(())
}

/// What the tests of the page need for a real client beside it, as variables of their environment.
pub fn beside_the_page(project: &Project) -> Outcome<Vec<(&'static str, OsString)>> {
    let python = suite::python(project, "live.py")?;
    let mut variables = python.environment;
    variables.push(("CLIENT_PYTHON", python.program.into_os_string()));
    variables.push(("HIGHWATER", build(project)?.into_os_string()));
    Ok(variables)
}

fn build(project: &Project) -> Outcome<PathBuf> {
    let mut cargo = process::cargo();
    cargo.current_dir(&project.root).args(["build", "--package", "highwater-cli"]);
    process::run(&mut cargo, "mend what the compiler names above")?;
    let name = format!("highwater{}", std::env::consts::EXE_SUFFIX);
    Ok(project.target()?.join("debug").join(name))
}

/// The accounts, in the order of the clients.
fn all(
    clients: &[&Client],
    starts: &[Start],
    server: &std::path::Path,
    folder: &std::path::Path,
) -> Vec<Account> {
    let left = Mutex::new(clients.iter().zip(starts).enumerate());
    let accounts = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some((place, (client, start))) =
                    left.lock().ok().and_then(|mut l| l.next())
                {
                    let account = match start {
                        Start::Program(words) => {
                            trial::run(words, server, &Files::of(folder, client.program()))
                        }
                        Start::Missing(why) => Account::missing(why),
                    };
                    account.tell(client.program());
                    if let Ok(mut accounts) = accounts.lock() {
                        accounts.push((place, account));
                    }
                }
            });
        }
    });
    let mut accounts = accounts.into_inner().unwrap_or_default();
    accounts.sort_by_key(|(place, _)| *place);
    accounts.into_iter().map(|(_, account)| account).collect()
}
