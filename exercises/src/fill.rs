//! Sentences with arguments in braces.

/// A sentence with its arguments filled in.
pub(crate) fn fill(sentence: &str, arguments: &[(&'static str, String)]) -> String {
    arguments.iter().fold(sentence.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}
