//! The native program: plays a scenario and prints what happened, or opens the cluster to real clients.

use std::io::Read;
use std::process::ExitCode;

use highwater_scenario::cluster::time::Time;
use highwater_scenario::narration::LogKind;
use highwater_scenario::script::Micros;
use highwater_scenario::session::{LogLine, Session};

mod serve;

const USAGE: &str = "\
Plays a Highwater scenario.

Usage: highwater run FILE [--until TIME] [--hash]

  FILE          a scenario (.hw); - reads standard input
  --until TIME  play up to this moment, such as 30s or 1m30s; by default to the last line
  --hash        print only the hash over every event and every byte of every log

`highwater serve` opens the cluster to real Kafka clients; `highwater serve --help` says how.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(text) => {
            eprintln!("{text}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[String]) -> Result<String, String> {
    let (command, rest) = arguments.split_first().ok_or(USAGE)?;
    match command.as_str() {
        "run" => {}
        "serve" if rest.iter().any(|word| word == "--help" || word == "-h") => {
            return Ok(serve::USAGE.to_owned());
        }
        "serve" => return serve::serve(serve::Options::parse(rest)?).map(|()| String::new()),
        "help" | "--help" | "-h" => return Ok(USAGE.to_owned()),
        other => return Err(format!("unknown command {other}\n\n{USAGE}")),
    }
    let mut file = None;
    let mut until = None;
    let mut is_hash = false;
    let mut rest = rest.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--hash" => is_hash = true,
            "--until" => {
                let text = rest.next().ok_or("--until needs a time such as 30s")?;
                let time = Micros::parse(text).ok_or(format!("{text} is no time such as 30s"))?;
                until = Some(Time(time.0));
            }
            name if file.is_none() && (name == "-" || !name.starts_with('-')) => file = Some(name),
            other => return Err(format!("unexpected {other}\n\n{USAGE}")),
        }
    }
    let text = read(file.ok_or(USAGE)?)?;
    let session = Session::parse(&text)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let mut session = if is_hash { session.hashed() } else { session };
    if let Some((name, _)) = session.missing_files().first() {
        return Err(format!(
            "the scenario names the file {name} by its hash only; it is not at hand"
        ));
    }
    let advance = session.advance(until.unwrap_or(session.script_end()), u32::MAX);
    let mut text = String::new();
    if is_hash {
        text = session.hash().map_or_else(String::new, |hash| format!("{hash:016x}\n"));
    } else {
        text.extend(session.log().iter().map(printed));
    }
    if let Some(halt) = advance.halted {
        return Err(format!("{text}{}", halt.sentence));
    }
    Ok(text)
}

fn printed(line: &LogLine) -> String {
    if let LogKind::Output { terminal, .. } = &line.kind {
        return format!("{} {terminal}| {}\n", line.at, line.sentence);
    }
    let because = line.because.as_ref().map_or(String::new(), |why| format!(" because {why}"));
    format!("{} {}{because}\n", line.at, line.sentence)
}

fn read(name: &str) -> Result<String, String> {
    if name == "-" {
        let mut text = String::new();
        return match std::io::stdin().read_to_string(&mut text) {
            Ok(_) => Ok(text),
            Err(error) => Err(format!("standard input cannot be read: {error}")),
        };
    }
    std::fs::read_to_string(name).map_err(|error| format!("{name} cannot be read: {error}"))
}
