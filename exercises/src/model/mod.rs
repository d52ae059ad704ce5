//! What content is made of, as plain data. The reader makes it from files, the build script compiles it
//! in, and whoever checks, asks and proves works with it. It uses nothing of the engine.

mod exercise;
mod hint;
mod library;
pub mod playlist;
pub mod question;
mod reason;
mod road;
mod shows;

pub use exercise::{
    Accepted, Alternative, Button, Carry, Check, Exercise, Guess, Judged, NearMiss, Prediction,
};
pub use hint::{Hint, HintLevel, Offered};
pub use library::{Demonstration, Lesson, Misconception, Term};
pub use playlist::{Playlist, Scene};
pub use question::Question;
pub use reason::Reason;
pub use road::{Road, Stage, Step};
pub use shows::SHOWS;

use serde::{Deserialize, Serialize};

/// All content of a folder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The stages, in order.
    pub road: Road,
    /// The exercises, in the order of the road.
    pub exercises: Vec<Exercise>,
    /// The questions, by stage.
    pub questions: Vec<Question>,
    /// The lessons.
    pub lessons: Vec<Lesson>,
    /// The glossary, by term.
    pub glossary: Vec<Term>,
    /// The misconceptions.
    pub misconceptions: Vec<Misconception>,
    /// The playlists, by stage.
    pub playlists: Vec<Playlist>,
}

impl Content {
    /// It with what another language has of it in the place of the English. Playlists are English.
    pub fn said_in(mut self, own: Self) -> Self {
        put(&mut self.exercises, own.exercises, |it| &it.id);
        put(&mut self.questions, own.questions, |it| &it.id);
        put(&mut self.lessons, own.lessons, |it| &it.id);
        put(&mut self.glossary, own.glossary, |it| &it.id);
        put(&mut self.misconceptions, own.misconceptions, |it| &it.id);
        if !own.road.stages.is_empty() {
            self.road = own.road;
        }
        self
    }
}

/// Puts each item of another language in the place of that with its id.
fn put<T>(english: &mut [T], own: Vec<T>, id: fn(&T) -> &str) {
    for item in own {
        if let Some(place) = english.iter_mut().find(|place| id(place) == id(&item)) {
            *place = item;
        }
    }
}
