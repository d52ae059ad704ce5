//! Which names a topic may have: `Topic.validate`.

use crate::ids::TopicName;

const MAX_LENGTH: usize = 249;

/// Checks a name for a new topic, in Kafka's words.
pub(crate) fn validate(name: &str) -> Result<(), String> {
    let reason = match name {
        "" => "the empty string is not allowed".to_owned(),
        "." | ".." => format!("'{name}' is not allowed"),
        // Java counts UTF-16 units.
        _ if name.encode_utf16().count() > MAX_LENGTH => {
            format!("the length of '{name}' is longer than the max allowed length {MAX_LENGTH}")
        }
        _ if !name.bytes().all(is_legal) => format!(
            "'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
        ),
        _ => return Ok(()),
    };
    Err(format!("Topic name is invalid: {reason}"))
}

/// The topic whose metrics a new topic's could be taken for: in their names, periods become
/// underscores.
pub(super) fn find_collision<'a>(
    name: &str,
    mut existing: impl Iterator<Item = &'a TopicName>,
) -> Option<&'a TopicName> {
    if !name.contains(['.', '_']) {
        return None;
    }
    let unified = name.replace('.', "_");
    existing.find(|other| other.as_str().replace('.', "_") == unified)
}

fn is_legal(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_refused_in_kafkas_words() {
        let long = "x".repeat(250);
        for (name, message) in [
            ("", "the empty string is not allowed"),
            (".", "'.' is not allowed"),
            ("..", "'..' is not allowed"),
            (
                "a b",
                "'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
            ),
            (&long, &format!("the length of '{long}' is longer than the max allowed length 249")),
        ] {
            assert_eq!(validate(name), Err(format!("Topic name is invalid: {message}")));
        }
        assert_eq!(validate("orders.v2_eu-west"), Ok(()));
    }

    #[test]
    fn periods_and_underscores_collide() {
        let existing = [TopicName::from("my.topic"), TopicName::from("orders")];
        assert_eq!(find_collision("my_topic", existing.iter()), Some(&existing[0]));
        assert_eq!(find_collision("my-topic", existing.iter()), None);
        assert_eq!(find_collision("orders", existing.iter()), None);
    }
}
