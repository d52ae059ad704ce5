//! Things on the stage that are pressed like buttons.

use leptos::ev::KeyboardEvent;

/// Whether a key presses what has the focus. If so, the key does nothing else.
pub fn is_press(event: &KeyboardEvent) -> bool {
    let presses = matches!(event.key().as_str(), "Enter" | " ");
    if presses {
        event.prevent_default();
        event.stop_propagation();
    }
    presses
}

thread_local! {
    static IS_MENU: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Presses a thing for what can be done with it: it is inspected, never opened.
pub fn press_for_menu(element: &web_sys::Element) {
    // Parts of a drawing cannot be clicked but by an event.
    let how = web_sys::MouseEventInit::new();
    how.set_bubbles(true);
    let Ok(click) = web_sys::MouseEvent::new_with_mouse_event_init_dict("click", &how) else {
        return;
    };
    IS_MENU.set(true);
    let _ = element.dispatch_event(&click);
    IS_MENU.set(false);
}

/// Whether what is pressed now is pressed for what can be done with it.
pub fn is_for_menu() -> bool {
    IS_MENU.get()
}
