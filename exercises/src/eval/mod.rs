//! What an expression comes to in a run, and if it does not hold, why not.

mod acls;
mod clients;
mod cluster;
mod groups;
mod history;
mod quotas;
mod records;
mod shares;
mod tiers;
mod unmet;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt;

use highwater_cluster::view::ClusterView;
use highwater_scenario::session::Session;
use highwater_texts::{fill, said};

use crate::expr::functions::{self, Function, Kind};
use crate::expr::{Expr, Op};
use crate::model::Reason;
use records::Records;
pub use unmet::{Moment, Unmet};

/// What an expression comes to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
    /// True or false.
    Truth(bool),
}

/// The values of a template's parameters.
pub type Drawn = BTreeMap<String, Value>;

/// A run at one moment, to be asked.
pub struct Look<'a> {
    pub(crate) session: &'a Session,
    pub(crate) view: ClusterView,
    /// The run at an earlier moment: what `since` asks.
    since: Option<&'a Look<'a>>,
    drawn: &'a Drawn,
    records: OnceCell<Records>,
}

static NOTHING_DRAWN: Drawn = Drawn::new();

impl<'a> Look<'a> {
    /// A run as it is now.
    pub fn new(session: &'a Session) -> Self {
        Self {
            session,
            view: session.view(),
            since: None,
            drawn: &NOTHING_DRAWN,
            records: OnceCell::new(),
        }
    }

    /// With the parameters of a template, and the run at an earlier moment.
    pub fn drawn(self, drawn: &'a Drawn, since: Option<&'a Look<'a>>) -> Self {
        Self { drawn, since, ..self }
    }

    /// What an expression comes to; or why that cannot be said, such as that there is no such topic.
    pub fn value(&self, expr: &Expr) -> Result<Value, Unmet> {
        Ok(match expr {
            Expr::Number(number) => Value::Number(*number),
            Expr::Text(text) => Value::Text(self.filled(text)),
            Expr::Truth(truth) => Value::Truth(*truth),
            Expr::Parameter(name) => self.drawn.get(name).cloned().unwrap_or(Value::Number(0)),
            Expr::Call(name, arguments) => self.call(name, arguments)?,
            Expr::Since(inner) => self.since.unwrap_or(self).value(inner)?,
            Expr::Not(_) => Value::Truth(self.holds(expr).is_ok()),
            Expr::Both(Op::Plus | Op::Minus | Op::Times, left, right) => {
                let (left, right) = (self.number(left)?, self.number(right)?);
                let Expr::Both(op, ..) = expr else { unreachable!("it was just that") };
                Value::Number(match op {
                    Op::Plus => left.saturating_add(right),
                    Op::Minus => left.saturating_sub(right),
                    _ => left.saturating_mul(right),
                })
            }
            Expr::Both(..) => Value::Truth(self.holds(expr).is_ok()),
        })
    }

    /// Whether something that is true or false is true; if not, why not.
    pub fn holds(&self, expr: &Expr) -> Result<(), Unmet> {
        match expr {
            Expr::Both(Op::And, left, right) => self.holds(left).and_then(|()| self.holds(right)),
            Expr::Both(Op::Or, left, right) => {
                // Of two ways the first is the one that is told of.
                self.holds(left).or_else(|unmet| self.holds(right).map_err(|_| unmet))
            }
            Expr::Not(inner) => match self.holds(inner) {
                Err(_) => Ok(()),
                Ok(()) => Err(Unmet::new(Reason::IsSo).with("what", self.noun(inner))),
            },
            Expr::Both(op, left, right) => self.compare(*op, left, right),
            other => match self.value(other)? {
                Value::Truth(true) => Ok(()),
                _ => Err(self
                    .own_reason(other, None)
                    .unwrap_or_else(|| Unmet::new(Reason::NotSo).with("what", self.noun(other)))),
            },
        }
    }

    fn compare(&self, op: Op, left: &Expr, right: &Expr) -> Result<(), Unmet> {
        let (found, wanted) = (self.value(left)?, self.value(right)?);
        let is_met = match op {
            Op::Equal => found == wanted,
            Op::Unequal => found != wanted,
            Op::Less => found < wanted,
            Op::AtMost => found <= wanted,
            Op::Greater => found > wanted,
            Op::AtLeast => found >= wanted,
            Op::Contains => found.to_string().contains(&wanted.to_string()),
            _ => true,
        };
        if is_met {
            return Ok(());
        }
        let is_too_low = found < wanted;
        let (reason, bound) = match op {
            Op::AtLeast => (Reason::TooFew, wanted.clone()),
            Op::Greater => (Reason::TooFew, wanted.moved(1)),
            Op::AtMost => (Reason::TooMany, wanted.clone()),
            Op::Less => (Reason::TooMany, wanted.moved(-1)),
            Op::Unequal => (Reason::Same, wanted.clone()),
            Op::Contains => (Reason::Lacks, wanted.clone()),
            _ => (Reason::Other, wanted.clone()),
        };
        let own = self.own_reason(left, Some((&found, &bound)));
        let mut unmet =
            own.unwrap_or_else(|| Unmet::new(reason).with("what", sentence(&self.noun(left))));
        unmet = unmet.with("found", &found).with("wanted", &bound);
        // A count that only grows and is too high already stays so.
        if matches!(op, Op::AtMost | Op::Less | Op::Equal) && !is_too_low {
            unmet.broke = self.broke(left, &bound);
        }
        Err(unmet)
    }

    /// The moment at which something that only grows became more than a number.
    fn broke(&self, expr: &Expr, most: &Value) -> Option<Moment> {
        let (Expr::Call(name, arguments), Value::Number(most)) = (expr, most) else { return None };
        if !functions::find(name)?.grows {
            return None;
        }
        let nth = usize::try_from(*most).unwrap_or(0);
        self.nth_moment(name, &Arguments { look: self, given: arguments }, nth)
    }

    fn call(&self, name: &str, given: &[Option<Expr>]) -> Result<Value, Unmet> {
        let arguments = &Arguments { look: self, given };
        self.of_cluster(name, arguments)
            .or_else(|| self.of_records(name, arguments))
            .or_else(|| self.of_clients(name, arguments))
            .or_else(|| self.of_groups(name, arguments))
            .or_else(|| self.of_shares(name, arguments))
            .or_else(|| self.of_quotas(name, arguments))
            .or_else(|| self.of_tiers(name, arguments))
            .or_else(|| self.of_acls(name, arguments))
            .or_else(|| self.of_history(name, arguments))
            .unwrap_or_else(|| Err(Unmet::new(Reason::NotSo).with("what", name)))
    }

    fn number(&self, expr: &Expr) -> Result<i64, Unmet> {
        match self.value(expr)? {
            Value::Number(number) => Ok(number),
            _ => Ok(0),
        }
    }

    fn filled(&self, text: &str) -> String {
        let arguments: Vec<(&str, String)> =
            self.drawn.iter().map(|(name, value)| (name.as_str(), value.to_string())).collect();
        if arguments.is_empty() { text.to_owned() } else { fill(text, &arguments) }
    }

    /// What an expression is, in words.
    pub(crate) fn noun(&self, expr: &Expr) -> String {
        match expr {
            Expr::Call(name, arguments) => match functions::find(name) {
                Some(function) => self.noun_of(function, arguments),
                None => name.clone(),
            },
            Expr::Since(inner) => said(functions::BEFORE).replace("{it}", &self.noun(inner)),
            Expr::Not(inner) => said(functions::NOT).replace("{it}", &self.noun(inner)),
            Expr::Both(op, left, right) => {
                format!("{} {} {}", self.noun(left), op.sign(), self.noun(right))
            }
            other => self.value(other).map(|value| value.to_string()).unwrap_or_default(),
        }
    }

    fn noun_of(&self, function: &Function, arguments: &[Option<Expr>]) -> String {
        let mut noun = said(function.noun).to_owned();
        for (parameter, argument) in function.parameters.iter().zip(arguments) {
            let Some(argument) = argument else { continue };
            let value = self.value(argument).map(|value| value.to_string()).unwrap_or_default();
            let value = match parameter.kind {
                Kind::Happening => happened_in_words(&value),
                _ => &value,
            };
            noun.push_str(&said(parameter.phrase).replace("{it}", value));
        }
        noun
    }
}

/// What happened, in words of the language that is in force.
fn happened_in_words(happening: &str) -> &str {
    functions::in_words(happening).map_or(happening, |words| said(words))
}

/// What a function is asked with.
pub(crate) struct Arguments<'a> {
    look: &'a Look<'a>,
    given: &'a [Option<Expr>],
}

impl Arguments<'_> {
    /// The text at a place; empty if it was left out.
    pub(crate) fn text(&self, place: usize) -> String {
        self.may_text(place).unwrap_or_default()
    }

    /// The text at a place, unless it was left out.
    pub(crate) fn may_text(&self, place: usize) -> Option<String> {
        let expr = self.given.get(place)?.as_ref()?;
        self.look.value(expr).ok().map(|value| value.to_string())
    }

    /// The number at a place, unless it was left out.
    pub(crate) fn may_number(&self, place: usize) -> Option<i64> {
        let expr = self.given.get(place)?.as_ref()?;
        self.look.number(expr).ok()
    }

    /// The number at a place; 0 if it was left out.
    pub(crate) fn number(&self, place: usize) -> i64 {
        self.may_number(place).unwrap_or_default()
    }
}

impl Value {
    fn moved(&self, by: i64) -> Self {
        match self {
            Value::Number(number) => Value::Number(number.saturating_add(by)),
            other => other.clone(),
        }
    }
}

impl Op {
    fn sign(self) -> &'static str {
        match self {
            Op::Or => "or",
            Op::And => "and",
            Op::Equal => "is",
            Op::Unequal => "is not",
            Op::Less => "is less than",
            Op::AtMost => "is at most",
            Op::Greater => "is more than",
            Op::AtLeast => "is at least",
            Op::Contains => "contains",
            Op::Plus => "+",
            Op::Minus => "-",
            Op::Times => "*",
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(number) => write!(f, "{number}"),
            Value::Text(text) => f.write_str(text),
            Value::Truth(true) => f.write_str("yes"),
            Value::Truth(false) => f.write_str("no"),
        }
    }
}

impl From<crate::model::question::Drawn> for Value {
    fn from(drawn: crate::model::question::Drawn) -> Self {
        match drawn {
            crate::model::question::Drawn::Number(number) => Value::Number(number),
            crate::model::question::Drawn::Text(text) => Value::Text(text),
        }
    }
}

/// With a capital at its beginning; names of settings stay as they are.
fn sentence(noun: &str) -> String {
    let first_word = noun.split(' ').next().unwrap_or_default();
    if first_word.contains('.') {
        return noun.to_owned();
    }
    let mut letters = noun.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
