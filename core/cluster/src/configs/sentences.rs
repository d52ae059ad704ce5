//! What settings do, in a sentence each, as far as somebody has written one.

const SENTENCES: &str = include_str!("sentences.txt");

/// What a setting of that name does, in a sentence, if there is one.
pub fn sentence(name: &str) -> Option<&'static str> {
    SENTENCES.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
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
