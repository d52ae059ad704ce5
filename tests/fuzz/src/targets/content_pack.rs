//! Packs of exercises, as somebody may have made them on purpose: what is opened shows nothing but plain elements, has
//! names of its own, and its proof can be begun and left.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use highwater_exercises::Content;
use highwater_exercises::pack::{Opened, Pack};
use highwater_exercises::proof::Proving;
use highwater_exercises::reader::{Beside, files_of, read};
use serde_json::Value;

use super::Target;
use crate::mutate;
use crate::rng::Rng;

const PIECES: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "<!--",
    "-->",
    "<![CDATA[",
    "[[topic]]",
    "[[order|<b>]]",
    "[[",
    "]]",
    "[x](https://a \"t\\\"><b>\")",
    "<https://a?b=\"c>",
    "![x](#)",
    "```highwater\n",
    "```\n",
    "~~~html\n<b>\n~~~\n",
    "> ",
    "- ",
    "1. ",
    "9999999999. ",
    "| a | b |\n|:-:|--:|\n| <i> | `|` |\n",
    "# ",
    "***",
    "&lt;",
    "&#60;script&#62;",
    "&",
    "\\<",
    "\u{0}",
    "\u{202e}",
    "é",
    "\n\n",
    "\t",
    "'''",
    "\"\"\"",
    "\\u0000",
    "[a]: javascript:x\n",
    "[^1]",
    "</div>",
    "<div class=\"demonstration\" data-demonstration=\"9\">",
    " = ",
    "id = \"at\"",
    "[[checks]]\n",
    "[[[",
    "when = '",
    "((((((((",
    "not not not ",
    "change(since(",
    " and ",
    "9223372036854775807",
    "-1",
    "0.0000001s",
    "600s",
    "{count}",
    "{there}",
    "{",
    "}",
    "@1s t1> producer start p --topic t --rate 999999999\n",
    "@9s run\n",
    "cluster --brokers 12\n",
    "\"",
    "\\",
    "\"highwater_pack\": 2",
    "{\"a\":{\"a\":",
    "[[[[[[[[",
];

/// So many portions of a proof are played: it is enough to begin it.
const PORTIONS: usize = 30;

pub struct ContentPack {
    packs: Vec<BTreeMap<String, String>>,
    beside: Beside,
}

impl ContentPack {
    pub fn new() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../exercises");
        let folder =
            |path: &str| files_of(&root.join(path)).expect("the project's own content can be read");
        let own = folder("content");
        let (content, _) = read(own.clone());
        let tea = folder("tests/packs/tea-house");
        // Exercises and questions of the project's own, as packs.
        let about = &tea["pack.toml"];
        let one = |prefix: &str| {
            let files = own.iter().filter(|(path, _)| path.starts_with(prefix));
            let mut pack: BTreeMap<String, String> =
                files.map(|(path, text)| (path.clone(), text.clone())).collect();
            pack.insert("pack.toml".to_owned(), about.clone());
            pack
        };
        let mut packs = vec![tea.clone(), tea.clone(), tea.clone()];
        packs
            .extend(content.exercises.iter().map(|known| one(&format!("exercises/{}/", known.id))));
        packs.extend(
            content.questions.iter().map(|known| one(&format!("questions/{}.toml", known.id))),
        );
        Self { packs, beside: Beside::of(&content) }
    }
}

impl Target for ContentPack {
    fn generate(&self, rng: &mut Rng) -> Vec<u8> {
        let mut files = rng.pick(&self.packs).clone();
        let paths: Vec<String> = files.keys().cloned().collect();
        for _ in 0..1 + rng.below(3) {
            let path = rng.pick(&paths);
            let Some(text) = files.get_mut(path) else { continue };
            let mut bytes = std::mem::take(text).into_bytes();
            mutate::text(rng, &mut bytes, PIECES);
            *text = String::from_utf8_lossy(&bytes).into_owned();
            if rng.once_in(12) {
                let text = files.remove(path).unwrap_or_default();
                let mut odd = path.clone().into_bytes();
                mutate::text(rng, &mut odd, &["../", "/", "<b>", "\"", ".toml", "at", "\0"]);
                files.insert(String::from_utf8_lossy(&odd).into_owned(), text);
            }
        }
        let mut file = Pack::new(files).print().into_bytes();
        if rng.once_in(4) {
            mutate::text(rng, &mut file, PIECES);
        }
        file
    }

    fn run(&self, input: &[u8]) {
        let opened = Pack::parse(input).map_err(|mistake| vec![mistake]);
        match opened.and_then(|pack| pack.open(&self.beside)) {
            Ok(opened) => check(opened),
            Err(mistakes) => {
                assert!(!mistakes.is_empty(), "it says what is wrong");
                for mistake in mistakes {
                    assert!(!mistake.what.is_empty() && !mistake.mend.is_empty(), "{mistake}");
                }
            }
        }
    }
}

fn check(opened: Opened) {
    let mut proving = Proving::new(Arc::new(opened.content.clone()));
    for _ in 0..PORTIONS {
        if proving.go_on().is_some() {
            break;
        }
    }
    let pack = format!("{}/", opened.about.id);
    let content: Content = opened.named();
    for id in content
        .exercises
        .iter()
        .map(|one| &one.id)
        .chain(content.glossary.iter().map(|one| &one.id))
    {
        assert!(id.starts_with(&pack) && !id.contains(['<', '"', '#']), "{id}");
    }
    let value = serde_json::to_value(&content).expect("it is plain data");
    texts(&value, &mut |html| tags(html));
}

/// All texts that the page shows as HTML.
fn texts(value: &Value, look: &mut dyn FnMut(&str)) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(html) if name.ends_with("_html") => look(html),
                    other => texts(other, look),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| texts(value, look)),
        _ => {}
    }
}

/// Reads HTML as a browser does, quotes or not, and fails at what could do harm. It shares nothing with the whitelist.
fn tags(html: &str) {
    let mut rest = html;
    while let Some((_, tag)) = rest.split_once('<') {
        let first = tag.chars().next().unwrap_or(' ');
        assert!(!"!?".contains(first), "a comment in {html}");
        if !(first.is_ascii_alphabetic() || first == '/') {
            rest = tag;
            continue;
        }
        let name_end = tag.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(tag.len());
        let name = tag[..name_end].trim_start_matches('/').to_ascii_lowercase();
        const HARMFUL: [&str; 18] = [
            "script", "style", "img", "svg", "math", "iframe", "object", "embed", "form", "input",
            "button", "link", "meta", "base", "template", "video", "audio", "body",
        ];
        assert!(!HARMFUL.contains(&name.as_str()), "{name} in {html}");
        rest = attributes(&tag[name_end..], html);
    }
}

/// What follows the tag whose attributes come first.
fn attributes<'a>(mut rest: &'a str, html: &str) -> &'a str {
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            return rest;
        }
        let end = rest.find(|c: char| c.is_whitespace() || "=>/".contains(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        assert!(
            ["href", "title", "class", "start", "data-demonstration"].contains(&name),
            "{name} in {html}"
        );
        let after = after.trim_start();
        let Some(value) = after.strip_prefix('=') else {
            rest = after;
            continue;
        };
        let value = value.trim_start();
        let (value, after) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
            _ => value.split_at(
                value.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(value.len()),
            ),
        };
        if name == "href" {
            assert!(value.starts_with("https://") || value.starts_with('#'), "{value} in {html}");
        }
        rest = after;
    }
}
