//! The ways that messages take: along lanes and corridors, with round corners.

use highwater_cluster::ids::{BrokerId, NodeId, TopicPartition};

use super::geometry::{Area, Geometry};

/// A point of a way, with the length of the way up to it.
pub type Point = (f64, f64, f64);

/// The radius of corners.
const CORNER: f64 = 12.0;

/// The way from one node to another, for a message about a partition. Empty if one of them is not
/// on the stage.
pub fn way(
    geometry: &Geometry,
    from: NodeId,
    to: NodeId,
    partition: Option<&TopicPartition>,
    is_response: bool,
) -> Vec<Point> {
    let apart = geometry.measures.apart;
    let aside = if is_response { apart } else { -apart };
    let corners = match (from, to) {
        (NodeId::Broker(a), NodeId::Broker(b)) => between_brokers(geometry, a, b, partition, aside),
        (NodeId::Client(_) | NodeId::Controller(_), NodeId::Broker(b)) => {
            to_broker(geometry, from, b, partition, aside)
        }
        (NodeId::Broker(a), NodeId::Client(_) | NodeId::Controller(_)) => {
            to_broker(geometry, to, a, partition, aside).map(|mut corners| {
                corners.reverse();
                corners
            })
        }
        (NodeId::Controller(a), NodeId::Controller(b)) => {
            let (a, b) = (geometry.controller(a), geometry.controller(b));
            a.zip(b)
                .map(|(a, b)| vec![(a.middle(), a.y + a.h / 2.0), (b.middle(), b.y + b.h / 2.0)])
        }
        _ => None,
    };
    corners.map(|corners| rounded(&corners)).unwrap_or_default()
}

/// The place at a share of the way: 0 to 1.
pub fn at(way: &[Point], share: f64) -> Option<(f64, f64)> {
    at_from(way, share, &mut 0)
}

/// A way as the data of a path; none if it leads nowhere.
pub fn line(way: &[Point]) -> Option<String> {
    let points: Vec<String> = way.iter().map(|(x, y, _)| format!("{x:.1} {y:.1}")).collect();
    (!points.is_empty()).then(|| format!("M{}", points.join("L")))
}

/// The same, looked for from a piece of the way on: the one where it was found last.
pub fn at_from(way: &[Point], share: f64, piece: &mut u16) -> Option<(f64, f64)> {
    let length = way.last()?.2 * share;
    let mut begin = usize::from(*piece).min(way.len().checked_sub(2)?);
    if way[begin].2 >= length {
        begin = 0;
    }
    while begin + 2 < way.len() && way[begin + 1].2 < length {
        begin += 1;
    }
    *piece = u16::try_from(begin).unwrap_or(0);
    let (a, b) = (way[begin], way[begin + 1]);
    let part = if b.2 > a.2 { (length - a.2) / (b.2 - a.2) } else { 0.0 };
    Some((a.0 + (b.0 - a.0) * part, a.1 + (b.1 - a.1) * part))
}

fn between_brokers(
    geometry: &Geometry,
    a: BrokerId,
    b: BrokerId,
    partition: Option<&TopicPartition>,
    aside: f64,
) -> Option<Vec<(f64, f64)>> {
    let (from, to) = (geometry.broker(a)?, geometry.broker(b)?);
    let y = port_y(geometry, from, partition) + aside;
    let corridor = geometry.measures.corridor;
    let is_right = to.x > from.x;
    let (exit, entry) = if is_right { (from.right(), to.x) } else { (from.x, to.right()) };
    if (entry - exit).abs() <= corridor + 1.0 {
        return Some(vec![(exit, y), (entry, y)]);
    }
    // Around the brokers between them, over the upper lane.
    let toward = if is_right { corridor / 2.0 } else { -corridor / 2.0 };
    let (out, back) = (exit + toward + aside, entry - toward + aside);
    let lane = geometry.lanes.0 + aside;
    Some(vec![(exit, y), (out, y), (out, lane), (back, lane), (back, y), (entry, y)])
}

/// From a client or controller to a broker.
fn to_broker(
    geometry: &Geometry,
    node: NodeId,
    broker: BrokerId,
    partition: Option<&TopicPartition>,
    aside: f64,
) -> Option<Vec<(f64, f64)>> {
    let column = geometry.broker(broker)?;
    let above = |area: Area| {
        let (x, lane) = (area.middle() + aside, geometry.lanes.0 + aside);
        vec![
            (x, area.bottom()),
            (x, lane),
            (column.middle() + aside, lane),
            (column.middle() + aside, column.y),
        ]
    };
    let client = match node {
        NodeId::Controller(id) => return geometry.controller(id).map(above),
        NodeId::Client(id) => id,
        NodeId::Broker(_) => return None,
    };
    // What is no producer and no consumer is a command.
    let Some((area, lane)) = geometry.client(client) else { return Some(above(geometry.terminal)) };
    let is_producer = !geometry.groups.iter().any(|(_, frame)| {
        frame.y < area.y && frame.x < area.x && frame.right() > area.x && frame.bottom() > area.y
    });
    let half = geometry.measures.corridor / 2.0;
    // What is written comes in from the left, what is read leaves on the right.
    let (corridor, edge) = if is_producer {
        (column.x - half, column.x)
    } else {
        (column.right() + half, column.right())
    };
    let (x, up) = (area.middle() + aside, corridor + aside);
    let y = port_y(geometry, column, partition) + aside;
    let lane = lane + aside;
    if (lane - geometry.lanes.1).abs() <= geometry.measures.apart {
        return Some(vec![(x, area.y), (x, lane), (up, lane), (up, y), (edge, y)]);
    }
    // From a lower line of clients, along the edge of the stage.
    let (side, main) = (geometry.measures.margin / 2.0, geometry.lanes.1 + aside);
    Some(vec![(x, area.y), (x, lane), (side, lane), (side, main), (up, main), (up, y), (edge, y)])
}

/// Where a way meets a broker: at the strip of the partition, else at its head.
fn port_y(geometry: &Geometry, column: Area, partition: Option<&TopicPartition>) -> f64 {
    partition.and_then(|partition| geometry.strip_middle(partition)).unwrap_or(column.y + 22.0)
}

/// Straight lines with round corners, as short straight pieces.
fn rounded(corners: &[(f64, f64)]) -> Vec<Point> {
    const PIECES: usize = 5;
    let mut way: Vec<Point> = Vec::with_capacity(corners.len() * (PIECES + 1));
    for (index, corner) in corners.iter().enumerate() {
        let before = index.checked_sub(1).map(|index| corners[index]);
        let (Some(before), Some(after)) = (before, corners.get(index + 1)) else {
            push(&mut way, *corner);
            continue;
        };
        let (enter, leave) = (toward(*corner, before), toward(*corner, *after));
        for piece in 0..=PIECES {
            let t = piece as f64 / PIECES as f64;
            let bend = |a: f64, b: f64, c: f64| {
                (1.0 - t).powi(2) * a + 2.0 * t * (1.0 - t) * b + t.powi(2) * c
            };
            push(&mut way, (bend(enter.0, corner.0, leave.0), bend(enter.1, corner.1, leave.1)));
        }
    }
    way
}

/// A point near a corner, on the line to another.
fn toward(corner: (f64, f64), other: (f64, f64)) -> (f64, f64) {
    let (dx, dy) = (other.0 - corner.0, other.1 - corner.1);
    let length = dx.hypot(dy).max(0.001);
    let part = (CORNER / length).min(0.5);
    (corner.0 + dx * part, corner.1 + dy * part)
}

fn push(way: &mut Vec<Point>, (x, y): (f64, f64)) {
    let length = way.last().map_or(0.0, |last| last.2 + (x - last.0).hypot(y - last.1));
    way.push((x, y, length));
}

#[cfg(test)]
mod tests {
    use highwater_cluster::ids::ClientId;

    use super::*;
    use crate::stage::shape::Shape;

    #[test]
    fn a_way_between_far_brokers_goes_around_the_one_between() {
        let shape = Shape { brokers: (1..=3).map(BrokerId).collect(), ..Shape::default() };
        let geometry = Geometry::new(&shape);
        let middle = geometry.broker(BrokerId(2)).unwrap();
        let (from, to) = (NodeId::Broker(BrokerId(1)), NodeId::Broker(BrokerId(3)));
        let way = way(&geometry, from, to, None, false);
        assert!(!way.is_empty());
        for share in 0..=100 {
            let (x, y) = at(&way, f64::from(share) / 100.0).unwrap();
            let inside = x > middle.x && x < middle.right() && y > middle.y && y < middle.bottom();
            assert!(!inside, "{x} {y}");
        }
    }

    #[test]
    fn it_does_not_matter_from_where_a_place_is_looked_for() {
        let way = rounded(&[(0.0, 0.0), (100.0, 0.0), (100.0, 80.0), (20.0, 80.0)]);
        for share in [0.0, 0.1, 0.5, 0.99, 1.0] {
            for from in 0..way.len() as u16 + 2 {
                assert_eq!(
                    at_from(&way, share, &mut from.clone()),
                    at(&way, share),
                    "{share} {from}"
                );
            }
        }
        assert_eq!(at(&way, 0.0), Some((0.0, 0.0)));
        assert_eq!(at(&way, 1.0), Some((20.0, 80.0)));
        assert_eq!(at(&way[..1], 0.5), None);
    }

    #[test]
    fn commands_come_from_the_terminal() {
        let shape = Shape { brokers: vec![BrokerId(1)], ..Shape::default() };
        let geometry = Geometry::new(&shape);
        let way =
            way(&geometry, NodeId::Client(ClientId(9)), NodeId::Broker(BrokerId(1)), None, false);
        assert_eq!(way[0].1, geometry.terminal.bottom());
    }
}
