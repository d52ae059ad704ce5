//! Regular expressions over names of topics, as members of the consumer protocol subscribe by them
//! (KIP-848). Kafka uses RE2; this knows what of it makes sense for names: characters, `.`, classes,
//! groups, alternatives and repetitions. It never backtracks, so no expression takes long.

use std::iter::Peekable;
use std::str::Chars;

/// How often a repetition may ask for, as in RE2.
const MAX_REPEAT: usize = 1_000;
/// How many steps an expression may come to.
const MAX_STEPS: usize = 20_000;
/// How deep groups may lie within each other.
const MAX_DEPTH: usize = 100;

/// An expression, which has to match the whole name.
#[derive(Clone, Debug)]
pub(crate) struct TopicPattern {
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
enum Step {
    One(Class),
    /// Goes on at both places.
    Fork(usize, usize),
    Goto(usize),
    AtStart,
    AtEnd,
    Match,
}

#[derive(Clone, Debug)]
struct Class {
    ranges: Vec<(char, char)>,
    is_negated: bool,
}

#[derive(Clone, Debug)]
enum Node {
    Empty,
    One(Class),
    AtStart,
    AtEnd,
    All(Vec<Node>),
    Any(Vec<Node>),
    Repeat(Box<Node>, usize, Option<usize>),
}

impl TopicPattern {
    /// Reads an expression; on failure, says what is the matter with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { rest: text.chars().peekable(), depth: 0 };
        let node = parser.alternatives()?;
        if parser.rest.next().is_some() {
            return Err("unexpected )".to_owned());
        }
        let mut pattern = Self { steps: Vec::new() };
        pattern.compile(&node)?;
        pattern.push(Step::Match)?;
        Ok(pattern)
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        let length = text.chars().count();
        let mut places = vec![false; self.steps.len()];
        self.enter(&mut places, 0, true, length == 0);
        for (index, character) in text.chars().enumerate() {
            let mut next = vec![false; self.steps.len()];
            for (place, step) in self.steps.iter().enumerate().filter(|(place, _)| places[*place]) {
                if let Step::One(class) = step
                    && class.has(character)
                {
                    self.enter(&mut next, place + 1, false, index + 1 == length);
                }
            }
            places = next;
        }
        places.last() == Some(&true)
    }

    /// Marks a place, and all that are reached from it without a character.
    fn enter(&self, places: &mut [bool], place: usize, is_start: bool, is_end: bool) {
        let mut todo = vec![place];
        while let Some(place) = todo.pop() {
            if std::mem::replace(&mut places[place], true) {
                continue;
            }
            match self.steps[place] {
                Step::Fork(a, b) => todo.extend([a, b]),
                Step::Goto(to) => todo.push(to),
                Step::AtStart if is_start => todo.push(place + 1),
                Step::AtEnd if is_end => todo.push(place + 1),
                Step::One(_) | Step::Match | Step::AtStart | Step::AtEnd => {}
            }
        }
    }

    fn push(&mut self, step: Step) -> Result<usize, String> {
        if self.steps.len() >= MAX_STEPS {
            return Err("expression too large".to_owned());
        }
        self.steps.push(step);
        Ok(self.steps.len() - 1)
    }

    fn compile(&mut self, node: &Node) -> Result<(), String> {
        match node {
            Node::Empty => {}
            Node::One(class) => {
                self.push(Step::One(class.clone()))?;
            }
            Node::AtStart => {
                self.push(Step::AtStart)?;
            }
            Node::AtEnd => {
                self.push(Step::AtEnd)?;
            }
            Node::All(nodes) => nodes.iter().try_for_each(|node| self.compile(node))?,
            Node::Any(nodes) => self.compile_any(nodes)?,
            Node::Repeat(node, least, most) => self.compile_repeat(node, *least, *most)?,
        }
        Ok(())
    }

    fn compile_any(&mut self, nodes: &[Node]) -> Result<(), String> {
        let mut exits = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            if index + 1 == nodes.len() {
                self.compile(node)?;
                break;
            }
            let fork = self.push(Step::Fork(0, 0))?;
            self.compile(node)?;
            exits.push(self.push(Step::Goto(0))?);
            self.steps[fork] = Step::Fork(fork + 1, self.steps.len());
        }
        for exit in exits {
            self.steps[exit] = Step::Goto(self.steps.len());
        }
        Ok(())
    }

    fn compile_repeat(
        &mut self,
        node: &Node,
        least: usize,
        most: Option<usize>,
    ) -> Result<(), String> {
        for _ in 0..least {
            self.compile(node)?;
        }
        let Some(most) = most else {
            let fork = self.push(Step::Fork(0, 0))?;
            self.compile(node)?;
            self.push(Step::Goto(fork))?;
            self.steps[fork] = Step::Fork(fork + 1, self.steps.len());
            return Ok(());
        };
        let mut forks = Vec::new();
        for _ in least..most {
            forks.push(self.push(Step::Fork(0, 0))?);
            self.compile(node)?;
        }
        for fork in forks {
            self.steps[fork] = Step::Fork(fork + 1, self.steps.len());
        }
        Ok(())
    }
}

impl Class {
    fn of(ranges: &[(char, char)]) -> Self {
        Self { ranges: ranges.to_vec(), is_negated: false }
    }

    fn has(&self, character: char) -> bool {
        let is_in = self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&character));
        is_in != self.is_negated
    }
}

struct Parser<'a> {
    rest: Peekable<Chars<'a>>,
    depth: usize,
}

impl Parser<'_> {
    fn alternatives(&mut self) -> Result<Node, String> {
        let mut nodes = vec![self.sequence()?];
        while self.rest.next_if_eq(&'|').is_some() {
            nodes.push(self.sequence()?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::Any(nodes) })
    }

    fn sequence(&mut self) -> Result<Node, String> {
        let mut nodes = Vec::new();
        while let Some(next) = self.rest.next_if(|next| !matches!(next, '|' | ')')) {
            let node = self.item(next)?;
            nodes.push(self.repeated(node)?);
        }
        Ok(if nodes.is_empty() { Node::Empty } else { Node::All(nodes) })
    }

    fn item(&mut self, first: char) -> Result<Node, String> {
        Ok(match first {
            '(' => self.group()?,
            '[' => Node::One(self.class()?),
            '.' => Node::One(Class { ranges: vec![('\n', '\n')], is_negated: true }),
            '^' => Node::AtStart,
            '$' => Node::AtEnd,
            '\\' => Node::One(self.escape()?),
            '*' | '+' | '?' => {
                return Err(format!("missing argument to repetition operator: {first}"));
            }
            other => Node::One(Class::of(&[(other, other)])),
        })
    }

    fn group(&mut self) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("expression nests too deeply".to_owned());
        }
        if self.rest.next_if_eq(&'?').is_some() && self.rest.next() != Some(':') {
            return Err("invalid or unsupported group syntax, only (?:..) is known".to_owned());
        }
        let node = self.alternatives()?;
        self.depth -= 1;
        match self.rest.next() {
            Some(')') => Ok(node),
            _ => Err("missing closing )".to_owned()),
        }
    }

    fn repeated(&mut self, node: Node) -> Result<Node, String> {
        let (least, most) = match self.rest.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => match self.count()? {
                Some(count) => {
                    self.rest.next_if_eq(&'?');
                    return Ok(Node::Repeat(Box::new(node), count.0, count.1));
                }
                None => return Ok(node),
            },
            _ => return Ok(node),
        };
        self.rest.next();
        // A repetition that takes as little as it can matches the same names.
        self.rest.next_if_eq(&'?');
        match self.rest.peek() {
            Some(again @ ('*' | '+' | '?')) => {
                Err(format!("invalid nested repetition operator: {again}"))
            }
            _ => Ok(Node::Repeat(Box::new(node), least, most)),
        }
    }

    /// `{2}`, `{2,}` or `{2,3}`; none if the brace stands for itself, and nothing is read then.
    fn count(&mut self) -> Result<Option<(usize, Option<usize>)>, String> {
        let mut ahead = self.rest.clone();
        ahead.next();
        let text: String = ahead.by_ref().take_while(|next| *next != '}').collect();
        let number = |text: &str| text.parse::<usize>().ok().filter(|_| !text.starts_with('+'));
        let (least, most) = match text.split_once(',') {
            None => (number(&text), number(&text).map(Some)),
            Some((least, "")) => (number(least), Some(None)),
            Some((least, most)) => (number(least), number(most).map(Some)),
        };
        let (Some(least), Some(most)) = (least, most) else { return Ok(None) };
        if least > MAX_REPEAT || most.is_some_and(|most| most > MAX_REPEAT || most < least) {
            return Err(format!("invalid repeat count: {{{text}}}"));
        }
        self.rest = ahead;
        Ok(Some((least, most)))
    }

    fn class(&mut self) -> Result<Class, String> {
        let is_negated = self.rest.next_if_eq(&'^').is_some();
        let mut ranges = Vec::new();
        let mut is_first = true;
        loop {
            let next = self.rest.next().ok_or("missing closing ]")?;
            match next {
                ']' if !is_first => return Ok(Class { ranges, is_negated }),
                '\\' => ranges.extend(self.escape_in_class()?),
                from => {
                    let mut ahead = self.rest.clone();
                    let is_range = ahead.next() == Some('-') && ahead.next() != Some(']');
                    let mut to = from;
                    if is_range {
                        self.rest.next();
                        to = self.rest.next().ok_or("missing closing ]")?;
                        if to == '\\' {
                            to = self.rest.next().ok_or("trailing \\")?;
                        }
                    }
                    if to < from {
                        return Err(format!("invalid character class range: {from}-{to}"));
                    }
                    ranges.push((from, to));
                }
            }
            is_first = false;
        }
    }

    fn escape_in_class(&mut self) -> Result<Vec<(char, char)>, String> {
        let class = self.escape()?;
        if class.is_negated {
            return Err("a negated escape within a character class is not known".to_owned());
        }
        Ok(class.ranges)
    }

    fn escape(&mut self) -> Result<Class, String> {
        let next = self.rest.next().ok_or("trailing \\")?;
        let ranges: &[(char, char)] = match next.to_ascii_lowercase() {
            'd' => &[('0', '9')],
            'w' => &[('0', '9'), ('A', 'Z'), ('a', 'z'), ('_', '_')],
            's' => &[('\t', '\n'), ('\u{c}', '\r'), (' ', ' ')],
            _ if next.is_ascii_alphanumeric() => {
                return Err(format!("invalid escape sequence: \\{next}"));
            }
            _ => &[(next, next)],
        };
        Ok(Class { ranges: ranges.to_vec(), is_negated: next.is_ascii_uppercase() })
    }
}

#[cfg(test)]
mod tests {
    use super::TopicPattern;

    fn check(pattern: &str, matching: &[&str], others: &[&str]) {
        let parsed =
            TopicPattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        for name in matching {
            assert!(parsed.matches(name), "{pattern} matches {name}");
        }
        for name in others {
            assert!(!parsed.matches(name), "{pattern} does not match {name}");
        }
    }

    #[test]
    fn the_whole_name_has_to_match() {
        check("orders", &["orders"], &["orders-1", "my-orders", ""]);
        check("orders.*", &["orders", "orders-1"], &["my-orders"]);
        check("^a|b$", &["a", "b"], &["ab"]);
        check("(?:foo|ba[rz])-\\d{1,2}", &["foo-1", "baz-42"], &["bax-1", "foo-", "foo-123"]);
        check("[^_].+", &["ab", "a__"], &["_ab", "a"]);
        check("a\\.b", &["a.b"], &["axb"]);
        check("(a*)*", &["", "aaaa"], &["b"]);
        check("x{2,}", &["xx", "xxxx"], &["x"]);
        check("a{,2}", &["a{,2}"], &["aa"]);
        check("[]-]", &["]", "-"], &["["]);
        check("\\w+?", &["A_9"], &["-"]);
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for text in
            ["(", ")", "[a", "*a", "a**", "\\", "\\q", "a{3,2}", "a{1001}", "(?i)a", "[z-a]"]
        {
            assert!(TopicPattern::parse(text).is_err(), "{text}");
        }
        let large = format!("{}a{}", "(".repeat(50), "{1000})".repeat(50));
        assert!(TopicPattern::parse(&large).is_err());
    }
}
