//! Files of records that people bring: JSON Lines, a JSON array of objects, CSV with a header.
//!
//! [`fields`] says what a file holds, [`records`] reads it. What is malformed becomes a [`Problem`] with its line; the
//! rest is read on. Whether to go on with what could be read is the person's choice, not made here.
//!
//! A record's value is the source text of its JSON object; an object that is spread over lines is written without the
//! white space between its parts. A row of CSV becomes an object with the header's names in their order, and text for
//! each value.

mod csv_rows;
mod extent;
mod json_array;
mod json_lines;
mod object;
mod place;
mod problem;
mod sniff;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use bytes::Bytes;

pub use problem::{FileProblem, Problem};
pub use sniff::Format;

use problem::Problems;

/// The longest file that is read, in bytes: 64 MiB.
pub const MOST_BYTES: usize = 64 * 1024 * 1024;

/// The most records that are read from a file.
pub const MOST_RECORDS: usize = 1_000_000;

/// The most bytes that the values of a file may have together: CSV repeats its header's names in each of them.
pub const MOST_VALUE_BYTES: usize = 256 * 1024 * 1024;

/// The most fields that a preview names.
pub const MOST_FIELDS: usize = 1_000;

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// How it is written.
    pub format: Format,
    /// Its fields in the order in which they first come.
    pub fields: Vec<Field>,
    /// How many records can be read.
    pub records: usize,
    /// What cannot be read, from the top.
    pub problems: Vec<Problem>,
}

/// A field of the records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// The text of the first value that is not null, as it would become a key, cut to 80 characters; empty if there is
    /// none.
    pub example: String,
}

/// The records of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// What could be read, in order.
    pub records: Vec<DataRecord>,
    /// What could not, from the top.
    pub problems: Vec<Problem>,
}

/// A record as it goes to a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataRecord {
    /// The text of the key's field; `None` if no key was asked for, or the field is null or not there.
    pub key: Option<Bytes>,
    /// A JSON object.
    pub value: Bytes,
    /// The line of the file on which it starts, from 1.
    pub line: u32,
}

/// One object of a file, while it is read.
struct Row<'a> {
    json: &'a str,
    line: u32,
    column: u32,
}

/// What readers hand over: rows and problems in order. It breaks when enough was read.
type Sink<'a> = dyn FnMut(Result<Row<'_>, Problem>) -> ControlFlow<()> + 'a;

/// Says what the file holds. `name` is its name, whose ending tells the format, as far as it does.
///
/// # Errors
/// The file as a whole cannot be read; see [`FileProblem`].
pub fn fields(bytes: &[u8], name: &str) -> Result<Preview, FileProblem> {
    let format = sniff::format(bytes, name)?;
    let mut fields: Vec<Field> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut records = 0;
    let mut left_out = false;
    let mut problems = read(bytes, format, &mut |row| {
        object::each_field(row.json, &mut |name, value| {
            let place = match places.get(name) {
                Some(place) => *place,
                None if fields.len() == MOST_FIELDS => {
                    left_out = true;
                    return;
                }
                None => {
                    let place = fields.len();
                    places.insert(name.to_owned(), place);
                    let (name, example) = (name.to_owned(), String::new());
                    fields.push(Field { name, example });
                    place
                }
            };
            if fields[place].example.is_empty() {
                let text = object::text(value).ok().flatten().unwrap_or_default();
                fields[place].example = text.chars().take(80).collect();
            }
        })?;
        records += 1;
        Ok(())
    });
    if left_out {
        let message =
            format!("the records have more than {MOST_FIELDS} fields; the first are listed");
        problems.push(Problem::new(1, 1, message));
    }
    Ok(Preview { format, fields, records, problems })
}

/// Reads the file. `key` names the field that becomes the records' key: its text; a number or boolean as it is written;
/// an object or array as JSON without white space.
pub fn records(bytes: &[u8], name: &str, key: Option<&str>) -> Parsed {
    let format = match sniff::format(bytes, name) {
        Ok(format) => format,
        Err(problem) => {
            let problems = vec![Problem::new(1, 1, problem.to_string())];
            return Parsed { problems, ..Parsed::default() };
        }
    };
    let mut records = Vec::new();
    let problems = read(bytes, format, &mut |row| {
        let key = key.map_or(Ok(None), |key| object::field_text(row.json, key))?;
        records.push(DataRecord {
            key: key.map(Bytes::from),
            value: Bytes::copy_from_slice(row.json.as_bytes()),
            line: row.line,
        });
        Ok(())
    });
    Parsed { records, problems }
}

/// Hands over each row, up to the limits, and returns the problems.
fn read(
    bytes: &[u8],
    format: Format,
    take: &mut dyn FnMut(&Row<'_>) -> Result<(), serde_json::Error>,
) -> Vec<Problem> {
    let mut problems = Problems::default();
    let (mut count, mut size) = (0_usize, 0_usize);
    let sink: &mut Sink<'_> = &mut |found| {
        let row = match found {
            Ok(row) => row,
            Err(problem) => {
                problems.add(problem);
                return ControlFlow::Continue(());
            }
        };
        size = size.saturating_add(row.json.len());
        if count == MOST_RECORDS || size > MOST_VALUE_BYTES {
            let limit = if count == MOST_RECORDS {
                format!("{MOST_RECORDS} records")
            } else {
                format!("{MOST_VALUE_BYTES} bytes of values")
            };
            let message = format!("only the first {count} records are read: {limit} are the limit");
            problems.add(Problem::new(row.line, row.column, message));
            return ControlFlow::Break(());
        }
        match take(&row) {
            Ok(()) => count += 1,
            Err(error) => {
                let message = object::explain(&error);
                problems.add(Problem::new(row.line, row.column, message));
            }
        }
        ControlFlow::Continue(())
    };
    let bytes = sniff::without_mark(bytes);
    // Breaking off is how a limit is kept, and is named above.
    let _ = match format {
        Format::JsonLines => json_lines::read(bytes, sink),
        Format::JsonArray => json_array::read(bytes, sink),
        Format::Csv => csv_rows::read(bytes, sink),
    };
    if count == 0 && problems.is_empty() {
        problems.add(Problem::new(1, 1, "expected records, found none"));
    }
    problems.into_vec()
}

#[cfg(test)]
mod tests;
