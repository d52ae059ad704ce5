//! The proof of content. An exercise's start does not solve it, its solutions do, each near-miss fails at
//! the check it was written for, and no change of a solution is one by accident; a question has exactly
//! one right answer, whatever is drawn; what a text claims, its scenario shows.

mod exercise;
mod library;
mod mutants;
mod question;
mod stepwise;

use std::collections::BTreeSet;
use std::fmt;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use highwater_scenario::chronicle::Happening;
use highwater_scenario::session::Session;

use crate::model::{Content, Exercise, Question};
use crate::paced::at_once;
use crate::play::{Budget, begin, play};
pub use stepwise::Proving;

/// Something that is not as the content says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The file, within the content.
    pub file: String,
    /// What is not as it should be, and what to do.
    pub what: String,
    /// The text of the scenario; empty if none is to blame.
    pub script: String,
}

/// What came of a part of the proof.
#[derive(Debug, Default)]
struct Part {
    failures: Vec<Failure>,
    /// A change of a solution that leaves it one: the exercise, the change, the scenario.
    survivor: Option<(String, String, String)>,
}

type Work<'a> = Pin<Box<dyn Future<Output = Part> + 'a>>;

/// A part of the proof, as work that is done in portions.
type Job<'a> = Box<dyn Fn() -> Work<'a> + Send + Sync + 'a>;

/// All that is to be proven.
struct Plan<'a> {
    jobs: Vec<Job<'a>>,
    mutants: usize,
    exercises: Vec<&'a Exercise>,
}

/// What was proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// What is not as it should be.
    pub failures: Vec<Failure>,
    /// Changed solutions that were run.
    pub mutants: usize,
    /// All scenarios that were run for it, or nearly: a question's are counted once for each draw.
    pub runs: usize,
}

/// Proves all content, or what is named `only`, in so many threads.
pub fn of_all(content: &Content, only: Option<&str>, threads: usize) -> Proof {
    let plan = Plan::of(content, only);
    let parts = run_all(&plan.jobs, threads);
    plan.judge(parts)
}

impl<'a> Plan<'a> {
    fn of(content: &'a Content, only: Option<&str>) -> Self {
        let wanted = |id: &str| only.is_none_or(|only| only == id);
        let exercises = content.exercises.iter().filter(|one| wanted(&one.id)).collect();
        let mut plan = Self { jobs: Vec::new(), mutants: 0, exercises };
        for &exercise in &plan.exercises {
            plan.jobs.extend(exercise::jobs(exercise));
            for mutant in mutants::of(exercise) {
                plan.mutants += 1;
                plan.jobs.push(mutants::job(exercise, mutant));
            }
        }
        for question in content.questions.iter().filter(|one| wanted(&one.id)) {
            plan.jobs.extend(question::jobs(question));
        }
        for lesson in content.lessons.iter().filter(|one| wanted(&one.id)) {
            plan.jobs.push(Box::new(|| Box::pin(library::lesson(lesson))));
        }
        for term in content.glossary.iter().filter(|one| wanted(&one.id)) {
            plan.jobs.push(Box::new(|| Box::pin(library::term(term))));
        }
        for playlist in content.playlists.iter().filter(|one| wanted(&one.id)) {
            plan.jobs.push(Box::new(|| Box::pin(library::playlist(playlist))));
        }
        for belief in content.misconceptions.iter().filter(|one| wanted(&one.id)) {
            plan.jobs.push(Box::new(|| Box::pin(library::misconception(belief))));
        }
        plan
    }

    /// What the parts, in their order, prove together.
    fn judge(&self, parts: Vec<Part>) -> Proof {
        let mut failures: Vec<Failure> = Vec::new();
        let mut survivors = Vec::new();
        for part in parts {
            failures.extend(part.failures);
            survivors.extend(part.survivor);
        }
        for exercise in &self.exercises {
            let own: Vec<_> = survivors.iter().filter(|(id, ..)| *id == exercise.id).collect();
            failures.extend(mutants::judge(exercise, &own));
        }
        Proof { failures, mutants: self.mutants, runs: self.jobs.len() }
    }
}

/// Proves an exercise, in this thread. Empty if all is as it should be.
pub fn of_exercise(exercise: &Exercise) -> Vec<Failure> {
    let content = Content { exercises: vec![exercise.clone()], ..Content::default() };
    of_all(&content, None, 1).failures
}

/// Proves a question, in this thread. Empty if all is as it should be.
pub fn of_question(question: &Question) -> Vec<Failure> {
    let content = Content { questions: vec![question.clone()], ..Content::default() };
    of_all(&content, None, 1).failures
}

/// Runs jobs, and gives what came of them in their order.
fn run_all(jobs: &[Job<'_>], threads: usize) -> Vec<Part> {
    if threads <= 1 {
        return jobs.iter().map(|job| at_once(job())).collect();
    }
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Part)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((index, job)) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    jobs.get(index).map(|job| (index, job))
                } {
                    let part = at_once(job());
                    done.lock().expect("no job panics while it holds this").push((index, part));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("all threads have ended");
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, part)| part).collect()
}

impl Part {
    fn of(file: &str, script: &str, result: Result<(), String>) -> Self {
        let failures = result.err().map(|what| {
            let (file, script) = (file.to_owned(), script.to_owned());
            Failure { file, what, script }
        });
        Self { failures: failures.into_iter().collect(), survivor: None }
    }
}

/// Plays a scenario that shows something: to its end, and without an error.
async fn demonstrate(script: &str) -> Result<Session, String> {
    let end = begin(script)?.script_end().0;
    if end == 0 {
        return Err("it has no end: add a last line such as @10s run".to_owned());
    }
    if end > 600_000_000 {
        return Err("it goes on for more than ten minutes".to_owned());
    }
    demonstrate_to(script, end).await
}

/// The same, to a moment.
async fn demonstrate_to(script: &str, end: u64) -> Result<Session, String> {
    let mut session = begin(script)?.quiet();
    play(&mut session, end, &mut Budget::default()).await?;
    no_command_failed(&session)?;
    Ok(session)
}

/// A misspelt command would make a scenario fail for another reason than its own.
fn no_command_failed(session: &Session) -> Result<(), String> {
    let chronicle = &session.progress().chronicle;
    // Notices go to standard error too: what counts is that the command did not end well.
    let has_failed = |by: &Option<_>| {
        chronicle
            .moments()
            .any(|moment| moment.what == Happening::CommandFailed && moment.by == *by)
    };
    let mut errors = chronicle.moments().filter(|moment| moment.what == Happening::ErrorPrinted);
    let error = errors.find(|moment| has_failed(&moment.by));
    error.map_or(Ok(()), |moment| {
        let by = moment.by.as_deref().unwrap_or_default();
        Err(format!("a command failed at {}: {} ({by}). Correct the line", moment.at, moment.text))
    })
}

/// Ids that stand twice.
pub fn repeated_ids(content: &Content) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let exercises = content.exercises.iter().map(|one| &one.id);
    let ids = exercises.chain(content.questions.iter().map(|one| &one.id));
    ids.filter(|id| !seen.insert(*id)).cloned().collect()
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, what, script } = self;
        writeln!(f, "{file}: {what}")?;
        script
            .lines()
            .enumerate()
            .try_for_each(|(index, line)| writeln!(f, "{:5} {line}", index + 1))
    }
}
