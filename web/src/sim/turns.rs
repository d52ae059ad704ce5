//! What of a view is published in which frame.
//!
//! A small cluster is published whole, thirty times a second. A large one has so many parts that follow a view that all of
//! them at once would take longer than a frame: there, each frame publishes one portion, and virtual time has less of it.

use highwater_cluster::view::ClusterView;

/// The milliseconds between two pictures of the cluster, and between two updates of text.
const VIEW_MS: f64 = 32.0;
const CALM_MS: f64 = 125.0;

/// The same for the text of a large cluster. It takes three frames: more often, and its strips would wait for it each round.
const LARGE_CALM_MS: f64 = 200.0;

/// In so many parts the strips of the stage follow a view.
pub const PARTS: usize = 4;

const ALL_PARTS: (usize, usize) = (0, PARTS);

/// With more strips or more clients a cluster is a large one.
const MOST_STRIPS: usize = 24;
const MOST_CLIENTS: usize = 12;

/// What a frame publishes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Portion {
    /// A new view is made.
    pub view: bool,
    /// The first part of the strips that follows it, and the one behind the last.
    pub parts: (usize, usize),
    /// The same for what is read out of the strips.
    pub words: (usize, usize),
    /// What stands on the stage.
    pub standing: bool,
    /// All that follows at the pace of text.
    pub calm: bool,
    /// The log.
    pub log: bool,
}

impl Portion {
    /// The picture of another moment: what is said of it follows in the next frames.
    pub const PICTURE: Self = Self {
        view: true,
        parts: ALL_PARTS,
        words: (0, 0),
        standing: true,
        calm: false,
        log: false,
    };

    /// Everything.
    pub const ALL: Self = Self {
        view: true,
        parts: ALL_PARTS,
        words: ALL_PARTS,
        standing: true,
        calm: true,
        log: true,
    };

    /// Whether it takes a good part of a frame.
    pub fn is_heavy(&self) -> bool {
        self.view || self.is_text()
    }

    /// Whether what follows it is text, or what stands where: what changes most of the page.
    pub fn is_text(&self) -> bool {
        self.standing || self.calm || self.log
    }
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Turns {
    is_large: bool,
    /// How many of the frames are to come that say of another moment what its picture does not.
    to_follow: u8,
    last_view: f64,
    last_calm: f64,
    /// In a large cluster: the view, then its parts, then what stands there, then the text, then the log and some words.
    turn: usize,
    /// The part whose words are next: one in each round.
    words: usize,
}

/// The turns of a large cluster, by their numbers; those of the parts are in between.
const VIEW: usize = 0;
const STANDING: usize = PARTS + 1;
const CALM: usize = PARTS + 2;
const LOG: usize = PARTS + 3;

impl Turns {
    /// Looks how large the cluster is.
    pub fn look(&mut self, view: &ClusterView) {
        let topics = view.topics.iter().filter(|topic| !topic.is_internal);
        let partitions = topics.flat_map(|topic| &topic.partitions);
        let strips: usize = partitions.map(|partition| partition.replicas.len()).sum();
        let clients = view.producers.len() + view.consumers.len() + view.apps.len();
        self.is_large = strips > MOST_STRIPS || clients > MOST_CLIENTS;
    }

    /// Whether portions are so large that playing has to make room for them.
    pub fn is_large(&self) -> bool {
        self.is_large
    }

    /// The picture of another moment was published.
    pub fn went_elsewhere(&mut self) {
        self.to_follow = 2;
    }

    /// What is still to be published of another moment; none if all of it is.
    pub fn follow(&mut self) -> Option<Portion> {
        self.to_follow = self.to_follow.checked_sub(1)?;
        let is_first = self.to_follow == 1;
        let words = if is_first { (0, 0) } else { ALL_PARTS };
        Some(Portion { calm: is_first, log: !is_first, words, ..Portion::default() })
    }

    /// What the frame at `now_ms` publishes.
    pub fn next(&mut self, now_ms: f64) -> Portion {
        if !self.is_large {
            let calm = now_ms - self.last_calm >= CALM_MS;
            if !calm && now_ms - self.last_view < VIEW_MS {
                return Portion::default();
            }
            self.last_view = now_ms;
            self.last_calm = if calm { now_ms } else { self.last_calm };
            let words = if calm { ALL_PARTS } else { (0, 0) };
            return Portion { standing: calm, calm, log: calm, words, ..Portion::ALL };
        }
        let turn = self.turn;
        self.turn += 1;
        match turn {
            VIEW => Portion { view: true, ..Portion::default() },
            STANDING if now_ms - self.last_calm >= LARGE_CALM_MS => {
                self.last_calm = now_ms;
                Portion { standing: true, ..Portion::default() }
            }
            CALM => Portion { calm: true, ..Portion::default() },
            LOG => {
                self.turn = VIEW;
                let words = (self.words, self.words + 1);
                self.words = words.1 % PARTS;
                Portion { log: true, words, ..Portion::default() }
            }
            STANDING.. => {
                self.turn = VIEW + 1;
                Portion { view: true, ..Portion::default() }
            }
            part => Portion { parts: (part - 1, part), ..Portion::default() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(turns: &mut Turns, count: u32) -> Vec<Portion> {
        (1..=count).map(|frame| turns.next(f64::from(frame) * 1_000.0 / 60.0)).collect()
    }

    #[test]
    fn a_small_cluster_is_published_whole() {
        let seen = frames(&mut Turns::default(), 60);
        assert_eq!(seen.iter().filter(|portion| portion.view).count(), 30);
        assert_eq!(seen.iter().filter(|portion| portion.calm).count(), 7);
        for portion in seen.iter().filter(|portion| portion.view) {
            assert_eq!(portion.parts, (0, PARTS));
        }
        assert!(seen.iter().all(|portion| portion.calm == portion.log));
    }

    #[test]
    fn what_is_said_of_another_moment_follows_its_picture() {
        let mut turns = Turns::default();
        assert_eq!(turns.follow(), None);
        turns.went_elsewhere();
        let followed: Vec<_> = std::iter::from_fn(|| turns.follow()).collect();
        let said = |portion: &Portion| (portion.view, portion.calm, portion.log);
        let said: Vec<_> = followed.iter().map(said).collect();
        assert_eq!(said, [(false, true, false), (false, false, true)]);
    }

    #[test]
    fn a_large_cluster_is_published_a_portion_a_frame() {
        // Two seconds of 60 frames each.
        let mut turns = Turns { is_large: true, ..Turns::default() };
        let seen = frames(&mut turns, 120);
        for portion in &seen {
            let parts = portion.parts.1 - portion.parts.0;
            let others = [portion.view, portion.standing, portion.calm, portion.log];
            let portions = parts + others.iter().filter(|is| **is).count();
            assert_eq!(portions, 1, "{portion:?}");
        }
        for part in 0..PARTS {
            let times = seen.iter().filter(|portion| portion.parts == (part, part + 1)).count();
            assert!((16..=24).contains(&times), "part {part}: {times} times");
        }
        for part in 0..PARTS {
            let times = seen.iter().filter(|portion| portion.words == (part, part + 1)).count();
            assert!((1..=3).contains(&times), "words of part {part}: {times} times");
        }
        let calm = seen.iter().filter(|portion| portion.calm).count();
        assert!((8..=10).contains(&calm), "{calm} times");
        // A new view comes before its parts: none is told twice of one view.
        let views = seen.iter().filter(|portion| portion.view).count();
        assert!((16..=24).contains(&views), "{views} times");
    }
}
