//! The front page: what this is, three doors, and a cluster that lives beside them. It is no picture: the
//! engine plays it, and what is pressed there happens.

mod show;

pub use show::Stand;

use leptos::prelude::*;

use crate::place::{self, Place};
use show::Show as LiveShow;

/// The front page.
#[component]
pub fn Front() -> impl IntoView {
    view! {
        <main class="front">
            <div class="front-words">
                <h1>"Apache Kafka in a browser tab"</h1>
                <p class="front-lead">
                    "A whole cluster runs in this page: brokers, controllers, producers, consumer groups, and Kafka's own protocol between them. Break it. Stop time, step back, and see why it did what it did."
                </p>
                {place::left().map(|place| view! { <GoOn place/> })}
                <ul class="doors">
                    <Door href="#/learn" title="Learn">
                        "Exercises from the first record on. The cluster itself checks what you did, and says what is still missing."
                    </Door>
                    <Door href="#/play" title="Play">
                        "An empty cluster and your own ideas. Type Kafka's command lines, or press: each button shows the line it writes."
                    </Door>
                    <Door href="#/interview" title="Be interviewed">
                        "Questions as they are asked at work. The engine computes the answer, and plays you the proof."
                    </Door>
                </ul>
                <p class="aside">"Free, no account. Nothing that you do here leaves this browser."</p>
            </div>
            <LiveShow/>
        </main>
    }
    .into_any()
}

/// A way into the page.
#[component]
fn Door(href: &'static str, title: &'static str, children: Children) -> impl IntoView {
    view! {
        <li>
            <a class="door" href=href>
                <strong>{title}</strong>
                <span>{children()}</span>
                <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true"><path d="M4 10h11 M10.5 5l5 5 -5 5"/></svg>
            </a>
        </li>
    }
    .into_any()
}

/// The way back to what was left.
#[component]
fn GoOn(place: Place) -> impl IntoView {
    view! {
        <p class="go-on"><a class="button" href=place.address>{format!("Go on with: {}", place.title)}</a></p>
    }
    .into_any()
}
