//! The words for what one knows: those that the road teaches, and the tags of questions.

use highwater_exercises::{Content, Question, Road};

/// Tags that say for whom or in which form something is asked, not about what.
const NOT_CONCEPTS: [&str; 2] = ["incident", "design"];

/// What questions call otherwise than the road does.
const SAME: [(&str, &str); 10] = [
    ("ordering", "order"),
    ("rebalancing", "rebalance"),
    ("transactional", "transaction"),
    ("offset-reset", "auto-offset-reset"),
    ("in-sync-replicas", "isr"),
    ("unclean-leader-election", "unclean-election"),
    ("quorum", "controller-quorum"),
    ("group-coordinator", "coordinator"),
    ("poll-interval", "max-poll-interval"),
    ("timestamps", "timestamp"),
];

/// What the glossary calls otherwise than the road does.
const NAMED: [(&str, &str); 1] = [("min-isr", "min-insync-replicas")];

/// The concepts of a question, as the road calls them where it does.
pub fn concepts_of<'a>(question: &'a Question, road: &'a Road) -> Vec<&'a str> {
    let tags = question.tags.iter().map(String::as_str);
    let about = tags.filter(|tag| !tag.starts_with("role-") && !NOT_CONCEPTS.contains(tag));
    let mut concepts: Vec<&str> = Vec::new();
    for tag in about {
        let concept = on_road(tag, road);
        if !concepts.contains(&concept) {
            concepts.push(concept);
        }
    }
    concepts
}

fn on_road<'a>(tag: &'a str, road: &'a Road) -> &'a str {
    let is_taught = |word: &str| {
        let mut steps = road.stages.iter().flat_map(|stage| &stage.steps);
        steps.any(|step| step.teaches.iter().any(|taught| taught == word))
    };
    let singular = tag.strip_suffix('s').filter(|word| is_taught(word));
    match singular.filter(|_| !is_taught(tag)) {
        Some(singular) => singular,
        None => SAME.iter().find(|(other, _)| *other == tag).map_or(tag, |(_, same)| same),
    }
}

/// How a concept is called before people: as the glossary does, else as it is written.
pub fn concept_name(concept: &str, content: &Content) -> String {
    let named = NAMED.iter().find(|(known, _)| *known == concept);
    let concept = named.map_or(concept, |(_, term)| term);
    let words = concept.replace('-', " ");
    let is_called_so = |name: &String| name.to_lowercase() == words;
    let by_id = content.glossary.iter().find(|term| term.id == concept);
    let by_name = || {
        let mut terms = content.glossary.iter();
        terms.find(|term| is_called_so(&term.term) || term.also.iter().any(is_called_so))
    };
    if let Some(term) = by_id.or_else(by_name) {
        return term.term.clone();
    }
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
