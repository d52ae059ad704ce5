//! The service worker of `dist/`: `web/service-worker.js` with the list of the files that are really there.
//!
//! It is written last, over what the build has made, so that no list has to be kept by hand. A build that changes any
//! file changes the list, thereby the worker, and thereby the browser learns of the new version.

use std::fs;
use std::path::Path;

use crate::copy;
use crate::failure::{Failure, Outcome};
use crate::project::Project;
use crate::report::note;
use crate::sha256;

/// What the page registers.
const WORKER: &str = "service-worker.js";

/// Where the list goes.
const PLACE: &str = "const FILES = {};";

/// Writes the service worker into `dist/`.
pub fn write(project: &Project) -> Outcome {
    let (source, dist) = (project.at("web/service-worker.js"), project.dist());
    let code =
        fs::read_to_string(&source).map_err(|error| Failure::file("read", &source, &error))?;
    let files = list(&dist)?;
    let code = fill(&code, &files)?;
    let path = dist.join(WORKER);
    fs::write(&path, code).map_err(|error| Failure::file("write", &path, &error))?;
    note(&format!("{} files work without the network after the first visit", files.len()));
    Ok(())
}

/// The files below a folder, as addresses seen from it, each with its SHA-256.
fn list(dist: &Path) -> Outcome<Vec<(String, String)>> {
    let mut files = Vec::new();
    for path in copy::files(dist)? {
        let below = path.strip_prefix(dist).unwrap_or(&path);
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        let name = parts.join("/");
        if name == WORKER {
            continue;
        }
        let content = fs::read(&path).map_err(|error| Failure::file("read", &path, &error))?;
        files.push((name, sha256::hex(&content)));
    }
    files.sort();
    Ok(files)
}

fn fill(code: &str, files: &[(String, String)]) -> Outcome<String> {
    if code.matches(PLACE).count() != 1 {
        let what = format!("web/service-worker.js has no line `{PLACE}`");
        return Err(Failure::new(what, "restore it: the list of files takes its place"));
    }
    let odd = |letter: char| !letter.is_ascii_alphanumeric() && !"/._-".contains(letter);
    if let Some((name, _)) = files.iter().find(|(name, _)| name.contains(odd)) {
        let what = format!("the file {name} has a name that an address would have to disguise");
        return Err(Failure::new(what, "give it a name of letters, digits, dots and dashes"));
    }
    let lines: String =
        files.iter().map(|(name, hash)| format!("  \"{name}\": \"{hash}\",\n")).collect();
    Ok(code.replace(PLACE, &format!("const FILES = {{\n{lines}}};")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_takes_its_place() {
        let files = [("a/b.js".to_owned(), "00ff".to_owned())];
        let code = fill("// one\nconst FILES = {};\n", &files).unwrap();
        assert_eq!(code, "// one\nconst FILES = {\n  \"a/b.js\": \"00ff\",\n};\n");
        assert!(fill("nothing", &files).is_err());
        assert!(fill(PLACE, &[("a b.js".to_owned(), String::new())]).is_err());
    }
}
