//! The arrows between the crates point one way, and the engine holds no browser, clock, thread,
//! operating system's randomness, unordered map or float.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The crates of the engine, each with the crates of the workspace that it may use.
const LAYERS: &[(&str, &[&str])] = &[
    ("highwater-texts", &[]),
    ("highwater-log", &[]),
    ("highwater-cluster", &["highwater-log"]),
    ("highwater-shell", &["highwater-log", "highwater-cluster"]),
    (
        "highwater-scenario",
        &["highwater-texts", "highwater-log", "highwater-cluster", "highwater-shell"],
    ),
    (
        "highwater-exercises",
        &[
            "highwater-texts",
            "highwater-log",
            "highwater-cluster",
            "highwater-shell",
            "highwater-scenario",
        ],
    ),
];

/// What is built upon the engine and may know of dates, or of the operating system, and the crates of the workspace that
/// it may use.
const ABOVE: &[(&str, &[&str])] =
    &[("highwater-standing", EXERCISES_AND_BELOW), ("highwater-cli", EXERCISES_AND_BELOW)];

const EXERCISES_AND_BELOW: &[&str] = &[
    "highwater-texts",
    "highwater-log",
    "highwater-cluster",
    "highwater-shell",
    "highwater-scenario",
    "highwater-exercises",
];

/// Crates that bring in a browser, a clock, threads, or randomness that no seed rules.
const FORBIDDEN: &[&str] = &[
    "wasm-bindgen",
    "web-sys",
    "js-sys",
    "gloo-timers",
    "leptos",
    "getrandom",
    "rand",
    "fastrand",
    "tokio",
    "async-std",
    "smol",
    "rayon",
    "crossbeam-utils",
    "chrono",
    "time",
    "instant",
    "web-time",
    "mio",
    "socket2",
];

#[test]
fn each_crate_uses_only_what_lies_below_it() {
    for (crate_name, allowed) in LAYERS.iter().chain(ABOVE) {
        let tree = dependencies(crate_name);
        let own: BTreeSet<&str> =
            tree.iter().map(String::as_str).filter(|name| name.starts_with("highwater")).collect();
        for used in own {
            let is_allowed = used == *crate_name || allowed.contains(&used);
            assert!(is_allowed, "{crate_name} must not use {used}");
        }
    }
}

#[test]
fn the_engine_depends_on_no_browser_clock_thread_or_randomness() {
    for (crate_name, _) in LAYERS {
        let tree = dependencies(crate_name);
        assert!(tree.contains(*crate_name), "cargo tree printed nothing of {crate_name}");
        for forbidden in FORBIDDEN {
            assert!(!tree.contains(*forbidden), "{crate_name} depends on {forbidden}");
        }
    }
}

#[test]
fn the_engine_says_no_word_of_a_clock_a_thread_or_an_unordered_map() {
    const WORDS: &[&str] = &[
        "std::time",
        "Instant::now",
        "SystemTime",
        "std::thread",
        "std::env",
        "std::fs",
        "std::net",
        "HashMap",
        "HashSet",
        "RandomState",
        "f32",
    ];
    let mut looked_at = 0;
    for folder in [
        "core/texts/src",
        "core/log/src",
        "core/cluster/src",
        "core/shell/src",
        "core/scenario/src",
    ] {
        for file in rust_files(&root().join(folder)) {
            let text = std::fs::read_to_string(&file).expect("the file can be read");
            looked_at += 1;
            for (index, line) in text.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                let found = WORDS.iter().find(|word| code.contains(**word));
                assert_eq!(found, None, "{}:{}", file.display(), index + 1);
            }
        }
    }
    assert!(looked_at > 50, "only {looked_at} files were looked at");
}

#[test]
fn the_cluster_computes_with_no_float_but_quotas_which_are_doubles_in_kafka() {
    // What not every machine computes alike, or depends on how it is compiled.
    const FUNCTIONS: [&str; 8] =
        ["sqrt(", "pow", "sin(", "cos(", "exp(", "ln(", "mul_add", "round("];
    for folder in ["core/log/src", "core/cluster/src"] {
        for file in rust_files(&root().join(folder)) {
            let text = std::fs::read_to_string(&file).expect("the file can be read");
            for (index, line) in text.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                let place = format!("{}:{}", file.display(), index + 1);
                let is_of_quotas = ["quota.rs", "quota/bucket.rs"]
                    .iter()
                    .any(|name| file.ends_with(format!("core/cluster/src/{name}")));
                match is_of_quotas {
                    false => assert!(!code.contains("f64"), "{place} has a float"),
                    true => assert!(
                        !FUNCTIONS.iter().any(|name| code.contains(name)),
                        "{place} computes with more than + - * / and comparison"
                    ),
                }
            }
        }
    }
}

/// All crates that a crate is built with, itself among them.
fn dependencies(crate_name: &str) -> BTreeSet<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .args(["--package", crate_name])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
