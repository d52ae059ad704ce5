//! The story of a run, with what commands print, each line with its time.

use highwater_scenario::cluster::time::Time;
use highwater_scenario::narration::LogKind;
use highwater_scenario::session::{LogLine, Session};

use crate::output::Output;
use crate::playing::{Budget, play};
use crate::problem::Problem;

/// Plays a session and prints its log.
pub(super) fn print(
    session: &mut Session,
    until: Time,
    mut budget: Budget,
    title: Option<&str>,
    out: &mut Output,
) -> Result<(), Problem> {
    if let Some(title) = title {
        out.line(&format!("==> {title} <=="))?;
    }
    let mut told = 0;
    play(session, until, &mut budget, |session| {
        let log = session.log();
        let new = usize::try_from(log.total() - told).unwrap_or(usize::MAX);
        if new > log.len() {
            // A command that prints very much at one instant.
            out.line(&format!("({} lines are not kept)", new - log.len()))?;
        }
        for line in log.iter().skip(log.len().saturating_sub(new)) {
            out.text(&printed(line))?;
        }
        told = log.total();
        Ok(())
    })
}

/// A line of the log as it is printed, with its line end.
pub(crate) fn printed(line: &LogLine) -> String {
    if let LogKind::Output { terminal, .. } = &line.kind {
        return format!("{} {terminal}| {}\n", line.at, line.sentence);
    }
    let because = line.because.as_ref().map_or(String::new(), |why| format!(" because {why}"));
    format!("{} {}{because}\n", line.at, line.sentence)
}
