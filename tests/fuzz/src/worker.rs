//! The process in which inputs run, one after the other.

use std::any::Any;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::exit;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::ALLOCATOR;
use crate::cli::Run;
use crate::rng::Rng;
use crate::targets::{Entry, Target};

/// An input that computes longer hangs; the greatest batch takes about a second. Counted in processor time
/// where the system tells it: a machine that others use may hold a process up for as long as it likes.
pub const LONGEST: Duration = Duration::from_secs(10);

/// Bytes of an input that are shown; its file holds all.
const MOST_SHOWN: usize = 1024;

/// How far beyond its bound a target may go before the allocator refuses, which ends the process.
const REFUSED_AT: usize = 8;

/// The stack of the thread that runs inputs: what the page has, so that what overflows there does here.
const STACK_BYTES: usize = 1 << 20;

/// After how many inputs the supervisor hears where we are.
pub const REPORT_EVERY: u64 = 4096;

/// Runs inputs until the first failure, and prints lines for the supervisor: `at NUMBER` now and then,
/// and at the end `done` with figures.
pub fn run(run: &Run) -> Result<(), String> {
    on_small_stack(|| work(run))
}

/// Runs one input from a file.
pub fn replay(target: &'static Entry, file: &Path) -> Result<(), String> {
    let input =
        fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    on_small_stack(|| {
        let made = (target.make)();
        let took = Bench::new(target, 0).run(&*made, 0, &input)?;
        println!("{}: {} bytes pass, in {} ms", target.name, input.len(), took.as_millis());
        Ok(())
    })
}

/// Where failures are kept: beside what cargo builds.
pub fn folder() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    program.parent().unwrap_or(Path::new(".")).join("failures")
}

fn on_small_stack(work: impl FnOnce() -> Result<(), String> + Send) -> Result<(), String> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| format!("cannot start a thread: {error}"))?;
        thread
            .join()
            .unwrap_or_else(|panic| Err(format!("the fuzzer itself failed: {}", said(&*panic))))
    })
}

fn work(run: &Run) -> Result<(), String> {
    let target = (run.target.make)();
    let bench = Bench::new(run.target, run.seed);
    let begin = Instant::now();
    let (mut number, mut slowest) = (run.from, (Duration::ZERO, 0));
    let end = run.inputs.map(|inputs| run.from.saturating_add(inputs));
    while end.is_none_or(|end| number < end) {
        if number.is_multiple_of(REPORT_EVERY) {
            println!("at {number}");
            if run.seconds.is_some_and(|seconds| begin.elapsed() >= seconds) {
                break;
            }
        }
        let input = target.generate(&mut Rng::of(run.seed, number));
        if run.careful {
            keep(&bench.file("last"), &input)?;
        }
        let took = bench.run(&*target, number, &input)?;
        slowest = slowest.max((took, number));
        number += 1;
    }
    let (count, seconds) = (number - run.from, begin.elapsed().as_secs_f64());
    println!(
        "done {count} inputs in {seconds:.0} s, {:.0} a second; the slowest took {} ms (input {}); at most {} KiB held",
        count as f64 / seconds,
        slowest.0.as_millis(),
        slowest.1,
        bench.peak() / 1024,
    );
    Ok(())
}

/// Where the last panic happened.
static PANICKED_AT: Mutex<String> = Mutex::new(String::new());

/// What watches over inputs.
pub struct Bench {
    target: &'static Entry,
    seed: u64,
    /// What was held before the first input.
    idle_bytes: usize,
    watched: Arc<Watched>,
}

/// What the watchdog sees.
struct Watched {
    begin: Instant,
    /// How many inputs have begun.
    count: AtomicU64,
    is_busy: AtomicBool,
    input: Mutex<Vec<u8>>,
}

impl Bench {
    /// Watches over inputs of a target from now on.
    pub fn new(target: &'static Entry, seed: u64) -> Self {
        let watched = Arc::new(Watched {
            begin: Instant::now(),
            count: AtomicU64::new(0),
            is_busy: AtomicBool::new(false),
            input: Mutex::default(),
        });
        // What a panic says is told together with its input, not before.
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            PANICKED_AT.lock().expect("nothing panics while it is held").replace_range(.., &place);
        }));
        let bench = Self { target, seed, idle_bytes: ALLOCATOR.allocated(), watched };
        bench.watch();
        let limit = bench.idle_bytes + target.most_bytes * REFUSED_AT;
        ALLOCATOR.set_limit(limit).expect("the limit lies above what is held");
        bench
    }

    /// Ends the process when an input takes too long: nothing else ends a loop.
    fn watch(&self) {
        let (watched, name, file) = (self.watched.clone(), self.target.name, self.file("hang"));
        let seed = self.seed;
        thread::spawn(move || {
            // The input that was last seen, and the time when it was first.
            let mut seen = (0, Duration::ZERO);
            loop {
                thread::sleep(Duration::from_millis(500));
                let (count, now) = (watched.count.load(Relaxed), processor_time(watched.begin));
                if count != seen.0 {
                    seen = (count, now);
                } else if watched.is_busy.load(Relaxed) && now.saturating_sub(seen.1) > LONGEST {
                    let input = watched.input.lock().map(|input| input.clone()).unwrap_or_default();
                    let why = format!("took more than {} s", LONGEST.as_secs());
                    eprintln!("{}", told(name, &format!("seed {seed}"), &why, &input, &file));
                    exit(1);
                }
            }
        });
    }

    /// Runs one input; how long it took, or what is wrong.
    pub fn run(&self, target: &dyn Target, number: u64, input: &[u8]) -> Result<Duration, String> {
        {
            let mut watched = self.watched.input.lock().expect("the watchdog does not panic");
            watched.clear();
            watched.extend_from_slice(input);
        }
        let begin = Instant::now();
        self.watched.count.fetch_add(1, Relaxed);
        self.watched.is_busy.store(true, Relaxed);
        let result = catch_unwind(AssertUnwindSafe(|| target.run(input)));
        self.watched.is_busy.store(false, Relaxed);
        let took = begin.elapsed();
        let why = match result {
            Err(panic) => said(&*panic),
            Ok(()) if self.peak() > self.target.most_bytes => {
                format!("held {} bytes; the bound is {}", self.peak(), self.target.most_bytes)
            }
            Ok(()) => return Ok(took),
        };
        let which = format!("input {number} of seed {}", self.seed);
        Err(told(
            self.target.name,
            &which,
            &why,
            input,
            &self.file(&format!("{}-{number}", self.seed)),
        ))
    }

    /// The most that was held at a time since the first input, beyond what was held before it.
    fn peak(&self) -> usize {
        ALLOCATOR.max_allocated().saturating_sub(self.idle_bytes)
    }

    fn file(&self, name: &str) -> PathBuf {
        folder().join(format!("{}-{name}.bin", self.target.name))
    }
}

/// Tells of a failure, and keeps its input.
fn told(target: &str, which: &str, why: &str, input: &[u8], file: &Path) -> String {
    let kept = match keep(file, input) {
        Ok(()) => format!("run it again: cargo xtask fuzz {target} --replay {}", file.display()),
        Err(message) => message,
    };
    let hex: String = input.iter().take(MOST_SHOWN).map(|byte| format!("{byte:02x}")).collect();
    let more = if input.len() > MOST_SHOWN { ".." } else { "" };
    format!("{target} failed, {which}: {why}\n{} bytes: {hex}{more}\n{kept}", input.len())
}

fn keep(file: &Path, input: &[u8]) -> Result<(), String> {
    let written = fs::create_dir_all(folder()).and_then(|()| fs::write(file, input));
    written.map_err(|error| format!("cannot write {}: {error}", file.display()))
}

/// The time that this process has computed; where the system does not tell, the time since `begin`.
fn processor_time(begin: Instant) -> Duration {
    // Of Linux: after the name in parentheses, the 12th and 13th word are hundredths of a second.
    let told = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let words = told.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    let ticks: Vec<u64> = words.skip(11).take(2).filter_map(|word| word.parse().ok()).collect();
    match ticks[..] {
        [user, system] => Duration::from_millis((user + system) * 10),
        _ => begin.elapsed(),
    }
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let place = PANICKED_AT.lock().map(|place| place.clone()).unwrap_or_default();
    format!("{}\n  at {place}", text.unwrap_or("panicked"))
}
