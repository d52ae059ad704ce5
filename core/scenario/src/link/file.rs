//! A shared scenario as a file: the script as it is, which the native program plays too, with the moment and the view in
//! a comment on the second line:
//!
//! ```text
//! highwater 1
//! #shared 1 at 4.25s, 1234 bytes, crc32c 1a2b3c4d, view select=broker:2&tab=log
//! seed 1
//! ```
//!
//! Length and checksum are of the script without that line. They tell a file that was cut off from one that a person has
//! edited, which may be opened all the same.

use highwater_cluster::time::Time;
use highwater_log::crc32c;

use super::{MOST_VIEW_BYTES, Shared};
use crate::script::Micros;

const MARK: &str = "#shared 1 at ";

/// What a file says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileMark {
    /// It is as it was written.
    Whole,
    /// It was changed since.
    Edited,
    /// It ends before it should.
    CutOff {
        /// The bytes of script that are missing.
        missing: usize,
    },
    /// It says nothing: a script that was written by hand.
    None,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedFile {
    /// The scenario. Its script is the file without the line that holds the rest.
    pub shared: Shared,
    /// What the file says of itself.
    pub mark: FileMark,
}

impl Shared {
    /// The text of a file.
    pub fn print_file(&self) -> String {
        let (first, rest) = self.script.split_once('\n').unwrap_or((&self.script, ""));
        let (length, sum) = (self.script.len(), crc32c(self.script.as_bytes()));
        let at = Micros(self.moment.0);
        // A view is one line: it came from the page, which writes no control characters.
        let view: String = self.view.chars().filter(|letter| !letter.is_control()).collect();
        format!("{first}\n{MARK}{at}, {length} bytes, crc32c {sum:08x}, view {view}\n{rest}")
    }

    /// Reads the text of a file. Any text is a script; whether it makes sense is for the script's own reader to say.
    pub fn read_file(text: &str) -> OpenedFile {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
        let unmarked = |script: String| OpenedFile {
            shared: Self { script, ..Self::default() },
            mark: FileMark::None,
        };
        let Some((first, rest)) = text.split_once('\n') else { return unmarked(text) };
        let (line, rest) = rest.split_once('\n').unwrap_or((rest, ""));
        let Some(told) = line.strip_prefix(MARK).and_then(Told::parse) else {
            return unmarked(text);
        };
        let script = format!("{first}\n{rest}");
        let mark = match told.length.checked_sub(script.len()) {
            Some(0) if crc32c(script.as_bytes()) == told.sum => FileMark::Whole,
            Some(missing) if missing > 0 && !script.ends_with('\n') => FileMark::CutOff { missing },
            _ => FileMark::Edited,
        };
        let shared = Self { script, moment: told.moment, view: told.view.to_owned() };
        OpenedFile { shared, mark }
    }
}

/// What the comment says.
struct Told<'a> {
    moment: Time,
    length: usize,
    sum: u32,
    view: &'a str,
}

impl<'a> Told<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (at, rest) = text.split_once(", ")?;
        let (length, rest) = rest.split_once(" bytes, crc32c ")?;
        let (sum, view) = rest.split_once(", view ")?;
        Some(Self {
            moment: Time(Micros::parse(at)?.0),
            length: length.parse().ok()?,
            sum: u32::from_str_radix(sum, 16).ok()?,
            view: (view.len() <= MOST_VIEW_BYTES).then_some(view)?,
        })
    }
}
