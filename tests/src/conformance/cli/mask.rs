//! What differs from run to run is masked, as the recordings say.

use serde_json::Value;

/// Stands for the version of Kafka, which the recordings and Highwater each have their own of.
const VERSION: &str = "VERSION";

/// What is masked beyond ids and times.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Masks {
    /// Where replicas were placed, which begins at a broker that is drawn.
    placement: bool,
    /// The order of lines: that of partitions that are read at once, and of groups.
    order: bool,
    /// Numbers of offsets and partitions: keyless records go to a partition that is drawn.
    partitions: bool,
    /// Rates and latencies.
    rates: bool,
}

impl Masks {
    /// The masks of a command.
    pub(super) fn of(file: &str, step: &Value) -> Self {
        let tool = step["tool"].as_str().unwrap_or_default();
        let reads = matches!(tool, "kafka-console-consumer" | "kcat");
        let is_limited = step["args"].to_string().contains("--max-messages");
        Self {
            placement: matches!(file, "basic" | "cheatsheet"),
            order: reads || tool == "kafka-groups" || step["args"].to_string().contains("--list"),
            partitions: reads && is_limited,
            rates: tool.contains("perf-test"),
        }
    }
}

/// The text with what differs from run to run replaced by `*`.
pub(super) fn masked(text: &str, masks: Masks) -> String {
    let text = text.replace("\r\n", "\n");
    let lines = text.lines().filter(|line| !line.starts_with("\tat "));
    let mut lines: Vec<String> = lines.map(|line| line_masked(line, masks)).collect();
    if masks.order {
        lines.sort();
    }
    if masks.partitions {
        // Which records are the first is as open as the order.
        lines = vec![format!("{} lines", lines.len())];
    }
    lines.join("\n").trim_end().to_owned()
}

fn line_masked(line: &str, masks: Masks) -> String {
    // In KRaft brokers name any broker as the controller.
    let line = &line.replace(" (controller)", "");
    if let Some((before, after)) = line.split_once("\"controllerid\":") {
        let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
        return line_masked(&format!("{before}\"controller\":*{rest}"), masks);
    }
    let line = columns_masked(line, masks);
    if masks.rates && line.contains("records/sec") {
        let mut words: Vec<&str> = line.split(' ').collect();
        let first = words.first().copied().unwrap_or_default().to_owned();
        for word in &mut words {
            if word.trim_matches(['(', ',']).parse::<f64>().is_ok() {
                *word = "*";
            }
        }
        return format!("{first} {}", words.join(" "));
    }
    let words: Vec<String> = line.split(' ').map(word_masked).collect();
    words.join(" ")
}

/// A line of `--describe` without the topic's id, its placement, and a setting of the recorded brokers that
/// changes a default of every topic.
fn columns_masked(line: &str, masks: Masks) -> String {
    let columns = line.split('\t').map(|column| match column.split_once(": ") {
        Some(("TopicId", _)) => "TopicId: *".to_owned(),
        Some(("Configs", configs)) => {
            let own = configs.split(',').filter(|config| *config != "file.delete.delay.ms=1000");
            format!("Configs: {}", own.collect::<Vec<_>>().join(","))
        }
        Some(("Leader", leader)) if masks.placement && leader != "none" => "Leader: *".to_owned(),
        Some((name @ ("Replicas" | "Isr"), brokers)) if masks.placement => {
            format!("{name}: {} brokers", brokers.split(',').count())
        }
        _ => column.to_owned(),
    });
    columns.collect::<Vec<_>>().join("\t")
}

fn word_masked(word: &str) -> String {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).count();
    if let Some((before, after)) = word.split_once("CreateTime:") {
        let rest = after.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
        return format!("{before}CreateTime:*{rest}");
    }
    // `[2026-11-21` and `02:30:52,369]`
    let is_date = word.starts_with("[20") && word.len() == 11 && digits(word) == 8;
    let is_time = word.ends_with(']') && word.len() == 13 && digits(word) == 9;
    if is_date || is_time {
        return "*".to_owned();
    }
    // Seconds before the dot, of librdkafka's log: `%3|1795229429.822|FAIL|`
    if word.starts_with('%')
        && let [level, at, rest @ ..] = word.split('|').collect::<Vec<_>>().as_slice()
        && digits(at) > 9
    {
        return format!("{level}|*|{}", rest.join("|"));
    }
    if let Some((before, after)) = word.split_once("console-consumer-") {
        let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
        if rest.len() < after.len() {
            return format!("{before}console-consumer-*{rest}");
        }
    }
    masked_numbers(word)
}

/// Epoch milliseconds, ports of servers, and uuids.
fn masked_numbers(word: &str) -> String {
    let mut masked = String::new();
    let mut rest = word;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let digits =
            rest[start..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - start);
        masked.push_str(&rest[..start]);
        let number = &rest[start..start + digits];
        let is_port = digits >= 4 && masked.ends_with(':') && masked.contains(['.', 'l']);
        masked.push_str(if digits == 13 || is_port { "*" } else { number });
        rest = &rest[start + digits..];
    }
    masked.push_str(rest);
    let masked = masked.replace("8.5.0-0-ccs", VERSION).replace("4.5.0-SNAPSHOT", VERSION);
    masked.replace("127.0.0.1", "localhost").replace("/localhost", "localhost")
}
