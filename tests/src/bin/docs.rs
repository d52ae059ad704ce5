//! Writes what of the documentation and the texts follows from the code: `cargo xtask docs`.

use std::process::ExitCode;

use highwater_tests::{config_table, engine_texts};

fn main() -> ExitCode {
    let files = [
        (config_table::path(), config_table::text()),
        (engine_texts::path(), engine_texts::text()),
    ];
    for (path, text) in files {
        if let Err(error) = std::fs::write(&path, text) {
            eprintln!("{} cannot be written: {error}", path.display());
            return ExitCode::FAILURE;
        }
        println!("wrote {}", path.display());
    }
    ExitCode::SUCCESS
}
