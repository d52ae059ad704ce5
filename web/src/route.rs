//! Addresses: everything after the `#`, so that the page works in any folder of any file server.

use crate::anatomy::place::{self, Place};
use leptos::ev;
use leptos::prelude::{GetUntracked, RwSignal, Set, window, window_event_listener};

/// A place in the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `#/`: what this is, and where to begin.
    Front,
    /// `#/play`: the cluster, free to use.
    Play,
    /// `#/learn`: the list of exercises.
    Exercises,
    /// `#/learn/ID`: an exercise beside the cluster.
    Exercise(String),
    /// `#/interview`: the list of questions.
    Questions,
    /// `#/interview/ID`: a question that the cluster answers.
    Question(String),
    /// `#/about`.
    About,
    /// `#/s/WORD`: a scenario that somebody has shared.
    Shared(String),
    /// Anything else.
    Unknown(String),
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
            ("learn", None) => Self::Exercises,
            ("learn", Some(id)) => Self::Exercise(id.to_owned()),
            ("interview", None) => Self::Questions,
            ("interview", Some(id)) => Self::Question(id.to_owned()),
            ("about", None) => Self::About,
            ("s", word) => Self::Shared(word.unwrap_or_default().to_owned()),
            _ => Self::Unknown(path.to_owned()),
        }
    }

    /// What the browser's tab says.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Front => "Highwater: Apache Kafka in a browser tab",
            Self::Play => "Play · Highwater",
            Self::Exercises | Self::Exercise(_) => "Learn · Highwater",
            Self::Questions | Self::Question(_) => "Interview · Highwater",
            Self::About => "About · Highwater",
            Self::Shared(_) => "A shared scenario · Highwater",
            Self::Unknown(_) => "Not found · Highwater",
        }
    }
}

/// Where the page is, as a signal that follows the address.
pub fn follow() -> RwSignal<Route> {
    let route = RwSignal::new(current());
    let listener = window_event_listener(ev::hashchange, move |event| {
        // A step to another place below the cluster stays on the page. An event of the page's own making says
        // that the page is to be shown anew.
        let now = current();
        if route.get_untracked() != now || !event.is_trusted() {
            route.set(now);
        }
    });
    leptos::prelude::on_cleanup(move || listener.remove());
    route
}

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
    use super::Route;

    #[test]
    fn addresses_are_read() {
        assert_eq!(Route::parse(""), Route::Front);
        assert_eq!(Route::parse("#/"), Route::Front);
        assert_eq!(Route::parse("#/play"), Route::Play);
        assert_eq!(Route::parse("#/learn/"), Route::Exercises);
        assert_eq!(Route::parse("#/learn/keep-writing"), Route::Exercise("keep-writing".into()));
        assert_eq!(Route::parse("#/interview/acks"), Route::Question("acks".into()));
        assert_eq!(Route::parse("#/play/at/orders-1/broker/2"), Route::Play);
        let exercise = Route::parse("#/learn/keep-writing/at/orders-1");
        assert_eq!(exercise, Route::Exercise("keep-writing".into()));
        assert_eq!(Route::parse("#/play/at/nonsense"), Route::Unknown("play".into()));
        assert_eq!(Route::parse("#/s/AQ-_"), Route::Shared("AQ-_".into()));
        assert_eq!(Route::parse("#/s/"), Route::Shared(String::new()));
        assert_eq!(Route::parse("#/nowhere"), Route::Unknown("nowhere".into()));
    }
}
