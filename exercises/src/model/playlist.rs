//! A playlist: scenes that a teacher shows to a class, one after the other.

use serde::{Deserialize, Serialize};

/// Scenes in an order, with notes for who shows them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Playlist {
    /// Its name.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The stage of the road that it belongs to.
    pub stage: u8,
    /// What a class takes along.
    pub summary: String,
    /// The scenes, in their order.
    pub scenes: Vec<Scene>,
}

/// One scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    /// Its title, as the room reads it.
    pub title: String,
    /// How long it is to take.
    pub minutes: u8,
    /// What the room reads beside the stage; may be empty.
    pub says_html: String,
    /// What the teacher reads, on another screen or on paper.
    pub notes_html: String,
    /// What is shown.
    pub shown: Shown,
}

/// What a scene shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Shown {
    /// Its words, beside a stage on which nothing is.
    Words,
    /// A scenario, from moment to moment.
    Run(SceneRun),
    /// A question, which the room answers.
    Question {
        /// Which, by id.
        id: String,
        /// What draws its numbers.
        draw: u32,
    },
    /// A wrong belief, which the room may hold, and the run that refutes it.
    Belief(String),
}

/// A scenario as a scene shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SceneRun {
    /// The scenario.
    pub script: String,
    /// Where it stands when the scene begins, in microseconds of virtual time.
    pub from: u64,
    /// Where it pauses by itself, in microseconds of virtual time.
    pub pauses: Vec<u64>,
    /// Where it ends, in microseconds of virtual time.
    pub until: u64,
    /// How fast it plays, in a hundred of real time.
    pub speed_percent: u16,
    /// What the stage draws: words of [`SHOWS`](super::SHOWS). Empty: all.
    pub shows: Vec<String>,
    /// The place below the cluster that is seen, as an address names it; empty: the cluster.
    pub at: String,
    /// The panel that stands below the stage, if one does.
    pub panel: Option<String>,
}

impl Playlist {
    /// How long all its scenes are to take.
    pub fn minutes(&self) -> u32 {
        self.scenes.iter().map(|scene| u32::from(scene.minutes)).sum()
    }

    /// The questions of its scenes, by id and draw, in their order.
    pub fn questions(&self) -> impl Iterator<Item = (&str, u32)> {
        self.scenes.iter().filter_map(|scene| match &scene.shown {
            Shown::Question { id, draw } => Some((id.as_str(), *draw)),
            _ => None,
        })
    }
}
