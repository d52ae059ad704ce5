//! `question.toml`, with the texts and the scenario beside it, as a [`Question`].

use serde::Deserialize;
use toml::Spanned;

use crate::folder::Folder;
use crate::mistake::Mistakes;
use crate::model::{Choice, Outcome, Question, Reason};
use crate::settings::Source;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionFile {
    title: Spanned<String>,
    stage: Spanned<u8>,
    topic: Spanned<String>,
    shows: Spanned<String>,
    since: Spanned<String>,
    until: Spanned<String>,
    evidence: Spanned<String>,
    options: Spanned<Vec<OptionEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OptionEntry {
    text: Spanned<String>,
    when: Spanned<Outcome>,
    misconception: Option<Spanned<String>>,
    reply: Spanned<String>,
}

/// Compiles a folder that holds a question.
pub fn compile(folder: &mut Folder, mistakes: &mut Mistakes) -> Option<Question> {
    let source = folder.source("question.toml");
    let file: QuestionFile = source.parse(mistakes)?;
    if !(3..=6).contains(&file.options.get_ref().len()) {
        let mend = "let there be three to six";
        mistakes.add(source.mistake(&file.options, "there are too few options, or too many", mend));
    }
    let (since, until) =
        (source.instant(&file.since, mistakes), source.instant(&file.until, mistakes));
    let shows = source.instant(&file.shows, mistakes);
    if shows > since {
        mistakes.add(source.mistake(
            &file.shows,
            "what is shown beforehand lies within the time that is looked at",
            "correct shows or since",
        ));
    }
    if since >= until && until > 0 {
        mistakes.add(source.mistake(
            &file.until,
            "the end lies before the beginning",
            "correct since or until",
        ));
    }
    for unknown in
        Reason::arguments(file.evidence.get_ref()).filter(|name| !Outcome::NAMES.contains(name))
    {
        let what = format!("nothing fills {{{unknown}}} in");
        mistakes.add(source.mistake(
            &file.evidence,
            what,
            format!("use only {:?}", Outcome::NAMES),
        ));
    }
    let scenario = folder.script("scenario.hw").unwrap_or_else(|mistake| {
        mistakes.add(mistake);
        String::new()
    });
    let options =
        file.options.into_inner().into_iter().map(|entry| choice(&source, entry, mistakes));
    let options = options.collect();
    Some(Question {
        id: folder.id.clone(),
        title: source.text(&file.title, mistakes),
        stage: source.stage(&file.stage, mistakes),
        text_html: folder.markdown("question.md", mistakes),
        explanation_html: folder.markdown("explanation.md", mistakes),
        evidence: source.text(&file.evidence, mistakes),
        topic: source.text(&file.topic, mistakes),
        options,
        scenario,
        shows,
        since,
        until,
    })
}

fn choice(source: &Source, entry: OptionEntry, mistakes: &mut Mistakes) -> Choice {
    if *entry.when.get_ref() == Outcome::default() {
        let mend = format!("say none or some of at least one of {:?}", Outcome::NAMES);
        mistakes.add(source.mistake(&entry.when, "this would hold whatever happens", mend));
    }
    Choice {
        text: source.text(&entry.text, mistakes),
        reply_html: source.markdown(&entry.reply, mistakes),
        misconception: entry.misconception.map(|text| source.text(&text, mistakes)),
        when: entry.when.into_inner(),
    }
}
