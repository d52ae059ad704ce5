//! A playlist that is held before a class: where it stands, and what the room voted.

mod ballot;
mod results;
mod work;

use std::collections::BTreeMap;

use highwater_exercises::{Playlist, Question, Scene, Shown};
use serde::{Deserialize, Serialize};

pub use ballot::Ballot;
pub use results::{Answered, Class, OfQuestion, OfStudent, Results, ResultsRefused};
pub use work::{MOST_STUDENTS, Work, draw_of};

/// What a teacher does next in a scene. Each is come to by one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The scene stands at its beginning.
    Stands,
    /// The run goes on to this moment, in microseconds of virtual time, and pauses there.
    PlaysTo(u64),
    /// The question is put, and hands are counted.
    Asks,
    /// Neighbours talk, each with somebody who thinks otherwise.
    Discusses,
    /// Hands are counted again.
    AsksAgain,
    /// The cluster answers.
    Answers,
    /// A belief is put to the room, and hands are counted.
    Claims,
    /// Its scenario runs.
    Refutes,
    /// What is true is told.
    Tells,
}

/// The steps of a scene. A question without answers to choose from cannot be voted on.
pub fn steps(scene: &Scene, question: Option<&Question>) -> Vec<Step> {
    match &scene.shown {
        Shown::Words => vec![Step::Stands],
        Shown::Run(run) => {
            let stops = run.pauses.iter().copied().chain([run.until]).map(Step::PlaysTo);
            [Step::Stands].into_iter().chain(stops).collect()
        }
        Shown::Question { .. } if question.is_some_and(Ballot::is_there) => {
            vec![Step::Asks, Step::Discusses, Step::AsksAgain, Step::Answers]
        }
        Shown::Question { .. } => vec![Step::Asks, Step::Answers],
        Shown::Belief(_) => vec![Step::Claims, Step::Refutes, Step::Tells],
    }
}

/// How far a playlist is, and what was counted: all that is needed to go on after a reload, and on a second screen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// Which playlist, by id.
    pub playlist: String,
    /// When it began, in milliseconds since 1970.
    pub began_ms: u64,
    /// The place of the scene, from 0.
    pub scene: usize,
    /// When that scene began, in milliseconds since 1970.
    pub scene_began_ms: u64,
    /// The place of the step in it, from 0.
    pub step: usize,
    /// What was counted, by the places of the scenes.
    pub hands: BTreeMap<usize, Hands>,
}

/// The hands that were counted for one question, by the places of its answers on the [`Ballot`]. What was not counted is
/// none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hands {
    /// Before the room talked about it.
    pub first: BTreeMap<usize, u16>,
    /// After that.
    pub second: BTreeMap<usize, u16>,
}

/// How many hands were right, of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Hands that were right.
    pub right: u32,
    /// All of them.
    pub all: u32,
}

impl Held {
    /// A playlist that begins now.
    pub fn begin(playlist: &str, now_ms: u64) -> Self {
        Self {
            playlist: playlist.to_owned(),
            began_ms: now_ms,
            scene_began_ms: now_ms,
            ..Self::default()
        }
    }

    /// Goes to a scene.
    pub fn go_to(&mut self, scene: usize, now_ms: u64) {
        (self.scene, self.step, self.scene_began_ms) = (scene, 0, now_ms);
    }

    /// Goes a step on, to the next scene behind the last; false at the end of it all.
    pub fn forward(&mut self, playlist: &Playlist, steps: usize, now_ms: u64) -> bool {
        if self.step + 1 < steps {
            self.step += 1;
            return true;
        }
        let has_next = self.scene + 1 < playlist.scenes.len();
        if has_next {
            self.go_to(self.scene + 1, now_ms);
        }
        has_next
    }

    /// Goes a step back, from the first to the beginning of the scene before; false at the beginning of it all.
    pub fn back(&mut self, now_ms: u64) -> bool {
        if self.step > 0 {
            self.step -= 1;
            return true;
        }
        let has_before = self.scene > 0;
        if has_before {
            self.go_to(self.scene - 1, now_ms);
        }
        has_before
    }

    /// How long the scenes up to the one that is shown are to take, it left out, in milliseconds.
    pub fn planned_ms(&self, playlist: &Playlist) -> u64 {
        let before = playlist.scenes.iter().take(self.scene);
        before.map(|scene| u64::from(scene.minutes) * 60_000).sum()
    }
}

impl Hands {
    /// Those of the first vote, or of the second.
    pub fn of(&self, is_second: bool) -> &BTreeMap<usize, u16> {
        if is_second { &self.second } else { &self.first }
    }

    /// Those of the first vote, or of the second, to be changed.
    pub fn of_mut(&mut self, is_second: bool) -> &mut BTreeMap<usize, u16> {
        if is_second { &mut self.second } else { &mut self.first }
    }

    /// How many of a vote were right; none if nothing was counted. Of a question with several right answers each hand
    /// counts by itself.
    pub fn share(&self, is_second: bool, ballot: &Ballot) -> Option<Share> {
        let counted = self.of(is_second);
        let all: u32 = counted.values().map(|hands| u32::from(*hands)).sum();
        let right = counted.iter().filter(|(place, _)| ballot.right.contains(*place));
        let right = right.map(|(_, hands)| u32::from(*hands)).sum();
        (all > 0).then_some(Share { right, all })
    }
}
