//! The strip of a replica: the last offsets of its log as cells, and the waterline among them.

use std::fmt::Write;

use highwater_cluster::ids::{BrokerId, TopicPartition};
use highwater_cluster::view::{BrokerState, BrokerView, ClusterView, ReplicaRole, ReplicaView};

use crate::shows::{Shown, Shows};

/// What a replica is, as it is drawn and said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It leads.
    Leader,
    /// It follows, and is in the ISR.
    Follower,
    /// It follows, and is not in the ISR.
    Behind,
    /// Its broker does not run, or it has nobody to follow.
    Offline,
}

impl Role {
    /// The role in a letter, where there is room for no more; the leader has a crown.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Leader | Self::Follower => "",
            Self::Behind => "!",
            Self::Offline => "\u{d7}",
        }
    }

    /// The role in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Leader => t!("stage.leader"),
            Self::Follower => t!("stage.follower"),
            Self::Behind => t!("stage.out-sync"),
            Self::Offline => t!("stage.offline"),
        }
    }
}

/// A replica as it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// What it is.
    pub role: Role,
    /// The first offset of the row's window.
    pub from: i64,
    /// Where the log starts, what is committed, and where the log ends.
    pub log_start: i64,
    /// The last stable offset, where it lies below the high watermark: a transaction is open.
    pub last_stable: Option<i64>,
    /// The high watermark.
    pub high_watermark: i64,
    /// The log end offset.
    pub log_end: i64,
    /// Where the first transaction begins that is open in it.
    pub open_from: Option<i64>,
}

/// The replica of a partition on a broker, in the window of offsets that its row shows.
pub fn strip(
    view: &ClusterView,
    broker: BrokerId,
    partition: &TopicPartition,
    cells: i64,
) -> Option<Strip> {
    let replica_of =
        |broker: &BrokerView| find(broker, partition).map(|replica| replica.log_end_offset.0);
    let end = view.brokers.iter().filter_map(replica_of).max().unwrap_or(0);
    let host = view.brokers.iter().find(|known| known.id == broker)?;
    let replica = find(host, partition)?;
    Some(Strip {
        role: role(host, replica),
        from: (end - cells).max(0),
        log_start: replica.log_start_offset.0,
        last_stable: Some(replica.last_stable_offset.0)
            .filter(|stable| *stable < replica.high_watermark.0),
        high_watermark: replica.high_watermark.0,
        log_end: replica.log_end_offset.0,
        open_from: replica.open_transactions.iter().map(|(_, first)| first.0).min(),
    })
}

/// A broker's replica of a partition.
pub fn find<'a>(broker: &'a BrokerView, partition: &TopicPartition) -> Option<&'a ReplicaView> {
    let index =
        broker.replicas.binary_search_by(|replica| replica.partition.cmp(partition)).ok()?;
    broker.replicas.get(index)
}

/// What a replica is, as it is drawn and said.
pub fn role(broker: &BrokerView, replica: &ReplicaView) -> Role {
    match replica.role {
        _ if broker.state == BrokerState::Stopped => Role::Offline,
        ReplicaRole::Offline => Role::Offline,
        ReplicaRole::Leader => Role::Leader,
        ReplicaRole::Follower if replica.in_sync => Role::Follower,
        ReplicaRole::Follower => Role::Behind,
    }
}

/// What a strip shows, in cells from the left edge of its window. While records come in and are committed this often stays
/// as it is, for the window moves along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// The cells below the high watermark: the first, and the one behind the last.
    pub under: (i64, i64),
    /// Those from the high watermark on.
    pub above: (i64, i64),
    /// Where the waterline is; none if it lies outside the window.
    pub waterline: Option<i64>,
    /// Where the last stable offset is; none if it lies outside the window, or at the waterline.
    pub stable: Option<i64>,
    /// What belongs to open transactions, or stands between it.
    pub open: Option<(i64, i64)>,
}

/// Under every so many-th offset stands a notch, by which the strip is seen to move.
const NOTCHED: i64 = 5;

impl Strip {
    /// What is shown in a window of so many cells.
    pub fn cut(&self, cells: i64) -> Cut {
        let begin = (self.log_start - self.from).max(0);
        let end = (self.log_end - self.from).min(cells).max(begin);
        let water = self.high_watermark - self.from;
        let within = |at: &i64| (0..=cells).contains(at);
        let open = self.open_from.filter(|_| self.log_end > self.from);
        Cut {
            under: (begin, water.clamp(begin, end)),
            above: (water.clamp(begin, end), end),
            waterline: Some(water).filter(within),
            stable: self.last_stable.map(|stable| stable - self.from).filter(within),
            open: open.map(|first| ((first - self.from).max(0), end)),
        }
    }

    /// The cells with a notch under them: the first, and the one behind the last that may have one.
    pub fn notched(&self, cells: i64) -> (i64, i64) {
        let Cut { under, above, .. } = self.cut(cells);
        let first = self.from + under.0;
        (under.0 + (NOTCHED - first.rem_euclid(NOTCHED)).rem_euclid(NOTCHED), above.1)
    }

    /// How far its end lies behind that of the longest replica, if it holds records but none of them
    /// is among the `cells` that its row shows.
    pub fn out_of_sight(&self, cells: i64) -> Option<i64> {
        let is_hidden = self.log_end <= self.from && self.log_end > self.log_start;
        is_hidden.then(|| self.from + cells - self.log_end)
    }

    /// The state in words, as far as it is shown.
    pub fn words(&self, shows: Shows) -> String {
        let Self { role, high_watermark, log_end, .. } = self;
        if !shows.has(Shown::HighWatermark) {
            return t!("stage.log-end-offset", log_end = log_end);
        }
        let stable = self.last_stable.filter(|_| shows.has(Shown::LastStableOffset));
        let stable = stable.map_or_else(String::new, |stable| {
            t!("stage.last-stable-offset-stable", stable = stable)
        });
        let open = self.open_from.filter(|_| shows.has(Shown::Transactions));
        let open =
            open.map_or_else(String::new, |first| t!("stage.transaction-open-from", first = first));
        t!(
            "stage.high-watermark-log",
            role = role.words(),
            open = open,
            stable = stable,
            high_watermark = high_watermark,
            log_end = log_end
        )
    }
}

/// Cells, each `cell` wide and `height` high, with slightly round corners.
pub fn draw_cells((from, to): (i64, i64), cell: f64, height: f64) -> String {
    const R: f64 = 1.5;
    let (w, h) = (cell - 1.5 - 2.0 * R, height - 2.0 * R);
    let body = format!(
        "h{w:.2}a{R} {R} 0 0 1 {R} {R}v{h}a{R} {R} 0 0 1 -{R} {R}h-{w:.2}a{R} {R} 0 0 1 -{R} -{R}v-{h}a{R} {R} 0 0 1 {R} -{R}z"
    );
    repeated((from..to).count(), from as f64 * cell + 0.75 + R, 0.0, cell, &body)
}

/// The notches under the cells from one on, as [`Strip::notched`] gives them.
pub fn draw_notches((first, behind): (i64, i64), cell: f64, height: f64) -> String {
    let count = (first..behind).step_by(NOTCHED as usize).count();
    let body = "v3m0 -3";
    repeated(count, (first as f64 + 0.5) * cell, height + 2.0, NOTCHED as f64 * cell, body)
}

/// A bracket over what belongs to open transactions.
pub fn draw_open(open: Option<(i64, i64)>, cell: f64) -> String {
    open.map_or_else(String::new, |(from, to)| {
        format!("M{:.1} 0v-3H{:.1}v3", from as f64 * cell + 1.0, to as f64 * cell - 1.0)
    })
}

/// One drawing several times, each so far from the one before. It must end where it begins.
fn repeated(count: usize, x: f64, y: f64, by: f64, body: &str) -> String {
    let mut path = String::new();
    if count > 0 {
        let _ = write!(path, "M{x:.2} {y}");
        path.push_str(body);
        let next = format!("m{by:.2} 0");
        for _ in 1..count {
            path.push_str(&next);
            path.push_str(body);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_parted_by_the_waterline() {
        let strip = Strip {
            role: Role::Leader,
            from: 34,
            log_start: 0,
            last_stable: Some(38),
            high_watermark: 41,
            log_end: 44,
            open_from: Some(38),
        };
        let cut = strip.cut(10);
        assert_eq!(cut.under, (0, 7));
        assert_eq!(cut.above, (7, 10));
        assert_eq!((cut.waterline, cut.stable), (Some(7), Some(4)));
        assert_eq!(draw_open(cut.open, 14.0), "M57.0 0v-3H139.0v3");
        assert_eq!(draw_cells(cut.under, 14.0, 20.0).matches('z').count(), 7);
        // Under the offsets 35 and 40.
        assert_eq!(strip.notched(10), (1, 10));
        assert_eq!(draw_notches((1, 10), 14.0, 20.0), "M21.00 22v3m0 -3m70.00 0v3m0 -3");
    }

    #[test]
    fn what_moves_along_looks_the_same() {
        let at = |end: i64| Strip {
            role: Role::Follower,
            from: end - 10,
            log_start: 0,
            last_stable: None,
            high_watermark: end - 2,
            log_end: end,
            open_from: None,
        };
        assert_eq!(at(20).cut(10), at(1_003).cut(10));
        assert_ne!(at(20).notched(10), at(21).notched(10));
    }

    #[test]
    fn a_replica_far_behind_shows_no_cells() {
        let strip = Strip {
            role: Role::Behind,
            from: 90,
            log_start: 0,
            last_stable: None,
            high_watermark: 10,
            log_end: 20,
            open_from: None,
        };
        let cut = strip.cut(10);
        assert!(draw_cells(cut.under, 14.0, 20.0).is_empty());
        assert!(draw_cells(cut.above, 14.0, 20.0).is_empty());
        assert_eq!(cut.waterline, None);
        assert_eq!(strip.out_of_sight(10), Some(80));
    }

    #[test]
    fn a_log_that_starts_late_begins_late() {
        let strip = Strip {
            role: Role::Leader,
            from: 0,
            log_start: 3,
            last_stable: None,
            high_watermark: 5,
            log_end: 8,
            open_from: None,
        };
        let cut = strip.cut(10);
        assert_eq!((cut.under, cut.above), ((3, 5), (5, 8)));
        assert_eq!(strip.notched(10), (5, 8));
    }
}
