//! The words of an expression.

use super::{Op, Wrong};

/// A word, and where it begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Word {
    pub(super) at: usize,
    pub(super) what: Token,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(i64),
    Text(String),
    Name(String),
    Op(Op),
    Not,
    Open,
    Close,
    Comma,
    Colon,
}

pub(super) fn words(text: &str) -> Result<Vec<Word>, Wrong> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (what, length) = word(&text[at..], first).map_err(|wrong| wrong.moved(at))?;
        words.push(Word { at, what });
        at += length;
    }
    Ok(words)
}

fn word(rest: &str, first: char) -> Result<(Token, usize), Wrong> {
    const SIGNS: [(&str, Token); 13] = [
        ("==", Token::Op(Op::Equal)),
        ("!=", Token::Op(Op::Unequal)),
        ("<=", Token::Op(Op::AtMost)),
        (">=", Token::Op(Op::AtLeast)),
        ("<", Token::Op(Op::Less)),
        (">", Token::Op(Op::Greater)),
        ("+", Token::Op(Op::Plus)),
        ("-", Token::Op(Op::Minus)),
        ("*", Token::Op(Op::Times)),
        ("(", Token::Open),
        (")", Token::Close),
        (",", Token::Comma),
        (":", Token::Colon),
    ];
    if let Some((sign, token)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
        return Ok((token.clone(), sign.len()));
    }
    if first == '"' {
        let end = rest[1..].find('"').ok_or_else(|| {
            Wrong::new(0, "a text begins here and does not end", "close it with a \"")
        })?;
        return Ok((Token::Text(rest[1..=end].to_owned()), end + 2));
    }
    if first.is_ascii_digit() {
        return number(rest);
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let is_inside = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let end = rest.find(|letter| !is_inside(letter)).unwrap_or(rest.len());
        let token = match &rest[..end] {
            "and" => Token::Op(Op::And),
            "or" => Token::Op(Op::Or),
            "contains" => Token::Op(Op::Contains),
            "not" => Token::Not,
            name => Token::Name(name.to_owned()),
        };
        return Ok((token, end));
    }
    let mend =
        "use functions, numbers, \"texts\", and, or, not, ==, !=, <, <=, >, >=, +, -, *, contains";
    let what = match first {
        '=' => "= alone means nothing".to_owned(),
        other => format!("{other} means nothing here"),
    };
    Err(Wrong::new(0, what, mend))
}

/// A whole number, or a time such as `30s`, `1.5s` or `200ms`, in milliseconds.
fn number(rest: &str) -> Result<(Token, usize), Wrong> {
    let wrong = || Wrong::new(0, "this is no number", "write 3, or a time such as 1.5s or 200ms");
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).unwrap_or(rest.len());
    let word = &rest[..end];
    let value = if let Some(millis) = word.strip_suffix("ms") {
        millis.parse().map_err(|_| wrong())?
    } else if let Some(seconds) = word.strip_suffix('s') {
        let (whole, decimals) = seconds.split_once('.').unwrap_or((seconds, "0"));
        if decimals.len() > 3 {
            return Err(wrong());
        }
        let decimals: i64 = format!("{decimals:0<3}").parse().map_err(|_| wrong())?;
        let whole: i64 = whole.parse().map_err(|_| wrong())?;
        whole.checked_mul(1_000).and_then(|ms| ms.checked_add(decimals)).ok_or_else(wrong)?
    } else {
        word.parse().map_err(|_| wrong())?
    };
    Ok((Token::Number(value), end))
}
