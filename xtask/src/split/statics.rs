//! Which function needs which of a module's statics: texts, tables, what is known before anything runs.
//!
//! Told by the linker (`--emit-relocs`): for each address that a function or a static holds, whose it is. So no
//! address is guessed from a number that looks like one.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::ops::Range;

use super::read::names_of_functions;
use wasmparser::{
    DataKind, KnownCustom, Linking, Operator, Parser, Payload, RelocSectionReader, RelocationType,
    SymbolInfo,
};

/// The segment of statics that nothing writes to. The others stay where they are.
const CONSTANT: &str = ".rodata";

/// The statics of a linked module, and who needs them.
#[derive(Debug, Default)]
pub struct Statics {
    /// Where each static lies in memory, by the linker's number of its symbol.
    places: BTreeMap<u32, Range<u32>>,
    /// Those that can be loaded later.
    constant: BTreeSet<u32>,
    /// What each function holds the address of, by the function's name.
    of_functions: BTreeMap<String, BTreeSet<u32>>,
    /// What each static holds the address of.
    of_statics: BTreeMap<u32, BTreeSet<u32>>,
}

impl Statics {
    /// Reads what the linker tells of a module.
    pub fn read(linked: &[u8]) -> Result<Self, Box<dyn Error>> {
        let mut told = Told::default();
        let mut section = 0;
        for payload in Parser::new(0).parse_all(linked) {
            let payload = payload?;
            let is_section = payload.as_section().is_some();
            told.take(payload, section)?;
            section += u32::from(is_section);
        }
        told.statics()
    }

    /// The parts of memory that can be loaded later, if these functions are there from the beginning: what neither
    /// they nor a static that stays holds the address of. Of a function that the linker does not know, any number
    /// in it may be an address: `numbers` gives them.
    pub fn later<'n>(
        &self,
        functions: impl Iterator<Item = (Option<&'n str>, Vec<u32>)>,
    ) -> Vec<Range<u32>> {
        let mut open: Vec<u32> =
            self.places.keys().filter(|symbol| !self.constant.contains(symbol)).copied().collect();
        for (name, numbers) in functions {
            match name.and_then(|name| self.of_functions.get(name)) {
                Some(held) => open.extend(held),
                None => open.extend(self.holding(&numbers)),
            }
        }
        let mut stay = BTreeSet::new();
        while let Some(symbol) = open.pop() {
            if stay.insert(symbol) {
                open.extend(self.of_statics.get(&symbol).into_iter().flatten());
            }
        }
        let range = |symbol: &u32| self.places.get(symbol).cloned();
        let kept = united(stay.iter().filter_map(range).collect());
        let all = united(self.constant.iter().filter_map(range).collect());
        without(&all, &kept)
    }

    /// The statics in which one of these addresses lies.
    fn holding(&self, addresses: &[u32]) -> impl Iterator<Item = u32> {
        let holds = |place: &Range<u32>| addresses.iter().any(|address| place.contains(address));
        self.places.iter().filter(move |(_, place)| holds(place)).map(|(symbol, _)| *symbol)
    }
}

/// All numbers in a function that may be an address.
pub fn numbers(body: &wasmparser::FunctionBody<'_>) -> Result<Vec<u32>, Box<dyn Error>> {
    let mut numbers = Vec::new();
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::I32Const { value } => numbers.push(value.cast_unsigned()),
            Operator::I32Load { memarg } | Operator::I32Load8U { memarg } => {
                numbers.push(u32::try_from(memarg.offset)?);
            }
            _ => {}
        }
    }
    Ok(numbers)
}

/// What a linked module says, before it is put together.
#[derive(Default)]
struct Told {
    imports: u32,
    names: BTreeMap<u32, String>,
    /// Where each function's body lies in its section.
    bodies: Vec<Range<usize>>,
    /// Each segment of data: its address in memory, and where its bytes lie in the section.
    segments: Vec<(u32, Range<usize>)>,
    segment_names: Vec<String>,
    symbols: Vec<Option<wasmparser::DefinedDataSymbol>>,
    /// Number of the section of code and of data, and where they begin in the file.
    code: (u32, usize),
    data: (u32, usize),
    /// For each address: the section it stands in, where in that, and the symbol that it is of.
    addresses: Vec<(u32, usize, u32)>,
}

impl Told {
    fn take(&mut self, payload: Payload<'_>, section: u32) -> Result<(), Box<dyn Error>> {
        match payload {
            Payload::ImportSection(imports) => self.imports = imports.into_imports().count() as u32,
            Payload::CodeSectionStart { range, .. } => self.code = (section, range.start),
            Payload::CodeSectionEntry(body) => {
                let range = body.range();
                self.bodies.push(range.start - self.code.1..range.end - self.code.1);
            }
            Payload::DataSection(data) => {
                let begin = data.range().start;
                self.data = (section, begin);
                for segment in data {
                    let segment = segment?;
                    let end = segment.range.end - begin;
                    let place = end - segment.data.len()..end;
                    self.segments.push((address(&segment.kind)?, place));
                }
            }
            Payload::CustomSection(custom) => match custom.as_known() {
                KnownCustom::Name(names) => self.names.extend(names_of_functions(names)?),
                KnownCustom::Linking(linking) => self.take_linking(&linking)?,
                KnownCustom::Reloc(relocations) => self.take_addresses(&relocations)?,
                _ => {}
            },
            _ => {}
        }
        Ok(())
    }

    fn take_linking(
        &mut self,
        linking: &wasmparser::LinkingSectionReader<'_>,
    ) -> Result<(), Box<dyn Error>> {
        for part in linking.subsections() {
            match part? {
                Linking::SegmentInfo(segments) => {
                    for segment in segments {
                        self.segment_names.push(segment?.name.to_owned());
                    }
                }
                Linking::SymbolTable(symbols) => {
                    for symbol in symbols {
                        self.symbols.push(match symbol? {
                            SymbolInfo::Data { symbol, .. } => symbol,
                            _ => None,
                        });
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn take_addresses(
        &mut self,
        relocations: &RelocSectionReader<'_>,
    ) -> Result<(), Box<dyn Error>> {
        for entry in relocations.entries() {
            let entry = entry?;
            match entry.ty {
                RelocationType::MemoryAddrLeb
                | RelocationType::MemoryAddrSleb
                | RelocationType::MemoryAddrI32 => {
                    let place = (relocations.section_index(), entry.offset as usize, entry.index);
                    self.addresses.push(place);
                }
                // Of functions, types, globals and tables: not of memory.
                RelocationType::FunctionIndexLeb
                | RelocationType::FunctionIndexI32
                | RelocationType::TableIndexSleb
                | RelocationType::TableIndexI32
                | RelocationType::TypeIndexLeb
                | RelocationType::GlobalIndexLeb
                | RelocationType::GlobalIndexI32
                | RelocationType::TableNumberLeb
                | RelocationType::EventIndexLeb
                | RelocationType::FunctionOffsetI32
                | RelocationType::SectionOffsetI32 => {}
                other => return Err(format!("a relocation of the kind {other:?}").into()),
            }
        }
        Ok(())
    }

    fn statics(self) -> Result<Statics, Box<dyn Error>> {
        if self.symbols.is_empty() {
            return Err("nothing of the linker's symbols (--emit-relocs)".into());
        }
        let mut statics = Statics::default();
        for (number, symbol) in (0..).zip(&self.symbols) {
            let Some(symbol) = symbol.filter(|symbol| symbol.size > 0) else { continue };
            let begin = self.segments[symbol.index as usize].0 + symbol.offset;
            statics.places.insert(number, begin..begin + symbol.size);
            if self.segment_names[symbol.index as usize].starts_with(CONSTANT) {
                statics.constant.insert(number);
            }
        }
        for index in 0..self.bodies.len() as u32 {
            if let Some(name) = self.names.get(&(index + self.imports)) {
                statics.of_functions.entry(name.clone()).or_default();
            }
        }
        let by_place = ByPlace::new(&statics.places);
        for &(section, offset, symbol) in &self.addresses {
            if section == self.code.0 {
                let body = self.bodies.partition_point(|body| body.end <= offset);
                let name = self.names.get(&(body as u32 + self.imports));
                let name = name.ok_or("an address in a function without a name")?;
                statics.of_functions.entry(name.clone()).or_default().insert(symbol);
            } else if section == self.data.0 {
                let at = self.address_of(offset).ok_or("an address outside of all segments")?;
                for holder in by_place.at(at) {
                    statics.of_statics.entry(holder).or_default().insert(symbol);
                }
            }
        }
        Ok(statics)
    }

    /// The address in memory of a byte of the section of data.
    fn address_of(&self, offset: usize) -> Option<u32> {
        let found = self.segments.iter().find(|(_, place)| place.contains(&offset));
        found.map(|(address, place)| address + (offset - place.start) as u32)
    }
}

/// Finds the statics at an address. Some lie in others.
struct ByPlace {
    sorted: Vec<(u32, u32, u32)>,
    longest: u32,
}

impl ByPlace {
    fn new(places: &BTreeMap<u32, Range<u32>>) -> Self {
        let entry = |(symbol, place): (&u32, &Range<u32>)| (place.start, place.end, *symbol);
        let mut sorted: Vec<_> = places.iter().map(entry).collect();
        sorted.sort_unstable();
        let longest = places.values().map(|place| place.end - place.start).max();
        Self { sorted, longest: longest.unwrap_or_default() }
    }

    fn at(&self, address: u32) -> impl Iterator<Item = u32> {
        let end = self.sorted.partition_point(|(begin, ..)| *begin <= address);
        let near = self.sorted[..end].iter().rev();
        let near = near.take_while(move |(begin, ..)| begin + self.longest > address);
        near.filter(move |(_, end, _)| *end > address).map(|(.., symbol)| *symbol)
    }
}

/// Where a segment of data goes.
pub fn address(kind: &DataKind<'_>) -> Result<u32, Box<dyn Error>> {
    let DataKind::Active { memory_index: 0, offset_expr } = kind else {
        return Err("a segment of data that is not put in its place at the start".into());
    };
    match offset_expr.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(value.cast_unsigned()),
        other => Err(format!("a segment of data at {other:?}").into()),
    }
}

/// Ranges in order, each apart from the next.
fn united(mut ranges: Vec<Range<u32>>) -> Vec<Range<u32>> {
    ranges.sort_unstable_by_key(|range| range.start);
    let mut united: Vec<Range<u32>> = Vec::new();
    for range in ranges {
        match united.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => united.push(range),
        }
    }
    united
}

/// What of some ranges is not in others, both in order.
fn without(all: &[Range<u32>], taken: &[Range<u32>]) -> Vec<Range<u32>> {
    let mut left = Vec::new();
    for range in all {
        let mut begin = range.start;
        let first = taken.partition_point(|one| one.end <= range.start);
        for one in taken[first..].iter().take_while(|one| one.start < range.end) {
            if one.start > begin {
                left.push(begin..one.start);
            }
            begin = begin.max(one.end);
        }
        if begin < range.end {
            left.push(begin..range.end);
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::{Statics, united, without};

    /// Statics 0 (which holds the address of 1), 1, 2 and, not constant, 3 (which holds that of 2).
    fn statics() -> Statics {
        Statics {
            places: [(0, 100..110), (1, 110..120), (2, 130..140), (3, 200..210)].into(),
            constant: [0, 1, 2].into(),
            of_functions: BTreeMap::from([
                ("draws".to_owned(), BTreeSet::from([0])),
                ("counts".to_owned(), BTreeSet::new()),
            ]),
            of_statics: BTreeMap::from([(0, [1].into()), (3, [2].into())]),
        }
    }

    #[test]
    fn what_nobody_holds_the_address_of_comes_later() {
        for (function, numbers, later) in [
            ("draws", vec![], None),
            ("counts", vec![105], Some((100, 120))),
            ("unknown", vec![], Some((100, 120))),
            ("unknown", vec![7, 119, 120], Some((100, 110))),
        ] {
            let found = statics().later([(Some(function), numbers)].into_iter());
            let later: Vec<_> = later.into_iter().map(|(begin, end)| begin..end).collect();
            assert_eq!(found, later, "{function}");
        }
    }

    #[test]
    fn a_module_of_which_the_linker_tells_nothing_is_refused() {
        let error = Statics::read(b"\0asm\x01\0\0\0").unwrap_err().to_string();
        assert!(error.contains("--emit-relocs"), "{error}");
    }

    proptest! {
        #[test]
        fn what_is_left_is_what_is_in_none_of_the_taken(
            all in proptest::collection::vec((0_u32..60, 0_u32..9), 0..8),
            taken in proptest::collection::vec((0_u32..60, 0_u32..9), 0..8),
        ) {
            let ranges = |pairs: &[(u32, u32)]| {
                united(pairs.iter().map(|(begin, length)| *begin..begin + length).collect())
            };
            let (all, taken) = (ranges(&all), ranges(&taken));
            let left = without(&all, &taken);
            for byte in 0..70 {
                let is_in = |ranges: &[std::ops::Range<u32>]| ranges.iter().any(|range| range.contains(&byte));
                prop_assert_eq!(is_in(&left), is_in(&all) && !is_in(&taken));
            }
        }
    }
}
