use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, ImportSection, Instruction, MemorySection, MemoryType,
    Module as Output, NameMap, NameSection, RefType, TableSection, TableType, TypeSection,
};

use super::Halves;
use super::list::{self, of_idle};
use super::mark::mark;
use super::read::Module;
use super::statics::Statics;
use crate::failure::Outcome;

/// A module of: 0 the loader, 1 `page::main` which calls 2 and 4, 2 `codec::open` which calls 3 and
/// 5, 3 `helper` of nobody else, 4 `page::draw`, 5 `page::log`, in the table too. All take a number.
fn module() -> Vec<u8> {
    let mut output = Output::new();
    let mut types = TypeSection::new();
    types.ty().function([], []);
    types.ty().function([wasm_encoder::ValType::I32], []);
    output.section(&types);
    let mut imports = ImportSection::new();
    imports.import("./page.js", "__wbg_highwaterLoadRest_0", EntityType::Function(0));
    output.section(&imports);
    let mut functions = FunctionSection::new();
    for _ in 1..=5 {
        functions.function(1);
    }
    output.section(&functions);
    let mut tables = TableSection::new();
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        minimum: 2,
        maximum: Some(2),
        table64: false,
        shared: false,
    });
    output.section(&tables);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    output.section(&memories);
    let mut exports = ExportSection::new();
    exports.export("main", ExportKind::Func, 1);
    output.section(&exports);
    let mut elements = ElementSection::new();
    elements.active(None, &ConstExpr::i32_const(1), Elements::Functions([5].as_slice().into()));
    output.section(&elements);
    let mut code = CodeSection::new();
    for calls in [&[2, 4][..], &[3, 5], &[], &[], &[]] {
        let mut body = Function::new([]);
        for call in calls {
            body.instruction(&Instruction::LocalGet(0));
            body.instruction(&Instruction::Call(*call));
        }
        body.instruction(&Instruction::End);
        code.function(&body);
    }
    output.section(&code);
    let mut names = NameMap::new();
    let all = ["_RNvCs5jABzceKrdx_4page4main", "codec::open", "helper", "page::draw", "page::log"];
    for (index, name) in (1..).zip(all) {
        names.append(index, name);
    }
    let mut section = NameSection::new();
    section.functions(&names);
    output.section(&section);
    output.finish()
}

fn listed(names: &[&str]) -> std::collections::BTreeSet<u64> {
    names.iter().map(|name| list::hash(name)).collect()
}

fn split(module: &[u8], listed: &std::collections::BTreeSet<u64>) -> Outcome<Halves> {
    super::split(module, listed, &Statics::default(), 1)
}

#[test]
fn what_only_the_rest_uses_goes_with_it() {
    let halves = split(&module(), &listed(&["codec::open", "gone::since"])).unwrap();
    assert_eq!((halves.moved, halves.gates), (2, 1), "open and helper move; only open has a gate");
    let first = Module::read(&halves.first).unwrap();
    // The loader, main, the gate to open, draw, log, and the check.
    assert_eq!(first.functions.len(), 6);
    assert_eq!(first.tables[0].kind.initial, 3);
    assert_eq!(first.uses_of(1), [2, 3]);
    assert_eq!(first.uses_of(2), [5], "a gate checks first");
    assert_eq!(first.uses_of(5), [0], "the check loads");
    assert!(first.names.is_empty());
}

#[test]
fn the_rest_imports_what_it_calls() {
    let halves = split(&module(), &listed(&["codec::open"])).unwrap();
    let mut imports = Vec::new();
    for payload in wasmparser::Parser::new(0).parse_all(&halves.rest[0]) {
        if let wasmparser::Payload::ImportSection(section) = payload.unwrap() {
            imports = section
                .into_imports()
                .map(|import| import.unwrap())
                .map(|import| (import.module.to_owned(), import.name.to_owned()))
                .collect();
        }
    }
    let import = |name: &str| ("first".to_owned(), name.to_owned());
    assert_eq!(imports, [import("$f5"), import("$t0"), import("$m0")]);
}

#[test]
fn a_part_calls_another_through_the_table() {
    let listed = listed(&["codec::open", "helper"]);
    let halves = super::split(&module(), &listed, &Statics::default(), 2).unwrap();
    assert_eq!((halves.moved, halves.gates, halves.crossed), (2, 1, 1), "open calls helper");
    let calls: Vec<_> = halves.rest.iter().map(|part| calls_in(part)).collect();
    // To `log` of the first half by its number, to `helper` by its place behind the gate's.
    assert_eq!(calls, [vec!["place 3", "indirect", "call 0"], vec![]]);
    assert_eq!(Module::read(&halves.first).unwrap().tables[0].kind.initial, 4);
}

/// The calls of a module, with the places in the table from which they take what they call.
fn calls_in(module: &[u8]) -> Vec<String> {
    let mut calls = Vec::new();
    for payload in wasmparser::Parser::new(0).parse_all(module) {
        let wasmparser::Payload::CodeSectionEntry(body) = payload.unwrap() else { continue };
        for operator in body.get_operators_reader().unwrap() {
            match operator.unwrap() {
                wasmparser::Operator::I32Const { value } => calls.push(format!("place {value}")),
                wasmparser::Operator::CallIndirect { .. } => calls.push("indirect".to_owned()),
                wasmparser::Operator::Call { function_index } => {
                    calls.push(format!("call {function_index}"));
                }
                _ => {}
            }
        }
    }
    calls
}

#[test]
fn imports_have_short_names() {
    let halves = split(&module(), &listed(&["codec::open"])).unwrap();
    let first = Module::read(&halves.first).unwrap();
    assert_eq!(first.imports[0].name, "$i0");
    assert_eq!(halves.imports, [("__wbg_highwaterLoadRest_0".to_owned(), "$i0".to_owned())]);
}

#[test]
fn what_the_rest_puts_into_memory_is_a_module_of_its_own() {
    let halves = split(&module(), &listed(&["codec::open"])).unwrap();
    let mut sections = Vec::new();
    for payload in wasmparser::Parser::new(0).parse_all(&halves.later) {
        match payload.unwrap() {
            wasmparser::Payload::ImportSection(_) => sections.push("imports"),
            wasmparser::Payload::DataSection(_) => sections.push("data"),
            wasmparser::Payload::CodeSectionStart { .. } => sections.push("code"),
            _ => {}
        }
    }
    assert_eq!(sections, ["imports", "data"]);
}

#[test]
fn hashes_in_names_do_not_matter() {
    let halves = split(&module(), &listed(&["page::main"])).unwrap();
    assert_eq!(halves.moved, 4, "all but what stands in the table hangs on main");
}

#[test]
fn what_did_not_run_is_listed() {
    let whole = module();
    let marked = mark(&whole).unwrap();
    assert_eq!((marked.begin, marked.count), (65_536, 5));
    let idle = of_idle(&whole, &[0, 3, 4].into()).unwrap();
    assert_eq!(list::parse(&idle).unwrap(), listed(&["codec::open", "helper"]));
}

#[test]
fn a_module_without_names_is_refused() {
    let whole = module();
    // The names are the last section.
    let end = whole.windows(4).position(|bytes| bytes == b"name").unwrap() - 3;
    assert!(split(&whole[..end], &listed(&["codec::open"])).is_err());
}
