//! The browser's storage, which may be full or forbidden.

use leptos::prelude::window;
use web_sys::Storage;

/// Why nothing could be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageError {
    /// The browser does not let the page store anything.
    Forbidden,
    /// There is no room left.
    Full,
}

/// What is stored under a key.
pub fn get(key: &str) -> Option<String> {
    local()?.get_item(key).ok()?
}

/// Stores a text under a key.
pub fn set(key: &str, text: &str) -> Result<(), StorageError> {
    let storage = local().ok_or(StorageError::Forbidden)?;
    storage.set_item(key, text).map_err(|_| StorageError::Full)
}

/// Forgets what is stored under a key.
pub fn remove(key: &str) {
    if let Some(storage) = local() {
        let _ = storage.remove_item(key);
    }
}

/// The keys that begin so.
pub fn keys(prefix: &str) -> Vec<String> {
    let Some(storage) = local() else { return Vec::new() };
    let length = storage.length().unwrap_or(0);
    (0..length)
        .filter_map(|index| storage.key(index).ok()?)
        .filter(|key| key.starts_with(prefix))
        .collect()
}

/// What this tab alone remembers, over reloads too.
pub fn of_tab(key: &str) -> Option<String> {
    tab()?.get_item(key).ok()?
}

/// Lets this tab alone remember a text.
pub fn set_of_tab(key: &str, text: &str) {
    if let Some(storage) = tab() {
        let _ = storage.set_item(key, text);
    }
}

fn local() -> Option<Storage> {
    window().local_storage().ok()?
}

fn tab() -> Option<Storage> {
    window().session_storage().ok()?
}
