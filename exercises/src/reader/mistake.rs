//! What is wrong with the content, told so that its author can mend it.

use std::fmt;

/// Something that is wrong with the content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The path of the file within the content.
    pub file: String,
    /// The line, from 1 on.
    pub line: Option<usize>,
    /// What is wrong.
    pub what: String,
    /// What to write.
    pub mend: String,
}

impl Mistake {
    /// A mistake that concerns a whole file.
    pub fn of_file(
        file: impl Into<String>,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self { file: file.into(), line: None, what: what.into(), mend: mend.into() }
    }

    /// A mistake at a place in the text of a file, given as the number of bytes before it.
    pub fn at(
        file: &str,
        text: &str,
        offset: usize,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        Self { line: Some(line), ..Self::of_file(file, what, mend) }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, what, mend } = self;
        let line = line.map_or_else(String::new, |line| format!(":{line}"));
        let what = what.trim().replace('\n', " ");
        write!(f, "{file}{line}: {what}. To mend it: {mend}.")
    }
}

/// All that is wrong: an author wants to hear of it in one go.
#[derive(Debug, Default)]
pub struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// Notes a mistake.
    pub fn add(&mut self, mistake: Mistake) {
        if !self.0.contains(&mistake) {
            self.0.push(mistake);
        }
    }

    /// Them, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Mistake> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
