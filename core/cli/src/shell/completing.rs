//! Completion by Tab: what the page completes, in a real terminal.

use highwater_scenario::shell::{Completion, Known, complete};
use rustyline::completion::{Completer, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper};

/// What the prompt knows of the cluster.
#[derive(Default)]
pub(super) struct Words {
    pub(super) known: Known,
}

impl Completer for Words {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        cursor: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        Ok(completions(line, cursor, &self.known))
    }
}

impl Hinter for Words {
    type Hint = String;
}

impl Highlighter for Words {}

impl Validator for Words {}

impl Helper for Words {}

/// What may stand at the cursor, a place in bytes; and the place from which it replaces what is typed.
fn completions(line: &str, cursor: usize, known: &Known) -> (usize, Vec<Pair>) {
    let column = line[..cursor].chars().count();
    let found = complete(line, column, known);
    let from = found.first().map_or(column, |first| first.from);
    let from = line.char_indices().nth(from).map_or(line.len(), |(byte, _)| byte);
    let is_alone = found.len() == 1;
    let pair = |Completion { text, .. }: Completion| {
        // The next word may begin, unless this one goes on.
        let goes_on = !is_alone || text.ends_with('=') || line[cursor..].starts_with(' ');
        let end = if goes_on { "" } else { " " };
        Pair { replacement: format!("{text}{end}"), display: text }
    };
    (from, found.into_iter().map(pair).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the words that Tab finds at the end of a line, and from which byte on.
    fn check(line: &str, from: usize, expected: &[&str]) {
        let known = Known { topics: vec!["orders".into(), "otters".into()], ..Known::default() };
        let (found_from, found) = completions(line, line.len(), &known);
        let found: Vec<&str> = found.iter().map(|pair| pair.replacement.as_str()).collect();
        assert_eq!((found_from, found.as_slice()), (from, expected), "{line}");
    }

    #[test]
    fn words_are_completed_as_in_the_page() {
        check("kafka-topics.sh --topic ", 24, &["orders", "otters"]);
        check("kafka-topics.sh --topic or", 24, &["orders "]);
        check("echo ü; kafka-topi", 9, &["kafka-topics.sh "]);
        check("producer start p1 --config partitioner.c", 27, &["partitioner.class="]);
        check("nothing of the kind", 19, &[]);
    }
}
