//! The string literals of a Rust file, and what stands around them: enough to tell words from names.

/// Attributes of the markup, and of the page's own components, whose values are read or heard.
const SHOWN: &[&str] = &[
    "aria-label=",
    "aria-description=",
    "aria-valuetext=",
    "title=",
    "placeholder=",
    "alt=",
    "label=",
    "says=",
    "over=",
    "caption=",
    "empty=",
];

/// A string literal.
pub struct Literal {
    /// What it holds, as written.
    pub text: String,
    /// In which line it begins.
    pub line: usize,
    before: String,
    after: String,
}

impl Literal {
    /// Whether one of these stands right before it.
    pub fn follows(&self, all: &[&str]) -> bool {
        let before = self.before.trim_end();
        all.iter().any(|lead| {
            before.strip_suffix(lead).or_else(|| before.strip_suffix(lead.trim_end())).is_some_and(
                |rest| {
                    // `text!(` ends with `t!(`, and `aria-label=` with `label=`: both are asked for by name.
                    let starts_name = lead.starts_with(|letter: char| letter.is_alphabetic());
                    !starts_name
                        || !rest.ends_with(|letter: char| {
                            letter.is_alphanumeric() || "-_".contains(letter)
                        })
                },
            )
        })
    }

    /// Whether one of these stands right behind it.
    pub fn precedes(&self, all: &[&str]) -> bool {
        all.iter().any(|word| self.after.trim_start().starts_with(word))
    }

    /// Whether it is without spaces.
    pub fn is_one_word(&self) -> bool {
        !self.text.contains(char::is_whitespace)
    }

    /// Whether it stands in the markup as text or as a value that is read.
    pub fn is_shown(&self) -> bool {
        let before = self.before.trim_end();
        let is_behind_tag =
            before.ends_with('>') && !before.ends_with("=>") && !before.ends_with("->");
        let is_behind_value =
            before.ends_with('}') && self.after.trim_start().starts_with(['<', '{']);
        (is_behind_tag || is_behind_value || self.follows(SHOWN)) && has_word(&self.text)
    }

    /// Whether it has words of a sentence or a heading; or is one word that becomes somebody's own.
    pub fn looks_like_words(&self) -> bool {
        let plain = without_braces(&self.text);
        let has_space = plain.trim().contains(' ') || plain != self.text && plain.contains(' ');
        let is_heading = plain.chars().next().is_some_and(char::is_uppercase)
            && plain.chars().any(char::is_lowercase);
        let is_made_own =
            self.precedes(&[".to_owned()", ".to_string()", ".into()"]) && is_lower(&plain);
        has_word(&plain) && (has_space || is_heading || is_made_own)
    }
}

/// The literals of a file, up to its tests, without those in comments.
pub fn literals(code: &str) -> Vec<Literal> {
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = code[at..].find(['"', '\'', '/']) {
        let start = at + offset;
        let rest = &code[start..];
        at = start
            + match rest.as_bytes()[0] {
                b'/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
                b'\'' => letter_len(rest),
                b'"' => {
                    let len = literal_len(rest);
                    found.push(Literal {
                        text: rest[1..len - 1].to_owned(),
                        line: code[..start].matches('\n').count() + 1,
                        before: tail(&code[..start]).to_owned(),
                        after: rest[len..].chars().take(20).collect(),
                    });
                    len
                }
                _ => 1,
            };
    }
    found
}

/// How long a letter in single quotes is; a lifetime has no second quote, and only its own is passed over.
fn letter_len(rest: &str) -> usize {
    let letters = rest[1..].strip_prefix('\\').map_or(2, |_| 3);
    let is_unicode = rest.starts_with("'\\u{");
    let end = if is_unicode {
        rest.find('}').map(|at| at + 1)
    } else {
        rest.char_indices().nth(letters).map(|it| it.0)
    };
    end.filter(|end| rest[*end..].starts_with('\'')).map_or(1, |end| end + 1)
}

fn literal_len(rest: &str) -> usize {
    let mut is_escaped = false;
    for (index, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return index + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The last letters of a text.
fn tail(text: &str) -> &str {
    let from = text.char_indices().rev().nth(60).map_or(0, |(index, _)| index);
    &text[from..]
}

/// Whether two letters stand together.
fn has_word(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    letters.windows(2).any(|pair| pair.iter().all(|letter| letter.is_alphabetic()))
}

fn is_lower(text: &str) -> bool {
    text.chars().all(|letter| letter.is_ascii_lowercase())
}

fn without_braces(text: &str) -> String {
    let mut depth = 0;
    text.chars()
        .filter(|letter| {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => return depth == 0,
            }
            false
        })
        .collect()
}
