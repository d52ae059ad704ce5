//! What is wrong with the content, told so that its author can mend it.

use std::path::{Path, PathBuf};

/// Something that is wrong with the content.
#[derive(Debug)]
pub struct Mistake {
    file: PathBuf,
    line: Option<usize>,
    what: String,
    mend: String,
}

impl Mistake {
    /// A mistake that concerns a whole file.
    pub fn of_file(file: &Path, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: None, what: what.into(), mend: mend.into() }
    }

    /// A mistake at a place in the text of a file, given as the number of bytes before it.
    pub fn at(
        file: &Path,
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

/// All that is wrong: an author wants to hear of it in one go.
#[derive(Debug, Default)]
pub struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// Notes a mistake.
    pub fn add(&mut self, mistake: Mistake) {
        self.0.push(mistake);
    }

    /// Whether there are any.
    pub fn are_any(&self) -> bool {
        !self.0.is_empty()
    }

    /// Tells cargo, which shows each and fails.
    pub fn print(&self) {
        for Mistake { file, line, what, mend } in &self.0 {
            let line = line.map_or_else(String::new, |line| format!(":{line}"));
            let what = what.trim().replace('\n', " ");
            println!(
                "cargo::error=exercises/{}{line}: {what}. To mend it: {mend}.",
                file.display()
            );
        }
    }
}
