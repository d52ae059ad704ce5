//! The right word for a misspelt one.

/// Longer words than this are not compared: they are data, not misspelt names.
const LONGEST: usize = 60;

/// Returns the candidate nearest to `word`, if one is near enough to be what was meant.
///
/// Near means at most one edit for each three characters (at least one), where an edit inserts, drops, replaces or swaps
/// characters; case does not count. Of equally near candidates the first wins, so that the answer does not depend on
/// anything but the arguments.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().take(LONGEST + 1).count();
    if length == 0 || length > LONGEST {
        return None;
    }
    let word = word.to_lowercase();
    let limit = (length / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let distance = strsim::damerau_levenshtein(&word, &candidate.to_lowercase());
        // A candidate that shares no character with the word would be a guess, not a suggestion.
        let shares = distance < length.max(candidate.chars().count());
        if distance <= limit && shares && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    fn check(word: &str, expected: Option<&str>) {
        let words = ["--topic", "--partitions", "eof", "signal", "stop", "start"];
        assert_eq!(nearest(word, words), expected, "for {word:?}");
    }

    #[test]
    fn finds_the_word_that_was_meant() {
        check("--topc", Some("--topic"));
        check("--TOPIC", Some("--topic"));
        check("--partition", Some("--partitions"));
        check("singal", Some("signal"));
        check("eif", Some("eof"));
        check("sotp", Some("stop"));
    }

    #[test]
    fn keeps_silent_when_nothing_is_near() {
        check("", None);
        check("x", None);
        check("replicate", None);
        check(&"x".repeat(100_000), None);
    }
}
