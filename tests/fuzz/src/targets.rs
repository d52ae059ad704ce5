//! What reads bytes that somebody else wrote.

mod batch_decoder;
mod command_line;
mod command_parser;
mod content_pack;
mod data_file;
mod metadata_record;
mod script_parser;
mod segment_recovery;
mod share_link;
pub mod wire;

use crate::rng::Rng;

/// A reader of bytes, with the inputs to try it with.
pub trait Target {
    /// An input: valid, nearly valid, or neither. Follows from what the generator holds alone.
    fn generate(&self, rng: &mut Rng) -> Vec<u8>;

    /// Reads an input, and panics if what came of it is wrong.
    fn run(&self, input: &[u8]);
}

/// A target by its name.
#[derive(Clone, Copy)]
pub struct Entry {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it reads, for the list of targets.
    pub reads: &'static str,
    /// What one input may make it hold at a time, in bytes.
    pub most_bytes: usize,
    /// Makes it, with its corpus.
    pub make: fn() -> Box<dyn Target>,
}

const MIB: usize = 1 << 20;

/// All targets. Where nothing is decompressed, an input of at most 64 KiB may make a reader hold 16 MiB.
pub const ALL: &[Entry] = &[
    Entry {
        name: "batch-decoder",
        reads: "record batches: header, CRC, codecs, records; and what a leader makes of them",
        // What a batch decompresses to (64 MiB), in a vector that doubles as it grows; when the leader
        // compresses anew, that, the records written again, and the result.
        most_bytes: 384 * MIB,
        make: || Box::new(batch_decoder::BatchDecoder::new()),
    },
    Entry {
        name: "segment-recovery",
        reads: "the .log files of a log: recovery, indexes, reads, truncation, retention",
        most_bytes: 384 * MIB,
        make: || Box::new(segment_recovery::SegmentRecovery::new()),
    },
    Entry {
        name: "script-parser",
        reads: "scenario scripts, there and back",
        most_bytes: 16 * MIB,
        make: || Box::new(script_parser::ScriptParser::new()),
    },
    Entry {
        name: "data-file",
        reads: "files of records: JSON Lines, JSON, CSV",
        most_bytes: 16 * MIB,
        make: || Box::new(data_file::DataFile),
    },
    Entry {
        name: "command-line",
        reads: "lines typed on a terminal, and what they do to a cluster",
        most_bytes: 64 * MIB,
        make: || Box::new(command_line::CommandLine::new()),
    },
    Entry {
        name: "command-parser",
        reads: "lines typed on a terminal: words, completion, and what tools read of them",
        most_bytes: 16 * MIB,
        make: || Box::new(command_parser::CommandParser::new()),
    },
    Entry {
        name: "metadata-record",
        reads: "records of the metadata log, there and back",
        most_bytes: 16 * MIB,
        make: || Box::new(metadata_record::MetadataRecords::new()),
    },
    Entry {
        name: "share-link",
        reads: "the words of links that hold a scenario, there and back; files of scenarios",
        // What a link may inflate to (16 MiB), in a vector that doubles as it grows, and the text made of it.
        most_bytes: 96 * MIB,
        make: || Box::new(share_link::ShareLink::new()),
    },
    Entry {
        name: "content-pack",
        reads: "packs of exercises: their files, Markdown, expressions, and the beginning of their proof",
        // The proof plays scenarios: logs of the brokers, and what a scenario of 64 KiB may have them hold at its beginning.
        most_bytes: 128 * MIB,
        make: || Box::new(content_pack::ContentPack::new()),
    },
    Entry {
        name: "wire",
        reads: "what comes over a connection to a served cluster: frames, requests, and what is answered",
        // A cluster of its own for each input, and what its logs may be made to hold.
        most_bytes: 64 * MIB,
        make: || Box::new(wire::Wire::new()),
    },
];

/// The target of that name.
pub fn find(name: &str) -> Option<&'static Entry> {
    ALL.iter().find(|entry| entry.name == name)
}
