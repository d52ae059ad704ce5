//! Lines of the header.

use highwater_shell::options::{Operands, Opt, parse, quote, suggest_duration};
use highwater_shell::words::{Split, Token, split_partial};

use super::cursor::{Cursor, Piece};
use super::{
    Cluster, Config, ConfigTarget, EngineVersion, FORMAT_VERSION, HeaderLine, Micros, ScriptError,
    StartTime,
};

/// The words that a line of the header begins with.
pub(super) const KEYWORDS: [&str; 6] =
    ["highwater", "engine", "seed", "start", "cluster", "config"];

const OPTIONS: [Opt; 8] = [
    Opt::integer("--brokers", "COUNT", (1, Cluster::MOST_BROKERS as i64), "How many brokers."),
    Opt::integer(
        "--controllers",
        "COUNT",
        (1, Cluster::MOST_CONTROLLERS as i64),
        "How many controllers.",
    ),
    Opt::flag("--combined", "The first brokers are the controllers too."),
    Opt::text("--racks", "A,B,C", "The racks of the brokers in turn."),
    Opt::duration("--latency", "TIME", "How long a message takes."),
    Opt::duration("--store-latency", "TIME", "How long the remote store takes to answer."),
    Opt::integer(
        "--store-bandwidth",
        "BYTES",
        (1, i64::MAX),
        "How many bytes the remote store sends or takes in a second.",
    ),
    Opt::integer(
        "--transaction-version",
        "LEVEL",
        (1, Cluster::LATEST_TRANSACTION_VERSION as i64),
        "The level of the feature transaction.version.",
    ),
];

/// Reads a line of the header. `in_header` is whether the header may still go on.
pub(super) fn header_line(
    line: &str,
    number: u32,
    in_header: bool,
) -> Result<HeaderLine, ScriptError> {
    let mut cursor = Cursor::new(line, number);
    let keyword = cursor.word();
    if !in_header && KEYWORDS.contains(&keyword.text) {
        let expected = "an entry such as @1.5s t1> kafka-topics.sh --list; the header stands before the first entry";
        return Err(cursor.wrong(keyword, expected));
    }
    let read = match keyword.text {
        "highwater" => format(&mut cursor, keyword, number)?,
        "engine" => {
            let word = cursor.word();
            let version = EngineVersion::parse(word.text);
            HeaderLine::Engine(
                version.ok_or_else(|| cursor.wrong(word, "a version such as 0.1.0"))?,
            )
        }
        "seed" => {
            let word = cursor.word();
            let expected = "a whole number from 0 to 18446744073709551615";
            HeaderLine::Seed(whole(word.text).ok_or_else(|| cursor.wrong(word, expected))?)
        }
        "start" => {
            let word = cursor.word();
            let expected = "a date and time in UTC such as 2026-01-05T09:00:00Z";
            let start = StartTime::parse(word.text).ok_or_else(|| cursor.wrong(word, expected))?;
            HeaderLine::Start(start)
        }
        "cluster" => return cluster(line, &cursor).map(HeaderLine::Cluster),
        "config" => return config(&mut cursor).map(HeaderLine::Config),
        _ => return Err(unknown(&cursor, keyword, number, in_header)),
    };
    cursor.end()?;
    Ok(read)
}

fn format(
    cursor: &mut Cursor<'_>,
    keyword: Piece<'_>,
    number: u32,
) -> Result<HeaderLine, ScriptError> {
    if number != 1 {
        return Err(cursor.wrong(keyword, "\"highwater\" only on the first line"));
    }
    let word = cursor.word();
    match whole::<u32>(word.text) {
        Some(FORMAT_VERSION) => Ok(HeaderLine::Format),
        Some(version) if version > FORMAT_VERSION => {
            let expected =
                format!("format {FORMAT_VERSION} (this one needs a newer Highwater to open)");
            Err(cursor.wrong(word, expected))
        }
        _ => {
            let mut error = cursor.wrong(word, "the version of the format");
            error.suggestion = Some(FORMAT_VERSION.to_string());
            Err(error)
        }
    }
}

fn cluster(line: &str, cursor: &Cursor<'_>) -> Result<Cluster, ScriptError> {
    let Split { tokens, comments, unclosed } = split_partial(line);
    if let Some(unclosed) = unclosed {
        let found = "the end of the line";
        return Err(cursor.wrong_at(unclosed.column, "this quote to be closed", found));
    }
    if let Some(comment) = comments.first() {
        let expected = "the end of the line; a comment stands on a line of its own";
        return Err(cursor.wrong_at(comment.start, expected, "a comment"));
    }
    let mut words = Vec::new();
    for token in tokens {
        match token {
            Token::Word(word) => words.push(word),
            Token::Operator { span, .. } => {
                let expected = "an option of the cluster";
                return Err(cursor.wrong_at(span.start, expected, "an operator"));
            }
        }
    }
    let given = parse(&OPTIONS, Operands::Refused, words.get(1..).unwrap_or_default());
    let given = given.map_err(|error| ScriptError {
        suggestion: error.suggestion,
        ..cursor.wrong_at(error.column, error.expected, error.found)
    })?;
    let count = |name, default| {
        let given = given.integer(name).and_then(|count| u8::try_from(count).ok());
        given.unwrap_or(default)
    };
    let default = Cluster::default();
    let brokers = count("--brokers", default.brokers);
    let column = |name| given.span(name).map_or(1, |span| span.start);
    let time = |name| match given.duration(name).map(Micros) {
        Some(time) if time > Micros::LATEST => {
            Err(cursor.wrong_at(column(name), "a time of 100 years at most", "more"))
        }
        time => Ok(time),
    };
    let (latency, store_latency) = (time("--latency")?, time("--store-latency")?);
    let store_bandwidth = given.integer("--store-bandwidth").map(i64::unsigned_abs);
    let racks = match given.text("--racks") {
        Some(text) => racks(text, brokers).map_err(|found| {
            let expected = format!(
                "up to {brokers} racks, one for each broker, such as a,b,c (letters, digits, '.', '_' and '-')"
            );
            cursor.wrong_at(column("--racks"), expected, found)
        })?,
        None => Vec::new(),
    };
    let controllers = count("--controllers", default.controllers);
    let combined = given.has("--combined");
    if combined && controllers > brokers {
        let expected = format!("at most {brokers} controllers, since each is one of the brokers");
        let found = controllers.to_string();
        return Err(cursor.wrong_at(column("--controllers"), expected, found));
    }
    let transaction_version = count("--transaction-version", default.transaction_version);
    Ok(Cluster {
        brokers,
        controllers,
        combined,
        racks,
        latency,
        store_latency,
        store_bandwidth,
        transaction_version,
    })
}

/// The racks in the text, else what was found instead.
fn racks(text: &str, brokers: u8) -> Result<Vec<String>, String> {
    let racks: Vec<&str> = text.split(',').collect();
    if racks.len() > usize::from(brokers) {
        return Err(format!("{} racks", racks.len()));
    }
    match racks.iter().find(|rack| !is_plain_name(rack)) {
        Some(&"") => Err("a rack without a name".to_owned()),
        Some(rack) => Err(format!("the rack {}", quote(rack))),
        None => Ok(racks.into_iter().map(str::to_owned).collect()),
    }
}

fn config(cursor: &mut Cursor<'_>) -> Result<Config, ScriptError> {
    let word = cursor.word();
    let target = match word.text {
        "*" => ConfigTarget::EveryBroker,
        id => {
            let id = whole(id).filter(|id| i32::try_from(*id).is_ok());
            let expected = "a broker's id such as 2, or * for every broker";
            ConfigTarget::Broker(id.ok_or_else(|| cursor.wrong(word, expected))?)
        }
    };
    let name = cursor.word_until(&['=']);
    let expected = "a setting such as replica.lag.time.max.ms=10000";
    if !is_plain_name(name.text) || !cursor.eat("=") {
        return Err(cursor.wrong(name, expected));
    }
    let value = if cursor.rest().starts_with('"') {
        cursor.json_string()?
    } else {
        let value = cursor.rest().trim_end_matches(super::cursor::is_blank);
        cursor.eat(value);
        value.to_owned()
    };
    cursor.end()?;
    Ok(Config { target, name: name.text.to_owned(), value })
}

fn unknown(cursor: &Cursor<'_>, word: Piece<'_>, number: u32, in_header: bool) -> ScriptError {
    let entry = "an entry such as @1.5s t1> kafka-topics.sh --list";
    // A time without its @ is an entry that was nearly right.
    if word.text.starts_with(|c: char| c.is_ascii_digit()) {
        let mut error = cursor.wrong(word, entry);
        let time = Micros::parse(word.text).map(|_| word.text.to_owned());
        let time = time.or_else(|| suggest_duration(word.text));
        error.suggestion = time.map(|time| format!("@{time}"));
        return error;
    }
    if !in_header {
        return cursor.wrong(word, entry);
    }
    if number == 1 {
        let expected = format!("\"highwater {FORMAT_VERSION}\" on the first line");
        return cursor.not_one_of(word, expected, &KEYWORDS);
    }
    let expected = format!("engine, seed, start, cluster, config, or {entry}");
    cursor.not_one_of(word, expected, &KEYWORDS[1..])
}

/// A number in digits alone: a sign would be a second way to write it.
pub(super) fn whole<N: std::str::FromStr>(text: &str) -> Option<N> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// What racks and settings may be called.
fn is_plain_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    !text.is_empty() && text.bytes().all(plain)
}
