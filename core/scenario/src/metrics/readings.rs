//! What JMX would answer: a metric, the process that has it, its tags, and its value.

use std::fmt;
use std::sync::Arc;

use highwater_cluster::time::Span;

use super::durations::Durations;
use super::kind::{Metric, Style};
use super::meter::Meter;
use super::number::Thousandths;

/// A metric of a process, as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The process that would be asked, such as `broker1`, or `p1`.
    pub process: Arc<str>,
    /// Which metric.
    pub metric: &'static Metric,
    /// The further keys of its MBean, such as a topic, in Kafka's order.
    pub tags: Vec<(&'static str, String)>,
    /// Its value.
    pub value: Value,
}

/// The value of a metric.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Of a gauge or an attribute.
    Number(Thousandths),
    /// Of a meter: its count, and its rate of one minute, per second.
    Meter {
        /// `Count`.
        count: u64,
        /// `OneMinuteRate`.
        one_minute_rate: Thousandths,
    },
    /// Of a histogram of milliseconds.
    Histogram(Durations),
}

impl Reading {
    /// The name of its MBean, as a JMX browser shows it: `kafka.server:type=..,name=..,topic=..`.
    pub fn mbean(&self) -> String {
        let Metric { domain, mbean_type, name, style, .. } = self.metric;
        let mut mbean = format!("{domain}:type={mbean_type}");
        if *style != Style::Attribute {
            mbean.push_str(&format!(",name={name}"));
        }
        for (tag, value) in &self.tags {
            mbean.push_str(&format!(",{tag}={}", quoted(value)));
        }
        mbean
    }

    /// The attribute of the MBean that [`value`](Self::value) is first of all.
    pub fn attribute(&self) -> &'static str {
        match self.metric.style {
            Style::Meter | Style::Histogram => "Count",
            Style::Gauge => "Value",
            Style::Attribute => self.metric.name,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(number) => write!(f, "{number}"),
            Value::Meter { count, one_minute_rate } => {
                write!(f, "{count}, {one_minute_rate} per second over a minute")
            }
            Value::Histogram(durations) => {
                let [p50, p95, p99] =
                    [500, 950, 990].map(|part| millis(durations.percentile(part)));
                write!(f, "{}, p50 {p50} ms, p95 {p95} ms, p99 {p99} ms", durations.count())
            }
        }
    }
}

impl Value {
    pub(super) fn whole(number: impl TryInto<u64>) -> Self {
        Value::Number(Thousandths::whole(number.try_into().unwrap_or(0)))
    }

    pub(super) fn meter(meter: &Meter) -> Self {
        Value::Meter { count: meter.count, one_minute_rate: meter.one_minute_rate() }
    }
}

/// Collects the readings of one process.
pub(super) struct Reader {
    process: Arc<str>,
    pub(super) readings: Vec<Reading>,
}

impl Reader {
    pub(super) fn new(process: impl Into<Arc<str>>) -> Self {
        Self { process: process.into(), readings: Vec::new() }
    }

    pub(super) fn say(
        &mut self,
        metric: &'static Metric,
        tags: &[(&'static str, String)],
        value: Value,
    ) {
        let process = self.process.clone();
        self.readings.push(Reading { process, metric, tags: tags.to_vec(), value });
    }

    /// A whole number without tags.
    pub(super) fn count(&mut self, metric: &'static Metric, number: usize) {
        self.say(metric, &[], Value::whole(number));
    }
}

/// A length in milliseconds.
pub(super) fn millis(span: Span) -> Thousandths {
    Thousandths(i64::try_from(span.0).unwrap_or(i64::MAX))
}

/// A value of a key of an MBean: quoted where JMX demands it.
fn quoted(value: &str) -> String {
    if !value.contains([',', '=', ':', '"', '*', '?', '\n']) {
        return value.to_owned();
    }
    let mut quoted = String::from("\"");
    for letter in value.chars() {
        match letter {
            '"' | '*' | '?' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}
