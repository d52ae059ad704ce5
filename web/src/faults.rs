//! The tray of faults: all that can go wrong with the cluster, in one place, each with what it imitates; and what
//! is wrong now, each with its remedy.

use highwater_cluster::ids::NodeId;
use highwater_cluster::view::{BrokerState, ClusterView};
use leptos::prelude::*;

use crate::each::Each;
use crate::opened::Opened;
use crate::play::Desk;
use crate::texts::Text;

/// Something that can go wrong.
pub struct Fault {
    /// What it is called.
    pub name: Text,
    /// What it is at work.
    pub imitates: Text,
    /// The line that makes it, with `{a}` and perhaps `{b}` for the nodes that it befalls.
    pub line: &'static str,
}

/// What can go wrong, from what is seen daily to what is rare.
pub const FAULTS: [Fault; 14] = [
    Fault {
        name: text!("faults.stop-broker"),
        imitates: text!("faults.restart-that-was"),
        line: "broker stop {a}",
    },
    Fault {
        name: text!("faults.kill-broker"),
        imitates: text!("faults.out-memory-kill"),
        line: "broker kill {a}",
    },
    Fault {
        name: text!("faults.lose-power"),
        imitates: text!("faults.machine-gone-at"),
        line: "broker power-loss {a}",
    },
    Fault {
        name: text!("faults.pause-for-20"),
        imitates: text!("faults.long-garbage-collection"),
        line: "broker pause {a} --for 20s",
    },
    Fault {
        name: text!("faults.slow-disk"),
        imitates: text!("faults.neighbour-that-uses"),
        line: "broker slow-disk {a} --append 50ms",
    },
    Fault {
        name: text!("faults.full-disk"),
        imitates: text!("faults.retention-that-nobody"),
        line: "broker full-disk {a}",
    },
    Fault {
        name: text!("faults.clock-90-s"),
        imitates: text!("faults.ntp-that-no"),
        line: "broker clock {a} --skew -90s",
    },
    Fault {
        name: text!("faults.hide-from-metadata"),
        imitates: text!("faults.advertised-listeners-set"),
        line: "broker hide {a}",
    },
    Fault {
        name: text!("faults.cut-link"),
        imitates: text!("faults.firewall-rule-broken"),
        line: "network cut {a} {b}",
    },
    Fault {
        name: text!("faults.cut-link-one"),
        imitates: text!("faults.nastier-half-same"),
        line: "network cut {a} {b} --one-way",
    },
    Fault {
        name: text!("faults.delay-link-by"),
        imitates: text!("faults.far-region-line"),
        line: "network latency {a} {b} --add 300ms",
    },
    Fault {
        name: text!("faults.lose-10-on"),
        imitates: text!("faults.bad-cable-tcp"),
        line: "network loss {a} {b} --percent 10",
    },
    Fault {
        name: text!("faults.lose-answers-on"),
        imitates: text!("faults.connections-that-break"),
        line: "network duplicate {a} {b} --percent 20",
    },
    Fault {
        name: text!("faults.fail-store"),
        imitates: text!("faults.outage-of-cloud"),
        line: "remote-store fail",
    },
];

/// The button that opens the tray, with how much is wrong now.
#[component]
pub fn FaultTray() -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let remedies = Memo::new(move |_| sim.calm.with(|view| remedies(view)));
    let nodes = Memo::new(move |_| sim.calm.with(|view| nodes(view)));
    let first = RwSignal::new(String::new());
    let second = RwSignal::new(String::new());
    let chosen = move |which: RwSignal<String>, otherwise: usize| {
        let nodes = nodes.read();
        let wanted = which.read();
        let known = nodes.iter().find(|(word, _)| *word == *wanted).or(nodes.get(otherwise));
        known.map(|(word, _)| word.clone()).unwrap_or_default()
    };
    let line = move |fault: &Fault| {
        fault.line.replace("{a}", &chosen(first, 0)).replace("{b}", &chosen(second, 1))
    };
    let one = move |fault: &'static Fault| {
        let is_possible = move || {
            if fault.line.starts_with("remote-store") {
                return sim.calm.with(|view| view.remote.is_enabled && !view.remote.has_failed);
            }
            let of_broker = fault.line.starts_with("broker");
            let (a, b) = (chosen(first, 0), chosen(second, 1));
            if of_broker { !a.starts_with("controller") } else { a != b && !b.is_empty() }
        };
        view! {
            <li>
                <button type="button" disabled=move || !is_possible() on:click=move |_| sim.press(&line(fault))>{fault.name.say()}</button>
                <code>{move || line(fault)}</code>
                <p class="aside">{fault.imitates.say()}</p>
            </li>
        }
    };
    let once = RwSignal::new(false);
    view! {
        <button type="button" popovertarget="faults">
            {move || match remedies.read().len() {
                0 => t!("faults.faults").to_owned(),
                count => t!("faults.faults-now", count = count),
            }}
        </button>
        <div id="faults" class="menu tray" popover="auto" role="group" aria-label=t!("faults.faults") on:beforetoggle=move |_: web_sys::Event| once.set(true)>
            <Opened once>
            <h2>{t!("faults.wrong-now")}</h2>
            <Show when=move || !remedies.read().is_empty() fallback=|| view! { <p class="empty">{t!("faults.nothing-all-nodes")}</p> }>
                <ul class="actions">
                    <Each each=move || remedies.get() key=|remedy| remedy.clone() let((what, line))>
                        <Remedy what line/>
                    </Each>
                </ul>
            </Show>
            <h2>{t!("faults.what-can-go")}</h2>
            <p class="pick">
                <NodeChoice label=t!("faults.with") nodes chosen=Signal::derive(move || chosen(first, 0)) set=first/>
                <NodeChoice label=t!("faults.and-for-link") nodes chosen=Signal::derive(move || chosen(second, 1)) set=second/>
            </p>
            <ul class="fault-list">{FAULTS.iter().map(one).collect_view()}</ul>
            </Opened>
        </div>
    }
    .into_any()
}

#[component]
fn Remedy(what: String, line: String) -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let written = line.clone();
    view! {
        <li>
            <button type="button" on:click=move |_| sim.press(&line)>{what}</button>
            <code>{written}</code>
        </li>
    }
    .into_any()
}

#[component]
fn NodeChoice(
    label: &'static str,
    nodes: Memo<Vec<(String, String)>>,
    chosen: Signal<String>,
    set: RwSignal<String>,
) -> impl IntoView {
    view! {
        <label>
            {label}" "
            <select prop:value=move || chosen.get() on:change=move |event| set.set(event_target_value(&event))>
                <Each each=move || nodes.get() key=|node| node.clone() let((word, name))>
                    <option value=word.clone() selected=move || chosen.get() == word>{name}</option>
                </Each>
            </select>
        </label>
    }
    .into_any()
}

/// The nodes that can be hit: the word of a command line, and the name.
fn nodes(view: &ClusterView) -> Vec<(String, String)> {
    let brokers = view
        .brokers
        .iter()
        .map(|broker| (broker.id.to_string(), t!("faults.broker", broker = broker.id)));
    let controllers = view.controllers.iter().map(|controller| {
        (
            format!("controller{}", controller.id),
            t!("faults.controller", controller = controller.id),
        )
    });
    brokers.chain(controllers).collect()
}

/// What is wrong now: how it is made good, and the line that does it.
fn remedies(view: &ClusterView) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for broker in &view.brokers {
        let id = broker.id;
        let faults = [
            (
                broker.state == BrokerState::Stopped,
                t!("faults.start-broker"),
                format!("broker start {id}"),
            ),
            (broker.is_paused, t!("faults.let-go-on"), format!("broker resume {id}")),
            (
                broker.disk.append.0 > 0,
                t!("faults.make-fast-disk"),
                format!("broker slow-disk {id} --append 0ms"),
            ),
            (broker.disk.is_full, t!("faults.make-room-on"), format!("broker free-disk {id}")),
            (
                broker.clock_skew_ms != 0,
                t!("faults.set-right-clock"),
                format!("broker clock {id} --skew 0s"),
            ),
            (broker.is_hidden, t!("faults.list-again-broker"), format!("broker show {id}")),
        ];
        let found = faults.into_iter().filter(|(is_so, ..)| *is_so);
        all.extend(found.map(|(_, what, line)| (format!("{what} {id}"), line)));
    }
    for controller in view.controllers.iter().filter(|controller| !controller.is_running) {
        let id = controller.id;
        all.push((t!("faults.start-controller", id = id), format!("controller start {id}")));
    }
    if view.remote.has_failed {
        all.push((t!("faults.mend-store").to_owned(), "remote-store mend".to_owned()));
    }
    let cut = view.cut_links.iter().copied();
    let faulty = view.link_faults.iter().map(|link| (link.from, link.to));
    let mut links: Vec<(NodeId, NodeId)> =
        cut.chain(faulty).map(|(a, b)| if a <= b { (a, b) } else { (b, a) }).collect();
    links.sort_unstable();
    links.dedup();
    for (a, b) in links {
        if let (Some(a), Some(b)) = (word(view, a), word(view, b)) {
            all.push((t!("faults.heal", a = a, b = b), format!("network heal {a} {b}")));
        }
    }
    all
}

/// A node as command lines name it.
fn word(view: &ClusterView, node: NodeId) -> Option<String> {
    match node {
        NodeId::Broker(id) => Some(id.to_string()),
        NodeId::Controller(id) => Some(format!("controller{id}")),
        // What has ended has no links; commands are not named.
        NodeId::Client(id) => {
            let (_, name, _) =
                view.clients().find(|(one, _, is_closed)| *one == id && !is_closed)?;
            Some(name.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use highwater_cluster::time::Time;
    use highwater_scenario::session::Session;

    use super::{FAULTS, remedies};

    #[test]
    fn each_fault_is_a_line_that_runs_and_can_be_made_good() {
        for fault in &FAULTS {
            let line = fault.line.replace("{a}", "1").replace("{b}", "2");
            let mut session = Session::parse("highwater 1\nseed 1\ncluster --brokers 3\n").unwrap();
            session.advance(Time(1_000_000), u32::MAX);
            session.submit("panel", &line).unwrap_or_else(|error| panic!("{line}: {error}"));
            session.advance(Time(8_000_000), u32::MAX);
            let wrong = remedies(&session.view());
            assert!(!wrong.is_empty(), "{line}: nothing is wrong after it");
            for (_, remedy) in wrong {
                session
                    .submit("panel", &remedy)
                    .unwrap_or_else(|error| panic!("{remedy}: {error}"));
            }
            session.advance(Time(12_000_000), u32::MAX);
            let left = remedies(&session.view());
            assert!(left.is_empty(), "{line}: still wrong: {left:?}");
        }
    }

    #[test]
    fn the_link_of_a_client_can_be_healed_as_long_as_it_runs() {
        let script = "highwater 1\nseed 1\ncluster --brokers 3\n\
                      @1s t1> producer start p --topic a --rate 1\n@2s t1> network cut p 1\n";
        let mut session = Session::parse(script).unwrap();
        session.advance(Time(3_000_000), u32::MAX);
        let lines: Vec<String> =
            remedies(&session.view()).into_iter().map(|(_, line)| line).collect();
        assert_eq!(lines, ["network heal 1 p"]);
        session.submit("panel", "producer stop p").unwrap();
        session.advance(Time(60_000_000), u32::MAX);
        assert!(remedies(&session.view()).is_empty());
    }
}
