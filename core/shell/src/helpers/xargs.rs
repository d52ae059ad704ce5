//! `xargs`: what it reads becomes the arguments of a command.

use highwater_cluster::ctx::Ctx;
use highwater_cluster::input::Input;
use highwater_cluster::process::Streams;
use highwater_cluster::program::Program;

use crate::command::program;
use crate::words::{Span, Word};

/// The process.
pub(super) fn start(words: Vec<Word>) -> Box<dyn Program> {
    let (mut command, mut most, mut place) = (Vec::new(), None, None);
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let is_option = command.is_empty();
        match word.text.as_str() {
            "-n" if is_option => most = words.next().and_then(|word| word.text.parse().ok()),
            "-I" if is_option => place = words.next().map(|word| word.text),
            "-r" | "-t" | "-0" if is_option => {}
            _ => command.push(word),
        }
    }
    if command.is_empty() {
        command.push(word("echo"));
    }
    Box::new(Xargs { command, most, place, read: Vec::new(), left: Vec::new(), code: 0 })
}

#[derive(Clone, Debug)]
struct Xargs {
    command: Vec<Word>,
    /// How many arguments each run gets.
    most: Option<usize>,
    /// What stands for the line, of which each run gets one then.
    place: Option<String>,
    read: Vec<String>,
    /// The runs that are left, the next one last.
    left: Vec<Vec<Word>>,
    code: i32,
}

fn word(text: &str) -> Word {
    Word { text: text.to_owned(), span: Span { start: 1, end: 1 }, quoted: true }
}

impl Xargs {
    fn plan(&mut self) {
        let read = std::mem::take(&mut self.read);
        self.left = match &self.place {
            Some(place) => read
                .iter()
                .map(|line| {
                    let filled = |given: &Word| word(&given.text.replace(place.as_str(), line));
                    self.command.iter().map(filled).collect()
                })
                .collect(),
            None => {
                let arguments: Vec<Word> =
                    read.iter().flat_map(|line| line.split_whitespace()).map(word).collect();
                let size = self.most.unwrap_or(arguments.len()).max(1);
                let run = |chunk: &[Word]| [self.command.as_slice(), chunk].concat();
                arguments.chunks(size).map(run).collect()
            }
        };
        self.left.reverse();
    }

    fn next(&mut self, ctx: &mut Ctx<'_>) {
        let Some(words) = self.left.pop() else { return ctx.exit(self.code) };
        let own = ctx.streams();
        let parent = Some(ctx.process());
        let streams = Streams { is_last_writer: false, parent, job: None, ..own };
        ctx.spawn(program(&words), streams);
    }
}

impl Program for Xargs {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Line(line) => self.read.push(line),
            Input::EndOfInput => {
                self.plan();
                self.next(ctx);
            }
            Input::ChildExited(_, code) => {
                if code != 0 {
                    self.code = 123;
                }
                self.next(ctx);
            }
            Input::Interrupt => ctx.exit(130),
            _ => {}
        }
    }

    fn reads_input(&self) -> bool {
        true
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}
