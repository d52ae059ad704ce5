//! Redirection: where a command reads from and writes to.

use bytes::Bytes;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::process::Sink;

use super::expand::one;
use super::syntax::{Redirect, Target, Text};

/// How a command is connected.
#[derive(Clone, Debug, Default)]
pub(super) struct Connected {
    pub(super) output: Sink,
    pub(super) errors: Sink,
    /// What it reads, if not what the shell reads.
    pub(super) input: Option<String>,
    /// What is to be opened, in order.
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
enum Step {
    Read(String),
    Text(String),
    Write { stream: u8, file: String, is_new: bool },
    Same { stream: u8, other: u8 },
}

impl Connected {
    /// With the names of files expanded, before anything is opened.
    pub(super) fn new(
        redirects: &[Redirect],
        variable: &dyn Fn(&str) -> String,
        output: Sink,
        errors: Sink,
    ) -> Self {
        let file = |text: &Text| file_name(&one(text, variable));
        let step = |redirect: &Redirect| {
            let stream = redirect.stream;
            match &redirect.to {
                Target::Read(text) => Step::Read(file(text)),
                Target::Here(text) => Step::Text(one(text, variable)),
                Target::Write(text) => Step::Write { stream, file: file(text), is_new: true },
                Target::Append(text) => Step::Write { stream, file: file(text), is_new: false },
                Target::Same(other) => Step::Same { stream, other: *other },
            }
        };
        Self { output, errors, input: None, steps: redirects.iter().map(step).collect() }
    }

    /// Opens the files. The error is what bash says.
    pub(super) fn open(mut self, ctx: &mut Ctx<'_>) -> Result<Self, String> {
        for step in std::mem::take(&mut self.steps) {
            match step {
                Step::Text(text) => self.input = Some(text),
                Step::Read(file) if file == "/dev/null" => self.input = Some(String::new()),
                Step::Read(file) => {
                    let content = ctx.file(&file);
                    let content = content
                        .ok_or_else(|| format!("bash: {file}: No such file or directory"))?;
                    self.input = Some(String::from_utf8_lossy(&content).into_owned());
                }
                Step::Write { stream, file, is_new } => {
                    if file.is_empty() || file.len() > 255 {
                        return Err(format!("bash: {file}: No such file or directory"));
                    }
                    let sink = if file == "/dev/null" {
                        Sink::Nowhere
                    } else {
                        if is_new || ctx.file(&file).is_none() {
                            ctx.put_file(&file, Bytes::new());
                        }
                        Sink::File(file.into())
                    };
                    *self.stream(stream) = sink;
                }
                Step::Same { stream, other } => {
                    let sink = self.stream(other).clone();
                    *self.stream(stream) = sink;
                }
            }
        }
        Ok(self)
    }

    fn stream(&mut self, number: u8) -> &mut Sink {
        if number == 2 { &mut self.errors } else { &mut self.output }
    }
}

/// A file as the file area knows it: there are no folders, so `./` means nothing.
pub(crate) fn file_name(path: &str) -> String {
    path.strip_prefix("./").unwrap_or(path).to_owned()
}
