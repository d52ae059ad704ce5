//! The programs that the commands need, each installed once into the project's own folders.

pub mod chromium;
pub mod kcat;
pub mod node;
pub mod python;
mod rust;
mod system;
pub mod wasm_opt;

pub use rust::{trunk, wasm_bindgen, wasm_target};
