//! The proof of what one reads: what is shown runs, and what is claimed is so at its end.

use super::{Part, demonstrate, demonstrate_to};
use crate::eval::Look;
use crate::model::playlist::Shown;
use crate::model::{Lesson, Misconception, Playlist, Term};
use crate::play::begin;

pub(super) async fn lesson(lesson: &Lesson) -> Part {
    let file = format!("lessons/{}.toml", lesson.id);
    let mut all = Part::default();
    for demonstration in &lesson.demonstrations {
        let result = demonstrate(&demonstration.script).await.map(|_| ());
        all.failures.extend(Part::of(&file, &demonstration.script, result).failures);
    }
    all
}

/// Each scenario of a scene runs to where the scene ends. Questions and beliefs are proven by themselves.
pub(super) async fn playlist(playlist: &Playlist) -> Part {
    let file = format!("playlists/{}.toml", playlist.id);
    let mut all = Part::default();
    for scene in &playlist.scenes {
        let Shown::Run(run) = &scene.shown else { continue };
        let result = demonstrate_to(&run.script, run.until).await.map(|_| ());
        let result = result.map_err(|why| format!("{}: {why}", scene.title));
        all.failures.extend(Part::of(&file, &run.script, result).failures);
    }
    all
}

pub(super) async fn term(term: &Term) -> Part {
    let Some(script) = &term.scenario else { return Part::default() };
    let result = demonstrate(script).await.and_then(|session| {
        let Some(claims) = &term.claims else { return Ok(()) };
        Look::new(&session).holds(claims).map_err(|unmet| {
            let why = highwater_texts::fill(unmet.reason.sentence(), &unmet.arguments);
            format!("what it claims is not so at the end: {why}")
        })
    });
    Part::of(&format!("glossary/{}.toml", term.id), script, result)
}

pub(super) async fn misconception(known: &Misconception) -> Part {
    let script = &known.scenario;
    let result = demonstrate(script).await.and_then(|session| {
        Look::new(&session).holds(&known.refuted_by).map_err(|unmet| {
            let why = highwater_texts::fill(unmet.reason.sentence(), &unmet.arguments);
            format!("the run does not refute the belief: {why}")
        })?;
        // What holds before anything happened refutes nothing.
        let beginning = begin(script)?;
        match Look::new(&beginning).holds(&known.refuted_by) {
            Ok(()) => {
                Err("refuted_by holds before anything happened: ask for what the run shows"
                    .to_owned())
            }
            Err(_) => Ok(()),
        }
    });
    Part::of(&format!("misconceptions/{}.toml", known.id), script, result)
}
