//! How fast the engine is: prints a line for each figure, name, value and unit apart by tabs.
//! `cargo xtask bench` prints these beside the same figures from the page.

use std::time::Instant;

use highwater_scenario::bench::{BENCH_SCRIPT, figures};

fn main() {
    let start = Instant::now();
    print!("{}", figures(BENCH_SCRIPT, &mut || start.elapsed().as_secs_f64() * 1_000.0));
}
