//! Family segment: files of a partition, and what the dump tool prints of them.

use std::path::Path;

use highwater_scenario::cluster::log::{Offset, Segment, dump};

use super::report::{Replayed, Report, files, same};

/// The intervals of the offset index that the recorded topics may have: `index.interval.bytes` is in none of the files.
const INTERVALS: [usize; 8] = [4096, 2048, 1024, 512, 256, 128, 64, 0];

/// Reads each `.log` file, prints it, and rebuilds its indexes.
pub fn check(dir: &Path) -> Report {
    let mut report = Report::new("segment");
    for file in files(dir, ".log") {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        report.add(stem.clone(), || {
            let (name, base) = stem.rsplit_once('.').expect("a log file is NAME.OFFSET.log");
            check_segment(dir, name, &stem, Offset(base.parse().expect("a base offset")))
        });
    }
    report
}

fn check_segment(dir: &Path, name: &str, stem: &str, base: Offset) -> Replayed {
    let bytes = |suffix: &str| {
        std::fs::read(dir.join(format!("{stem}.{suffix}"))).expect("a recorded file")
    };
    let log = bytes("log");
    let recovered = INTERVALS.map(|interval| Segment::recover(base, log.clone().into(), interval));
    same("recover", None, recovered[0].1.clone())?;
    same("log dump", text(dir, name, "dump.txt"), dump::log_lines(&recovered[0].0, true))?;
    let fitting = recovered
        .iter()
        .map(|(segment, _)| segment)
        .find(|segment| index_file(segment) == bytes("index"));
    let segment = fitting.unwrap_or(&recovered[0].0);
    same("index", bytes("index"), index_file(segment))?;
    same("time index", bytes("timeindex"), time_index_file(segment))?;
    same("index dump", text(dir, name, "index.dump.txt"), dump::index_lines(segment))?;
    same("time index dump", text(dir, name, "timeindex.dump.txt"), dump::time_index_lines(segment))
}

/// The lines of a recorded dump but for the first, which holds the path.
fn text(dir: &Path, name: &str, suffix: &str) -> Vec<String> {
    let text =
        std::fs::read_to_string(dir.join(format!("{name}.{suffix}"))).expect("a recorded dump");
    text.lines().skip(1).map(str::to_owned).collect()
}

/// Each entry of the `.index` file: offset less base offset, and position, in four bytes each.
fn index_file(segment: &Segment) -> Vec<u8> {
    let base = segment.base_offset();
    let entry = |offset: Offset, position: usize| {
        [((offset - base) as u32).to_be_bytes(), (position as u32).to_be_bytes()]
    };
    segment.offset_index().flat_map(|index| entry(index.offset, index.position).concat()).collect()
}

/// Each entry of the `.timeindex` file: timestamp in eight bytes, offset less base offset in four.
fn time_index_file(segment: &Segment) -> Vec<u8> {
    let base = segment.base_offset();
    let entry = |index: highwater_scenario::cluster::log::TimeIndexEntry| {
        [&index.timestamp.0.to_be_bytes()[..], &((index.offset - base) as u32).to_be_bytes()]
            .concat()
    };
    segment.time_index().flat_map(entry).collect()
}
