//! `texts/en/engine.txt`: the sentences that the engine's own tables hold and the page shows. English stands in the
//! tables; the file is made of them, so that another language has something to translate.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use highwater_exercises::Reason;
use highwater_exercises::expr::functions;
use highwater_scenario::cluster::configs::{layers::Source, sentences};
use highwater_scenario::cluster::health::Health;
use highwater_scenario::metrics::{Chart, Metric};
use highwater_shell::forms::FORMS;

const INTRODUCTION: &str = "\
# What the engine's tables say, in English: forms, metrics, charts, settings. `cargo xtask docs` writes this file from them: do not edit it.
# Another language has the same keys; the page finds its sentence by the English one.
";

/// Where the file stands.
pub fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../texts/en/engine.txt")
}

/// The text of the file.
pub fn text() -> String {
    let mut file = File { text: INTRODUCTION.to_owned(), known: BTreeSet::new() };
    file.forms();
    file.part("metrics");
    for metric in Metric::ALL {
        let name = format!("{} {}", metric.mbean_type, metric.name);
        file.say(&format!("metric.{}", slug(&name)), metric.meaning);
    }
    file.part("charts");
    for chart in Chart::ALL {
        let key = format!("chart.{}", slug(chart.title()));
        file.say(&format!("{key}.title"), chart.title());
        file.say(&format!("{key}.meaning"), chart.meaning());
        file.say(&format!("{key}.unit"), chart.unit());
    }
    for (name, words) in Chart::WORDS {
        file.say(&format!("line.{name}"), words);
    }
    file.reasons();
    file.part("how partitions stand, and where settings come from");
    for health in [Health::Healthy, Health::UnderReplicated, Health::UnderMinIsr, Health::Offline] {
        file.say(&format!("health.{}", slug(health.words())), health.words());
    }
    for source in Source::ALL {
        file.say(&format!("source.{}", slug(source.words())), source.words());
    }
    file.part("settings");
    for (name, sentence) in sentences() {
        file.say(&format!("setting.{}", name.replace('_', "-")), sentence);
    }
    file.text
}

struct File {
    text: String,
    known: BTreeSet<&'static str>,
}

impl File {
    fn forms(&mut self) {
        for form in FORMS {
            let key = format!("form.{}", slug(form.name));
            self.part(&form.name.to_lowercase());
            self.say(&format!("{key}.name"), form.name);
            self.say(&format!("{key}.says"), form.says);
            for preset in form.presets {
                let key = format!("{key}.preset.{}", slug(preset.name));
                self.say(&format!("{key}.name"), preset.name);
                self.say(&format!("{key}.says"), preset.says);
            }
            for field in form.fields {
                self.say(&format!("{key}.field.{}", slug(field.name)), field.says());
            }
            for (number, hint) in form.hints.iter().enumerate() {
                self.say(&format!("{key}.hint.{number}"), hint.says);
            }
        }
    }

    /// Why a line of a checklist is unmet, and the parts of which it names what is unmet.
    fn reasons(&mut self) {
        self.part("reasons");
        for reason in Reason::ALL {
            self.say(&format!("reason.{}", slug(&format!("{reason:?}"))), reason.sentence());
        }
        self.say("noun.before", functions::BEFORE);
        self.say("noun.not", functions::NOT);
        for function in functions::ALL {
            let key = format!("noun.{}", slug(function.name));
            self.say(&key, function.noun);
            for parameter in function.parameters {
                self.say(&format!("{key}.{}", parameter.name), parameter.phrase);
            }
        }
        for happening in functions::HAPPENINGS {
            let words = functions::in_words(happening).expect("each is named in words");
            self.say(&format!("happening.{}", slug(happening)), words);
        }
    }

    fn part(&mut self, title: &str) {
        let _ = writeln!(self.text, "\n# {title}");
    }

    /// A sentence, if it was not said under another key before: it is found by its words.
    fn say(&mut self, key: &str, sentence: &'static str) {
        if !sentence.is_empty() && self.known.insert(sentence) {
            let quote = if sentence.trim() == sentence { "" } else { "\"" };
            let _ = writeln!(self.text, "{key} = {quote}{sentence}{quote}");
        }
    }
}

/// What a key can hold of a name.
fn slug(name: &str) -> String {
    let letters = name.chars().map(|letter| match letter.is_ascii_alphanumeric() {
        true => letter.to_ascii_lowercase(),
        false => '-',
    });
    letters.collect()
}
