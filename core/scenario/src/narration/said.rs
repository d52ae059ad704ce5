//! What sentences are filled with: names and numbers, which are the same in every language, and words, which are not.

use std::fmt::Display;

use highwater_cluster::bounds::Bound;
use highwater_cluster::configs::ConfigResource;
use highwater_cluster::log::Offset;

use crate::catalogue::Catalogue;

/// An argument of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A name or a number.
    Plain(String),
    /// A sentence of the catalogue with names and numbers of its own.
    Sentence {
        /// Its id.
        id: &'static str,
        /// What it is filled with.
        arguments: Vec<(&'static str, String)>,
    },
}

impl Said {
    /// A name or a number.
    pub fn plain(value: impl ToString) -> Self {
        Self::Plain(value.to_string())
    }

    /// Words of the catalogue.
    pub fn sentence(id: &'static str, arguments: &[(&'static str, &dyn Display)]) -> Self {
        let arguments = arguments.iter().map(|(name, value)| (*name, value.to_string())).collect();
        Self::Sentence { id, arguments }
    }

    /// It in the language of a catalogue.
    pub fn in_words(&self, catalogue: &Catalogue) -> String {
        match self {
            Self::Plain(value) => value.clone(),
            Self::Sentence { id, arguments } => catalogue.say(id, arguments),
        }
    }

    /// What a log is filtered by, whatever the language: the name of a node, if it is one.
    pub fn name(&self) -> Option<String> {
        match self {
            Self::Plain(value) => Some(value.clone()),
            Self::Sentence { id: "the-controller", .. } => Some("the controller".to_owned()),
            Self::Sentence { id: "controller", arguments } => {
                arguments.first().map(|(_, id)| format!("controller {id}"))
            }
            Self::Sentence { .. } => None,
        }
    }
}

/// Offsets from the first to the last.
pub(super) fn offsets(first: Offset, last: Offset) -> Said {
    if first == last {
        Said::sentence("offsets-one", &[("first", &first)])
    } else {
        Said::sentence("offsets-many", &[("first", &first), ("last", &last)])
    }
}

/// Whose setting.
pub(super) fn resource(resource: &ConfigResource) -> Said {
    match resource {
        ConfigResource::Topic(name) => Said::sentence("resource-topic", &[("name", name)]),
        ConfigResource::Group(name) => Said::sentence("resource-group", &[("name", name)]),
        ConfigResource::AllBrokers => Said::sentence("resource-brokers", &[]),
        ConfigResource::Broker(_) => Said::plain(resource),
    }
}

/// Which bound of the world was reached.
pub(crate) fn bound(bound: Bound) -> Said {
    let of = |id, limit: &dyn Display| Said::sentence(id, &[("limit", limit)]);
    match bound {
        Bound::StepsPerInstant(limit) => of("bound-steps", &limit),
        Bound::WorkPerSecond(limit) => of("bound-work", &limit),
        Bound::LogBytes(limit) => of("bound-logs", &(limit >> 20)),
        Bound::Clients(limit) => of("bound-clients", &limit),
        Bound::Partitions(limit) => of("bound-partitions", &limit),
        Bound::WaitingForPaused(limit) => of("bound-paused", &limit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the engine says of it, the catalogue says in English too.
    #[test]
    fn english_words_are_those_of_the_engine() {
        let english = Catalogue::english();
        let bounds = [
            Bound::StepsPerInstant(7),
            Bound::WorkPerSecond(7),
            Bound::LogBytes(7 << 20),
            Bound::Clients(7),
            Bound::Partitions(7),
            Bound::WaitingForPaused(7),
        ];
        for it in bounds {
            assert_eq!(bound(it).in_words(&english), it.to_string());
        }
        for it in [
            ConfigResource::Topic("t".into()),
            ConfigResource::Group("g".into()),
            ConfigResource::AllBrokers,
        ] {
            assert_eq!(resource(&it).in_words(&english), it.to_string());
        }
        assert_eq!(offsets(Offset(3), Offset(3)).in_words(&english), "offset 3");
        assert_eq!(offsets(Offset(3), Offset(9)).in_words(&english), "offsets 3 to 9");
        let controller = Said::sentence("the-controller", &[]);
        assert_eq!(controller.name().as_deref(), Some(&*controller.in_words(&english)));
    }
}
