//! The strip of a replica: the last offsets of its log as cells, and the waterline among them.

use std::fmt::Write;

use highwater_cluster::ids::{BrokerId, TopicPartition};
use highwater_cluster::view::{BrokerState, BrokerView, ClusterView, ReplicaRole, ReplicaView};

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
            Self::Leader => "Leader",
            Self::Follower => "follower",
            Self::Behind => "out of sync",
            Self::Offline => "offline",
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

/// The cells of a strip as outlines: under the waterline, and above it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outlines {
    /// Up to the high watermark.
    pub under: String,
    /// From the high watermark on.
    pub above: String,
    /// Where the waterline is; none if it lies outside the window.
    pub waterline: Option<f64>,
    /// Where the last stable offset is; none if it lies outside the window, or at the waterline.
    pub stable: Option<f64>,
    /// A bracket over what belongs to open transactions, or stands between it.
    pub open: String,
    /// The notches under every fifth offset, by which the strip is seen to move.
    pub notches: String,
}

impl Strip {
    /// Draws the cells, each `cell` wide and `height` high.
    pub fn outlines(&self, cells: i64, cell: f64, height: f64) -> Outlines {
        let mut drawn = Outlines::default();
        for offset in self.from.max(self.log_start)..self.log_end.min(self.from + cells) {
            let x = (offset - self.from) as f64 * cell;
            let to = if offset < self.high_watermark { &mut drawn.under } else { &mut drawn.above };
            push_cell(to, x + 0.75, cell - 1.5, height);
            if offset % 5 == 0 {
                let _ = write!(drawn.notches, "M{:.1} {}v3", x + cell / 2.0, height + 2.0);
            }
        }
        if let Some(first) = self.open_from.filter(|_| self.log_end > self.from) {
            let from = (first - self.from).max(0) as f64 * cell + 1.0;
            let to = (self.log_end - self.from).min(cells) as f64 * cell - 1.0;
            let _ = write!(drawn.open, "M{from:.1} 0v-3H{to:.1}v3");
        }
        let waterline = (self.high_watermark - self.from) as f64 * cell;
        drawn.waterline =
            (0..=cells).contains(&(self.high_watermark - self.from)).then_some(waterline);
        let stable = self.last_stable.map(|stable| stable - self.from);
        drawn.stable = stable.filter(|at| (0..=cells).contains(at)).map(|at| at as f64 * cell);
        drawn
    }

    /// How far its end lies behind that of the longest replica, if it holds records but none of them
    /// is among the `cells` that its row shows.
    pub fn out_of_sight(&self, cells: i64) -> Option<i64> {
        let is_hidden = self.log_end <= self.from && self.log_end > self.log_start;
        is_hidden.then(|| self.from + cells - self.log_end)
    }

    /// The whole state in words.
    pub fn words(&self) -> String {
        let Self { role, high_watermark, log_end, .. } = self;
        let stable = self
            .last_stable
            .map_or_else(String::new, |stable| format!(", last stable offset {stable}"));
        let open = self.open_from.map_or_else(String::new, |first| {
            format!(", a transaction is open from offset {first}")
        });
        format!(
            "{}{open}{stable}, high watermark {high_watermark}, log end offset {log_end}",
            role.words()
        )
    }
}

/// A rectangle with slightly round corners.
fn push_cell(path: &mut String, x: f64, w: f64, height: f64) {
    const R: f64 = 1.5;
    let (w, h) = (w - 2.0 * R, height - 2.0 * R);
    let x = x + R;
    let _ = write!(
        path,
        "M{x:.2} 0h{w:.2}a{R} {R} 0 0 1 {R} {R}v{h}a{R} {R} 0 0 1 -{R} {R}h-{w:.2}a{R} {R} 0 0 1 -{R} -{R}v-{h}a{R} {R} 0 0 1 {R} -{R}z"
    );
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
        let drawn = strip.outlines(10, 14.0, 20.0);
        assert_eq!(drawn.under.matches('M').count(), 7);
        assert_eq!(drawn.above.matches('M').count(), 3);
        assert_eq!(drawn.waterline, Some(98.0));
        assert_eq!(drawn.stable, Some(56.0));
        assert_eq!(drawn.open, "M57.0 0v-3H139.0v3");
        assert_eq!(drawn.notches.matches('M').count(), 2);
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
        let drawn = strip.outlines(10, 14.0, 20.0);
        assert!(drawn.under.is_empty() && drawn.above.is_empty());
        assert_eq!(drawn.waterline, None);
        assert_eq!(strip.out_of_sight(10), Some(80));
    }
}
