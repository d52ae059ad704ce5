//! Nothing is passed by accident: from a solution every entry is left out and every value changed, one at
//! a time. What is still a solution is listed as accepted, with a reason, or a check asks for too little.

use std::sync::Arc;

use super::{Failure, Job, Part};
use crate::judge::judged;
use crate::model::Exercise;
use crate::play::begin;

/// A changed solution.
pub(super) struct Mutant {
    /// What was changed, as authors read and write it.
    pub(super) change: String,
    /// The line behind the start that is another, from 0, and what it is now; nothing if it is left out.
    line: usize,
    new: Option<String>,
}

/// Options whose value is only the way to the cluster.
const WAYS: [&str; 2] = ["--bootstrap-server", "--bootstrap-controller"];

/// The changes of an exercise's solution.
pub(super) fn of(exercise: &Exercise) -> Vec<Mutant> {
    let Some(rest) = exercise.solution.strip_prefix(&exercise.start) else { return Vec::new() };
    let lines: Vec<&str> = rest.lines().collect();
    let mut mutants: Vec<Mutant> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some((entry, typed)) = split(line) else { continue };
        mutants.push(Mutant { change: format!("without {typed}"), line: index, new: None });
        for (change, new) in changes(typed) {
            mutants.push(Mutant { change, line: index, new: Some(format!("{entry} {new}")) });
        }
    }
    mutants
}

impl Mutant {
    /// The scenario: made when it is played, for a long solution has many changes.
    pub(super) fn script(&self, exercise: &Exercise) -> String {
        let rest = exercise.solution.strip_prefix(&exercise.start).unwrap_or_default();
        let mut lines: Vec<&str> = rest.lines().collect();
        match &self.new {
            Some(new) => lines[self.line] = new,
            None => drop(lines.remove(self.line)),
        }
        format!("{}{}\n", exercise.start, lines.join("\n"))
    }
}

/// Plays a changed solution.
pub(super) fn job(exercise: &Exercise, mutant: Mutant) -> Job<'_> {
    let mutant = Arc::new(mutant);
    Box::new(move || {
        let mutant = mutant.clone();
        Box::pin(async move {
            let script = mutant.script(exercise);
            let survives = survives(exercise, &script).await;
            let survivor = survives.then(|| (exercise.id.clone(), mutant.change.clone(), script));
            Part { survivor, ..Part::default() }
        })
    })
}

/// Whether a changed solution solves the exercise. One that cannot be read or played does not.
async fn survives(exercise: &Exercise, script: &str) -> bool {
    let Ok(session) = begin(script) else { return false };
    let run = judged(exercise, session.quiet(), exercise.until).await;
    run.is_ok_and(|(_, checks)| checks.iter().all(|check| check.met))
}

/// What survived is to be accepted, and what is accepted is to survive.
pub(super) fn judge(exercise: &Exercise, survivors: &[&(String, String, String)]) -> Vec<Failure> {
    let file = format!("exercises/{}/exercise.toml", exercise.id);
    let covers = |accepted: &str, change: &str| match accepted.strip_suffix('*') {
        Some(beginning) => change.starts_with(beginning),
        None => accepted == change,
    };
    let mut failures = Vec::new();
    for (_, change, script) in survivors {
        if exercise.accepted.iter().any(|known| covers(&known.change, change)) {
            continue;
        }
        let what = format!(
            "the solution with this change is still one: {change}. Let a check ask for more; or, if it is as good, \
             add:\n\n    [[accepted]]\n    change = '{change}'\n    because = \"..\"\n"
        );
        failures.push(Failure { file: file.clone(), what, script: script.clone() });
    }
    for accepted in &exercise.accepted {
        if !survivors.iter().any(|(_, change, _)| covers(&accepted.change, change)) {
            let what = format!(
                "it accepts a change of the solution that is not one, or does not solve it: {}. Take it out",
                accepted.change
            );
            failures.push(Failure { file: file.clone(), what, script: String::new() });
        }
    }
    failures
}

/// `@2s t1>` and what is typed there; none of a line that holds no typing.
fn split(line: &str) -> Option<(&str, &str)> {
    if !line.starts_with('@') {
        return None;
    }
    let at = line.find(['>', '<'])?;
    let (entry, typed) = line.split_at(at + 1);
    Some((entry, typed.trim_start()))
}

/// The ways to change one value of a line: what is said of it, and the new line.
fn changes(line: &str) -> Vec<(String, String)> {
    let words = words(line);
    let program = words.first().map(|(word, _)| *word).unwrap_or_default();
    let is_verb = !program.ends_with(".sh");
    let mut changes = Vec::new();
    for (place, (word, range)) in words.iter().enumerate().skip(1) {
        let before = words[place - 1].0;
        let mut change = |said: String, new: &str| {
            let mut line = line.to_owned();
            line.replace_range(range.clone(), new);
            changes.push((said, line));
        };
        if word.starts_with("--") {
            let next = words.get(place + 1).map(|(word, _)| *word);
            if next.is_none_or(|next| next.starts_with("--")) && !word.contains('=') {
                change(format!("without {word}"), "");
            }
            continue;
        }
        let is_verb_word = is_verb && place == 1;
        // A name that a learner gives is theirs.
        let is_name = is_verb
            && place == 2
            && before == "start"
            && program != "broker"
            && program != "controller";
        if is_verb_word || is_name || WAYS.contains(&before) {
            continue;
        }
        let whose = if before.starts_with("--") { before } else { program };
        for new in other_values(word) {
            change(format!("{whose} {word} -> {new}"), &new);
        }
    }
    changes
}

/// What might stand in the place of a value.
fn other_values(value: &str) -> Vec<String> {
    if let Some((name, value)) = value.split_once('=') {
        return other_values(value).into_iter().map(|value| format!("{name}={value}")).collect();
    }
    if let Ok(number) = value.parse::<u64>() {
        let less = number.checked_sub(1).map(|less| less.to_string());
        return less.into_iter().chain([(number.saturating_add(1)).to_string()]).collect();
    }
    let other = match value {
        "all" => "1".to_owned(),
        "true" => "false".to_owned(),
        "false" => "true".to_owned(),
        quoted if quoted.ends_with(['"', '\'']) => {
            let (inside, quote) = quoted.split_at(quoted.len() - 1);
            format!("{inside}x{quote}")
        }
        word => format!("{word}x"),
    };
    vec![other]
}

/// The words of a line with their places; what is quoted is one word.
fn words(line: &str) -> Vec<(&str, std::ops::Range<usize>)> {
    let mut words = Vec::new();
    let mut begin = None;
    let mut quote = None;
    for (at, letter) in line.char_indices().chain([(line.len(), ' ')]) {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            _ => {}
        }
        let is_between = letter == ' ' && quote.is_none();
        match begin {
            None if !is_between => begin = Some(at),
            Some(from) if is_between => {
                words.push((&line[from..at], from..at));
                begin = None;
            }
            _ => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_changed_and_each_flag_left_out() {
        let said: Vec<String> =
            changes("consumer start c1 --group g --topic 'a b' --config x=5 --from-beginning")
                .into_iter()
                .map(|(said, _)| said)
                .collect();
        assert_eq!(
            said,
            [
                "--group g -> gx",
                "--topic 'a b' -> 'a bx'",
                "--config x=5 -> x=4",
                "--config x=5 -> x=6",
                "without --from-beginning"
            ]
        );
        let (_, line) = changes("broker stop 2").remove(0);
        assert_eq!(line, "broker stop 1");
        assert_eq!(split("@2s t1> a b"), Some(("@2s t1>", "a b")));
        assert_eq!(split("@60s run"), None);
    }
}
