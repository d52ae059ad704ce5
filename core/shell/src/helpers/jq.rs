//! `jq`, as far as reading fields goes: `.a.b`, `.[0]`, `.[]`, `.a | .b`, `.a, .b`, `keys`, `length`.

use highwater_cluster::ctx::Ctx;
use highwater_cluster::program::Program;
use serde_json::Value;

use super::reading::{Filter, Flow, Reading};
use crate::command::Says;

/// The process.
pub(super) fn start(arguments: Vec<String>) -> Box<dyn Program> {
    let (mut filter, mut files, mut jq) = (None, Vec::new(), Jq::default());
    for word in arguments {
        match word.strip_prefix('-').filter(|flags| !flags.is_empty()) {
            Some("-raw-output") => jq.is_raw = true,
            Some("-compact-output") => jq.is_compact = true,
            Some(flags) => {
                jq.is_raw |= flags.contains('r');
                jq.is_compact |= flags.contains('c');
            }
            None if filter.is_none() => filter = Some(word),
            None => files.push(word),
        }
    }
    match steps(filter.as_deref().unwrap_or(".")) {
        Ok(pipes) => {
            jq.pipes = pipes;
            Reading::boxed(jq, files)
        }
        Err(wrong) => Says::errors(3, [
            format!("jq: error: syntax error at {wrong:?}"),
            "Highwater: fields are understood: .a.b, .[0], .[], keys, length, joined by | and ,"
                .to_owned(),
        ]),
    }
}

#[derive(Clone, Debug, Default)]
struct Jq {
    /// Alternatives by pipe.
    pipes: Vec<Vec<Vec<Step>>>,
    is_raw: bool,
    is_compact: bool,
    /// What was read of a value that spans lines.
    text: String,
    has_failed: bool,
}

#[derive(Clone, Debug)]
enum Step {
    Field(String),
    Index(i64),
    Each,
    Keys,
    Length,
}

/// The filter, taken apart. The error is the part that is not understood.
fn steps(filter: &str) -> Result<Vec<Vec<Vec<Step>>>, String> {
    let alternatives = |pipe: &str| pipe.split(',').map(|path| path_steps(path.trim())).collect();
    filter.split('|').map(alternatives).collect()
}

fn path_steps(path: &str) -> Result<Vec<Step>, String> {
    match path {
        "keys" => return Ok(vec![Step::Keys]),
        "length" => return Ok(vec![Step::Length]),
        _ => {}
    }
    let wrong = || path.to_owned();
    let mut rest = path.strip_prefix('.').ok_or_else(wrong)?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        rest = rest.strip_prefix('.').unwrap_or(rest);
        rest = rest.strip_prefix('?').unwrap_or(rest);
        if rest.is_empty() {
            break;
        }
        if let Some(inner) = rest.strip_prefix('[') {
            let (inside, after) = inner.split_once(']').ok_or_else(wrong)?;
            let inside = inside.trim();
            let quoted = inside.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
            steps.push(match (inside, quoted) {
                ("", _) => Step::Each,
                (_, Some(name)) => Step::Field(name.to_owned()),
                (number, None) => Step::Index(number.parse().map_err(|_| wrong())?),
            });
            rest = after;
        } else if let Some(inner) = rest.strip_prefix('"') {
            let (name, after) = inner.split_once('"').ok_or_else(wrong)?;
            steps.push(Step::Field(name.to_owned()));
            rest = after;
        } else {
            let end = rest.find(['.', '[', '?']).unwrap_or(rest.len());
            let name = &rest[..end];
            let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_');
            if !is_name || name.is_empty() {
                return Err(wrong());
            }
            steps.push(Step::Field(name.to_owned()));
            rest = &rest[end..];
        }
    }
    Ok(steps)
}

impl Step {
    fn apply(&self, value: Value) -> Result<Vec<Value>, String> {
        let kind = kind(&value);
        Ok(match (self, value) {
            (Self::Field(name), Value::Object(mut fields)) => {
                vec![fields.remove(name).unwrap_or(Value::Null)]
            }
            (Self::Field(_) | Self::Index(_), Value::Null) => vec![Value::Null],
            (Self::Field(name), _) => {
                return Err(format!("Cannot index {kind} with \"{name}\""));
            }
            (Self::Index(index), Value::Array(list)) => {
                let place = if *index < 0 { list.len() as i64 + index } else { *index };
                let found = usize::try_from(place).ok().and_then(|place| list.get(place).cloned());
                vec![found.unwrap_or(Value::Null)]
            }
            (Self::Index(_), _) => return Err(format!("Cannot index {kind} with number")),
            (Self::Each, Value::Array(list)) => list,
            (Self::Each, Value::Object(fields)) => fields.into_iter().map(|(_, v)| v).collect(),
            (Self::Each, _) => return Err(format!("Cannot iterate over {kind}")),
            (Self::Keys, Value::Object(fields)) => {
                vec![fields.keys().map(|key| Value::from(key.as_str())).collect()]
            }
            (Self::Keys, Value::Array(list)) => vec![(0..list.len()).map(Value::from).collect()],
            (Self::Keys, _) => return Err(format!("{kind} has no keys")),
            (Self::Length, Value::Array(list)) => vec![list.len().into()],
            (Self::Length, Value::Object(fields)) => vec![fields.len().into()],
            (Self::Length, Value::String(text)) => vec![text.chars().count().into()],
            (Self::Length, Value::Null) => vec![0.into()],
            (Self::Length, _) => return Err(format!("{kind} has no length")),
        })
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

impl Jq {
    fn run(&self, value: Value) -> Result<Vec<Value>, String> {
        let mut values = vec![value];
        for alternatives in &self.pipes {
            let mut next = Vec::new();
            for value in values {
                for path in alternatives {
                    let mut found = vec![value.clone()];
                    for step in path {
                        let mut after = Vec::new();
                        for value in found {
                            after.extend(step.apply(value)?);
                        }
                        found = after;
                    }
                    next.extend(found);
                }
            }
            values = next;
        }
        Ok(values)
    }

    fn print(&mut self, ctx: &mut Ctx<'_>, value: Value) {
        match self.run(value) {
            Ok(found) => {
                for value in found {
                    match &value {
                        Value::String(text) if self.is_raw => ctx.print(text),
                        value if self.is_compact => ctx.print(&value.to_string()),
                        value => {
                            let text = serde_json::to_string_pretty(value).unwrap_or_default();
                            text.split('\n').for_each(|line| ctx.print(line));
                        }
                    }
                }
            }
            Err(message) => {
                ctx.print_error(&format!("jq: error (at <stdin>:0): {message}"));
                self.has_failed = true;
            }
        }
    }
}

impl Filter for Jq {
    fn name(&self) -> &'static str {
        "jq"
    }

    fn line(&mut self, ctx: &mut Ctx<'_>, line: &str) -> Flow {
        self.text.push_str(line);
        self.text.push('\n');
        if self.text.trim().is_empty() {
            self.text.clear();
            return Flow::On;
        }
        match serde_json::from_str::<Value>(&self.text) {
            Ok(value) => {
                self.text.clear();
                self.print(ctx, value);
                Flow::On
            }
            Err(error) if error.is_eof() => Flow::On,
            Err(error) => {
                ctx.print_error(&format!("jq: parse error: {error}"));
                Flow::Done(2)
            }
        }
    }

    fn end(&mut self, ctx: &mut Ctx<'_>) -> i32 {
        if !self.text.is_empty() {
            ctx.print_error("jq: parse error: Unfinished JSON term at EOF");
            return 2;
        }
        if self.has_failed { 5 } else { 0 }
    }
}
