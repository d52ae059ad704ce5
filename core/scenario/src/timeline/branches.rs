//! The branches of a timeline: what was played, and left when somebody acted in the past.

use std::sync::Arc;

use highwater_cluster::time::Time;

use crate::script::{Action, Document, Micros};

/// Which branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BranchId(pub u32);

/// A branch, to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Branch {
    /// Which.
    pub id: BranchId,
    /// Its name.
    pub name: String,
    /// The branch that it left, and when; none for the first.
    pub parent: Option<(BranchId, Time)>,
    /// How far it was played.
    pub reached: Time,
    /// How many lines were written in it.
    pub lines: usize,
    /// Whether it is the present one.
    pub is_current: bool,
}

/// A branch that is not played at present.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) document: Arc<Document>,
    pub(super) own: Vec<usize>,
    pub(super) undone: Vec<(Micros, Action)>,
    pub(super) reached: Time,
    /// Where it was left.
    pub(super) moment: Time,
}

#[derive(Clone, Debug)]
struct Known {
    id: BranchId,
    name: String,
    parent: Option<(BranchId, Time)>,
    /// None for the present one.
    stored: Option<Stored>,
}

/// All branches.
#[derive(Clone, Debug)]
pub(super) struct Branches {
    known: Vec<Known>,
    current: BranchId,
    next: u32,
}

impl Default for Branches {
    fn default() -> Self {
        let id = BranchId(1);
        let first = Known { id, name: name(id), parent: None, stored: None };
        Self { known: vec![first], current: id, next: 2 }
    }
}

impl Branches {
    /// The present branch is left as it was, and another begins at an instant.
    pub(super) fn fork(&mut self, left: Stored, at: Time) {
        let id = BranchId(self.next);
        self.next += 1;
        let parent = Some((self.current, at));
        if let Some(known) = self.find(self.current) {
            known.stored = Some(left);
        }
        self.known.push(Known { id, name: name(id), parent, stored: None });
        self.current = id;
    }

    pub(super) fn list(&self, reached: Time, lines: usize) -> Vec<Branch> {
        let branch = |known: &Known| Branch {
            id: known.id,
            name: known.name.clone(),
            parent: known.parent,
            reached: known.stored.as_ref().map_or(reached, |stored| stored.reached),
            lines: known.stored.as_ref().map_or(lines, |stored| stored.own.len()),
            is_current: known.stored.is_none(),
        };
        self.known.iter().map(branch).collect()
    }

    /// What is stored of a branch, which is to be played now.
    pub(super) fn take(&mut self, branch: BranchId) -> Option<Stored> {
        self.find(branch)?.stored.take()
    }

    /// The present branch is left; the other is the present one.
    pub(super) fn put(&mut self, left: Stored, to: BranchId) {
        if let Some(known) = self.find(self.current) {
            known.stored = Some(left);
        }
        self.current = to;
    }

    pub(super) fn rename(&mut self, branch: BranchId, name: &str) -> bool {
        let found = self.find(branch);
        found.map(|known| name.clone_into(&mut known.name)).is_some()
    }

    /// Its children are those of its parent from then on.
    pub(super) fn delete(&mut self, branch: BranchId) -> bool {
        if branch == self.current {
            return false;
        }
        let Some(place) = self.known.iter().position(|known| known.id == branch) else {
            return false;
        };
        let gone = self.known.remove(place);
        for known in &mut self.known {
            if let Some((parent, at)) = known.parent
                && parent == branch
            {
                known.parent = gone.parent.map(|(parent, before)| (parent, at.min(before)));
            }
        }
        true
    }

    fn find(&mut self, branch: BranchId) -> Option<&mut Known> {
        self.known.iter_mut().find(|known| known.id == branch)
    }
}

fn name(id: BranchId) -> String {
    format!("branch {}", id.0)
}
