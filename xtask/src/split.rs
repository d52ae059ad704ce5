//! Splits the page's module in two: what a first visit runs, and the rest.
//!
//! Which functions are the rest stands in `web/rest.txt`: those that `cargo xtask profile` has seen
//! not to run in a first visit. A function that the list does not know stays in the first half, so an
//! old list costs bytes and breaks nothing.
//!
//! Where the first half names a function of the rest, a gate stands for it: a few bytes that call the
//! true one through the table. The rest, once it is loaded, puts its functions there; if it is missing
//! when one is called, an imported function of JavaScript fetches it at once. So the split changes
//! when code arrives, and nothing else.
//!
//! The rest is cut into parts, for browsers compile only so much while a call waits. Where one part names a function of
//! another, it calls it through the table.
//!
//! With the functions go the statics that only they need: the texts and tables of which nothing in the first half
//! holds the address.

pub mod list;
pub mod mark;
mod read;
mod sort;
pub mod statics;
mod write;

use std::collections::BTreeSet;

use crate::failure::{Failure, Outcome};
use read::Module;
use sort::Places;
use statics::Statics;

/// The two halves of a module.
pub struct Halves {
    /// What a first visit loads.
    pub first: Vec<u8>,
    /// What it loads when it stands, or when it is needed: in parts, of which each is taken at once by a browser.
    pub rest: Vec<Vec<u8>>,
    /// What of memory comes with it: to be there before it.
    pub later: Vec<u8>,
    /// How many functions are in the rest.
    pub moved: usize,
    /// How many of them can be reached from the first half.
    pub gates: usize,
    /// How many of them one part of the rest calls in another.
    pub crossed: usize,
    /// How many bytes of statics are in the rest.
    pub statics: usize,
    /// The names of the first half's imports: as wasm-bindgen wrote them, and as they are now.
    pub imports: Vec<(String, String)>,
}

/// The import by which the first half asks for the rest, by a part of the name that wasm-bindgen
/// gives it.
pub const LOADER: &str = "highwaterLoadRest";

/// Splits a module that still has its names, as the linker wrote them. `listed` are the functions of the rest, as
/// [`list::parse`] gives them; `statics` tells who needs which static; `parts` is how many the rest is to
/// have.
pub fn split(
    module: &[u8],
    listed: &BTreeSet<u64>,
    statics: &Statics,
    parts: usize,
) -> Outcome<Halves> {
    let module = read(module)?;
    let places = Places::new(&module, listed, statics, parts)?;
    let encode = |error: write::Error| unreadable(&error.to_string());
    let parts = places.parts.iter().map(|part| write::rest(&module, &places, part));
    let imports = (0..).zip(&module.imports);
    let is_crossed = |function: &&u32| !places.gates.contains(*function);
    Ok(Halves {
        first: write::first(&module, &places).map_err(encode)?,
        rest: parts.collect::<Result<_, _>>().map_err(encode)?,
        later: write::statics(&module, &places).map_err(encode)?,
        moved: places.moved.len(),
        gates: places.gates.len(),
        crossed: places.slots.keys().filter(is_crossed).count(),
        statics: places.later.iter().map(|range| range.len()).sum(),
        imports: imports
            .map(|(number, import)| (import.name.clone(), write::short_import(number)))
            .collect(),
    })
}

fn read(module: &[u8]) -> Outcome<Module<'_>> {
    Module::read(module).map_err(|error| unreadable(&error.to_string()))
}

/// Reads what the linker tells of a module's statics.
pub fn read_statics(linked: &[u8]) -> Outcome<Statics> {
    Statics::read(linked).map_err(|error| unreadable(&error.to_string()))
}

fn unreadable(what: &str) -> Failure {
    Failure::new(
        format!("the module cannot be split: {what}"),
        "it has something that xtask/src/split does not know: teach it",
    )
}

#[cfg(test)]
mod tests;
