//! Markdown to HTML. Whoever writes content writes Markdown only: HTML in it, and addresses that run
//! code, are mistakes, so that the page can show what comes out as it is.

use std::collections::BTreeMap;

use pulldown_cmark::{
    Alignment, CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html,
};
use serde::Deserialize;
use toml::Spanned;

use super::about::About;
use super::beside::Beside;
use super::files::Files;
use super::mistake::{Mistake, Mistakes};
use super::prose::{Bounds, judge};
use super::settings::{Source, whole_script};
use super::whitelist::stranger;
use crate::model::Demonstration;

/// The terms that `[[..]]` knows: by their ids, names and other words, in small letters.
#[derive(Debug, Default)]
pub struct Terms {
    own: BTreeMap<String, (String, String)>,
    beside: BTreeMap<String, (String, String)>,
}

impl Terms {
    /// The terms of the glossary, read before the texts that name them.
    pub fn read(
        files: &mut Files,
        about: Option<&About>,
        beside: &Beside,
        mistakes: &mut Mistakes,
    ) -> Self {
        #[derive(Deserialize)]
        struct Named {
            term: String,
            #[serde(default)]
            also: Vec<String>,
            short: String,
        }
        let mut terms = Self::default();
        for (id, names, short) in &beside.terms {
            let names = names.iter().map(|name| name.to_lowercase());
            terms.beside.extend(names.map(|name| (name, (id.clone(), short.clone()))));
        }
        for id in files.settings("glossary") {
            let source = files.source(&format!("glossary/{id}.toml"));
            // What is wrong with it is said when it is read as a whole.
            let Ok(Named { term, also, short }) = toml::from_str(&source.text) else { continue };
            let address = about.map_or(id.clone(), |about| format!("{}/{id}", about.id));
            for name in [id, term].into_iter().chain(also) {
                let known = terms.own.insert(name.to_lowercase(), (address.clone(), short.clone()));
                if let Some((other, _)) = known.filter(|(other, _)| *other != address) {
                    let what = format!("{name} is also a name of {other}");
                    mistakes.add(Mistake::of_file(&source.path, what, "let one term have it"));
                }
            }
        }
        terms
    }

    /// What stands in the address of a term, and its short sentence. Of two of the same name it is the content's own.
    pub fn find<'t>(&'t self, name: &str) -> Option<&'t (String, String)> {
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let singular = name.strip_suffix('s').unwrap_or(&name);
        let find = |terms: &'t BTreeMap<String, (String, String)>| {
            terms.get(&name).or_else(|| terms.get(singular))
        };
        find(&self.own).or_else(|| find(&self.beside))
    }
}

/// What turns Markdown into HTML.
pub struct Writer<'a> {
    /// The terms that it may name.
    pub terms: &'a Terms,
    /// The scenario whose header a demonstration has that says none of its own.
    pub start: Option<&'a str>,
    /// The demonstrations so far.
    pub demonstrations: Vec<Demonstration>,
}

impl<'a> Writer<'a> {
    /// One that knows these terms.
    pub fn new(terms: &'a Terms) -> Self {
        Self { terms, start: None, demonstrations: Vec::new() }
    }

    /// A Markdown file, as HTML.
    pub fn file(
        &mut self,
        files: &mut Files,
        path: &str,
        bounds: Bounds,
        mistakes: &mut Mistakes,
    ) -> String {
        let Some(source) = files.needed(path, mistakes) else { return String::new() };
        self.html(&source, 0, &source.text, bounds, mistakes)
    }

    /// A text in Markdown within a settings file, as HTML.
    pub fn value(
        &mut self,
        source: &Source,
        value: &Spanned<String>,
        bounds: Bounds,
        mistakes: &mut Mistakes,
    ) -> String {
        let text = source.text(value, mistakes);
        self.html(source, source.inside(value), &text, bounds, mistakes)
    }

    fn html(
        &mut self,
        source: &Source,
        begins: usize,
        text: &str,
        bounds: Bounds,
        mistakes: &mut Mistakes,
    ) -> String {
        let options =
            Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_WIKILINKS;
        let mut events = Vec::new();
        let mut plain = String::new();
        let mut demonstration: Option<String> = None;
        let mut is_code = false;
        // Within how many lists, quotes and tables one is.
        let mut depth = 0_usize;
        for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
            let mut wrong = |what: String, mend: &str| {
                let at = begins + range.start;
                mistakes.add(Mistake::at(&source.path, &source.text, at, what, mend));
            };
            if let Some((what, mend)) = harm(&event) {
                wrong(what, mend);
            }
            match &event {
                Event::Start(Tag::List(_) | Tag::BlockQuote(_) | Tag::Table(_)) => depth += 1,
                Event::End(TagEnd::List(_) | TagEnd::BlockQuote(_) | TagEnd::Table) => depth -= 1,
                _ => {}
            }
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(kind)))
                    if &*kind == "highwater" =>
                {
                    if depth > 0 {
                        wrong(
                            "a demonstration stands within a list, a quote or a table".to_owned(),
                            "put it before or behind, at the beginning of the line",
                        );
                    }
                    demonstration = Some(String::new());
                }
                Event::Text(part) if demonstration.is_some() => {
                    demonstration.as_mut().expect("it is there").push_str(&part);
                }
                Event::End(TagEnd::CodeBlock) if demonstration.is_some() => {
                    let shown = demonstration.take().unwrap_or_default();
                    events.push(Event::Html(self.demonstration(&shown).into()));
                }
                Event::Start(Tag::Link {
                    link_type: LinkType::WikiLink { .. }, dest_url, ..
                }) => match self.terms.find(&dest_url) {
                    Some((id, short)) => events.push(Event::InlineHtml(term(id, short))),
                    None => {
                        let what = format!("there is no term {dest_url} in the glossary");
                        wrong(
                            what,
                            "write it as `cargo xtask content new term ID` says, or leave the [[ ]] out",
                        );
                    }
                },
                Event::End(TagEnd::Link) if is_term(&events) => {
                    events.push(Event::InlineHtml("</a>".into()));
                }
                // The name of an option is not broken at its hyphens.
                Event::Code(code) if code.contains('-') && !code.contains(' ') => {
                    let mut word = String::new();
                    escape(&code, &mut word);
                    plain.push('x');
                    let whole = format!("<code class=\"word\">{word}</code>");
                    events.push(Event::InlineHtml(whole.into()));
                }
                // Columns are aligned by styles, which the page does not allow.
                Event::Start(Tag::Table(columns)) => {
                    let plain = vec![Alignment::None; columns.len()];
                    events.push(Event::Start(Tag::Table(plain)));
                }
                event => {
                    match &event {
                        Event::Start(Tag::CodeBlock(_)) => is_code = true,
                        Event::End(TagEnd::CodeBlock) => is_code = false,
                        Event::Text(part) if !is_code => plain.push_str(part),
                        Event::SoftBreak => plain.push(' '),
                        Event::Code(_) => plain.push('x'),
                        Event::End(
                            TagEnd::Paragraph
                            | TagEnd::Item
                            | TagEnd::Heading(_)
                            | TagEnd::TableCell,
                        ) => {
                            plain.push('\n');
                        }
                        _ => {}
                    }
                    events.push(event);
                }
            }
        }
        if let Some((what, mend)) = judge(&plain, bounds) {
            mistakes.add(Mistake::at(&source.path, &source.text, begins, what, mend));
        }
        let mut out = String::new();
        html::push_html(&mut out, events.into_iter());
        if let Some(odd) = stranger(&out) {
            let odd: String = odd.chars().take(60).collect();
            let what = format!("it would become {odd}, which the page does not show");
            let mend = "write it otherwise";
            mistakes.add(Mistake::at(&source.path, &source.text, begins, what, mend));
        }
        out
    }

    /// A scenario that runs there; where it cannot, its lines are read.
    fn demonstration(&mut self, shown: &str) -> String {
        let script = match self.start {
            Some(start) if !shown.starts_with("highwater 1\n") => {
                let header = start.lines().filter(|line| !line.starts_with(['@', '#']));
                format!("{}\n{shown}", header.collect::<Vec<_>>().join("\n"))
            }
            _ => whole_script(shown),
        };
        let number = self.demonstrations.len();
        self.demonstrations.push(Demonstration { script });
        let mut code = String::new();
        escape(shown, &mut code);
        format!(
            "<div class=\"demonstration\" data-demonstration=\"{number}\"><pre><code>{code}</code></pre></div>\n"
        )
    }
}

/// Whether the link that ends now was a term: its opening element is the last that is open.
fn is_term(events: &[Event<'_>]) -> bool {
    let mut inside = events.iter().rev();
    inside
        .find_map(|event| match event {
            Event::InlineHtml(code) if code.starts_with("<a class=\"term\"") => Some(true),
            Event::InlineHtml(code) if &**code == "</a>" => Some(false),
            Event::Start(Tag::Link { .. }) => Some(false),
            _ => None,
        })
        .unwrap_or(false)
}

fn term(id: &str, short: &str) -> CowStr<'static> {
    let mut title = String::new();
    escape(short, &mut title);
    format!("<a class=\"term\" href=\"#/terms/{id}\" title=\"{title}\">").into()
}

fn escape(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
}

fn harm(event: &Event<'_>) -> Option<(String, &'static str)> {
    match event {
        Event::Html(code) | Event::InlineHtml(code) => Some((
            format!("{} is HTML", code.trim()),
            "write it in Markdown; a < that means \"less than\" is written \\<",
        )),
        Event::Start(Tag::Link { dest_url, link_type, .. })
            if !matches!(link_type, LinkType::WikiLink { .. }) && !is_harmless(dest_url) =>
        {
            Some((
                format!("the link to {dest_url} cannot be followed"),
                "begin it with https:// or #",
            ))
        }
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
