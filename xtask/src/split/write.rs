//! Writes the first half, and the parts of the rest.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::ops::Range;

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType, ExportKind,
    ExportSection, Function, FunctionSection, ImportSection, Instruction, Module as Output,
    RawSection,
};
use wasmparser::{Operator, Parser, Payload};

use super::read::Module;
use super::sort::Places;

/// What the encoder refuses.
pub type Error = reencode::Error<Infallible>;

/// The module by which the rest imports what the first half has.
const FIRST: &str = "first";
/// The section from which wasm-opt knows what it may use; the last thing it does is to leave it out.
const FEATURES: &str = "target_features";

/// The functions of one piece, renumbered.
struct Piece<'a> {
    /// The new number of each function; none if it is not in this piece.
    numbers: Vec<Option<u32>>,
    module: &'a Module<'a>,
    places: &'a Places,
}

impl<'a> Piece<'a> {
    fn new(module: &'a Module<'a>, places: &'a Places) -> Self {
        Self { numbers: vec![None; module.functions.len()], module, places }
    }

    /// Gives functions the numbers from 0.
    fn number<'b>(&mut self, functions: impl Iterator<Item = &'b u32>) {
        for (number, function) in (0..).zip(functions) {
            self.numbers[*function as usize] = Some(number);
        }
    }

    /// A call of a function that is in another part of the rest: through the table.
    fn call_elsewhere(&self, function: u32) -> [Instruction<'static>; 2] {
        let call = Instruction::CallIndirect {
            type_index: self.module.functions[function as usize],
            table_index: self.places.table,
        };
        [Instruction::I32Const(self.places.slots[&function] as i32), call]
    }
}

impl Reencode for Piece<'_> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        Ok(self.numbers[function as usize].expect("a piece holds all that it names"))
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), Error> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        for operator in body.get_operators_reader()? {
            match operator? {
                Operator::Call { function_index }
                    if self.numbers[function_index as usize].is_none() =>
                {
                    for instruction in self.call_elsewhere(function_index) {
                        function.instruction(&instruction);
                    }
                }
                other => _ = function.instruction(&self.instruction(other)?),
            }
        }
        code.function(&function);
        Ok(())
    }
}

/// The first half: the module without the bodies of the rest, and with gates to them.
pub fn first(module: &Module<'_>, places: &Places) -> Result<Vec<u8>, Error> {
    let stays =
        |function: u32| !places.moved.contains(&function) || places.gates.contains(&function);
    let all = 0..module.functions.len() as u32;
    let kept: Vec<u32> = all.filter(|function| stays(*function)).collect();
    let mut half = Piece::new(module, places);
    half.number(kept.iter());
    let own = &kept[module.imports.len()..];
    // The check whether the rest is there stands after all other functions.
    let check = kept.len() as u32;
    let loader_type = module.functions[places.loader as usize];

    let mut output = Output::new();
    for payload in Parser::new(0).parse_all(module.bytes) {
        match payload? {
            Payload::ImportSection(_) => {
                let mut section = ImportSection::new();
                for ((number, import), kind) in (0..).zip(&module.imports).zip(&module.functions) {
                    let kind = EntityType::Function(*kind);
                    section.import(&import.module, &short_import(number), kind);
                }
                output.section(&section);
            }
            Payload::FunctionSection(_) => {
                let mut section = FunctionSection::new();
                for function in own {
                    section.function(module.functions[*function as usize]);
                }
                section.function(loader_type);
                output.section(&section);
            }
            Payload::TableSection(tables) => {
                let mut section = wasm_encoder::TableSection::new();
                for (index, table) in (0..).zip(tables) {
                    let mut table = table?;
                    if index == places.table {
                        let more = places.slots.len() as u64;
                        table.ty.initial += more;
                        table.ty.maximum = table.ty.maximum.map(|most| most + more);
                    }
                    half.parse_table(&mut section, table)?;
                }
                output.section(&section);
            }
            Payload::ExportSection(exports) => {
                let mut section = ExportSection::new();
                half.parse_export_section(&mut section, exports)?;
                export_for_the_rest(&mut section, module, places, &mut half)?;
                output.section(&section);
            }
            Payload::ElementSection(elements) => {
                let mut section = ElementSection::new();
                half.parse_element_section(&mut section, elements)?;
                output.section(&section);
            }
            Payload::StartSection { func, .. } => {
                output.section(&wasm_encoder::StartSection {
                    function_index: half.function_index(func)?,
                });
            }
            Payload::CodeSectionStart { .. } => {
                let mut section = CodeSection::new();
                for function in own {
                    if places.gates.contains(function) {
                        section.function(&gate(&half, *function, check));
                    } else {
                        let body = module.body(*function).expect("it is not imported").clone();
                        half.parse_function_body(&mut section, body)?;
                    }
                }
                section.function(&check_for_rest(places));
                output.section(&section);
            }
            Payload::GlobalSection(globals) => {
                let mut section = wasm_encoder::GlobalSection::new();
                half.parse_global_section(&mut section, globals)?;
                output.section(&section);
            }
            Payload::DataCountSection { .. } => {
                let count = data(module, &places.staying(module)).len();
                output.section(&wasm_encoder::DataCountSection { count });
            }
            Payload::DataSection(_) => {
                output.section(&data(module, &places.staying(module)));
            }
            Payload::CustomSection(section) if section.name() == FEATURES => {
                copy_section(&mut output, module, &Payload::CustomSection(section));
            }
            // Names and the rest of the custom sections are of no use to a visitor.
            Payload::CustomSection(_) | Payload::CodeSectionEntry(_) => {}
            other => copy_section(&mut output, module, &other),
        }
    }
    Ok(output.finish())
}

/// A part of the rest: its functions, with all that they need of the first half imported.
pub fn rest(module: &Module<'_>, places: &Places, part: &[u32]) -> Result<Vec<u8>, Error> {
    let mut piece = Piece::new(module, places);
    let used: BTreeSet<u32> = part.iter().flat_map(|own| module.uses_of(*own)).copied().collect();
    let shared: Vec<u32> = places.shared.intersection(&used).copied().collect();
    piece.number(shared.iter().chain(part));
    let mut output = Output::new();
    for payload in Parser::new(0).parse_all(module.bytes) {
        if let payload @ Payload::TypeSection(_) = payload? {
            copy_section(&mut output, module, &payload);
        }
    }
    output.section(&imports_of_the_rest(&mut piece, &shared)?);
    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    for function in part {
        functions.function(module.functions[*function as usize]);
        let body = module.body(*function).expect("imports are not moved").clone();
        piece.parse_function_body(&mut code, body)?;
    }
    output.section(&functions);
    let placed: Vec<&u32> = part.iter().filter(|one| places.slots.contains_key(one)).collect();
    if let Some(first) = placed.first() {
        let offset = ConstExpr::i32_const(places.slots[*first] as i32);
        let numbers = placed.iter().map(|function| piece.function_index(**function));
        let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
        let mut elements = ElementSection::new();
        elements.active(Some(places.table), &offset, Elements::Functions(numbers.into()));
        output.section(&elements);
    }
    output.section(&code);
    for payload in Parser::new(0).parse_all(module.bytes) {
        let payload = payload?;
        if matches!(&payload, Payload::CustomSection(section) if section.name() == FEATURES) {
            copy_section(&mut output, module, &payload);
        }
    }
    Ok(output.finish())
}

/// What the rest puts into memory, as a module of its own: browsers take only so much at once while a call waits.
pub fn statics(module: &Module<'_>, places: &Places) -> Result<Vec<u8>, Error> {
    let mut half = Piece::new(module, places);
    let mut imports = ImportSection::new();
    for (index, memory) in (0..).zip(&module.memories) {
        imports.import(FIRST, &short("m", index), half.memory_type(*memory)?);
    }
    let mut output = Output::new();
    output.section(&imports);
    output.section(&data(module, &places.later));
    Ok(output.finish())
}

/// What the module puts into these parts of memory.
fn data(module: &Module<'_>, parts: &[Range<u32>]) -> DataSection {
    let mut section = DataSection::new();
    for (begin, bytes) in &module.data {
        let end = begin + bytes.len() as u32;
        for part in parts.iter().filter(|part| part.start < end && part.end > *begin) {
            let (from, to) = (part.start.max(*begin), part.end.min(end));
            let piece = &bytes[(from - begin) as usize..(to - begin) as usize];
            section.active(0, &ConstExpr::i32_const(from.cast_signed()), piece.iter().copied());
        }
    }
    section
}

/// `call check; local.get...; call_indirect`: what stands for a function of the rest.
fn gate(half: &Piece<'_>, function: u32, check: u32) -> Function {
    let mut gate = Function::new([]);
    gate.instruction(&Instruction::Call(check));
    for (index, _) in (0..).zip(half.module.type_of(function).params()) {
        gate.instruction(&Instruction::LocalGet(index));
    }
    for instruction in half.call_elsewhere(function) {
        gate.instruction(&instruction);
    }
    gate.instruction(&Instruction::End);
    gate
}

/// Loads the rest unless it is there: then the first of its places in the table is taken.
fn check_for_rest(places: &Places) -> Function {
    let slot = places.slots.values().next().copied().unwrap_or_default();
    let mut check = Function::new([]);
    for instruction in [
        Instruction::I32Const(slot as i32),
        Instruction::TableGet(places.table),
        Instruction::RefIsNull,
        Instruction::If(wasm_encoder::BlockType::Empty),
        Instruction::Call(places.loader),
        Instruction::End,
        Instruction::End,
    ] {
        check.instruction(&instruction);
    }
    check
}

fn export_for_the_rest(
    section: &mut ExportSection,
    module: &Module<'_>,
    places: &Places,
    half: &mut Piece<'_>,
) -> Result<(), Error> {
    for function in &places.shared {
        section.export(&short("f", *function), ExportKind::Func, half.function_index(*function)?);
    }
    let all = [
        ("t", ExportKind::Table, module.tables.len()),
        ("m", ExportKind::Memory, module.memories.len()),
        ("g", ExportKind::Global, module.globals.len()),
    ];
    for (letter, kind, count) in all {
        for index in 0..count as u32 {
            section.export(&short(letter, index), kind, index);
        }
    }
    Ok(())
}

fn imports_of_the_rest(half: &mut Piece<'_>, shared: &[u32]) -> Result<ImportSection, Error> {
    let (module, places) = (half.module, half.places);
    let mut section = ImportSection::new();
    for function in shared {
        let kind = EntityType::Function(module.functions[*function as usize]);
        section.import(FIRST, &short("f", *function), kind);
    }
    for (index, table) in (0..).zip(&module.tables) {
        let mut kind = half.table_type(table.kind)?;
        if index == places.table {
            let more = places.slots.len() as u64;
            kind.minimum += more;
            kind.maximum = kind.maximum.map(|most| most + more);
        }
        section.import(FIRST, &short("t", index), kind);
    }
    for (index, memory) in (0..).zip(&module.memories) {
        section.import(FIRST, &short("m", index), half.memory_type(*memory)?);
    }
    for (index, global) in (0..).zip(&module.globals) {
        section.import(FIRST, &short("g", index), half.global_type(*global)?);
    }
    Ok(section)
}

/// What stands for the name of an import: those of wasm-bindgen are long, and end in digits that nothing can compress.
pub fn short_import(number: u32) -> String {
    short("i", number)
}

/// A name that is no name of wasm-bindgen's: `$` and a letter, and a number in few digits.
fn short(letter: &str, number: u32) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
    let mut name = format!("${letter}");
    let mut left = number;
    loop {
        name.push(char::from(DIGITS[(left % 32) as usize]));
        left /= 32;
        if left == 0 {
            return name;
        }
    }
}

/// A section that stays as it is.
fn copy_section(output: &mut Output, module: &Module<'_>, payload: &Payload<'_>) {
    if let Some((id, range)) = payload.as_section() {
        output.section(&RawSection { id, data: &module.bytes[range] });
    }
}
