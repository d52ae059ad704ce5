//! Measures several ways to do one thing side by side.
//!
//! A machine that others use is fast in one second and slow in the next. So the ways take turns in short
//! samples of processor time, and what is compared are their medians.

use std::hint::black_box;
use std::time::Duration;

use cpu_time::ThreadTime;

/// How long one sample takes, about.
const SAMPLE: Duration = Duration::from_millis(2);
/// How many samples each way gets.
const ROUNDS: usize = 25;

/// One way to do it.
pub struct Way<'a> {
    /// Does it once.
    run: Box<dyn FnMut() + 'a>,
    /// How often it fits into a sample.
    times: u32,
    /// Seconds for doing it once, of each sample.
    samples: Vec<f64>,
}

impl<'a> Way<'a> {
    /// A way whose result is not optimised away.
    pub fn new<T>(mut run: impl FnMut() -> T + 'a) -> Self {
        let run = Box::new(move || drop(black_box(run())));
        Self { run, times: 1, samples: Vec::new() }
    }

    fn sample(&mut self) -> Duration {
        let begin = ThreadTime::now();
        (0..self.times).for_each(|_| (self.run)());
        begin.elapsed()
    }

    /// Warms up, and finds out how many times fill a sample.
    fn calibrate(&mut self) {
        while self.sample() < SAMPLE {
            self.times = self.times.saturating_mul(2);
        }
    }
}

/// The median seconds that each way takes to do it once, in their order.
pub fn medians(mut ways: Vec<Way<'_>>) -> Vec<f64> {
    ways.iter_mut().for_each(Way::calibrate);
    for _ in 0..ROUNDS {
        for way in &mut ways {
            let seconds = way.sample().as_secs_f64() / f64::from(way.times);
            way.samples.push(seconds);
        }
    }
    ways.into_iter().map(|way| median(way.samples)).collect()
}

/// The middle one of some numbers.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
