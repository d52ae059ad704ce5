//! The language in which content asks something of a run: `high_watermark("orders", 0) >= 3 and
//! replication("orders") == 3`. It is small and typed; what can be asked stands in [`functions`]. The
//! reader turns it into [`Expr`]; whoever evaluates needs no parser. It uses nothing of the engine.

pub mod functions;
mod lex;
mod parse;

use serde::{Deserialize, Serialize};

pub use parse::{Scope, Wrong, parse};

/// Something that is asked of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Expr {
    /// A number. A time is a number of milliseconds.
    Number(i64),
    /// A text, in which `{name}` stands for a parameter.
    Text(String),
    /// True or false.
    Truth(bool),
    /// A parameter of a template.
    Parameter(String),
    /// What a function says of the run; its arguments stand in the order of its parameters.
    Call(String, Vec<Option<Expr>>),
    /// What it was at the earlier moment of a question, `since`.
    Since(Box<Expr>),
    /// The contrary.
    Not(Box<Expr>),
    /// Two of them, and what is between.
    Both(Op, Box<Expr>, Box<Expr>),
}

/// What stands between two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Op {
    /// `or`
    Or,
    /// `and`
    And,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `contains`: a text is part of another.
    Contains,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
}

/// What an expression is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// A whole number.
    Number,
    /// A text.
    Text,
    /// True or false.
    Truth,
}

impl Expr {
    /// Calls `look` with this and all that it is made of.
    pub fn each(&self, look: &mut dyn FnMut(&Expr)) {
        look(self);
        match self {
            Expr::Call(_, arguments) => arguments.iter().flatten().for_each(|part| part.each(look)),
            Expr::Since(inner) | Expr::Not(inner) => inner.each(look),
            Expr::Both(_, left, right) => {
                left.each(look);
                right.each(look);
            }
            Expr::Number(_) | Expr::Text(_) | Expr::Truth(_) | Expr::Parameter(_) => {}
        }
    }
}

impl Type {
    /// Its name with its article.
    pub fn name(self) -> &'static str {
        match self {
            Type::Number => "a number",
            Type::Text => "a text",
            Type::Truth => "true or false",
        }
    }
}
