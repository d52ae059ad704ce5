//! The table of the documentation, from what a run came to.

use std::fs;

use crate::failure::{Failure, Outcome};
use crate::project::Project;
use crate::report::note;

use super::suite::Client;
use super::trial::{Account, Trouble};

const BEGIN: &str = "<!-- Written by `cargo xtask clients --table`. -->\n";
const END: &str = "<!-- End of the table. -->\n";

/// Writes the rows of these clients anew; the others stay.
pub fn write(project: &Project, clients: &[&Client], accounts: &[Account]) -> Outcome {
    let path = project.at("docs/clients.md");
    let old = fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, &error))?;
    let rows: Vec<(&str, String)> = clients
        .iter()
        .zip(accounts)
        .map(|(client, account)| (client.name, row(client.name, account)))
        .collect();
    let new = with_rows(&old, &rows).ok_or_else(|| {
        Failure::new("docs/clients.md has lost the marks of its table", format!("restore {BEGIN}"))
    })?;
    fs::write(&path, new).map_err(|error| Failure::file("write", &path, &error))?;
    note("docs/clients.md has the table of this run");
    Ok(())
}

fn row(name: &str, account: &Account) -> String {
    let version = account.client.strip_prefix(name).unwrap_or(&account.client).trim();
    let result = match &account.trouble {
        None => "passed".to_owned(),
        Some(Trouble::Missing(why)) => format!("not had: {why}"),
        Some(Trouble::Failed(why)) => {
            format!("**failed**: {}", why.lines().next().unwrap_or_default())
        }
    };
    format!("| {name} | {version} | {} | {result} |\n", account.steps.join("; "))
}

/// The text with these rows in its table: in the place of the old row of that name, or at the end.
fn with_rows(text: &str, rows: &[(&str, String)]) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (table, after) = rest.split_once(END)?;
    let mut lines: Vec<String> = table.lines().map(|line| format!("{line}\n")).collect();
    for (name, row) in rows {
        let begin = format!("| {name} |");
        match lines.iter_mut().find(|line| line.starts_with(&begin)) {
            Some(line) => line.clone_from(row),
            None => lines.push(row.clone()),
        }
    }
    Some(format!("{before}{BEGIN}{}{END}{after}", lines.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_takes_the_place_of_the_old_one() {
        let text = format!("a\n{BEGIN}| Client |\n|---|\n| kcat | 1 |\n{END}b\n");
        let rows = [("kcat", "| kcat | 2 |\n".to_owned()), ("kafkajs", "| kafkajs |\n".to_owned())];
        let new = with_rows(&text, &rows).expect("the marks are there");
        assert_eq!(
            new,
            format!("a\n{BEGIN}| Client |\n|---|\n| kcat | 2 |\n| kafkajs |\n{END}b\n")
        );
        assert_eq!(with_rows("no table", &rows), None);
    }
}
