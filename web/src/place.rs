//! Where the reader was last: a second visit goes on there.

use leptos::prelude::window;

use crate::learn::is_noted_solved;
use crate::packs;
use crate::route::Route;
use crate::save::storage;

const KEY: &str = "highwater.place";

/// A place to go back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its address, from the `#` on.
    pub address: String,
    /// What it is called.
    pub title: String,
}

/// Notes where the reader is.
pub fn note(route: &Route) {
    if title(route).is_some()
        && let Ok(hash) = window().location().hash()
    {
        // Where nothing can be stored, each visit begins at the front.
        let _ = storage::set(KEY, &hash);
    }
}

/// Where the reader was last, if there is such a place.
pub fn left() -> Option<Place> {
    let address = storage::get(KEY)?;
    let title = title(&Route::parse(&address))?;
    Some(Place { address, title })
}

/// Goes there, when the page was opened without saying where.
pub fn go_on() {
    let location = window().location();
    if location.hash().is_ok_and(|hash| hash.is_empty())
        && let Some(place) = left()
    {
        // Without a step in the history: "back" leaves the page, as it should.
        let _ = location.replace(&place.address);
    }
}

/// The name of a place that one goes on with; none for those that only lead on.
fn title(route: &Route) -> Option<String> {
    match route {
        Route::Play => Some(t!("place.free-play").to_owned()),
        // What is solved is not gone on with.
        Route::Exercise(id) if is_noted_solved(id) => None,
        Route::Exercise(id) => packs::exercise(id).map(|known| known.title.clone()),
        Route::Question(id, _) => packs::question(id).map(|known| known.title.clone()),
        Route::MockQuestion(_) => Some(t!("place.mock").to_owned()),
        _ => None,
    }
}
