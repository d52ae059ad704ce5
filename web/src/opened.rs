//! What lies folded is made when it is first opened: a first visit neither makes it nor loads what makes it.

use leptos::prelude::*;

use crate::media::once_whole;

/// What stands in a popover or dialog, from when it is first opened.
#[component]
pub fn Opened(
    /// Whether it was opened once.
    #[prop(into)]
    once: Signal<bool>,
    /// What stands in it.
    children: ChildrenFn,
) -> impl IntoView {
    view! { <Show when=move || once.get()>{children()}</Show> }.into_any()
}

/// What can wait until the module is whole: it comes a moment after the first picture, by itself.
#[component]
pub fn Following(
    /// What follows.
    children: ChildrenFn,
) -> impl IntoView {
    let is_whole = RwSignal::new(false);
    once_whole(move || {
        is_whole.try_set(true);
    });
    view! { <Opened once=is_whole children/> }.into_any()
}
