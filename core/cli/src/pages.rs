//! `highwater completions` and `highwater man`: both made from the description of the options.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory, ValueEnum};
use clap_complete::Shell;
use clap_mangen::Man as Page;

use crate::options::Program;
use crate::output::Output;
use crate::problem::Problem;

/// Prints a script that completes commands and options
///
/// The shell reads it once: put it where the shell looks for such scripts, or have it read when the shell starts.
#[derive(Args, Debug)]
#[command(after_long_help = COMPLETIONS_AFTER)]
pub(crate) struct Completions {
    /// The shell that is to read it
    #[arg(value_enum)]
    shell: For,
}

const COMPLETIONS_AFTER: &str = "\
Exit status:
  0  it was printed
  2  wrong usage

Examples:
  highwater completions bash > ~/.local/share/bash-completion/completions/highwater
  highwater completions zsh > ~/.zfunc/_highwater
  highwater completions fish > ~/.config/fish/completions/highwater.fish";

/// A shell whose words can be completed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum For {
    Bash,
    Zsh,
    Fish,
}

/// Prints a man page
///
/// Without a command, the page of highwater itself. The text is roff, as man reads it.
#[derive(Args, Debug)]
#[command(after_long_help = MAN_AFTER)]
pub(crate) struct Man {
    /// The command whose page it is to be, such as run
    command: Option<String>,

    /// Writes all pages into this folder instead: highwater.1, highwater-run.1 and so on
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    to: Option<PathBuf>,
}

const MAN_AFTER: &str = "\
Exit status:
  0  it was printed or written
  2  wrong usage, or the folder cannot be written to

Examples:
  highwater man run | man -l -
  highwater man --to ~/.local/share/man/man1";

/// Prints a completion script.
pub(crate) fn completions(options: &Completions) -> Result<(), Problem> {
    let shell = match options.shell {
        For::Bash => Shell::Bash,
        For::Zsh => Shell::Zsh,
        For::Fish => Shell::Fish,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Program::command(), "highwater", &mut script);
    print(&script)
}

/// Prints a man page, or writes all of them.
///
/// # Errors
/// There is no such command; the folder cannot be written to.
pub(crate) fn man(options: &Man) -> Result<(), Problem> {
    // Building gives each command its full name, and the options that all have.
    let mut program = Program::command().disable_help_subcommand(true);
    program.build();
    if let Some(folder) = &options.to {
        write(&program, folder)?;
        return program.get_subcommands().try_for_each(|command| write(command, folder));
    }
    match &options.command {
        None => print(&page(&program)),
        Some(name) => {
            let command = program.find_subcommand(name).ok_or_else(|| {
                Problem::Refused(format!(
                    "there is no command \"{name}\": `highwater --help` lists them"
                ))
            })?;
            print(&page(command))
        }
    }
}

fn write(command: &clap::Command, folder: &Path) -> Result<(), Problem> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    let file = folder.join(format!("{name}.1"));
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(&file, page(command)));
    written
        .map_err(|error| Problem::Refused(format!("{} cannot be written: {error}", file.display())))
}

/// The page of a command. What stands behind its options in the help, each paragraph under a title, becomes a section each.
fn page(command: &clap::Command) -> Vec<u8> {
    let page = Page::new(command.clone());
    let mut roff = Vec::new();
    let parts = [
        Page::render_title,
        Page::render_name_section,
        Page::render_synopsis_section,
        Page::render_description_section,
        Page::render_options_section,
    ];
    for part in parts {
        part(&page, &mut roff).expect("a vector takes all that is written");
    }
    if command.has_subcommands() {
        roff.extend_from_slice(b".SH COMMANDS\n");
        page.render_subcommands_section(&mut roff).expect("a vector takes all that is written");
    }
    let after = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    for paragraph in after.split("\n\n") {
        let (title, lines) = paragraph.split_once(":\n").unwrap_or(("", paragraph));
        let section = format!(".SH {}\n.nf\n{}\n.fi\n", title.to_uppercase(), escaped(lines));
        roff.extend_from_slice(section.as_bytes());
    }
    roff
}

/// Text as roff prints it, letter for letter.
fn escaped(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let line = line.replace('\\', "\\\\").replace('-', "\\-");
        // What begins with a dot or an apostrophe is an order to roff.
        if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn print(text: &[u8]) -> Result<(), Problem> {
    let mut out = Output::new();
    out.text(&String::from_utf8_lossy(text))?;
    out.flush()
}
