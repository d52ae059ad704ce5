//! Markdown to HTML. Whoever writes content writes Markdown only: HTML in it, and addresses that run
//! code, are mistakes, so that the page can show what comes out as it is.

use std::path::Path;

use pulldown_cmark::{Event, Options, Parser, Tag, html};

use crate::mistake::{Mistake, Mistakes};

/// Turns Markdown into HTML. `line_before` is the number of lines of the file before the text, when it
/// is part of a settings file.
pub fn to_html(file: &Path, text: &str, line_before: usize, mistakes: &mut Mistakes) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let events: Vec<(Event<'_>, std::ops::Range<usize>)> =
        Parser::new_ext(text, options).into_offset_iter().collect();
    for (event, range) in &events {
        let Some((what, mend)) = wrong(event) else { continue };
        let shown = format!("{}{text}", "\n".repeat(line_before));
        mistakes.add(Mistake::at(file, &shown, line_before + range.start, what, mend));
    }
    let mut out = String::new();
    html::push_html(&mut out, events.into_iter().map(|(event, _)| event));
    out
}

fn wrong(event: &Event<'_>) -> Option<(String, &'static str)> {
    match event {
        Event::Html(code) | Event::InlineHtml(code) => Some((
            format!("{} is HTML", code.trim()),
            "write it in Markdown; a < that means \"less than\" is written \\<",
        )),
        Event::Start(Tag::Link { dest_url, .. }) if !is_harmless(dest_url) => Some((
            format!("the link to {dest_url} cannot be followed"),
            "begin it with https:// or #",
        )),
        Event::Start(Tag::Image { dest_url, .. }) => Some((
            format!("the picture {dest_url} would not be there without a network"),
            "let the stage show it instead",
        )),
        _ => None,
    }
}

fn is_harmless(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with('#')
}
