//! The shell before a person: a prompt, and virtual time that follows real time while a command runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use highwater_scenario::cluster::time::Span;
use highwater_scenario::shell::Known;
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{CompletionType, Config, Editor};

use super::completing::Words;
use super::keyboard::{Typed, typed};
use super::{Shell, leaves};
use crate::output::Output;
use crate::problem::Problem;
use crate::run::PROMPT;

/// How long nothing is looked at while a command runs.
const TICK: Duration = Duration::from_millis(10);

/// Steps of the engine between two looks at the keyboard.
const STEPS: u32 = 20_000;

/// Asks for lines and does them, until the person leaves.
pub(super) fn run(shell: &mut Shell, speed: u32, out: &mut Output) -> Result<(), Problem> {
    let person = Person { speed, interrupts: interrupts()? };
    let mut editor = editor().map_err(|error| format!("the terminal cannot be used: {error}"))?;
    let brokers = shell.session.world().spec().brokers;
    let plural = if brokers == 1 { "" } else { "s" };
    out.line(&format!(
        "A cluster of {brokers} broker{plural}, broker1:9092 among them. Type help for the commands; Ctrl-D leaves."
    ))?;
    out.flush()?;
    loop {
        let files = shell.session.files().into_iter().map(|(name, _)| name).collect();
        if let Some(words) = editor.helper_mut() {
            words.known = Known::new(&shell.session.view(), files);
        }
        match editor.readline(PROMPT) {
            Ok(line) if leaves(&line) => return Ok(()),
            Ok(line) if line.trim().is_empty() => {}
            Ok(line) => {
                shell.type_line(&line)?;
                person.follow(shell, out)?;
                if line.trim() == "clear" {
                    // Where the screen cannot be cleared it stays as it is.
                    let _ = editor.clear_screen();
                }
            }
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => return Ok(()),
            Err(error) => {
                return Err(Problem::Refused(format!("the terminal cannot be read: {error}")));
            }
        }
    }
}

fn editor() -> rustyline::Result<Editor<Words, DefaultHistory>> {
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .auto_add_history(true)
        .max_history_size(1_000)?
        .build();
    let mut editor = Editor::with_config(config)?;
    editor.set_helper(Some(Words::default()));
    Ok(editor)
}

/// A flag that is set by Ctrl-C while no line is asked for.
fn interrupts() -> Result<Arc<AtomicBool>, Problem> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = flag.clone();
    ctrlc::set_handler(move || set.store(true, Ordering::SeqCst))
        .map_err(|error| format!("Ctrl-C cannot be heeded: {error}"))?;
    Ok(flag)
}

/// Who sits before the terminal while a command runs.
struct Person {
    /// How much virtual time passes in real time.
    speed: u32,
    interrupts: Arc<AtomicBool>,
}

impl Person {
    /// Plays until the command has ended: in real time, with what is typed handed to it.
    fn follow(&self, shell: &mut Shell, out: &mut Output) -> Result<(), Problem> {
        let (began, from) = (Instant::now(), shell.session.now());
        self.interrupts.store(false, Ordering::SeqCst);
        loop {
            let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
            let now = from + Span(micros.saturating_mul(u64::from(self.speed)));
            let advance = shell.session.advance(now, STEPS);
            show(shell, out)?;
            if let Some(halt) = advance.halted {
                out.line(&halt.sentence)?;
                shell.session.resume();
                shell.interrupt()?;
            }
            if !shell.is_busy() {
                return out.flush();
            }
            show_prompt(shell, out)?;
            out.flush()?;
            if self.interrupts.swap(false, Ordering::SeqCst) {
                // The terminal shows it, and so will the screen.
                shell.open.push_str("^C");
                shell.interrupt()?;
                continue;
            }
            let wait = if advance.behind { Duration::ZERO } else { TICK };
            if shell.is_read() {
                self.hand_over(shell, wait)?;
            } else {
                thread::sleep(wait);
            }
        }
    }

    /// Hands what is typed to the command.
    fn hand_over(&self, shell: &mut Shell, wait: Duration) -> Result<(), Problem> {
        let typed = typed(wait).map_err(|error| format!("the terminal cannot be read: {error}"))?;
        match typed {
            None => return Ok(()),
            Some(Typed::Line(line)) => shell.type_line(&line)?,
            Some(Typed::EndOfInput) => shell.end_input()?,
        }
        Ok(())
    }
}

/// Shows what the command asks, once.
fn show_prompt(shell: &mut Shell, out: &mut Output) -> Result<(), Problem> {
    let Some(prompt) = shell.prompt().filter(|prompt| !shell.open.starts_with(&**prompt)) else {
        return Ok(());
    };
    out.text(&prompt)?;
    shell.open = prompt.to_string();
    Ok(())
}

/// Shows what the command has printed; what was typed stands on the screen already.
fn show(shell: &mut Shell, out: &mut Output) -> Result<(), Problem> {
    shell.show(|text, _| out.line(text.unwrap_or_default()))
}
