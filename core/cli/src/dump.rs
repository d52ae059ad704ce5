//! `highwater dump`: a partition of a scenario as `kafka-dump-log.sh` prints it.

use std::path::PathBuf;

use clap::Args;
use highwater_scenario::cluster::ids::{BrokerId, TopicName, TopicPartition};
use highwater_scenario::cluster::log::Log;
use highwater_scenario::cluster::time::Time;
use highwater_scenario::script::Micros;
use highwater_scenario::session::Session;
use highwater_scenario::shell::suggest::nearest;
use highwater_scenario::shell::{Decoder, print_data_log};

use crate::opening::open;
use crate::options::instant;
use crate::output::Output;
use crate::playing::{Budget, MOST_STEPS, play};
use crate::problem::{EXIT_STATUS, Problem};

/// Prints a partition as kafka-dump-log.sh --print-data-log does
///
/// The scenario is played, and then the log of the partition is printed as it lies on the disk of a broker: all its
/// segments, the oldest first, with each batch and each record.
#[derive(Args, Debug)]
#[command(after_long_help = format!("{EXIT_STATUS}\n\n{EXAMPLES}"))]
pub(crate) struct Options {
    /// The scenario (.hw); - reads standard input
    #[arg(value_name = "SCENARIO")]
    file: PathBuf,

    /// The topic
    #[arg(long, value_name = "T")]
    topic: String,

    /// The partition, from 0
    #[arg(long, value_name = "P", default_value_t = 0)]
    partition: i32,

    /// The broker whose disk is read, by its id [default: the leader; without one the first replica]
    #[arg(long, value_name = "B")]
    broker: Option<i32>,

    /// Plays up to this instant of virtual time, such as 30s or 1m30s [default: the last line's]
    #[arg(long, value_name = "TIME", value_parser = instant)]
    until: Option<Time>,

    /// What all that is random comes from, whatever the scenario says: 0 to 18446744073709551615
    #[arg(long, value_name = "S")]
    seed: Option<u64>,

    /// Reads the records of __consumer_offsets
    #[arg(long, conflicts_with = "transaction_log_decoder")]
    offsets_decoder: bool,

    /// Reads the records of __transaction_state
    #[arg(long)]
    transaction_log_decoder: bool,

    /// Stops the run after so many steps of the engine
    #[arg(long, value_name = "N", default_value_t = MOST_STEPS)]
    max_steps: u64,
}

const EXAMPLES: &str = "\
Examples:
  highwater dump story.hw --topic orders --partition 0
  highwater dump story.hw --topic orders --broker 2 --until 20s
  highwater dump story.hw --topic __consumer_offsets --partition 3 --offsets-decoder";

/// Plays the scenario and prints the log.
///
/// # Errors
/// The scenario cannot be read, or stands still; there is no such log.
pub(crate) fn dump(options: &Options) -> Result<(), Problem> {
    let opened = open(&options.file)?.seeded(options.seed);
    let name = opened.name.clone();
    let mut session = opened.session()?.quiet();
    let until = options.until.unwrap_or(session.script_end());
    let mut budget = Budget::new(options.max_steps);
    play(&mut session, until, &mut budget, |_| Ok(())).map_err(|problem| problem.of(&name))?;

    let partition =
        partition(options, &session).map_err(|text| Problem::Refused(text).of(&name))?;
    let (broker, log) =
        log(options, &session, &partition).map_err(|text| Problem::Refused(text).of(&name))?;
    let decoder = match (options.offsets_decoder, options.transaction_log_decoder) {
        (true, _) => Some(Decoder::Offsets),
        (_, true) => Some(Decoder::Transactions),
        _ => None,
    };
    let mut out = Output::new();
    for lines in print_data_log(log, broker, &partition, decoder) {
        lines.iter().try_for_each(|line| out.line(line))?;
    }
    out.flush()
}

/// The partition that was asked for, if the cluster has it.
fn partition(options: &Options, session: &Session) -> Result<TopicPartition, String> {
    let (name, at) = (&options.topic, Micros(session.now().0));
    let wanted = TopicPartition::new(&TopicName::from(name.as_str()), options.partition);
    let on_disk: Vec<_> = session.world().logs().map(|(_, partition, _)| partition).collect();
    if on_disk.contains(&&wanted) {
        return Ok(wanted);
    }
    let count = on_disk.iter().filter(|known| known.topic == wanted.topic).count();
    if count > 0 {
        return Err(format!("{name} has no partition {}: they count from 0", options.partition));
    }
    let mut topics: Vec<&str> = on_disk.iter().map(|known| known.topic.as_str()).collect();
    topics.dedup();
    let meant = nearest(name, topics.iter().copied());
    let meant = meant.map_or(String::new(), |topic| format!("; did you mean \"{topic}\"?"));
    Err(format!("there is no topic \"{name}\" at {at}{meant}"))
}

/// The log of a partition, and the broker on whose disk it lies.
fn log<'a>(
    options: &Options,
    session: &'a Session,
    partition: &TopicPartition,
) -> Result<(BrokerId, &'a Log), String> {
    let has: Vec<BrokerId> = session
        .world()
        .logs()
        .filter(|(_, known, _)| *known == partition)
        .map(|(broker, ..)| broker)
        .collect();
    let leader = || {
        let view = session.view();
        let mut partitions = view.topics.iter().flat_map(|topic| &topic.partitions);
        partitions.find(|known| known.partition == *partition).and_then(|known| known.leader)
    };
    let wanted = options.broker.map(BrokerId).or_else(leader).or(has.first().copied());
    let log = wanted.and_then(|broker| Some((broker, session.world().log(broker, partition)?)));
    log.ok_or_else(|| {
        let has: Vec<String> = has.iter().map(ToString::to_string).collect();
        format!("that broker has no replica of {partition}; these have: {}", has.join(", "))
    })
}
