//! The examples of `docs/cli.md` print what stands below them.

mod program;

use std::fs;
use std::path::Path;

use program::{folder, project, run_in};

/// With this variable set, what is printed is written into the page, as snapshots are.
const UPDATE: &str = "UPDATE_EXPECT";

#[test]
fn the_examples_print_what_the_page_says() {
    let page = project().join("docs/cli.md");
    let written = fs::read_to_string(&page).expect("the page is there");
    let told = told(&written, &folder("docs"));
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&page, told).expect("the page can be written");
        return;
    }
    assert_eq!(written, told, "docs/cli.md: {UPDATE}=1 writes what is printed");
}

/// The page, with what its commands really print. A block of the kind `file NAME` is put in place as a file.
fn told(page: &str, folder: &Path) -> String {
    let (mut told, mut block) = (Vec::new(), None::<(&str, Vec<&str>)>);
    let mut commands = 0;
    for line in page.lines() {
        match (line.strip_prefix("```"), &mut block) {
            (Some(kind), None) => block = Some((kind, Vec::new())),
            (Some(_), Some((kind, lines))) => {
                told.push(format!("```{kind}"));
                if let Some(name) = kind.strip_prefix("file ") {
                    let text = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
                    fs::write(folder.join(name), text).expect("the file can be written");
                    told.extend(lines.iter().map(ToString::to_string));
                } else {
                    // What a terminal of a scenario shows begins so too.
                    let typed = lines.iter().filter_map(|line| line.strip_prefix("$ "));
                    for command in typed.filter(|line| line.starts_with("highwater ")) {
                        commands += 1;
                        told.push(format!("$ {command}"));
                        told.extend(printed(command, folder));
                    }
                }
                told.push("```".to_owned());
                block = None;
            }
            (None, Some((_, lines))) => lines.push(line),
            (None, None) => told.push(line.to_owned()),
        }
    }
    assert!(block.is_none() && commands > 5, "{commands} commands were found");
    told.join("\n") + "\n"
}

/// What a command prints, the errors behind the rest; `< FILE` and `> FILE` are understood.
fn printed(command: &str, folder: &Path) -> Vec<String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let words = &words[1..];
    let behind = |mark: &str| {
        let at = words.iter().position(|word| *word == mark)?;
        words.get(at + 1).copied()
    };
    let end = words.iter().position(|word| matches!(*word, "<" | ">")).unwrap_or(words.len());
    let input = behind("<").map_or(String::new(), |name| {
        fs::read_to_string(folder.join(name)).expect("the file is there")
    });
    let ran = run_in(folder, &words[..end], &input);
    if let Some(name) = behind(">") {
        fs::write(folder.join(name), &ran.out).expect("the file can be written");
        return Vec::new();
    }
    format!("{}{}", ran.out, ran.err).lines().map(str::to_owned).collect()
}
