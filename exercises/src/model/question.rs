//! A question whose right answer is found by running its scenario.

use serde::{Deserialize, Serialize};

/// A question to predict, then run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The name of its folder.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The stage of the road that it belongs to.
    pub stage: u8,
    /// The situation and what is asked.
    pub text_html: String,
    /// The choices. Which is right, the engine says.
    pub options: Vec<Choice>,
    /// What is right and why: for after the answer.
    pub explanation_html: String,
    /// The sentence that tells what the run showed, with the numbers of [`Outcome`] in braces.
    pub evidence: String,
    /// The scenario that answers it.
    pub scenario: String,
    /// The topic that it is about.
    pub topic: String,
    /// The moment that is shown while one makes up one's mind, in microseconds of virtual time.
    pub shows: u64,
    /// The beginning of the time that is looked at, in microseconds of virtual time.
    pub since: u64,
    /// The end of the time that is looked at, in microseconds of virtual time.
    pub until: u64,
}

/// A choice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// What it claims.
    pub text: String,
    /// When the claim is true.
    pub when: Outcome,
    /// The wrong belief that makes one choose it; the right choice has none.
    pub misconception: Option<String>,
    /// What to say to who chose it.
    pub reply_html: String,
}

/// What happened to the records of the topic, in words. What is left out does not matter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Records acknowledged within the time that is looked at.
    pub acknowledged: Option<Amount>,
    /// Batches refused for want of in-sync replicas within that time.
    pub not_enough_replicas: Option<Amount>,
    /// Records that producers gave up within that time.
    pub failed: Option<Amount>,
    /// Records that wait in producers at its end, sent or not.
    pub waiting: Option<Amount>,
    /// Acknowledged records that are gone at its end.
    pub lost: Option<Amount>,
}

impl Outcome {
    /// The names of what is counted, as they stand in `evidence`.
    pub const NAMES: [&'static str; 5] =
        ["acknowledged", "not_enough_replicas", "failed", "waiting", "lost"];
}

/// Whether there is any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amount {
    /// None at all.
    None,
    /// One or more.
    Some,
}
