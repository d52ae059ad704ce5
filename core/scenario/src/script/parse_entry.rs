//! Lines that hold an entry.

use bytes::Bytes;
use highwater_shell::options::{parse_duration, suggest_duration};

use super::block::{Block, Form, is_delimiter};
use super::cursor::{Cursor, Piece};
use super::encoding::unhex;
use super::parse_header::whole;
use super::{Action, ClientEvent, FileContent, FileName, Micros, Name, ScriptError, Signal};

/// What an entry's line says.
pub(super) enum Draft {
    /// All of it.
    Whole(Action),
    /// A file whose content follows in lines of its own.
    Block { name: FileName, block: Block },
}

const EVENTS: [&str; 3] = ["connect", "bytes", "close"];
const FORMS: [&str; 2] = ["base64", "no-newline"];

/// Reads a line that starts with `@`.
pub(super) fn entry_line(line: &str, number: u32) -> Result<(Micros, Draft), ScriptError> {
    let mut cursor = Cursor::new(line, number);
    let at = time(&mut cursor)?;
    let word = cursor.word_until(&['<', '>']);
    let draft = match word.text {
        _ if cursor.rest().starts_with(['<', '>']) => {
            Draft::Whole(terminal_text(&mut cursor, word)?)
        }
        "file" => file(&mut cursor)?,
        "client" => Draft::Whole(client(&mut cursor)?),
        "run" => {
            cursor.end()?;
            Draft::Whole(Action::Until)
        }
        _ => Draft::Whole(terminal_event(&mut cursor, word)?),
    };
    Ok((at, draft))
}

/// The block that a line announces at its end, if it does: also of a line that is malformed otherwise.
pub(super) fn announced_block(line: &str) -> Option<&str> {
    // Where there is a terminal, `<<` belongs to what is typed on it.
    if line.contains('>') {
        return None;
    }
    let (_, after) = line.rsplit_once("<<")?;
    let delimiter = after.split(super::cursor::is_blank).next()?;
    is_delimiter(delimiter).then_some(delimiter)
}

fn time(cursor: &mut Cursor<'_>) -> Result<Micros, ScriptError> {
    cursor.skip_blanks();
    cursor.eat("@");
    // A blank after the @ means that the time is missing, not that it comes later.
    let missing = cursor.rest().starts_with(super::cursor::is_blank);
    let at = cursor.place();
    let word = if missing { Piece { text: "", at } } else { cursor.word() };
    Micros::parse(word.text).ok_or_else(|| {
        let mut error = cursor.wrong(word, "a time such as 1.5s");
        if missing {
            error.found = "a blank".to_owned();
        } else if parse_duration(word.text).is_some() {
            error.expected = format!("a time up to {}", Micros::LATEST);
        } else {
            error.suggestion = suggest_duration(word.text);
        }
        error
    })
}

/// `t1> line`, `t1< text`, and doubled with JSON.
fn terminal_text(cursor: &mut Cursor<'_>, word: Piece<'_>) -> Result<Action, ScriptError> {
    let terminal = name(cursor, word, "terminal")?;
    let command = cursor.eat(">");
    let mark = if command { ">" } else { "<" };
    if !command {
        cursor.eat("<");
    }
    let text = if cursor.eat(mark) {
        let text = cursor.json_string()?;
        cursor.end()?;
        text
    } else {
        cursor.eat(" ");
        cursor.rest().to_owned()
    };
    Ok(if command {
        let line = text;
        Action::Command { terminal, line }
    } else {
        Action::Input { terminal, text }
    })
}

/// `t1 eof`, `t1 signal INT`.
fn terminal_event(cursor: &mut Cursor<'_>, word: Piece<'_>) -> Result<Action, ScriptError> {
    let after = cursor.word_until(&['<', '>']);
    if after.text.is_empty() || !matches!(after.text, "eof" | "signal") {
        return Err(no_such_entry(cursor, word, after));
    }
    let terminal = name(cursor, word, "terminal")?;
    if after.text == "eof" {
        cursor.end()?;
        return Ok(Action::EndOfInput { terminal });
    }
    let word = cursor.word();
    let Some(signal) = Signal::from_name(word.text) else {
        let names = Signal::ALL.map(Signal::name);
        return Err(cursor.not_one_of(word, "a signal: INT, TERM or KILL", &names));
    };
    cursor.end()?;
    Ok(Action::Signal { terminal, signal })
}

/// The word after the time, or the one after that, is not right: says which is the likelier.
fn no_such_entry(cursor: &Cursor<'_>, word: Piece<'_>, after: Piece<'_>) -> ScriptError {
    let expected = "t1> and a command, t1< and input, t1 eof, t1 signal INT, file, client or run";
    let keyword = cursor.not_one_of(word, expected, &Name::RESERVED);
    if keyword.suggestion.is_some() || Name::new(word.text).is_none() {
        return keyword;
    }
    let expected = format!("eof, signal, or > right after {}", word.text);
    let mut error = cursor.not_one_of(after, expected, &["eof", "signal"]);
    if after.text.is_empty() && cursor.rest().starts_with(['<', '>']) {
        let mark: String = cursor.rest().chars().take(1).collect();
        error.found = format!("a blank before {mark}");
        error.suggestion = Some(format!("{}{mark}", word.text));
    }
    error
}

/// `file NAME sha256:HEX LENGTH`, `file NAME <<END`.
fn file(cursor: &mut Cursor<'_>) -> Result<Draft, ScriptError> {
    cursor.skip_blanks();
    let quoted = cursor.rest().starts_with('"');
    let place = cursor.place();
    let text = if quoted { cursor.json_string()? } else { cursor.word().text.to_owned() };
    let word = Piece { text: &text, at: place };
    let name = FileName::new(&text).ok_or_else(|| {
        cursor.wrong(word, "a file's name of up to 255 bytes, such as orders.jsonl")
    })?;
    let source = cursor.word();
    if let Some(hash) = source.text.strip_prefix("sha256:") {
        let at = source.at + "sha256:".len();
        let sha256 = unhex(hash).ok().and_then(|bytes| bytes.try_into().ok());
        let sha256 = sha256.ok_or_else(|| {
            cursor.wrong(Piece { text: hash, at }, "a SHA-256 of 64 hexadecimal digits")
        })?;
        let len = cursor.word();
        let expected = "the file's length in bytes";
        let len = whole(len.text).ok_or_else(|| cursor.wrong(len, expected))?;
        cursor.end()?;
        let content = FileContent::ByHash { sha256, len };
        return Ok(Draft::Whole(Action::File { name, content }));
    }
    let delimiter = source.text.strip_prefix("<<").filter(|text| is_delimiter(text));
    let Some(delimiter) = delimiter else {
        return Err(cursor.wrong(source, "<<END and the content below it, or sha256: and a hash"));
    };
    let form = form(cursor)?;
    cursor.end()?;
    let block = Block { delimiter: delimiter.to_owned(), form };
    Ok(Draft::Block { name, block })
}

fn form(cursor: &mut Cursor<'_>) -> Result<Form, ScriptError> {
    let word = cursor.word();
    match word.text {
        "" => Ok(Form::Text),
        "no-newline" => Ok(Form::NoNewline),
        "base64" => Ok(Form::Base64),
        _ => {
            let expected = "base64, no-newline or the end of the line";
            Err(cursor.not_one_of(word, expected, &FORMS))
        }
    }
}

/// `client c1 connect 1`, `client c1 bytes 00ff`, `client c1 close`.
fn client(cursor: &mut Cursor<'_>) -> Result<Action, ScriptError> {
    let word = cursor.word();
    let name = name(cursor, word, "client")?;
    let word = cursor.word();
    let event = match word.text {
        "connect" => {
            let word = cursor.word();
            let broker = whole(word.text).filter(|id| i32::try_from(*id).is_ok());
            let expected = "a broker's id such as 1";
            ClientEvent::Connect(broker.ok_or_else(|| cursor.wrong(word, expected))?)
        }
        "bytes" => {
            let word = cursor.word();
            let bytes = unhex(word.text).map_err(|wrong| {
                let (at, text) = (word.at + wrong, &word.text[wrong..]);
                cursor.wrong(Piece { text, at }, "two hexadecimal digits for each byte")
            })?;
            ClientEvent::Bytes(Bytes::from(bytes))
        }
        "close" => ClientEvent::Close,
        _ => return Err(cursor.not_one_of(word, "connect, bytes or close", &EVENTS)),
    };
    cursor.end()?;
    Ok(Action::Client { name, event })
}

fn name(cursor: &Cursor<'_>, word: Piece<'_>, what: &str) -> Result<Name, ScriptError> {
    Name::new(word.text).ok_or_else(|| {
        let expected = format!(
            "a {what}'s name: a small letter, then up to 31 small letters, digits and -, other than file, client and run"
        );
        let mut error = cursor.wrong(word, expected);
        let small = word.text.to_ascii_lowercase();
        error.suggestion = Name::new(&small).map(|name| name.to_string());
        error
    })
}
