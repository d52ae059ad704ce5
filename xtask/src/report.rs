//! What the commands say: one line per step with its reason, and the time it took.

use std::time::{Duration, Instant};

use crate::failure::Outcome;

/// Says what is being done, and why.
pub fn say(what: &str, why: &str) {
    println!("==> {what}: {why}");
}

/// Adds a remark that needs no step of its own.
pub fn note(remark: &str) {
    println!("    {remark}");
}

/// Runs a step between its announcement and its time.
pub fn step<T>(what: &str, why: &str, run: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    say(what, why);
    let begin = Instant::now();
    let result = run();
    let word = if result.is_ok() { "done" } else { "failed" };
    note(&format!("{word} after {}", seconds(begin.elapsed())));
    result
}

/// A duration as a person reads it.
pub fn seconds(time: Duration) -> String {
    let whole = time.as_secs();
    if whole >= 60 {
        format!("{} min {:02} s", whole / 60, whole % 60)
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}

/// Bytes with a space between thousands, right-aligned by the caller.
pub fn bytes(count: usize) -> String {
    let digits = count.to_string();
    let mut shown = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(' ');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(bytes(7), "7");
        assert_eq!(bytes(1234), "1 234");
        assert_eq!(bytes(400_000), "400 000");
    }

    #[test]
    fn minutes_appear_when_there_are_any() {
        assert_eq!(seconds(Duration::from_millis(2340)), "2.3 s");
        assert_eq!(seconds(Duration::from_secs(61)), "1 min 01 s");
    }
}
