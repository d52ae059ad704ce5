//! The opening tags of an HTML text, with their attributes: no more of HTML than that.

/// An opening tag.
#[derive(Debug)]
pub struct Tag {
    /// Its name in small letters.
    pub name: String,
    /// Attributes in their order, names in small letters.
    pub attributes: Vec<(String, Option<String>)>,
    /// Where its `<` is.
    pub start: usize,
    /// What follows its `>`.
    pub end: usize,
}

impl Tag {
    /// Whether an attribute is there, with or without a value.
    pub fn has(&self, key: &str) -> bool {
        self.attributes.iter().any(|(name, _)| name == key)
    }

    /// An attribute's value.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| name == key)?.1.as_deref()
    }
}

/// What keeps a text from being read to its end.
#[derive(Debug)]
pub struct Problem {
    /// Where it begins.
    pub at: usize,
    /// What is wrong.
    pub what: String,
}

/// The opening tags in their order, without those inside comments, scripts and styles.
pub fn all(source: &str) -> impl Iterator<Item = Result<Tag, Problem>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let next = next(source, at)?;
        // After a problem nothing more can be understood.
        at = next.as_ref().map_or(source.len(), |tag| after(source, tag));
        Some(next)
    })
}

fn next(source: &str, mut at: usize) -> Option<Result<Tag, Problem>> {
    loop {
        at += source[at..].find('<')?;
        let rest = &source[at + 1..];
        if rest.starts_with("!--") {
            let Some(end) = rest.find("-->") else {
                return Some(Err(Problem { at, what: "a comment is never closed".to_owned() }));
            };
            at += 1 + end + 3;
        } else if rest.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
            return Some(Reader { source, at: at + 1 }.tag(at));
        } else {
            at += 1;
        }
    }
}

/// Where to go on after a tag: behind the text of a script or style, which holds no tags.
fn after(source: &str, tag: &Tag) -> usize {
    if !matches!(tag.name.as_str(), "script" | "style") {
        return tag.end;
    }
    let rest = source[tag.end..].to_ascii_lowercase();
    rest.find(&format!("</{}", tag.name)).map_or(source.len(), |length| tag.end + length)
}

/// A place inside a tag.
struct Reader<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn tag(mut self, start: usize) -> Result<Tag, Problem> {
        let name = self
            .take_until(|letter| letter.is_ascii_whitespace() || matches!(letter, '>' | '/'))
            .to_ascii_lowercase();
        let mut attributes = Vec::new();
        loop {
            self.take_until(|letter| !letter.is_ascii_whitespace() && letter != '/');
            match self.peek() {
                Some('>') => return Ok(Tag { name, attributes, start, end: self.at + 1 }),
                Some(_) => attributes.push(self.attribute(start)?),
                None => {
                    return Err(Problem {
                        at: start,
                        what: format!("the tag <{name} is never closed"),
                    });
                }
            }
        }
    }

    fn attribute(&mut self, start: usize) -> Result<(String, Option<String>), Problem> {
        let name = self
            .take_until(|letter| letter.is_ascii_whitespace() || matches!(letter, '=' | '>' | '/'))
            .to_ascii_lowercase();
        self.take_until(|letter| !letter.is_ascii_whitespace());
        if self.peek() != Some('=') {
            return Ok((name, None));
        }
        self.at += 1;
        self.take_until(|letter| !letter.is_ascii_whitespace());
        let value = match self.peek() {
            Some(quote @ ('"' | '\'')) => {
                self.at += 1;
                let value = self.take_until(|letter| letter == quote);
                if self.peek().is_none() {
                    return Err(Problem {
                        at: start,
                        what: format!("the value of {name} is never closed"),
                    });
                }
                self.at += 1;
                value
            }
            _ => self.take_until(|letter| letter.is_ascii_whitespace() || letter == '>'),
        };
        Ok((name, Some(value.to_owned())))
    }

    fn peek(&self) -> Option<char> {
        self.source[self.at..].chars().next()
    }

    fn take_until(&mut self, stop: impl Fn(char) -> bool) -> &'a str {
        let rest = &self.source[self.at..];
        let taken = &rest[..rest.find(stop).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_in_all_their_forms() {
        let tag = all("<p>x</p> a < b <LINK Data-Trunk rel=css href = 'a b' title=\"<c>\" />")
            .nth(1)
            .unwrap()
            .unwrap();
        assert_eq!(tag.name, "link");
        assert!(tag.has("data-trunk") && tag.value("data-trunk").is_none());
        assert_eq!(
            [tag.value("rel"), tag.value("href"), tag.value("title")],
            [Some("css"), Some("a b"), Some("<c>")]
        );
        assert_eq!(tag.attributes.len(), 4);
    }

    #[test]
    fn an_attribute_without_a_name_does_not_stop_the_reader() {
        assert_eq!(all("<p =x y>").next().unwrap().unwrap().value(""), Some("x"));
    }
}
