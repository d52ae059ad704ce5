//! `cut`: fields or characters of each line.

use highwater_cluster::ctx::Ctx;
use highwater_cluster::program::Program;

use super::reading::{Filter, Flow, Reading};
use crate::command::Says;

/// The process.
pub(super) fn start(arguments: Vec<String>) -> Box<dyn Program> {
    let (mut delimiter, mut fields, mut characters, mut files) = ('\t', None, None, Vec::new());
    let mut words = arguments.into_iter();
    while let Some(word) = words.next() {
        let mut value = |flag: &str| {
            let given = word.strip_prefix(flag)?;
            if given.is_empty() { words.next() } else { Some(given.to_owned()) }
        };
        if let Some(value) = value("-d") {
            delimiter = value.chars().next().unwrap_or('\t');
        } else if let Some(value) = value("-f") {
            fields = ranges(&value);
        } else if let Some(value) = value("-c") {
            characters = ranges(&value);
        } else if !word.starts_with('-') {
            files.push(word);
        }
    }
    match (fields, characters) {
        (Some(ranges), _) => Reading::boxed(Cut { delimiter: Some(delimiter), ranges }, files),
        (None, Some(ranges)) => Reading::boxed(Cut { delimiter: None, ranges }, files),
        (None, None) => {
            let message = "cut: you must specify a list of bytes, characters, or fields";
            Says::errors(1, [message.to_owned()])
        }
    }
}

/// `1,3-5,7-`, counted from 1.
fn ranges(text: &str) -> Option<Vec<(usize, usize)>> {
    let range = |piece: &str| {
        let (from, to) = piece.split_once('-').unwrap_or((piece, piece));
        let from = if from.is_empty() { 1 } else { from.parse().ok()? };
        let to = if to.is_empty() { usize::MAX } else { to.parse().ok()? };
        (from > 0).then_some((from, to))
    };
    text.split(',').map(range).collect()
}

#[derive(Clone, Debug)]
struct Cut {
    /// What stands between fields; none if characters are counted.
    delimiter: Option<char>,
    ranges: Vec<(usize, usize)>,
}

impl Filter for Cut {
    fn name(&self) -> &'static str {
        "cut"
    }

    fn line(&mut self, ctx: &mut Ctx<'_>, line: &str) -> Flow {
        let is_wanted = |place: usize| {
            self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&(place + 1)))
        };
        let Some(delimiter) = self.delimiter else {
            let kept = line.chars().enumerate().filter(|(place, _)| is_wanted(*place));
            ctx.print(&kept.map(|(_, c)| c).collect::<String>());
            return Flow::On;
        };
        if !line.contains(delimiter) {
            ctx.print(line);
            return Flow::On;
        }
        let kept = line.split(delimiter).enumerate().filter(|(place, _)| is_wanted(*place));
        let kept: Vec<&str> = kept.map(|(_, field)| field).collect();
        ctx.print(&kept.join(delimiter.encode_utf8(&mut [0; 4])));
        Flow::On
    }
}
