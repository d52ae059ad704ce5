//! Command substitution: what a `$(list)` prints takes its place.

use std::sync::Arc;

use super::syntax::{Command, List, Part, Pipeline, Target, Text};

/// The next list whose output is needed before the pipeline can be run.
pub(super) fn next(pipeline: &mut Pipeline) -> Option<Arc<List>> {
    let mut found = None;
    visit(pipeline, &mut |part| {
        if let Part::Command { list, .. } = part {
            found = Some(list.clone());
            return true;
        }
        false
    });
    found
}

/// Puts what was printed in the place of the list that [`next`] has found.
pub(super) fn fill(pipeline: &mut Pipeline, printed: &str) {
    visit(pipeline, &mut |part| {
        if let Part::Command { is_quoted, .. } = part {
            *part = Part::Printed { text: printed.to_owned(), is_quoted: *is_quoted };
            return true;
        }
        false
    });
}

/// Visits the parts of a pipeline's words until one is what is wanted.
fn visit(pipeline: &mut Pipeline, is_wanted: &mut dyn FnMut(&mut Part) -> bool) {
    for stage in &mut pipeline.stages {
        let mut texts: Vec<&mut Text> = match &mut stage.command {
            Command::Simple { assignments, words } => {
                let values = assignments.iter_mut().map(|(_, value)| value);
                values.chain(words).collect()
            }
            Command::For { values, .. } => values.iter_mut().collect(),
            _ => Vec::new(),
        };
        texts.extend(stage.redirects.iter_mut().filter_map(|redirect| match &mut redirect.to {
            Target::Read(text)
            | Target::Write(text)
            | Target::Append(text)
            | Target::Here(text) => Some(text),
            Target::Same(_) => None,
        }));
        for text in texts {
            if text.parts.iter_mut().any(&mut *is_wanted) {
                return;
            }
        }
    }
}
