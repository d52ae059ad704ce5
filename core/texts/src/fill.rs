//! Arguments in braces.

/// The arguments that a sentence is to be filled with, each once, in the order in which they stand in it.
pub fn arguments(sentence: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for part in sentence.split('{').skip(1) {
        let Some((name, _)) = part.split_once('}') else { break };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The sentence with its arguments filled in. An argument that is not given is shown by its name, so that nothing
/// is silent.
pub fn fill(sentence: &str, arguments: &[(&str, String)]) -> String {
    fill_with(sentence, &mut |name, said| {
        let value = arguments.iter().find(|(known, _)| *known == name);
        said.push_str(value.map_or(name, |(_, value)| value));
    })
}

/// The sentence, with what `write` writes for each name in braces.
pub fn fill_with(sentence: &str, write: &mut dyn FnMut(&str, &mut String)) -> String {
    let mut said = String::with_capacity(sentence.len() + 32);
    let mut rest = sentence;
    while let Some((before, from)) = rest.split_once('{') {
        said.push_str(before);
        let Some((name, after)) = from.split_once('}') else { break };
        write(name, &mut said);
        rest = after;
    }
    said.push_str(rest);
    said
}

/// The sentence with numbers in the place of names: `{0}` is the first of `names`. `None` if it has an argument
/// that is not among them.
pub fn numbered(sentence: &str, names: &[&str]) -> Option<String> {
    let mut is_known = true;
    let text = fill_with(sentence, &mut |name, said| match names
        .iter()
        .position(|known| *known == name)
    {
        Some(index) => said.push_str(&format!("{{{index}}}")),
        None => is_known = false,
    });
    is_known.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_go_where_their_names_are() {
        let given = [("a", "{b}".to_owned()), ("b", "2".to_owned())];
        assert_eq!(fill("{b}, {a} and {b}.", &given), "2, {b} and 2.");
        assert_eq!(fill("{a} of {c}", &given), "{b} of c");
        assert_eq!(fill("nothing", &given), "nothing");
        assert_eq!(arguments("{b}, {a} and {b}."), ["b", "a"]);
    }

    #[test]
    fn names_become_numbers() {
        assert_eq!(
            numbered("{b}, {a} and {b}.", &["a", "b"]).as_deref(),
            Some("{1}, {0} and {1}.")
        );
        assert_eq!(numbered("{b}", &["a"]), None);
    }
}
