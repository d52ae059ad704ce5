//! `playlists/ID.toml` as a [`Playlist`].

use serde::Deserialize;
use toml::Spanned;

use super::beside::Beside;
use super::files::Files;
use super::markdown::{Terms, Writer};
use super::mistake::{Mistake, Mistakes};
use super::prose::Bounds;
use super::settings::Source;
use crate::model::playlist::{SceneRun, Shown};
use crate::model::{Content, Playlist, Scene};

/// How long the words of a scene may be: they are read from the last row.
const SAYS: Bounds = Bounds::new(3, 70);
/// How long the notes on a scene may be: they are read while one speaks.
const NOTES: Bounds = Bounds::new(8, 150);
/// The panels that a scene can have below its stage.
const PANELS: [&str; 5] = ["terminal", "log", "tables", "charts", "metrics"];
/// How long a playlist may take, in minutes.
const MINUTES: std::ops::RangeInclusive<u32> = 10..=45;
/// As fast, or as slow, as a scene may play.
const SPEEDS: std::ops::RangeInclusive<u16> = 1..=10_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaylistFile {
    title: Spanned<String>,
    stage: Spanned<u8>,
    summary: Spanned<String>,
    scenes: Spanned<Vec<SceneEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SceneEntry {
    title: Spanned<String>,
    minutes: Spanned<u8>,
    says: Option<Spanned<String>>,
    notes: Spanned<String>,
    question: Option<Spanned<String>>,
    draw: Option<Spanned<u32>>,
    belief: Option<Spanned<String>>,
    scenario: Option<Spanned<String>>,
    from: Option<Spanned<String>>,
    #[serde(default)]
    pauses: Vec<Spanned<String>>,
    until: Option<Spanned<String>>,
    speed_percent: Option<Spanned<u16>>,
    #[serde(default)]
    shows: Vec<Spanned<String>>,
    at: Option<Spanned<String>>,
    panel: Option<Spanned<String>>,
}

/// All playlists, by stage.
pub fn read_all(files: &mut Files, terms: &Terms, mistakes: &mut Mistakes) -> Vec<Playlist> {
    let mut playlists = Vec::new();
    for id in files.settings("playlists") {
        let source = files.source(&format!("playlists/{id}.toml"));
        let Some(file) = source.parse::<PlaylistFile>(mistakes) else { continue };
        let whole = source.mistake(&file.scenes, "", "");
        let scenes = file.scenes.into_inner();
        let playlist = Playlist {
            id,
            title: source.text(&file.title, mistakes),
            stage: source.stage(&file.stage, mistakes),
            summary: source.text(&file.summary, mistakes),
            scenes: scenes
                .into_iter()
                .map(|entry| scene(&source, entry, terms, mistakes))
                .collect(),
        };
        let minutes = playlist.minutes();
        if !MINUTES.contains(&minutes) {
            let what = format!("the scenes take {minutes} minutes together");
            let mend = format!("let them take from {} to {}", MINUTES.start(), MINUTES.end());
            mistakes.add(Mistake { what, mend, ..whole });
        }
        playlists.push(playlist);
    }
    playlists.sort_by_key(|playlist| playlist.stage);
    playlists
}

fn scene(source: &Source, entry: SceneEntry, terms: &Terms, mistakes: &mut Mistakes) -> Scene {
    let mut writer = Writer::new(terms);
    let notes_html = writer.value(source, &entry.notes, NOTES, mistakes);
    let says_html = entry
        .says
        .as_ref()
        .map(|says| writer.value(source, says, SAYS, mistakes))
        .unwrap_or_default();
    if !writer.demonstrations.is_empty() {
        let mend = "let it be the scenario of a scene";
        mistakes.add(source.mistake(
            &entry.notes,
            "a scenario cannot run within these texts",
            mend,
        ));
    }
    if *entry.minutes.get_ref() == 0 {
        mistakes.add(source.mistake(
            &entry.minutes,
            "a scene takes a minute at least",
            "say how many",
        ));
    }
    Scene {
        title: source.text(&entry.title, mistakes),
        minutes: *entry.minutes.get_ref(),
        says_html,
        notes_html,
        shown: shown(source, &entry, mistakes),
    }
}

fn shown(source: &Source, entry: &SceneEntry, mistakes: &mut Mistakes) -> Shown {
    let kinds = [entry.question.is_some(), entry.belief.is_some(), entry.scenario.is_some()];
    if kinds.iter().filter(|is_there| **is_there).count() > 1 {
        let mend = "leave one of question, belief and scenario, and make another scene of the rest";
        mistakes.add(source.mistake(&entry.title, "the scene shows several things", mend));
    }
    if entry.scenario.is_none() {
        complain_of_idle(source, entry, mistakes);
    }
    if let (Some(draw), None) = (&entry.draw, &entry.question) {
        let mend = "name a question, or leave draw out";
        mistakes.add(source.mistake(draw, "there is nothing to draw numbers for", mend));
    }
    if let Some(id) = &entry.question {
        let draw = entry.draw.as_ref().map_or(0, |draw| *draw.get_ref());
        return Shown::Question { id: source.text(id, mistakes), draw };
    }
    if let Some(id) = &entry.belief {
        return Shown::Belief(source.text(id, mistakes));
    }
    match &entry.scenario {
        Some(scenario) => {
            Shown::Run(run(source, entry, source.script(scenario, mistakes), mistakes))
        }
        None if entry.says.is_none() => {
            let mend = "write says, or name a question, a belief or a scenario";
            mistakes.add(source.mistake(&entry.title, "the scene shows nothing", mend));
            Shown::Words
        }
        None => Shown::Words,
    }
}

/// What belongs to a scenario is of no use without one.
fn complain_of_idle(source: &Source, entry: &SceneEntry, mistakes: &mut Mistakes) {
    let spans = [&entry.from, &entry.until, &entry.at, &entry.panel];
    let words = spans.into_iter().flatten().chain(&entry.pauses).chain(&entry.shows);
    let mut places: Vec<Mistake> = words.map(|word| source.mistake(word, "", "")).collect();
    places.extend(entry.speed_percent.as_ref().map(|speed| source.mistake(speed, "", "")));
    for place in places {
        let what = "only a scene with a scenario of its own has this".to_owned();
        mistakes.add(Mistake { what, mend: "leave it out".to_owned(), ..place });
    }
}

fn run(source: &Source, entry: &SceneEntry, script: String, mistakes: &mut Mistakes) -> SceneRun {
    let mut instant = |value: &Option<Spanned<String>>| {
        value.as_ref().map(|value| source.instant(value, mistakes)).unwrap_or_default()
    };
    let (from, until) = (instant(&entry.from), instant(&entry.until));
    let mut pauses = Vec::new();
    let mut before = from;
    let end = entry.until.as_ref();
    for value in entry.pauses.iter().chain(end) {
        let at = source.instant(value, mistakes);
        if at <= before {
            let mend = "let from, the pauses and until come one after the other";
            mistakes.add(source.mistake(value, "the scene has been there already", mend));
        }
        before = at;
        pauses.push(at);
    }
    match end {
        Some(_) => drop(pauses.pop()),
        None => {
            let mend = "write until, such as until = \"10s\"";
            mistakes.add(source.mistake(
                &entry.title,
                "the scene does not say where it ends",
                mend,
            ));
        }
    }
    let speed_percent = entry.speed_percent.as_ref().map_or(100, |speed| *speed.get_ref());
    if let Some(speed) = entry.speed_percent.as_ref().filter(|_| !SPEEDS.contains(&speed_percent)) {
        mistakes.add(source.mistake(
            speed,
            "nothing plays so fast, or so slowly",
            "100 is as fast as it is",
        ));
    }
    let panel = entry.panel.as_ref().map(|panel| {
        if !PANELS.contains(&panel.get_ref().as_str()) {
            let what = format!("there is no panel {}", panel.get_ref());
            mistakes.add(source.mistake(
                panel,
                what,
                format!("choose among {}", PANELS.join(", ")),
            ));
        }
        panel.get_ref().clone()
    });
    SceneRun {
        script,
        from,
        pauses,
        until,
        speed_percent,
        shows: source.shows(entry.shows.clone(), mistakes),
        at: entry.at.as_ref().map(|at| source.text(at, mistakes)).unwrap_or_default(),
        panel,
    }
}

/// Whether every question and belief that a scene names is there.
pub fn check_links(content: &Content, beside: &Beside, mistakes: &mut Mistakes) {
    for playlist in &content.playlists {
        for scene in &playlist.scenes {
            let (what, folder, is_there) = match &scene.shown {
                Shown::Question { id, .. } => {
                    let is_own = content.questions.iter().any(|known| known.id == *id);
                    (id, "question", is_own || beside.questions.contains(id))
                }
                Shown::Belief(id) => {
                    let is_own = content.misconceptions.iter().any(|known| known.id == *id);
                    (id, "misconception", is_own || beside.misconceptions.contains(id))
                }
                Shown::Words | Shown::Run(_) => continue,
            };
            if !is_there {
                let file = format!("playlists/{}.toml", playlist.id);
                let mend = format!("write {folder}s/{what}.toml, or name one that is there");
                mistakes.add(Mistake::of_file(file, format!("there is no {folder} {what}"), mend));
            }
        }
    }
}
