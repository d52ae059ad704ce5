//! The programs that the commands need, each installed once into the project's own folders.

pub mod chromium;
pub mod node;
mod rust;
pub mod wasm_opt;

pub use rust::{trunk, wasm_bindgen, wasm_target};
