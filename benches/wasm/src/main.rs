//! What Node calls: WebAssembly without a host has neither arguments nor a clock.

fn main() {
    highwater_benches_wasm::play();
}
