//! How much memory a process holds, where the system tells it in `/proc`.

use std::fmt;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::{Duration, Instant};

use crate::report::note;

use super::Course;
use crate::clients::cluster::Cluster;

/// How often it is looked at, and how often it is said.
const EVERY: Duration = Duration::from_secs(30);
const SAID_EVERY: usize = 10;

/// What a process holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// In memory now, in KiB.
    pub resident_kib: u64,
    /// The most that ever was, in KiB.
    pub peak_kib: u64,
    /// The time it has computed, in seconds.
    pub computed_s: u64,
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resident_kib, peak_kib, computed_s } = self;
        let mib = |kib| kib / 1024;
        write!(
            f,
            "{} MiB resident, at most {} MiB, {computed_s} s of the processor",
            mib(resident_kib),
            mib(peak_kib)
        )
    }
}

/// What a process holds; none where the system does not tell.
pub fn of(process: u32) -> Option<Memory> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // After the name in parentheses, the 12th and 13th word are hundredths of a second.
    let words = stat.rsplit_once(')')?.1.split_whitespace().skip(11).take(2);
    let hundredths: u64 = words.filter_map(|word| word.parse::<u64>().ok()).sum();
    Some(Memory {
        resident_kib: field(&status, "VmRSS:")?,
        peak_kib: field(&status, "VmHWM:")?,
        computed_s: hundredths / 100,
    })
}

fn field(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Looks at the cluster until all is done; each look is a line of `file`.
pub fn watch(cluster: &Cluster, course: &Course, file: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", file.display());
    let mut file_lines = File::create(file).map_err(failed)?;
    writeln!(file_lines, "seconds\tresident KiB\tprocessor s\tacknowledged").map_err(failed)?;
    let begin = Instant::now();
    let mut looks = 0;
    while !course.is_done.load(Relaxed) {
        if begin.elapsed() >= EVERY * looks as u32 {
            let acked = course.acked.load(Relaxed);
            let at = begin.elapsed().as_secs();
            if let Some(memory) = of(cluster.process()) {
                let Memory { resident_kib, computed_s, .. } = memory;
                writeln!(file_lines, "{at}\t{resident_kib}\t{computed_s}\t{acked}")
                    .map_err(failed)?;
                if looks % SAID_EVERY == 0 {
                    note(&format!("{:3} min: {acked} acknowledged; {memory}", at / 60));
                }
            }
            looks += 1;
        }
        thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_tells_what_a_process_holds() {
        assert_eq!(
            field("Name:\tx\nVmHWM:\t  20480 kB\nVmRSS:\t 10240 kB\n", "VmRSS:"),
            Some(10_240)
        );
        if cfg!(target_os = "linux") {
            let memory = of(std::process::id()).expect("it runs");
            assert!(memory.peak_kib >= memory.resident_kib && memory.resident_kib > 0);
        }
    }
}
