//! Content in other languages: right as far as it goes, and whole for whole stages.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use highwater_exercises::reader::{files_of, only_own, read, translated};
use highwater_exercises::{Content, own_of};

/// The languages, and how many stages of the road there are in each: exercises, lessons, questions, and the beliefs that
/// answers to them name.
const LANGUAGES: &[(&str, u8)] = &[("es", 4)];

fn files(folder: &str) -> BTreeMap<String, String> {
    files_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).expect("it can be read")
}

/// The language's files, and the content in it.
fn content_in(code: &str) -> (BTreeMap<String, String>, Content) {
    let own = files(&format!("languages/{code}"));
    let (files, faults) = translated(&files("content"), &own);
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "exercises/languages/{code}:\n{}", faults.join("\n"));
    let (content, mistakes) = read(files);
    let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    assert!(mistakes.is_empty(), "exercises/languages/{code}:\n{}", mistakes.join("\n"));
    (own, content)
}

#[test]
fn each_language_is_listed_here() {
    let folders: BTreeSet<String> = files("languages")
        .keys()
        .filter_map(|path| Some(path.split_once('/')?.0.to_owned()))
        .collect();
    assert_eq!(folders, LANGUAGES.iter().map(|(code, _)| (*code).to_owned()).collect());
}

#[test]
fn what_is_translated_is_whole_and_right() {
    for (code, stages) in LANGUAGES {
        let (own, content) = content_in(code);
        let lacking: Vec<String> =
            wanted(&content, *stages).into_iter().filter(|path| !own.contains_key(path)).collect();
        assert!(lacking.is_empty(), "exercises/languages/{code} lacks\n{}", lacking.join("\n"));
    }
}

#[test]
fn what_is_translated_is_what_is_compiled_in() {
    for (code, _) in LANGUAGES {
        let (own, content) = content_in(code);
        let embedded = own_of(code).expect("it is compiled in");
        let ids = |content: &Content| -> Vec<String> {
            let exercises = content.exercises.iter().map(|it| it.id.clone());
            exercises.chain(content.glossary.iter().map(|it| it.id.clone())).collect()
        };
        assert_eq!(ids(&embedded), ids(&only_own(content.clone(), &own)));
        // In the page it takes the place of the English.
        let english = highwater_exercises::content().clone();
        let said = english.clone().said_in(embedded);
        assert_eq!(said.exercises.len(), english.exercises.len());
        for (said, english) in said.exercises.iter().zip(&english.exercises) {
            let is_own = own.contains_key(&format!("exercises/{}/exercise.toml", english.id));
            assert_eq!(said.title != english.title, is_own, "{}", english.id);
            let rules = |checks: &[highwater_exercises::Check]| -> Vec<String> {
                checks.iter().map(|check| format!("{}: {:?}", check.id, check.when)).collect()
            };
            assert_eq!(rules(&said.checks), rules(&english.checks), "what decides is the same");
        }
    }
}

/// The files that a language with so many stages has.
fn wanted(content: &Content, stages: u8) -> Vec<String> {
    let exercises = content.exercises.iter().filter(|it| it.stage <= stages);
    let questions = content.questions.iter().filter(|it| it.stage <= stages);
    let lessons = content.lessons.iter().filter(|it| it.stage <= stages);
    let mut paths = vec!["road.toml".to_owned()];
    let mut html = String::new();
    for exercise in exercises {
        let of = |file: &str| format!("exercises/{}/{file}", exercise.id);
        paths.extend(["exercise.toml", "exercise.md", "why.md"].map(of));
        html.push_str(&exercise.text_html);
        html.push_str(&exercise.why_html);
        let guesses = exercise.predictions.iter().flat_map(|it| &it.options);
        paths.extend(
            guesses.filter_map(|it| {
                Some(format!("misconceptions/{}.toml", it.misconception.as_ref()?))
            }),
        );
    }
    for question in questions {
        paths.push(format!("questions/{}.toml", question.id));
        let text = format!("{question:?}");
        let named = |id: &str| {
            text.contains(&format!("misconception: Some(\"{id}\")"))
                || text.contains(&format!("misconception: \"{id}\""))
        };
        paths.extend(
            content
                .misconceptions
                .iter()
                .filter(|it| named(&it.id))
                .map(|it| format!("misconceptions/{}.toml", it.id)),
        );
        html.push_str(&text.replace('\\', ""));
    }
    for lesson in lessons {
        paths.push(format!("lessons/{}.toml", lesson.id));
        html.push_str(&lesson.text_html);
    }
    // Each word that is explained where one points at it.
    let linked = |id: &str| html.contains(&format!("\"#/terms/{id}\""));
    paths.extend(
        content
            .glossary
            .iter()
            .filter(|it| linked(&it.id))
            .map(|it| format!("glossary/{}.toml", it.id)),
    );
    paths
}
