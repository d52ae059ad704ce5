//! What Cargo.lock says.

use std::fs;

use crate::failure::{Failure, Outcome};
use crate::project::Project;

/// The version of wasm-bindgen that the page is compiled with: its command-line half must be
/// exactly the same.
pub fn wasm_bindgen(project: &Project) -> Outcome<String> {
    let path = project.at("Cargo.lock");
    let text = fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, &error))?;
    version_of("wasm-bindgen", &text).ok_or_else(|| {
        let what = "Cargo.lock names no version of wasm-bindgen";
        Failure::new(
            what,
            "add wasm-bindgen to the dependencies of web/, which becomes a module by it",
        )
    })
}

fn version_of(package: &str, lock: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1)?.strip_prefix("version = \"")?;
    Some(version.trim_end_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_very_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"9.9.9\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"...\"\n";
        assert_eq!(version_of("wasm-bindgen", lock), Some("0.2.130".to_owned()));
        assert_eq!(version_of("leptos", lock), None);
    }
}
