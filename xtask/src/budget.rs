//! `budgets.toml`: what the page may cost.

use std::fs;

use crate::failure::{Failure, Outcome};
use crate::project::Project;

/// The limits.
#[derive(Debug, PartialEq)]
pub struct Budget {
    /// All that the first visit fetches, compressed with brotli.
    pub first_load: usize,
    /// Beginnings of paths in `dist/` that are fetched later, or never.
    pub later: Vec<String>,
    /// What `cargo xtask bench` measures of the page, by name and unit: the most it may be.
    pub measures: Vec<(String, f64)>,
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

    /// The most that a measurement of the page may be, if there is a limit.
    pub fn most(&self, name: &str, unit: &str) -> Option<f64> {
        let key = key_of(name, unit);
        self.measures.iter().find(|(known, _)| *known == key).map(|(_, most)| *most)
    }
}

/// What is measured of the page, and may have a limit.
const MEASURES: [&str; 3] =
    ["script_per_frame_p99_ms", "a_moment_of_ten_minutes_p99_ms", "memory_for_ten_minutes_mb"];

/// `script per frame, p99` in `ms` is `script_per_frame_p99_ms`.
fn key_of(name: &str, unit: &str) -> String {
    let line = format!("{name} {unit}").to_lowercase();
    let words = line.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_")
}

/// The file is TOML so that editors colour it, but only lines `key = value` are understood.
fn parse(text: &str) -> Outcome<Budget> {
    let mut budget = Budget { first_load: 0, later: Vec::new(), measures: Vec::new() };
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
            (key, value) if MEASURES.contains(&key) => {
                let most = value.parse();
                let most =
                    most.map_err(|_| wrong("write a number in the unit that ends the key"))?;
                budget.measures.push((key.to_owned(), most));
            }
            _ => {
                let known = MEASURES.join(", ");
                return Err(wrong(&format!(
                    "the keys are first_load_brotli_bytes, later, {known}"
                )));
            }
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
    fn measures_have_a_limit_by_name_and_unit() {
        let budget = parse("first_load_brotli_bytes = 1\nscript_per_frame_p99_ms = 8.5\n").unwrap();
        assert_eq!(budget.most("script per frame, p99", "ms"), Some(8.5));
        assert_eq!(budget.most("script per frame, median", "ms"), None);
        let message = parse("memory_for_ten_minutes_mb = much").unwrap_err().to_string();
        assert!(message.contains("write a number"), "{message}");
    }

    #[test]
    fn a_wrong_line_is_named() {
        let message = parse("first_load_brotli_bytes = 1\nfirst = 2").unwrap_err().to_string();
        assert!(message.contains("line 2: `first = 2`"), "{message}");
        assert!(parse("later = [data]").is_err());
        assert!(parse("").unwrap_err().to_string().contains("sets no first_load"));
    }
}
