//! Lists on the page, all drawn by one piece of code.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use leptos::prelude::{AnyView, For, ForProps, IntoAny, IntoView, component};

/// Draws something for each of many things, and keeps what it drew for as long as a thing with the same key is there.
///
/// As [`For`], which is compiled anew for every list: there is what compares the old keys with the new ones, and what
/// moves elements about. Here each list brings only what tells its keys and draws its things.
#[component]
pub fn Each<T, K, V>(
    /// The things, in their order.
    each: impl Fn() -> Vec<T> + Send + 'static,
    /// What makes a thing the same thing as before; no two have the same.
    key: impl Fn(&T) -> K + Send + 'static,
    /// Draws one.
    children: impl Fn(T) -> V + Send + Sync + 'static,
) -> AnyView
where
    T: Send + 'static,
    K: Hash,
    V: IntoView + 'static,
{
    let draw = Arc::new(move |thing| children(thing).into_any());
    list(Box::new(move || {
        let listed = each().into_iter().map(|thing| {
            let mut hasher = DefaultHasher::new();
            key(&thing).hash(&mut hasher);
            let draw = Arc::clone(&draw);
            Listed { key: hasher.finish(), draw: Box::new(move || draw(thing)) }
        });
        listed.collect()
    }))
}

/// One thing of a list, whatever it is.
struct Listed {
    /// Stands for the key: of 64 bits, so that two of a page never have the same by chance.
    key: u64,
    draw: Box<dyn FnOnce() -> AnyView + Send>,
}

fn list(each: Box<dyn Fn() -> Vec<Listed> + Send>) -> AnyView {
    For(ForProps::builder()
        .each(each)
        .key(|listed: &Listed| listed.key)
        .children(|listed: Listed| (listed.draw)())
        .build())
    .into_any()
}
