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
    let mut rows: Vec<(&str, String)> = Vec::new();
    for client in clients {
        if rows.iter().all(|(name, _)| *name != client.name) {
            let of_it = clients.iter().zip(accounts).filter(|(one, _)| one.name == client.name);
            let accounts: Vec<&Account> = of_it.map(|(_, account)| account).collect();
            rows.push((client.name, row(client.name, &accounts)));
        }
    }
    let new = with_rows(&old, &rows).ok_or_else(|| {
        Failure::new("docs/clients.md has lost the marks of its table", format!("restore {BEGIN}"))
    })?;
    fs::write(&path, new).map_err(|error| Failure::file("write", &path, &error))?;
    note("docs/clients.md has the table of this run");
    Ok(())
}

/// What the programs of one client came to.
fn row(name: &str, accounts: &[&Account]) -> String {
    let client = accounts.first().map_or("", |account| &account.client);
    let version = client.strip_prefix(name).unwrap_or(client).trim();
    let steps: Vec<&str> =
        accounts.iter().flat_map(|account| &account.steps).map(String::as_str).collect();
    let result = match accounts.iter().find_map(|account| account.trouble.as_ref()) {
        None => "passed".to_owned(),
        Some(Trouble::Missing(why)) => format!("not had: {why}"),
        Some(Trouble::Failed(why)) => {
            format!("**failed**: {}", why.lines().next().unwrap_or_default())
        }
    };
    format!("| {name} | {version} | {} | {result} |\n", steps.join("<br>"))
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
