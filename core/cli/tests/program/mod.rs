//! The built program, as a person runs it.
#![allow(dead_code, reason = "no file of tests uses all of it")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What came of running the program.
#[derive(Debug, PartialEq, Eq)]
pub struct Ran {
    pub out: String,
    pub err: String,
    pub status: i32,
}

/// Runs the program with these words in a folder, with this on its standard input.
pub fn run_in(folder: &Path, words: &[&str], input: &str) -> Ran {
    let mut program = Command::new(env!("CARGO_BIN_EXE_highwater"));
    program.args(words).current_dir(folder).env_remove("COLUMNS");
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().expect("the program starts");
    // It may end without reading it.
    let _ = child.stdin.take().expect("it is a pipe").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes| String::from_utf8(bytes).expect("it prints text");
    Ran {
        out: text(output.stdout),
        err: text(output.stderr),
        status: output.status.code().expect("no signal ended it"),
    }
}

/// Runs the program in the project's folder, with nothing on its standard input.
pub fn run(words: &[&str]) -> Ran {
    run_in(&project(), words, "")
}

/// The project's folder.
pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A new folder for a test, without anything in it.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

/// A cluster of one broker with a topic, two records in it, and somebody who reads them.
pub const SONGS: &str = "\
highwater 1
seed 1
cluster --brokers 1
config * offsets.topic.replication.factor=1

@2s t1> kafka-topics.sh --create --topic songs --bootstrap-server broker1:9092
@3s t1> kafka-console-producer.sh --topic songs --bootstrap-server broker1:9092
@4s t1< Oslo
@4s t1< Lima
@5s t1 eof
@6s t1> kafka-console-consumer.sh --topic songs --from-beginning --max-messages 2 --bootstrap-server broker1:9092
@20s run
";
