//! What stands on the screens of the terminals: the lines that were typed, and what commands printed.
//!
//! A script has one run only, so a line of a screen is known by its number. Checkpoints therefore hold
//! numbers and no lines: whoever goes back takes the lines along, and sees those up to the number that
//! the checkpoint knows; played on, the same lines are counted anew. What a change of the script makes
//! untrue is forgotten.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use highwater_cluster::event::{Event, EventKind};
use highwater_cluster::ids::{EventId, TerminalName};

/// How many lines of a terminal are kept at least.
pub const MOST_LINES: usize = 100_000;

/// How much text of a terminal is kept, in bytes: fewer lines, if they are very long.
const MOST_BYTES: usize = 24 << 20;

/// How many lines are forgotten at once.
const CHUNK: usize = 1_024;

/// With what the explanations begin that are the project's own.
pub const OWN: &str = "Highwater: ";

/// A line of a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScreenLine {
    /// What it says, without a line end.
    pub text: Arc<str>,
    /// Who says it.
    pub kind: LineKind,
}

/// Who says a line of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// A person typed it for the shell.
    Typed,
    /// A command printed it to its standard output.
    Output,
    /// A command printed it to its standard error.
    Error,
    /// It explains what the real tool leaves unsaid: it begins with [`OWN`].
    Explanation,
}

/// The screens of all terminals.
#[derive(Clone, Debug, Default)]
pub struct Screens {
    all: BTreeMap<TerminalName, Screen>,
    /// What was typed since events were taken in last, and before which event.
    typed: VecDeque<(EventId, TerminalName, String)>,
}

/// The screen of a terminal.
#[derive(Clone, Debug, Default)]
pub struct Screen {
    chunks: VecDeque<Arc<Vec<ScreenLine>>>,
    /// The number of the first line that is kept.
    first: u64,
    /// How many lines were printed up to the present moment.
    printed: u64,
    /// How many lines there were when `clear` was typed last.
    cleared: u64,
    /// How much text is kept.
    bytes: usize,
}

impl Screens {
    /// The screen of a terminal, if anything was ever on it.
    pub fn get(&self, terminal: &str) -> Option<&Screen> {
        self.all.get(&TerminalName::from(terminal))
    }

    /// The names of the terminals that have anything on them.
    pub fn names(&self) -> impl Iterator<Item = &TerminalName> {
        self.all.iter().filter(|(_, screen)| screen.printed > 0).map(|(name, _)| name)
    }

    /// The shell of a terminal takes a line. The event is the next that will happen.
    pub(crate) fn typed(&mut self, terminal: &TerminalName, line: &str, next: EventId) {
        self.typed.push_back((next, terminal.clone(), line.to_owned()));
    }

    /// Takes in what happened.
    pub(crate) fn observe(&mut self, event: &Event) {
        self.note_typed(Some(event.id));
        let EventKind::Output { terminal, text, is_error, .. } = &event.kind else { return };
        let kind = if *is_error { LineKind::Error } else { LineKind::Output };
        self.print(terminal, text, kind);
    }

    /// All that happened so far was taken in.
    pub(crate) fn end_of_events(&mut self) {
        self.note_typed(None);
    }

    /// The screens as a checkpoint remembers them: without their lines.
    pub(crate) fn numbers(&self) -> Self {
        let all = self.all.iter().map(|(name, screen)| {
            let Screen { printed, cleared, .. } = *screen;
            (name.clone(), Screen { first: printed, printed, cleared, ..Screen::default() })
        });
        Self { all: all.collect(), typed: VecDeque::new() }
    }

    /// Takes the lines of another moment of the same run, which show what they showed here.
    pub(crate) fn take_lines(&mut self, from: &mut Self) {
        for (name, mut known) in std::mem::take(&mut from.all) {
            let screen = self.all.entry(name).or_default();
            if (known.first..=known.end()).contains(&screen.printed) {
                (known.printed, known.cleared) = (screen.printed, screen.cleared);
                *screen = known;
            }
        }
    }

    /// From here on another script is played: what was printed later is not true any more.
    pub(crate) fn forget_ahead(&mut self) {
        self.all.values_mut().for_each(Screen::forget_ahead);
    }

    fn note_typed(&mut self, upto: Option<EventId>) {
        let is_due = |next: &EventId| upto.is_none_or(|upto| *next <= upto);
        while self.typed.front().is_some_and(|(next, ..)| is_due(next)) {
            let Some((_, terminal, line)) = self.typed.pop_front() else { return };
            let is_clear = line.trim() == "clear";
            self.print(&terminal, &line.into(), LineKind::Typed);
            if let Some(screen) = self.all.get_mut(&terminal).filter(|_| is_clear) {
                screen.cleared = screen.printed;
            }
        }
    }

    fn print(&mut self, terminal: &TerminalName, text: &Arc<str>, kind: LineKind) {
        if !self.all.contains_key(terminal) {
            self.all.insert(terminal.clone(), Screen::default());
        }
        let Some(screen) = self.all.get_mut(terminal) else { return };
        if !text.contains('\n') {
            return screen.push(text.clone(), kind);
        }
        for line in text.split('\n') {
            screen.push(line.trim_end_matches('\r').into(), kind);
        }
    }
}

impl Screen {
    /// How many lines were printed up to the present moment, those included that are forgotten.
    pub fn printed(&self) -> u64 {
        self.printed
    }

    /// How many lines were forgotten: the number of the first that is kept.
    pub fn forgotten(&self) -> u64 {
        self.first
    }

    /// How many lines there were when `clear` was typed last.
    pub fn cleared(&self) -> u64 {
        self.cleared
    }

    /// The line of a number, if it is kept and was printed up to the present moment.
    pub fn line(&self, number: u64) -> Option<&ScreenLine> {
        if number >= self.printed {
            return None;
        }
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.chunks.get(index / CHUNK)?.get(index % CHUNK)
    }

    /// The lines from a number on, up to the present moment.
    pub fn since(&self, number: u64) -> impl Iterator<Item = &ScreenLine> {
        (number.max(self.first)..self.printed).filter_map(|number| self.line(number))
    }

    /// The number behind the last line that is known, of a later moment perhaps.
    fn end(&self) -> u64 {
        let last = self.chunks.back().map_or(0, |chunk| chunk.len());
        self.first + (self.chunks.len().saturating_sub(1) * CHUNK + last) as u64
    }

    fn push(&mut self, text: Arc<str>, kind: LineKind) {
        self.printed += 1;
        if self.printed <= self.end() {
            // It was printed before, and gone back over.
            return;
        }
        let kind = if text.starts_with(OWN) && kind == LineKind::Error {
            LineKind::Explanation
        } else {
            kind
        };
        if self.chunks.back().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push_back(Arc::default());
        }
        self.bytes += text.len();
        let chunk = self.chunks.back_mut().expect("there is one with room");
        Arc::make_mut(chunk).push(ScreenLine { text, kind });
        let is_too_much = |screen: &Self| {
            screen.chunks.len() * CHUNK > MOST_LINES + 2 * CHUNK || screen.bytes > MOST_BYTES
        };
        while self.chunks.len() > 1 && is_too_much(self) {
            let oldest = self.chunks.pop_front().unwrap_or_default();
            self.bytes -= size(&oldest);
            self.first += oldest.len() as u64;
        }
    }

    fn forget_ahead(&mut self) {
        while self.end() > self.printed.max(self.first) {
            let Some(mut last) = self.chunks.pop_back() else { return };
            self.bytes -= size(&last);
            let begin = self.first + (self.chunks.len() * CHUNK) as u64;
            let kept = self.printed.saturating_sub(begin) as usize;
            if kept > 0 {
                Arc::make_mut(&mut last).truncate(kept);
                self.bytes += size(&last);
                self.chunks.push_back(last);
            }
        }
    }
}

fn size(lines: &[ScreenLine]) -> usize {
    lines.iter().map(|line| line.text.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printing(screens: &mut Screens, numbers: std::ops::Range<u64>) {
        for number in numbers {
            screens.print(&"t1".into(), &format!("line {number}").into(), LineKind::Output);
        }
    }

    /// Checks how many lines there are, and that the last of them and the first that is kept are right.
    fn check(screens: &Screens, printed: u64, forgotten: u64) {
        let screen = screens.get("t1").expect("there is a screen");
        assert_eq!((screen.printed(), screen.forgotten()), (printed, forgotten));
        for number in [forgotten, printed - 1] {
            let line = screen.line(number).expect("it is kept");
            assert_eq!(&*line.text, format!("line {number}"));
        }
        assert_eq!(screen.line(printed), None);
        assert_eq!(screen.since(0).count() as u64, printed - forgotten);
    }

    #[test]
    fn the_oldest_lines_are_forgotten() {
        let mut screens = Screens::default();
        printing(&mut screens, 0..1_000);
        check(&screens, 1_000, 0);
        printing(&mut screens, 1_000..110_000);
        check(&screens, 110_000, 9_216);
    }

    #[test]
    fn long_lines_are_forgotten_sooner() {
        let mut screens = Screens::default();
        let long: Arc<str> = "x".repeat(10_000).into();
        for _ in 0..10_000 {
            screens.print(&"t1".into(), &long, LineKind::Output);
        }
        let screen = screens.get("t1").unwrap();
        assert!(screen.bytes <= MOST_BYTES && screen.since(0).count() > 1_000);
    }

    #[test]
    fn going_back_takes_lines_back_and_playing_on_brings_them_again() {
        let mut screens = Screens::default();
        printing(&mut screens, 0..2_000);
        let mut checkpoint = screens.numbers();
        printing(&mut screens, 2_000..5_000);
        checkpoint.take_lines(&mut screens);
        check(&checkpoint, 2_000, 0);
        printing(&mut checkpoint, 2_000..5_100);
        check(&checkpoint, 5_100, 0);
    }

    #[test]
    fn another_script_prints_other_lines() {
        let mut screens = Screens::default();
        printing(&mut screens, 0..1_500);
        let mut checkpoint = screens.numbers();
        printing(&mut screens, 1_500..5_000);
        checkpoint.take_lines(&mut screens);
        checkpoint.forget_ahead();
        screens = checkpoint;
        screens.print(&"t1".into(), &"other".into(), LineKind::Output);
        let screen = screens.get("t1").unwrap();
        assert_eq!(screen.line(1_500).map(|line| &*line.text), Some("other"));
        assert_eq!(screen.bytes, screen.chunks.iter().map(|chunk| size(chunk)).sum::<usize>());
    }

    #[test]
    fn before_what_is_kept_lines_are_kept_anew() {
        let mut screens = Screens::default();
        printing(&mut screens, 0..10);
        let mut checkpoint = screens.numbers();
        printing(&mut screens, 10..110_000);
        checkpoint.take_lines(&mut screens);
        printing(&mut checkpoint, 10..20);
        check(&checkpoint, 20, 10);
    }

    #[test]
    fn what_is_printed_at_once_is_a_line_each() {
        let mut screens = Screens::default();
        screens.typed(&"t1".into(), "help", EventId(7));
        screens.end_of_events();
        screens.print(&"t1".into(), &"a\r\nHighwater: b".into(), LineKind::Error);
        let lines: Vec<_> = screens.get("t1").unwrap().since(0).map(|line| line.kind).collect();
        assert_eq!(lines, [LineKind::Typed, LineKind::Error, LineKind::Explanation]);
    }
}
