//! Finding questions in the bank.

use highwater_exercises::{Level, Question, Road, Task};

use crate::concepts::concepts_of;

/// For whom a question matters most: the tags that say so.
pub const ROLES: [&str; 5] =
    ["role-backend", "role-data", "role-platform", "role-ml", "role-architecture"];

/// In which form something is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asks {
    /// In any.
    #[default]
    Anything,
    /// Something is wrong with a cluster.
    Incidents,
    /// Something is to be designed.
    Designs,
    /// To be answered in one's own words.
    InOwnWords,
    /// Answered by a run of the cluster.
    Computed,
}

/// Which questions are wanted: all that fit each part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// About a concept.
    pub concept: Option<String>,
    /// Of a level.
    pub level: Option<Level>,
    /// For a role: one of [`ROLES`].
    pub role: Option<String>,
    /// In which form.
    pub asks: Asks,
    /// Whose text has all these words.
    pub sought: String,
}

/// The questions that are wanted; those with the words in their title first.
pub fn find<'a>(questions: &'a [Question], road: &Road, filter: &Filter) -> Vec<&'a Question> {
    let words: Vec<String> = filter.sought.split_whitespace().map(str::to_lowercase).collect();
    let mut found: Vec<(bool, &Question)> = Vec::new();
    for question in questions.iter().filter(|question| fits(question, road, filter)) {
        let title = question.title.to_lowercase();
        let text = searched(question);
        if words.iter().all(|word| text.contains(word)) {
            found.push((!words.iter().all(|word| title.contains(word)), question));
        }
    }
    found.sort_by_key(|(is_in_text_only, _)| *is_in_text_only);
    found.into_iter().map(|(_, question)| question).collect()
}

/// How long a question may take in an interview.
pub fn minutes_for(question: &Question) -> u32 {
    match (&question.task, question.level) {
        (Task::Open(_), _) => 5,
        (_, Level::Easy) => 2,
        (_, Level::Medium) => 3,
        (_, Level::Hard) => 4,
    }
}

fn fits(question: &Question, road: &Road, filter: &Filter) -> bool {
    let has = |tag: &str| question.tags.iter().any(|known| known == tag);
    let is_asked_so = match filter.asks {
        Asks::Anything => true,
        Asks::Incidents => has("incident") || matches!(question.task, Task::FindFault(_)),
        Asks::Designs => has("design"),
        Asks::InOwnWords => matches!(question.task, Task::Open(_)),
        Asks::Computed => question.is_computed(),
    };
    let is_about = |concept: &String| concepts_of(question, road).contains(&concept.as_str());
    is_asked_so
        && filter.concept.as_ref().is_none_or(is_about)
        && filter.level.is_none_or(|level| question.level == level)
        && filter.role.as_ref().is_none_or(|role| has(role))
}

/// What is searched of a question: what it asks, not what it answers.
fn searched(question: &Question) -> String {
    let mut text = format!("{} {} {} ", question.id, question.title, question.tags.join(" "));
    let mut is_in_tag = false;
    for letter in question.text_html.chars() {
        match letter {
            '<' => is_in_tag = true,
            '>' => is_in_tag = false,
            _ if !is_in_tag => text.push(letter),
            _ => {}
        }
    }
    for choice in question.choices() {
        text.push(' ');
        text.push_str(&choice.text);
    }
    text.to_lowercase()
}
