//! Style sheets and scripts without what is for their readers only: comments and indentation. Nothing else is changed, so that
//! what is served can still be read.

use std::fs;
use std::path::Path;

use crate::failure::{Failure, Outcome};

/// Makes the style sheets and scripts of a folder lighter.
pub fn folder(folder: &Path) -> Outcome {
    let entries = fs::read_dir(folder).map_err(|error| Failure::file("list", folder, &error))?;
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let lighter = match path.extension().and_then(|ending| ending.to_str()) {
            Some("css") => style,
            Some("js") => script,
            _ => continue,
        };
        let text =
            fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, &error))?;
        fs::write(&path, lighter(&text)).map_err(|error| Failure::file("write", &path, &error))?;
    }
    Ok(())
}

/// A style sheet without comments and indentation.
fn style(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\'', '/']) {
        let (before, after) = rest.split_at(at);
        kept.push_str(before);
        let length = match after.as_bytes() {
            [b'/', b'*', ..] => {
                rest = after[2..].find("*/").map_or("", |end| &after[end + 4..]);
                continue;
            }
            [b'/', ..] => 1,
            // A string ends with the mark that it begins with.
            [mark, string @ ..] => {
                let end = string.iter().position(|byte| byte == mark);
                end.map_or(after.len(), |end| end + 2)
            }
            [] => 0,
        };
        kept.push_str(&after[..length]);
        rest = &after[length..];
    }
    kept.push_str(rest);
    lines(&kept).map(tightened).collect()
}

/// A line of a style sheet without the spaces that only its readers need. One with a string is left as it is.
fn tightened(line: String) -> String {
    if line.contains(['"', '\'']) {
        return line;
    }
    line.replace(": ", ":").replace(" {", "{").replace(", ", ",")
}

/// A script without indentation and lines that are comments. One with a text over several lines is left as it is, since that text
/// might look like either, and so is one with code behind a comment.
fn script(text: &str) -> String {
    let is_hard = |line: &str| {
        line.matches('`').count() % 2 == 1
            || line.split_once("*/").is_some_and(|(_, behind)| !behind.trim().is_empty())
    };
    if text.lines().any(is_hard) {
        return text.to_owned();
    }
    let mut in_comment = false;
    let is_code = |line: &String| {
        let begins = !in_comment && line.starts_with("/*");
        let ends = (begins || in_comment) && line.trim_end().ends_with("*/");
        let is_comment = begins || in_comment || line.starts_with("//");
        in_comment = (in_comment || begins) && !ends;
        !is_comment
    };
    lines(text).filter(is_code).collect()
}

/// The lines that say something, without their indentation, each with its end.
fn lines(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines()
        .map(str::trim_start)
        .filter(|line| !line.is_empty())
        .map(|line| format!("{line}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_sheet_loses_its_comments() {
        let text = "/* Two\n   lines. */\n.a::after {\n  content: \"/* kept */\"; /* gone */\n  inset: 1px / 2px;\n}\n";
        let lighter = ".a::after{\ncontent: \"/* kept */\"; \ninset:1px / 2px;\n}\n";
        assert_eq!(style(text), lighter);
        assert_eq!(style("a { } /* never closed"), "a{ } \n");
    }

    #[test]
    fn a_script_loses_lines_that_are_comments() {
        let text = "// One.\nconst a = \"//\"; // stays\n/**\n * Two.\n */\nfunction b() {\n  /* Three. */\n  return `${a}/*`;\n}\n";
        assert_eq!(
            script(text),
            "const a = \"//\"; // stays\nfunction b() {\nreturn `${a}/*`;\n}\n"
        );
        let long = "const a = `\n  // kept\n`;\n";
        assert_eq!(script(long), long);
        let behind = "  /* one\n  */ const a = 1;\n";
        assert_eq!(script(behind), behind);
    }
}
