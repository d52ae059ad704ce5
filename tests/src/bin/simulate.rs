//! Random faults by the thousand: `cargo xtask simulate`.

use std::process::ExitCode;
use std::time::Instant;

use highwater_tests::simulate::{Bug, Delivered, Report, draw, run, simulate, trace};

const USAGE: &str = "\
Plays random clusters, workloads and faults, and checks every invariant at each step.

  --seeds N      how many seeds; 1000 if not given
  --seed S       the first seed; 0 if not given. Alone, it plays that seed only
  --print        prints the script of the first seed, and plays nothing
  --bug NAME     with a bug switched on, which is to be found; stops at the first seed that finds it
  --script FILE  plays a script instead, as a failure printed it
  --trace        with --script: every event first
  --threads N    2 if not given
  --brief        failures are not shrunk: one line for each
";

/// The failures that are shrunk and shown; of others, only the first line.
const MOST_EXPLAINED: usize = 3;

#[derive(Default)]
struct Options {
    seeds: Option<u64>,
    first: Option<u64>,
    bug: Option<Bug>,
    script: Option<String>,
    threads: Option<usize>,
    is_traced: bool,
    is_printed: bool,
    is_brief: bool,
}

fn main() -> ExitCode {
    match parse(std::env::args().skip(1)) {
        Ok(Options { script: Some(file), bug, is_traced, .. }) => play_file(&file, bug, is_traced),
        Ok(Options { is_printed: true, first, .. }) => {
            print!("{}", draw(first.unwrap_or(0)).script());
            ExitCode::SUCCESS
        }
        Ok(options) => play_seeds(&options),
        Err(wrong) => {
            eprintln!("{wrong}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options::default();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value"));
        let number =
            |text: String| text.parse::<u64>().map_err(|_| format!("{text} is no whole number"));
        match word.as_str() {
            "--seeds" => options.seeds = Some(number(value()?)?),
            "--seed" => options.first = Some(number(value()?)?),
            "--threads" => options.threads = Some(number(value()?)?.clamp(1, 64) as usize),
            "--script" => options.script = Some(value()?),
            "--brief" => options.is_brief = true,
            "--print" => options.is_printed = true,
            "--trace" => options.is_traced = true,
            "--bug" => {
                let name = value()?;
                let known = || Bug::ALL.map(Bug::name).join(", ");
                let bug = Bug::from_name(&name);
                options.bug =
                    Some(bug.ok_or_else(|| {
                        format!("there is no bug {name}; write one of: {}", known())
                    })?);
            }
            _ => return Err(format!("unexpected {word}")),
        }
    }
    Ok(options)
}

fn play_seeds(options: &Options) -> ExitCode {
    let first = options.first.unwrap_or(0);
    let count = options.seeds.unwrap_or(if options.first.is_some() { 1 } else { 1_000 });
    let begin = Instant::now();
    let per_seed = |played: u64| begin.elapsed().as_millis() as u64 / played.max(1);
    let tell = |played: u64, report: &Report| {
        let failed = report.failures.len();
        println!(
            "simulate: {played} of {count} seeds, {failed} failed, {} ms per seed",
            per_seed(played)
        );
    };
    let threads = options.threads.unwrap_or(2);
    let seeds = first..first.saturating_add(count);
    let report = simulate(seeds, options.bug, threads, options.bug.is_some(), &tell);
    let spent = per_seed(report.played);
    for (index, failure) in report.failures.iter().enumerate() {
        if index < MOST_EXPLAINED && !options.is_brief {
            println!("\n{}", failure.explained(options.bug));
        } else {
            println!("{failure}");
        }
    }
    tell_sums(&report);
    println!(
        "simulate: {} seeds, {} failed, {spent} ms per seed",
        report.played,
        report.failures.len()
    );
    // With a bug switched on, not to find it is the failure.
    let is_well = report.failures.is_empty() == options.bug.is_none();
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn tell_sums(report: &Report) {
    println!(
        "{} events, {} records acknowledged, {} runs cut short at their bound of events",
        report.events, report.acknowledged, report.cut_short
    );
    let letters = report.dead_letters;
    println!(
        "{} records in dead-letter queues, {} of them by another leader; {} did not get there",
        letters.written, letters.resumed, letters.failed
    );
    let named: Vec<String> =
        report.anomalies.iter().map(|(id, count)| format!("{id} {count}")).collect();
    println!("named: {}", named.join(", "));
    let careful = &report.careful;
    println!("{} careful runs, which lost writes in {:?}", careful.played, careful.write_losers);
    let groups = careful.groups.iter().map(|(name, tally)| ("groups", name, tally));
    let apps = careful.apps.iter().map(|(name, tally)| ("applications", name, tally));
    for (who, name, tally) in groups.chain(apps) {
        let Delivered { right, repeated, lost, skipped } = tally.delivered;
        println!(
            "{name} {who} in {} careful runs: {right} records right, {repeated} more than once (in {} runs), {lost} lost and {skipped} skipped (in {} runs)",
            tally.played,
            tally.repeaters,
            tally.losers.len()
        );
    }
}

fn play_file(file: &str, bug: Option<Bug>, is_traced: bool) -> ExitCode {
    let script = match std::fs::read_to_string(file) {
        Ok(script) => script,
        Err(error) => {
            eprintln!("{file} cannot be read: {error}");
            return ExitCode::from(2);
        }
    };
    if is_traced {
        print!("{}", trace(&script, bug));
    }
    let outcome = run(&script, bug);
    match outcome.problem {
        Some(problem) => {
            println!("{problem}");
            ExitCode::FAILURE
        }
        None => {
            println!("all is well after {} events", outcome.events);
            ExitCode::SUCCESS
        }
    }
}
