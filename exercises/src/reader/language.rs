//! Content in another language: a folder that mirrors the content, with the texts of it and nothing else.
//!
//! A Markdown file takes the place of the English one. A settings file says the texts again, in the same tables and in the
//! same order, and may repeat ids so that one sees where one is. What decides something (checks, scenarios, answers)
//! stands in the English file only, so no translation can change what is right.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::mistake::{Mistake, Mistakes};
use crate::model::{Content, Reason};

/// The texts of each kind of file: `[]` stands for each item of a list, `*` for each key of a table.
const TEXTS: &[(&str, &[&str])] = &[
    (
        "exercises",
        &[
            "title",
            "summary",
            "buttons[].says",
            "carry.asks",
            "carry.answer",
            "checks[].says",
            "checks[].unmet.*",
            "hints[].text",
            "predictions[].asks",
            "predictions[].options[].text",
            "predictions[].options[].reply",
        ],
    ),
    ("glossary", &["term", "short", "long", "also[]"]),
    ("lessons", &["title", "text"]),
    ("misconceptions", &["belief", "truth", "look"]),
    (
        "questions",
        &[
            "title",
            "text",
            "explanation",
            "unit",
            // Of parameters only this one is words for the reader; no scenario uses it.
            "parameters.how[]",
            "options[].text",
            "options[].reply",
            "items[].text",
            "wrong[].reply",
            "run.evidence",
            "rubric.contains[]",
            "rubric.follow_ups[]",
            "rubric.separates[]",
        ],
    ),
    ("road.toml", &["stages[].title", "stages[].after", "stages[].missing"]),
];

/// What a translation may repeat, so that whoever reads it sees where they are.
const SIGNPOSTS: [&str; 4] = ["id", "check", "level", "file"];

/// A list of texts that a language adds to: synonyms, by which links of English texts find a term.
const FREE: &str = "also[]";
const FREE_LIST: &str = "also";

/// The content with the texts of a language in the place of the English ones, by path; and what is missing in the
/// files that there are, stale, or no text. What is missing stays English.
pub fn translated(
    english: &BTreeMap<String, String>,
    own: &BTreeMap<String, String>,
) -> (BTreeMap<String, String>, Mistakes) {
    let mut files = english.clone();
    let mut mistakes = Mistakes::default();
    for (path, text) in own {
        let Some(original) = english.get(path) else {
            let mend = "rename it as the English one, or delete it";
            mistakes.add(Mistake::of_file(path, "there is no such file in English", mend));
            continue;
        };
        if path.ends_with(".md") {
            files.insert(path.clone(), text.clone());
        } else if let Some(merged) = merged(path, original, text, &mut mistakes) {
            files.insert(path.clone(), merged);
        }
    }
    (files, mistakes)
}

/// Of content in a language, what that language has files for; the rest is English.
pub fn only_own(mut content: Content, own: &BTreeMap<String, String>) -> Content {
    let ids = |folder: &str| -> BTreeSet<String> {
        let inside = own.keys().filter_map(|path| path.strip_prefix(folder)?.strip_prefix('/'));
        let ids = inside.filter_map(|rest| rest.split('/').next());
        ids.map(|id| id.strip_suffix(".toml").unwrap_or(id).to_owned()).collect()
    };
    let has = |folder: &str| {
        let ids = ids(folder);
        move |id: &str| ids.contains(id)
    };
    let [exercise, question, lesson, term, misconception] =
        ["exercises", "questions", "lessons", "glossary", "misconceptions"].map(has);
    content.exercises.retain(|it| exercise(&it.id));
    content.questions.retain(|it| question(&it.id));
    content.lessons.retain(|it| lesson(&it.id));
    content.glossary.retain(|it| term(&it.id));
    content.misconceptions.retain(|it| misconception(&it.id));
    content.playlists.clear();
    if !own.contains_key("road.toml") {
        content.road = crate::model::Road::default();
    }
    content
}

/// A settings file with its texts in another language; none if one of both cannot be read.
fn merged(path: &str, english: &str, own: &str, mistakes: &mut Mistakes) -> Option<String> {
    let mut table: Table = toml::from_str(english).ok()?;
    let own: Table = match toml::from_str(own) {
        Ok(table) => table,
        Err(error) => {
            let offset = error.span().map_or(0, |span| span.start);
            let mend = "correct what stands there";
            mistakes.add(Mistake::at(path, own, offset, error.message(), mend));
            return None;
        }
    };
    let kind = path.split('/').next().unwrap_or_default();
    let texts = TEXTS.iter().find(|(name, _)| *name == kind).map_or(&[][..], |(_, texts)| texts);
    let mut merge = Merge { path, texts, mistakes };
    merge.table(&mut table, &own, "");
    toml::to_string(&table).ok()
}

/// Texts being put in the place of others.
struct Merge<'a> {
    path: &'a str,
    texts: &'a [&'a str],
    mistakes: &'a mut Mistakes,
}

impl Merge<'_> {
    fn table(&mut self, english: &mut Table, own: &Table, place: &str) {
        for (key, value) in english.iter_mut() {
            let place = self.place(place, key);
            match own.get(key) {
                Some(own) => self.value(value, own, &place, key),
                None => self.untranslated(value, &place),
            }
        }
        let strange: Vec<&String> = own.keys().filter(|key| !english.contains_key(*key)).collect();
        for key in strange {
            if self.is_text(FREE) && place.is_empty() && key == FREE_LIST {
                english.insert(key.clone(), own[key].clone());
                continue;
            }
            let what = format!("English has no {key} at {place:?}");
            self.wrong(what, "leave it out: it was renamed, or is not used any more");
        }
    }

    fn value(&mut self, english: &mut Value, own: &Value, place: &str, key: &str) {
        match (&mut *english, own) {
            (Value::Table(english), Value::Table(own)) => self.table(english, own, place),
            (Value::Array(english), Value::Array(own)) if place == FREE_LIST => {
                english.extend(own.iter().cloned());
            }
            (Value::Array(english), Value::Array(own)) if english.len() == own.len() => {
                let place = format!("{place}[]");
                for (english, own) in english.iter_mut().zip(own) {
                    self.value(english, own, &place, "");
                }
            }
            (Value::Array(english), Value::Array(own)) => {
                let what = format!("{place} has {} items, and here {}", english.len(), own.len());
                self.wrong(what, "give each English item one, in the same order");
            }
            (Value::String(english), Value::String(own)) if self.is_text(place) => {
                if !same_arguments(english, own) {
                    let what = format!("{place} has other words in braces than {english:?}");
                    self.wrong(what, "use those of the English text, as they are written there");
                }
                english.clone_from(own);
            }
            (english, own) if SIGNPOSTS.contains(&key) && english == own => {}
            (english, _) => {
                let what = format!("{place} is no text of the content; in English it is {english}");
                self.wrong(what, "leave it out: it stands in the English file only");
            }
        }
    }

    /// What has no counterpart: a mistake if there is a text in it.
    fn untranslated(&mut self, english: &Value, place: &str) {
        match english {
            Value::String(text) if self.is_text(place) => {
                self.wrong(format!("{place} is missing: {text:?}"), "translate it");
            }
            Value::Table(table) => {
                for (key, value) in table {
                    let place = self.place(place, key);
                    self.untranslated(value, &place);
                }
            }
            Value::Array(items) if place != FREE_LIST => {
                for item in items {
                    self.untranslated(item, &format!("{place}[]"));
                }
            }
            _ => {}
        }
    }

    fn place(&self, place: &str, key: &str) -> String {
        let whole = if place.is_empty() { key.to_owned() } else { format!("{place}.{key}") };
        let any = format!("{place}.*");
        if self.texts.contains(&any.as_str()) { any } else { whole }
    }

    fn is_text(&self, place: &str) -> bool {
        self.texts.contains(&place)
    }

    fn wrong(&mut self, what: String, mend: &str) {
        self.mistakes.add(Mistake::of_file(self.path, what, mend));
    }
}

/// Whether both texts are filled in with the same: `{found}`, `{wanted}`.
fn same_arguments(english: &str, own: &str) -> bool {
    let names = |text| Reason::arguments(text).collect::<BTreeSet<&str>>();
    names(english) == names(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: &str = "title = \"One\"\nuntil = \"2s\"\n[[checks]]\nid = \"a\"\nsays = \"A\"\nwhen = 'x'\nunmet.few = \"{found} of 3\"\n[[checks]]\nid = \"b\"\nsays = \"B\"\nwhen = 'y'\n";

    fn check(own: &str, wanted: &str, complaints: &[&str]) {
        let files =
            |text: &str| BTreeMap::from([("exercises/e/exercise.toml".into(), text.into())]);
        let (merged, mistakes) = translated(&files(ENGLISH), &files(own));
        let told: Vec<String> = mistakes.iter().map(|mistake| mistake.what.clone()).collect();
        assert_eq!(told, complaints, "{own}");
        let read = |text: &str| toml::from_str::<Table>(text).expect("it is TOML");
        assert_eq!(read(&merged["exercises/e/exercise.toml"]), read(wanted), "{own}");
    }

    #[test]
    fn texts_are_taken_and_nothing_else() {
        let whole = "title = \"Uno\"\n[[checks]]\nid = \"a\"\nsays = \"AA\"\nunmet.few = \"{found} de 3\"\n[[checks]]\nsays = \"BB\"\n";
        let wanted = "title = \"Uno\"\nuntil = \"2s\"\n[[checks]]\nid = \"a\"\nsays = \"AA\"\nwhen = 'x'\nunmet.few = \"{found} de 3\"\n[[checks]]\nid = \"b\"\nsays = \"BB\"\nwhen = 'y'\n";
        check(whole, wanted, &[]);
        let decides = whole.replacen("says = \"BB\"", "says = \"BB\"\nwhen = 'z'", 1);
        check(
            &decides,
            wanted,
            &["checks[].when is no text of the content; in English it is \"y\""],
        );
        let stale = format!("gone = \"x\"\n{whole}");
        check(&stale, wanted, &["English has no gone at \"\""]);
        let odd = whole.replacen("{found} de", "{wanted} de", 1);
        let shown = wanted.replacen("{found} de", "{wanted} de", 1);
        check(&odd, &shown, &["checks[].unmet.* has other words in braces than \"{found} of 3\""]);
    }

    #[test]
    fn what_is_missing_stays_english_and_is_named() {
        let title = "title = \"Uno\"\n";
        let wanted = ENGLISH.replacen("One", "Uno", 1);
        let missing = [
            "checks[].says is missing: \"A\"",
            "checks[].unmet.* is missing: \"{found} of 3\"",
            "checks[].says is missing: \"B\"",
        ];
        check(title, &wanted, &missing);
        check("title = ", ENGLISH, &["string values must be quoted, expected literal string"]);
    }
}
