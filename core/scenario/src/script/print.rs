//! Lines of a script as text, each in its one canonical form.

use std::borrow::Cow;
use std::fmt::{self, Write};

use bytes::Bytes;
use highwater_shell::options::print_duration;

use super::encoding::{hex, print_base64};
use super::{
    Action, ClientEvent, Cluster, Config, ConfigTarget, Entry, FORMAT_VERSION, FileContent,
    FileName, HeaderLine, Item, Signal,
};

/// Adds an item with its line ends. `base64` is whether a file's content is written so even if it is text.
pub(super) fn item(item: &Item, base64: bool, out: &mut String) {
    // Writing to a string does not fail.
    let _ = match item {
        Item::Header(line) => header(line, out),
        Item::Entry(line) => entry(line, base64, out),
        Item::Comment(text) | Item::Malformed { text, .. } => writeln!(out, "{text}"),
        Item::Blank => writeln!(out),
    };
}

fn header(line: &HeaderLine, out: &mut String) -> fmt::Result {
    match line {
        HeaderLine::Format => writeln!(out, "highwater {FORMAT_VERSION}"),
        HeaderLine::Engine(version) => writeln!(out, "engine {version}"),
        HeaderLine::Seed(seed) => writeln!(out, "seed {seed}"),
        HeaderLine::Start(start) => writeln!(out, "start {start}"),
        HeaderLine::Cluster(line) => cluster(line, out),
        HeaderLine::Config(line) => config(line, out),
    }
}

fn cluster(cluster: &Cluster, out: &mut String) -> fmt::Result {
    let default = Cluster::default();
    write!(out, "cluster --brokers {}", cluster.brokers)?;
    if cluster.controllers != default.controllers {
        write!(out, " --controllers {}", cluster.controllers)?;
    }
    if cluster.combined {
        write!(out, " --combined")?;
    }
    if !cluster.racks.is_empty() {
        write!(out, " --racks {}", cluster.racks.join(","))?;
    }
    if let Some(latency) = cluster.latency {
        write!(out, " --latency {}", print_duration(latency.0))?;
    }
    if let Some(latency) = cluster.store_latency {
        write!(out, " --store-latency {}", print_duration(latency.0))?;
    }
    if let Some(bandwidth) = cluster.store_bandwidth {
        write!(out, " --store-bandwidth {bandwidth}")?;
    }
    if cluster.transaction_version != default.transaction_version {
        write!(out, " --transaction-version {}", cluster.transaction_version)?;
    }
    writeln!(out)
}

fn config(config: &Config, out: &mut String) -> fmt::Result {
    let Config { target, name, value } = config;
    match target {
        ConfigTarget::EveryBroker => write!(out, "config * {name}=")?,
        ConfigTarget::Broker(id) => write!(out, "config {id} {name}=")?,
    }
    let blank_at_the_end = value.ends_with(super::cursor::is_blank);
    if has_control(value) || blank_at_the_end || value.starts_with('"') {
        writeln!(out, "{}", json(value))
    } else {
        writeln!(out, "{value}")
    }
}

fn entry(entry: &Entry, base64: bool, out: &mut String) -> fmt::Result {
    write!(out, "@{} ", entry.at)?;
    match &entry.action {
        Action::Command { terminal, line } => typed(terminal.as_str(), '>', line, out),
        Action::Input { terminal, text } => typed(terminal.as_str(), '<', text, out),
        Action::EndOfInput { terminal } => writeln!(out, "{terminal} eof"),
        Action::Signal { terminal, signal } => {
            writeln!(out, "{terminal} signal {}", Signal::name(*signal))
        }
        Action::File { name, content } => file(name, content, base64, out),
        Action::Client { name, event } => match event {
            ClientEvent::Connect(broker) => writeln!(out, "client {name} connect {broker}"),
            ClientEvent::Bytes(bytes) if bytes.is_empty() => writeln!(out, "client {name} bytes"),
            ClientEvent::Bytes(bytes) => writeln!(out, "client {name} bytes {}", hex(bytes)),
            ClientEvent::Close => writeln!(out, "client {name} close"),
        },
        Action::Until => writeln!(out, "run"),
    }
}

/// How long an entry is as text, in bytes.
pub(super) fn length(line: &Entry) -> usize {
    let mut text = String::new();
    // What a client sent may be large, and comes often: its digits are counted, not written.
    let digits = match &line.action {
        Action::Client { name, event: ClientEvent::Bytes(bytes) } if !bytes.is_empty() => {
            let event = ClientEvent::Bytes(Bytes::new());
            let action = Action::Client { name: name.clone(), event };
            let _ = entry(&Entry { action, ..*line }, false, &mut text);
            1 + 2 * bytes.len()
        }
        _ => {
            let _ = entry(line, false, &mut text);
            0
        }
    };
    text.len() + digits
}

fn typed(terminal: &str, mark: char, text: &str, out: &mut String) -> fmt::Result {
    if has_control(text) {
        writeln!(out, "{terminal}{mark}{mark} {}", json(text))
    } else if text.is_empty() {
        writeln!(out, "{terminal}{mark}")
    } else {
        writeln!(out, "{terminal}{mark} {text}")
    }
}

fn file(name: &FileName, content: &FileContent, base64: bool, out: &mut String) -> fmt::Result {
    let text = name.as_str();
    let odd = |c: char| c.is_whitespace() || c.is_control();
    let name = if text.contains(odd) || text.starts_with('"') {
        Cow::Owned(json(text))
    } else {
        Cow::Borrowed(text)
    };
    let bytes = match content {
        FileContent::ByHash { sha256, len } => {
            return writeln!(out, "file {name} sha256:{} {len}", hex(sha256));
        }
        FileContent::Inline(bytes) => bytes,
    };
    let Some(text) = as_lines(bytes).filter(|_| !base64) else {
        writeln!(out, "file {name} <<END base64")?;
        print_base64(bytes, out);
        return writeln!(out, "END");
    };
    let delimiter = delimiter(text);
    if text.is_empty() || text.ends_with('\n') {
        writeln!(out, "file {name} <<{delimiter}")?;
        out.push_str(text);
    } else {
        writeln!(out, "file {name} <<{delimiter} no-newline")?;
        writeln!(out, "{text}")?;
    }
    writeln!(out, "{delimiter}")
}

/// The bytes as text, unless they are none, or a line of it would lose the carriage return at its end when it is read.
pub(super) fn as_lines(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let returns = text.contains("\r\n") || text.ends_with('\r');
    (!returns).then_some(text)
}

/// `END`, or the first of `END1`, `END2`, ... that is not a line of the text.
fn delimiter(text: &str) -> String {
    // Each line rules out at most one of them: a number from 0 to the count of such lines is free.
    let taken: std::collections::BTreeSet<&str> =
        text.split('\n').filter(|line| line.starts_with("END")).collect();
    let candidates = (1..=taken.len()).map(|number| format!("END{number}"));
    std::iter::once("END".to_owned())
        .chain(candidates)
        .find(|candidate| !taken.contains(candidate.as_str()))
        .unwrap_or_else(|| "END0".to_owned())
}

/// A tab is kept as it is: it separates a key from its value in what people type.
fn has_control(text: &str) -> bool {
    text.contains(|c: char| c.is_control() && c != '\t')
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
