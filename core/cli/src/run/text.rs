//! What the terminals of a run show.

use highwater_scenario::cluster::time::Time;
use highwater_scenario::screens::{LineKind, ScreenLine};
use highwater_scenario::session::Session;

use super::terminals;
use crate::output::Output;
use crate::playing::{Budget, play};
use crate::problem::Problem;

/// What stands before a line that was typed.
pub(crate) const PROMPT: &str = "$ ";

/// Plays a session and prints what its terminals show: one as it goes, several one after the other at the end.
pub(super) fn print(
    session: &mut Session,
    until: Time,
    mut budget: Budget,
    title: Option<&str>,
    out: &mut Output,
) -> Result<(), Problem> {
    let names = terminals(session);
    let is_alone = names.len() <= 1;
    if let Some(title) = title.filter(|_| is_alone) {
        out.line(&format!("==> {title} <=="))?;
    }
    let mut shown = 0;
    let result = play(session, until, &mut budget, |session| match names.first() {
        Some(name) if is_alone => show(session, name, &mut shown, out),
        _ => Ok(()),
    });
    if matches!(result, Err(Problem::NobodyReads | Problem::Refused(_))) || is_alone {
        return result;
    }
    for name in &names {
        let title = title.map_or(String::new(), |title| format!("{title}: "));
        out.line(&format!("==> {title}{name} <=="))?;
        show(session, name, &mut 0, out)?;
    }
    result
}

/// Prints what a terminal shows from a line on, which becomes the next one.
fn show(
    session: &Session,
    terminal: &str,
    from: &mut u64,
    out: &mut Output,
) -> Result<(), Problem> {
    let Some(screen) = session.screens().get(terminal) else { return Ok(()) };
    if screen.forgotten() > *from {
        out.line(&format!("({} lines are not kept)", screen.forgotten() - *from))?;
    }
    for line in screen.since(*from) {
        out.line(&on_screen(line))?;
    }
    *from = screen.printed();
    Ok(())
}

/// A line as a terminal shows it.
fn on_screen(line: &ScreenLine) -> String {
    match line.kind {
        LineKind::Typed => format!("{PROMPT}{}", line.text),
        LineKind::Output | LineKind::Error | LineKind::Explanation => line.text.to_string(),
    }
}
