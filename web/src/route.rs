//! Addresses: everything after the `#`, so that the page works in any folder of any file server.

use leptos::ev;
use leptos::prelude::{RwSignal, Set, window, window_event_listener};

/// A place in the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `#/play`, and `#/`: the cluster, free to use.
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
        let path = hash.trim_start_matches('#').trim_matches('/');
        let mut parts = path.splitn(2, '/');
        match (parts.next().unwrap_or_default(), parts.next()) {
            ("" | "play", None) => Self::Play,
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
            Self::Play => "Highwater",
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
    let listener = window_event_listener(ev::hashchange, move |_| route.set(current()));
    leptos::prelude::on_cleanup(move || listener.remove());
    route
}

fn current() -> Route {
    Route::parse(&window().location().hash().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::Route;

    #[test]
    fn addresses_are_read() {
        assert_eq!(Route::parse(""), Route::Play);
        assert_eq!(Route::parse("#/"), Route::Play);
        assert_eq!(Route::parse("#/play"), Route::Play);
        assert_eq!(Route::parse("#/learn/"), Route::Exercises);
        assert_eq!(Route::parse("#/learn/keep-writing"), Route::Exercise("keep-writing".into()));
        assert_eq!(Route::parse("#/interview/acks"), Route::Question("acks".into()));
        assert_eq!(Route::parse("#/s/AQ-_"), Route::Shared("AQ-_".into()));
        assert_eq!(Route::parse("#/s/"), Route::Shared(String::new()));
        assert_eq!(Route::parse("#/nowhere"), Route::Unknown("nowhere".into()));
    }
}
