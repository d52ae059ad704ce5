//! What settings do, in a sentence each, as far as somebody has written one.

const SENTENCES: &str = include_str!("sentences.txt");

/// Settings with what they do, by name.
pub fn sentences() -> impl Iterator<Item = (&'static str, &'static str)> {
    SENTENCES.lines().filter_map(|line| line.split_once(' '))
}

/// What a setting of that name does, in a sentence, if there is one.
pub fn sentence(name: &str) -> Option<&'static str> {
    sentences().find_map(|(known, sentence)| (known == name).then_some(sentence))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configs::ConfigKind;

    #[test]
    fn every_sentence_is_one_and_of_a_setting_that_kafka_has() {
        let names: Vec<_> = SENTENCES.lines().map(|line| line.split(' ').next()).collect();
        assert!(names.is_sorted());
        for name in names.into_iter().flatten() {
            let is_known = |kind: &ConfigKind| kind.definition(name).is_some();
            assert!(ConfigKind::ALL.iter().any(is_known), "{name} is no setting");
            let sentence = sentence(name).expect("it stands there");
            assert!(sentence.ends_with('.') && sentence.len() > 20, "{name}: {sentence}");
        }
        assert_eq!(sentence("acks=all"), None);
        assert_eq!(sentence("retention"), None);
    }
}
