//! A settings file: TOML, of which every value knows where it stands.

use std::path::PathBuf;

use serde::de::DeserializeOwned;
use toml::Spanned;

use crate::markdown;
use crate::mistake::{Mistake, Mistakes};

/// A settings file.
#[derive(Debug)]
pub struct Source {
    /// Where it is.
    pub path: PathBuf,
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
                let mend = "correct what stands there";
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

    /// A text in Markdown, as HTML.
    pub fn markdown(&self, value: &Spanned<String>, mistakes: &mut Mistakes) -> String {
        let text = self.text(value, mistakes);
        let (before, from) = self.text.split_at(value.span().start);
        // The line end that follows opening quotes is no part of the text.
        let opening = usize::from(from.starts_with("\"\"\"\n") || from.starts_with("'''\n"));
        let line_before = before.bytes().filter(|byte| *byte == b'\n').count() + opening;
        markdown::to_html(&self.path, &text, line_before, mistakes)
    }

    /// An instant of virtual time, such as `1.5s`, in microseconds.
    pub fn instant(&self, value: &Spanned<String>, mistakes: &mut Mistakes) -> u64 {
        let micros = micros(value.get_ref());
        if micros.is_none() {
            let what = format!("{} is no instant of a scenario", value.get_ref());
            mistakes.add(self.mistake(value, what, "write it in seconds, such as 40s or 1.5s"));
        }
        micros.unwrap_or_default()
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
