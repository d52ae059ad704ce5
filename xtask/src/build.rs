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
use crate::offline;
use crate::page;
use crate::process;
use crate::project::{PAGE_CRATE, Project, WASM};
use crate::report::{bytes, note, say, step};
use crate::split;
use crate::tools;
use crate::tools::wasm_opt::{self, WasmOpt};

/// The smallest that can be cut well: with its names, by which it is cut, and without large functions
/// being put into the only one that calls them, which would tie what a first visit runs to what not.
const SMALLEST: [&str; 3] = ["-Oz", "-g", "--one-caller-inline-max-function-size=60"];

/// The profile of what is given away, and of what is only looked at.
const RELEASE: &str = "release";
const LOOK: &str = "look";

/// Makes `dist/` anew.
pub fn run(project: &Project) -> Outcome {
    whole(project)?;
    cut(project, &project.dist())?;
    offline::write(project)?;
    say(
        "built dist/",
        "copy it to any folder of any file server; `node tests/e2e/server.mjs` serves it here",
    );
    Ok(())
}

/// Makes `dist/` anew, fast and large.
pub fn quick(project: &Project) -> Outcome {
    make(project, LOOK)?;
    cut(project, &project.dist())?;
    offline::write(project)?;
    say(
        "built dist/ to look at",
        "`node tests/e2e/server.mjs` serves it; what is given away comes without --quick",
    );
    Ok(())
}

/// Makes `dist/` with the module in one piece, which still has its names.
pub fn whole(project: &Project) -> Outcome {
    make(project, RELEASE)
}

fn make(project: &Project, profile: &str) -> Outcome {
    tools::wasm_target(project)?;
    let bindgen = tools::wasm_bindgen(project)?;
    let wasm_opt = if profile == RELEASE { wasm_opt::find(project)? } else { None };
    let page = read_page(project)?;

    let module = compile(project, profile)?;
    let dist = project.dist();
    copy::empty(&dist)?;
    step("wasm-bindgen", "it writes the JavaScript that loads the module", || {
        bind(&bindgen, &module, &dist)
    })?;
    if let Some(wasm_opt) = wasm_opt {
        step("wasm-opt", "it makes the module smaller", || {
            shrink(project, &wasm_opt, &module_in(&dist), &SMALLEST)
        })?;
    }
    for copy in &page.copies {
        copy::asset(copy, &project.root, &dist)?;
    }
    let index = dist.join("index.html");
    fs::write(&index, &page.html).map_err(|error| Failure::file("write", &index, &error))
}

/// The module of the page in `dist/`.
pub fn module_in(dist: &Path) -> PathBuf {
    dist.join(format!("{PAGE_CRATE}_bg.wasm"))
}

/// Cuts the module in two: what a first visit loads, and the rest.
fn cut(project: &Project, dist: &Path) -> Outcome {
    let list = project.at("web/rest.txt");
    let text = fs::read_to_string(&list).map_err(|error| Failure::file("read", &list, &error))?;
    let module = module_in(dist);
    let whole = fs::read(&module).map_err(|error| Failure::file("read", &module, &error))?;
    let halves = split::split(&whole, &split::list::parse(&text)?)?;
    for (path, bytes) in
        [(&module, &halves.first), (&dist.join(format!("{PAGE_CRATE}_rest.wasm")), &halves.rest)]
    {
        fs::write(path, bytes).map_err(|error| Failure::file("write", path, &error))?;
    }
    note(&format!(
        "{} functions come later, {} of them by a gate; {} bytes come first",
        halves.moved,
        halves.gates,
        bytes(halves.first.len())
    ));
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
                "build",
                "--profile",
                profile,
                "--package",
                PAGE_CRATE,
                "--target",
                WASM,
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
        .args(["--target", "web", "--no-typescript", "--out-name", PAGE_CRATE, "--out-dir"])
        .arg(dist)
        .arg(module);
    process::run(&mut command, "if it speaks of versions, remove .tools and try again")
}

/// Replaces a module by a smaller one; with `-g` it keeps its names, by which it is cut. The same module is not shrunk twice: it takes a while.
fn shrink(project: &Project, wasm_opt: &WasmOpt, module: &Path, flags: &[&str]) -> Outcome {
    let cache = project.target()?.join("wasm-opt").join(flags.concat().replace(['-', '='], ""));
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
