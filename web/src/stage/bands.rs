//! A topic as a band: how many of its partitions stand how, and on each broker its replicas by what they are.

use std::fmt::Write;

use highwater_cluster::health::{self, Health};
use highwater_cluster::ids::{BrokerId, TopicName, TopicPartition};
use highwater_cluster::view::{BrokerState, BrokerView, ClusterView, TopicView};
use leptos::prelude::*;

use super::Scene;
use super::measures::Density;
use super::press::is_press;
use super::replica::CROWN;
use super::rows::{LabelHit, label_x, label_y, narrow_by};
use super::shape::Row;
use super::strip::{Role, find, role};
use crate::each::Each;
use crate::format::shorten;
use crate::subject::Subject;
use crate::texts::of_engine;

/// The height of the bar that parts the replicas by what they are.
const BAR: f64 = 12.0;

/// About the width of a letter of a topic's name, and of the words beside it.
const NAME_LETTER: f64 = 8.2;
const WORDS_LETTER: f64 = 6.2;

/// A topic whose partitions are folded away, or stand beneath.
#[component]
pub fn Band(topic: TopicName) -> impl IntoView {
    let scene = expect_context::<Scene>();
    let known = topic.clone();
    let y = Memo::new(move |_| {
        let geometry = scene.geometry.read();
        let own = |row: &Row| matches!(row, Row::Topic { topic, .. } if *topic == known);
        geometry.rows.iter().find(|(row, _, _)| own(row)).map_or(0.0, |(_, y, _)| *y)
    });
    let known = topic.clone();
    let is_open = Memo::new(move |_| scene.opened.read().contains(&known));
    let known = topic.clone();
    let is_narrow = Memo::new(move |_| scene.shape.read().is_narrow);
    let shown = Memo::new(move |_| {
        let view = scene.desk.sim.standing.read();
        let found = view.topics.iter().find(|topic| topic.name == known);
        found.map(|topic| standing(topic, !is_narrow.get())).unwrap_or_default()
    });
    let known = topic.clone();
    let full = Memo::new(move |_| {
        let view = scene.desk.sim.standing.read();
        let found = view.topics.iter().find(|topic| topic.name == known);
        found.map(|topic| standing(topic, false)).unwrap_or_default()
    });
    let press = {
        let topic = topic.clone();
        let select = scene.desk.selecting(Subject::Topic(topic.clone()));
        move || {
            scene.opened.update(|opened| {
                if !opened.remove(&topic) {
                    opened.insert(topic.clone());
                }
            });
            select();
        }
    };
    let by_key = press.clone();
    // The chevron takes the room of two letters.
    let long = topic.to_string();
    let said = move || in_one_line(&full.read());
    let x = move || label_x(scene) + narrow_by(scene, 14.0);
    let label = move || {
        let letters = scene.geometry.read().measures.letters - 2;
        if !is_narrow.get() {
            return shorten(&long, letters);
        }
        // How it stands is on the same line, at its end.
        let words = in_one_line(&shown.read()).chars().count() as f64 * WORDS_LETTER;
        let room = (words_end(scene) - words - x()) / NAME_LETTER - 1.0;
        shorten(&long, letters.min(room.max(5.0) as usize))
    };
    view! {
        <g class="node row-label folded" role="button" tabindex="0" aria-label=t!("stage.topic", topic = topic)
            aria-expanded=move || is_open.get().to_string()
            aria-description=said
            on:click=move |_| press()
            on:keydown=move |event| if is_press(&event) { by_key() }>
            <LabelHit y/>
        </g>
        <g class="drawn">
            <path class="chevron" d=move || if is_open.get() { "M-3 -2l4 4 4 -4" } else { "M-1 -4l4 4 -4 4" }
                transform=move || format!("translate({} {})", x() - 10.0, label_y(scene, y.get(), 20.0) - 4.0)/>
            <text class="row-name" x=x y=move || label_y(scene, y.get(), 20.0)>{label}</text>
            <StandingWords y standing=shown/>
        </g>
        <Each each=move || scene.shape.read().brokers.clone() key=|id| *id
            children=move |broker: BrokerId| view! { <Share broker topic=topic.clone() y/> }/>
    }
    .into_any()
}

/// How some partitions of a topic stand, in words, and whether something is wrong with them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Standing {
    words: String,
    warns: bool,
}

/// How many partitions stand how, the healthy first; in few letters below the name of a row.
fn standing(topic: &TopicView, is_short: bool) -> Vec<Standing> {
    let words = |health: Health| match health {
        Health::UnderReplicated if is_short => t!("stage.shrunken-isr"),
        _ => of_engine(health.words()),
    };
    let all = topic.partitions.len();
    match &health::tally(topic)[..] {
        [(Health::Healthy, _)] => {
            vec![Standing { words: t!("stage.all-healthy", count = all), warns: false }]
        }
        tally => tally
            .iter()
            .map(|(health, count)| Standing {
                words: t!("stage.so-many", count = count, what = words(*health)),
                warns: *health != Health::Healthy,
            })
            .collect(),
    }
}

fn in_one_line(standing: &[Standing]) -> String {
    standing.iter().map(|it| it.words.as_str()).collect::<Vec<_>>().join(", ")
}

/// The same below the name of the topic; on a narrow stage beside it.
#[component]
fn StandingWords(y: Memo<f64>, standing: Memo<Vec<Standing>>) -> impl IntoView {
    let scene = expect_context::<Scene>();
    move || {
        let said = standing.get();
        let is_narrow = scene.shape.read().is_narrow;
        if is_narrow {
            let troubled = said.iter().any(|it| it.warns);
            let x = words_end(scene);
            return view! {
                <text class="band-words" class:warns=troubled x=x y=y.get() - 5.0 text-anchor="end">{in_one_line(&said)}</text>
            }
            .into_any();
        }
        // The worst is the last: it is to be seen.
        let from = said.len().saturating_sub(2);
        let lines = said.into_iter().skip(from).enumerate().map(|(index, it)| {
            let at = y.get() + 36.0 + 15.0 * index as f64;
            view! { <text class="band-words" class:warns=it.warns x=label_x(scene) y=at>{it.words}</text> }
        });
        lines.collect_view().into_any()
    }
}

/// Where on a narrow stage the words on how a topic stands end.
fn words_end(scene: Scene) -> f64 {
    let geometry = scene.geometry.read();
    geometry.size.0 - geometry.measures.margin - 8.0
}

/// What a broker has of a topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Parts {
    leads: usize,
    follows: usize,
    behind: usize,
    offline: usize,
}

impl Parts {
    fn of(broker: &BrokerView, topic: &TopicView) -> Self {
        let mut parts = Self::default();
        let here = topic.partitions.iter().filter(|known| known.replicas.contains(&broker.id));
        for known in here {
            *parts.of_role(role_of(broker, &known.partition)) += 1;
        }
        parts
    }

    fn of_role(&mut self, role: Role) -> &mut usize {
        match role {
            Role::Leader => &mut self.leads,
            Role::Follower => &mut self.follows,
            Role::Behind => &mut self.behind,
            Role::Offline => &mut self.offline,
        }
    }

    fn all(self) -> usize {
        self.leads + self.follows + self.behind + self.offline
    }

    /// As many letters as there is room for.
    fn words(self, density: Density) -> String {
        let (all, leads) = (self.all(), self.leads);
        match density {
            _ if all == 0 => t!("stage.none").to_owned(),
            Density::Wide => {
                let of = |count: usize, what: &str| {
                    if count > 0 {
                        t!("stage.trouble", count = count, what = what)
                    } else {
                        String::new()
                    }
                };
                // What is the matter matters more.
                let trouble =
                    of(self.offline, t!("stage.offline")) + &of(self.behind, t!("stage.out-sync"));
                if trouble.is_empty() {
                    return t!("stage.here-leads", all = all, leads = leads);
                }
                t!("stage.here-trouble", all = all, trouble = trouble)
            }
            Density::Medium => t!("stage.all-leads", all = all, leads = leads),
            Density::Compact => format!("{leads}/{all}"),
        }
    }

    /// A bar of that width, as four outlines: leaders, followers, out of sync, offline.
    fn bars(self, width: f64) -> [String; 4] {
        let unit = width / self.all().max(1) as f64;
        let mut x = 0.0;
        [self.leads, self.follows, self.behind, self.offline].map(|count| {
            let mut path = String::new();
            let w = count as f64 * unit;
            if count > 0 {
                let _ = write!(path, "M{:.1} 0h{:.1}v{BAR}h-{:.1}z", x + 0.5, w - 1.0, w - 1.0);
            }
            x += w;
            path
        })
    }
}

fn role_of(broker: &BrokerView, partition: &TopicPartition) -> Role {
    match find(broker, partition) {
        Some(replica) => role(broker, replica),
        None if broker.state == BrokerState::Stopped => Role::Offline,
        // It was told of the partition, and has no log of it yet.
        None => Role::Behind,
    }
}

/// A broker's share of a topic.
#[component]
fn Share(broker: BrokerId, topic: TopicName, y: Memo<f64>) -> impl IntoView {
    let scene = expect_context::<Scene>();
    let parts = Memo::new(move |_| {
        let view: &ClusterView = &scene.desk.sim.standing.read();
        let known = view.topics.iter().find(|known| known.name == topic);
        let host = view.brokers.iter().find(|known| known.id == broker);
        known.zip(host).map(|(topic, host)| Parts::of(host, topic)).unwrap_or_default()
    });
    let bars = Memo::new(move |_| parts.get().bars(scene.geometry.read().strip_width()));
    let density = Memo::new(move |_| scene.shape.read().density);
    let place = move || {
        let geometry = scene.geometry.read();
        let x = geometry.replica(broker, 0.0).map_or(0.0, |area| area.x);
        let top = if geometry.measures.labels_stand_above() { 2.0 } else { 10.0 };
        format!("translate({x} {})", y.get() + top)
    };
    let has_crown = move || density.get() == Density::Compact && parts.get().all() > 0;
    view! {
        <g class="share drawn" transform=place>
            <Show when=has_crown><path class="crown" d=CROWN transform="translate(0 2.5)"/></Show>
            <text class="summary" x=move || if has_crown() { 15 } else { 0 } y="11">
                {move || parts.get().words(density.get())}
            </text>
            <g transform="translate(0 18)">
                {[("leads", 0), ("follows", 1), ("lags", 2), ("gone", 3)].map(|(class, index)| view! {
                    <path class=class d=move || bars.read()[index].clone()/>
                })}
            </g>
        </g>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_wide_as_its_cell() {
        let parts = Parts { leads: 8, follows: 14, behind: 1, offline: 1 };
        let bars = parts.bars(48.0);
        assert_eq!(bars[0], "M0.5 0h15.0v12h-15.0z");
        assert_eq!(bars[3], "M46.5 0h1.0v12h-1.0z");
        assert!(Parts::default().bars(48.0).iter().all(String::is_empty));
    }

    #[test]
    fn what_is_the_matter_comes_before_what_is_led() {
        let well = Parts { leads: 8, follows: 16, ..Parts::default() };
        assert_eq!(well.words(Density::Wide), "24 here, leads 8");
        assert_eq!(well.words(Density::Compact), "8/24");
        let gone = Parts { offline: 24, ..Parts::default() };
        assert_eq!(gone.words(Density::Wide), "24 here, 24 offline");
        assert_eq!(Parts::default().words(Density::Medium), "none");
    }
}
