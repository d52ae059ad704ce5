//! A settings file: TOML, of which every value knows where it stands.

use serde::de::DeserializeOwned;
use toml::Spanned;

use super::mistake::{Mistake, Mistakes};
use crate::expr::{Expr, Scope, Type, parse};
use crate::model::SHOWS;

/// The latest instant that content names, in microseconds of virtual time.
const LATEST: u64 = 600_000_000;

/// A settings file.
#[derive(Debug)]
pub struct Source {
    /// Its path within the content.
    pub path: String,
    /// What it says.
    pub text: String,
}

impl Source {
    /// What the file says, as data.
    pub fn parse<T: DeserializeOwned>(&self, mistakes: &mut Mistakes) -> Option<T> {
        match toml::from_str(&self.text) {
            Ok(data) => Some(data),
            Err(error) => {
                let offset = error.span().map_or(0, |span| span.start);
                let mend = "correct what stands there; docs/authoring.md shows each file";
                mistakes.add(Mistake::at(&self.path, &self.text, offset, error.message(), mend));
                None
            }
        }
    }

    /// A mistake in a value of the file.
    pub fn mistake<T>(
        &self,
        at: &Spanned<T>,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) -> Mistake {
        Mistake::at(&self.path, &self.text, at.span().start, what, mend)
    }

    /// A text that must not be empty.
    pub fn text(&self, value: &Spanned<String>, mistakes: &mut Mistakes) -> String {
        let text = value.get_ref().trim();
        if text.is_empty() {
            mistakes.add(self.mistake(value, "the text is empty", "write it"));
        }
        text.to_owned()
    }

    /// Where the text of a value begins, behind its quotes.
    pub fn inside<T>(&self, value: &Spanned<T>) -> usize {
        let start = value.span().start;
        let from = &self.text[start..];
        let quotes = if from.starts_with("\"\"\"") || from.starts_with("'''") { 3 } else { 1 };
        // The line end that follows opening quotes is no part of the text.
        start
            + quotes
            + usize::from(from[quotes.min(from.len())..].starts_with('\n') && quotes == 3)
    }

    /// An expression.
    pub fn expr(
        &self,
        value: &Spanned<String>,
        wanted: Type,
        scope: &Scope,
        mistakes: &mut Mistakes,
    ) -> Expr {
        parse(value.get_ref(), wanted, scope).unwrap_or_else(|wrong| {
            let at = self.inside(value) + wrong.at;
            let shown = value.get_ref().get(wrong.at..).unwrap_or_default();
            let shown: String = shown.chars().take(30).collect();
            let what = format!("{}, at `{shown}`", wrong.what);
            mistakes.add(Mistake::at(&self.path, &self.text, at, what, wrong.mend));
            Expr::Truth(false)
        })
    }

    /// An instant of virtual time, such as `1.5s`, in microseconds.
    pub fn instant(&self, value: &Spanned<String>, mistakes: &mut Mistakes) -> u64 {
        let micros = micros(value.get_ref());
        if micros.is_none() {
            let what = format!("{} is no instant of a scenario", value.get_ref());
            mistakes.add(self.mistake(value, what, "write it in seconds, such as 40s or 1.5s"));
        }
        if micros.is_some_and(|micros| micros > LATEST) {
            let what = "nobody waits that long";
            mistakes.add(self.mistake(value, what, "let it be within ten minutes: 600s"));
        }
        micros.filter(|micros| *micros <= LATEST).unwrap_or_default()
    }

    /// A scenario within the file. What is left out at its beginning is filled in.
    pub fn script(&self, value: &Spanned<String>, mistakes: &mut Mistakes) -> String {
        whole_script(&self.text(value, mistakes))
    }

    /// Words that name what the stage draws.
    pub fn shows(&self, words: Vec<Spanned<String>>, mistakes: &mut Mistakes) -> Vec<String> {
        let is_known = |word: &str| SHOWS.iter().any(|(known, _)| *known == word);
        for word in words.iter().filter(|word| !is_known(word.get_ref())) {
            let what = format!("the stage has no word {}", word.get_ref());
            let known: Vec<&str> = SHOWS.iter().map(|(word, _)| *word).collect();
            mistakes.add(self.mistake(word, what, format!("choose among {}", known.join(", "))));
        }
        words.into_iter().map(Spanned::into_inner).collect()
    }

    /// A stage of the road.
    pub fn stage(&self, value: &Spanned<u8>, mistakes: &mut Mistakes) -> u8 {
        let stage = *value.get_ref();
        if !(1..=10).contains(&stage) {
            mistakes.add(self.mistake(
                value,
                format!("there is no stage {stage}"),
                "choose one from 1 to 10",
            ));
        }
        stage
    }
}

/// A scenario of which the beginning may be left out: then it is one broker.
pub fn whole_script(text: &str) -> String {
    if text.starts_with("highwater 1\n") {
        return format!("{}\n", text.trim_end());
    }
    let says = |word: &str| text.lines().any(|line| line.starts_with(word));
    // Kafka wants three copies of its own topics unless it is told that there is one broker only.
    let cluster = match says("cluster ") {
        true => "",
        false => {
            "cluster --brokers 1\nconfig * offsets.topic.replication.factor=1\nconfig * offsets.topic.num.partitions=1\n\
             config * transaction.state.log.replication.factor=1\nconfig * transaction.state.log.min.isr=1\n\
             config * transaction.state.log.num.partitions=1\n\
             config * share.coordinator.state.topic.replication.factor=1\n\
             config * share.coordinator.state.topic.min.isr=1\n\
             config * share.coordinator.state.topic.num.partitions=1\n"
        }
    };
    let seed = if says("seed ") { "" } else { "seed 1\n" };
    format!("highwater 1\n{seed}{cluster}{}\n", text.trim_end())
}

/// Seconds with up to six decimals, followed by `s`.
fn micros(text: &str) -> Option<u64> {
    let (seconds, decimals) = match text.strip_suffix('s')?.split_once('.') {
        Some((seconds, decimals)) => (seconds, decimals),
        None => (text.strip_suffix('s')?, "0"),
    };
    let is_number =
        |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(seconds) || !is_number(decimals) || decimals.len() > 6 {
        return None;
    }
    let decimals: u64 = format!("{decimals:0<6}").parse().ok()?;
    seconds.parse::<u64>().ok()?.checked_mul(1_000_000)?.checked_add(decimals)
}
