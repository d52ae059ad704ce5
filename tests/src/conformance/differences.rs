//! What differs from the recordings on purpose: `tests/known-differences.toml`.

use serde::Deserialize;

use super::report::{Failure, Report};

const FILE: &str = include_str!("../../known-differences.toml");

/// All known differences.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Differences {
    #[serde(default)]
    difference: Vec<Known>,
}

/// Something that the engine does otherwise than Kafka, on purpose.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The family of recordings that shows it.
    pub family: String,
    /// The operation at which it shows: what a failure's operation ends with.
    pub operation: String,
    /// What the engine answers there.
    pub got: String,
    /// Why it does so.
    pub reason: String,
}

impl Differences {
    /// Those that the project knows.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn known() -> Result<Self, String> {
        let known: Self = toml::from_str(FILE).map_err(|error| error.to_string())?;
        match known.difference.iter().find(|known| known.reason.trim().is_empty()) {
            Some(known) => Err(format!("a difference of family {} has no reason", known.family)),
            None => Ok(known),
        }
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Known> {
        self.difference.iter()
    }

    /// Moves the failures that are known differences to their own list.
    pub(super) fn set_apart(&self, report: &mut Report) {
        let family = report.family;
        let is_known =
            |failure: &mut Failure| self.iter().any(|known| known.explains(family, failure));
        report.differing.extend(report.failures.extract_if(.., is_known));
    }
}

impl Known {
    /// Whether a failure is this difference.
    pub fn explains(&self, family: &str, failure: &Failure) -> bool {
        self.family == family
            && failure.operation.ends_with(&self.operation)
            && failure.got == self.got
    }
}
