//! Which function belongs where.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::list;
use super::read::Module;
use super::statics::{Statics, numbers};
use super::{LOADER, unreadable};
use crate::failure::{Failure, Outcome};

/// Where each function goes.
pub struct Places {
    /// The functions of the rest.
    pub moved: BTreeSet<u32>,
    /// The same in parts, each in its order, and in the order of the module.
    pub parts: Vec<Vec<u32>>,
    /// Those of them that the first half can reach.
    pub gates: BTreeSet<u32>,
    /// The place in the table of each of these, and of each function that another part of the rest calls. Those of a part
    /// lie together.
    pub slots: BTreeMap<u32, u32>,
    /// The functions of the first half that the rest calls.
    pub shared: BTreeSet<u32>,
    /// The parts of memory that the rest fills.
    pub later: Vec<Range<u32>>,
    /// The import that loads the rest.
    pub loader: u32,
    /// The table of functions.
    pub table: u32,
}

impl Places {
    /// Finds the place of each function, and of each static. `listed` are the functions of the rest.
    /// The rest is to have `count` parts.
    pub fn new(
        module: &Module<'_>,
        listed: &BTreeSet<u64>,
        statics: &Statics,
        count: usize,
    ) -> Outcome<Self> {
        let loader = module.imports.iter().position(|import| import.name.contains(LOADER));
        let loader = loader.ok_or_else(|| missing(&format!("no import {LOADER}")))? as u32;
        let table = module.tables.iter().position(|table| table.is_of_functions);
        let table = table.ok_or_else(|| missing("no table of functions"))?;
        if module.names.is_empty() {
            return Err(missing("no names of functions"));
        }
        let moved = with_unreached(module, named(module, listed));
        let parts = parts(module, &moved, count);
        let mut part_of = BTreeMap::new();
        for (number, part) in parts.iter().enumerate() {
            part_of.extend(part.iter().map(|function| (*function, number)));
        }
        let of_the_rest = |function: &&u32| moved.contains(*function);
        let mut gates: BTreeSet<u32> = module.roots.iter().filter(of_the_rest).copied().collect();
        let (mut shared, mut crossed) = (BTreeSet::new(), BTreeSet::new());
        for function in 0..module.functions.len() as u32 {
            for used in module.uses_of(function) {
                match (part_of.get(&function), part_of.get(used)) {
                    (None, Some(_)) => _ = gates.insert(*used),
                    (Some(_), None) => _ = shared.insert(*used),
                    (Some(own), Some(other)) if own != other => _ = crossed.insert(*used),
                    _ => {}
                }
            }
        }
        let begin = module.tables[table].kind.initial as u32;
        let placed = parts.iter().flatten().copied();
        let placed =
            placed.filter(|function| gates.contains(function) || crossed.contains(function));
        Ok(Self {
            slots: placed.zip(begin..).collect(),
            gates,
            later: later(module, &moved, statics)?,
            moved,
            parts,
            shared,
            loader,
            table: table as u32,
        })
    }
}

impl Places {
    /// The parts of memory that are filled from the beginning. What lies between two of them is a segment more, so a
    /// few bytes that could come later stay.
    pub fn staying(&self, module: &Module<'_>) -> Vec<Range<u32>> {
        const WORTH_A_SEGMENT: usize = 12;
        let mut staying = Vec::new();
        for (begin, bytes) in &module.data {
            let (mut at, end) = (*begin, begin + bytes.len() as u32);
            let gaps = self.later.iter().filter(|gap| gap.len() >= WORTH_A_SEGMENT);
            for gap in gaps.filter(|gap| gap.start >= *begin && gap.end <= end) {
                staying.push(at..gap.start);
                at = gap.end;
            }
            staying.push(at..end);
        }
        staying.retain(|part| !part.is_empty());
        staying
    }
}

/// The functions of the rest in parts of about the same size. Neighbours stay together: they call one another most.
fn parts(module: &Module<'_>, moved: &BTreeSet<u32>, count: usize) -> Vec<Vec<u32>> {
    let size = |function: &u32| module.body(*function).map_or(0, |body| body.range().len());
    let whole: usize = moved.iter().map(size).sum();
    let mut parts = vec![Vec::new(); count];
    let mut before = 0;
    for function in moved {
        parts[(before * count / whole.max(1)).min(count - 1)].push(*function);
        before += size(function);
    }
    parts
}

/// What of memory nothing needs that stays.
fn later(
    module: &Module<'_>,
    moved: &BTreeSet<u32>,
    statics: &Statics,
) -> Outcome<Vec<Range<u32>>> {
    let mut stay = Vec::new();
    for function in (0..module.functions.len() as u32).filter(|one| !moved.contains(one)) {
        let Some(body) = module.body(function) else { continue };
        let numbers = numbers(body).map_err(|error| unreadable(&error.to_string()))?;
        stay.push((module.names.get(&function).map(String::as_str), numbers));
    }
    Ok(statics.later(stay.into_iter()))
}

/// The functions that the list names.
fn named(module: &Module<'_>, listed: &BTreeSet<u64>) -> BTreeSet<u32> {
    let names = module.names.iter().filter(|(_, name)| listed.contains(&list::hash(name)));
    names.map(|(function, _)| *function).filter(|id| module.body(*id).is_some()).collect()
}

/// Adds what is used by nothing but functions of the rest.
fn with_unreached(module: &Module<'_>, named: BTreeSet<u32>) -> BTreeSet<u32> {
    let count = module.functions.len();
    let mut reached = vec![false; count];
    let mut open: Vec<u32> = module.roots.clone();
    while let Some(function) = open.pop() {
        if named.contains(&function) || std::mem::replace(&mut reached[function as usize], true) {
            continue;
        }
        open.extend_from_slice(module.uses_of(function));
    }
    let own = module.imports.len()..count;
    own.filter(|function| !reached[*function]).map(|function| function as u32).collect()
}

fn missing(what: &str) -> Failure {
    Failure::new(
        format!("the module cannot be split: it has {what}"),
        "the page must import it (web/src/exports.rs), and wasm-opt keep the names (-g)",
    )
}
