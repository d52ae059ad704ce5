//! What the page may be given to show as HTML. The Markdown writer makes nothing else; that it does not is looked at in
//! each text, for a pack may come from anybody.

/// Elements without attributes.
const PLAIN: [&str; 25] = [
    "p",
    "em",
    "strong",
    "del",
    "code",
    "pre",
    "ul",
    "ol",
    "li",
    "blockquote",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "br",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "a",
];

/// The first element that is not one of those that texts are made of; none if all are.
pub fn stranger(html: &str) -> Option<&str> {
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let tag = &rest[at..];
        // No attribute that is allowed holds a `>`: the writer escapes it.
        let Some(end) = tag.find('>') else { return Some(tag) };
        let (tag, after) = tag.split_at(end + 1);
        if !is_known(&tag[1..end]) {
            return Some(tag);
        }
        rest = after;
    }
    None
}

/// Whether what stands between `<` and `>` is one of those elements.
fn is_known(inside: &str) -> bool {
    if let Some(name) = inside.strip_prefix('/') {
        return name == "div" || PLAIN.contains(&name);
    }
    let inside = inside.strip_suffix(" /").unwrap_or(inside);
    let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
    if rest.is_empty() && name == inside {
        return PLAIN.contains(&name);
    }
    let mut found = Vec::new();
    while !rest.is_empty() {
        let Some((attribute, value, after)) = attribute(rest) else { return false };
        // Of two the browser takes the first: there are never two.
        if !fits(name, attribute, value) || found.contains(&attribute) {
            return false;
        }
        found.push(attribute);
        rest = after;
    }
    true
}

/// `name="value"`, and what follows behind a blank.
fn attribute(text: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = text.split_once("=\"")?;
    let (value, after) = rest.split_once('"')?;
    let after = match after.strip_prefix(' ') {
        Some(after) => after,
        None if after.is_empty() => after,
        None => return None,
    };
    Some((name, value, after))
}

fn fits(element: &str, attribute: &str, value: &str) -> bool {
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    match (element, attribute) {
        ("a", "href") => value.starts_with("https://") || value.starts_with('#'),
        ("a", "title") => true,
        ("a", "class") => value == "term",
        ("code", "class") => {
            value == "word"
                || value.starts_with("language-") && !value.contains(char::is_whitespace)
        }
        ("ol", "start") => is_number,
        ("div", "class") => value == "demonstration",
        ("div", "data-demonstration") => is_number,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::stranger;

    fn check(html: &str, is_fine: bool) {
        assert_eq!(stranger(html).is_none(), is_fine, "{html}");
    }

    #[test]
    fn what_texts_are_made_of_is_known() {
        check("<p>One &lt; two, > one</p>\n<hr />\n<ol start=\"3\"><li>a<br />b</li></ol>", true);
        check(
            "<a class=\"term\" href=\"#/terms/isr\" title=\"In sync: &quot;ISR&quot;\">ISR</a>",
            true,
        );
        check("<pre><code class=\"language-text\">x</code></pre>", true);
        check(
            "<div class=\"demonstration\" data-demonstration=\"0\"><pre><code>x</code></pre></div>",
            true,
        );
    }

    #[test]
    fn what_could_do_harm_is_not() {
        for html in [
            "<script>x</script>",
            "<p onclick=\"x\">",
            "<a href=\"javascript:x\">",
            "<img src=\"x\">",
            "<a href=\"https://x\" onclick=\"x\">",
            "<a href='https://x'>",
            "<a href=https://x>",
            "<p ",
            "<!-- x -->",
            "<svg/onload=x>",
            "<A HREF=\"#\">",
            "<a  href=\"#\">",
            "<p style=\"x\">",
            "<div>",
            "<a href=\"#\" href=\"#\">",
            "<code class=\"language-a b\">",
            "<iframe>",
            "</script>",
        ] {
            check(html, false);
        }
    }
}
