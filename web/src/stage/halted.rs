//! What stands over the stage when the run stands still: why, which line led there, and ways on.

use highwater_cluster::time::Time;
use leptos::prelude::*;

use crate::clipboard;
use crate::play::Desk;
use crate::save::Keeper;

/// Shown while a bound of the world is reached.
#[component]
pub fn Halted() -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let keeper = expect_context::<Keeper>();
    let copied = RwSignal::new(None);
    let without = move |number: u32| {
        keeper.open_script(without_line(&sim.script(), number), Time::ZERO, false);
    };
    move || {
        sim.halted.get().map(|halt| {
            let line = halt.line.map(|(number, text)| {
                view! {
                    <p class="halted-line"><code>{text}</code></p>
                    <button type="button" on:click=move |_| without(number)>
                        {t!("stage.begin-again-without", line = number)}
                    </button>
                }
            });
            view! {
                <div class="halted" role="alert">
                    <p>{halt.sentence}"."</p>
                    {line}
                    <button type="button" on:click=move |_| clipboard::copy(sim.script(), copied)>
                        {clipboard::label(copied, t!("stage.copy-scenario"))}
                    </button>
                </div>
            }
        })
    }
}

/// A script without one of its lines, which are counted from 1.
fn without_line(script: &str, number: u32) -> String {
    let lines = (1..).zip(script.lines()).filter(|(at, _)| *at != number);
    lines.map(|(_, line)| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn one_line_is_left_out() {
        assert_eq!(super::without_line("a\nb\nc\n", 2), "a\nc\n");
    }
}
