//! The settings that `--add-config` and `--add-config-file` give: `parseConfigsToBeAdded`.

use std::collections::BTreeMap;

use highwater_cluster::ctx::Ctx;

use super::arguments::Arguments;

/// The settings to give, by name. The error is what the tool says.
pub(super) fn to_add(
    ctx: &Ctx<'_>,
    arguments: &Arguments,
) -> Result<BTreeMap<String, String>, String> {
    let mut added = BTreeMap::new();
    if let Some(name) = &arguments.add_file {
        let Some(bytes) = ctx.file(name) else {
            return Err(format!("java.nio.file.NoSuchFileException: {name}"));
        };
        let text = String::from_utf8_lossy(&bytes);
        let lines = text.lines().map(str::trim);
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with(['#', '!'])) {
            let (name, value) = line.split_once(['=', ':']).unwrap_or((line, ""));
            added.insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }
    if let Some(text) = &arguments.add {
        for config in split_outside_brackets(text, ',') {
            let [name, value] = split_outside_brackets(config, '=')[..] else {
                return Err("requirement failed: Invalid entity config: all configs to be added must be in the \
                            format \"key=val\"."
                    .to_owned());
            };
            let value = value.replace(['[', ']'], "");
            added.insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }
    let is_plain = |name: &str| {
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    match added.keys().find(|name| !is_plain(name)) {
        Some(name) => Err(format!("Invalid character found for config key: {name}")),
        None => Ok(added),
    }
}

/// Splits at each separator that does not stand within square brackets.
fn split_outside_brackets(text: &str, separator: char) -> Vec<&str> {
    let mut is_within = false;
    text.split(move |c| {
        is_within = c == '[' || (is_within && c != ']');
        c == separator && !is_within
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(split_outside_brackets(text, ','), expected, "for {text}");
    }

    #[test]
    fn brackets_hold_commas_together() {
        check("a=1,b=[x,y],c=2", &["a=1", "b=[x,y]", "c=2"]);
        check("a=[x,y", &["a=[x,y"]);
        check("a=x],b=1", &["a=x]", "b=1"]);
        check("", &[""]);
    }
}
