//! Has a module note which of its functions run, each by a byte in a page of memory of its own.

use std::convert::Infallible;

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{CodeSection, Instruction, MemArg, MemorySection, Module as Output};

use super::unreadable;
use crate::failure::Outcome;

const PAGE: u64 = 1 << 16;

/// A module that notes what runs.
pub struct Marked {
    /// The module.
    pub module: Vec<u8>,
    /// The address in its memory of the byte of the first function that is not imported.
    pub begin: u64,
    /// How many functions there are, each with a byte.
    pub count: u64,
}

/// Has a module note what runs.
pub fn mark(module: &[u8]) -> Outcome<Marked> {
    let failed = |error: reencode::Error<Infallible>| unreadable(&error.to_string());
    let count = super::read(module)?.bodies.len() as u64;
    let mut marker = Marker { begin: 0, count, next: 0 };
    let mut output = Output::new();
    let parser = wasmparser::Parser::new(0);
    marker.parse_core_module(&mut output, parser, module).map_err(failed)?;
    Ok(Marked { module: output.finish(), begin: marker.begin, count })
}

struct Marker {
    begin: u64,
    count: u64,
    next: u64,
}

impl Reencode for Marker {
    type Error = Infallible;

    /// Room behind what the module begins with: its allocator takes memory only beyond that.
    fn parse_memory_section(
        &mut self,
        section: &mut MemorySection,
        memories: wasmparser::MemorySectionReader<'_>,
    ) -> Result<(), reencode::Error<Infallible>> {
        for memory in memories {
            let mut memory = memory?;
            self.begin = memory.initial * PAGE;
            memory.initial += self.count.div_ceil(PAGE);
            section.memory(self.memory_type(memory)?);
        }
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        section: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), reencode::Error<Infallible>> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        function.instruction(&Instruction::I32Const(i32::try_from(self.next).unwrap_or_default()));
        function.instruction(&Instruction::I32Const(1));
        function.instruction(&Instruction::I32Store8(MemArg {
            offset: self.begin,
            align: 0,
            memory_index: 0,
        }));
        self.next += 1;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            function.instruction(&self.parse_instruction(&mut operators)?);
        }
        section.function(&function);
        Ok(())
    }
}
