//! CSV with a header: each row becomes a JSON object of texts.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use csv::{ByteRecord, ReaderBuilder};

use super::place::Places;
use super::{Problem, Row, Sink};

/// The most columns that are read.
const MOST_COLUMNS: usize = 10_000;

/// Hands over the rows after the header.
pub(super) fn read(bytes: &[u8], sink: &mut Sink<'_>) -> ControlFlow<()> {
    let mut rows = Rows::new(bytes);
    let Some(header) = rows.next() else {
        return ControlFlow::Continue(());
    };
    if let Some(problem) = rows.malformed_quotes(&header) {
        return sink(Err(problem));
    }
    if header.fields.len() > MOST_COLUMNS {
        let message =
            format!("expected {MOST_COLUMNS} columns at most, found {}", header.fields.len());
        return sink(Err(Problem::new(header.line, 1, message)));
    }
    let mut problems = Vec::new();
    let names = names(&header, &mut problems);
    for problem in problems {
        sink(Err(problem))?;
    }
    let mut count = 0_usize;
    while let Some(row) = rows.next() {
        let problem = rows.malformed_quotes(&row).or_else(|| miscounted(&row, names.len()));
        if let Some(mut problem) = problem {
            if row.end == bytes.len() && row.lines > 1 {
                let rows = if count == 1 { "1 row was" } else { &format!("{count} rows were") };
                problem.message += &format!("; {rows} read before it");
            }
            sink(Err(problem))?;
            continue;
        }
        match object(&names, &row.fields) {
            Ok(json) => {
                count += 1;
                let (json, line, column) = (&*json, row.line, 1);
                sink(Ok(Row { json, line, column }))?;
            }
            Err(field) => {
                let message = format!(
                    "expected text in UTF-8 in field {field}; save the file again with that encoding"
                );
                sink(Err(Problem::new(row.line, 1, message)))?;
            }
        }
    }
    if count == 0 {
        let message = "expected rows after the header, found none that could be read";
        return sink(Err(Problem::new(header.line, 1, message)));
    }
    ControlFlow::Continue(())
}

/// A row with its place.
struct CsvRow {
    fields: ByteRecord,
    start: usize,
    end: usize,
    line: u32,
    /// How many lines it takes.
    lines: u32,
}

struct Rows<'a> {
    bytes: &'a [u8],
    reader: csv::Reader<&'a [u8]>,
    places: Places<'a>,
    separator: u8,
}

impl<'a> Rows<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let separator = separator(bytes);
        let mut builder = ReaderBuilder::new();
        // Rows of other lengths are ours to report, with their lines.
        builder.has_headers(false).flexible(true).delimiter(separator);
        Self { bytes, reader: builder.from_reader(bytes), places: Places::new(bytes), separator }
    }

    /// The next row that is not blank.
    fn next(&mut self) -> Option<CsvRow> {
        loop {
            let mut fields = ByteRecord::new();
            // Reading from memory as bytes has no way to fail.
            if !self.reader.read_byte_record(&mut fields).ok()? {
                return None;
            }
            let end = self.offset(self.reader.position().byte());
            let mut start = self.offset(fields.position().map_or(0, csv::Position::byte)).min(end);
            // The reader counts the blank lines before a row to it.
            while start < end && matches!(self.bytes[start], b'\r' | b'\n') {
                start += 1;
            }
            if fields.len() == 1 && fields[0].trim_ascii().is_empty() {
                continue;
            }
            let (line, _) = self.places.of(start);
            let (last, _) = self.places.of(end.saturating_sub(1).max(start));
            let lines = last.saturating_sub(line).saturating_add(1);
            return Some(CsvRow { fields, start, end, line, lines });
        }
    }

    /// A quote that is never closed, or closed with text right after it. The reader takes both as they come.
    fn malformed_quotes(&mut self, row: &CsvRow) -> Option<Problem> {
        let source = &self.bytes[row.start..row.end];
        if !source.contains(&b'"') {
            return None;
        }
        let (opened, closed) = misplaced_quote(source, self.separator)?;
        // Places are asked for in a row that was passed: they are counted from its start.
        let mut places = Places::new(source);
        let mut place = |at| {
            let (line, column) = places.of(at);
            (line.saturating_add(row.line - 1), column)
        };
        let (line, column) = place(opened);
        let Some(closed) = closed else {
            let message = "this quote is never closed: expected another \" where the text ends";
            return Some(Problem::new(line, column, message));
        };
        let (closed_line, closed_column) = place(closed);
        let separator = self.separator.escape_ascii();
        let mut message = format!(
            "expected \"{separator}\" or the end of the row after the closing quote; write \"\" for a quote in the text"
        );
        if closed_line != line {
            message += &format!(
                " (the text was opened on line {line}, column {column}: is its closing quote missing?)"
            );
        }
        Some(Problem::new(closed_line, closed_column, message))
    }

    fn offset(&self, byte: u64) -> usize {
        usize::try_from(byte).map_or(self.bytes.len(), |at| at.min(self.bytes.len()))
    }
}

/// Where a quote is opened that is not closed rightly, and what comes right after the closing one, if there is one.
fn misplaced_quote(source: &[u8], separator: u8) -> Option<(usize, Option<usize>)> {
    let ends = |byte: &u8| *byte == separator || matches!(byte, b'\r' | b'\n');
    let mut at = 0;
    while at < source.len() {
        if source[at] == b'"' {
            let opened = at;
            at += 1;
            loop {
                let Some(quote) = source[at..].iter().position(|byte| *byte == b'"') else {
                    return Some((opened, None));
                };
                at += quote + 1;
                if source.get(at) != Some(&b'"') {
                    break;
                }
                at += 1;
            }
            if source.get(at).is_some_and(|byte| !ends(byte)) {
                return Some((opened, Some(at)));
            }
        }
        at += source[at..].iter().position(ends).unwrap_or(source.len() - at) + 1;
    }
    None
}

fn miscounted(row: &CsvRow, expected: usize) -> Option<Problem> {
    let found = row.fields.len();
    (found != expected).then(|| {
        let fields = if expected == 1 { "field" } else { "fields" };
        let message = format!("expected {expected} {fields} as in the header, found {found}");
        Problem::new(row.line, 1, message)
    })
}

/// A comma, unless the header has none but has semicolons or tabs.
fn separator(bytes: &[u8]) -> u8 {
    let content = bytes.trim_ascii_start();
    let header = content.split(|byte| *byte == b'\n').next().unwrap_or(content);
    let candidates = [b',', b';', b'\t'].into_iter();
    let mut present = candidates.filter(|separator| header.contains(separator));
    present.next().unwrap_or(b',')
}

/// The names of the fields, as JSON. Names that are missing or come again are replaced and reported.
fn names(header: &CsvRow, problems: &mut Vec<Problem>) -> Vec<String> {
    let given: Vec<String> =
        header.fields.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
    let mut taken: BTreeSet<String> = given.iter().cloned().collect();
    let mut seen = BTreeSet::new();
    let mut names = Vec::new();
    for (index, name) in given.iter().enumerate() {
        let number = index + 1;
        let mut report = |message| problems.push(Problem::new(header.line, 1, message));
        let used = if name.is_empty() {
            let used = free(&mut taken, &format!("column_{number}"));
            report(format!("expected a name for column {number}; it is called \"{used}\""));
            used
        } else if !seen.insert(name) {
            let used = free(&mut taken, &format!("{name}_{number}"));
            report(format!(
                "expected each name once, found {name:?} again in column {number}; there it is called {used:?}"
            ));
            used
        } else {
            if name.contains('\u{fffd}') {
                report(format!(
                    "expected text in UTF-8 in the name of column {number}; save the file again with that encoding"
                ));
            }
            name.clone()
        };
        names.push(quoted(&used));
    }
    names
}

/// The name, or with a number after it if it is taken.
fn free(taken: &mut BTreeSet<String>, name: &str) -> String {
    let mut used = name.to_owned();
    let mut number = 2;
    while !taken.insert(used.clone()) {
        used = format!("{name}_{number}");
        number += 1;
    }
    used
}

/// The row as a JSON object; else the number of the field that is no UTF-8.
fn object(names: &[String], fields: &ByteRecord) -> Result<String, usize> {
    let mut json = String::from("{");
    for (index, (name, field)) in names.iter().zip(fields).enumerate() {
        let text = std::str::from_utf8(field).map_err(|_| index + 1)?;
        if index > 0 {
            json.push(',');
        }
        json.push_str(name);
        json.push(':');
        json.push_str(&quoted(text));
    }
    json.push('}');
    Ok(json)
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
