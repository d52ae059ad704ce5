//! The questions of a playlist, for each student with numbers of their own.

use highwater_exercises::{Playlist, Question};
use serde::{Deserialize, Serialize};

use crate::mock::{Mock, Slot};
use crate::shuffle::next;

/// A class has at most so many students.
pub const MOST_STUDENTS: u32 = 500;

/// So many numbers are tried until they are others than the neighbour's.
const MOST_TRIES: u64 = 32;

/// Whose work it is, and of which playlist.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Work {
    /// The playlist, by id.
    pub playlist: String,
    /// The student's number in the class, from 1.
    pub student: u32,
    /// What the student is called; may be empty.
    pub name: String,
}

impl Work {
    /// The questions of the playlist, with the numbers of this student. Each question is asked once.
    pub fn begin(
        self,
        playlist: &Playlist,
        find: impl Fn(&str) -> Option<&'static Question>,
    ) -> Mock {
        let mut slots: Vec<Slot> = Vec::new();
        for (id, _) in playlist.questions() {
            let Some(question) = find(id).filter(|_| slots.iter().all(|slot| slot.question != id))
            else {
                continue;
            };
            slots.push(Slot::new(id, draw_of(question, self.student)));
        }
        let class = Some(self);
        Mock { began_ms: 0, tells: false, is_timed: false, slots, is_ended: false, class }
    }
}

/// What draws a question's numbers for a student: others than those of the students before and after, if there are others.
pub fn draw_of(question: &Question, student: u32) -> u32 {
    let count = question.draws().len();
    let mut before = None;
    let mut draw = 0;
    for number in 0..=student.min(MOST_STUDENTS) {
        let mut state = u64::from(number);
        draw = (next(&mut state) >> 40) as u32;
        for _ in 0..MOST_TRIES {
            if before != Some(Question::place_of(u64::from(draw), count)) {
                break;
            }
            draw = (next(&mut state) >> 40) as u32;
        }
        before = Some(Question::place_of(u64::from(draw), count));
    }
    draw
}
