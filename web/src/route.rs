//! Addresses: everything after the `#`, so that the page works in any folder of any file server.

use crate::anatomy::place::{self, Place};
use leptos::ev;
use leptos::prelude::{
    GetUntracked, RwSignal, Set, window, window_event_listener, window_event_listener_untyped,
};

/// A place in the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `#/`: what this is, and where to begin.
    Front,
    /// `#/play`: the cluster, free to use.
    Play,
    /// `#/live`: the cluster that `highwater serve --ui` has open to clients from outside.
    Live,
    /// `#/learn`: the list of exercises.
    Exercises,
    /// `#/learn/ID`: an exercise beside the cluster; `#/learn/PACK/ID`: one of a pack.
    Exercise(String),
    /// `#/lesson/ID`: a stage of the road told as a story.
    Lesson(String),
    /// `#/pack`, `#/pack/WORD`: opens a pack, from a file or from the link itself.
    Pack(String),
    /// `#/terms`: the glossary.
    Terms,
    /// `#/terms/ID`: a term of it.
    Term(String),
    /// `#/interview`: the interview, and the bank of questions.
    Questions,
    /// `#/interview/ID`: a question that the cluster answers; `#/interview/ID/N`, with other numbers.
    Question(String, u32),
    /// `#/mock`: a mock interview, before it and after it.
    Mock,
    /// `#/mock/N`: its question at that place, from 1.
    MockQuestion(usize),
    /// `#/standing`: what one knows.
    Standing,
    /// `#/beliefs`: the map of wrong beliefs.
    Beliefs,
    /// `#/beliefs/ID`: one of them.
    Belief(String),
    /// `#/class`: playlists to be held before a class.
    Classes,
    /// `#/class/ID`, and what is below it: a playlist, of a pack `PACK/ID`.
    Class(String, Room),
    /// `#/about`.
    About,
    /// `#/s/WORD`: a scenario that somebody has shared.
    Shared(String),
    /// Anything else.
    Unknown(String),
}

/// What is below the address of a playlist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// What it holds, and where to begin.
    Overview,
    /// `../N`: its scene at that place, from 1.
    Scene(usize),
    /// `../notes`: the teacher's notes, for another window.
    Notes,
    /// `../work`: its questions, for one student.
    Work,
    /// `../sheet`: its questions on paper.
    Sheet,
    /// `../results`: the students' files, laid together.
    Results,
}

impl Route {
    /// Reads the part of an address from the `#` on.
    pub fn parse(hash: &str) -> Self {
        let (page, place) = place::split(hash);
        let path = page.trim_start_matches('#').trim_matches('/');
        if place.is_some_and(|place| Place::parse(place).is_none()) {
            return Self::Unknown(path.to_owned());
        }
        let mut parts = path.splitn(2, '/');
        match (parts.next().unwrap_or_default(), parts.next()) {
            ("", None) => Self::Front,
            ("play", None) => Self::Play,
            ("live", None) => Self::Live,
            ("learn", None) => Self::Exercises,
            ("learn", Some(id)) => Self::Exercise(id.to_owned()),
            ("lesson", Some(id)) => Self::Lesson(id.to_owned()),
            ("pack", word) => Self::Pack(word.unwrap_or_default().to_owned()),
            ("terms", None) => Self::Terms,
            ("terms", Some(id)) => Self::Term(id.to_owned()),
            ("interview", None) => Self::Questions,
            ("interview", Some(rest)) => question(rest),
            ("mock", None) => Self::Mock,
            ("mock", Some(place)) => {
                place.parse().map_or_else(|_| Self::Unknown(path.to_owned()), Self::MockQuestion)
            }
            ("standing", None) => Self::Standing,
            ("beliefs", None) => Self::Beliefs,
            ("beliefs", Some(id)) => Self::Belief(id.to_owned()),
            ("class", None) => Self::Classes,
            ("class", Some(rest)) => class(rest),
            ("about", None) => Self::About,
            ("s", word) => Self::Shared(word.unwrap_or_default().to_owned()),
            _ => Self::Unknown(path.to_owned()),
        }
    }

    /// What the browser's tab says.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Front => t!("route.highwater-apache-kafka"),
            Self::Play => t!("route.play-highwater"),
            Self::Live => t!("route.live-highwater"),
            Self::Exercises | Self::Exercise(_) | Self::Lesson(_) => t!("route.learn-highwater"),
            Self::Pack(_) => t!("route.pack-highwater"),
            Self::Terms | Self::Term(_) => t!("route.glossary-highwater"),
            Self::Questions | Self::Question(..) | Self::Mock | Self::MockQuestion(_) => {
                t!("route.interview-highwater")
            }
            Self::Standing => t!("route.standing-highwater"),
            Self::Beliefs | Self::Belief(_) => t!("route.beliefs-highwater"),
            Self::Classes | Self::Class(..) => t!("route.class-highwater"),
            Self::About => t!("route.about-highwater"),
            Self::Shared(_) => t!("route.shared-scenario-highwater"),
            Self::Unknown(_) => t!("route.not-found-highwater"),
        }
    }
}

/// The question of an address: its id, in a pack `PACK/ID`, and which numbers if not the first.
fn question(rest: &str) -> Route {
    let numbered = rest.rsplit_once('/').and_then(|(id, draw)| Some((id, draw.parse().ok()?)));
    let (id, draw) = numbered.unwrap_or((rest, 0));
    Route::Question(id.to_owned(), draw)
}

/// What an address below `#/class` means.
fn class(rest: &str) -> Route {
    let room = |word: &str| match word {
        "notes" => Some(Room::Notes),
        "work" => Some(Room::Work),
        "sheet" => Some(Room::Sheet),
        "results" => Some(Room::Results),
        number => number.parse().ok().map(Room::Scene),
    };
    let found = rest.rsplit_once('/').and_then(|(id, word)| Some((id, room(word)?)));
    let (id, room) = found.unwrap_or((rest, Room::Overview));
    Route::Class(id.to_owned(), room)
}

/// Where the page is, as a signal that follows the address.
pub fn follow() -> RwSignal<Route> {
    let route = RwSignal::new(current());
    let listener = window_event_listener(ev::hashchange, move |_| {
        // A step to another place below the cluster stays on the page.
        let now = current();
        if route.get_untracked() != now {
            route.set(now);
        }
    });
    let anew = window_event_listener_untyped(ANEW, move |_| route.set(current()));
    leptos::prelude::on_cleanup(move || {
        listener.remove();
        anew.remove();
    });
    route
}

/// Has the page that the address names shown anew: what it shows was exchanged.
pub fn show_anew() {
    let event = web_sys::Event::new(ANEW).expect("a name of an event is all it takes");
    let _ = window().dispatch_event(&event);
}

/// The page that is shown is to be shown anew.
const ANEW: &str = "highwater-anew";

/// The place below the cluster that the address names, as a signal that follows it.
pub fn follow_place() -> RwSignal<Option<Place>> {
    let place = RwSignal::new(current_place());
    let listener = window_event_listener(ev::hashchange, move |_| place.set(current_place()));
    leptos::prelude::on_cleanup(move || listener.remove());
    place
}

/// The address of the page, without the place below the cluster.
pub fn page() -> String {
    let hash = hash();
    let page = place::split(&hash).0;
    if page.len() < 3 { "#/play".to_owned() } else { page.to_owned() }
}

/// Names the address of what is shown already, without a step in the history.
pub fn rename(hash: &str) {
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(hash));
    }
}

/// Goes to an address of this page.
pub fn go(hash: &str) {
    let _ = window().location().set_hash(hash);
}

fn current() -> Route {
    Route::parse(&hash())
}

fn current_place() -> Option<Place> {
    place::split(&hash()).1.and_then(Place::parse)
}

fn hash() -> String {
    window().location().hash().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Room, Route};

    #[test]
    fn addresses_are_read() {
        assert_eq!(Route::parse(""), Route::Front);
        assert_eq!(Route::parse("#/"), Route::Front);
        assert_eq!(Route::parse("#/play"), Route::Play);
        assert_eq!(Route::parse("#/learn/"), Route::Exercises);
        assert_eq!(Route::parse("#/learn/keep-writing"), Route::Exercise("keep-writing".into()));
        assert_eq!(Route::parse("#/lesson/a-log"), Route::Lesson("a-log".into()));
        assert_eq!(Route::parse("#/lesson"), Route::Unknown("lesson".into()));
        assert_eq!(Route::parse("#/learn/tea/log"), Route::Exercise("tea/log".into()));
        assert_eq!(Route::parse("#/learn/tea/log/at/orders-1"), Route::Exercise("tea/log".into()));
        assert_eq!(Route::parse("#/pack"), Route::Pack(String::new()));
        assert_eq!(Route::parse("#/pack/AQ-_"), Route::Pack("AQ-_".into()));
        assert_eq!(Route::parse("#/terms"), Route::Terms);
        assert_eq!(Route::parse("#/terms/isr"), Route::Term("isr".into()));
        assert_eq!(Route::parse("#/interview/acks"), Route::Question("acks".into(), 0));
        assert_eq!(Route::parse("#/interview/acks/3"), Route::Question("acks".into(), 3));
        assert_eq!(Route::parse("#/interview/acks/x"), Route::Question("acks/x".into(), 0));
        assert_eq!(Route::parse("#/mock"), Route::Mock);
        assert_eq!(Route::parse("#/mock/4"), Route::MockQuestion(4));
        assert_eq!(Route::parse("#/mock/four"), Route::Unknown("mock/four".into()));
        assert_eq!(Route::parse("#/beliefs/x"), Route::Belief("x".into()));
        assert_eq!(Route::parse("#/play/at/orders-1/broker/2"), Route::Play);
        let exercise = Route::parse("#/learn/keep-writing/at/orders-1");
        assert_eq!(exercise, Route::Exercise("keep-writing".into()));
        assert_eq!(Route::parse("#/play/at/nonsense"), Route::Unknown("play".into()));
        assert_eq!(Route::parse("#/s/AQ-_"), Route::Shared("AQ-_".into()));
        assert_eq!(Route::parse("#/s/"), Route::Shared(String::new()));
        let class = |id: &str, room| Route::Class(id.to_owned(), room);
        assert_eq!(Route::parse("#/class"), Route::Classes);
        assert_eq!(Route::parse("#/class/logs"), class("logs", Room::Overview));
        assert_eq!(Route::parse("#/class/logs/3"), class("logs", Room::Scene(3)));
        assert_eq!(Route::parse("#/class/logs/3/at/orders-0"), class("logs", Room::Scene(3)));
        assert_eq!(Route::parse("#/class/tea/logs/notes"), class("tea/logs", Room::Notes));
        assert_eq!(Route::parse("#/class/tea/logs"), class("tea/logs", Room::Overview));
        assert_eq!(Route::parse("#/nowhere"), Route::Unknown("nowhere".into()));
    }
}
