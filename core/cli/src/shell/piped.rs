//! The shell over lines of a pipe or a file: each as soon as the one before is done, in virtual time that waits for nobody.

use std::io::BufRead;

use highwater_scenario::cluster::time::Span;
use highwater_scenario::screens::LineKind;

use super::{Shell, leaves};
use crate::output::{Output, harmless};
use crate::playing::{Budget, MOST_STEPS, portion};
use crate::problem::Problem;

/// How long a command may take to end once it was interrupted.
const GRACE: Span = Span(60 * 1_000_000);

/// Does the lines of standard input.
pub(super) fn run(shell: &mut Shell, patience: Span, out: &mut Output) -> Result<(), Problem> {
    for line in std::io::stdin().lock().lines() {
        let line =
            line.map_err(|error| format!("standard input cannot be read as text: {error}"))?;
        let is_command = !shell.is_read();
        if is_command && leaves(&line) {
            return out.flush();
        }
        if is_command && line.trim().is_empty() {
            continue;
        }
        shell.type_line(&line)?;
        wait(shell, patience, out)?;
    }
    if let Some(prompt) = shell.prompt().filter(|_| shell.is_read()) {
        // Nobody is asked here.
        shell.open = prompt.to_string();
    }
    if shell.is_read() {
        shell.end_input()?;
        wait(shell, patience, out)?;
    }
    out.flush()
}

/// Plays until the command has ended or reads; interrupts one that takes longer than that.
fn wait(shell: &mut Shell, patience: Span, out: &mut Output) -> Result<(), Problem> {
    if play(shell, patience, out)? {
        return Ok(());
    }
    shell.interrupt()?;
    if play(shell, GRACE, out)? {
        return Ok(());
    }
    Err(Problem::Halted("a command does not end, not even by Ctrl-C".to_owned()))
}

/// Whether the command has ended, or reads, within so much virtual time.
fn play(shell: &mut Shell, within: Span, out: &mut Output) -> Result<bool, Problem> {
    let deadline = shell.session.now() + within;
    let mut budget = Budget::new(MOST_STEPS);
    // What is due at this very moment may be the command's own end.
    let mut until = shell.session.now();
    loop {
        let is_more = portion(&mut shell.session, until, &mut budget, &mut |_| Ok(()));
        shell.show(|text, kind| print(text, kind, out))?;
        if is_more? {
            continue;
        }
        if !shell.is_busy() || shell.is_read() {
            return Ok(true);
        }
        match shell.session.next_due() {
            Some(due) if due <= deadline => until = due.max(until),
            _ => return Ok(false),
        }
    }
}

fn print(text: Option<&str>, kind: LineKind, out: &mut Output) -> Result<(), Problem> {
    // A prompt with nothing behind it.
    let Some(text) = text else { return Ok(()) };
    match kind {
        LineKind::Typed | LineKind::Output => out.line(text),
        LineKind::Error | LineKind::Explanation => {
            // In the order in which they were printed, where both go to the same place.
            out.flush()?;
            eprintln!("{}", harmless(text));
            Ok(())
        }
    }
}
