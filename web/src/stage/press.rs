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
