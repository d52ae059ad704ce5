//! Reads `index.html` the way Trunk does, for the few of its tags that the page uses.
//!
//! `build` drives cargo and wasm-bindgen itself, so that nobody has to compile Trunk for it; both
//! must make the same page of the same file. What is not understood is an error, never passed over.

mod tags;

use crate::failure::{Failure, Outcome};
use tags::Tag;

/// The page to write, and the files that belong to it.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    /// `index.html` as the browser shall see it.
    pub html: String,
    /// What must be copied beside it.
    pub copies: Vec<Copy>,
}

/// A file or folder to put into `dist/`.
#[derive(Debug, PartialEq, Eq)]
pub struct Copy {
    /// Where it is, seen from `index.html`.
    pub from: String,
    /// Where it goes, seen from `dist/`; empty is `dist/` itself.
    pub to: String,
    /// Whether `from` must be a folder.
    pub folder: bool,
}

/// Turns the source of the page into the page.
pub fn read(source: &str) -> Outcome<Page> {
    let mut page = Page { html: String::new(), copies: Vec::new() };
    let mut modules = 0;
    let mut done = 0;
    for tag in tags::all(source) {
        let tag = tag
            .map_err(|problem| at_line(source, problem.at, &problem.what, "close what is open"))?;
        refuse_absolute(source, &tag)?;
        if !tag.has("data-trunk") {
            continue;
        }
        page.html.push_str(&source[done..tag.start]);
        done = tag.end;
        match replace(&tag, &mut page.copies).map_err(|what| refused(source, &tag, &what))? {
            Replaced::Module => modules += 1,
            Replaced::By(link) => {
                page.html.push_str(&link);
                continue;
            }
            Replaced::Gone => {}
        }
        done += drop_blank_line(&mut page.html, &source[done..]);
    }
    page.html.push_str(&source[done..]);
    if modules == 1 {
        return Ok(page);
    }
    let what = format!("index.html has {modules} tags <link data-trunk rel=\"rust\">");
    Err(Failure::new(
        what,
        "it needs exactly one, which names the crate of the page: href=\"web/Cargo.toml\"",
    ))
}

/// The page without its content security policy: Trunk puts a script into it, by which it is loaded again on every change.
pub fn without_policy(html: &str) -> String {
    html.split_inclusive('\n').filter(|line| !line.contains("Content-Security-Policy")).collect()
}

/// Removes the indentation that a removed tag leaves if it had a line of its own; returns how much
/// of the rest belongs to that line.
fn drop_blank_line(html: &mut String, rest: &str) -> usize {
    let before = html.trim_end_matches([' ', '\t']).len();
    if !rest.starts_with('\n') || !html[..before].ends_with('\n') {
        return 0;
    }
    html.truncate(before);
    1
}

/// What stands in the page instead of a tag for Trunk.
enum Replaced {
    /// Nothing: the page's own script loads the module.
    Module,
    /// Nothing: it was only about files.
    Gone,
    /// A tag for the browser.
    By(String),
}

fn replace(tag: &Tag, copies: &mut Vec<Copy>) -> Result<Replaced, String> {
    if tag.name != "link" {
        return Err(format!("<{} data-trunk> is not supported", tag.name));
    }
    match tag.value("rel").unwrap_or_default() {
        "rust" => Ok(Replaced::Module),
        "css" => link(tag, "stylesheet", copies).map(Replaced::By),
        "icon" => link(tag, "icon", copies).map(Replaced::By),
        "copy-file" => copy(tag, false, copies).map(|_| Replaced::Gone),
        "copy-dir" => copy(tag, true, copies).map(|_| Replaced::Gone),
        other => Err(format!("rel=\"{other}\" is not supported")),
    }
}

/// A file that the browser fetches: it is copied, and the tag names the copy.
fn link(tag: &Tag, rel: &str, copies: &mut Vec<Copy>) -> Result<String, String> {
    let href = copy(tag, false, copies)?;
    let mut link = format!("<link rel=\"{rel}\" href=\"{href}\"");
    for (key, value) in &tag.attributes {
        if !matches!(key.as_str(), "rel" | "href" | "/") && !key.starts_with("data-") {
            link.push_str(&format!(" {key}=\"{}\"", value.as_deref().unwrap_or_default()));
        }
    }
    Ok(link + ">")
}

/// Notes what to copy, and says what the copy is called.
fn copy(tag: &Tag, folder: bool, copies: &mut Vec<Copy>) -> Result<String, String> {
    let from = tag
        .value("href")
        .filter(|href| !href.is_empty())
        .ok_or("it needs an href")?
        .trim_end_matches('/');
    let name = from.rsplit('/').next().unwrap_or(from);
    let target = tag.value("data-target-path").map(|path| path.trim_matches('/'));
    // As in Trunk: a target path is the new name of a folder, and the folder around a file.
    let to = target.unwrap_or(if folder { name } else { "" });
    if to.split('/').any(|part| part == "..") {
        return Err("data-target-path may not leave dist/".to_owned());
    }
    copies.push(Copy { from: from.to_owned(), to: to.to_owned(), folder });
    Ok(if to.is_empty() { name.to_owned() } else { format!("{to}/{name}") })
}

/// An address from the root of the server would break the page in a sub-folder.
fn refuse_absolute(source: &str, tag: &Tag) -> Outcome {
    for key in ["href", "src"] {
        let Some(value) = tag.value(key) else { continue };
        if value.starts_with('/') && !value.starts_with("//") {
            let what = format!("{key}=\"{value}\" starts at the root of the server");
            let todo = "write it without the leading /, so that the page works in any folder";
            return Err(at_line(source, tag.start, &what, todo));
        }
    }
    Ok(())
}

fn refused(source: &str, tag: &Tag, what: &str) -> Failure {
    let todo = "use rel rust, css, icon, copy-file or copy-dir, or teach xtask/src/page.rs more";
    at_line(source, tag.start, what, todo)
}

fn at_line(source: &str, offset: usize, what: &str, todo: &str) -> Failure {
    let line = source[..offset].matches('\n').count() + 1;
    Failure::new(format!("index.html, line {line}: {what}"), todo)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUST: &str = "<link data-trunk rel=\"rust\" href=\"web/Cargo.toml\">";

    fn refusal(rest: &str) -> String {
        read(&format!("{RUST}\n{rest}")).unwrap_err().to_string()
    }

    #[test]
    fn the_tags_of_trunk_become_those_of_the_browser() {
        let css = "<link data-trunk rel=\"css\" href=\"web/look/page.css\" media=\"screen\">";
        let page =
            read(&format!("<head>{RUST}{css}<script src=\"boot.js\"></script></head>")).unwrap();
        let link = "<link rel=\"stylesheet\" href=\"page.css\" media=\"screen\">";
        assert_eq!(page.html, format!("<head>{link}<script src=\"boot.js\"></script></head>"));
        assert_eq!(
            page.copies,
            [Copy { from: "web/look/page.css".into(), to: String::new(), folder: false }]
        );
    }

    #[test]
    fn folders_and_files_are_copied_where_trunk_would() {
        let tags = "<link data-trunk rel=copy-dir href='web/data/'/>\
                    <link data-trunk rel=copy-file href=a/b.txt data-target-path=c />";
        let page = read(&format!("{RUST}{tags}")).unwrap();
        assert_eq!(page.html, "");
        assert_eq!(
            page.copies[0],
            Copy { from: "web/data".into(), to: "data".into(), folder: true }
        );
        assert_eq!(page.copies[1], Copy { from: "a/b.txt".into(), to: "c".into(), folder: false });
    }

    #[test]
    fn the_policy_of_the_page_allows_no_inline_script() {
        let source = include_str!("../../index.html");
        let policy = source.lines().find(|line| line.contains("Content-Security-Policy")).unwrap();
        assert!(policy.contains("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"));
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
        assert!(!without_policy(source).contains("default-src"));
        assert_eq!(without_policy(source).lines().count() + 1, source.lines().count());
    }

    #[test]
    fn a_removed_tag_takes_its_line_along() {
        let page = read(&format!("<head>\n  {RUST}\n  <title>x</title>\n</head>")).unwrap();
        assert_eq!(page.html, "<head>\n  <title>x</title>\n</head>");
    }

    #[test]
    fn comments_and_scripts_are_left_alone() {
        let source = format!(
            "{RUST}<!-- <link data-trunk rel=sass> --><script>'<link data-trunk>'</script>"
        );
        assert_eq!(read(&source).unwrap().html, source[RUST.len()..]);
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_line() {
        assert!(
            refusal("<link data-trunk rel=\"sass\" href=\"a.scss\">")
                .contains("line 2: rel=\"sass\"")
        );
        assert!(
            refusal("<script data-trunk src=\"a.js\"></script>").contains("<script data-trunk>")
        );
        assert!(refusal("<link data-trunk rel=\"css\">").contains("needs an href"));
        assert!(refusal("<img src=\"/logo.svg\">").contains("starts at the root"));
        assert!(refusal("<link data-trunk rel=\"css").contains("never closed"));
        assert!(
            refusal("<link data-trunk rel=copy-dir href=a data-target-path=../b>")
                .contains("may not leave")
        );
    }

    #[test]
    fn exactly_one_module_is_the_page() {
        assert!(read("<main></main>").unwrap_err().to_string().contains("0 tags"));
        assert!(read(&RUST.repeat(2)).unwrap_err().to_string().contains("2 tags"));
    }
}
