//! `LineMessageReader`: a line becomes a record.

use bytes::Bytes;
use highwater_cluster::ids::TopicName;
use highwater_cluster::log::Header;
use highwater_cluster::producer::ProducerRecord;

use crate::programs::clients::properties::{Properties, get};

#[derive(Clone, Debug)]
pub(super) struct LineReader {
    parses_key: bool,
    parses_headers: bool,
    ignores_errors: bool,
    key_separator: String,
    headers_delimiter: String,
    headers_separator: String,
    header_key_separator: String,
    null_marker: Option<String>,
    line_number: u64,
}

impl Default for LineReader {
    fn default() -> Self {
        Self {
            parses_key: false,
            parses_headers: false,
            ignores_errors: false,
            key_separator: "\t".to_owned(),
            headers_delimiter: "\t".to_owned(),
            headers_separator: ",".to_owned(),
            header_key_separator: ":".to_owned(),
            null_marker: None,
            line_number: 0,
        }
    }
}

impl LineReader {
    /// A reader with these settings. The error is the exception that the tool ends with.
    pub(super) fn new(properties: &Properties) -> Result<Self, String> {
        let is_true = |name| {
            get(properties, name).is_some_and(|text| text.trim().eq_ignore_ascii_case("true"))
        };
        let text = |name, default: &str| get(properties, name).unwrap_or(default).to_owned();
        let reader = Self {
            parses_key: is_true("parse.key"),
            parses_headers: is_true("parse.headers"),
            ignores_errors: is_true("ignore.error"),
            key_separator: text("key.separator", "\t"),
            headers_delimiter: text("headers.delimiter", "\t"),
            headers_separator: text("headers.separator", ","),
            header_key_separator: text("headers.key.separator", ":"),
            null_marker: get(properties, "null.marker").map(str::to_owned),
            line_number: 0,
        };
        reader.check()?;
        Ok(reader)
    }

    fn check(&self) -> Result<(), String> {
        let class = "org.apache.kafka.common.KafkaException";
        let pairs = [
            (
                "headers.delimiter",
                &self.headers_delimiter,
                "headers.separator",
                &self.headers_separator,
            ),
            (
                "headers.delimiter",
                &self.headers_delimiter,
                "headers.key.separator",
                &self.header_key_separator,
            ),
            (
                "headers.separator",
                &self.headers_separator,
                "headers.key.separator",
                &self.header_key_separator,
            ),
        ];
        for (name, value, other_name, other) in pairs {
            if value == other {
                return Err(format!("{class}: {name} and {other_name} may not be equal"));
            }
        }
        let nulls = [
            ("key.separator", &self.key_separator),
            ("headers.delimiter", &self.headers_delimiter),
            ("headers.separator", &self.headers_separator),
            ("headers.key.separator", &self.header_key_separator),
        ];
        for (name, value) in nulls {
            if self.null_marker.as_ref() == Some(value) {
                return Err(format!("{class}: null.marker and {name} may not be equal"));
            }
        }
        Ok(())
    }

    /// The record of a line; none if the line is passed over. The error is what the exception says.
    pub(super) fn record(
        &mut self,
        line: &str,
        topic: &TopicName,
    ) -> Result<Option<ProducerRecord>, String> {
        self.line_number += 1;
        let number = self.line_number;
        let missing = |what: &str| format!("No {what} found on line number {number}: '{line}'");
        let mut rest = line;
        let mut headers = None;
        if self.parses_headers {
            match rest.split_once(self.headers_delimiter.as_str()) {
                Some((given, after)) => {
                    headers = Some(given);
                    rest = after;
                }
                None if self.ignores_errors => {}
                None => return Err(missing("headers delimiter")),
            }
        }
        let mut key = None;
        if self.parses_key {
            match rest.split_once(self.key_separator.as_str()) {
                Some((given, after)) => {
                    key = Some(given);
                    rest = after;
                }
                None if self.ignores_errors => {}
                None => return Err(missing("key separator")),
            }
        }
        let headers = match headers.filter(|headers| !self.is_null(headers)) {
            Some(headers) => self.headers(headers)?,
            None => Vec::new(),
        };
        Ok(Some(ProducerRecord {
            topic: topic.clone(),
            partition: None,
            timestamp: None,
            key: key.and_then(|key| self.bytes(key)),
            value: self.bytes(rest),
            headers: headers.into(),
        }))
    }

    fn headers(&self, text: &str) -> Result<Vec<Header>, String> {
        let pairs = text.split(self.headers_separator.as_str());
        let header = |pair: &str| match pair.split_once(self.header_key_separator.as_str()) {
            Some((key, _)) if self.is_null(&key) => Err(format!(
                "Header keys should not be equal to the null marker '{key}' as they can't be null"
            )),
            Some((key, value)) => Ok(Some(Header {
                key: Bytes::copy_from_slice(key.as_bytes()),
                value: self.bytes(value),
            })),
            None if self.ignores_errors => {
                Ok(Some(Header { key: Bytes::copy_from_slice(pair.as_bytes()), value: None }))
            }
            None => Err(format!(
                "No header key separator found in pair '{pair}' on line number {}",
                self.line_number
            )),
        };
        pairs.filter_map(|pair| header(pair).transpose()).collect()
    }

    fn is_null(&self, text: &&str) -> bool {
        self.null_marker.as_deref() == Some(*text)
    }

    fn bytes(&self, text: &str) -> Option<Bytes> {
        (!self.is_null(&text)).then(|| Bytes::copy_from_slice(text.as_bytes()))
    }
}
