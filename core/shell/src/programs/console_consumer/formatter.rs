//! How records are printed: the formatters of Kafka's tools.

use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::TopicPartition;
use highwater_cluster::log::Record;

use super::internal;
use crate::options::Given;
use crate::programs::clients::properties::{self, Properties, get};

/// What prints records.
#[derive(Clone, Debug)]
pub(crate) struct Formatter {
    kind: Kind,
    columns: Columns,
    key_separator: String,
    line_separator: String,
    headers_separator: String,
    null_literal: String,
    key: Deserializer,
    value: Deserializer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Default,
    /// As log lines.
    Logging,
    /// Nothing.
    NoOp,
    /// What the coordinators write.
    Internal(internal::Kind),
}

/// What of a record is printed.
#[derive(Clone, Copy, Debug)]
struct Columns {
    timestamp: bool,
    key: bool,
    value: bool,
    partition: bool,
    offset: bool,
    delivery: bool,
    epoch: bool,
    headers: bool,
}

/// How bytes become text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deserializer {
    Text,
    Integer,
    Long,
    Short,
}

impl Default for Formatter {
    fn default() -> Self {
        Self::new(None, &Vec::new()).expect("the formatter without settings is known")
    }
}

impl Formatter {
    /// The formatter that a console tool's options ask for. The outer error is what the tool ends with, the inner
    /// what it says before its usage.
    pub(crate) fn given(ctx: &Ctx<'_>, given: &Given) -> Result<Result<Self, String>, Vec<String>> {
        let options = ["--property", "--formatter-property"];
        let all = properties::all(ctx, given, &["--formatter-config"], &options);
        let mut all = all.map_err(|error| vec![error])?;
        for (option, name) in [
            ("--key-deserializer", "key.deserializer"),
            ("--value-deserializer", "value.deserializer"),
        ] {
            if let Some(class) = given.text(option) {
                all.push((name.to_owned(), class.to_owned()));
            }
        }
        Ok(Self::new(given.text("--formatter"), &all))
    }

    /// The formatter of a class with these settings. The error is what the tool says.
    pub(crate) fn new(class: Option<&str>, properties: &Properties) -> Result<Self, String> {
        let short = class
            .map_or("DefaultMessageFormatter", |class| class.rsplit('.').next().unwrap_or(class));
        let kind = match short {
            "DefaultMessageFormatter" => Kind::Default,
            "LoggingMessageFormatter" => Kind::Logging,
            "NoOpMessageFormatter" => Kind::NoOp,
            other => match internal::Kind::of_class(other) {
                Some(kind) => Kind::Internal(kind),
                None => return Err(class.unwrap_or_default().to_owned()),
            },
        };
        let is_true = |name, default| {
            get(properties, name).map_or(default, |text| text.trim().eq_ignore_ascii_case("true"))
        };
        let text = |name, default: &str| get(properties, name).unwrap_or(default).to_owned();
        Ok(Self {
            kind,
            columns: Columns {
                timestamp: is_true("print.timestamp", false),
                key: is_true("print.key", false),
                value: is_true("print.value", true),
                partition: is_true("print.partition", false),
                offset: is_true("print.offset", false),
                delivery: is_true("print.delivery", false),
                epoch: is_true("print.epoch", false),
                headers: is_true("print.headers", false),
            },
            key_separator: text("key.separator", "\t"),
            line_separator: text("line.separator", "\n"),
            headers_separator: text("headers.separator", ","),
            null_literal: text("null.literal", "null"),
            key: Deserializer::of_class(get(properties, "key.deserializer")),
            value: Deserializer::of_class(get(properties, "value.deserializer")),
        })
    }

    /// Prints a record.
    pub(super) fn print(&self, ctx: &mut Ctx<'_>, partition: &TopicPartition, record: &Record) {
        self.print_delivered(ctx, partition, record, None);
    }

    /// Prints a record, with how often it was delivered, where that is counted.
    pub(crate) fn print_delivered(
        &self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        record: &Record,
        delivery: Option<i16>,
    ) {
        let text = match self.kind {
            Kind::NoOp => return,
            Kind::Internal(kind) => match internal::format(kind, record) {
                Some(text) => return ctx.print(&text),
                None => return,
            },
            Kind::Default | Kind::Logging => self.line(partition, record, delivery),
        };
        if self.kind == Kind::Logging {
            let at = crate::java::log_time(ctx.timestamp());
            let key = self.text(record.key.as_deref(), self.key);
            let value = self.text(record.value.as_deref(), self.value);
            let partition = partition.partition;
            return ctx.print(&format!(
                "[{at}] INFO CreateTime:{}, key:{key}, value:{value}, partition:{partition} \
                 (org.apache.kafka.tools.consumer.LoggingMessageFormatter)",
                record.timestamp.0
            ));
        }
        // Without a value there is no end of the line either.
        match text.strip_suffix('\n') {
            Some(line) => line.split('\n').for_each(|line| ctx.print(line)),
            None => ctx.print_open(&text),
        }
    }

    fn line(&self, partition: &TopicPartition, record: &Record, delivery: Option<i16>) -> String {
        let Columns { timestamp, key, value, .. } = self.columns;
        let mut columns = Vec::new();
        if timestamp {
            columns.push(format!("CreateTime:{}", record.timestamp.0));
        }
        if self.columns.partition {
            columns.push(format!("Partition:{}", partition.partition));
        }
        if self.columns.offset {
            columns.push(format!("Offset:{}", record.offset.0));
        }
        if self.columns.delivery {
            let count = delivery.map_or("NOT_PRESENT".to_owned(), |count| count.to_string());
            columns.push(format!("Delivery:{count}"));
        }
        if self.columns.epoch {
            columns.push("Epoch:NOT_PRESENT".to_owned());
        }
        if self.columns.headers {
            let headers = record.headers.iter().map(|header| {
                let value = self.text(header.value.as_deref(), Deserializer::Text);
                format!("{}:{value}", String::from_utf8_lossy(&header.key))
            });
            let headers: Vec<String> = headers.collect();
            columns.push(match headers.is_empty() {
                true => "NO_HEADERS".to_owned(),
                false => headers.join(&self.headers_separator),
            });
        }
        if key {
            columns.push(self.text(record.key.as_deref(), self.key));
        }
        if value {
            columns.push(self.text(record.value.as_deref(), self.value));
        }
        format!("{}{}", columns.join(&self.key_separator), self.line_separator)
    }

    fn text(&self, bytes: Option<&[u8]>, deserializer: Deserializer) -> String {
        let Some(bytes) = bytes else { return self.null_literal.clone() };
        let number = match deserializer {
            Deserializer::Text => None,
            Deserializer::Short => bytes.try_into().ok().map(|b| i64::from(i16::from_be_bytes(b))),
            Deserializer::Integer => {
                bytes.try_into().ok().map(|b| i64::from(i32::from_be_bytes(b)))
            }
            Deserializer::Long => bytes.try_into().ok().map(i64::from_be_bytes),
        };
        number.map_or_else(|| String::from_utf8_lossy(bytes).into_owned(), |n| n.to_string())
    }
}

impl Deserializer {
    fn of_class(class: Option<&str>) -> Self {
        match class.and_then(|class| class.rsplit('.').next()) {
            Some("IntegerDeserializer") => Self::Integer,
            Some("LongDeserializer") => Self::Long,
            Some("ShortDeserializer") => Self::Short,
            _ => Self::Text,
        }
    }
}
