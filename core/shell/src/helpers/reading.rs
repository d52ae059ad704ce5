//! A program that goes through lines: those of its files, or else those that it reads.

use std::fmt::Debug;

use highwater_cluster::ctx::Ctx;
use highwater_cluster::input::Input;
use highwater_cluster::program::Program;

use crate::shell::file_name;

/// Whether a filter wants more lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    On,
    /// It has all that it needs, and ends with this exit code.
    Done(i32),
}

/// What is done with lines.
pub(super) trait Filter: Clone + Debug + Send + 'static {
    /// The name of the program, for its errors.
    fn name(&self) -> &'static str;

    /// A line came.
    fn line(&mut self, ctx: &mut Ctx<'_>, line: &str) -> Flow;

    /// A file has come to its end, or what is read.
    fn file_ended(&mut self, _ctx: &mut Ctx<'_>, _file: Option<&str>) {}

    /// All lines came. Answers the exit code.
    fn end(&mut self, _ctx: &mut Ctx<'_>) -> i32 {
        0
    }
}

/// The process of a filter.
#[derive(Clone, Debug)]
pub(super) struct Reading<F> {
    filter: F,
    files: Vec<String>,
    has_failed: bool,
}

impl<F: Filter> Reading<F> {
    pub(super) fn boxed(filter: F, files: Vec<String>) -> Box<dyn Program> {
        Box::new(Self { filter, files, has_failed: false })
    }

    fn read_files(&mut self, ctx: &mut Ctx<'_>) {
        for file in self.files.clone() {
            let Some(content) = ctx.file(&file_name(&file)) else {
                let name = self.filter.name();
                ctx.print_error(&format!("{name}: {file}: No such file or directory"));
                self.has_failed = true;
                continue;
            };
            for line in String::from_utf8_lossy(&content).lines() {
                if let Flow::Done(code) = self.filter.line(ctx, line) {
                    return ctx.exit(code);
                }
                if !ctx.is_alive() {
                    return;
                }
            }
            self.filter.file_ended(ctx, Some(&file));
        }
        self.end(ctx);
    }

    fn end(&mut self, ctx: &mut Ctx<'_>) {
        let code = self.filter.end(ctx);
        ctx.exit(if self.has_failed { 1 } else { code });
    }
}

impl<F: Filter> Program for Reading<F> {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start if !self.files.is_empty() => self.read_files(ctx),
            Input::Line(line) if self.files.is_empty() => {
                if let Flow::Done(code) = self.filter.line(ctx, &line) {
                    ctx.exit(code);
                }
            }
            Input::EndOfInput if self.files.is_empty() => {
                self.filter.file_ended(ctx, None);
                self.end(ctx);
            }
            Input::Interrupt => ctx.exit(130),
            _ => {}
        }
    }

    fn reads_input(&self) -> bool {
        self.files.is_empty()
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}
