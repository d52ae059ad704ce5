//! Help, completions and man pages: that they are there, and name what there is.

mod program;

use std::fs;

use program::{Ran, folder, run, run_in};

const COMMANDS: [&str; 7] = ["run", "check", "shell", "dump", "serve", "completions", "man"];

/// Checks that a command prints all of these words, and ends well.
fn check(words: &[&str], wanted: &[&str]) {
    let Ran { out, err, status } = run(words);
    assert_eq!((err.as_str(), status), ("", 0), "{words:?}");
    for word in wanted {
        assert!(out.contains(word), "{words:?} does not name {word}: {out}");
    }
}

#[test]
fn each_command_has_help_with_exit_status_and_examples() {
    check(&["--help"], &COMMANDS);
    for command in COMMANDS {
        check(&[command, "--help"], &["Usage: highwater", "Exit status:", "Examples:"]);
        check(&[command, "-h"], &["Usage: highwater"]);
    }
    check(&["--version"], &["highwater 0."]);
}

#[test]
fn completions_name_commands_and_options() {
    for shell in ["bash", "zsh", "fish"] {
        check(&["completions", shell], &COMMANDS);
        check(&["completions", shell], &["patience", "max-steps", "offsets-decoder"]);
    }
    assert_eq!(run(&["completions", "sh"]).status, 2);
}

#[test]
fn each_command_has_a_man_page() {
    check(&["man"], &[".TH highwater 1", ".SH EXAMPLES", "highwater\\-run(1)"]);
    for command in COMMANDS {
        let title = format!(".TH highwater-{command} 1");
        check(&["man", command], &[&title, ".SH SYNOPSIS", ".SH EXIT STATUS", ".SH EXAMPLES"]);
    }
    assert_eq!(run(&["man", "frob"]).status, 2);
    let folder = folder("man");
    assert_eq!(run_in(&folder, &["man", "--to", "pages/man1"], "").status, 0);
    let pages = fs::read_dir(folder.join("pages/man1")).expect("it was made").count();
    assert_eq!(pages, COMMANDS.len() + 1);
}

#[test]
fn what_is_misspelt_is_told() {
    let Ran { err, status, .. } = run(&["chekc"]);
    assert!(err.contains("'check'") && status == 2, "{err}");
    let Ran { err, status, .. } = run(&["run", "--untill", "1s", "a.hw"]);
    assert!(err.contains("'--until'") && status == 2, "{err}");
    assert_eq!(run(&[]).status, 2);
}
