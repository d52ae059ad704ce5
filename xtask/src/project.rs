//! Where things are.

use std::path::{Path, PathBuf};

use crate::failure::Outcome;
use crate::process;

/// The name of the page's crate, and of the files that wasm-bindgen makes of it.
pub const PAGE_CRATE: &str = "highwater-web";

/// The target of the page.
pub const WASM: &str = "wasm32-unknown-unknown";

/// The checkout that this program was built from.
pub struct Project {
    /// The folder of the workspace's `Cargo.toml`.
    pub root: PathBuf,
}

impl Project {
    /// The workspace around this crate, wherever the command was typed.
    pub fn find() -> Self {
        let here = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        Self { root: here.parent().map_or_else(|| here.clone(), Path::to_path_buf) }
    }

    /// A path inside the project.
    pub fn at(&self, path: &str) -> PathBuf {
        path.split('/').fold(self.root.clone(), |folder, part| folder.join(part))
    }

    /// The programs that were installed for this project alone.
    pub fn tools(&self) -> PathBuf {
        self.at(".tools")
    }

    /// The static files that `build` makes.
    pub fn dist(&self) -> PathBuf {
        self.at("dist")
    }

    /// The browser tests, with the npm packages they need.
    pub fn e2e(&self) -> PathBuf {
        self.at("tests/e2e")
    }

    /// Where cargo builds, which the environment or a configuration may have moved.
    pub fn target(&self) -> Outcome<PathBuf> {
        let mut command = process::cargo();
        command.current_dir(&self.root).args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version=1",
        ]);
        let text =
            process::read(&mut command, "run `cargo metadata` and mend what it complains about")?;
        Ok(target_directory(&text).unwrap_or_else(|| self.at("target")))
    }
}

/// One field of cargo's JSON, for which a JSON library would be much.
fn target_directory(metadata: &str) -> Option<PathBuf> {
    let (_, rest) = metadata.split_once("\"target_directory\":\"")?;
    let (path, _) = rest.split_once('"')?;
    Some(path.replace("\\\\", "\\").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_folder_is_read_from_the_metadata() {
        let metadata = r#"{"packages":[],"target_directory":"C:\\code\\target","version":1}"#;
        assert_eq!(target_directory(metadata), Some(PathBuf::from(r"C:\code\target")));
    }
}
