//! Exercises and questions. The content is data, in `content/`: the build script compiles it, this
//! crate checks, grades and proves it. It knows the engine, and nothing of the screen.
//!
//! ```
//! use highwater_scenario::session::Session;
//!
//! let exercise = &highwater_exercises::all()[0];
//! let session = Session::parse(&exercise.start).expect("an exercise starts with a right scenario");
//! assert!(exercise.check(&session).iter().any(|check| !check.met));
//! ```
#![forbid(unsafe_code)]

mod ask;
mod check;
mod fill;
mod model;
mod play;
pub mod proof;

use std::sync::LazyLock;

pub use ask::{Answer, NoAnswer};
pub use check::CheckState;
pub use model::condition::Acks;
pub use model::question::Amount;
pub use model::{
    Alternative, Check, Choice, Condition, Exercise, Hint, HintLevel, NearMiss, Offered, Outcome,
    Question, Reason,
};

/// The content, as the build script compiled it; read when it is first asked for.
static CONTENT: LazyLock<model::Content> = LazyLock::new(|| {
    let json = include_str!(concat!(env!("OUT_DIR"), "/content.json"));
    serde_json::from_str(json).expect("the build script wrote it with the same types")
});

/// All exercises, in the order of the road.
pub fn all() -> &'static [Exercise] {
    &CONTENT.exercises
}

/// All questions, in the order of the road.
pub fn questions() -> &'static [Question] {
    &CONTENT.questions
}

/// The stages of the road, from nothing to architecture.
const STAGES: [&str; 10] = [
    "topics, producers, consumers",
    "partitions and brokers",
    "producer and consumer APIs",
    "the command line",
    "groups and offsets",
    "Connect",
    "stream processing",
    "schemas",
    "monitoring and tuning",
    "event-driven architecture",
];

/// A stage of the road in words: its number, how many there are, and what it is about.
pub fn stage_name(stage: u8) -> String {
    let about = usize::from(stage).checked_sub(1).and_then(|index| STAGES.get(index));
    format!("Stage {stage} of {}, {}", STAGES.len(), about.copied().unwrap_or("beyond the road"))
}
