//! The packs that this browser keeps. Each was proven before it was kept; what is read again is read by the same reader.

use std::cell::RefCell;
use std::collections::BTreeMap;

use highwater_exercises::pack::{Opened, Pack};
use highwater_exercises::reader::{About, Beside};
use highwater_exercises::{Content, taught};

use crate::save::storage;

const PREFIX: &str = "highwater.pack.";

/// So many letters all packs together may take of the browser's storage, which most browsers let hold some five
/// million: the scenarios need room too.
const MOST_LETTERS: usize = 2_000_000;

/// A pack that is here.
pub struct Held {
    /// What it is called.
    pub about: About,
    /// What is in it, by the names of the page.
    pub content: Content,
    /// It as the word of a link.
    pub word: String,
    /// Whether it will be here after a reload.
    pub is_kept: bool,
}

/// Why something is not kept, or not here any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The pack's id.
    pub id: String,
    /// What is wrong with it.
    pub why: String,
}

/// Packs live as long as the page: panels hold on to their exercises.
#[derive(Default)]
struct Shelf {
    held: BTreeMap<String, &'static Held>,
    lost: Vec<Lost>,
}

thread_local! {
    /// Read from the storage when it is first asked for.
    static SHELF: RefCell<Option<Shelf>> = const { RefCell::new(None) };
}

/// The pack of that id.
pub fn find(id: &str) -> Option<&'static Held> {
    with(|shelf| shelf.held.get(id).copied())
}

/// All packs, and what is kept and cannot be read.
pub fn all() -> (Vec<&'static Held>, Vec<Lost>) {
    with(|shelf| (shelf.held.values().copied().collect(), shelf.lost.clone()))
}

/// Keeps a pack that was proven, in the place of one of the same id. What stays for this visit only is told by
/// [`Held::is_kept`].
pub fn keep(opened: Opened, word: String) -> &'static Held {
    with(|shelf| {
        let about = opened.about.clone();
        let others = shelf.held.values().filter(|other| other.about.id != about.id);
        let letters = others.map(|other| other.word.len()).sum::<usize>() + word.len();
        let key = format!("{PREFIX}{}", about.id);
        let is_kept = letters <= MOST_LETTERS && storage::set(&key, &word).is_ok();
        shelf.lost.retain(|lost| lost.id != about.id);
        hold(shelf, opened, word, is_kept)
    })
}

/// Forgets a pack. What was done in its exercises stays saved.
pub fn remove(id: &str) {
    storage::remove(&format!("{PREFIX}{id}"));
    with(|shelf| {
        shelf.held.remove(id);
        shelf.lost.retain(|lost| lost.id != id);
    });
}

fn hold(shelf: &mut Shelf, opened: Opened, word: String, is_kept: bool) -> &'static Held {
    let about = opened.about.clone();
    let held = Held { content: opened.named(), about, word, is_kept };
    let held: &'static Held = Box::leak(Box::new(held));
    shelf.held.insert(held.about.id.clone(), held);
    held
}

fn with<T>(act: impl FnOnce(&mut Shelf) -> T) -> T {
    SHELF.with(|shelf| act(shelf.borrow_mut().get_or_insert_with(read)))
}

fn read() -> Shelf {
    let mut shelf = Shelf::default();
    let beside = Beside::of(taught());
    for key in storage::keys(PREFIX) {
        let id = key.strip_prefix(PREFIX).unwrap_or_default().to_owned();
        let word = storage::get(&key).unwrap_or_default();
        let opened = Pack::from_word(&word).map_err(|mistake| vec![mistake]);
        match opened.and_then(|pack| pack.open(&beside)) {
            Ok(opened) if opened.about.id == id => drop(hold(&mut shelf, opened, word, true)),
            // Under another's name it would take that one's place.
            Ok(opened) => shelf.lost.push(Lost { id, why: opened.about.id }),
            Err(mistakes) => {
                let why = mistakes.first().map(ToString::to_string).unwrap_or_default();
                shelf.lost.push(Lost { id, why });
            }
        }
    }
    shelf
}
