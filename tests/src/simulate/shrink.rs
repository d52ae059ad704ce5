//! The shortest script that still shows a problem: lines are left out, then numbers made smaller and
//! times rounder, as long as the same kind of problem is found (delta debugging).

use super::Bug;
use super::plan::{Line, Plan};
use super::run::{Problem, run};

/// Runs that may be spent on one problem.
const MOST_RUNS: u32 = 1_500;

/// A plan that is being shrunk.
struct Shrinking<'a> {
    best: Plan,
    kind: &'a str,
    bug: Option<Bug>,
    runs_left: u32,
}

/// The shortest plan found that shows the same kind of problem.
pub fn shrink(plan: &Plan, problem: &Problem, bug: Option<Bug>) -> Plan {
    let mut shrinking =
        Shrinking { best: plan.clone(), kind: &problem.kind, bug, runs_left: MOST_RUNS };
    // Once lines are gone, others may go that were needed before.
    let mut before = usize::MAX;
    while shrinking.best.lines.len() < before {
        before = shrinking.best.lines.len();
        shrinking.leave_out(|plan| &mut plan.lines);
    }
    // What heals is left out only where a problem shows without it: one that is about convergence
    // would always show.
    if problem.kind != "not converged" {
        shrinking.leave_out(|plan| &mut plan.heal);
    }
    shrinking.leave_out_settings();
    shrinking.make_numbers_smaller();
    shrinking.make_times_rounder();
    shrinking.best
}

impl Shrinking<'_> {
    /// Keeps a plan if it shows the problem.
    fn try_plan(&mut self, plan: Plan) -> bool {
        if self.runs_left == 0 || plan == self.best {
            return false;
        }
        self.runs_left -= 1;
        let problem = run(&plan.script(), self.bug).problem;
        let shows = problem.is_some_and(|problem| problem.kind == self.kind);
        if shows {
            self.best = plan;
        }
        shows
    }

    /// Leaves out runs of lines, long ones first, until no single line can go.
    fn leave_out(&mut self, part: impl Fn(&mut Plan) -> &mut Vec<Line>) {
        let mut length = part(&mut self.best).len();
        while length > 0 {
            let mut start = 0;
            while start < part(&mut self.best).len() && self.runs_left > 0 {
                let mut plan = self.best.clone();
                let lines = part(&mut plan);
                lines.drain(start..(start + length).min(lines.len()));
                if !self.try_plan(plan) {
                    start += length;
                }
            }
            length /= 2;
        }
    }

    /// Leaves out the header's settings one by one, and the options of lines.
    fn leave_out_settings(&mut self) {
        let mut index = 0;
        while index < self.best.header.len() {
            let mut plan = self.best.clone();
            let line = plan.header.remove(index);
            let is_needed = plan.is_careful && line.contains("replication.factor");
            if is_needed || !line.starts_with("config") || !self.try_plan(plan) {
                index += 1;
            }
        }
        self.leave_out_options(|plan| &mut plan.lines);
        self.leave_out_options(|plan| &mut plan.heal);
    }

    fn leave_out_options(&mut self, part: impl Fn(&mut Plan) -> &mut Vec<Line>) {
        for index in 0..part(&mut self.best).len() {
            if self.is_needed_for_care(&part(&mut self.best.clone())[index].text) {
                continue;
            }
            let mut from = 0;
            while let Some((start, end)) = option(&part(&mut self.best)[index].text, from) {
                let mut plan = self.best.clone();
                let line = &mut part(&mut plan)[index].text;
                // A rebalance waits that long for members that are gone, by default five minutes: without it
                // another problem would show.
                let is_needed =
                    self.kind == "not converged" && line[start..end].contains("max.poll.interval");
                line.replace_range(start..end, "");
                if is_needed || !self.try_plan(plan) {
                    from = end;
                }
            }
        }
    }

    /// Whether a careful run would no longer be careful with less: fewer replicas lose what they have.
    fn is_needed_for_care(&self, text: &str) -> bool {
        self.best.is_careful && text.starts_with("kafka-topics.sh")
    }

    /// Each number becomes 1, or else half of it.
    fn make_numbers_smaller(&mut self) {
        for index in 0..self.best.lines.len() {
            // A node is named by its number, which is no quantity.
            let text = &self.best.lines[index].text;
            if !text.contains(" --") || self.is_needed_for_care(text) {
                continue;
            }
            let mut from = 0;
            while let Some((start, end)) = number(&self.best.lines[index].text, from) {
                let value: u64 = self.best.lines[index].text[start..end].parse().unwrap_or(1);
                let mut end_now = end;
                for smaller in [1, value / 2] {
                    let mut plan = self.best.clone();
                    plan.lines[index].text.replace_range(start..end, &smaller.to_string());
                    if value > 1 && smaller > 0 && self.try_plan(plan) {
                        end_now = start + smaller.to_string().len();
                        break;
                    }
                }
                from = end_now;
            }
        }
    }

    /// Each time becomes a whole second, if that may be.
    fn make_times_rounder(&mut self) {
        for index in 0..self.best.lines.len() {
            let mut plan = self.best.clone();
            let at_ms = &mut plan.lines[index].at_ms;
            *at_ms = (*at_ms + 500) / 1_000 * 1_000;
            self.try_plan(plan);
        }
    }
}

/// The next option that a line may do without: ` --config name=value`, ` --keys 3`.
fn option(line: &str, from: usize) -> Option<(usize, usize)> {
    let start = from + line[from..].find(" --")?;
    let name_end = start + 1 + line[start + 1..].find(' ').unwrap_or(line.len() - start - 1);
    let next = line[name_end..].find(" --").map_or(line.len(), |at| name_end + at);
    Some((start, next))
}

/// The next number that is a value: after a blank or an equals sign, and nothing but digits.
fn number(line: &str, from: usize) -> Option<(usize, usize)> {
    let bytes = line.as_bytes();
    let is_start =
        |at: usize| bytes[at].is_ascii_digit() && at > 0 && matches!(bytes[at - 1], b' ' | b'=');
    let start = (from..bytes.len()).find(|at| is_start(*at))?;
    let end = (start..bytes.len()).find(|at| !bytes[*at].is_ascii_digit()).unwrap_or(bytes.len());
    Some((start, end))
}
