//! Which topics `--topic` means: a regular expression of Java's, of which what topic names need is
//! understood here, or several separated by commas.

use highwater_cluster::protocol::messages as kafka;

use super::arguments::Arguments;

/// The names of the topics that the command is about, in order.
pub(super) fn matching(arguments: &Arguments, body: &kafka::MetadataResponse) -> Vec<String> {
    let topics = body.topics.iter().filter(|topic| topic.error_code == 0);
    let topics = topics.filter(|topic| !(topic.is_internal && arguments.exclude_internal));
    let mut names: Vec<String> =
        topics.filter_map(|topic| topic.name.as_ref()).map(|name| name.to_string()).collect();
    if let Some(expression) = &arguments.topic {
        names.retain(|name| matches(expression.as_str(), name));
    }
    names.sort();
    names
}

/// Whether the expression matches the whole name.
pub(crate) fn matches(expression: &str, name: &str) -> bool {
    let expression = expression.trim().trim_matches(['"', '\'']);
    let mut alternatives = expression.split([',', '|']).map(|text| text.trim().chars().collect());
    let name: Vec<char> = name.chars().collect();
    alternatives.any(|pattern: Vec<char>| matches_here(&pattern, &name))
}

/// Whether a sequence of characters, `.` and `\x`, each perhaps with `*`, `+` or `?`, matches all of
/// the text.
fn matches_here(pattern: &[char], text: &[char]) -> bool {
    let Some((atom, rest)) = first_atom(pattern) else { return text.is_empty() };
    let is_one = |c: &char| atom.is_none_or(|literal| literal == *c);
    let (least, most, rest) = match rest.split_first() {
        Some(('*', rest)) => (0, text.len(), rest),
        Some(('+', rest)) => (1, text.len(), rest),
        Some(('?', rest)) => (0, 1, rest),
        _ => (1, 1, rest),
    };
    let run = text.iter().take(most).take_while(|c| is_one(c)).count();
    (least..=run).rev().any(|count| matches_here(rest, &text[count..]))
}

/// The character that a pattern begins with, none for any, and what follows it.
fn first_atom(pattern: &[char]) -> Option<(Option<char>, &[char])> {
    match pattern {
        [] => None,
        ['\\', literal, rest @ ..] => Some((Some(*literal), rest)),
        ['.', rest @ ..] => Some((None, rest)),
        [literal, rest @ ..] => Some((Some(*literal), rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str, name: &str, expected: bool) {
        assert_eq!(matches(expression, name), expected, "{expression} and {name}");
    }

    #[test]
    fn topics_are_found_by_name_and_by_expression() {
        check("orders", "orders", true);
        check("orders", "orders2", false);
        check("my.*", "my.topic", true);
        check("my.*", "my", true);
        check("user-.*", "user-events", true);
        check("orders,users", "users", true);
        check("orders|users", "users", true);
        check(r"my\.topic", "my.topic", true);
        check(r"my\.topic", "my_topic", false);
        check("my.topic", "my_topic", true);
        check("a+b?", "aa", true);
        check("a+b?", "b", false);
        check(".*", "", true);
    }
}
