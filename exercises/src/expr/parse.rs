//! Text to [`Expr`], with the types checked.

use std::collections::BTreeMap;

use super::functions::{self, Function, Kind};
use super::lex::{Token, Word, words};
use super::{Expr, Op, Type};

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Wrong {
    /// How many bytes of the expression come before it.
    pub at: usize,
    /// What is wrong.
    pub what: String,
    /// What to write.
    pub mend: String,
}

impl Wrong {
    pub(super) fn new(at: usize, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { at, what: what.into(), mend: mend.into() }
    }

    pub(super) fn moved(self, by: usize) -> Self {
        Self { at: self.at + by, ..self }
    }
}

/// What an expression may name.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The parameters of the template.
    pub parameters: BTreeMap<String, Type>,
    /// Whether there is an earlier moment: whether `since(..)` means something.
    pub has_since: bool,
}

/// How deep expressions may lie in each other: content from elsewhere is read too.
const DEEPEST: u32 = 40;

/// How many words an expression may have: it is asked at each moment of a run.
const MOST_WORDS: usize = 400;

/// Reads an expression that is to be of a type.
pub fn parse(text: &str, wanted: Type, scope: &Scope) -> Result<Expr, Wrong> {
    let words = words(text)?;
    if let Some(word) = words.get(MOST_WORDS) {
        let mend = "make several checks of it";
        return Err(Wrong::new(word.at, "the expression is too long", mend));
    }
    let mut parser =
        Parser { words: &words, next: 0, end: text.len(), scope, depth: 0, is_earlier: false };
    let (expr, found) = parser.expression(0)?;
    if let Some(word) = parser.words.get(parser.next) {
        let mend = "put and, or, or a comparison between the two";
        return Err(Wrong::new(word.at, "the expression ends before this", mend));
    }
    expect(0, wanted, found)?;
    Ok(expr)
}

struct Parser<'a> {
    words: &'a [Word],
    next: usize,
    end: usize,
    scope: &'a Scope,
    depth: u32,
    /// Whether one is within `since(..)` or `change(..)`.
    is_earlier: bool,
}

/// How tightly an operator binds.
fn power(op: Op) -> u8 {
    match op {
        Op::Or => 1,
        Op::And => 2,
        Op::Equal
        | Op::Unequal
        | Op::Less
        | Op::AtMost
        | Op::Greater
        | Op::AtLeast
        | Op::Contains => 4,
        Op::Plus | Op::Minus => 5,
        Op::Times => 6,
    }
}

fn expect(at: usize, wanted: Type, found: Type) -> Result<(), Wrong> {
    if wanted == found {
        return Ok(());
    }
    let what = format!("this is {}, and {} is wanted", found.name(), wanted.name());
    Err(Wrong::new(at, what, "compare it with something, or ask for something else"))
}

impl Parser<'_> {
    fn expression(&mut self, least: u8) -> Result<(Expr, Type), Wrong> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let mend = "make several checks of it";
            return Err(Wrong::new(self.at(), "the expression is too deep", mend));
        }
        let begin = self.at();
        let (mut left, mut left_type) = self.operand()?;
        while let Some(Token::Op(op)) = self.peek().cloned() {
            if power(op) <= least {
                break;
            }
            let at = self.at();
            if power(op) == 4 && matches!(left, Expr::Both(inner, ..) if power(inner) == 4) {
                let mend = "join two comparisons with and";
                return Err(Wrong::new(at, "comparisons cannot follow each other", mend));
            }
            self.next += 1;
            let right_at = self.at();
            let (right, right_type) = self.expression(power(op))?;
            let result = match op {
                Op::Or | Op::And => {
                    expect(begin, Type::Truth, left_type)?;
                    expect(right_at, Type::Truth, right_type)?;
                    Type::Truth
                }
                Op::Equal | Op::Unequal => {
                    expect(right_at, left_type, right_type)?;
                    Type::Truth
                }
                Op::Contains => {
                    expect(begin, Type::Text, left_type)?;
                    expect(right_at, Type::Text, right_type)?;
                    Type::Truth
                }
                Op::Plus | Op::Minus | Op::Times => {
                    expect(begin, Type::Number, left_type)?;
                    expect(right_at, Type::Number, right_type)?;
                    Type::Number
                }
                Op::Less | Op::AtMost | Op::Greater | Op::AtLeast => {
                    expect(begin, Type::Number, left_type)?;
                    expect(right_at, Type::Number, right_type)?;
                    Type::Truth
                }
            };
            left = Expr::Both(op, Box::new(left), Box::new(right));
            left_type = result;
        }
        self.depth -= 1;
        Ok((left, left_type))
    }

    fn operand(&mut self) -> Result<(Expr, Type), Wrong> {
        let at = self.at();
        let Some(token) = self.peek().cloned() else {
            return Err(Wrong::new(at, "something is missing at the end", "finish the expression"));
        };
        self.next += 1;
        match token {
            Token::Number(number) => Ok((Expr::Number(number), Type::Number)),
            Token::Text(text) => {
                // Without parameters a brace is a brace.
                for name in names(&text).filter(|_| !self.scope.parameters.is_empty()) {
                    self.parameter(at, name)?;
                }
                Ok((Expr::Text(text), Type::Text))
            }
            Token::Name(name) if name == "true" || name == "false" => {
                Ok((Expr::Truth(name == "true"), Type::Truth))
            }
            Token::Name(name) if self.peek() == Some(&Token::Open) => self.call(at, &name),
            Token::Name(name) => {
                let found = self.parameter(at, &name)?;
                Ok((Expr::Parameter(name), found))
            }
            Token::Not => {
                let inner_at = self.at();
                let (inner, found) = self.expression(3)?;
                expect(inner_at, Type::Truth, found)?;
                Ok((Expr::Not(Box::new(inner)), Type::Truth))
            }
            Token::Op(Op::Minus) => {
                let inner_at = self.at();
                let (inner, found) = self.expression(6)?;
                expect(inner_at, Type::Number, found)?;
                let zero = Box::new(Expr::Number(0));
                Ok((Expr::Both(Op::Minus, zero, Box::new(inner)), Type::Number))
            }
            Token::Open => {
                let inner = self.expression(0)?;
                self.take(&Token::Close, "close the bracket with )")?;
                Ok(inner)
            }
            _ => Err(Wrong::new(
                at,
                "nothing can begin like this",
                "write a function such as records(\"orders\"), a number, or a \"text\"",
            )),
        }
    }

    fn call(&mut self, at: usize, name: &str) -> Result<(Expr, Type), Wrong> {
        self.next += 1;
        if name == "since" || name == "change" {
            return self.earlier(at, name);
        }
        let function = functions::find(name).ok_or_else(|| unknown_function(at, name))?;
        let mut arguments: Vec<Option<Expr>> = vec![None; function.parameters.len()];
        let mut place = 0;
        while self.peek() != Some(&Token::Close) {
            self.argument(function, &mut arguments, &mut place)?;
            if self.peek() != Some(&Token::Close) {
                self.take(&Token::Comma, "put a comma between arguments, and ) behind the last")?;
            }
        }
        self.next += 1;
        let mut parameters = function.parameters.iter().zip(&arguments);
        let missing =
            parameters.find(|(parameter, given)| !parameter.is_optional && given.is_none());
        if let Some((parameter, _)) = missing {
            let what = format!("{name} wants to know its {}", parameter.name);
            return Err(Wrong::new(at, what, format!("write {}", function.usage())));
        }
        Ok((Expr::Call(name.to_owned(), arguments), function.gives))
    }

    /// `since(x)` is what x was; `change(x)` is how much more it is now.
    fn earlier(&mut self, at: usize, name: &str) -> Result<(Expr, Type), Wrong> {
        if !self.scope.has_since {
            let mend = "leave it out; it is for questions, which have a time that is looked at";
            return Err(Wrong::new(at, format!("there is no earlier moment for {name}"), mend));
        }
        if std::mem::replace(&mut self.is_earlier, true) {
            let mend = "leave the inner one out: there are two moments, not more";
            return Err(Wrong::new(at, format!("{name} stands within since or change"), mend));
        }
        let inner_at = self.at();
        let (inner, found) = self.expression(0)?;
        self.is_earlier = false;
        self.take(&Token::Close, "close the bracket with )")?;
        let before = Expr::Since(Box::new(inner.clone()));
        if name == "since" {
            return Ok((before, found));
        }
        expect(inner_at, Type::Number, found)?;
        Ok((Expr::Both(Op::Minus, Box::new(inner), Box::new(before)), Type::Number))
    }

    fn argument(
        &mut self,
        function: &Function,
        arguments: &mut [Option<Expr>],
        place: &mut usize,
    ) -> Result<(), Wrong> {
        let at = self.at();
        let named =
            match (self.peek().cloned(), self.words.get(self.next + 1).map(|word| &word.what)) {
                (Some(Token::Name(name)), Some(Token::Colon)) => {
                    self.next += 2;
                    Some(name)
                }
                _ => None,
            };
        let index = match &named {
            Some(name) => function.parameters.iter().position(|known| known.name == *name),
            None => Some(*place).filter(|place| *place < function.parameters.len()),
        };
        let Some(index) = index else {
            let what = format!("{} has no such argument", function.name);
            return Err(Wrong::new(at, what, format!("write {}", function.usage())));
        };
        *place = index + 1;
        let parameter = &function.parameters[index];
        let value_at = self.at();
        let (value, found) = self.expression(0)?;
        expect(value_at, parameter.kind.gives(), found)?;
        if let (Expr::Text(word), Some(words)) = (&value, parameter.kind.words())
            && !word.contains('{')
            && !words.contains(&word.as_str())
        {
            let what = format!("there is no {} {word}", parameter.name);
            return Err(Wrong::new(value_at, what, format!("choose among {}", words.join(", "))));
        }
        if arguments[index].replace(value).is_some() {
            let what = format!("{} is given twice", parameter.name);
            return Err(Wrong::new(at, what, "leave one of them out"));
        }
        Ok(())
    }

    fn parameter(&self, at: usize, name: &str) -> Result<Type, Wrong> {
        self.scope.parameters.get(name).copied().ok_or_else(|| {
            let known: Vec<&str> = self.scope.parameters.keys().map(String::as_str).collect();
            let mend = match known[..] {
                [] => "put texts into \"quotes\", and ( ) behind a function".to_owned(),
                _ => {
                    format!("choose among the parameters {}, or write \"{name}\"", known.join(", "))
                }
            };
            Wrong::new(at, format!("nothing is called {name}"), mend)
        })
    }

    fn take(&mut self, token: &Token, mend: &str) -> Result<(), Wrong> {
        if self.peek() != Some(token) {
            return Err(Wrong::new(self.at(), "something else is expected here", mend));
        }
        self.next += 1;
        Ok(())
    }

    fn peek(&self) -> Option<&Token> {
        self.words.get(self.next).map(|word| &word.what)
    }

    fn at(&self) -> usize {
        self.words.get(self.next).map_or(self.end, |word| word.at)
    }
}

/// The names in braces in a text.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}

fn unknown_function(at: usize, name: &str) -> Wrong {
    let shared = |known: &str| {
        let same =
            known.split('_').filter(|part| name.split('_').any(|word| word == *part)).count();
        let prefix = known.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
        (same, prefix)
    };
    let mut near: Vec<&Function> = functions::ALL.iter().collect();
    near.sort_by_key(|known| std::cmp::Reverse(shared(known.name)));
    let near: Vec<String> = near.iter().take(3).map(|function| function.usage()).collect();
    let mend = format!("perhaps {}; docs/authoring.md lists them all", near.join(", or "));
    Wrong::new(at, format!("there is no function {name}"), mend)
}

impl Kind {
    fn gives(self) -> Type {
        match self {
            Kind::Number => Type::Number,
            Kind::Text | Kind::Happening | Kind::Anomaly | Kind::RecordState => Type::Text,
        }
    }
}
