//! `--list`: the reassignments that go on.

use highwater_cluster::ctx::Ctx;

use super::Outcome;
use super::facts::{Facts, list_reassignments};
use super::plan::joined;
use crate::programs::json_file::Exception;

pub(super) fn next(ctx: &mut Ctx<'_>, facts: &Facts) -> Result<Outcome, Exception> {
    let Some(all) = &facts.ongoing else { return Ok(list_reassignments(None)) };
    if all.is_empty() {
        ctx.print("No partition reassignments found.");
        return Ok(Outcome::Done);
    }
    ctx.print("Current partition reassignments:");
    let part = |word: &str, ids: &[i32]| match ids {
        [] => String::new(),
        ids => format!(" {word}: {}.", joined(ids, ",")),
    };
    for (partition, ongoing) in all {
        ctx.print(&format!(
            "{partition}: replicas: {}.{}{}",
            joined(&ongoing.replicas, ","),
            part("adding", &ongoing.adding),
            part("removing", &ongoing.removing)
        ));
    }
    Ok(Outcome::Done)
}
