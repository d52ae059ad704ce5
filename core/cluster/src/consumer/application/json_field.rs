//! One field out of a JSON object, without a tree: all that an event's id takes.

use bytes::Bytes;

/// How deep values may nest: what is deeper is no event.
const MOST_DEPTH: usize = 64;

/// The value of a field at the top of a JSON object, as it is written; a string without its quotes.
/// None if there is no such field, or the text is no object up to there.
pub(super) fn json_field(text: &Bytes, name: &str) -> Option<Bytes> {
    let mut at = skip_space(text, 0);
    if text.get(at) != Some(&b'{') {
        return None;
    }
    at = skip_space(text, at + 1);
    while text.get(at) == Some(&b'"') {
        let key_end = string_end(text, at)?;
        let key = &text[at + 1..key_end - 1];
        at = skip_space(text, key_end);
        if text.get(at) != Some(&b':') {
            return None;
        }
        at = skip_space(text, at + 1);
        let end = value_end(text, at)?;
        if key == name.as_bytes() {
            let is_string = text[at] == b'"';
            return Some(if is_string { text.slice(at + 1..end - 1) } else { text.slice(at..end) });
        }
        at = skip_space(text, end);
        if text.get(at) != Some(&b',') {
            return None;
        }
        at = skip_space(text, at + 1);
    }
    None
}

fn skip_space(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Where the string that begins at `from` has ended.
fn string_end(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from + 1;
    loop {
        match text.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// Where the value that begins at `from` has ended.
fn value_end(text: &[u8], from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = from;
    loop {
        match text.get(at) {
            Some(b'"') => at = string_end(text, at)?,
            Some(b'{' | b'[') if depth < MOST_DEPTH => {
                depth += 1;
                at += 1;
            }
            Some(b'}' | b']') if depth > 0 => {
                depth -= 1;
                at += 1;
            }
            Some(b',' | b'}') if depth == 0 => return (at > from).then_some(at),
            Some(byte) if depth == 0 && byte.is_ascii_whitespace() => {
                return (at > from).then_some(at);
            }
            Some(b'{' | b'[' | b']') | None => return None,
            Some(_) => at += 1,
        }
        let is_over = depth == 0 && matches!(text[at - 1], b'"' | b'}' | b']');
        if is_over {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, field: &str, expected: Option<&str>) {
        let found = json_field(&Bytes::from(text.to_owned()), field);
        assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{field} of {text}");
    }

    #[test]
    fn a_field_at_the_top_is_found() {
        check(r#"{"id": "e1", "n": 7}"#, "id", Some("e1"));
        check(r#"{"id": "e1", "n": 7}"#, "n", Some("7"));
        check(r#" {"a":{"id":"no","b":[1,{"id":2}]},"id":3 }"#, "id", Some("3"));
        check(r#"{"a":"x\",\"id\":1","id":2}"#, "id", Some("2"));
        check(r#"{"id":{"x":1}}"#, "id", Some(r#"{"x":1}"#));
    }

    #[test]
    fn what_is_no_object_or_has_no_such_field_has_no_id() {
        for text in [
            "",
            "7",
            "[1]",
            r#"{"n":7}"#,
            r#"{"id"}"#,
            r#"{"id":"#,
            r#"{"id":"e"#,
            "{}",
            r#"{"id":]}"#,
        ] {
            check(text, "id", None);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(text in r#"[{}\[\]",:\\a 1]{0,24}"#) {
            let _ = json_field(&Bytes::from(text), "a");
        }
    }
}
