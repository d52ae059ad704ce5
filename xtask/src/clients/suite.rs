//! Which clients there are, and how the program of each is started.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};
use crate::process;
use crate::project::Project;
use crate::report::{note, step};
use crate::tools::{kcat, node, python};

/// A client, and one program that drives it. A client may have several, each with its own cluster.
pub struct Client {
    /// What a person types, and what the table of the documentation calls it.
    pub name: &'static str,
    kind: Kind,
}

enum Kind {
    /// A program of `tests/clients` in Python.
    Python(&'static str),
    /// The same, of a client that the system must have.
    Kcat(&'static str),
    /// A program of `tests/clients` for Node.
    Node(&'static str),
    /// A crate of its own below `tests/clients`.
    Rust(&'static str),
}

/// Those that run longest come first, so that none is waited for at the end.
const CLIENTS: &[Client] = &[
    Client { name: "confluent-kafka", kind: Kind::Python("confluent_groups.py") },
    Client { name: "confluent-kafka", kind: Kind::Python("confluent_transactions.py") },
    Client { name: "confluent-kafka", kind: Kind::Python("confluent_records.py") },
    Client { name: "confluent-kafka", kind: Kind::Python("confluent_acls.py") },
    Client { name: "confluent-kafka", kind: Kind::Python("confluent_shares.py") },
    Client { name: "kafka-python", kind: Kind::Python("with_kafka_python.py") },
    Client { name: "aiokafka", kind: Kind::Python("with_aiokafka.py") },
    Client { name: "kafkajs", kind: Kind::Node("with_kafkajs.cjs") },
    Client { name: "notes", kind: Kind::Python("notes.py") },
    Client { name: "rskafka", kind: Kind::Rust("rskafka") },
    Client { name: "kcat", kind: Kind::Kcat("with_kcat.py") },
];

/// How a client is started.
pub enum Start {
    /// A program, its arguments, and what it finds in its environment.
    Program(Words),
    /// It cannot be had here; why.
    Missing(String),
}

/// A command line.
#[derive(Default)]
pub struct Words {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Variables of its environment.
    pub environment: Vec<(&'static str, OsString)>,
    /// The scenario that its cluster begins with, if it has one of its own: it stands beside the program.
    pub scenario: Option<PathBuf>,
}

/// The client of that name, or all.
pub fn chosen(only: Option<&str>) -> Outcome<Vec<&'static Client>> {
    let Some(name) = only else { return Ok(CLIENTS.iter().collect()) };
    let found: Vec<_> = CLIENTS.iter().filter(|client| client.name == name).collect();
    if found.is_empty() {
        let mut names: Vec<&str> = CLIENTS.iter().map(|client| client.name).collect();
        names.dedup();
        let todo = format!("choose one of {}", names.join(", "));
        return Err(Failure::new(format!("there is no client `{name}`"), todo));
    }
    Ok(found)
}

impl Client {
    /// The name of its program without its ending, which names the files that a run leaves.
    pub fn program(&self) -> &'static str {
        match self.kind {
            Kind::Python(file) | Kind::Kcat(file) | Kind::Node(file) | Kind::Rust(file) => {
                file.split('.').next().unwrap_or(file)
            }
        }
    }

    /// Installs what it lacks.
    pub fn prepare(&self, project: &Project) -> Outcome<Start> {
        let script = |name: &str| script(project, name);
        match self.kind {
            Kind::Python(name) => Ok(Start::Program(python_program(project, script(name))?)),
            Kind::Kcat(name) => match kcat::find_or_install() {
                Ok(kcat) => {
                    let mut words = python_program(project, script(name))?;
                    words.environment.push(("KCAT", kcat.into_os_string()));
                    Ok(Start::Program(words))
                }
                Err(failure) => Ok(Start::Missing(failure.in_one_line())),
            },
            Kind::Node(name) => Ok(Start::Program(Words {
                program: node::node()?,
                arguments: vec![script(name)],
                environment: vec![
                    ("NODE_PATH", npm_packages(project)?.into_os_string()),
                    ("KAFKAJS_NO_PARTITIONER_WARNING", "1".into()),
                ],
                scenario: None,
            })),
            Kind::Rust(name) => {
                let program = crate_program(project, name)?;
                Ok(Start::Program(Words { program, ..Words::default() }))
            }
        }
    }
}

/// A program of `tests/clients` in Python that is none of the suite's.
pub fn python(project: &Project, name: &str) -> Outcome<Words> {
    python_program(project, script(project, name))
}

fn script(project: &Project, name: &str) -> OsString {
    project.at("tests/clients").join(name).into_os_string()
}

fn python_program(project: &Project, script: OsString) -> Outcome<Words> {
    let requirements = project.at("tests/clients/requirements.txt");
    let folder = project.at(".tools/clients/python");
    let program = python::with_packages(&requirements, &folder)?;
    // Nothing is written into the tree, and what is printed comes at once.
    let environment = [
        ("PYTHONDONTWRITEBYTECODE", "1"),
        ("PYTHONUNBUFFERED", "1"),
        ("PYTHONUTF8", "1"),
        // Learners' notes use what has gone out of fashion.
        ("PYTHONWARNINGS", "ignore::DeprecationWarning"),
    ];
    Ok(Words {
        program,
        scenario: Some(Path::new(&script).with_extension("hw")).filter(|path| path.exists()),
        arguments: vec![script],
        environment: environment.map(|(name, value)| (name, value.into())).into(),
    })
}

/// The folder of the npm packages, which stand outside the tree.
fn npm_packages(project: &Project) -> Outcome<PathBuf> {
    let folder = project.at(".tools/clients/npm");
    fs::create_dir_all(&folder).map_err(|error| Failure::file("create", &folder, &error))?;
    for name in ["package.json", "package-lock.json"] {
        let from = project.at("tests/clients").join(name);
        fs::copy(&from, folder.join(name)).map_err(|error| Failure::file("copy", &from, &error))?;
    }
    node::install(&folder, "a client of Kafka that others wrote")?;
    Ok(folder.join("node_modules"))
}

/// Builds a crate that has a workspace and a lock file of its own.
fn crate_program(project: &Project, name: &str) -> Outcome<PathBuf> {
    let folder: PathBuf = project.at("tests/clients").join(name);
    let target = project.target()?.join("clients").join("target");
    step(name, "a client in Rust, with a lock file of its own", || {
        let mut cargo = process::cargo();
        cargo.current_dir(&folder).args(["build", "--locked", "--target-dir"]).arg(&target);
        process::run(&mut cargo, "mend what the compiler names above")
    })?;
    let file = format!("with-{name}{}", std::env::consts::EXE_SUFFIX);
    Ok(Path::new(&target).join("debug").join(file))
}

/// Says of those that are missing what would bring them.
pub fn tell_missing(name: &str, why: &str) {
    note(&format!("{name}: left out: {why}"));
}
