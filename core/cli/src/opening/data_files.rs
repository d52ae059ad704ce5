//! Data files that a scenario names by their hash, and that lie in its folder.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use highwater_scenario::script::{Action, FileContent};
use highwater_scenario::session::Session;
use highwater_scenario::shell::data_file::MOST_BYTES;
use sha2::{Digest, Sha256};

/// A file that a scenario names.
struct Named {
    name: String,
    sha256: [u8; 32],
    /// In bytes.
    length: u64,
}

/// Hands over the files that a scenario names by their hash and that lie in its folder, whatever they are called there.
///
/// # Errors
/// Some are not there: which.
pub(super) fn supply(session: &mut Session, folder: &Path) -> Result<(), String> {
    let mut missing = Vec::new();
    for named in named(session) {
        match find(&named, folder) {
            Some(content) => session.know_file(named.sha256, content.into()),
            None => missing.push(format!(
                "  {}, {} bytes, SHA-256 {}",
                named.name,
                named.length,
                hex(&named.sha256)
            )),
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    Err(format!(
        "it names files by their hash only that are not in {}; put them there:\n{}",
        folder.display(),
        missing.join("\n")
    ))
}

fn named(session: &Session) -> Vec<Named> {
    let entries = session.entries().iter();
    let files = entries.filter_map(|entry| match &entry.action {
        Action::File { name, content: FileContent::ByHash { sha256, len } } => {
            Some(Named { name: name.as_str().to_owned(), sha256: *sha256, length: *len })
        }
        _ => None,
    });
    let mut named: Vec<Named> = files.collect();
    named.dedup_by(|one, other| one.sha256 == other.sha256);
    named
}

/// The content of the file in the folder that is the named one: the one of that name first, then any of its length.
fn find(named: &Named, folder: &Path) -> Option<Vec<u8>> {
    // A name with a folder in it leads nowhere else than beside the scenario.
    let own = Path::new(&named.name).file_name().map(|name| folder.join(name));
    let is_it = |path: &PathBuf| content_of(path, named);
    own.as_ref().and_then(is_it).or_else(|| {
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let others = fs::read_dir(here).ok()?.flatten().map(|entry| entry.path());
        others.filter(|path| Some(path) != own.as_ref()).find_map(|path| is_it(&path))
    })
}

/// What a file holds, if that is what is named. A file of another length is not read.
fn content_of(path: &Path, named: &Named) -> Option<Vec<u8>> {
    let metadata = fs::metadata(path).ok()?;
    let is_like = metadata.is_file() && metadata.len() == named.length;
    if !is_like || named.length > MOST_BYTES as u64 {
        return None;
    }
    let mut content = Vec::new();
    File::open(path).ok()?.take(named.length).read_to_end(&mut content).ok()?;
    (Sha256::digest(&content)[..] == named.sha256).then_some(content)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
