//! What lies folded is made when it is first opened: a first visit neither makes it nor loads what makes it.

use leptos::prelude::*;

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
