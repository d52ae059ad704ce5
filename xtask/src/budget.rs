//! `budgets.toml`: what the page may cost.

use std::fs;

use crate::failure::{Failure, Outcome};
use crate::project::Project;

/// The limits of a first visit.
#[derive(Debug, PartialEq, Eq)]
pub struct Budget {
    /// All that the first visit fetches, compressed with brotli.
    pub first_load: usize,
    /// Beginnings of paths in `dist/` that are fetched later, or never.
    pub later: Vec<String>,
}

impl Budget {
    /// Reads the file at the root.
    pub fn read(project: &Project) -> Outcome<Self> {
        let path = project.at("budgets.toml");
        let text =
            fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, &error))?;
        parse(&text)
    }

    /// Whether a file is fetched with the first visit. It is unless it is declared to come later: a
    /// new file cannot hide.
    pub fn counts(&self, path: &str) -> bool {
        !self.later.iter().any(|prefix| path.starts_with(prefix.as_str()))
    }
}

/// The file is TOML so that editors colour it, but only lines `key = value` are understood.
fn parse(text: &str) -> Outcome<Budget> {
    let mut budget = Budget { first_load: 0, later: Vec::new() };
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = |todo: &str| {
            Failure::new(
                format!("budgets.toml, line {}: `{line}` is not understood", index + 1),
                todo,
            )
        };
        let (key, value) = line.split_once('=').ok_or_else(|| wrong("write `key = value`"))?;
        match (key.trim(), value.trim()) {
            ("first_load_brotli_bytes", value) => {
                let number = value.replace('_', "").parse();
                budget.first_load =
                    number.map_err(|_| wrong("write a whole number of bytes, such as 400_000"))?;
            }
            ("later", value) => {
                budget.later = list(value)
                    .ok_or_else(|| wrong("write a list such as [\"data/\"] on one line"))?
            }
            _ => return Err(wrong("the keys are first_load_brotli_bytes and later")),
        }
    }
    if budget.first_load == 0 {
        return Err(Failure::new(
            "budgets.toml sets no first_load_brotli_bytes",
            "add the line `first_load_brotli_bytes = 400_000`",
        ));
    }
    Ok(budget)
}

fn list(value: &str) -> Option<Vec<String>> {
    let inside = value.strip_prefix('[')?.strip_suffix(']')?;
    let items = inside.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.map(|item| Some(item.strip_prefix('"')?.strip_suffix('"')?.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_read() {
        let budget =
            parse("# why\nfirst_load_brotli_bytes = 400_000\nlater = [\"data/\", \"a.js\"]\n")
                .unwrap();
        assert_eq!(budget.first_load, 400_000);
        assert!(budget.counts("index.html") && !budget.counts("data/flights.json"));
    }

    #[test]
    fn a_wrong_line_is_named() {
        let message = parse("first_load_brotli_bytes = 1\nfirst = 2").unwrap_err().to_string();
        assert!(message.contains("line 2: `first = 2`"), "{message}");
        assert!(parse("later = [data]").is_err());
        assert!(parse("").unwrap_err().to_string().contains("sets no first_load"));
    }
}
