//! The lines that were typed on a terminal: the scenario's own, so that a reload and a link keep them.

use std::sync::Arc;

/// The way back through the lines.
#[derive(Debug, Default)]
pub struct History {
    lines: Vec<Arc<str>>,
    /// How far back the reader is; 0 is the line being typed.
    back: usize,
    /// The line that was being typed.
    draft: String,
}

impl History {
    /// Whether the reader has gone back.
    pub fn is_begun(&self) -> bool {
        self.back > 0
    }

    /// Begins with these lines, the newest last. The same line twice in a row counts once.
    pub fn begin(&mut self, mut lines: Vec<Arc<str>>) {
        lines.dedup();
        *self = Self { lines, ..Self::default() };
    }

    /// The line before, which stands in the field instead of `current`.
    pub fn back(&mut self, current: &str) -> Option<String> {
        if self.back == 0 {
            current.clone_into(&mut self.draft);
        }
        let index = self.lines.len().checked_sub(self.back + 1)?;
        self.back += 1;
        Some(in_one_line(&self.lines[index]))
    }

    /// The line after; at the end what was being typed.
    pub fn forward(&mut self) -> Option<String> {
        self.back = self.back.checked_sub(1)?;
        if self.back == 0 {
            return Some(self.draft.clone());
        }
        Some(in_one_line(&self.lines[self.lines.len() - self.back]))
    }
}

/// Lines in which something occurs, the newest first, each once.
pub fn search(lines: &[Arc<str>], typed: &str, most: usize) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in lines.iter().rev() {
        let line = in_one_line(line);
        if line.contains(typed.trim()) && !found.contains(&line) {
            found.push(line);
            if found.len() == most {
                break;
            }
        }
    }
    found
}

/// A line of several as one.
fn in_one_line(line: &str) -> String {
    line.replace("\\\n", " ").replace('\n', "; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<Arc<str>> {
        text.split(',').map(Arc::from).collect()
    }

    #[test]
    fn arrows_go_back_and_forth_and_keep_the_draft() {
        let mut history = History::default();
        history.begin(lines("one,two,two"));
        assert_eq!(history.back("dra").as_deref(), Some("two"));
        assert_eq!(history.back("two").as_deref(), Some("one"));
        assert_eq!(history.back("one"), None);
        assert_eq!(history.forward().as_deref(), Some("two"));
        assert_eq!(history.forward().as_deref(), Some("dra"));
        assert_eq!(history.forward(), None);
    }

    #[test]
    fn a_search_finds_the_newest_first_and_each_once() {
        let lines = lines("list a,describe,list b,list a");
        assert_eq!(search(&lines, "list", 9), ["list a", "list b"]);
        assert_eq!(search(&lines, "list", 1), ["list a"]);
        assert_eq!(search(&lines, "nothing", 9), [""; 0]);
    }
}
