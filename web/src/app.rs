//! The root of the page: what all parts share, the header, and the routes.

use highwater_cluster::time::Time;
use leptos::prelude::*;

use crate::about::About;
use crate::front::{Front, Stand};
use crate::guide::Guide;
use crate::interview::{QuestionList, QuestionPanel};
use crate::keymap::KeysButton;
use crate::keys;
use crate::learn::{ExerciseList, ExercisePanel};
use crate::looks::LooksButton;
use crate::media;
use crate::notice::{self, NoticeList, Notices};
use crate::palette::Palette;
use crate::place;
use crate::play::{Desk, DeskView, Tab};
use crate::route::{self, Route};
use crate::save::Keeper;
use crate::share::{self, ShareButton, SharedLink};
use crate::sim::{EMPTY_SCRIPT, Sim, empty_session};
use crate::tables;

/// The page.
#[component]
pub fn App() -> impl IntoView {
    place::go_on();
    let still = RwSignal::new(false);
    let desk = Desk {
        sim: Sim::new(empty_session(), still),
        selected: RwSignal::new(None),
        is_phone: media::follow(media::PHONE),
        theme: RwSignal::new(0),
        tab: RwSignal::new(Tab::Task),
        place: route::follow_place(),
        opens: true,
        lower: RwSignal::new(Tab::Log),
        tables: tables::Open::new(),
        form: RwSignal::new(None),
    };
    let notices = Notices::new();
    let keeper = Keeper::new(desk.sim, notices);
    provide_context(desk);
    provide_context(Stand::new(desk));
    provide_context(notices);
    provide_context(keeper);
    keys::listen(desk.sim);
    let route = route::follow();
    share::take_drops(keeper, notices);
    notice::follow_versions(notices);
    Effect::new(move |_| {
        desk.sim.loaded.track();
        if let Some(view) = keeper.take_view() {
            share::view::show(desk, &view);
        }
    });
    Effect::new(move |_| {
        document().set_title(route.read().title());
        place::note(&route.read());
        request_animation_frame(to_the_top);
    });

    view! {
        <Header route/>
        <NoticeList/>
        {move || match route.get() {
            Route::Front => {
                desk.sim.pause();
                view! { <Front/> }.into_any()
            }
            Route::Play => {
                keeper.open("play", EMPTY_SCRIPT);
                desk.clear();
                view! { <DeskView title="Free play" task=view! { <Guide/> }.into_any()/> }.into_any()
            }
            Route::Exercises => {
                desk.sim.pause();
                view! { <ExerciseList/> }.into_any()
            }
            Route::Exercise(id) => match highwater_exercises::all().iter().find(|known| known.id == id) {
                Some(exercise) => {
                    keeper.open(&format!("learn/{id}"), &exercise.start);
                    desk.clear();
                    let task = view! { <ExercisePanel exercise/> }.into_any();
                    view! { <DeskView title=exercise.title.as_str() task/> }.into_any()
                }
                None => view! { <NotFound/> }.into_any(),
            },
            Route::Questions => {
                desk.sim.pause();
                view! { <QuestionList/> }.into_any()
            }
            Route::Question(id) => match highwater_exercises::questions().iter().find(|known| known.id == id) {
                Some(question) => {
                    let shown = Some(Time(question.shows));
                    keeper.open_at(&format!("interview/{id}"), &question.situation(), shown);
                    desk.clear();
                    let task = view! { <QuestionPanel question/> }.into_any();
                    view! { <DeskView title=question.title.as_str() task/> }.into_any()
                }
                None => view! { <NotFound/> }.into_any(),
            },
            Route::About => {
                desk.sim.pause();
                view! { <About/> }.into_any()
            }
            Route::Shared(word) => {
                desk.sim.pause();
                view! { <SharedLink word/> }.into_any()
            }
            Route::Unknown(_) => view! { <NotFound/> }.into_any(),
        }}
    }
}

/// A page begins at its top, wherever the one before was scrolled to.
fn to_the_top() {
    window().scroll_to_with_x_and_y(0.0, 0.0);
    for id in ["panel-task", "panel-inspector"] {
        if let Some(panel) = document().get_element_by_id(id) {
            panel.set_scroll_top(0);
        }
    }
}

#[component]
fn Header(route: RwSignal<Route>) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let current = move |here: fn(&Route) -> bool| move || here(&route.read()).then_some("page");
    view! {
        <header class="top">
            <a class="home" href="#/" aria-label="Highwater, home">
                <svg width="24" height="24" viewBox="0 0 24 24" aria-hidden="true">
                    <path class="logo-water" d="M3 13h18v5.5a2.5 2.5 0 0 1 -2.5 2.5h-13a2.5 2.5 0 0 1 -2.5 -2.5z"/>
                    <rect class="logo-tank" x="3" y="3" width="18" height="18" rx="3.5"/>
                </svg>
                <span>"Highwater"</span>
            </a>
            <nav aria-label="Pages">
                <a href="#/learn" aria-current=current(|route| matches!(route, Route::Exercises | Route::Exercise(_)))>"Learn"</a>
                <a href="#/play" aria-current=current(|route| *route == Route::Play)>"Play"</a>
                <a href="#/interview" aria-current=current(|route| matches!(route, Route::Questions | Route::Question(_)))>"Interview"</a>
                <a href="#/about" aria-current=current(|route| *route == Route::About)>"About"</a>
            </nav>
            <Palette/>
            <ShareButton route/>
            <KeysButton/>
            <LooksButton changed=desk.theme still=desk.sim.still/>
        </header>
    }
    .into_any()
}

#[component]
fn NotFound() -> impl IntoView {
    view! {
        <main class="prose">
            <h1>"There is no such page"</h1>
            <p><a href="#/play">"To the cluster"</a></p>
        </main>
    }
}
