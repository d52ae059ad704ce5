//! The JSON files that Kafka's tools read, from among the files that the scenario has put in place.

use highwater_cluster::ctx::Ctx;
use highwater_cluster::protocol::error::ResponseError;
use serde_json::Value;

use crate::script::Failure;

/// An exception of Java's: its class and its message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exception {
    pub(crate) class: &'static str,
    pub(crate) message: String,
    /// What else there is to say, which Kafka's tool does not.
    pub(crate) hint: Option<String>,
}

impl Exception {
    pub(crate) fn new(class: &'static str, message: impl Into<String>) -> Self {
        Self { class, message: message.into(), hint: None }
    }

    /// What Java's `Future.get` throws of an error of the cluster.
    pub(crate) fn in_future(error: ResponseError, message: Option<&str>) -> Self {
        let cause = Failure::of(error, message);
        Self::new("java.util.concurrent.ExecutionException", cause.to_string())
    }

    /// `AdminCommandFailedException`: what the person asked for makes no sense.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new("org.apache.kafka.tools.AdminCommandFailedException", message)
    }

    /// `AdminOperationException`: a file does not say what it should.
    pub(crate) fn operation(message: impl Into<String>) -> Self {
        Self::new("org.apache.kafka.server.common.AdminOperationException", message)
    }

    fn mapping(message: impl Into<String>) -> Self {
        Self::new("com.fasterxml.jackson.databind.JsonMappingException", message)
    }
}

/// The text of a file. Where no file has the whole path, the one of that name is meant.
pub(crate) fn read(ctx: &Ctx<'_>, path: &str) -> Result<String, Exception> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let Some(content) = ctx.file(path).or_else(|| ctx.file(name)) else {
        let hint = format!("there is no file {name}: put it in place first");
        let class = "java.nio.file.NoSuchFileException";
        return Err(Exception { class, message: path.to_owned(), hint: Some(hint) });
    };
    Ok(String::from_utf8_lossy(&content).into_owned())
}

/// The field of an object, which must be there.
pub(crate) fn required<'a>(object: &'a Value, field: &str) -> Result<&'a Value, Exception> {
    let Some(fields) = object.as_object() else {
        return Err(Exception::mapping(format!("Expected JSON object, received {object}")));
    };
    let found = fields.get(field);
    found.ok_or_else(|| Exception::mapping(format!("No such field exists: `{field}`")))
}

/// The elements of a list.
pub(crate) fn list(value: &Value) -> Result<&[Value], Exception> {
    let expected = || Exception::mapping(format!("Expected JSON array, received {value}"));
    value.as_array().map(Vec::as_slice).ok_or_else(expected)
}

pub(crate) fn text(value: &Value) -> Result<&str, Exception> {
    let expected = || Exception::mapping(format!("Expected `String` value, received {value}"));
    value.as_str().ok_or_else(expected)
}

pub(crate) fn integer(value: &Value) -> Result<i32, Exception> {
    let number = value.as_i64().and_then(|number| i32::try_from(number).ok());
    number.ok_or_else(|| Exception::mapping(format!("Expected `Integer` value, received {value}")))
}
