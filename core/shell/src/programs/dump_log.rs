//! `kafka-dump-log.sh`: `DumpLogSegments` of Kafka's tools, over the files of the simulated brokers'
//! disks: `/var/lib/kafka/data1/orders-0/00000000000000000000.log` lies on broker 1.

use highwater_cluster::ids::{BrokerId, TopicPartition};
use highwater_cluster::log::dump::{file_name, index_lines, log_lines, time_index_lines};
use highwater_cluster::log::{Log, Segment};
use highwater_cluster::program::Program;

use crate::admin::{Admin, Server};
use crate::command::Says;
use crate::options::Opt;
use crate::programs::jopt::{self, Refused, refused_with_usage};
use crate::script::{Halt, Io, Script, process};
use crate::words::Word;

mod decode;
mod metadata;
mod path;

pub use decode::Decoder;
use path::{Kind, Path};

/// All options, in the order in which the help lists them.
pub(crate) const OPTIONS: &[Opt] = &[
    Opt::flag(
        "--cluster-metadata-decoder",
        "Read the records of the metadata log, __cluster_metadata-0.",
    ),
    Opt::flag("--deep-iteration", "Show each record, not only the batches."),
    Opt::text(
        "--files",
        "String: file1, file2, ...",
        "REQUIRED: The files, separated by commas: /var/lib/kafka/data1/orders-0/00000000000000000000.log is on broker 1.",
    ),
    Opt::flag("--help", "Print this."),
    Opt::flag("--index-sanity-check", "Only check indexes, as a broker does when it starts."),
    Opt::text("--key-decoder-class", "String", "How keys are read; as text here."),
    Opt::text("--max-bytes", "Integer: size", "How many bytes of a .log file to read."),
    Opt::text(
        "--max-message-size",
        "Integer: size",
        "The size of the largest message; not needed here.",
    ),
    Opt::flag("--offsets-decoder", "Read the records of __consumer_offsets."),
    Opt::flag("--print-data-log", "Show keys and values too."),
    Opt::flag("--skip-record-metadata", "Of each record show only key and value."),
    Opt::flag("--transaction-log-decoder", "Read the records of __transaction_state."),
    Opt::text("--value-decoder-class", "String", "How values are read; as text here."),
    Opt::flag("--verify-index-only", "Only check indexes against the log."),
    Opt::flag("--version", "Print Kafka's version."),
];

const ABOUT: &str = "This tool helps to parse a log file and dump its contents to the console, useful for debugging a \
                     seemingly corrupt log segment.";

/// The process for `kafka-dump-log.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match read(words) {
        // It asks nobody: it reads files.
        Ok(command) => process(command, Admin::new(Vec::<Server>::new())),
        Err(refused) => Says::refused(refused),
    }
}

/// The log of a partition as `kafka-dump-log.sh --print-data-log` prints its `.log` files, the oldest segment first: the
/// lines of each, from the one that names it on. Keys and values are text, or what the decoder makes of them.
pub fn print_data_log<'a>(
    log: &'a Log,
    broker: BrokerId,
    partition: &'a TopicPartition,
    decoder: Option<Decoder>,
) -> impl Iterator<Item = Vec<String>> + 'a {
    let command = DumpLog {
        files: Vec::new(),
        is_deep: true,
        prints_data: true,
        skips_metadata: false,
        decoder,
        max_bytes: usize::MAX,
        sanity_only: false,
        verify_only: false,
    };
    log.segments().map(move |segment| {
        let file = path::of_log(broker, partition, segment.base_offset());
        let mut lines = vec![dumping(&file)];
        lines.extend(command.lines_of(segment, Kind::Log, &file));
        lines
    })
}

/// The command while it runs.
#[derive(Clone, Debug)]
struct DumpLog {
    files: Vec<String>,
    /// Records, not only batches.
    is_deep: bool,
    /// Keys and values too.
    prints_data: bool,
    skips_metadata: bool,
    decoder: Option<Decoder>,
    max_bytes: usize,
    sanity_only: bool,
    verify_only: bool,
}

impl Script for DumpLog {
    fn run(&self, io: &mut Io<'_, '_>) -> Result<i32, Halt> {
        for file in &self.files {
            io.print(&dumping(file));
            if let Some(code) = self.dump(io, file) {
                return Ok(code);
            }
        }
        Ok(0)
    }
}

impl DumpLog {
    /// Shows a file; an exit code if the tool ends here.
    fn dump(&self, io: &mut Io<'_, '_>, file: &str) -> Option<i32> {
        let name = file.rsplit('/').next().unwrap_or(file);
        let Some(kind) = Kind::of(name) else {
            if !name.contains('.') {
                let length = name.chars().count();
                return thrown(
                    io,
                    &format!(
                        "java.lang.StringIndexOutOfBoundsException: begin -1, end {length}, length {length}"
                    ),
                );
            }
            io.print_error(&format!("Ignoring unknown file {file}"));
            return None;
        };
        let stem = name.split('.').next().unwrap_or_default();
        if stem.parse::<i64>().is_err() {
            return thrown(
                io,
                &format!("java.lang.NumberFormatException: For input string: \"{stem}\""),
            );
        }
        let lines = match Path::read(file).and_then(|path| self.lines(io, &path, kind, file)) {
            Some(lines) => lines,
            None => {
                if kind == Kind::Log {
                    io.print(&format!("Log starting offset: {}", stem.parse::<i64>().unwrap_or(0)));
                }
                let code = thrown(io, &format!("java.nio.file.NoSuchFileException: {file}"));
                io.print_error(&format!("Highwater: {}", path::HINT));
                return code;
            }
        };
        lines.iter().for_each(|line| io.print(line));
        None
    }

    /// What the file holds, line for line; none if there is no such file.
    fn lines(&self, io: &Io<'_, '_>, path: &Path, kind: Kind, file: &str) -> Option<Vec<String>> {
        let log = io.ctx().log_on_disk(path.broker, &path.partition)?;
        let segment =
            log.segments().find(|segment| file_name(segment.base_offset()) == path.stem)?;
        Some(self.lines_of(segment, kind, file))
    }

    fn lines_of(&self, segment: &Segment, kind: Kind, file: &str) -> Vec<String> {
        let passed = || vec![format!("{file} passed sanity check.")];
        match kind {
            Kind::Log if self.is_plain() => log_lines(segment, self.is_deep),
            Kind::Log => decode::lines(self, segment),
            Kind::Index if segment.offset_index().next().is_none() => {
                vec![format!("{file} is empty.")]
            }
            Kind::Index | Kind::TimeIndex if self.sanity_only => passed(),
            Kind::Index | Kind::TimeIndex if self.verify_only => Vec::new(),
            Kind::Index => index_lines(segment),
            Kind::TimeIndex => time_index_lines(segment),
            Kind::TransactionIndex => segment.aborted_transactions().map(aborted_line).collect(),
        }
    }

    /// Whether the log is shown as it is, with keys and values as text or without any records.
    fn is_plain(&self) -> bool {
        self.decoder.is_none()
            && !self.skips_metadata
            && self.prints_data == self.is_deep
            && self.max_bytes == usize::MAX
    }
}

fn dumping(file: &str) -> String {
    format!("Dumping {file}")
}

fn aborted_line(aborted: &highwater_cluster::log::AbortedTxn) -> String {
    format!(
        "version: 0 producerId: {} firstOffset: {} lastOffset: {} lastStableOffset: {}",
        aborted.producer_id, aborted.first_offset, aborted.last_offset, aborted.last_stable_offset
    )
}

/// What nobody catches ends the tool.
fn thrown(io: &mut Io<'_, '_>, exception: &str) -> Option<i32> {
    io.print_error(&format!("Exception in thread \"main\" {exception}"));
    Some(1)
}

fn read(words: &[Word]) -> Result<DumpLog, Refused> {
    let given = jopt::read(OPTIONS, words, ABOUT, |class, message| {
        format!("Exception in thread \"main\" {class}: {message}")
    })?;
    let Some(files) = given.text("--files") else {
        return Err(refused_with_usage(OPTIONS, "Missing required argument \"[files]\""));
    };
    let decoder = match () {
        () if given.has("--cluster-metadata-decoder") => Some(Decoder::Metadata),
        () if given.has("--offsets-decoder") => Some(Decoder::Offsets),
        () if given.has("--transaction-log-decoder") => Some(Decoder::Transactions),
        () => None,
    };
    let prints_data = decoder.is_some()
        || ["--print-data-log", "--key-decoder-class", "--value-decoder-class"]
            .iter()
            .any(|option| given.has(option));
    Ok(DumpLog {
        files: files.split(',').map(|file| file.trim().to_owned()).collect(),
        is_deep: prints_data || given.has("--deep-iteration"),
        prints_data,
        skips_metadata: given.has("--skip-record-metadata"),
        decoder,
        max_bytes: given.text("--max-bytes").and_then(|it| it.parse().ok()).unwrap_or(usize::MAX),
        sanity_only: given.has("--index-sanity-check"),
        verify_only: given.has("--verify-index-only"),
    })
}
