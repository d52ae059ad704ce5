//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::{Arg, Parser};

use crate::failure::{Failure, Outcome};

/// What `cargo xtask` prints when it is asked nothing.
pub const HELP: &str = "\
The project's commands. Each installs what it lacks, and is quick when nothing is missing.

  cargo xtask serve [--port N] [--no-open]  build and serve the page, again on every change
  cargo xtask test [--quick]  format, lints, tests, real clients, the page in Chromium (--quick: without
                     the last two)
  cargo xtask content [FOLDER..] [--only ID]  prove exercises, questions, glossary and the rest
  cargo xtask content FOLDER --pack FILE  make one file of content of your own, to give away
  cargo xtask content new exercise|question|term|misconception|lesson ID  begin one: docs/authoring.md
  cargo xtask conformance [--dir DIR]  replay recordings of a real Kafka (DIR/FAMILY/..)
  cargo xtask simulate [--seeds N] [--seed S] [--bug NAME] [--script FILE [--trace]]
                     random faults by the thousand, every invariant checked at each step
  cargo xtask build [--quick]  make dist/: static files for any folder of any file server
                     (--quick: to look at while one works on it; large and slow)
  cargo xtask size   what dist/ costs to download, against budgets.toml
  cargo xtask bench [--peers | --servers]  the engine's speed, native and in WASM, and the page's; or beside other
                     libraries; or `highwater serve` beside other servers
  cargo xtask fuzz [TARGET] [--inputs N | --seconds S] [--seed S] [--replay FILE]
                     hostile input for all that reads bytes, or for one of it
  cargo xtask clients [CLIENT] [--table]  clients of Kafka that others wrote, against `highwater serve`
                     (--table: write what came of it into docs/clients.md)
  cargo xtask soak [--minutes N] [--rate N] [--seed S]
                     three of them against one cluster for an hour, while brokers come and go
  cargo xtask docs   write docs/configs.md, the table of all settings, from the code
  cargo xtask gallery  write docs/gallery, pictures of every view, from the page itself
  cargo xtask profile  choose anew which functions a first visit loads
  cargo xtask help   this text

`serve` needs git, rustup and a linker; `test`, `clients`, `bench`, `gallery` and `profile` also Node 20 or newer,
`test`, `clients` and `soak` Python 3.10 or newer.
";

/// The names that a person may type.
const NAMES: [&str; 15] = [
    "serve",
    "test",
    "content",
    "conformance",
    "simulate",
    "fuzz",
    "clients",
    "soak",
    "build",
    "size",
    "bench",
    "docs",
    "gallery",
    "profile",
    "help",
];

/// A command with its options.
#[derive(Debug, PartialEq, Eq)]
pub enum Task {
    /// Print the help text.
    Help,
    /// Serve the page while working on it.
    Serve(ServeOptions),
    /// Check everything.
    Test {
        /// Leave out the browser.
        quick: bool,
    },
    /// Prove content, or begin some; the program that does it knows its own options.
    Content(Vec<String>),
    /// Replay recordings.
    Conformance {
        /// Where they are; without one, those of the project.
        dir: Option<PathBuf>,
    },
    /// Play random faults; the simulator knows its own options.
    Simulate(Vec<String>),
    /// Make `dist/`.
    Build {
        /// As fast as can be, whatever it weighs.
        quick: bool,
    },
    /// Weigh `dist/`.
    Size,
    /// Measure the engine.
    Bench(Beside),
    /// Try readers of bytes with hostile input.
    Fuzz(FuzzOptions),
    /// Try real clients.
    Clients(ClientsOptions),
    /// Try real clients for long.
    Soak(SoakOptions),
    /// Write what of the documentation follows from the code.
    Docs,
    /// Photograph the page for the documentation.
    Gallery,
    /// Choose which functions a first visit loads.
    Profile,
    /// Shrink the module that Trunk has built: Trunk's hook, of no use to a person.
    Shrink,
}

/// What the engine is measured beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// The same engine in the page, and the page's budgets.
    Page,
    /// Other libraries.
    Libraries,
    /// Other servers that real clients can talk to.
    Servers,
}

/// How to serve.
#[derive(Debug, PartialEq, Eq)]
pub struct ServeOptions {
    /// The port that was asked for; without one, the first free one is taken.
    pub port: Option<u16>,
    /// Whether to open the page in a browser.
    pub open: bool,
}

/// How to fuzz.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FuzzOptions {
    /// The one target; all of them without it.
    pub target: Option<String>,
    /// How many inputs for each target.
    pub inputs: Option<u64>,
    /// How long for each target, in seconds; what is taken when neither is given is `fuzz`'s affair.
    pub seconds: Option<u64>,
    /// What the inputs follow from.
    pub seed: Option<u64>,
    /// A file with one input, to be run again.
    pub replay: Option<OsString>,
}

/// How to try real clients.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ClientsOptions {
    /// The one client; all of them without it.
    pub only: Option<String>,
    /// Whether to write the table of the documentation.
    pub table: bool,
}

/// How to soak.
#[derive(Debug, PartialEq, Eq)]
pub struct SoakOptions {
    /// How long, in minutes.
    pub minutes: u64,
    /// How many records each client sends in a second.
    pub rate: u64,
    /// What the faults follow from.
    pub seed: u64,
}

/// Understands the words after `cargo xtask`.
pub fn parse(words: impl Iterator<Item = OsString>) -> Outcome<Task> {
    let mut parser = Parser::from_args(words);
    let name = match parser.next().map_err(advice)? {
        None | Some(Arg::Long("help") | Arg::Short('h')) => return Ok(Task::Help),
        Some(Arg::Value(word)) => word.to_string_lossy().into_owned(),
        Some(other) => return Err(advice(other.unexpected())),
    };
    match name.as_str() {
        "help" => Ok(Task::Help),
        "serve" => serve(&mut parser),
        "test" => quickly(&mut parser, |quick| Task::Test { quick }),
        "conformance" => conformance(&mut parser),
        "simulate" => rest(&mut parser).map(Task::Simulate),
        "content" => rest(&mut parser).map(Task::Content),
        "build" => quickly(&mut parser, |quick| Task::Build { quick }),
        "size" => bare(&mut parser, Task::Size),
        "bench" => bench(&mut parser),
        "fuzz" => fuzz(&mut parser),
        "clients" => clients(&mut parser),
        "soak" => soak(&mut parser),
        "docs" => bare(&mut parser, Task::Docs),
        "gallery" => bare(&mut parser, Task::Gallery),
        "profile" => bare(&mut parser, Task::Profile),
        "shrink" => bare(&mut parser, Task::Shrink),
        _ => Err(unknown(&name)),
    }
}

fn serve(parser: &mut Parser) -> Outcome<Task> {
    let mut options = ServeOptions { port: None, open: true };
    while let Some(argument) = parser.next().map_err(advice)? {
        match argument {
            Arg::Long("port") => options.port = Some(port(parser)?),
            Arg::Long("no-open") => options.open = false,
            Arg::Long("help") | Arg::Short('h') => return Ok(Task::Help),
            other => return Err(advice(other.unexpected())),
        }
    }
    Ok(Task::Serve(options))
}

fn port(parser: &mut Parser) -> Outcome<u16> {
    let word = parser.value().map_err(advice)?;
    let word = word.to_string_lossy();
    word.parse().map_err(|_| {
        Failure::new(
            format!("`{word}` is not a port"),
            "give a number from 1 to 65535, as in --port 8080",
        )
    })
}

/// A command whose only option is `--quick`.
fn quickly(parser: &mut Parser, task: impl Fn(bool) -> Task) -> Outcome<Task> {
    let mut quick = false;
    while let Some(argument) = parser.next().map_err(advice)? {
        match argument {
            Arg::Long("quick") => quick = true,
            Arg::Long("help") | Arg::Short('h') => return Ok(Task::Help),
            other => return Err(advice(other.unexpected())),
        }
    }
    Ok(task(quick))
}

fn conformance(parser: &mut Parser) -> Outcome<Task> {
    let mut dir = None;
    while let Some(argument) = parser.next().map_err(advice)? {
        match argument {
            Arg::Long("dir") => dir = Some(PathBuf::from(parser.value().map_err(advice)?)),
            Arg::Long("help") | Arg::Short('h') => return Ok(Task::Help),
            other => return Err(advice(other.unexpected())),
        }
    }
    Ok(Task::Conformance { dir })
}

/// The rest of the line, for a program that understands it by itself.
fn rest(parser: &mut Parser) -> Outcome<Vec<String>> {
    let words = parser.raw_args().map_err(advice)?;
    Ok(words.map(|word| word.to_string_lossy().into_owned()).collect())
}

fn bench(parser: &mut Parser) -> Outcome<Task> {
    let mut beside = Beside::Page;
    while let Some(argument) = parser.next().map_err(advice)? {
        match argument {
            Arg::Long("peers") => beside = Beside::Libraries,
            Arg::Long("servers") => beside = Beside::Servers,
            Arg::Long("help") | Arg::Short('h') => return Ok(Task::Help),
            other => return Err(advice(other.unexpected())),
        }
    }
    Ok(Task::Bench(beside))
}

fn clients(parser: &mut Parser) -> Outcome<Task> {
    let mut options = ClientsOptions::default();
    while let Some(argument) = parser.next().map_err(advice)? {
        match argument {
            Arg::Long("table") => options.table = true,
            Arg::Value(name) if options.only.is_none() => {
                options.only = Some(name.to_string_lossy().into_owned());
            }
            Arg::Long("help") | Arg::Short('h') => return Ok(Task::Help),
            other => return Err(advice(other.unexpected())),
        }
    }
    Ok(Task::Clients(options))
}

fn soak(parser: &mut Parser) -> Outcome<Task> {
    let mut options = SoakOptions { minutes: 60, rate: 30, seed: 1 };
    while let Some(argument) = parser.next().map_err(advice)? {
        match argument {
            Arg::Long("minutes") => options.minutes = number(parser, "--minutes 60")?,
            Arg::Long("rate") => options.rate = number(parser, "--rate 30")?.max(1),
            Arg::Long("seed") => options.seed = number(parser, "--seed 7")?,
            Arg::Long("help") | Arg::Short('h') => return Ok(Task::Help),
            other => return Err(advice(other.unexpected())),
        }
    }
    Ok(Task::Soak(options))
}

fn fuzz(parser: &mut Parser) -> Outcome<Task> {
    let mut options = FuzzOptions::default();
    while let Some(argument) = parser.next().map_err(advice)? {
        match argument {
            Arg::Long("inputs") => options.inputs = Some(number(parser, "--inputs 1000000")?),
            Arg::Long("seconds") => options.seconds = Some(number(parser, "--seconds 60")?),
            Arg::Long("seed") => options.seed = Some(number(parser, "--seed 7")?),
            Arg::Long("replay") => options.replay = Some(parser.value().map_err(advice)?),
            Arg::Long("help") | Arg::Short('h') => return Ok(Task::Help),
            Arg::Value(word) if options.target.is_none() => {
                options.target = Some(word.to_string_lossy().into_owned());
            }
            other => return Err(advice(other.unexpected())),
        }
    }
    if options.replay.is_some() && options.target.is_none() {
        return Err(Failure::new(
            "--replay needs to know what reads the file",
            "name the target, as in `cargo xtask fuzz batch-decoder --replay FILE`",
        ));
    }
    Ok(Task::Fuzz(options))
}

fn number(parser: &mut Parser, example: &str) -> Outcome<u64> {
    let word = parser.value().map_err(advice)?;
    let word = word.to_string_lossy();
    word.parse().map_err(|_| {
        Failure::new(format!("`{word}` is not a whole number"), format!("write it as in {example}"))
    })
}

/// A command without options.
fn bare(parser: &mut Parser, task: Task) -> Outcome<Task> {
    match parser.next().map_err(advice)? {
        None => Ok(task),
        Some(Arg::Long("help") | Arg::Short('h')) => Ok(Task::Help),
        Some(other) => Err(advice(other.unexpected())),
    }
}

fn unknown(name: &str) -> Failure {
    let close = NAMES.iter().map(|known| (strsim::damerau_levenshtein(name, known), known)).min();
    let todo = match close {
        Some((distance, known)) if distance <= 2 => format!("did you mean `cargo xtask {known}`?"),
        _ => format!("choose one of {}; `cargo xtask help` says what they do", NAMES.join(", ")),
    };
    Failure::new(format!("there is no command `{name}`"), todo)
}

fn advice(error: lexopt::Error) -> Failure {
    Failure::new(error.to_string(), "`cargo xtask help` lists the commands and their options")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Outcome<Task> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn options_are_understood() {
        assert_eq!(of(""), Ok(Task::Help));
        assert_eq!(
            of("serve --port 81 --no-open"),
            Ok(Task::Serve(ServeOptions { port: Some(81), open: false }))
        );
        assert_eq!(of("test --quick"), Ok(Task::Test { quick: true }));
        assert_eq!(of("conformance"), Ok(Task::Conformance { dir: None }));
        let dir = Some("recorded".into());
        assert_eq!(of("conformance --dir recorded"), Ok(Task::Conformance { dir }));
        let words = ["--seeds", "9"].map(str::to_owned).to_vec();
        assert_eq!(of("simulate --seeds 9"), Ok(Task::Simulate(words)));
        let words = ["--only", "first-records"].map(str::to_owned).to_vec();
        assert_eq!(of("content --only first-records"), Ok(Task::Content(words)));
        assert_eq!(of("bench"), Ok(Task::Bench(Beside::Page)));
        assert_eq!(of("bench --peers"), Ok(Task::Bench(Beside::Libraries)));
        assert_eq!(of("bench --servers"), Ok(Task::Bench(Beside::Servers)));
        let options = ClientsOptions { only: Some("kcat".into()), table: true };
        assert_eq!(of("clients kcat --table"), Ok(Task::Clients(options)));
        let options = SoakOptions { minutes: 5, rate: 30, seed: 7 };
        assert_eq!(of("soak --minutes 5 --seed 7"), Ok(Task::Soak(options)));
        let options = FuzzOptions {
            target: Some("batch-decoder".into()),
            inputs: Some(10),
            seed: Some(7),
            ..FuzzOptions::default()
        };
        assert_eq!(of("fuzz batch-decoder --inputs 10 --seed 7"), Ok(Task::Fuzz(options)));
    }

    #[test]
    fn a_misspelt_command_names_the_nearest() {
        let message = of("tset").unwrap_err().to_string();
        assert!(message.contains("did you mean `cargo xtask test`?"), "{message}");
    }

    #[test]
    fn a_strange_command_lists_all() {
        let message = of("deploy").unwrap_err().to_string();
        assert!(message.contains("serve, test, content, conformance"), "{message}");
    }

    #[test]
    fn a_wrong_option_or_port_is_refused() {
        assert!(of("build --fast").is_err());
        assert!(of("fuzz --replay file").unwrap_err().to_string().contains("name the target"));
        assert!(of("fuzz --inputs many").unwrap_err().to_string().contains("`many`"));
        assert!(of("serve --port many").unwrap_err().to_string().contains("`many` is not a port"));
    }
}
