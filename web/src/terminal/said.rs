//! New output for those who hear the page: each line once, a few at a time.

use std::time::Duration;

use highwater_scenario::screens::LineKind;
use leptos::html::Div;
use leptos::prelude::*;

use super::Terminals;

/// How often something is read out at most.
const EVERY: Duration = Duration::from_millis(1_500);

/// How many lines are read out at once; of more it is said how many there are.
const MOST: usize = 12;

/// How many of the lines that were read out stay to be gone back to.
const KEPT: u32 = 60;

/// The region that is read out.
#[component]
pub fn ReadOut(terminals: Terminals) -> impl IntoView {
    let sim = terminals.sim;
    let region = NodeRef::<Div>::new();
    // Which terminal is listened to, up to which line, and whether a timer runs.
    let heard = StoredValue::new((String::new(), 0_u64, false));
    let say = move || {
        let Some(Some(region)) = region.try_get_untracked() else { return };
        let taken = heard.try_update_value(|(name, from, is_due)| {
            *is_due = false;
            (name.clone(), *from)
        });
        let Some((name, from)) = taken else { return };
        let news = sim.read(|session| {
            let screen = session.screens().get(&name)?;
            let mut lines: Vec<String> = Vec::new();
            let mut more = 0;
            for line in screen.since(from).filter(|line| line.kind != LineKind::Typed) {
                if lines.len() < MOST { lines.push(line.text.to_string()) } else { more += 1 }
            }
            Some((lines, more, screen.printed()))
        });
        let Some((mut lines, more, upto)) = news.flatten() else { return };
        let _ = heard.try_update_value(|heard| heard.1 = upto);
        if more > 0 {
            lines.push(t!("terminal.more-lines", more = more));
        }
        for line in lines {
            let Ok(element) = document().create_element("p") else { continue };
            element.set_text_content(Some(&line));
            let _ = region.append_child(&element);
        }
        while region.child_element_count() > KEPT {
            let Some(first) = region.first_element_child() else { break };
            first.remove();
        }
    };
    Effect::new(move |_| {
        sim.calm.track();
        sim.written.track();
        let name = terminals.current.get();
        let printed = terminals.printed(&name);
        let is_elsewhere = sim.replaying.get().is_some();
        let is_due = heard.try_update_value(|(known, from, is_due)| {
            if *known != name || is_elsewhere || printed < *from {
                // What stood there before is not new.
                (*known, *from) = (name, printed);
            }
            let begins = printed > *from && !*is_due;
            *is_due |= begins;
            begins
        });
        if is_due == Some(true) {
            set_timeout(say, EVERY);
        }
    });
    view! {
        <div class="sr-only" role="log" aria-label=t!("terminal.new-output") node_ref=region></div>
    }
    .into_any()
}
