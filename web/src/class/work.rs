//! The questions of a playlist for one student, with numbers of their own.

use highwater_exercises::Playlist;
use highwater_standing::{MOST_STUDENTS, Work};
use leptos::prelude::*;

use crate::interview::start;
use crate::kept;
use crate::packs;

/// Where a student begins.
#[component]
pub fn WorkPage(
    /// Of which playlist.
    playlist: &'static Playlist,
) -> impl IntoView {
    let (number, name) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let trouble = RwSignal::new(None::<&'static str>);
    let asked = playlist.questions().filter(|(id, _)| packs::question(id).is_some()).count();
    let begin = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let student = number.read_untracked().trim().parse::<u32>().ok();
        let Some(student) = student.filter(|number| (1..=MOST_STUDENTS).contains(number)) else {
            return trouble.set(Some(t!("class.number-please")));
        };
        let name = name.read_untracked().trim().chars().take(80).collect();
        let work = Work { playlist: playlist.id.clone(), student, name };
        let mut mock = work.begin(playlist, packs::question);
        mock.began_ms = kept::clock().now_ms;
        if start(&mock).is_err() {
            trouble.set(Some(t!("mock.no-room")));
        }
    };
    let is_open = kept::mock().is_some_and(|mock| !mock.is_over());
    view! {
        <main class="prose interview">
            <p class="over">{t!("class.work")}</p>
            <h1>{playlist.title.as_str()}</h1>
            <p class="lead">{t!("class.work-says", number = asked as u64)}</p>
            {is_open.then(|| view! {
                <p>{t!("class.under-way")} " " <a href="#/mock">{t!("hub.go-on")}</a></p>
            })}
            <form on:submit=begin>
                <div class="bank-filters">
                    <label>{t!("class.your-number")}
                        <input type="number" min="1" max=MOST_STUDENTS inputmode="numeric" required
                            on:input=move |event| number.set(event_target_value(&event))/>
                    </label>
                    <label>{t!("class.your-name")}
                        <input type="text" maxlength="80" autocomplete="name"
                            on:input=move |event| name.set(event_target_value(&event))/>
                    </label>
                </div>
                <p class="sources"><button type="submit" class="main">{t!("class.begin")}</button></p>
                <div role="alert">{move || trouble.get().map(|why| view! { <p class="why-not">{why}</p> })}</div>
            </form>
        </main>
    }
    .into_any()
}
