//! `questions/ID.toml` as a [`Question`].

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::exercise::SHORT;
use super::files::Files;
use super::markdown::{Terms, Writer};
use super::mistake::Mistakes;
use super::prose::Bounds;
use super::settings::Source;
use crate::expr::{Expr, Scope, Type};
use crate::model::Reason;
use crate::model::question::{
    Choice, Drawn, Item, Level, Pointed, Question, Rubric, Run, Task, Wrong,
};

/// How long a question may be.
const ASKS: Bounds = Bounds::new(5, 150);
/// How many parameters a template may have, and how many values each.
const MOST_PARAMETERS: usize = 8;
const MOST_VALUES: usize = 40;
/// How long an explanation may be.
const EXPLAINS: Bounds = Bounds::new(10, 220);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionFile {
    title: Spanned<String>,
    kind: Spanned<String>,
    stage: Spanned<u8>,
    level: Level,
    #[serde(default)]
    tags: Vec<String>,
    text: Spanned<String>,
    explanation: Spanned<String>,
    #[serde(default)]
    parameters: BTreeMap<String, Spanned<Vec<Drawn>>>,
    require: Option<Spanned<String>>,
    run: Option<RunEntry>,
    options: Option<Spanned<Vec<OptionEntry>>>,
    items: Option<Spanned<Vec<ItemEntry>>>,
    answer: Option<Spanned<String>>,
    #[serde(default)]
    unit: String,
    at: Option<Pointed>,
    #[serde(default)]
    wrong: Vec<WrongEntry>,
    rubric: Option<RubricEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RunEntry {
    scenario: Spanned<String>,
    shows: Spanned<String>,
    since: Spanned<String>,
    until: Spanned<String>,
    evidence: Spanned<String>,
    #[serde(default)]
    facts: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    may_differ: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OptionEntry {
    text: Spanned<String>,
    when: Spanned<String>,
    misconception: Option<String>,
    reply: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemEntry {
    text: Spanned<String>,
    at: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrongEntry {
    answer: Spanned<String>,
    misconception: String,
    reply: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RubricEntry {
    contains: Vec<String>,
    separates: Vec<String>,
    follow_ups: Vec<String>,
}

/// All questions, by id.
pub fn read_all(files: &mut Files, terms: &Terms, mistakes: &mut Mistakes) -> Vec<Question> {
    let ids = files.settings("questions");
    ids.into_iter().filter_map(|id| read(files, id, terms, mistakes)).collect()
}

fn read(files: &mut Files, id: String, terms: &Terms, mistakes: &mut Mistakes) -> Option<Question> {
    let source = files.source(&format!("questions/{id}.toml"));
    let file: QuestionFile = source.parse(mistakes)?;
    let mut writer = Writer::new(terms);
    let parameters = parameters(&source, &file.parameters, mistakes);
    let scope = Scope { parameters: types(&parameters), has_since: file.run.is_some() };
    let run = file.run.as_ref().map(|entry| run(&source, entry, &scope, mistakes));
    let task = task(&source, &file, &scope, &mut writer, mistakes)?;
    let require = file.require.as_ref();
    Some(Question {
        title: source.text(&file.title, mistakes),
        stage: source.stage(&file.stage, mistakes),
        level: file.level,
        tags: file.tags,
        text_html: writer.value(&source, &file.text, ASKS, mistakes),
        explanation_html: writer.value(&source, &file.explanation, EXPLAINS, mistakes),
        require: require.map(|expr| source.expr(expr, Type::Truth, &scope, mistakes)),
        id,
        task,
        run,
        parameters,
    })
}

fn parameters(
    source: &Source,
    entries: &BTreeMap<String, Spanned<Vec<Drawn>>>,
    mistakes: &mut Mistakes,
) -> BTreeMap<String, Vec<Drawn>> {
    for (name, values) in entries.iter().skip(MOST_PARAMETERS) {
        let what = format!("{name} is one parameter too many");
        let mend = format!("let there be {MOST_PARAMETERS} at the most");
        mistakes.add(source.mistake(values, what, mend));
    }
    for (name, values) in entries {
        // What is drawn is filled in, and not filled in itself.
        let is_odd =
            |value: &Drawn| matches!(value, Drawn::Text(text) if text.contains(['{', '}']));
        if values.get_ref().iter().any(is_odd) || values.get_ref().len() > MOST_VALUES {
            let mend = format!("give {MOST_VALUES} values at the most, without braces");
            mistakes.add(source.mistake(values, format!("{name} cannot be drawn"), mend));
        }
        let numbers = values.get_ref().iter().filter(|value| matches!(value, Drawn::Number(_)));
        let numbers = numbers.count();
        if values.get_ref().len() < 2 || (numbers > 0 && numbers < values.get_ref().len()) {
            let mend = "give two or more values, all of them numbers or all of them texts";
            mistakes.add(source.mistake(values, format!("{name} cannot be drawn"), mend));
        }
    }
    let kept = entries.iter().take(MOST_PARAMETERS);
    kept.map(|(name, values)| (name.clone(), values.get_ref().clone())).collect()
}

fn types(parameters: &BTreeMap<String, Vec<Drawn>>) -> BTreeMap<String, Type> {
    let type_of = |values: &Vec<Drawn>| match values.first() {
        Some(Drawn::Number(_)) => Type::Number,
        _ => Type::Text,
    };
    parameters.iter().map(|(name, values)| (name.clone(), type_of(values))).collect()
}

fn run(source: &Source, entry: &RunEntry, scope: &Scope, mistakes: &mut Mistakes) -> Run {
    let (shows, since, until) = (
        source.instant(&entry.shows, mistakes),
        source.instant(&entry.since, mistakes),
        source.instant(&entry.until, mistakes),
    );
    if shows > since {
        let what = "what is shown beforehand lies within the time that is looked at";
        mistakes.add(source.mistake(&entry.shows, what, "correct shows or since"));
    }
    if since >= until {
        let what = "the end does not lie after the beginning";
        mistakes.add(source.mistake(&entry.until, what, "correct since or until"));
    }
    let is_known =
        |name: &str| entry.facts.contains_key(name) || scope.parameters.contains_key(name);
    for unknown in Reason::arguments(entry.evidence.get_ref()).filter(|name| !is_known(name)) {
        let what = format!("nothing fills {{{unknown}}} in");
        let mend = format!("add it below [run.facts]: {unknown} = 'an expression'");
        mistakes.add(source.mistake(&entry.evidence, what, mend));
    }
    let fact = |(name, expr): (&String, &Spanned<String>)| {
        // A fact may be a number or a text.
        let as_number = crate::expr::parse(expr.get_ref(), Type::Number, scope);
        let expr = as_number.unwrap_or_else(|_| source.expr(expr, Type::Text, scope, mistakes));
        (name.clone(), expr)
    };
    let facts = entry.facts.iter().map(fact).collect();
    Run {
        scenario: source.script(&entry.scenario, mistakes),
        evidence: source.text(&entry.evidence, mistakes),
        may_differ: entry.may_differ.clone(),
        shows,
        since,
        until,
        facts,
    }
}

fn task(
    source: &Source,
    file: &QuestionFile,
    scope: &Scope,
    writer: &mut Writer<'_>,
    mistakes: &mut Mistakes,
) -> Option<Task> {
    let kind = file.kind.get_ref().as_str();
    let mut missing = |what: &str| {
        let mend = format!("add {what}");
        mistakes.add(source.mistake(
            &file.kind,
            format!("a question of the kind {kind} has {what}"),
            mend,
        ));
    };
    let is_choice = matches!(kind, "choose" | "predict" | "find_fault" | "choose_all");
    if matches!(kind, "number" | "point") && file.answer.is_none() {
        missing("an answer = '..'");
        return None;
    }
    if is_choice && file.options.is_none() {
        missing("[[options]]");
        return None;
    }
    if matches!(kind, "predict" | "find_fault" | "point") && file.run.is_none() {
        missing("a [run]");
    }
    Some(match kind {
        "choose" => Task::Choose(choices(source, file.options.as_ref()?, scope, writer, mistakes)),
        "predict" => {
            Task::Predict(choices(source, file.options.as_ref()?, scope, writer, mistakes))
        }
        "find_fault" => {
            Task::FindFault(choices(source, file.options.as_ref()?, scope, writer, mistakes))
        }
        "choose_all" => {
            Task::ChooseAll(choices(source, file.options.as_ref()?, scope, writer, mistakes))
        }
        "order" => {
            let Some(items) = &file.items else {
                missing("[[items]]");
                return None;
            };
            Task::Order(order(source, items, scope, mistakes))
        }
        "number" => Task::Number {
            answer: source.expr(file.answer.as_ref()?, Type::Number, scope, mistakes),
            unit: file.unit.clone(),
            wrong: wrong(source, &file.wrong, Type::Number, scope, writer, mistakes),
        },
        "point" => {
            let Some(at) = file.at else {
                missing("at = \"broker\", or what else is to be pointed at");
                return None;
            };
            let wanted = if at == Pointed::Broker { Type::Number } else { Type::Text };
            Task::Point {
                at,
                answer: source.expr(file.answer.as_ref()?, wanted, scope, mistakes),
                wrong: wrong(source, &file.wrong, wanted, scope, writer, mistakes),
            }
        }
        "open" => {
            let Some(RubricEntry { contains, separates, follow_ups }) = &file.rubric else {
                missing("a [rubric]");
                return None;
            };
            if contains.len() < 2 || separates.is_empty() || follow_ups.is_empty() {
                missing(
                    "two or more things that an answer contains, one that separates, and a follow-up",
                );
            }
            Task::Open(Rubric {
                contains: contains.clone(),
                separates: separates.clone(),
                follow_ups: follow_ups.clone(),
            })
        }
        _ => {
            let mend =
                "choose among choose, choose_all, predict, find_fault, order, number, point, open";
            mistakes.add(source.mistake(&file.kind, format!("there is no kind {kind}"), mend));
            return None;
        }
    })
}

fn choices(
    source: &Source,
    entries: &Spanned<Vec<OptionEntry>>,
    scope: &Scope,
    writer: &mut Writer<'_>,
    mistakes: &mut Mistakes,
) -> Vec<Choice> {
    if !(3..=6).contains(&entries.get_ref().len()) {
        let mend = "let there be three to six";
        mistakes.add(source.mistake(entries, "there are too few options, or too many", mend));
    }
    let choice = |entry: &OptionEntry| Choice {
        text: source.text(&entry.text, mistakes),
        when: source.expr(&entry.when, Type::Truth, scope, mistakes),
        misconception: entry.misconception.clone(),
        reply_html: writer.value(source, &entry.reply, SHORT, mistakes),
    };
    entries.get_ref().iter().map(choice).collect()
}

fn order(
    source: &Source,
    entries: &Spanned<Vec<ItemEntry>>,
    scope: &Scope,
    mistakes: &mut Mistakes,
) -> Vec<Item> {
    if !(3..=7).contains(&entries.get_ref().len()) {
        let mend = "let there be three to seven";
        mistakes.add(source.mistake(
            entries,
            "there are too few things to order, or too many",
            mend,
        ));
    }
    let item = |entry: &ItemEntry| Item {
        text: source.text(&entry.text, mistakes),
        at: source.expr(&entry.at, Type::Number, scope, mistakes),
    };
    entries.get_ref().iter().map(item).collect()
}

fn wrong(
    source: &Source,
    entries: &[WrongEntry],
    wanted: Type,
    scope: &Scope,
    writer: &mut Writer<'_>,
    mistakes: &mut Mistakes,
) -> Vec<Wrong> {
    let one = |entry: &WrongEntry| -> Wrong {
        let answer: Expr = source.expr(&entry.answer, wanted, scope, mistakes);
        let reply_html = writer.value(source, &entry.reply, SHORT, mistakes);
        Wrong { answer, misconception: entry.misconception.clone(), reply_html }
    };
    entries.iter().map(one).collect()
}
