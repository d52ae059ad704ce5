//! Forms for what starts clients: which settings there are to choose, what each changes, and the line that a
//! choice comes to. The line is what counts: who fills a form in could have typed it, and what is wrong with a
//! choice is what the command says of its line.

use std::collections::BTreeMap;

use highwater_cluster::configs::{ConfigKind, sentence};

use crate::programs::verbs;
use crate::words::{Token, Word, quoted, split};

mod app;
mod consumer;
mod producer;
mod share_consumer;
mod workload;

pub use app::APP;
pub use consumer::CONSUMER;
pub use producer::PRODUCER;
pub use share_consumer::SHARE_CONSUMER;
pub use workload::WORKLOAD;

/// All forms.
pub const FORMS: [&Form; 5] = [&PRODUCER, &CONSUMER, &WORKLOAD, &APP, &SHARE_CONSUMER];

/// What was chosen, by the names of fields. What is not there is left to its default.
pub type Choices = BTreeMap<&'static str, String>;

/// A form.
#[derive(Debug)]
pub struct Form {
    /// What it is for: `Producer`.
    pub name: &'static str,
    /// What comes of it, in a sentence.
    pub says: &'static str,
    /// The words that its line begins with.
    pub command: &'static str,
    /// What names are made of: `p` for `p1`.
    pub letter: &'static str,
    /// Choices by what one is after, the first of which is Kafka's own.
    pub presets: &'static [Preset],
    /// What can be chosen.
    pub fields: &'static [Field],
    /// What is to be said of some choices, though they are allowed.
    pub hints: &'static [Hint],
}

/// Choices by what one is after.
#[derive(Debug)]
pub struct Preset {
    /// What that is: `Safest`.
    pub name: &'static str,
    /// What it costs and gives.
    pub says: &'static str,
    /// The choices, by the names of fields.
    pub choices: &'static [(&'static str, &'static str)],
}

/// Something to choose.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Kafka's name of the setting; that of the option where Kafka has none.
    pub name: &'static str,
    /// How it is written.
    written: Written,
    /// What it takes.
    pub takes: Takes,
    /// What holds if nothing is chosen; empty if nothing does.
    default: &'static str,
    /// What it changes, where that is no setting of Kafka's.
    says: &'static str,
    /// Whether it must be chosen.
    pub is_required: bool,
    /// Whether it is for few.
    pub is_rare: bool,
}

/// How a choice is written.
#[derive(Clone, Copy, Debug)]
enum Written {
    /// As an option with a value.
    Option(&'static str),
    /// As an option that is there or not.
    Flag(&'static str),
    /// As a setting of the client.
    Config(ConfigKind),
}

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// One of these words.
    One(&'static [&'static str]),
    /// Yes or no.
    Flag,
    /// A whole number.
    Number,
    /// The name of a topic.
    Topic,
    /// The name of a consumer group.
    Group,
    /// The name of a share group.
    ShareGroup,
    /// Text, such as this.
    Text(&'static str),
}

/// What is to be said of a choice.
#[derive(Debug)]
pub struct Hint {
    /// Fields and what they hold, chosen or by default, for this to be so.
    pub when: &'static [(&'static str, &'static str)],
    /// What is to be said.
    pub says: &'static str,
}

impl Form {
    /// The choices of a preset.
    pub fn choices(&self, preset: &Preset) -> Choices {
        preset.choices.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
    }

    /// The line that choices come to.
    pub fn line(&self, client: &str, choices: &Choices) -> String {
        let mut line = format!("{} {}", self.command, quoted(client));
        for field in self.fields {
            let chosen = choices.get(field.name).map(|value| value.trim()).unwrap_or_default();
            let said = match field.written {
                _ if chosen.is_empty() => continue,
                Written::Flag(_) if chosen != "true" => continue,
                Written::Flag(option) => option.to_owned(),
                Written::Option(option) => format!("{option} {}", quoted(chosen)),
                Written::Config(_) => {
                    format!("--config {}", quoted(&format!("{}={chosen}", field.name)))
                }
            };
            line.push(' ');
            line.push_str(&said);
        }
        line
    }

    /// What the command would say of the line, and what else is to be said of the choices.
    ///
    /// # Errors
    /// What is wrong with the line.
    pub fn check(&self, client: &str, choices: &Choices) -> Result<Vec<&'static str>, String> {
        check(&self.line(client, choices))?;
        let holds = |(name, value): &(&'static str, &str)| {
            let field = self.fields.iter().find(|field| field.name == *name);
            let chosen = choices.get(name).map(|chosen| chosen.trim());
            let chosen = chosen.filter(|chosen| !chosen.is_empty());
            field.is_some_and(|field| match *value {
                ANY => chosen.is_some(),
                value => chosen.unwrap_or(field.default()) == value,
            })
        };
        let hints = self.hints.iter().filter(|hint| hint.when.iter().all(holds));
        Ok(hints.map(|hint| hint.says).collect())
    }
}

/// In a hint: whatever was chosen.
const ANY: &str = "*";

impl Field {
    /// What holds if nothing is chosen; empty if nothing does.
    pub fn default(&self) -> &'static str {
        match self.written {
            Written::Config(kind) => {
                let definition = kind.definition(self.name);
                definition.and_then(|definition| definition.default).unwrap_or_default()
            }
            _ => self.default,
        }
    }

    /// What it changes.
    pub fn says(&self) -> &'static str {
        if self.says.is_empty() { sentence(self.name).unwrap_or_default() } else { self.says }
    }

    const fn option(name: &'static str, option: &'static str, takes: Takes) -> Self {
        Self::new(name, Written::Option(option), takes)
    }

    const fn flag(name: &'static str, option: &'static str) -> Self {
        Self::new(name, Written::Flag(option), Takes::Flag)
    }

    const fn producer(name: &'static str, takes: Takes) -> Self {
        Self::new(name, Written::Config(ConfigKind::Producer), takes)
    }

    const fn consumer(name: &'static str, takes: Takes) -> Self {
        Self::new(name, Written::Config(ConfigKind::Consumer), takes)
    }

    const fn new(name: &'static str, written: Written, takes: Takes) -> Self {
        Self { name, written, takes, default: "", says: "", is_required: false, is_rare: false }
    }

    const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    const fn rare(mut self) -> Self {
        self.is_rare = true;
        self
    }

    const fn or(mut self, default: &'static str) -> Self {
        self.default = default;
        self
    }

    const fn says_that(mut self, says: &'static str) -> Self {
        self.says = says;
        self
    }
}

/// What would be said of a line that starts a client, without starting it. What only the cluster knows,
/// such as whether the name is free, and the content of files are not looked at.
///
/// # Errors
/// What is wrong with the line; or that it starts no client.
pub fn check(line: &str) -> Result<String, String> {
    let tokens =
        split(line).map_err(|unclosed| format!("the quote {} is never closed", unclosed.quote))?;
    let words = tokens.into_iter().map(|token| match token {
        Token::Word(word) => Ok(word),
        Token::Operator { .. } => Err("it is one command, without ; | & < >".to_owned()),
    });
    let words: Vec<Word> = words.collect::<Result<_, _>>()?;
    let outcome = verbs::check_start(&words);
    outcome.unwrap_or_else(|| {
        Err("it starts no producer, consumer, share consumer or application".to_owned())
    })
}

#[cfg(test)]
mod tests;
