//! `cargo xtask build`: the page as static files in `dist/`.
//!
//! All addresses in them are relative, so they work from any folder of any file server that sends
//! `application/wasm`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::copy;
use crate::failure::{Failure, Outcome};
use crate::page;
use crate::process;
use crate::project::{PAGE_CRATE, Project, WASM};
use crate::report::{bytes, note, say, step};
use crate::tools;
use crate::tools::wasm_opt::{self, WasmOpt};

/// Makes `dist/` anew.
pub fn run(project: &Project) -> Outcome {
    tools::wasm_target(project)?;
    let bindgen = tools::wasm_bindgen(project)?;
    let wasm_opt = wasm_opt::find(project)?;
    let page = read_page(project)?;

    let module = compile(project)?;
    let dist = project.dist();
    copy::empty(&dist)?;
    step("wasm-bindgen", "it writes the JavaScript that loads the module", || {
        bind(&bindgen, &module, &dist)
    })?;
    if let Some(wasm_opt) = wasm_opt {
        let name = format!("{PAGE_CRATE}_bg.wasm");
        step("wasm-opt", "it makes the module smaller", || {
            shrink(project, &wasm_opt, &dist.join(name), "-Oz")
        })?;
    }
    for copy in &page.copies {
        copy::asset(copy, &project.root, &dist)?;
    }
    let index = dist.join("index.html");
    fs::write(&index, &page.html).map_err(|error| Failure::file("write", &index, &error))?;
    say(
        "built dist/",
        "copy it to any folder of any file server; `node tests/e2e/server.mjs` serves it here",
    );
    Ok(())
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
    let Some(wasm_opt) = wasm_opt::find(project)? else { return Ok(()) };
    // The lightest level: on one's own machine nobody waits for a download, but everybody for a
    // build.
    shrink(project, &wasm_opt, &staging.join(format!("{PAGE_CRATE}_bg.wasm")), "-O1")
}

fn read_page(project: &Project) -> Outcome<page::Page> {
    let index = project.at("index.html");
    let source =
        fs::read_to_string(&index).map_err(|error| Failure::file("read", &index, &error))?;
    page::read(&source)
}

fn compile(project: &Project) -> Outcome<PathBuf> {
    step(
        "compile the page",
        "in release: a debug module is tens of megabytes and overflows the browser's stack",
        || {
            let mut cargo = process::cargo();
            cargo.current_dir(&project.root).args([
                "build",
                "--release",
                "--package",
                PAGE_CRATE,
                "--target",
                WASM,
            ]);
            process::run(&mut cargo, "mend what the compiler names above")
        },
    )?;
    Ok(project.target()?.join(WASM).join("release").join(format!("{PAGE_CRATE}.wasm")))
}

fn bind(bindgen: &Path, module: &Path, dist: &Path) -> Outcome {
    let mut command = std::process::Command::new(bindgen);
    command
        .args(["--target", "web", "--no-typescript", "--out-name", PAGE_CRATE, "--out-dir"])
        .arg(dist)
        .arg(module);
    process::run(&mut command, "if it speaks of versions, remove .tools and try again")
}

/// Replaces a module by a smaller one. The same module is not shrunk twice: it takes a while.
fn shrink(project: &Project, wasm_opt: &WasmOpt, module: &Path, level: &str) -> Outcome {
    let cache = project.target()?.join("wasm-opt").join(level.trim_start_matches('-'));
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
    process::run(wasm_opt.command().arg(level).arg(module).arg("--output").arg(&small), todo)?;
    copy::file(&small, module)?;
    let after = fs::metadata(&small).map_or(0, |meta| meta.len());
    note(&format!(
        "{} bytes became {}",
        bytes(input.len()),
        bytes(usize::try_from(after).unwrap_or(usize::MAX))
    ));
    fs::write(&known, input).map_err(|error| Failure::file("write", &known, &error))
}
