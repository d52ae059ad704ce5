//! Offsets as CSV: what `--export` prints and `--from-file` reads.

use highwater_cluster::ids::{TopicName, TopicPartition};
use highwater_cluster::log::Offset;

use crate::programs::json_file;
use crate::script::{Failure, Io};

/// What offsets a group is to have.
pub(super) type Offsets = Vec<(TopicPartition, Offset)>;

/// The lines that `--export` prints: with the group's name unless one group alone is named.
pub(super) fn export(groups: &[(String, Offsets)], has_one_group: bool) -> Vec<String> {
    let lines = groups.iter().flat_map(|(group, offsets)| {
        offsets.iter().map(move |(TopicPartition { topic, partition }, offset)| {
            let name = if has_one_group { String::new() } else { format!("{},", quoted(group)) };
            format!("{name}{},{partition},{offset}", quoted(topic.as_str()))
        })
    });
    lines.collect()
}

/// What a file plans for each group. A file of one group need not name it.
pub(super) fn read(
    io: &Io<'_, '_>,
    path: &str,
    named_groups: &[String],
) -> Result<Vec<(String, Offsets)>, Failure> {
    let text = json_file::read(io.ctx(), path)
        .map_err(|missing| Failure::new(missing.class, missing.message).at_run_time())?;
    parse(&text, named_groups)
}

fn parse(text: &str, named_groups: &[String]) -> Result<Vec<(String, Offsets)>, Failure> {
    let lines: Vec<Vec<String>> =
        text.lines().filter(|line| !line.is_empty()).map(fields).collect();
    let group = match named_groups {
        [one] if lines.first().is_some_and(|first| entry(first).is_some()) => Some(one),
        _ => None,
    };
    let mut plan: Vec<(String, Offsets)> = Vec::new();
    for line in &lines {
        let (group, rest) = match (group, line.split_first()) {
            (Some(group), _) => (group.clone(), line.as_slice()),
            (None, Some((group, rest))) => (group.clone(), rest),
            (None, None) => continue,
        };
        let Some((partition, offset)) = entry(rest) else { return Err(unreadable(line)) };
        let place = plan.iter().position(|(known, _)| *known == group).unwrap_or(plan.len());
        if place == plan.len() {
            plan.push((group, Vec::new()));
        }
        let offsets = &mut plan[place].1;
        offsets.retain(|(known, _)| *known != partition);
        offsets.push((partition, offset));
    }
    Ok(plan)
}

/// `topic,partition,offset`
fn entry(fields: &[String]) -> Option<(TopicPartition, Offset)> {
    let [topic, partition, offset] = fields else { return None };
    let partition = TopicPartition::new(&TopicName::from(topic.as_str()), partition.parse().ok()?);
    Some((partition, Offset(offset.parse().ok()?)))
}

fn unreadable(line: &[String]) -> Failure {
    let class = "com.fasterxml.jackson.dataformat.csv.CsvReadException";
    let message = format!("{} is no group, topic, partition and offset", line.join(","));
    Failure::new(class, message).at_run_time()
}

/// The fields of a line; quotes hold commas together.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let (mut is_quoted, mut chars) = (false, line.chars().peekable());
    while let Some(next) = chars.next() {
        let field = fields.last_mut().expect("there is always one");
        match next {
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                field.push('"');
                chars.next();
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            '\r' if chars.peek().is_none() => {}
            other => field.push(other),
        }
    }
    fields.iter().map(|field| field.trim().to_owned()).collect()
}

/// As Jackson writes a text: in quotes if it must be.
fn quoted(text: &str) -> String {
    match text.contains([',', '"', ' ']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, groups: &[&str], expected: Result<&str, &str>) {
        let groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
        let found = parse(text, &groups).map(|plan| export(&plan, false).join("\n"));
        let found = found.map_err(|failure| failure.message);
        assert_eq!(found.as_deref().map_err(String::as_str), expected, "{text}");
    }

    #[test]
    fn a_plan_names_its_groups_or_is_of_the_one_that_is_named() {
        check("orders,0,5\norders,1,7\n", &["g"], Ok("g,orders,0,5\ng,orders,1,7"));
        check("a,orders,0,5\nb,orders,1,7", &["a", "b"], Ok("a,orders,0,5\nb,orders,1,7"));
        check("a,orders,0,5", &["a"], Ok("a,orders,0,5"));
        check("\"a,b\",orders,0,5", &[], Ok("\"a,b\",orders,0,5"));
        check("g,orders,0,5\ng,orders,0,6", &[], Ok("g,orders,0,6"));
        check("", &["a"], Ok(""));
        check(
            "orders,zero,5",
            &["g"],
            Err(
                "com.fasterxml.jackson.dataformat.csv.CsvReadException: orders,zero,5 is no group, topic, partition and offset",
            ),
        );
    }
}
