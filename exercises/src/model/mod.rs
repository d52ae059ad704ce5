//! What content is made of, as plain data. The build script writes it from the files in `content/`,
//! the crate reads it back: both compile this module, so it uses nothing of the engine.

pub mod condition;
mod exercise;
mod hint;
pub mod question;
mod reason;

pub use condition::Condition;
pub use exercise::{Alternative, Check, Exercise, NearMiss};
pub use hint::{Hint, HintLevel, Offered};
pub use question::{Choice, Outcome, Question};
pub use reason::Reason;

use serde::{Deserialize, Serialize};

/// All exercises and questions, each in the order of the road.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The exercises.
    pub exercises: Vec<Exercise>,
    /// The questions.
    pub questions: Vec<Question>,
}
