//! `seq`, `sleep` and `date`: what takes time, or tells it.

use highwater_cluster::ctx::Ctx;
use highwater_cluster::input::Input;
use highwater_cluster::program::Program;
use highwater_cluster::time::Span;
use highwater_cluster::timer::Timer;

use crate::command::Says;
use crate::java::log_time;
use crate::options::parse_duration;

/// How many numbers are printed at once, and after how long it goes on.
const AT_ONCE: u32 = 500;
const PAUSE: Span = Span(5_000);

/// The process for one of them.
pub(super) fn start(name: &str, arguments: Vec<String>) -> Box<dyn Program> {
    match name {
        "seq" => seq(&arguments),
        "sleep" => {
            let spans = arguments.iter().map(|text| {
                let bare = text.parse::<u32>().map(|seconds| u64::from(seconds) * 1_000_000);
                bare.ok().or_else(|| decimal(text)).or_else(|| parse_duration(text))
            });
            match spans.collect::<Option<Vec<u64>>>() {
                Some(spans) if !spans.is_empty() => {
                    let micros = spans.iter().fold(0_u64, |sum, span| sum.saturating_add(*span));
                    // Longer than a life: time could not be counted.
                    Box::new(Sleep(Span(micros.min(1 << 52))))
                }
                _ => Says::errors(
                    1,
                    [
                        format!("sleep: invalid time interval '{}'", arguments.join(" ")),
                        "Highwater: write seconds, such as: sleep 5".to_owned(),
                    ],
                ),
            }
        }
        _ => Box::new(Date(arguments)),
    }
}

/// Seconds with a part behind the point, in microseconds.
fn decimal(text: &str) -> Option<u64> {
    let (whole, part) = text.strip_suffix('s').unwrap_or(text).split_once('.')?;
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let part: u64 = format!("{part:0<6}").get(..6)?.parse().ok()?;
    whole.checked_mul(1_000_000)?.checked_add(part)
}

fn seq(arguments: &[String]) -> Box<dyn Program> {
    let numbers: Option<Vec<i64>> = arguments.iter().map(|text| text.parse().ok()).collect();
    let (first, step, last) = match numbers.as_deref() {
        Some([last]) => (1, 1, *last),
        Some([first, last]) => (*first, 1, *last),
        Some([first, step, last]) if *step != 0 => (*first, *step, *last),
        _ => {
            let message =
                "seq: write whole numbers: seq LAST, seq FIRST LAST or seq FIRST STEP LAST";
            return Says::errors(1, [message.to_owned()]);
        }
    };
    Box::new(Seq { next: Some(first), step, last })
}

#[derive(Clone, Debug)]
struct Seq {
    next: Option<i64>,
    step: i64,
    last: i64,
}

impl Program for Seq {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Interrupt => return ctx.exit(130),
            Input::Start | Input::Timer(_) => {}
            _ => return,
        }
        for _ in 0..AT_ONCE {
            let is_over =
                |next: i64| if self.step > 0 { next > self.last } else { next < self.last };
            let Some(next) = self.next.filter(|next| !is_over(*next)) else {
                return ctx.exit(0);
            };
            ctx.print(&next.to_string());
            if !ctx.is_alive() {
                return;
            }
            self.next = next.checked_add(self.step);
        }
        ctx.set_timer(PAUSE, Timer::Program(0));
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

#[derive(Clone, Debug)]
struct Sleep(Span);

impl Program for Sleep {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => {
                ctx.set_timer(self.0, Timer::Program(0));
            }
            Input::Timer(_) => ctx.exit(0),
            Input::Interrupt => ctx.exit(130),
            _ => {}
        }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

/// `date`, `date +%s` and `date +%s%3N`.
#[derive(Clone, Debug)]
struct Date(Vec<String>);

impl Program for Date {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        if !matches!(input, Input::Start) {
            return;
        }
        let now = ctx.timestamp();
        let shown = log_time(now);
        let (day, time) = shown.split_once(' ').unwrap_or((&shown, ""));
        let time = time.split(',').next().unwrap_or_default();
        let format = self.0.iter().find_map(|word| word.strip_prefix('+'));
        let text = match format {
            Some(format) => format
                .replace("%s%3N", &now.0.to_string())
                .replace("%s", &now.0.div_euclid(1_000).to_string())
                .replace("%3N", &format!("{:03}", now.0.rem_euclid(1_000)))
                .replace("%F", day)
                .replace("%T", time)
                .replace("%Y-%m-%d", day)
                .replace("%H:%M:%S", time),
            None => format!("{day} {time} UTC"),
        };
        ctx.print(&text);
        ctx.exit(0);
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}
