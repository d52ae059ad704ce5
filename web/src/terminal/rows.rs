//! The rows of a screen. All are of one height, so that of 100,000 only those that are seen need to be
//! made. What a command prints is a row a line, however long, and is scrolled sideways: its columns stay
//! below one another. What is to be read as text, the lines that were typed, errors and explanations, is
//! folded between its words.

use std::ops::Range;

use highwater_scenario::screens::{LineKind, Screen, ScreenLine};

/// Which row is which line.
#[derive(Debug, Default)]
pub struct Rows {
    /// The first line that is shown.
    base: u64,
    /// The line behind the last.
    upto: u64,
    /// How many letters a folded row has at most.
    columns: usize,
    /// For which run this was found out.
    run: u64,
    /// The lines of several rows, each with how many rows more than lines there are up to it, it included.
    folded: Vec<(u64, u64)>,
}

/// A line that takes part in being shown, and which of its rows it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The number of the line.
    pub line: u64,
    /// Which of its rows, from 0.
    pub part: usize,
}

impl Rows {
    /// Follows a screen from the line `base` on. Another `run` has printed other lines.
    pub fn follow(&mut self, screen: &Screen, base: u64, columns: usize, run: u64) {
        let is_same = (self.base, self.columns, self.run) == (base, columns, run);
        if !is_same || screen.printed() < self.upto {
            *self = Self { base, upto: base, columns, run, folded: Vec::new() };
        }
        for number in self.upto..screen.printed() {
            let Some(line) = screen.line(number).filter(|line| is_folded(line)) else { continue };
            let rows = pieces(&shown(line), columns).len() as u64;
            if rows > 1 {
                self.folded.push((number, self.more() + rows - 1));
            }
        }
        self.upto = screen.printed().max(base);
    }

    /// How many rows there are.
    pub fn count(&self) -> u64 {
        self.upto - self.base + self.more()
    }

    /// The first line that is shown.
    pub fn base(&self) -> u64 {
        self.base
    }

    /// What stands in a row.
    pub fn place(&self, row: u64) -> Place {
        // The lines of several rows that begin before the row.
        let begins = |(line, more): (u64, u64), index: usize| {
            let before = index.checked_sub(1).map_or(0, |index| self.folded[index].1);
            debug_assert!(before < more, "such a line has more than one row");
            line - self.base + before
        };
        let (mut low, mut high) = (0, self.folded.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if begins(self.folded[middle], middle) <= row {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let Some(index) = low.checked_sub(1) else {
            return Place { line: self.base + row, part: 0 };
        };
        let (line, more) = self.folded[index];
        let begin = begins((line, more), index);
        let last = line - self.base + more;
        if row <= last {
            return Place { line, part: (row - begin) as usize };
        }
        Place { line: self.base + row - more, part: 0 }
    }

    fn more(&self) -> u64 {
        self.folded.last().map_or(0, |(_, more)| *more)
    }
}

fn is_folded(line: &ScreenLine) -> bool {
    matches!(line.kind, LineKind::Typed | LineKind::Error | LineKind::Explanation)
}

/// A line as it is shown.
pub fn shown(line: &ScreenLine) -> String {
    match line.kind {
        LineKind::Typed => format!("$ {}", line.text),
        _ => line.text.to_string(),
    }
}

/// The text of a row of a line.
pub fn text_of(line: &ScreenLine, part: usize, columns: usize) -> String {
    /// A longer line is cut off: a browser takes long to draw one.
    const MOST: usize = 2_000;
    let text = shown(line);
    if is_folded(line) {
        let range = pieces(&text, columns).get(part).cloned().unwrap_or_default();
        return text[range].to_owned();
    }
    match text.char_indices().nth(MOST) {
        Some((end, _)) => {
            let left = text[end..].chars().count();
            t!("terminal.more-characters", text = &text[..end], left = left)
        }
        None => text,
    }
}

/// A text in pieces of at most so many letters, broken between its words.
fn pieces(text: &str, columns: usize) -> Vec<Range<usize>> {
    let columns = columns.max(1);
    let (mut pieces, mut begin, mut length, mut blank) = (Vec::new(), 0, 0, None);
    for (at, letter) in text.char_indices() {
        if length == columns {
            let end = blank.filter(|_| letter != ' ').unwrap_or(at);
            pieces.push(begin..end);
            begin = end;
            length = text[begin..at].chars().count();
            blank = None;
        }
        length += 1;
        if letter == ' ' {
            blank = Some(at + 1);
        }
    }
    pieces.push(begin..text.len());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, columns: usize, expected: &[&str]) {
        let found: Vec<&str> =
            pieces(text, columns).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn text_is_folded_between_its_words() {
        check("", 10, &[""]);
        check("one two three", 7, &["one two", " three"]);
        check("one two three", 8, &["one two ", "three"]);
        check("abcdefghij", 4, &["abcd", "efgh", "ij"]);
        check("grün ist schön", 9, &["grün ist ", "schön"]);
    }

    #[test]
    fn rows_are_lines_but_for_those_that_are_folded() {
        let rows = Rows { base: 10, upto: 20, folded: vec![(12, 2), (15, 3)], ..Rows::default() };
        assert_eq!(rows.count(), 13);
        let places: Vec<(u64, usize)> = (0..rows.count())
            .map(|row| rows.place(row))
            .map(|place| (place.line, place.part))
            .collect();
        let expected = [
            (10, 0),
            (11, 0),
            (12, 0),
            (12, 1),
            (12, 2),
            (13, 0),
            (14, 0),
            (15, 0),
            (15, 1),
            (16, 0),
            (17, 0),
            (18, 0),
            (19, 0),
        ];
        assert_eq!(places, expected);
    }
}
