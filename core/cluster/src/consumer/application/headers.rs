//! The headers of a record that failed, by which people and retries find out what became of it.

use bytes::Bytes;
use highwater_log::{Header, Record};

use super::outbox::Failed;

/// The header that says which topic a record came from.
pub const ORIGINAL_TOPIC: &str = "original-topic";
/// The header that says which partition it came from.
pub const ORIGINAL_PARTITION: &str = "original-partition";
/// The header that says which offset it had there.
pub const ORIGINAL_OFFSET: &str = "original-offset";
/// The header that says which timestamp it had there, in milliseconds.
pub const ORIGINAL_TIMESTAMP: &str = "original-timestamp-ms";
/// The header that names the class of the exception.
pub const EXCEPTION_CLASS: &str = "exception-class";
/// The header that holds the exception's message.
pub const EXCEPTION_MESSAGE: &str = "exception-message";
/// The header that says how often the record was tried, over all topics.
pub const ATTEMPTS: &str = "attempts";
/// The header that says how often the record went to a retry topic.
pub const RETRY_COUNT: &str = "retry-count";
/// The header that says when a record of a retry topic is due, in milliseconds.
pub const RETRY_DUE: &str = "retry-due-ms";

/// The headers of before, with where the record first came from, what happened last, and counts.
pub(in crate::consumer::application) fn of(failed: &Failed<'_>) -> Vec<Header> {
    let record = failed.record;
    let mut headers = record.headers.clone();
    let known =
        |headers: &[Header], name: &str| headers.iter().any(|header| header.key == name.as_bytes());
    let header = |name: &'static str, value: String| Header {
        key: Bytes::from_static(name.as_bytes()),
        value: Some(value.into()),
    };
    if !known(&headers, ORIGINAL_TOPIC) {
        headers.push(header(ORIGINAL_TOPIC, failed.partition.topic.to_string()));
        headers.push(header(ORIGINAL_PARTITION, failed.partition.partition.0.to_string()));
        headers.push(header(ORIGINAL_OFFSET, record.offset.to_string()));
        headers.push(header(ORIGINAL_TIMESTAMP, record.timestamp.0.to_string()));
    }
    let replaced = [EXCEPTION_CLASS, EXCEPTION_MESSAGE, ATTEMPTS, RETRY_COUNT, RETRY_DUE];
    headers.retain(|header| !replaced.iter().any(|name| header.key == name.as_bytes()));
    headers.push(header(EXCEPTION_CLASS, failed.class.to_owned()));
    headers.push(header(EXCEPTION_MESSAGE, failed.message.to_owned()));
    let attempts = header_number(record, ATTEMPTS).saturating_add(failed.attempts.into());
    headers.push(header(ATTEMPTS, attempts.to_string()));
    let retries = header_number(record, RETRY_COUNT);
    let retries = retries.saturating_add(i64::from(failed.due_ms.is_some()));
    headers.push(header(RETRY_COUNT, retries.to_string()));
    if let Some(due_ms) = failed.due_ms {
        headers.push(header(RETRY_DUE, due_ms.to_string()));
    }
    headers
}

/// The number in a header of a record; zero if there is none.
pub(in crate::consumer::application) fn header_number(record: &Record, name: &str) -> i64 {
    let last = record.headers.iter().rev().find(|header| header.key == name.as_bytes());
    let text = last.and_then(|header| header.value.as_deref());
    text.and_then(|text| std::str::from_utf8(text).ok()?.parse().ok()).unwrap_or(0)
}
