//! A text of the content, with its demonstrations where they stand in it.

use highwater_exercises::Demonstration;
use leptos::prelude::*;

use crate::miniature::Miniature;
use crate::shows::Shows;

/// A text.
#[component]
pub fn Prose(
    /// The text, as the reader of the content wrote it.
    html: &'static str,
    /// What runs in it, by number.
    #[prop(optional)]
    demonstrations: &'static [Demonstration],
    /// What the stages of its demonstrations draw.
    #[prop(default = Shows::ALL)]
    shows: Shows,
    /// Whether it has the width of a page.
    #[prop(default = false)]
    is_wide: bool,
) -> impl IntoView {
    let part = |part: Part<'static>| match part {
        Part::Text(html) => view! { <div class="text" inner_html=html></div> }.into_any(),
        Part::Demonstration(number) => match demonstrations.get(number) {
            Some(demonstration) => {
                view! { <Miniature script=demonstration.script.as_str() shows is_wide/> }.into_any()
            }
            None => ().into_any(),
        },
    };
    parts(html).into_iter().map(part).collect_view().into_any()
}

/// A stretch of a text.
#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    /// HTML.
    Text(&'a str),
    /// The demonstration of that number.
    Demonstration(usize),
}

/// What stands where a demonstration is: its number follows, then its lines to be read.
const OPENS: &str = "<div class=\"demonstration\" data-demonstration=\"";
const CLOSES: &str = "</div>";

/// The text cut where its demonstrations are. They never stand within anything else.
fn parts(html: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = html;
    while let Some((before, (number, after))) = next(rest) {
        parts.push(Part::Text(before));
        parts.push(Part::Demonstration(number));
        rest = after;
    }
    parts.push(Part::Text(rest));
    parts.retain(|part| !matches!(part, Part::Text(text) if text.trim().is_empty()));
    parts
}

fn next(html: &str) -> Option<(&str, (usize, &str))> {
    let (before, inside) = html.split_once(OPENS)?;
    let (number, inside) = inside.split_once('"')?;
    let (_, after) = inside.split_once(CLOSES)?;
    Some((before, (number.parse().ok()?, after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_where_its_demonstrations_are() {
        let html = "<p>One</p>\n<div class=\"demonstration\" data-demonstration=\"0\"><pre><code>@1s run</code></pre></div>\n<p>Two</p>";
        let expect =
            [Part::Text("<p>One</p>\n"), Part::Demonstration(0), Part::Text("\n<p>Two</p>")];
        assert_eq!(parts(html), expect);
        assert_eq!(parts("<p>One</p>"), [Part::Text("<p>One</p>")]);
        assert_eq!(parts(&html[8..90]).len(), 1, "what is not whole stays as it is");
    }

    #[test]
    fn every_demonstration_of_the_content_has_its_place() {
        for exercise in highwater_exercises::all() {
            let texts = [exercise.text_html.as_str(), exercise.why_html.as_str()];
            let placed = texts.iter().flat_map(|html| parts(html));
            let placed = placed.filter(|part| matches!(part, Part::Demonstration(_))).count();
            assert_eq!(placed, exercise.demonstrations.len(), "{}", exercise.id);
        }
        for lesson in &highwater_exercises::taught().lessons {
            let placed = parts(&lesson.text_html).into_iter();
            let placed = placed.filter(|part| matches!(part, Part::Demonstration(_))).count();
            assert_eq!(placed, lesson.demonstrations.len(), "{}", lesson.id);
        }
    }
}
