//! The front page: what this is, three doors, and a cluster that lives beside them. It is no picture: the
//! engine plays it, and what is pressed there happens.

mod show;

pub use show::Stand;

use leptos::prelude::*;

use crate::looks::OtherLanguages;
use crate::place::{self, Place};
use show::Show as LiveShow;

/// The front page.
#[component]
pub fn Front() -> impl IntoView {
    view! {
        <main class="front">
            <div class="front-words">
                <h1>{t!("front.apache-kafka-in")}</h1>
                <p class="front-lead">
                    {t!("front.whole-cluster-runs")}
                </p>
                {place::left().map(|place| view! { <GoOn place/> })}
                <ul class="doors">
                    <Door href="#/learn" title=t!("front.learn")>
                        {t!("front.exercises-from-first")}
                    </Door>
                    <Door href="#/play" title=t!("front.play")>
                        {t!("front.empty-cluster-and")}
                    </Door>
                    <Door href="#/interview" title=t!("front.be-interviewed")>
                        {t!("front.questions-as-they")}
                    </Door>
                </ul>
                <p class="aside">{t!("front.free-no-account")} " " <a href="#/class">{t!("front.teach")}</a> <OtherLanguages/></p>
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
        <p class="go-on"><a class="button" href=place.address>{t!("front.go-on-with", title = place.title)}</a></p>
    }
    .into_any()
}
