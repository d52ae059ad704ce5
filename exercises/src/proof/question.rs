//! The proof of a question: whatever is drawn, and whatever differs that does not matter, it has the answer
//! that it should have.

use super::{Job, Part, no_command_failed};
use crate::ask::{Answer, Solution, fill_known};
use crate::eval::{Drawn, Value};
use crate::model::question::{Question, Run, Task};
use crate::play::{Budget, begin, play};

/// At most so many of what a template can draw are proven.
const MOST_DRAWS: usize = 24;

/// Another seed than a scenario's own, of which nothing may depend.
const OTHER_SEEDS: [u64; 2] = [1_009, 70_001];

pub(super) fn jobs(question: &Question) -> Vec<Job<'_>> {
    let draws = question.draws();
    if draws.is_empty() {
        let what = "nothing can be drawn that `require` allows";
        let job = move || Part::of(&file(question), "", Err(what.to_owned()));
        return vec![Box::new(move || Box::pin(async move { job() }))];
    }
    // Of many, those at equal distances.
    let step = draws.len().div_ceil(MOST_DRAWS);
    let chosen = draws.into_iter().step_by(step);
    chosen
        .map(|drawn| -> Job<'_> {
            Box::new(move || {
                let drawn = drawn.clone();
                Box::pin(async move {
                    let run = question.run.as_ref();
                    let script =
                        run.map(|run| fill_known(&run.scenario, &drawn)).unwrap_or_default();
                    let result = prove(question, &drawn, &script).await;
                    Part::of(&file(question), &script, result)
                })
            })
        })
        .collect()
}

fn file(question: &Question) -> String {
    format!("questions/{}.toml", question.id)
}

async fn prove(question: &Question, drawn: &Drawn, script: &str) -> Result<(), String> {
    let shown: Vec<String> =
        drawn.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let when =
        if shown.is_empty() { String::new() } else { format!("with {}: ", shown.join(", ")) };
    let answer = question.answer(drawn, script).await.map_err(|error| format!("{when}{error}"))?;
    beliefs(question, &answer).map_err(|what| format!("{when}{what}"))?;
    let Some(run) = &question.run else { return Ok(()) };
    plays(run, script).await.map_err(|what| format!("{when}{what}"))?;
    for (what, other) in variations(run, script)? {
        let again = question.answer(drawn, &other).await;
        let again = again.map_err(|error| format!("{when}{what}: {error}"))?;
        if again.solution != answer.solution {
            return Err(format!(
                "{when}{what}, the answer is another: {:?}, not {:?}. Ask for what does not hang on chance",
                again.solution, answer.solution
            ));
        }
    }
    Ok(())
}

/// What is wrong names the belief that leads to it; what is right names none.
fn beliefs(question: &Question, answer: &Answer) -> Result<(), String> {
    let right: Vec<usize> = match &answer.solution {
        Solution::Choice(right) => vec![*right],
        Solution::Choices(right) => right.clone(),
        _ => Vec::new(),
    };
    for (index, choice) in question.choices().iter().enumerate() {
        // Of a template, an option may be right for one draw and wrong for another.
        let is_right = right.contains(&index);
        if is_right && choice.misconception.is_some() && !question.is_template() {
            return Err(format!("the right option is called a misconception: {}", choice.text));
        }
        if !is_right && choice.misconception.is_none() && !question.is_template() {
            return Err(format!("no misconception is named for the wrong option: {}", choice.text));
        }
    }
    let (Task::Number { .. } | Task::Point { .. }) = question.task else { return Ok(()) };
    let right = match &answer.solution {
        Solution::Number(number) => Value::Number(*number),
        Solution::Point(point) => {
            point.parse().map_or_else(|_| Value::Text(point.clone()), Value::Number)
        }
        _ => return Ok(()),
    };
    // Of a template, a wrong belief may now and then lead to the right answer.
    match answer.wrong.iter().position(|wrong| *wrong == right) {
        Some(index) if !question.is_template() => {
            Err(format!("wrong answer {} is the right one: {right}", index + 1))
        }
        _ => Ok(()),
    }
}

/// "Show me" plays, and shows no command that fails.
async fn plays(run: &Run, script: &str) -> Result<(), String> {
    let mut session = begin(script)?.quiet();
    if session.script_end().0 > run.until {
        return Err("the scenario goes on after `until`: raise it".to_owned());
    }
    play(&mut session, run.until, &mut Budget::default()).await?;
    no_command_failed(&session)
}

/// The scenario under other circumstances.
fn variations(run: &Run, script: &str) -> Result<Vec<(String, String)>, String> {
    let seed = script.lines().find(|line| line.starts_with("seed ")).unwrap_or_default();
    let mut variations = Vec::new();
    for other in OTHER_SEEDS {
        let other = format!("seed {other}");
        let script = match seed {
            "" => script.replacen("highwater 1\n", &format!("highwater 1\n{other}\n"), 1),
            seed => script.replacen(seed, &other, 1),
        };
        variations.push((format!("with {other}"), script));
    }
    for change in &run.may_differ {
        let Some((from, to)) = change.split_once(" => ") else {
            return Err(format!("may_differ: write `from => to`, not `{change}`"));
        };
        if !script.contains(from) {
            return Err(format!("may_differ: the scenario does not say {from}"));
        }
        variations.push((format!("with {to} for {from}"), script.replace(from, to)));
    }
    Ok(variations)
}
