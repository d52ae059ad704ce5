//! The small programs that people put around Kafka's tools: those of a Unix, as far as they are
//! needed to cut, count and search what the tools print.

use highwater_cluster::program::Program;

use crate::words::Word;

mod clock;
mod cut;
mod grep;
mod jq;
mod print;
mod reading;
mod simple;
mod xargs;

/// The names of the programs.
pub(crate) const NAMES: &[(&str, &str)] = &[
    ("cat", "Prints files, or what it reads."),
    ("clear", "Empties the screen."),
    ("cut", "Prints fields of each line: cut -d, -f2."),
    ("date", "Tells the time of the cluster's world."),
    ("echo", "Prints its arguments."),
    ("grep", "Prints the lines that match a pattern: grep -i error."),
    ("head", "Prints the first lines: head -5."),
    ("jq", "Prints a field of JSON: jq -r .user.name."),
    ("ls", "Lists the files."),
    ("printf", "Prints by a format: printf '%s:%d\\n' a 1."),
    ("rm", "Removes files."),
    ("seq", "Prints numbers: seq 1 10."),
    ("sleep", "Waits: sleep 5."),
    ("sort", "Sorts lines: sort -n -r."),
    ("tail", "Prints the last lines: tail -5."),
    ("tee", "Writes what it reads to a file, and prints it."),
    ("tr", "Replaces characters: tr a-z A-Z."),
    ("uniq", "Leaves out lines that are like the one before: uniq -c."),
    ("wc", "Counts lines, words and bytes: wc -l."),
    ("xargs", "Runs a command with what it reads as arguments."),
];

/// The process for a helper; none if that is none.
pub(crate) fn start(words: &[Word]) -> Option<Box<dyn Program>> {
    let (name, rest) = words.split_first()?;
    let arguments: Vec<String> = rest.iter().map(|word| word.text.clone()).collect();
    Some(match name.text.as_str() {
        "cat" | "head" | "tail" | "wc" | "sort" | "uniq" | "tee" | "tr" => {
            simple::start(&name.text, arguments)
        }
        "cut" => cut::start(arguments),
        "grep" | "egrep" | "fgrep" => grep::start(&name.text, arguments),
        "jq" => jq::start(arguments),
        "seq" | "sleep" | "date" => clock::start(&name.text, arguments),
        "echo" | "printf" | "ls" | "rm" | "clear" => print::start(&name.text, arguments),
        "xargs" => xargs::start(rest.to_vec()),
        _ => return None,
    })
}
