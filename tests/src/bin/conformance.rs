//! Replays recordings of a real Kafka and prints how many scenarios behaved as recorded, for each
//! family: `cargo xtask conformance [--dir DIR]`.

use std::path::PathBuf;
use std::process::ExitCode;

use highwater_tests::conformance::{Differences, FAMILIES, recordings};

fn main() -> ExitCode {
    let dir = std::env::args_os().nth(1).map_or_else(recordings, PathBuf::from);
    match replay(&dir) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(wrong) => {
            eprintln!("{wrong}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything passed.
fn replay(dir: &std::path::Path) -> Result<bool, String> {
    let known = Differences::known()?;
    let held: Vec<_> = FAMILIES.iter().filter(|family| dir.join(family.name).is_dir()).collect();
    if held.is_empty() {
        let names: Vec<&str> = FAMILIES.iter().map(|family| family.name).collect();
        return Err(format!(
            "{} holds no folder of a family; name one that holds some of: {}",
            dir.display(),
            names.join(", ")
        ));
    }
    let mut all_passed = true;
    for family in held {
        let report = family.replay(dir, &known);
        println!("{report}");
        all_passed &= report.failures.is_empty();
    }
    Ok(all_passed)
}
