//! The root of the page: what all parts share, the header, and the routes.

use highwater_cluster::time::Time;
use highwater_exercises::Playlist;
use leptos::prelude::*;

use crate::about::About;
use crate::alone;
use crate::beliefs::{self, BeliefList, BeliefPage};
use crate::class::{
    self, ClassPage, NotesPage, PlaylistPage, ResultsPage, ScenePanel, SheetPage, WorkPage,
};
use crate::front::{Front, Stand};
use crate::glossary::{self, TermDialog, TermList, TermPage};
use crate::guide::Guide;
use crate::interview::{self, InterviewPage, MockPage, MockPanel, QuestionPanel};
use crate::kept;
use crate::keymap::KeysButton;
use crate::keys;
use crate::learn::{ExerciseList, ExercisePanel};
use crate::learning;
use crate::lesson::{self, LessonPage};
use crate::live::LivePanel;
use crate::looks::LooksButton;
use crate::media;
use crate::notice::{self, NoticeList, Notices};
use crate::opened::Following;
use crate::packs::{self, MissingPack, PackPage};
use crate::palette::Palette;
use crate::place;
use crate::play::{Desk, DeskView, Tab};
use crate::route::{self, Room, Route};
use crate::save::Keeper;
use crate::share::{self, ShareButton, SharedLink};
use crate::shows::Shows;
use crate::sim::{EMPTY_SCRIPT, Sim, empty_session};
use crate::standing::StandingPage;
use crate::tables;

/// The page.
#[component]
pub fn App() -> impl IntoView {
    place::go_on();
    learning::note_arrival();
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
        shows: RwSignal::new(Shows::ALL),
        tables: tables::Open::new(),
        alone: RwSignal::new(false),
        presents: RwSignal::new(None),
        form: RwSignal::new(None),
    };
    let notices = Notices::new();
    let keeper = Keeper::new(desk.sim, notices);
    provide_context(desk);
    provide_context(Stand::new(desk));
    provide_context(notices);
    provide_context(keeper);
    keys::listen(desk);
    alone::follow(desk);
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
        <Following><TermDialog/></Following>
        {move || match route.get() {
            Route::Front => {
                desk.sim.pause();
                view! { <Front/> }.into_any()
            }
            Route::Play => {
                keeper.open("play", EMPTY_SCRIPT);
                desk.clear();
                view! { <DeskView title=t!("app.free-play") task=view! { <Guide/> }.into_any()/> }.into_any()
            }
            Route::Live => {
                keeper.leave();
                desk.clear();
                view! { <DeskView title=t!("live.title") task=view! { <LivePanel/> }.into_any()/> }.into_any()
            }
            Route::Exercises => {
                desk.sim.pause();
                view! { <ExerciseList/> }.into_any()
            }
            Route::Exercise(id) => match packs::exercise(&id) {
                Some(exercise) => {
                    let begins = Some(exercise.opens_at()).filter(|at| *at > Time::ZERO);
                    keeper.open_at(&format!("learn/{id}"), &exercise.start, begins);
                    desk.clear();
                    desk.shows.set(Shows::of(&exercise.shows));
                    let task = view! { <ExercisePanel exercise/> }.into_any();
                    view! { <DeskView title=exercise.title.as_str() task/> }.into_any()
                }
                None if packs::is_of_pack(&id) => missing_pack(desk),
                None => view! { <NotFound/> }.into_any(),
            },
            Route::Lesson(id) => {
                desk.sim.pause();
                match lesson::find(&id) {
                    Some(lesson) => view! { <LessonPage lesson/> }.into_any(),
                    None => view! { <NotFound/> }.into_any(),
                }
            }
            Route::Terms => {
                desk.sim.pause();
                view! { <TermList/> }.into_any()
            }
            Route::Term(id) => {
                desk.sim.pause();
                match glossary::find(&id) {
                    Some(term) => view! { <TermPage term/> }.into_any(),
                    None if packs::is_of_pack(&id) => missing_pack(desk),
                    None => view! { <NotFound/> }.into_any(),
                }
            }
            Route::Questions => {
                desk.sim.pause();
                view! { <InterviewPage/> }.into_any()
            }
            Route::Question(id, draw) => match kept::question(&id) {
                Some(question) => {
                    let name = if draw == 0 { format!("interview/{id}") } else { format!("interview/{id}/{draw}") };
                    interview::set_the_stage(desk, keeper, question, draw, &name);
                    let task = view! { <QuestionPanel question draw/> }.into_any();
                    view! { <DeskView title=question.title.as_str() task/> }.into_any()
                }
                None if packs::is_of_pack(&id) => missing_pack(desk),
                None => view! { <NotFound/> }.into_any(),
            },
            Route::Pack(word) => {
                desk.sim.pause();
                view! { <PackPage word/> }.into_any()
            }
            Route::Classes => {
                desk.sim.pause();
                view! { <ClassPage/> }.into_any()
            }
            Route::Class(id, room) => match packs::playlist(&id) {
                Some(playlist) => of_class(desk, keeper, playlist, room),
                None if packs::is_of_pack(&id) => missing_pack(desk),
                None => view! { <NotFound/> }.into_any(),
            },
            Route::Mock => {
                desk.sim.pause();
                view! { <MockPage/> }.into_any()
            }
            Route::MockQuestion(place) => mock_question(desk, keeper, place),
            Route::Standing => {
                desk.sim.pause();
                view! { <StandingPage/> }.into_any()
            }
            Route::Beliefs => {
                desk.sim.pause();
                view! { <BeliefList/> }.into_any()
            }
            Route::Belief(id) => {
                desk.sim.pause();
                match beliefs::find(&id) {
                    Some(belief) => view! { <BeliefPage belief/> }.into_any(),
                    None => view! { <NotFound/> }.into_any(),
                }
            }
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

/// A page of a playlist, or one of its scenes.
fn of_class(desk: Desk, keeper: Keeper, playlist: &'static Playlist, room: Room) -> AnyView {
    if let Room::Scene(number) = room {
        let place = number.wrapping_sub(1);
        let Some(scene) = playlist.scenes.get(place) else {
            return view! { <NotFound/> }.into_any();
        };
        class::set_the_stage(desk, keeper, playlist, place);
        let task = view! { <ScenePanel playlist place/> }.into_any();
        return view! { <DeskView title=scene.title.as_str() task/> }.into_any();
    }
    desk.sim.pause();
    match room {
        Room::Notes => view! { <NotesPage playlist/> }.into_any(),
        Room::Work => view! { <WorkPage playlist/> }.into_any(),
        Room::Sheet => view! { <SheetPage playlist/> }.into_any(),
        Room::Results => view! { <ResultsPage playlist/> }.into_any(),
        Room::Overview | Room::Scene(_) => view! { <PlaylistPage playlist/> }.into_any(),
    }
}

/// What an address into a pack shows that is not here.
fn missing_pack(desk: Desk) -> AnyView {
    desk.sim.pause();
    view! { <MissingPack/> }.into_any()
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
            <a class="home" href="#/" aria-label=t!("app.highwater-home")>
                <svg width="24" height="24" viewBox="0 0 24 24" aria-hidden="true">
                    <path class="logo-water" d="M3 13h18v5.5a2.5 2.5 0 0 1 -2.5 2.5h-13a2.5 2.5 0 0 1 -2.5 -2.5z"/>
                    <rect class="logo-tank" x="3" y="3" width="18" height="18" rx="3.5"/>
                </svg>
                <span>{t!("app.highwater")}</span>
            </a>
            <nav aria-label=t!("app.pages")>
                <a href="#/learn" aria-current=current(|route| matches!(route, Route::Exercises | Route::Exercise(_) | Route::Lesson(_) | Route::Pack(_) | Route::Terms | Route::Term(_)))>{t!("app.learn")}</a>
                <a href="#/play" aria-current=current(|route| *route == Route::Play)>{t!("app.play")}</a>
                <a href="#/interview" aria-current=current(is_of_interview)>{t!("app.interview")}</a>
                <a href="#/about" aria-current=current(|route| *route == Route::About)>{t!("app.about")}</a>
            </nav>
            <Palette/>
            <ShareButton route/>
            <KeysButton/>
            <LooksButton changed=desk.theme still=desk.sim.still/>
        </header>
    }
    .into_any()
}

fn is_of_interview(route: &Route) -> bool {
    use Route::{Belief, Beliefs, Mock, MockQuestion, Question, Questions, Standing};
    matches!(
        route,
        Questions | Question(..) | Mock | MockQuestion(_) | Standing | Beliefs | Belief(_)
    )
}

/// A question of the mock interview that is under way, or was last.
fn mock_question(desk: Desk, keeper: Keeper, place: usize) -> AnyView {
    let slot = kept::mock().and_then(|mock| mock.slots.get(place.wrapping_sub(1)).cloned());
    let found = slot.and_then(|slot| Some((kept::question(&slot.question)?, slot.draw)));
    let Some((question, draw)) = found else { return view! { <NotFound/> }.into_any() };
    interview::set_the_stage(desk, keeper, question, draw, &format!("mock/{place}"));
    let task = view! { <MockPanel question place=place - 1/> }.into_any();
    view! { <DeskView title=question.title.as_str() task/> }.into_any()
}

#[component]
fn NotFound() -> impl IntoView {
    view! {
        <main class="prose">
            <h1>{t!("app.there-no-such")}</h1>
            <p><a href="#/play">{t!("app.to-cluster")}</a></p>
        </main>
    }
}
