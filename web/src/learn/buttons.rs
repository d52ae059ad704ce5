//! The buttons of an exercise: who has never typed a command can do its first steps all the same.

use highwater_exercises::{Button, CheckState, Exercise};
use highwater_scenario::script::{Action, Entry};
use highwater_shell::words::quoted;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::play::Desk;

/// The buttons that are there by now.
#[component]
pub fn Buttons(
    /// Of which exercise.
    exercise: &'static Exercise,
    /// Where its checklist stands.
    states: Memo<Vec<CheckState>>,
    /// Whether these are the ones that are there from the first, to be kept in sight; else those that come later.
    are_first: bool,
) -> impl IntoView {
    let one = |button: &'static Button| {
        let is_there = Memo::new(move |_| {
            let is_met = |id: &String| {
                states.with(|states| states.iter().any(|state| state.id == *id && state.met))
            };
            button.after.as_ref().is_none_or(is_met)
        });
        view! { <Show when=move || is_there.get()><Pressed button/></Show> }
    };
    let of_these = exercise.buttons.iter().filter(|button| button.after.is_none() == are_first);
    let buttons: Vec<_> = of_these.map(one).collect();
    (!buttons.is_empty()).then(|| view! { <div class="buttons">{buttons}</div> }).into_any()
}

/// A button, with a field before it if something is to be typed.
#[component]
fn Pressed(button: &'static Button) -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let asks = !button.words.is_empty();
    let pressed = RwSignal::new(0_usize);
    let proposed = move || button.words.get(pressed.get()).cloned().unwrap_or_default();
    let typed = RwSignal::new(proposed());
    let line = Memo::new(move |_| line_of(button, &typed.read()));
    let is_empty = move || asks && typed.read().trim().is_empty();
    // What was done once, and asks for no words, is done; taken back, it can be done again.
    let is_done = Memo::new(move |_| {
        sim.written.track();
        let stands = |entry: &Entry| matches!(&entry.action, Action::Command { line, .. } if *line == button.line);
        !asks && sim.read(|session| session.entries().iter().any(stands)).unwrap_or(false)
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        sim.press(&line.get_untracked());
        // What is written happens as time goes on.
        if !sim.playing.get_untracked() {
            sim.play();
        }
        pressed.update(|pressed| *pressed += 1);
        typed.set(proposed());
    };
    view! {
        <form class="press" on:submit=submit>
            {asks.then(|| view! {
                <input type="text" aria-label=t!("learn.what-to-send") autocomplete="off" prop:value=typed
                    on:input=move |event| typed.set(event_target_value(&event))/>
            })}
            <button type="submit" class:main=move || !is_done.get() disabled=move || is_empty() || is_done.get()>
                {button.says.as_str()}
            </button>
            <code class="written">{line}</code>
        </form>
    }
    .into_any()
}

/// The line with what was typed in it, as one word.
fn line_of(button: &Button, typed: &str) -> String {
    let typed = typed.trim();
    button.line.replace("{}", &if typed.is_empty() { String::new() } else { quoted(typed) })
}

#[cfg(test)]
mod tests {
    use highwater_shell::words::{Token, split};

    use super::*;

    #[test]
    fn what_is_typed_is_one_word_of_the_line() {
        let button = Button {
            says: "Send".to_owned(),
            line: "producer send you {}".to_owned(),
            words: vec!["hello".to_owned()],
            after: None,
        };
        assert_eq!(line_of(&button, " hello "), "producer send you hello");
        let odd = line_of(&button, "it's; two > words");
        let tokens = split(&odd).expect("its quotes are closed");
        let [.., Token::Word(last)] = tokens.as_slice() else { panic!("{odd}") };
        assert_eq!((tokens.len(), last.text.as_str()), (4, "it's; two > words"));
    }
}
