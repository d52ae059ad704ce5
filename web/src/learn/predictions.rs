//! Guesses before the run: what one believes, and how sure one is, is locked in before the run answers.

use highwater_exercises::learning::Deed;
use highwater_exercises::{Exercise, Prediction};
use leptos::prelude::*;

use crate::interview::LedTo;
use crate::learning;
use crate::play::Desk;

/// How sure one can be, in words.
fn sureness() -> [&'static str; 3] {
    [t!("learn.guessing"), t!("learn.fairly-sure"), t!("learn.certain")]
}

/// The guesses of an exercise, each as soon as it is to be asked.
#[component]
pub fn Predictions(
    /// Of which exercise.
    exercise: &'static Exercise,
    /// The element of the guess that is to be made now, for what leads to it.
    open_guess: RwSignal<Option<String>>,
) -> impl IntoView {
    let one =
        |prediction: &'static Prediction| view! { <Guessing prediction exercise open_guess/> };
    exercise.predictions.iter().map(one).collect_view().into_any()
}

/// Where a guess stands.
#[derive(Clone, Debug, Default, PartialEq)]
struct Standing {
    is_asked: bool,
    /// What the run has shown to be right.
    right: Option<usize>,
}

#[component]
fn Guessing(
    prediction: &'static Prediction,
    exercise: &'static Exercise,
    open_guess: RwSignal<Option<String>>,
) -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let standing = Memo::new(move |_| {
        sim.calm.track();
        sim.written.track();
        let look = |session: &_| Standing {
            is_asked: prediction.is_asked(session),
            right: prediction.right(session).and_then(|right| right.first().copied()),
        };
        sim.read(look).unwrap_or_default()
    });
    let known: StoredValue<Vec<String>> =
        StoredValue::new(learning::noted().report().beliefs.into_keys().collect());
    let chosen = RwSignal::new(None::<usize>);
    let sure = RwSignal::new(None::<usize>);
    let is_locked = RwSignal::new(false);
    // Begun anew, one may guess anew.
    Effect::new(move |before: Option<u32>| {
        let loaded = sim.loaded.get();
        if before.is_some_and(|before| before != loaded) {
            chosen.set(None);
            sure.set(None);
            is_locked.set(false);
        }
        loaded
    });
    // Who has not guessed before the run answered is not asked any more.
    let is_shown = Memo::new(move |_| {
        let standing = standing.get();
        is_locked.get() || (standing.is_asked && standing.right.is_none())
    });
    let choice = move |name: &'static str, to: RwSignal<Option<usize>>| {
        move |(index, text): (usize, String)| {
            view! {
                <li>
                    <label class="choice">
                        <input type="radio" name=format!("{name}-{}-{}", exercise.id, prediction.id)
                            disabled=move || is_locked.get() on:change=move |_| to.set(Some(index))/>
                        <span>{text}</span>
                    </label>
                </li>
            }
        }
    };
    let options = move || {
        let texts = prediction.options.iter().map(|option| option.text.clone()).enumerate();
        texts.map(choice("guess", chosen)).collect_view()
    };
    let how_sure = move || {
        let texts = sureness().into_iter().map(str::to_owned).enumerate();
        texts.map(choice("sure", sure)).collect_view()
    };
    let verdict = move || {
        let right = standing.get().right.filter(|_| is_locked.get())?;
        let mine = chosen.get()?;
        let option = prediction.options.get(mine)?;
        let title = match mine == right {
            true => t!("learn.you-guessed-it"),
            false => t!("learn.it-came-otherwise"),
        };
        let truth = prediction.options.get(right).filter(|_| mine != right);
        let shown = option.misconception.clone().filter(|_| mine != right);
        Some(view! {
            <p><strong>{title}</strong></p>
            <div class="text" inner_html=option.reply_html.as_str()></div>
            {truth.map(|truth| view! { <div class="text" inner_html=truth.reply_html.as_str()></div> })}
            <LedTo ids=shown.into_iter().collect() known=known.get_value()/>
        })
    };
    let id = format!("guess-{}", prediction.id);
    let own = id.clone();
    Effect::new(move |_| {
        let is_open = is_shown.get() && !is_locked.get();
        let was_open = open_guess.read_untracked().as_ref() == Some(&own);
        if is_open && open_guess.read_untracked().is_none() {
            open_guess.set(Some(own.clone()));
        } else if !is_open && was_open {
            open_guess.set(None);
        }
    });
    let is_noted = StoredValue::new(false);
    Effect::new(move |_| {
        let right = standing.get().right.filter(|_| is_locked.get());
        let Some((right, option)) = right.zip(chosen.get_untracked()) else {
            return is_noted.set_value(false);
        };
        if !is_noted.get_value() {
            is_noted.set_value(true);
            learning::note(Deed::Guessed {
                exercise: exercise.id.clone(),
                prediction: prediction.id.clone(),
                option,
                sure: sure.get_untracked().unwrap_or_default() as u8,
                is_right: option == right,
                belief: prediction
                    .options
                    .get(option)
                    .and_then(|guess| guess.misconception.clone()),
            });
        }
    });
    let waits = move || is_locked.get() && standing.get().right.is_none();
    view! {
        <Show when=move || is_shown.get()>
            <div class="guess" id=id.clone()>
                <div class="text" inner_html=prediction.asks_html.as_str()></div>
                <fieldset class="choices">
                    <legend class="sr-only">{t!("learn.your-guess")}</legend>
                    <ol>{options()}</ol>
                </fieldset>
                <fieldset class="choices">
                    <legend>{t!("learn.how-sure")}</legend>
                    <ol>{how_sure()}</ol>
                </fieldset>
                <p class="sources">
                    <button type="button" class="main"
                        disabled=move || is_locked.get() || chosen.get().is_none() || sure.get().is_none()
                        on:click=move |_| is_locked.set(true)>
                        {t!("learn.lock-in")}
                    </button>
                </p>
                <div role="status">
                    {move || waits().then(|| view! { <p class="aside">{t!("learn.now-let-it-run")}</p> })}
                    {verdict}
                </div>
            </div>
        </Show>
    }
    .into_any()
}
