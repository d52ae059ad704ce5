//! What differs from run to run is masked, as the recordings say.

use serde_json::Value;

/// Stands for the version of Kafka, which the recordings and Highwater each have their own of.
const VERSION: &str = "VERSION";

/// Stand for the id of a group's member, and for a host.
const MEMBER: &str = "MEMBER";
const HOST: &str = "HOST";

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
    /// Offsets of partitions, of which the sum is held: keyless records go to a partition that is drawn.
    sums: bool,
}

impl Masks {
    /// The masks of a command.
    pub(super) fn of(file: &str, step: &Value) -> Self {
        let tool = step["tool"].as_str().unwrap_or_default();
        let reads = matches!(tool, "kafka-console-consumer" | "kcat");
        let is_limited = step["args"].to_string().contains("--max-messages");
        Self {
            placement: matches!(file, "basic" | "cheatsheet"),
            order: reads
                || matches!(tool, "kafka-groups" | "kafka-broker-api-versions")
                || is_table_of_members(step)
                || step["args"].to_string().contains("--list"),
            partitions: reads && is_limited,
            rates: tool.contains("perf-test"),
            sums: file == "cheatsheet" && tool == "kafka-get-offsets",
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
    if masks.sums {
        lines = summed(&lines);
    }
    lines.join("\n").trim_end().to_owned()
}

/// Members of a group are told in the order of their ids, which are drawn.
fn is_table_of_members(step: &Value) -> bool {
    let arguments = step["args"].to_string();
    step["tool"] == "kafka-consumer-groups" && arguments.contains("--members")
}

/// `topic:partition:offset` of all partitions as one line for the topic.
fn summed(lines: &[String]) -> Vec<String> {
    let mut sums: Vec<(String, usize, i64)> = Vec::new();
    for line in lines {
        let offset = line.rsplit_once(':').and_then(|(_, offset)| offset.parse::<i64>().ok());
        let topic = line.split(':').next().unwrap_or(line).to_owned();
        match sums.iter_mut().find(|(known, ..)| *known == topic) {
            Some((_, partitions, sum)) => {
                *partitions += 1;
                *sum += offset.unwrap_or(0);
            }
            None => sums.push((topic, 1, offset.unwrap_or(0))),
        }
    }
    let line = |(topic, partitions, sum)| format!("{topic}: {partitions} partitions, {sum}");
    sums.into_iter().map(line).collect()
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
    if line.starts_with("Cluster ID: ") {
        return "Cluster ID: *".to_owned();
    }
    let words: Vec<String> = line.split(' ').map(word_masked).collect();
    // A column is as wide as what stands in it: hosts and ids of members differ in their length.
    let is_table = words.iter().any(|word| matches!(word.as_str(), HOST | MEMBER | "CONSUMER-ID"))
        || words.iter().any(|word| word == "COORDINATOR");
    if is_table {
        let words = words.iter().filter(|word| !word.is_empty());
        // Which broker coordinates a group follows from where its partition was placed.
        let is_id = |word: &str| word.starts_with('(') && word.ends_with(')');
        let words = words.map(|word| if is_id(word) && word != "(ID)" { "(*)" } else { word });
        return words.collect::<Vec<_>>().join(" ");
    }
    words.join(" ")
}

/// A member's id: what a UUID stands in, with the client's id before it, or 22 characters of base64.
fn member_masked(word: &str) -> Option<String> {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(at) = word.len().checked_sub(36)
        && let Some(uuid) = word.get(at..)
        && uuid.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && uuid.split('-').all(is_hex)
    {
        return Some(MEMBER.to_owned());
    }
    let is_id = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let is_mixed = word.bytes().any(|byte| byte.is_ascii_uppercase())
        && word.bytes().any(|byte| byte.is_ascii_lowercase());
    (word.len() == 22 && is_mixed && word.bytes().all(is_id)).then(|| MEMBER.to_owned())
}

/// The host of a member or a broker: `/10.0.0.1`, `localhost:9092`, `broker1:9092`.
fn host_masked(word: &str) -> Option<String> {
    let is_address = word.strip_prefix('/').is_some_and(|rest| {
        rest.split('.').count() == 4 && rest.split('.').all(|part| part.parse::<u8>().is_ok())
    });
    let (host, port) = word.trim_end_matches(',').split_once(':').unwrap_or((word, ""));
    let is_broker = matches!(host, "localhost" | "127.0.0.1")
        || host.strip_prefix("broker").is_some_and(|id| id.parse::<u32>().is_ok());
    let is_server = is_broker && port.parse::<u16>().is_ok();
    (is_address || is_server).then(|| HOST.to_owned())
}

/// A line of `--describe` without the topic's id and its placement.
fn columns_masked(line: &str, masks: Masks) -> String {
    // No command says where the partitions of this one are placed.
    let placement = masks.placement || line.contains("Topic: __consumer_offsets\t");
    let columns = line.split('\t').map(|column| match column.split_once(": ") {
        Some(("TopicId", _)) => "TopicId: *".to_owned(),
        Some(("Leader", leader)) if placement && leader != "none" => "Leader: *".to_owned(),
        Some((name @ ("Replicas" | "Isr"), brokers)) if placement => {
            format!("{name}: {} brokers", brokers.split(',').count())
        }
        _ => column.to_owned(),
    });
    columns.collect::<Vec<_>>().join("\t")
}

fn word_masked(word: &str) -> String {
    if let Some(masked) = member_masked(word).or_else(|| host_masked(word)) {
        return masked;
    }
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
