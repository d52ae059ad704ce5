//! How `kcat` prints a record: `-f`, `-J`, `-K`, `-Z`, `-s`.

use highwater_cluster::ids::TopicPartition;
use highwater_cluster::log::Record;
use serde_json::Value;

use super::arguments::{Arguments, unescaped};

/// How a record is printed.
#[derive(Clone, Debug, Default)]
pub(super) struct Format {
    pieces: Vec<Piece>,
    is_json: bool,
    null_for_empty: bool,
    /// How keys and values are unpacked, by a letter of Python's `struct`.
    key_pack: Option<String>,
    value_pack: Option<String>,
}

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Field(char),
}

impl Format {
    /// The format that the arguments ask for. The error is what `kcat` says.
    pub(super) fn new(
        arguments: &Arguments,
        given: Option<&str>,
        packs: &[String],
    ) -> Result<Self, String> {
        let text = match (given, &arguments.key_delimiter) {
            (Some(given), _) => unescaped(given),
            (None, Some(between)) => format!("%k{between}%s{}", arguments.delimiter),
            (None, None) => format!("%s{}", arguments.delimiter),
        };
        let (mut key_pack, mut value_pack) = (None, None);
        for pack in packs {
            match pack.split_once('=') {
                Some(("key", letters)) => key_pack = Some(letters.to_owned()),
                Some(("value", letters)) => value_pack = Some(letters.to_owned()),
                _ => {
                    key_pack = Some(pack.clone());
                    value_pack = Some(pack.clone());
                }
            }
        }
        let (is_json, null_for_empty) = (arguments.is_json, arguments.null_for_empty);
        Ok(Self { pieces: pieces(&text)?, is_json, null_for_empty, key_pack, value_pack })
    }

    /// The record as text. The error is what `kcat` says.
    pub(super) fn text(
        &self,
        partition: &TopicPartition,
        record: &Record,
        broker: i32,
    ) -> Result<String, String> {
        if self.is_json {
            return Ok(json(partition, record, broker) + "\n");
        }
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::Field(field) => {
                    text.push_str(&self.field(*field, partition, record).map_err(|what| {
                        format!(
                            "Failed to format message in {} [{}] at offset {}: {what}: terminating",
                            partition.topic, partition.partition, record.offset.0
                        )
                    })?);
                }
            }
        }
        Ok(text)
    }

    fn field(
        &self,
        field: char,
        partition: &TopicPartition,
        record: &Record,
    ) -> Result<String, String> {
        let length =
            |bytes: Option<&[u8]>| bytes.map_or(-1, |bytes| bytes.len() as i64).to_string();
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        Ok(match field {
            's' => return self.bytes("value", value, self.value_pack.as_deref()),
            'k' => return self.bytes("key", key, self.key_pack.as_deref()),
            'S' => length(value),
            'K' => length(key),
            'R' => {
                let size = value.map_or(-1, |value| value.len() as i32);
                String::from_utf8_lossy(&size.to_be_bytes()).into_owned()
            }
            't' => partition.topic.to_string(),
            'p' => partition.partition.to_string(),
            'o' => record.offset.0.to_string(),
            'T' => record.timestamp.0.to_string(),
            _ => {
                let headers = record.headers.iter().map(|header| {
                    let value = header.value.as_deref().map(String::from_utf8_lossy);
                    let value = value.unwrap_or_else(|| "NULL".into());
                    format!("{}={value}", String::from_utf8_lossy(&header.key))
                });
                headers.collect::<Vec<_>>().join(",")
            }
        })
    }

    fn bytes(
        &self,
        what: &str,
        bytes: Option<&[u8]>,
        pack: Option<&str>,
    ) -> Result<String, String> {
        let content = bytes.unwrap_or_default();
        if content.is_empty() && self.null_for_empty {
            return Ok("NULL".to_owned());
        }
        match pack {
            Some(letters) if bytes.is_some() => unpacked(what, content, letters),
            _ => Ok(String::from_utf8_lossy(content).into_owned()),
        }
    }
}

fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let (mut pieces, mut literal) = (Vec::new(), String::new());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            literal.push(c);
            continue;
        }
        match chars.next() {
            Some('%') => literal.push('%'),
            Some(field @ ('s' | 'S' | 'R' | 'k' | 'K' | 't' | 'p' | 'o' | 'T' | 'h')) => {
                pieces.push(Piece::Text(std::mem::take(&mut literal)));
                pieces.push(Piece::Field(field));
            }
            Some(other) => {
                let rest = chars.as_str();
                return Err(format!("Unsupported formatter: %{other}{rest}"));
            }
            None => return Err("Unsupported formatter: %".to_owned()),
        }
    }
    pieces.push(Piece::Text(literal));
    Ok(pieces)
}

/// Numbers out of bytes, by letters of Python's `struct`.
fn unpacked(what: &str, bytes: &[u8], letters: &str) -> Result<String, String> {
    let (mut rest, mut is_little, mut found) = (bytes, false, Vec::new());
    for letter in letters.chars() {
        let size = match letter {
            '<' | '>' => {
                is_little = letter == '<';
                continue;
            }
            'b' | 'B' | 'c' => 1,
            'h' | 'H' => 2,
            'i' | 'I' => 4,
            'q' | 'Q' => 8,
            's' => {
                found.push(String::from_utf8_lossy(std::mem::take(&mut rest)).into_owned());
                continue;
            }
            '$' => continue,
            _ => return Err(format!("Invalid pack-format token '{letter}'")),
        };
        let Some((taken, after)) = rest.split_at_checked(size) else {
            return Err(format!(
                "{what} truncated, expected {size} bytes to unpack {letter} but only {} bytes remaining",
                rest.len()
            ));
        };
        rest = after;
        let mut ordered = taken.to_vec();
        if is_little {
            ordered.reverse();
        }
        let number = ordered.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        found.push(match letter {
            'c' => char::from(ordered[0]).to_string(),
            'b' => (number as u8 as i8).to_string(),
            'h' => (number as u16 as i16).to_string(),
            'i' => (number as u32 as i32).to_string(),
            'q' => (number as i64).to_string(),
            _ => number.to_string(),
        });
    }
    Ok(found.join(" "))
}

fn json(partition: &TopicPartition, record: &Record, broker: i32) -> String {
    let text = |bytes: Option<&[u8]>| match bytes {
        Some(bytes) => Value::from(String::from_utf8_lossy(bytes).into_owned()).to_string(),
        None => "null".to_owned(),
    };
    let headers: Vec<String> = record
        .headers
        .iter()
        .flat_map(|header| [text(Some(&header.key)), text(header.value.as_deref())])
        .collect();
    let headers = match headers.is_empty() {
        true => String::new(),
        false => format!("\"headers\":[{}],", headers.join(",")),
    };
    format!(
        "{{\"topic\":{},\"partition\":{},\"offset\":{},\"tstype\":\"create\",\"ts\":{},\"broker\":{broker},\
         {headers}\"key\":{},\"payload\":{}}}",
        Value::from(partition.topic.as_str()),
        partition.partition,
        record.offset.0,
        record.timestamp.0,
        text(record.key.as_deref()),
        text(record.value.as_deref()),
    )
}
