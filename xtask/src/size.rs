//! `cargo xtask size`: what the page costs to download, against its budget.

use std::fs;
use std::path::Path;

use crate::budget::Budget;
use crate::compress;
use crate::copy;
use crate::failure::{Failure, Outcome};
use crate::project::Project;
use crate::report::bytes;

/// Prints a line for each file of `dist/`, and fails if the first visit costs more than it may.
pub fn run(project: &Project) -> Outcome {
    let budget = Budget::read(project)?;
    let dist = project.dist();
    if !dist.join("index.html").is_file() {
        return Err(Failure::new("there is no dist/ to weigh", "run `cargo xtask build` first"));
    }
    let weights =
        copy::files(&dist)?.iter().map(|path| weigh(path, &dist)).collect::<Outcome<Vec<_>>>()?;

    println!("{:<44} {:>11} {:>11} {:>11}  first load", "file of dist/", "bytes", "gzip", "brotli");
    for weight in &weights {
        let word = if budget.counts(&weight.name) { "yes" } else { "later" };
        print_row(&weight.name, weight, word);
    }
    let first = total(weights.iter().filter(|weight| budget.counts(&weight.name)));
    print_row("first load", &first, "");
    judge(first.brotli, budget.first_load)
}

/// A file's size as it is, and as servers send it.
#[derive(Default)]
struct Weight {
    name: String,
    raw: usize,
    gzip: usize,
    brotli: usize,
}

fn weigh(path: &Path, dist: &Path) -> Outcome<Weight> {
    let content = fs::read(path).map_err(|error| Failure::file("read", path, &error))?;
    let below = path.strip_prefix(dist).unwrap_or(path);
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    let (gzip, brotli) = (compress::gzip(&content), compress::brotli(&content));
    Ok(Weight { name: parts.join("/"), raw: content.len(), gzip, brotli })
}

fn total<'a>(weights: impl Iterator<Item = &'a Weight>) -> Weight {
    weights.fold(Weight::default(), |sum, weight| Weight {
        raw: sum.raw + weight.raw,
        gzip: sum.gzip + weight.gzip,
        brotli: sum.brotli + weight.brotli,
        ..sum
    })
}

fn print_row(name: &str, weight: &Weight, last: &str) {
    let row = format!(
        "{name:<44} {:>11} {:>11} {:>11}  {last}",
        bytes(weight.raw),
        bytes(weight.gzip),
        bytes(weight.brotli)
    );
    println!("{}", row.trim_end());
}

fn judge(brotli: usize, budget: usize) -> Outcome {
    if brotli <= budget {
        println!(
            "first load: {} of {} bytes with brotli, {} % of its budget",
            bytes(brotli),
            bytes(budget),
            brotli * 100 / budget
        );
        return Ok(());
    }
    let what = format!(
        "the first load costs {} bytes with brotli, {} more than its budget",
        bytes(brotli),
        bytes(brotli - budget)
    );
    Err(Failure::new(what, "make it smaller, or load parts later (`later` in budgets.toml)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_a_limit_that_may_be_reached() {
        assert_eq!(judge(400, 400), Ok(()));
        assert!(judge(401, 400).unwrap_err().to_string().contains("1 more than its budget"));
    }
}
