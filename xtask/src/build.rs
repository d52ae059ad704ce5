//! `cargo xtask build`: the page as static files in `dist/`.
//!
//! All addresses in them are relative, so they work from any folder of any file server that sends
//! `application/wasm`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::copy;
use crate::failure::{Failure, Outcome};
use crate::lighten;
use crate::offline;
use crate::page;
use crate::process;
use crate::project::{PAGE_CRATE, Project, WASM};
use crate::report::{bytes, note, say, step};
use crate::split;
use crate::tools;
use crate::tools::wasm_opt::{self, WasmOpt};

/// What makes each half of the module as small as it can be.
const SMALLEST: [&str; 3] = ["--merge-similar-functions", "-Oz", "--strip-target-features"];

/// The most bytes of a module that Chromium compiles and puts to use on the page's own thread, without waiting.
const MOST_AT_ONCE: usize = 8 << 20;

/// The profile of what is given away, and of what is only looked at.
const RELEASE: &str = "release";
const LOOK: &str = "look";

/// A module with nothing in it: what is cut off one that is not cut.
const EMPTY_MODULE: [u8; 8] = *b"\0asm\x01\0\0\0";

/// Makes `dist/` anew.
pub fn run(project: &Project) -> Outcome {
    let linked = make(project, RELEASE)?;
    let halves = cut(project, &linked)?;
    if let Some(wasm_opt) = wasm_opt::find(project)? {
        step("wasm-opt", "it makes both halves of the module smaller", || {
            halves.iter().try_for_each(|half| shrink(project, &wasm_opt, half, &SMALLEST))
        })?;
    }
    halves[1..].iter().try_for_each(|part| judge_rest(part))?;
    lighten::folder(&project.dist())?;
    offline::write(project)?;
    say(
        "built dist/",
        "copy it to any folder of any file server; `node tests/e2e/server.mjs` serves it here",
    );
    Ok(())
}

/// Fails if a part of the rest is larger than what browsers take at once: the page would not come to stand.
fn judge_rest(rest: &Path) -> Outcome {
    let size = fs::metadata(rest).map_or(0, |meta| meta.len());
    let (size, most) = (usize::try_from(size).unwrap_or(usize::MAX), MOST_AT_ONCE);
    note(&format!("a part of the rest has {} of {} bytes", bytes(size), bytes(most)));
    if size <= most {
        return Ok(());
    }
    Err(Failure::new(
        format!(
            "a part of the rest has {} bytes, and browsers take {} at once",
            bytes(size),
            bytes(most)
        ),
        "make it smaller, or cut it into more (REST, and boot.js): Chromium refuses to make a larger one while a call waits for it",
    ))
}

/// Makes `dist/` anew, fast and large. The module stays in one piece: its rest would be so large that browsers refuse to
/// compile it while a call waits for it.
pub fn quick(project: &Project) -> Outcome {
    make(project, LOOK)?;
    for part in rest_in(&project.dist()).into_iter().chain([statics_in(&project.dist())]) {
        fs::write(&part, EMPTY_MODULE).map_err(|error| Failure::file("write", &part, &error))?;
    }
    offline::write(project)?;
    say(
        "built dist/ to look at",
        "`node tests/e2e/server.mjs` serves it; what is given away comes without --quick",
    );
    Ok(())
}

/// Makes `dist/` with the module in one piece, which still has its names.
pub fn whole(project: &Project) -> Outcome {
    make(project, RELEASE).map(|_| ())
}

/// Makes `dist/` with the module in one piece. Gives where it lies as the linker wrote it.
fn make(project: &Project, profile: &str) -> Outcome<PathBuf> {
    tools::wasm_target(project)?;
    let bindgen = tools::wasm_bindgen(project)?;
    let page = read_page(project)?;

    let linked = compile(project, profile)?;
    let dist = project.dist();
    copy::empty(&dist)?;
    step("wasm-bindgen", "it writes the JavaScript that loads the module", || {
        bind(&bindgen, &linked, &dist)
    })?;
    for copy in &page.copies {
        copy::asset(copy, &project.root, &dist)?;
    }
    let index = dist.join("index.html");
    fs::write(&index, &page.html).map_err(|error| Failure::file("write", &index, &error))?;
    Ok(linked)
}

/// The module of the page in `dist/`.
pub fn module_in(dist: &Path) -> PathBuf {
    dist.join(format!("{PAGE_CRATE}_bg.wasm"))
}

/// The parts of what is cut off the module, by the ends of their names; `web/boot.js` loads them.
const REST: [&str; 2] = ["rest", "rest2"];

/// What is cut off the module, in `dist/`.
fn rest_in(dist: &Path) -> [PathBuf; REST.len()] {
    REST.map(|part| dist.join(format!("{PAGE_CRATE}_{part}.wasm")))
}

/// What of memory comes with it, in `dist/`.
fn statics_in(dist: &Path) -> PathBuf {
    dist.join(format!("{PAGE_CRATE}_statics.wasm"))
}

/// Cuts the module in two: what a first visit loads, and the rest, which is in parts. Gives where they lie.
fn cut(project: &Project, linked: &Path) -> Outcome<Vec<PathBuf>> {
    let read = |path: &Path| fs::read(path).map_err(|error| Failure::file("read", path, &error));
    let dist = project.dist();
    let list = project.at("web/rest.txt");
    let text = fs::read_to_string(&list).map_err(|error| Failure::file("read", &list, &error))?;
    let module = module_in(&dist);
    let statics = split::read_statics(&read(linked)?)?;
    let listed = split::list::parse(&text)?;
    let halves = split::split(&read(&module)?, &listed, &statics, REST.len())?;
    let statics = statics_in(&dist);
    let rest = rest_in(&dist);
    let whole = [(&module, &halves.first), (&statics, &halves.later)];
    for (path, bytes) in whole.into_iter().chain(rest.iter().zip(&halves.rest)) {
        fs::write(path, bytes).map_err(|error| Failure::file("write", path, &error))?;
    }
    rename_imports(&dist.join(format!("{PAGE_CRATE}.js")), &halves.imports)?;
    note(&format!(
        "{} functions come later, {} of them by a gate, {} from one part to another, and {} bytes of statics",
        halves.moved,
        halves.gates,
        halves.crossed,
        bytes(halves.statics)
    ));
    Ok([module].into_iter().chain(rest).collect())
}

/// Writes the new names of what the module imports into the JavaScript that hands it over.
fn rename_imports(script: &Path, names: &[(String, String)]) -> Outcome {
    let mut text =
        fs::read_to_string(script).map_err(|error| Failure::file("read", script, &error))?;
    for (old, new) in names {
        let key = format!(" {old}: ");
        if text.matches(&key).count() != 1 {
            return Err(Failure::new(
                format!("{}: there is not one `{old}`", script.display()),
                "wasm-bindgen writes its imports in another way: teach xtask/src/build.rs",
            ));
        }
        text = text.replace(&key, &format!(" {new}: "));
    }
    fs::write(script, text).map_err(|error| Failure::file("write", script, &error))
}

/// Shrinks the module in Trunk's staging folder. Trunk would do it itself, but fails where there is
/// no wasm-opt.
pub fn shrink_served(project: &Project) -> Outcome {
    let Some(staging) = env::var_os("TRUNK_STAGING_DIR").map(PathBuf::from) else {
        return Err(Failure::new(
            "this command is Trunk's hook",
            "use `cargo xtask serve` or `cargo xtask build`",
        ));
    };
    let index = staging.join("index.html");
    if let Ok(page) = fs::read_to_string(&index) {
        fs::write(&index, page::without_policy(&page))
            .map_err(|error| Failure::file("write", &index, &error))?;
    }
    let Some(wasm_opt) = wasm_opt::find(project)? else { return Ok(()) };
    // The lightest level: on one's own machine nobody waits for a download, but everybody for a
    // build.
    shrink(project, &wasm_opt, &module_in(&staging), &["-O1"])
}

fn read_page(project: &Project) -> Outcome<page::Page> {
    let index = project.at("index.html");
    let source =
        fs::read_to_string(&index).map_err(|error| Failure::file("read", &index, &error))?;
    page::read(&source)
}

fn compile(project: &Project, profile: &str) -> Outcome<PathBuf> {
    step(
        "compile the page",
        "in release: a debug module is tens of megabytes and overflows the browser's stack",
        || {
            let mut cargo = process::cargo();
            without_paths(&mut cargo);
            cargo.current_dir(&project.root).args([
                "rustc",
                "--profile",
                profile,
                "--package",
                PAGE_CRATE,
                "--bin",
                PAGE_CRATE,
                "--target",
                WASM,
                "--",
                // By what the linker tells, statics are cut off with the functions that need them.
                "-Clink-arg=--emit-relocs",
            ]);
            process::run(&mut cargo, "mend what the compiler names above")
        },
    )?;
    Ok(project.target()?.join(WASM).join(profile).join(format!("{PAGE_CRATE}.wasm")))
}

/// Has the compiler leave out of the module where on this machine the sources of the libraries lie: the same
/// sources give the same module everywhere, and a smaller one.
pub fn without_paths(command: &mut Command) {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let Some(sources) = home.map(|home| home.join("registry").join("src")) else { return };
    let flag = format!("--remap-path-prefix={}=", sources.display());
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flag);
}

fn bind(bindgen: &Path, module: &Path, dist: &Path) -> Outcome {
    let mut command = Command::new(bindgen);
    command
        .args(["--target", "web", "--no-typescript", "--no-demangle"])
        .args(["--out-name", PAGE_CRATE, "--out-dir"])
        .arg(dist)
        .arg(module);
    process::run(&mut command, "if it speaks of versions, remove .tools and try again")
}

/// Replaces a module by a smaller one. The same module is not shrunk twice: it takes a while.
fn shrink(project: &Project, wasm_opt: &WasmOpt, module: &Path, flags: &[&str]) -> Outcome {
    let kind = flags.concat().replace(['-', '='], "");
    let name = module.file_stem().unwrap_or_default();
    let cache = project.target()?.join("wasm-opt").join(kind).join(name);
    let (known, small) = (cache.join("input.wasm"), cache.join("output.wasm"));
    let input = fs::read(module).map_err(|error| Failure::file("read", module, &error))?;
    if fs::read(&known).is_ok_and(|before| before == input) && small.is_file() {
        note("the module has not changed since it was last shrunk");
        return copy::file(&small, module);
    }
    fs::create_dir_all(&cache).map_err(|error| Failure::file("make the folder", &cache, &error))?;
    // Until the new output stands, the old input must not vouch for it.
    let _ = fs::remove_file(&known);
    // No --all-features: it would write a module that browsers refuse. The features are read from
    // the module.
    let todo = "remove tests/e2e/node_modules, and `strip` from the release profile; try again";
    process::run(wasm_opt.command().args(flags).arg(module).arg("--output").arg(&small), todo)?;
    copy::file(&small, module)?;
    let after = fs::metadata(&small).map_or(0, |meta| meta.len());
    note(&format!(
        "{} bytes became {}",
        bytes(input.len()),
        bytes(usize::try_from(after).unwrap_or(usize::MAX))
    ));
    fs::write(&known, input).map_err(|error| Failure::file("write", &known, &error))
}
