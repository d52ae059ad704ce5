//! Lines typed on a terminal, without a cluster: split into words, completed, and read by the shell and the
//! tool that they name.

use highwater_shell::words::{Token, split, split_partial};
use highwater_shell::{Known, complete, start};

use super::Target;
use crate::rng::Rng;
use crate::typed::Typed;

pub struct CommandParser(Typed);

impl CommandParser {
    pub fn new() -> Self {
        Self(Typed::new())
    }
}

impl Target for CommandParser {
    fn generate(&self, rng: &mut Rng) -> Vec<u8> {
        self.0.generate(rng)
    }

    fn run(&self, input: &[u8]) {
        let line = String::from_utf8_lossy(input);
        check_words(&line);
        let columns = line.chars().count();
        // The middle is where half a word stands.
        for cursor in [columns / 2, columns + 1] {
            for found in complete(&line, cursor, &Known::default()) {
                assert!(found.from <= columns && !found.text.is_empty());
            }
        }
        let program = start(&line);
        assert!(program.producer().is_none() && program.consumer().is_none(), "nothing has begun");
    }
}

/// Words and operators stand in order within the line, and a word that was not quoted is its own text.
fn check_words(line: &str) {
    let partial = split_partial(line);
    let chars: Vec<char> = line.chars().collect();
    let mut end = 1;
    for token in &partial.tokens {
        let span = match token {
            Token::Word(word) => {
                let (from, to) = (word.span.start as usize - 1, word.span.end as usize - 1);
                let source: String = chars[from..to].iter().collect();
                assert!(word.quoted || word.text == source, "{:?} is {source:?}", word.text);
                word.span
            }
            Token::Operator { span, .. } => *span,
        };
        assert!(span.start >= end && span.end > span.start);
        end = span.end;
    }
    assert!(end as usize <= chars.len() + 1);
    match split(line) {
        Ok(tokens) => assert_eq!(tokens, partial.tokens),
        Err(unclosed) => assert_eq!(Some(unclosed), partial.unclosed),
    }
}
