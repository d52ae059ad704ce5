//! What must be known of a module to split it.

use std::collections::BTreeMap;
use std::error::Error;

use super::statics::address;
use wasmparser::{
    BinaryReaderError, CompositeInnerType, ElementItems, ElementKind, ExternalKind, FuncType,
    FunctionBody, KnownCustom, Name, NameSectionReader, Operator, Parser, Payload, TypeRef,
};

/// A module, taken apart as far as splitting it needs.
#[derive(Default)]
pub struct Module<'a> {
    /// All its bytes.
    pub bytes: &'a [u8],
    /// Its types, all of functions.
    pub types: Vec<FuncType>,
    /// The type of each function, the imported ones first.
    pub functions: Vec<u32>,
    /// The functions that are imported.
    pub imports: Vec<Import>,
    /// Its tables: whether they hold functions, and their sizes.
    pub tables: Vec<Table>,
    /// Its memories and globals, as they would be imported.
    pub memories: Vec<wasmparser::MemoryType>,
    /// Its globals.
    pub globals: Vec<wasmparser::GlobalType>,
    /// The names of its functions, where they have one.
    pub names: BTreeMap<u32, String>,
    /// The bodies of the functions that are not imported.
    pub bodies: Vec<FunctionBody<'a>>,
    /// The functions that each of these names.
    pub uses: Vec<Vec<u32>>,
    /// Where its data goes in memory, and what it is.
    pub data: Vec<(u32, &'a [u8])>,
    /// The functions that must be there from the beginning: exported, started, in tables.
    pub roots: Vec<u32>,
}

/// By which names a function is imported.
#[derive(Clone, Debug)]
pub struct Import {
    /// The module's.
    pub module: String,
    /// Its own.
    pub name: String,
}

/// A table.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its type.
    pub kind: wasmparser::TableType,
    /// Whether it is one of functions.
    pub is_of_functions: bool,
}

impl<'a> Module<'a> {
    /// Reads a module.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Box<dyn Error>> {
        let mut module = Self { bytes, ..Self::default() };
        for payload in Parser::new(0).parse_all(bytes) {
            module.take(payload?)?;
        }
        Ok(module)
    }

    /// The function, if it is not imported.
    pub fn body(&self, function: u32) -> Option<&FunctionBody<'a>> {
        self.bodies.get((function as usize).checked_sub(self.imports.len())?)
    }

    /// The type of a function.
    pub fn type_of(&self, function: u32) -> &FuncType {
        &self.types[self.functions[function as usize] as usize]
    }

    /// What a function names.
    pub fn uses_of(&self, function: u32) -> &[u32] {
        let index = (function as usize).checked_sub(self.imports.len());
        index.and_then(|index| self.uses.get(index)).map_or(&[], Vec::as_slice)
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<(), Box<dyn Error>> {
        match payload {
            Payload::TypeSection(types) => {
                for group in types {
                    for sub in group?.into_types() {
                        let CompositeInnerType::Func(function) = sub.composite_type.inner else {
                            return Err("a type that is no function's".into());
                        };
                        self.types.push(function);
                    }
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import?;
                    let TypeRef::Func(kind) = import.ty else {
                        return Err("an import that is no function".into());
                    };
                    self.functions.push(kind);
                    let (module, name) = (import.module.to_owned(), import.name.to_owned());
                    self.imports.push(Import { module, name });
                }
            }
            Payload::FunctionSection(functions) => {
                for kind in functions {
                    self.functions.push(kind?);
                }
            }
            Payload::TableSection(tables) => {
                for table in tables {
                    let kind = table?.ty;
                    let is_of_functions = kind.element_type.is_func_ref();
                    self.tables.push(Table { kind, is_of_functions });
                }
            }
            Payload::MemorySection(memories) => {
                for memory in memories {
                    self.memories.push(memory?);
                }
            }
            Payload::GlobalSection(globals) => {
                for global in globals {
                    self.globals.push(global?.ty);
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    if export.kind == ExternalKind::Func {
                        self.roots.push(export.index);
                    }
                }
            }
            Payload::StartSection { func, .. } => self.roots.push(func),
            Payload::ElementSection(elements) => {
                for element in elements {
                    self.take_element(element?)?;
                }
            }
            Payload::DataSection(segments) => {
                for segment in segments {
                    let segment = segment?;
                    self.data.push((address(&segment.kind)?, segment.data));
                }
            }
            Payload::CodeSectionEntry(body) => {
                self.uses.push(uses(&body)?);
                self.bodies.push(body);
            }
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(names) = section.as_known() {
                    self.names.extend(names_of_functions(names)?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn take_element(&mut self, element: wasmparser::Element<'a>) -> Result<(), Box<dyn Error>> {
        if matches!(element.kind, ElementKind::Declared) {
            return Ok(());
        }
        match element.items {
            ElementItems::Functions(functions) => {
                for function in functions {
                    self.roots.push(function?);
                }
            }
            ElementItems::Expressions(_, expressions) => {
                for expression in expressions {
                    for operator in expression?.get_operators_reader() {
                        if let Operator::RefFunc { function_index } = operator? {
                            self.roots.push(function_index);
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// What a section of names calls the functions, by their numbers.
pub(super) fn names_of_functions(
    names: NameSectionReader<'_>,
) -> Result<BTreeMap<u32, String>, BinaryReaderError> {
    let mut found = BTreeMap::new();
    for name in names {
        let Name::Function(names) = name? else { continue };
        for naming in names {
            let naming = naming?;
            found.insert(naming.index, naming.name.to_owned());
        }
    }
    Ok(found)
}

/// The functions that a body calls or refers to.
fn uses(body: &FunctionBody<'_>) -> Result<Vec<u32>, BinaryReaderError> {
    let mut uses = Vec::new();
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::Call { function_index }
            | Operator::ReturnCall { function_index }
            | Operator::RefFunc { function_index } => uses.push(function_index),
            _ => {}
        }
    }
    uses.sort_unstable();
    uses.dedup();
    Ok(uses)
}
