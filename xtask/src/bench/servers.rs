//! `cargo xtask bench --servers`: one client against `highwater serve` and other servers that need no
//! installation of Kafka, one after the other.
//!
//! The client is `benches/servers/measure.py`, with confluent-kafka; here the servers are started for it,
//! and its lines become a table.

use std::ffi::OsString;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::process;
use crate::project::Project;
use crate::report::{note, say, step};
use crate::tools::python;

/// A broker in Rust from crates.io, which takes most of an hour to build: it is measured where it is.
const TANSU: &str = "tansu";
const INSTALL_TANSU: &str =
    "cargo install tansu --version 0.6.0 --locked --features dynostore --root .tools";

/// A server that is measured.
struct Server {
    /// What the table calls it.
    name: &'static str,
    /// Where it listens: a port, or `told` or `mock` (see `measure.py`).
    place: String,
    command: Vec<OsString>,
}

/// One line of `measure.py`.
#[derive(Debug, PartialEq)]
struct Measured {
    server: String,
    measure: String,
    value: f64,
    unit: String,
}

/// Measures all that can be had, and prints a table.
pub fn run(project: &Project) -> Outcome {
    let requirements = project.at("tests/clients/requirements.txt");
    let python = python::with_packages(&requirements, &project.at(".tools/clients/python"))?;
    let highwater = step("highwater", "as it is built for use", || highwater(project))?;
    say("servers", "one client, one server after the other; best on an idle machine");
    let program = project.at("benches/servers/measure.py");
    let mut lines = Vec::new();
    for server in servers(project, &python, &highwater)? {
        let mut measure = Command::new(&python);
        measure.arg(&program).args([server.name, &server.place]).args(&server.command);
        let told = process::read(&mut measure, "see what the server says above")?;
        note(server.name);
        lines.extend(told.lines().filter_map(read));
    }
    print!("\n{}", table(&lines));
    Ok(())
}

fn highwater(project: &Project) -> Outcome<PathBuf> {
    let mut cargo = process::cargo();
    cargo.current_dir(&project.root).args(["build", "--release", "--package", "highwater-cli"]);
    process::run(&mut cargo, "mend what the compiler names above")?;
    let name = format!("highwater{}", std::env::consts::EXE_SUFFIX);
    Ok(project.target()?.join("release").join(name))
}

fn servers(project: &Project, python: &Path, highwater: &Path) -> Outcome<Vec<Server>> {
    let serve = |brokers: &str| {
        let words = ["serve", "--port", "0", "--brokers", brokers];
        std::iter::once(highwater.into()).chain(words.map(OsString::from)).collect()
    };
    let mock = project.at("benches/servers/mock.py");
    let server = |name, place: &str, command| Server { name, place: place.to_owned(), command };
    let mut servers = vec![
        server("Highwater, 1 broker", "told", serve("1")),
        server("Highwater, 3 brokers", "told", serve("3")),
        server("librdkafka's mock, 3", "mock", vec![python.into(), mock.into(), "3".into()]),
    ];
    let own = project.tools().join("bin").join(format!("{TANSU}{}", std::env::consts::EXE_SUFFIX));
    match Some(own).filter(|own| own.is_file()).or_else(|| process::find(TANSU)) {
        Some(tansu) => {
            let port = free_port()?;
            let url = format!("tcp://127.0.0.1:{port}");
            let words = ["broker", "--silent", "--storage-engine", "memory://tansu/"];
            let mut command: Vec<OsString> = vec![tansu.into()];
            command.extend(words.map(OsString::from));
            for option in ["--listener-url", "--advertised-listener-url"] {
                command.extend([option.into(), url.as_str().into()]);
            }
            servers.push(server("tansu, in memory", &port.to_string(), command));
        }
        None => note(&format!("tansu is left out: `{INSTALL_TANSU}` brings it")),
    }
    Ok(servers)
}

fn free_port() -> Outcome<u16> {
    let bound = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    bound
        .map(|address| address.port())
        .map_err(|error| Failure::new(format!("no port is free: {error}"), "try again"))
}

fn read(line: &str) -> Option<Measured> {
    let mut parts = line.split('\t').map(str::to_owned);
    let (server, measure) = (parts.next()?, parts.next()?);
    let value = parts.next()?.parse().ok()?;
    Some(Measured { server, measure, value, unit: parts.next()? })
}

/// A row for each measure, a column for each server, in the order in which they came.
fn table(lines: &[Measured]) -> String {
    let mut servers: Vec<&str> = lines.iter().map(|line| line.server.as_str()).collect();
    servers.dedup();
    let head = format!("| | {} |\n|---|{}\n", servers.join(" | "), "---:|".repeat(servers.len()));
    let of_first = lines.iter().filter(|line| Some(&line.server.as_str()) == servers.first());
    let rows = of_first.map(|first| {
        let values = servers.iter().map(|server| {
            let found =
                lines.iter().find(|line| line.server == *server && line.measure == first.measure);
            found.map_or("-".to_owned(), |line| shown(line.value))
        });
        let values: Vec<String> = values.collect();
        format!("| {}, {} | {} |\n", first.measure, first.unit, values.join(" | "))
    });
    head + &rows.collect::<String>()
}

/// Large numbers whole, with what sets thousands apart; small ones with two places.
fn shown(value: f64) -> String {
    if value < 100.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let places = digits.char_indices().map(|(index, digit)| {
        let is_apart = index > 0 && (digits.len() - index).is_multiple_of(3);
        if is_apart { format!(",{digit}") } else { digit.to_string() }
    });
    places.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_a_table() {
        let lines = ["a\tproduced\t123456.7\trecords/s", "a\tread\t1.5\tms", "b\tread\t0.5\tms"];
        let lines: Vec<Measured> = lines.iter().filter_map(|line| read(line)).collect();
        let expected = "| | a | b |\n|---|---:|---:|\n\
            | produced, records/s | 123,457 | - |\n| read, ms | 1.50 | 0.50 |\n";
        assert_eq!(table(&lines), expected);
        assert_eq!(read("what is printed besides"), None);
    }
}
