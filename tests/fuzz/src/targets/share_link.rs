//! Words of links, as they come out of mails and chats: cut off, changed, glued together; and such as somebody made
//! on purpose, whose checksum holds.

use highwater_cluster::time::Time;
use highwater_scenario::link::{LinkError, Shared, VERSION, seal, view_parts};
use highwater_scenario::script::Document;

use super::Target;
use crate::mutate;
use crate::rng::Rng;
use crate::scripts;

const PIECES: &[&str] = &[
    "#/s/",
    "-",
    "_",
    "=",
    "%3D",
    "+",
    "/",
    ".",
    ")",
    " ",
    "\n",
    "\0",
    "é",
    "AAAA",
    "____",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
];

const VIEWS: &[&str] =
    &["", "select=broker:2&tab=log&speed=0.1", "in=learn/keep-writing", "&&==&", "<b>=\u{7}"];

/// More than this, inflated, is not read as a script: the target `script-parser` reads long ones.
const MOST_PARSED: usize = 256 * 1024;

pub struct ShareLink {
    scripts: Vec<String>,
    words: Vec<String>,
}

impl ShareLink {
    pub fn new() -> Self {
        let scripts = scripts::all();
        let words = scripts.iter().zip(VIEWS.iter().cycle()).map(|(script, view)| {
            let shared = Shared {
                script: script.clone(),
                moment: Time(1_500_000),
                view: (*view).to_owned(),
            };
            shared.to_word().expect("the project's own scripts are short")
        });
        Self { words: words.collect(), scripts }
    }

    /// A word whose checksum holds, around a content that was damaged before it was compressed, or after.
    fn sealed(&self, rng: &mut Rng) -> String {
        let mut content = Vec::new();
        content.extend_from_slice(&rng.telling_number().to_be_bytes()[rng.below(8)..]);
        let view = rng.pick(VIEWS);
        content.push(view.len() as u8);
        content.extend_from_slice(view.as_bytes());
        let script = rng.pick(&self.scripts[..]);
        content.extend_from_slice(mutate::lines_of(rng, script, 6).as_bytes());
        if rng.once_in(2) {
            mutate::bytes(rng, &mut content);
        }
        if rng.once_in(50_000) {
            content.resize((1 + rng.below(40)) << 20, b'\n');
        }
        // The first level: a better one would take longer than all else.
        let mut body = miniz_oxide::deflate::compress_to_vec(&content, 1);
        if rng.once_in(3) {
            mutate::bytes(rng, &mut body);
        }
        let version = if rng.once_in(20) { rng.next() as u8 } else { VERSION };
        word(&seal(version, &body))
    }
}

impl Target for ShareLink {
    fn generate(&self, rng: &mut Rng) -> Vec<u8> {
        let mut input = match rng.below(4) {
            0 => return self.sealed(rng).into_bytes(),
            _ => rng.pick(&self.words).clone().into_bytes(),
        };
        mutate::text(rng, &mut input, PIECES);
        input
    }

    fn run(&self, input: &[u8]) {
        let text = String::from_utf8_lossy(input);
        match Shared::from_word(&text) {
            Ok(shared) => check(&shared),
            Err(error) => check_told(&error),
        }
        // What is no link may be dropped as a file.
        let opened = Shared::read_file(&text);
        assert!(opened.shared.script.len() <= text.len());
    }
}

fn check(shared: &Shared) {
    for (name, value) in view_parts(&shared.view) {
        assert!(name.len() + value.len() < shared.view.len());
    }
    if shared.script.len() > MOST_PARSED {
        return;
    }
    // Compressing as well as can be takes longer than all else together: some stand for the rest.
    if shared.script.len().is_multiple_of(16) {
        let word = shared.to_word().expect("what was read can be written");
        let again = Shared::from_word(&word);
        assert_eq!(again.as_ref(), Ok(shared), "it says the same when it is sent on");
    }
    let document = Document::parse(&shared.script);
    assert_eq!(document.scenario().is_ok(), document.errors().is_empty());
}

/// A refusal is one short line, which repeats nothing of what was refused but a character.
fn check_told(error: &LinkError) {
    let told = error.to_string();
    assert!(told.len() < 200 && !told.contains(char::is_control), "{told}");
    assert!(told.matches(['<', '>', '"', '&']).count() <= 1, "{told}");
}

/// Bytes as the word of a link. The codec's own printer would do the same; here it is done once more, in the plainest way.
fn word(bytes: &[u8]) -> String {
    let letters: Vec<char> =
        ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_']).collect();
    let bits: Vec<u8> =
        bytes.iter().flat_map(|byte| (0..8).rev().map(move |place| byte >> place & 1)).collect();
    let value = |six: &[u8]| (0..6).fold(0, |sum, at| sum << 1 | six.get(at).copied().unwrap_or(0));
    bits.chunks(6).map(|six| letters[usize::from(value(six))]).collect()
}
