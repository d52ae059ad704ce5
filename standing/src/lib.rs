//! What somebody knows, what is due, and what is next: all of it follows from the deeds that the page noted, from the
//! content, and from a clock that is handed in. It keeps nothing, and knows nothing of the screen.
#![forbid(unsafe_code)]

mod bank;
mod beliefs;
mod class;
mod clock;
mod concepts;
mod evening;
mod mock;
mod next;
mod practice;
mod progress;
mod queue;
mod recall;
mod shuffle;
mod skills;

pub use bank::{Asks, Filter, ROLES, find, minutes_for};
pub use beliefs::{OfBelief, Shown, beliefs};
pub use class::{
    Answered, Ballot, Class, Hands, Held, MOST_STUDENTS, OfQuestion, OfStudent, Results,
    ResultsRefused, Share, Step as ClassStep, Work, draw_of, steps,
};
pub use clock::{Clock, Day};
pub use concepts::{concept_name, concepts_of};
pub use evening::{Planned, Reason, What, evening};
pub use mock::{Judged, Line, Mock, Report, Review, Slot};
pub use next::{Next, suggest};
pub use practice::{Kind, Practice};
pub use progress::{Mended, Merge, Progress, Refused};
pub use queue::{Queue, queue, wrong_last};
pub use recall::{Recall, schedule};
pub use skills::{Skill, Step, skills};
