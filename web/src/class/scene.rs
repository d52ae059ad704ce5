//! One scene beside the stage: what the room reads, and what one key does next.

use highwater_cluster::time::Time;
use highwater_exercises::{Answer, Playlist, Question, Scene, Shown};
use highwater_standing::{Ballot, ClassStep, Held, steps};
use leptos::prelude::*;

use super::held::{self, Wish};
use super::keys;
use super::vote::{Outcome, Vote};
use crate::anatomy::place::Place;
use crate::interview::{LOOK_LEAD, LOOK_SPEED};
use crate::kept;
use crate::packs;
use crate::play::{Desk, Tab};
use crate::route;
use crate::save::Keeper;
use crate::shows::Shows;
use crate::sim::Sim;

/// How fast the run that refutes a belief is shown.
const BELIEF_SPEED: f64 = 1.0;

/// A question of a scene, with the answer that its run gave.
pub struct Asked {
    /// Which.
    pub question: &'static Question,
    /// What draws its numbers.
    pub draw: u32,
    /// What the run showed; none if it could not be played.
    pub answer: Option<Answer>,
}

/// A scene that is shown.
#[derive(Clone, Copy)]
struct Showing {
    playlist: &'static Playlist,
    scene: &'static Scene,
    asked: StoredValue<Option<Asked>>,
    steps: StoredValue<Vec<ClassStep>>,
    held: RwSignal<Held>,
    desk: Desk,
    keeper: Keeper,
}

/// One scene, as it stands on the left of the stage.
#[component]
pub fn ScenePanel(
    /// Of which playlist.
    playlist: &'static Playlist,
    /// Its place, from 0.
    place: usize,
) -> impl IntoView {
    let scene = playlist.scenes.get(place)?;
    let asked = match &scene.shown {
        Shown::Question { id, draw } => packs::question(id).map(|question| Asked {
            question,
            draw: *draw,
            answer: question.try_ask_drawn(&question.draw(u64::from(*draw))).ok(),
        }),
        _ => None,
    };
    let steps = steps(scene, asked.as_ref().map(|asked| asked.question));
    let now_ms = kept::clock().now_ms;
    let mut held = held::of(&playlist.id).unwrap_or_else(|| Held::begin(&playlist.id, now_ms));
    if held.scene != place {
        held.go_to(place, now_ms);
    }
    held.step = held.step.min(steps.len() - 1);
    let showing = Showing {
        playlist,
        scene,
        asked: StoredValue::new(asked),
        steps: StoredValue::new(steps),
        held: RwSignal::new(held),
        desk: expect_context::<Desk>(),
        keeper: expect_context::<Keeper>(),
    };
    showing.set_up();
    let act = move |wish| match wish {
        Wish::Forward => showing.forward(),
        Wish::Back => showing.back(),
    };
    keys::listen(act);
    held::hear(act, || ());
    Effect::new(move |_| held::keep(&showing.held.read()));
    Some(
        view! {
            <section class="guide scene" aria-label=t!("class.scene")>
                <p class="row-place"><a href=format!("#/class/{}", playlist.id)>{playlist.title.as_str()}</a></p>
                <h2 class="title">{scene.title.as_str()}</h2>
                <div class="text says" inner_html=scene.says_html.as_str()></div>
                <Body showing/>
                <div class="at-hand">
                    <p class="sources">
                        <button type="button" class="main" on:click=move |_| showing.forward()>{move || showing.next_words()}</button>
                        <button type="button" on:click=move |_| showing.back()>{t!("class.back")}</button>
                    </p>
                    <p class="aside">
                        {t!("class.scene-of", place = place + 1, all = playlist.scenes.len())}
                    </p>
                </div>
            </section>
        }
        .into_any(),
    )
}

impl Showing {
    /// What the desk shows while the scene is shown.
    fn set_up(self) {
        let Self { desk, scene, .. } = self;
        desk.presents.set(Some(""));
        let sim = desk.sim;
        if let Shown::Run(run) = &scene.shown {
            desk.shows.set(if run.shows.is_empty() { Shows::ALL } else { Shows::of(&run.shows) });
            let panel = Tab::ALL.iter().find(|(tab, _)| run.panel.as_deref() == Some(tab.name()));
            if let Some((tab, _)) = panel {
                desk.presents.set(Some(tab.name()));
                if *tab != Tab::Terminal {
                    desk.lower.set(*tab);
                }
            }
            if let Some(place) = Place::parse(&run.at).filter(|_| !run.at.is_empty()) {
                route::rename(&place.href(&route::page()));
                desk.place.set(Some(place));
            }
        }
        on_cleanup(move || {
            sim.stops_at.set(None);
            desk.presents.set(None);
        });
        // After a reload the scene stands where it was.
        Effect::new(move |before: Option<u32>| {
            let loaded = sim.loaded.get();
            if before.is_none() && self.held.read_untracked().step > 0 {
                self.stand();
            }
            loaded
        });
    }

    fn step(self) -> ClassStep {
        let step = self.held.read().step;
        self.steps.with_value(|steps| steps.get(step).copied()).unwrap_or(ClassStep::Stands)
    }

    /// Where the run of the step ends, if it has one.
    fn end(self, step: ClassStep) -> Option<Time> {
        match step {
            ClassStep::PlaysTo(at) => Some(Time(at)),
            ClassStep::Answers => self.run().map(|run| Time(run.until)),
            ClassStep::Refutes | ClassStep::Tells => {
                self.desk.sim.read(|session| session.script_end())
            }
            _ => None,
        }
    }

    fn run(self) -> Option<&'static highwater_exercises::Run> {
        self.asked.with_value(|asked| asked.as_ref().and_then(|asked| asked.question.run.as_ref()))
    }

    /// Whether the run of the step has come to its end.
    fn has_arrived(self, sim: Sim) -> bool {
        self.end(self.step()).is_none_or(|end| sim.clock.get() >= end)
    }

    /// What one key does: what is under way comes to its end at once, and else the next step begins.
    fn forward(self) {
        if !untrack(|| self.has_arrived(self.desk.sim)) {
            return self.stand();
        }
        let count = self.steps.with_value(Vec::len);
        let scene = self.held.read_untracked().scene;
        let mut has_moved = false;
        self.held.update(|held| {
            has_moved = held.forward(self.playlist, count, kept::clock().now_ms);
        });
        let now = self.held.read_untracked().scene;
        if !has_moved {
            route::go(&format!("#/class/{}", self.playlist.id));
        } else if now == scene {
            self.go();
        } else {
            self.show_scene();
        }
    }

    fn back(self) {
        let scene = self.held.read_untracked().scene;
        let mut has_moved = false;
        self.held.update(|held| has_moved = held.back(kept::clock().now_ms));
        if !has_moved {
            route::go(&format!("#/class/{}", self.playlist.id));
        } else if self.held.read_untracked().scene == scene {
            self.stand();
        } else {
            self.show_scene();
        }
    }

    fn show_scene(self) {
        let held = self.held.get_untracked();
        held::keep(&held);
        route::go(&format!("#/class/{}/{}", self.playlist.id, held.scene + 1));
    }

    /// Begins the step.
    fn go(self) {
        let sim = self.desk.sim;
        let step = untrack(|| self.step());
        match step {
            ClassStep::PlaysTo(at) => {
                if let Shown::Run(run) = &self.scene.shown {
                    sim.speed.set(f64::from(run.speed_percent) / 100.0);
                }
                sim.stops_at.set(Some(Time(at)));
                sim.play();
            }
            ClassStep::Refutes => {
                sim.speed.set(BELIEF_SPEED);
                sim.stops_at.set(self.end(step));
                sim.play();
            }
            ClassStep::Answers => self.show_answer(true),
            _ => {}
        }
    }

    /// Has all stand as it is at the end of the step.
    fn stand(self) {
        let sim = self.desk.sim;
        sim.pause();
        sim.stops_at.set(None);
        let step = untrack(|| self.step());
        match (step, &self.scene.shown) {
            (ClassStep::Stands, Shown::Run(run)) => sim.seek(Time(run.from)),
            (ClassStep::Claims, _) => sim.seek(Time::ZERO),
            (ClassStep::Asks | ClassStep::Discusses | ClassStep::AsksAgain, _) => {
                self.show_situation()
            }
            (ClassStep::Answers, _) => self.show_answer(false),
            _ => {
                if let Some(end) = self.end(step) {
                    sim.seek(end);
                }
            }
        }
    }

    /// The situation that is asked about, again.
    fn show_situation(self) {
        let Some(run) = self.run() else { return };
        let script = self.asked.with_value(|asked| {
            asked.as_ref().map(|asked| {
                asked.question.situation_drawn(&asked.question.draw(u64::from(asked.draw)))
            })
        });
        self.keeper.open_script(script.unwrap_or_default(), Time(run.shows), false);
    }

    /// The run that answers, played or at its end.
    fn show_answer(self, plays: bool) {
        let (Some(run), sim) = (self.run(), self.desk.sim) else { return };
        let script = self.asked.with_value(|asked| {
            asked.as_ref().and_then(|asked| Some(asked.answer.as_ref()?.script.clone()))
        });
        let Some(script) = script else { return };
        let until = Time(run.until);
        let from = if plays { Time(run.since.saturating_sub(LOOK_LEAD.0)) } else { until };
        sim.speed.set(LOOK_SPEED);
        self.keeper.open_script(script, from, plays);
        // Another script has no such moment of its own: it is set for this one.
        let at = plays.then_some(until);
        sim.stops_at.set(at);
    }

    /// What the next key does, in words.
    fn next_words(self) -> &'static str {
        let count = self.steps.with_value(Vec::len);
        if !self.has_arrived(self.desk.sim) {
            return t!("class.to-its-end");
        }
        let next = self.held.read().step + 1;
        match self.steps.with_value(|steps| steps.get(next).copied()) {
            Some(ClassStep::PlaysTo(_) | ClassStep::Refutes) => t!("class.let-it-run"),
            Some(ClassStep::Discusses) => t!("class.discuss"),
            Some(ClassStep::AsksAgain) => t!("class.vote-again"),
            Some(ClassStep::Answers) => t!("class.the-answer"),
            Some(ClassStep::Tells) => t!("class.what-is-so"),
            Some(_) => t!("class.on"),
            None if count > 0 && self.held.read().scene + 1 == self.playlist.scenes.len() => {
                t!("class.end")
            }
            None => t!("class.next-scene"),
        }
    }
}

/// The question or the belief of a scene.
#[component]
fn Body(showing: Showing) -> impl IntoView {
    let step = Memo::new(move |_| showing.step());
    let hands = move |is_second: bool, answer: usize, count: Option<u16>| {
        showing.held.update(|held| {
            let hands = held.hands.entry(held.scene).or_default().of_mut(is_second);
            match count {
                Some(count) => drop(hands.insert(answer, count)),
                None => drop(hands.remove(&answer)),
            }
        });
    };
    let counted = Memo::new(move |_| {
        let held = showing.held.read();
        held.hands.get(&held.scene).cloned().unwrap_or_default()
    });
    let has_arrived = Memo::new(move |_| showing.has_arrived(showing.desk.sim));
    let forward = Callback::new(move |()| showing.forward());
    let set = Callback::new(move |(is_second, answer, count)| hands(is_second, answer, count));
    match &showing.scene.shown {
        Shown::Question { .. } => showing
            .asked
            .with_value(|asked| {
                let asked = asked.as_ref()?;
                let (question, draw) = (asked.question, asked.draw);
                let drawn = question.draw(u64::from(draw));
                let ballot = asked.answer.as_ref().map(|answer| Ballot::of(question, answer));
                let ballot = ballot.unwrap_or(Ballot { answers: Vec::new(), right: Vec::new() });
                let answers = ballot.answers.iter().map(|text| question.with(text, &drawn));
                let ballot = Ballot { answers: answers.collect(), right: ballot.right };
                let answer = asked.answer.clone();
                let outcome = move || {
                    let is_told = step.get() == ClassStep::Answers && has_arrived.get();
                    is_told.then(|| {
                        let answer = answer.clone();
                        view! { <Outcome question draw answer/> }
                    })
                };
                Some(
                    view! {
                        <div class="text" inner_html=question.with(&question.text_html, &drawn)></div>
                        <Vote ballot step counted has_arrived set forward/>
                        <div role="status">{outcome}</div>
                    }
                    .into_any(),
                )
            })
            .unwrap_or_else(|| ().into_any()),
        Shown::Belief(id) => match packs::misconception(id) {
            Some(belief) => {
                let says = t!("led.belief", belief = belief.belief);
                let ballot =
                    Ballot { answers: vec![t!("class.so-it-is").into(), t!("class.not-so").into()], right: vec![1] };
                view! {
                    <p class="claim">{says}</p>
                    <Vote ballot step counted has_arrived set forward/>
                    <div role="status">
                        {move || (step.get() == ClassStep::Refutes).then(|| view! { <p>{belief.look.as_str()}</p> })}
                        {move || (step.get() == ClassStep::Tells).then(|| view! {
                            <div class="text" inner_html=belief.truth_html.as_str()></div>
                        })}
                    </div>
                }
                .into_any()
            }
            None => ().into_any(),
        },
        Shown::Words | Shown::Run(_) => ().into_any(),
    }
}
