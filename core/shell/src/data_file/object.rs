//! The fields of a JSON object, read without building a tree of it.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// What is done with each field.
type EachField<'a> = dyn FnMut(&str, &RawValue) + 'a;

/// Calls `each` with the name and value of each field, in order.
///
/// # Errors
/// The text is not an object, or a name has an escape that stands for no character.
pub(super) fn each_field(json: &str, each: &mut EachField<'_>) -> Result<(), serde_json::Error> {
    serde_json::Deserializer::from_str(json).deserialize_map(Fields { each })
}

/// The text of the field of that name; of the last one, as most readers of JSON take it. `None` if it is null or not
/// there.
pub(super) fn field_text(json: &str, name: &str) -> Result<Option<String>, serde_json::Error> {
    let mut found = Ok(None);
    each_field(json, &mut |field, value| {
        if field == name {
            found = text(value);
        }
    })?;
    found
}

/// The text of a value: a string's content, a number or boolean as written, an object or array without white space,
/// nothing for null.
pub(super) fn text(value: &RawValue) -> Result<Option<String>, serde_json::Error> {
    let source = value.get();
    match source.as_bytes().first() {
        Some(b'"') => serde_json::from_str(source).map(Some),
        Some(b'{' | b'[') => Ok(Some(compact(source))),
        _ if source == "null" => Ok(None),
        _ => Ok(Some(source.to_owned())),
    }
}

/// Valid JSON without the white space between its parts.
pub(super) fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut in_string = false;
    let mut escaped = false;
    for c in json.chars() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if c == '"' {
            in_string = true;
        } else if matches!(c, ' ' | '\t' | '\n' | '\r') {
            continue;
        }
        out.push(c);
    }
    out
}

/// What was expected instead, in words for people.
pub(super) fn explain(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    match message {
        _ if error.is_eof() => "expected the object to go on: a closing quote, ] or } is missing".to_owned(),
        "trailing comma" => "expected another value after the comma; take the comma away".to_owned(),
        "key must be a string" => "expected a field's name in double quotes, and no comma after the last field".to_owned(),
        "expected `:`" => "expected a colon after the field's name".to_owned(),
        "expected `,` or `}`" => "expected a comma or } after the value".to_owned(),
        "expected `,` or `]`" => "expected a comma or ] after the value".to_owned(),
        "expected value" | "expected ident" => {
            "expected a value: text in double quotes, a number, true, false, null, an object or an array".to_owned()
        }
        "invalid number" => "expected a number such as 12 or -0.5".to_owned(),
        "invalid escape" => "expected an escape such as \\n or \\u00e9 after the backslash; write \\\\ for a backslash".to_owned(),
        _ if message.starts_with("control character") => {
            "expected the text to end with a double quote on its line; write \\n for a line end and \\t for a tab".to_owned()
        }
        "unexpected end of hex escape" | "lone leading surrogate in hex escape" => {
            "expected escapes that stand for a character: \\ud83d goes with one like \\ude00 after it".to_owned()
        }
        _ if message.contains("unicode") || message.contains("surrogate") => {
            "expected text in UTF-8, and escapes that stand for a character".to_owned()
        }
        _ => format!("expected a JSON object: {message}"),
    }
}

struct Fields<'a, 'b> {
    each: &'a mut EachField<'b>,
}

/// A field's name; it borrows from the source unless it has escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Visitor<'de> for Fields<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((Name(name), value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
            (self.each)(&name, value);
        }
        Ok(())
    }
}
