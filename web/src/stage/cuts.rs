//! Links that are cut: a broken line along the way that messages would take, crossed out in its middle. The tray of faults says
//! the same in words.

use highwater_cluster::ids::NodeId;
use leptos::prelude::*;

use super::Scene;
use super::geometry::Geometry;
use super::ways;

/// The links that can be told apart; more would be a carpet.
const MOST: usize = 32;

/// Half the width of the cross.
const CROSS: f64 = 6.0;

/// The links that are cut, drawn where they would run.
#[component]
pub fn Cuts() -> impl IntoView {
    let scene = expect_context::<Scene>();
    let cut = Memo::new(move |_| scene.desk.sim.standing.with(|view| pairs(&view.cut_links)));
    // Without any, which is nearly always, nothing is needed to draw them.
    let lines = move || {
        let cut = cut.read();
        (!cut.is_empty()).then(|| drawn(&cut, &scene.geometry.read()))
    };
    view! { <g class="cuts drawn" aria-hidden="true">{lines}</g> }.into_any()
}

#[inline(never)]
fn drawn(cut: &[(NodeId, NodeId)], geometry: &Geometry) -> AnyView {
    let drawn = cut.iter().filter_map(|(a, b)| {
        let way = ways::way(geometry, *a, *b, None, false);
        let (x, y) = ways::at(&way, 0.5)?;
        let cross =
            format!("M{:.1} {:.1}l{w} {w}m0 -{w}l-{w} {w}", x - CROSS, y - CROSS, w = 2.0 * CROSS);
        Some(view! {
            <path class="cut" d=ways::line(&way)/>
            <path class="cut-cross" d=cross/>
        })
    });
    drawn.collect_view().into_any()
}

/// Each pair once, whichever way it is cut.
fn pairs(cut: &[(NodeId, NodeId)]) -> Vec<(NodeId, NodeId)> {
    let mut pairs: Vec<_> = cut.iter().map(|(a, b)| (*a.min(b), *a.max(b))).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs.truncate(MOST);
    pairs
}

#[cfg(test)]
mod tests {
    use highwater_cluster::ids::BrokerId;

    use super::*;

    #[test]
    fn a_link_that_is_cut_both_ways_is_drawn_once() {
        let (one, two) = (NodeId::Broker(BrokerId(1)), NodeId::Broker(BrokerId(2)));
        assert_eq!(pairs(&[(two, one), (one, two)]), [(one, two)]);
        let all: Vec<_> = (2..90).map(|id| (one, NodeId::Broker(BrokerId(id)))).collect();
        assert_eq!(pairs(&all).len(), MOST);
    }
}
