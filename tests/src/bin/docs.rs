//! Writes what of the documentation follows from the code: `cargo xtask docs`.

use std::process::ExitCode;

use highwater_tests::config_table;

fn main() -> ExitCode {
    let path = config_table::path();
    match std::fs::write(&path, config_table::text()) {
        Ok(()) => {
            println!("wrote {}", path.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{} cannot be written: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}
