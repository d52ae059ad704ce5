//! Scenarios from files and from standard input, with the data files that lie beside them.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use highwater_scenario::script::{Document, ScriptError, StartTime};
use highwater_scenario::session::Session;

use crate::problem::Problem;

mod data_files;

/// The mistakes of a scenario that are told: who mends these sees the rest.
const MOST_MISTAKES: usize = 20;

/// The name that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// A scenario as it was read.
pub(crate) struct Opened {
    /// What it is called in messages.
    pub(crate) name: String,
    pub(crate) document: Document,
    /// Where its data files lie.
    folder: PathBuf,
}

/// Reads the scenario of a file, or of standard input for `-`.
///
/// # Errors
/// It cannot be read, is too long, or is no text.
pub(crate) fn open(file: &Path) -> Result<Opened, Problem> {
    let is_standard_input = file.as_os_str() == STANDARD_INPUT;
    let name = match is_standard_input {
        true => "standard input".to_owned(),
        false => file.display().to_string(),
    };
    let text = read(file, is_standard_input).map_err(|error| Problem::Refused(error).of(&name))?;
    let folder = file.parent().map(Path::to_owned).unwrap_or_default();
    Ok(Opened { name, document: Document::parse(&text), folder })
}

/// A scenario of nothing but a cluster, in which Kafka's internal topics have as many replicas as there can be.
pub(crate) fn fresh_cluster(brokers: u32, seed: u64, start: Option<StartTime>) -> String {
    // Kafka's defaults ask for three brokers.
    let replicas = brokers.min(3);
    let in_sync = brokers.min(2);
    let start = start.map(|start| format!("start {start}\n")).unwrap_or_default();
    format!(
        "highwater 1\nseed {seed}\n{start}cluster --brokers {brokers}\n\
         config * offsets.topic.replication.factor={replicas}\n\
         config * transaction.state.log.replication.factor={replicas}\n\
         config * transaction.state.log.min.isr={in_sync}\n\
         config * share.coordinator.state.topic.replication.factor={replicas}\n\
         config * share.coordinator.state.topic.min.isr={in_sync}\n"
    )
}

fn read(file: &Path, is_standard_input: bool) -> Result<String, String> {
    // One more than is read tells that there is more; a device such as /dev/zero has no end.
    let most = Document::MOST_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    let result = match is_standard_input {
        true => std::io::stdin().lock().take(most).read_to_end(&mut bytes),
        false => File::open(file).and_then(|file| file.take(most).read_to_end(&mut bytes)),
    };
    result.map_err(|error| format!("it cannot be read: {error}"))?;
    if bytes.len() > Document::MOST_BYTES {
        let most = Document::MOST_BYTES >> 20;
        return Err(format!(
            "it is longer than {most} MiB, the most that a scenario may be: keep its data in a file beside it"
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        format!("it is no scenario: it is not UTF-8 from byte {at} on")
    })
}

impl Opened {
    /// Lets all that is random come from another seed.
    pub(crate) fn seeded(mut self, seed: Option<u64>) -> Self {
        if let Some(seed) = seed {
            self.document = self.document.with_seed(seed);
        }
        self
    }

    /// A session at the beginning of the scenario, with the files that it names by their hash.
    ///
    /// # Errors
    /// The scenario has mistakes, with their places; or a file is missing.
    pub(crate) fn session(self) -> Result<Session, Problem> {
        let name = self.name;
        let mut session = Session::new(self.document)
            .map_err(|errors| Problem::Refused(mistakes(&name, &errors)))?;
        data_files::supply(&mut session, &self.folder)
            .map_err(|error| Problem::Refused(error).of(&name))?;
        Ok(session)
    }
}

/// What is wrong with a scenario, a line for each mistake.
pub(crate) fn mistakes(name: &str, errors: &[ScriptError]) -> String {
    let told = errors.iter().take(MOST_MISTAKES).map(|error| format!("{name}: {error}"));
    let mut lines: Vec<String> = told.collect();
    if errors.len() > MOST_MISTAKES {
        lines.push(format!("{name}: and {} more", errors.len() - MOST_MISTAKES));
    }
    lines.join("\n")
}
