//! Opening a pack: it is fetched from where it is, read, and proven in portions, so that the page stays at hand and it
//! can be called off at any time.

use std::sync::Arc;

use highwater_exercises::pack::{MOST_BYTES, Opened, Pack};
use highwater_exercises::proof::Proving;
use highwater_exercises::reader::Beside;
use highwater_exercises::taught;
use js_sys::Promise;
use leptos::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::File;

use super::kept::{self, Held};

/// So many milliseconds are proven at a stretch; what is drawn and what is pressed comes between.
const STRETCH_MS: f64 = 14.0;

/// Where a pack comes from.
pub enum Source {
    /// A file that was chosen or dropped.
    File(File),
    /// The word of a link.
    Word(String),
}

/// How far it is.
#[derive(Clone)]
pub enum Stage {
    /// None is being opened.
    Idle,
    /// It is being read.
    Reading,
    /// It is being proven: so many proofs are done, of so many.
    Proving(String, usize, usize),
    /// It is not opened, for these reasons.
    Refused(Vec<Reason>),
    /// It was called off.
    CalledOff,
    /// It is proven, and another pack has its id: which of them is to be here?
    Asks(&'static Held, StoredValue<Option<(Opened, String)>>),
    /// It is here.
    Done(&'static Held),
}

/// Why a pack is not opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What is wrong, with its place.
    pub sentence: String,
    /// The scenario that shows it; empty if none does.
    pub script: String,
}

/// What opens packs on a page: one at a time.
#[derive(Clone, Copy)]
pub struct Opener {
    /// How far it is.
    pub stage: RwSignal<Stage>,
    /// Which pack is being opened, by a number: another one, or calling it off, ends the one before.
    turn: StoredValue<u32>,
}

impl Opener {
    /// None is being opened.
    pub fn new() -> Self {
        Self { stage: RwSignal::new(Stage::Idle), turn: StoredValue::new(0) }
    }

    /// Opens a pack, instead of one that is being opened.
    pub fn open(self, source: Source) {
        let turn = self.turn.get_value() + 1;
        self.turn.set_value(turn);
        self.stage.set(Stage::Reading);
        spawn_local(async move {
            let opened = match open(source).await {
                Ok(opened) => opened,
                Err(reasons) => return self.tell(turn, Stage::Refused(reasons)),
            };
            if let Some(stage) = self.prove(turn, opened).await {
                self.tell(turn, stage);
            }
        });
    }

    /// Calls it off.
    pub fn call_off(self) {
        self.turn.update_value(|turn| *turn += 1);
        self.stage.set(Stage::CalledOff);
    }

    /// Takes the pack that was proven in the place of the other.
    pub fn replace(self, waiting: StoredValue<Option<(Opened, String)>>) {
        if let Some((opened, word)) = waiting.try_update_value(Option::take).flatten() {
            self.stage.set(Stage::Done(kept::keep(opened, word)));
        }
    }

    /// What came of the proof; nothing if it was called off.
    async fn prove(self, turn: u32, (opened, word): (Opened, String)) -> Option<Stage> {
        let title = opened.about.title.clone();
        let mut proving = Proving::new(Arc::new(opened.content.clone()));
        let proof = loop {
            let (done, all) = proving.standing();
            self.tell(turn, Stage::Proving(title.clone(), done, all));
            breathe().await;
            if !self.is_turn(turn) {
                return None;
            }
            let begin = js_sys::Date::now();
            let mut proof = None;
            while proof.is_none() && js_sys::Date::now() - begin < STRETCH_MS {
                proof = proving.go_on();
            }
            if let Some(proof) = proof {
                break proof;
            }
        };
        if !proof.failures.is_empty() {
            let reasons = proof.failures.into_iter().map(|failure| Reason {
                sentence: format!("{}: {}", failure.file, failure.what),
                script: failure.script,
            });
            return Some(Stage::Refused(reasons.collect()));
        }
        Some(match kept::find(&opened.about.id) {
            Some(other) if other.word != word => {
                Stage::Asks(other, StoredValue::new(Some((opened, word))))
            }
            _ => Stage::Done(kept::keep(opened, word)),
        })
    }

    fn tell(self, turn: u32, stage: Stage) {
        if self.is_turn(turn) {
            self.stage.set(stage);
        }
    }

    /// Whether that pack is still being opened: the page may be gone, too.
    fn is_turn(self, turn: u32) -> bool {
        self.turn.try_get_value() == Some(turn)
    }
}

/// The pack, and it as the word of a link.
async fn open(source: Source) -> Result<(Opened, String), Vec<Reason>> {
    let reason = |sentence: String| vec![Reason { sentence, script: String::new() }];
    // What is told before stands on the screen by then.
    breathe().await;
    let pack = match source {
        Source::Word(word) => Pack::from_word(&word),
        Source::File(file) if file.size() > MOST_BYTES as f64 => {
            return Err(reason(t!("packs.too-long", name = file.name(), most = MOST_BYTES)));
        }
        Source::File(file) => {
            let buffer = JsFuture::from(file.array_buffer()).await;
            let Ok(buffer) = buffer else {
                return Err(reason(t!("data.could-not-be", name = file.name())));
            };
            Pack::parse(&js_sys::Uint8Array::new(&buffer).to_vec())
        }
    };
    let pack = pack.map_err(|mistake| reason(mistake.to_string()))?;
    let word = pack.to_word();
    let opened = pack.open(&Beside::of(taught())).map_err(|mistakes| {
        let sentences = mistakes.iter().map(ToString::to_string);
        sentences.flat_map(reason).collect::<Vec<_>>()
    })?;
    Ok((opened, word))
}

/// Lets the page draw, and answer to who uses it.
async fn breathe() {
    let promise = Promise::new(&mut |resolve, _| {
        let _ = window().set_timeout_with_callback(&resolve);
    });
    let _ = JsFuture::from(promise).await;
}
