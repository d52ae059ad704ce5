//! Damage that fits any input: bytes changed, moved, doubled and lost, and pieces of text that matter
//! to a parser put where they do not belong.

use crate::rng::Rng;

/// No input grows beyond this by mutation, so that ten million of them end.
const MOST_BYTES: usize = 64 * 1024;

/// Damages bytes a few times, seldom not at all.
pub fn bytes(rng: &mut Rng, input: &mut Vec<u8>) {
    for _ in 0..rng.below(5) {
        once(rng, input);
    }
}

/// As [`bytes`], for text: also whole pieces of it, and lines. What it makes need not be UTF-8.
pub fn text(rng: &mut Rng, input: &mut Vec<u8>, pieces: &[&str]) {
    for _ in 0..rng.below(6) {
        match rng.below(4) {
            0 => once(rng, input),
            1 => line(rng, input),
            _ => {
                let at = rng.below(input.len() + 1);
                let piece = rng.pick(pieces).as_bytes();
                let over = if rng.once_in(2) { piece.len().min(input.len() - at) } else { 0 };
                input.splice(at..at + over, piece.iter().copied());
            }
        }
    }
    input.truncate(MOST_BYTES);
}

/// A stretch of some text that begins and ends with whole lines, of at most `most` lines.
pub fn lines_of(rng: &mut Rng, text: &str, most: usize) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let from = rng.below(lines.len());
    let count = 1 + rng.below(most);
    lines.iter().skip(from).take(count).copied().collect()
}

fn once(rng: &mut Rng, input: &mut Vec<u8>) {
    let (from, end) = stretch(rng, input.len());
    match rng.below(8) {
        0 | 1 if from < input.len() => input[from] ^= 1 << rng.below(8),
        2 if from < input.len() => input[from] = rng.next() as u8,
        3 => number(rng, input, from),
        4 => drop(input.drain(from..end)),
        5 if input.len() < MOST_BYTES => {
            let copy = input[from..end].to_vec();
            let at = rng.below(input.len() + 1);
            input.splice(at..at, copy);
        }
        6 => input.truncate(end),
        _ => {
            let count = 1 + rng.below(8);
            let fresh: Vec<u8> = (0..count).map(|_| rng.next() as u8).collect();
            input.splice(from..from, fresh);
        }
    }
}

/// Writes a telling number over what stands there, in one of the widths that formats use.
fn number(rng: &mut Rng, input: &mut [u8], at: usize) {
    let width = *rng.pick(&[1, 2, 4, 8]);
    if let Some(place) = input.get_mut(at..at + width) {
        place.copy_from_slice(&rng.telling_number().to_be_bytes()[8 - width..]);
    }
}

/// Doubles, drops or moves one line.
fn line(rng: &mut Rng, input: &mut Vec<u8>) {
    let mut lines: Vec<&[u8]> = input.split_inclusive(|byte| *byte == b'\n').collect();
    if lines.is_empty() {
        return;
    }
    let line = lines[rng.below(lines.len())];
    match rng.below(3) {
        0 => lines.insert(rng.below(lines.len()), line),
        1 => drop(lines.remove(rng.below(lines.len()))),
        _ => {
            let (one, other) = (rng.below(lines.len()), rng.below(lines.len()));
            lines.swap(one, other);
        }
    }
    *input = lines.concat();
}

/// Where a stretch of the input begins and ends; mostly short.
fn stretch(rng: &mut Rng, length: usize) -> (usize, usize) {
    let from = rng.below(length + 1);
    let most = if rng.once_in(4) { length - from } else { (length - from).min(16) };
    (from, from + rng.below(most + 1))
}
