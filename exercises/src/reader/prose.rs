//! How hard a text is to read, and how long it may be.

/// How long a text may be, in words.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The fewest words.
    pub least: usize,
    /// The most words.
    pub most: usize,
}

impl Bounds {
    /// From so many words to so many.
    pub const fn new(least: usize, most: usize) -> Self {
        Self { least, most }
    }
}

/// The most that [`lix`] may be: above it a text is for specialists.
pub const HARDEST: usize = 52;

/// A text shorter than this says nothing about how hard it is.
const ENOUGH_WORDS: usize = 40;

/// What is wrong with a text, given without its code, and what to do.
pub fn judge(text: &str, bounds: Bounds) -> Option<(String, String)> {
    let words = words(text).count();
    if words < bounds.least {
        let mend = format!("say more: {} words at least", bounds.least);
        return Some((format!("the text has {words} words"), mend));
    }
    if words > bounds.most {
        let mend = format!("say less: {} words at the most", bounds.most);
        return Some((format!("the text has {words} words"), mend));
    }
    let lix = lix(text);
    if words >= ENOUGH_WORDS && lix > HARDEST {
        let mend = "make the sentences shorter, and choose shorter words";
        return Some((
            format!("the text is hard to read: {lix}, where {HARDEST} is the most"),
            mend.to_owned(),
        ));
    }
    None
}

/// The readability index LIX (Björnsson 1968): words per sentence, and words of more than six letters in
/// a hundred. 30 is easy, 40 a newspaper, 50 a textbook.
pub fn lix(text: &str) -> usize {
    let count = words(text).count();
    let long =
        words(text).filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 6).count();
    let ends = text
        .split_inclusive(['.', '!', '?', ':', ';', '\n'])
        .filter(|part| words(part).count() > 0);
    let sentences = ends.count();
    if count == 0 || sentences == 0 {
        return 0;
    }
    count / sentences + long * 100 / count
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_words_in_short_sentences_are_easy() {
        assert_eq!(lix("A log is a list. It grows at one end."), 5);
        let hard =
            "Transactional producers coordinate idempotently across heterogeneous partitions";
        assert!(lix(hard) > HARDEST);
        assert!(judge(&format!("{hard} ").repeat(8), Bounds::new(1, 999)).is_some());
        assert!(
            judge("One two.", Bounds::new(3, 9)).is_some_and(|(what, _)| what.contains("2 words"))
        );
    }
}
