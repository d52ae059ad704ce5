//! The proof in portions, for a page that is to stay at hand meanwhile. It is the same plan and the same jobs.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use super::{Failure, Plan, Proof};
use crate::model::Content;
use crate::paced::{Pause, portion};

/// So many proofs are enough for a pack of dozens of exercises. One that takes more would keep a page busy for long.
const MOST: usize = 6_000;

/// A proof under way.
pub struct Proving {
    standing: Rc<Standing>,
    work: Pin<Box<dyn Future<Output = Proof>>>,
}

/// How many proofs are done, and how many there are.
#[derive(Default)]
struct Standing {
    done: Cell<usize>,
    all: Cell<usize>,
}

impl Proving {
    /// Begins; nothing is proven yet.
    pub fn new(content: Arc<Content>) -> Self {
        let standing = Rc::new(Standing::default());
        let work = Box::pin(prove(content, standing.clone()));
        Self { standing, work }
    }

    /// Does a portion, which takes some milliseconds. What was proven, once that was the last one; it is not to be called
    /// again then.
    pub fn go_on(&mut self) -> Option<Proof> {
        portion(self.work.as_mut())
    }

    /// How many proofs are done, and how many there are: none before the first portion.
    pub fn standing(&self) -> (usize, usize) {
        (self.standing.done.get(), self.standing.all.get())
    }
}

async fn prove(content: Arc<Content>, standing: Rc<Standing>) -> Proof {
    let plan = Plan::of(&content, None);
    let all = plan.jobs.len();
    if all > MOST {
        let what = format!(
            "it would take {all} proofs, and {MOST} are the most: make several packs of it, or its solutions shorter"
        );
        let failure = Failure { file: "pack.toml".to_owned(), what, script: String::new() };
        return Proof { failures: vec![failure], mutants: plan.mutants, runs: 0 };
    }
    standing.all.set(all);
    let mut parts = Vec::with_capacity(all);
    for job in &plan.jobs {
        Pause::default().await;
        parts.push(job().await);
        standing.done.set(parts.len());
    }
    plan.judge(parts)
}
