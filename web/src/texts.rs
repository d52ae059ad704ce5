//! What the page says, in the language in force. The build script makes `t!` and `text!` of `texts/en/interface.txt`:
//! see there how they are written.
//!
//! English stands in the code, where it is said. Another language is a file that is fetched before the page is shown,
//! so that nothing need be said anew: who chooses another one loads the page again, which brings back what was done.

use std::fmt::{Display, Write};
use std::sync::{Arc, OnceLock};

use highwater_scenario::catalogue::Catalogue;
use highwater_scenario::session::Session;
pub use highwater_texts::said as of_engine;
use highwater_texts::{Table, fill_with, sum};

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// The language in force, if it is not English.
static TABLE: OnceLock<Table> = OnceLock::new();

/// What happens in the cluster, in the language in force, if that is not English.
static NARRATION: OnceLock<Arc<Catalogue>> = OnceLock::new();

/// A sentence without arguments, as a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    index: u16,
    english: &'static str,
}

impl Text {
    /// The sentence at a place of the English file.
    pub const fn new(index: u16, english: &'static str) -> Self {
        Self { index, english }
    }

    /// Nothing.
    pub const NONE: Self = Self::of_kafka("");

    /// A word of Kafka's own, or a key of the keyboard: the same in every language.
    pub const fn of_kafka(word: &'static str) -> Self {
        Self { index: u16::MAX, english: word }
    }

    /// It in the language in force.
    pub fn say(self) -> &'static str {
        say(self.index, self.english)
    }
}

/// The files of a language that is not English, and those that its keys are matched with: see `web/boot.js`.
pub struct Files<'a> {
    /// The file in whose order this page knows the sentences.
    pub english: &'a str,
    pub interface: &'a str,
    pub narration: String,
    /// What the engine's tables say, in English.
    pub english_of_engine: &'a str,
    pub of_engine: &'a str,
}

/// Puts a language in force, for as long as the page stands; or says what is wrong with its files.
pub fn put_in_force(files: Files) -> Result<(), String> {
    if sum(files.english) != ENGLISH_SUM {
        return Err("the texts are those of another version of the page".to_owned());
    }
    let table = Table::new(files.english, files.interface).map_err(|wrong| wrong.to_string())?;
    let catalogue = Catalogue::of(files.narration.leak()).map_err(|wrong| wrong.to_string())?;
    highwater_texts::put_in_force(files.english_of_engine, files.of_engine)
        .map_err(|wrong| wrong.to_string())?;
    let _ = (TABLE.set(table), NARRATION.set(Arc::new(catalogue)));
    Ok(())
}

/// The session from its beginning, told in the language in force; in English it is as it was.
pub fn told(session: Session) -> Session {
    match NARRATION.get() {
        Some(catalogue) => session.told_in(catalogue.clone()),
        None => session,
    }
}

/// The sentence at a place of the English file, which in English is `english`: see `t!`.
pub fn say(index: u16, english: &'static str) -> &'static str {
    said(TABLE.get(), index, english)
}

/// The sentence with its arguments, by their numbers: see `t!`.
pub fn fill(index: u16, english: &'static str, arguments: &[&dyn Display]) -> String {
    filled(say(index, english), arguments)
}

/// The form of the sentence that a number asks for, with its arguments: see `t!`. The form for many stands behind
/// the form for one.
pub fn counted(
    index: u16,
    english: [&'static str; 2],
    number: u64,
    arguments: &[&dyn Display],
) -> String {
    filled(form(TABLE.get(), index, english, number), arguments)
}

fn said<'a>(table: Option<&'a Table>, index: u16, english: &'a str) -> &'a str {
    table.and_then(|table| table.get(index)).unwrap_or(english)
}

fn form<'a>(table: Option<&'a Table>, index: u16, english: [&'a str; 2], number: u64) -> &'a str {
    let plural = table.map(Table::plural).unwrap_or_default();
    let form = u16::from(!plural.is_one(number));
    said(table, index + form, english[usize::from(form)])
}

fn filled(sentence: &str, arguments: &[&dyn Display]) -> String {
    fill_with(sentence, &mut |number, said| {
        let argument = number.parse().ok().and_then(|number: usize| arguments.get(number));
        if let Some(argument) = argument {
            let _ = write!(said, "{argument}");
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: &str = "play = Play\nlag = {group} is {n} behind\nlines.one = {number} line of {all}\nlines.other = {number} lines of {all}\nstop = Stop\n";

    /// A language that writes backwards, counts nothing as one, and has no word for stop.
    const BACKWARDS: &str = "language.plural = up-to-one\nplay = yalP\nlag = dniheb {n} si {group}\nlines.one = enil {number}: {all}\nlines.other = senil {number}: {all}\n";

    #[test]
    fn english_stands_where_it_is_said() {
        assert_eq!(t!("app.play"), "Play");
        assert_eq!(text!("app.play").say(), "Play");
        assert_eq!(t!("anatomy.page", page = 2, pages = 3), "page 2 of 3");
        let metrics = [1, 2, 1_234].map(|number| t!("metrics-panel.found", number = number));
        assert_eq!(metrics, ["One metric.", "2 metrics.", "1,234 metrics."]);
        assert_eq!(Text::of_kafka("ISR").say(), "ISR");
    }

    #[test]
    fn another_language_is_said_by_the_place_of_the_english_sentence() {
        let table = Table::new(ENGLISH, BACKWARDS).expect("both can be read");
        let table = Some(&table);
        assert_eq!(said(table, 0, "Play"), "yalP");
        assert_eq!(filled(said(table, 1, "{0} is {1} behind"), &[&"g", &7]), "dniheb 7 si g");
        assert_eq!(said(table, 4, "Stop"), "Stop");
        assert_eq!(said(table, u16::MAX, "ISR"), "ISR");
        assert_eq!(said(None, 0, "Play"), "Play");
        let lines = ["{0} line of {1}", "{0} lines of {1}"];
        let counted = |table, number| filled(form(table, 2, lines, number), &[&number, &9]);
        assert_eq!([0, 1, 2].map(|n| counted(table, n)), ["enil 0: 9", "enil 1: 9", "senil 2: 9"]);
        assert_eq!([0, 1].map(|n| counted(None, n)), ["0 lines of 9", "1 line of 9"]);
    }

    #[test]
    fn the_macros_know_the_places_of_the_file() {
        let english = include_str!("../../texts/en/interface.txt");
        assert_eq!(sum(english), ENGLISH_SUM);
        // Every sentence turned into its own key: what is said is then the key.
        let keys: Vec<String> = highwater_texts::entries(english)
            .expect("the build script has read it")
            .iter()
            .map(|entry| format!("{} = {}", entry.key, entry.key))
            .collect();
        let table = Table::new(english, &keys.join("\n")).expect("keys are sentences");
        let Text { index, english } = text!("app.play");
        assert_eq!(said(Some(&table), index, english), "app.play");
        let Text { index, english } = text!("transport.undo");
        assert_eq!(said(Some(&table), index, english), "transport.undo");
    }

    #[test]
    fn another_version_of_the_texts_is_refused() {
        let files = Files {
            english: ENGLISH,
            interface: BACKWARDS,
            narration: String::new(),
            english_of_engine: "",
            of_engine: "",
        };
        assert!(put_in_force(files).is_err());
        assert_eq!(say(u16::MAX, "Play"), "Play");
    }
}
