//! Metrics as Prometheus reads them: its text exposition format, with the names that the example rules of
//! the JMX exporter for Kafka make.

use std::collections::BTreeMap;
use std::fmt::Write;

use highwater_cluster::time::Span;

use super::kind::{Metric, Style};
use super::readings::{Reading, Value, millis};

/// The percentiles that are told, in thousandths, with what Prometheus calls them.
const QUANTILES: [(u64, &str); 5] =
    [(500, "0.5"), (750, "0.75"), (950, "0.95"), (990, "0.99"), (999, "0.999")];

/// The readings in Prometheus' text format. The process stands in the label `instance`, where Prometheus
/// itself puts the address that it asked.
pub fn exposition(readings: &[Reading]) -> String {
    // All of a family stand together, however the processes were asked.
    let mut families: BTreeMap<String, (&Metric, Vec<&Reading>)> = BTreeMap::new();
    for reading in readings {
        let family = families.entry(family_name(reading.metric));
        family.or_insert_with(|| (reading.metric, Vec::new())).1.push(reading);
    }
    let mut text = String::new();
    for (name, (metric, readings)) in &families {
        let meaning = escaped(metric.meaning, false);
        line(&mut text, format_args!("# HELP {name} {meaning}"));
        line(&mut text, format_args!("# TYPE {name} {}", family_type(metric)));
        readings.iter().for_each(|reading| samples(&mut text, name, reading));
    }
    text
}

fn samples(text: &mut String, name: &str, reading: &Reading) {
    let labels = labels(reading);
    match &reading.value {
        Value::Number(number) => line(text, format_args!("{name}{{{labels}}} {number}")),
        Value::Meter { count, .. } => line(text, format_args!("{name}{{{labels}}} {count}")),
        Value::Histogram(durations) => {
            for (per_mille, quantile) in QUANTILES {
                let said = match durations.count() {
                    0 => "NaN".to_owned(),
                    _ => millis(durations.percentile(per_mille)).to_string(),
                };
                line(text, format_args!("{name}{{{labels},quantile=\"{quantile}\"}} {said}"));
            }
            let Span(sum) = durations.sum();
            let sum = millis(Span(sum));
            line(text, format_args!("{name}_sum{{{labels}}} {sum}"));
            line(text, format_args!("{name}_count{{{labels}}} {}", durations.count()));
        }
    }
}

/// The name of a metric: `kafka_server_replicamanager_underreplicatedpartitions`, or with a meter's
/// `PerSec` gone, `kafka_server_brokertopicmetrics_messagesin_total`.
fn family_name(metric: &Metric) -> String {
    let own = match metric.style {
        Style::Meter => metric.name.strip_suffix("PerSec").unwrap_or(metric.name),
        _ => metric.name,
    };
    let end = if metric.style == Style::Meter { "_total" } else { "" };
    let name = format!("{}_{}_{own}{end}", metric.domain, metric.mbean_type);
    name.chars()
        .map(
            |letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' },
        )
        .collect()
}

fn family_type(metric: &Metric) -> &'static str {
    match metric.style {
        Style::Meter => "counter",
        Style::Attribute if metric.name.ends_with("-total") => "counter",
        Style::Gauge | Style::Attribute => "gauge",
        Style::Histogram => "summary",
    }
}

fn labels(reading: &Reading) -> String {
    let mut labels = format!("instance=\"{}\"", escaped(&reading.process, true));
    for (tag, value) in &reading.tags {
        let tag = tag.to_ascii_lowercase().replace('-', "_");
        let _ = write!(labels, ",{tag}=\"{}\"", escaped(value, true));
    }
    labels
}

/// Text with what would end it escaped: a label's value ends with a quotation mark, a help text does not.
fn escaped(text: &str, is_label: bool) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\n', "\\n");
    if is_label { escaped.replace('"', "\\\"") } else { escaped }
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    text.write_fmt(line).expect("a string takes whatever is written to it");
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::kind;
    use crate::metrics::{Durations, Thousandths};

    fn reading(metric: &'static Metric, process: &str, value: Value) -> Reading {
        Reading { process: process.into(), metric, tags: Vec::new(), value }
    }

    #[test]
    fn families_stand_together_and_labels_are_escaped() {
        let mut meter = reading(&kind::MESSAGES_IN, "a\"b\\c\nd", Value::whole(0_u64));
        meter.value = Value::Meter { count: 7, one_minute_rate: Thousandths(1_500) };
        meter.tags = vec![("topic", "orders".to_owned())];
        let gauge = |process| reading(&kind::PURGATORY_SIZE, process, Value::whole(1_u64));
        let mut took = Durations::default();
        took.add(Span(1_500), 2);
        let histogram = reading(&kind::TOTAL_TIME, "broker1", Value::Histogram(took));
        let text = exposition(&[gauge("broker1"), meter, histogram, gauge("broker2")]);
        let told: Vec<&str> = text.lines().filter(|line| !line.starts_with("# HELP")).collect();
        assert_eq!(
            told,
            [
                "# TYPE kafka_network_requestmetrics_totaltimems summary",
                "kafka_network_requestmetrics_totaltimems{instance=\"broker1\",quantile=\"0.5\"} 1.488",
                "kafka_network_requestmetrics_totaltimems{instance=\"broker1\",quantile=\"0.75\"} 1.488",
                "kafka_network_requestmetrics_totaltimems{instance=\"broker1\",quantile=\"0.95\"} 1.488",
                "kafka_network_requestmetrics_totaltimems{instance=\"broker1\",quantile=\"0.99\"} 1.488",
                "kafka_network_requestmetrics_totaltimems{instance=\"broker1\",quantile=\"0.999\"} 1.488",
                "kafka_network_requestmetrics_totaltimems_sum{instance=\"broker1\"} 3",
                "kafka_network_requestmetrics_totaltimems_count{instance=\"broker1\"} 2",
                "# TYPE kafka_server_brokertopicmetrics_messagesin_total counter",
                "kafka_server_brokertopicmetrics_messagesin_total{instance=\"a\\\"b\\\\c\\nd\",topic=\"orders\"} 7",
                "# TYPE kafka_server_delayedoperationpurgatory_purgatorysize gauge",
                "kafka_server_delayedoperationpurgatory_purgatorysize{instance=\"broker1\"} 1",
                "kafka_server_delayedoperationpurgatory_purgatorysize{instance=\"broker2\"} 1",
            ]
        );
    }
}
