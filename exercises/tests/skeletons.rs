//! What `cargo xtask content new` writes can be read and is proven as it stands, and says what to fill in.

use std::path::{Path, PathBuf};
use std::process::Command;

fn run(words: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_content"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .args(words)
        .output()
        .expect("the program runs");
    let text =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.success(), text.concat())
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("it can be made");
    for entry in std::fs::read_dir(from).expect("it can be read") {
        let path = entry.expect("it can be read").path();
        let target = to.join(path.file_name().expect("it has a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("it can be copied");
        }
    }
}

#[test]
fn each_skeleton_is_proven_as_it_stands() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("skeletons");
    let _ = std::fs::remove_dir_all(&folder);
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
    // A road would want the new exercise to be on it.
    for part in ["glossary", "misconceptions", "exercises"] {
        copy(&own.join(part), &folder.join(part));
    }
    let folder = folder.to_string_lossy().into_owned();
    for kind in ["exercise", "question", "term", "misconception", "lesson"] {
        let id = format!("new-{kind}");
        let (done, said) = run(&["new", kind, &id, &folder]);
        assert!(done && said.contains("FILL"), "{said}");
        let (again, said) = run(&["new", kind, &id, &folder]);
        assert!(!again && said.contains("is there already"), "{said}");
        let (proven, said) = run(&[&folder, "--only", &id]);
        assert!(proven, "{said}");
    }
}

#[test]
fn the_proof_counts_what_there_is_and_refuses_what_is_not() {
    let (proven, said) = run(&["--only", "keep-writing"]);
    assert!(proven, "{said}");
    let last = said.lines().last().unwrap_or_default();
    assert!(last.contains(" exercises, ") && last.contains(" misconceptions"), "{last}");
    let (proven, said) = run(&["--only", "no-such-thing"]);
    assert!(!proven && said.contains("no-such-thing"), "{said}");
    let (written, said) = run(&["new", "exercise", "Bad Id"]);
    assert!(!written && said.contains("cannot be an id"), "{said}");
}
