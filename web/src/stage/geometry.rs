//! Where everything stands on the stage, in units that are pixels at a zoom of one.
//!
//! Brokers are columns, partitions are rows. Between the columns run corridors, above and below them
//! lanes: what flies keeps to these, and so never crosses a node that it does not visit.

use highwater_cluster::ids::{BrokerId, ClientId, ControllerId, GroupId, TopicPartition};

use super::measures::Measures;
use super::shape::{Row, Shape};

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Area {
    /// Its left edge.
    pub x: f64,
    /// Its upper edge.
    pub y: f64,
    /// Its width.
    pub w: f64,
    /// Its height.
    pub h: f64,
}

impl Area {
    /// Its right edge.
    pub fn right(self) -> f64 {
        self.x + self.w
    }

    /// Its lower edge.
    pub fn bottom(self) -> f64 {
        self.y + self.h
    }

    /// The middle of its width.
    pub fn middle(self) -> f64 {
        self.x + self.w / 2.0
    }
}

const CONTROLLER_H: f64 = 32.0;
const LANE_H: f64 = 36.0;
const HEAD_H: f64 = 44.0;
const NO_HEAD_H: f64 = 10.0;
const EMPTY_H: f64 = 128.0;
const CLIENT_H: f64 = 52.0;
const MEMBER_H: f64 = 74.0;
const GAP: f64 = 16.0;

/// What is said of a group, below its members: three lines.
pub const FRAME_FOOT: f64 = 66.0;
const FRAME_PADDING: f64 = 10.0;

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Geometry {
    /// The measures that it was made with.
    pub measures: Measures,
    /// How wide and high the stage is.
    pub size: (f64, f64),
    /// Where the names of the rows begin.
    pub labels_x: f64,
    /// The lane between controllers and brokers, and the one between brokers and clients.
    pub lanes: (f64, f64),
    /// The controllers.
    pub controllers: Vec<(ControllerId, Area)>,
    /// Where commands come from.
    pub terminal: Area,
    /// The brokers, with all their rows.
    pub brokers: Vec<(BrokerId, Area)>,
    /// The rows: their upper edges and heights.
    pub rows: Vec<(Row, f64, f64)>,
    /// The producers and consumers, each with the lane above it.
    pub clients: Vec<(ClientId, Area, f64)>,
    /// The frames of the groups.
    pub groups: Vec<(GroupId, Area)>,
    /// Further connections of clients from outside, each with the one that stands for the client.
    connections: Vec<(ClientId, ClientId)>,
}

impl Geometry {
    /// Finds a place for everything.
    pub fn new(shape: &Shape) -> Self {
        let mut m = Measures::of(shape.density, shape.is_narrow);
        let columns = shape.brokers.len().max(1) as f64;
        let room = m.least - 2.0 * m.margin - m.labels - m.corridor;
        let share = (room + m.corridor) / columns - m.corridor;
        m.column = m.column.max(share.min(m.widest));
        let matrix = columns * m.column + (columns - 1.0) * m.corridor;
        let around = 2.0 * m.margin + m.labels + m.corridor;
        let width = (matrix + around).max(m.least);
        // In the middle of the room that it has.
        let left = m.margin + m.labels + m.corridor / 2.0 + (width - matrix - around) / 2.0;
        let mut geometry = Self {
            measures: m,
            size: (width, 0.0),
            labels_x: left - m.corridor / 2.0 - m.labels + 12.0,
            lanes: (0.0, 0.0),
            controllers: Vec::new(),
            terminal: Area::default(),
            brokers: Vec::new(),
            rows: Vec::new(),
            clients: Vec::new(),
            groups: Vec::new(),
            connections: shape.connections.clone(),
        };
        let top = geometry.place_controllers(shape, left, matrix);
        let bottom = geometry.place_matrix(shape, left, top);
        let end = geometry.place_clients(shape, bottom);
        geometry.size.1 = end + m.margin;
        geometry
    }

    /// A broker's column.
    pub fn broker(&self, id: BrokerId) -> Option<Area> {
        find(&self.brokers, |(known, _)| *known == id).map(|(_, area)| *area)
    }

    /// A controller.
    pub fn controller(&self, id: ControllerId) -> Option<Area> {
        find(&self.controllers, |(known, _)| *known == id).map(|(_, area)| *area)
    }

    /// A producer or consumer, and the lane above it.
    pub fn client(&self, id: ClientId) -> Option<(Area, f64)> {
        let id =
            find(&self.connections, |(known, _)| *known == id).map_or(id, |(_, client)| *client);
        find(&self.clients, |(known, _, _)| *known == id).map(|(_, area, lane)| (*area, *lane))
    }

    /// The frame of a group.
    pub fn group(&self, id: &GroupId) -> Option<Area> {
        find(&self.groups, |(known, _)| known == id).map(|(_, area)| *area)
    }

    /// The upper edge of a row.
    pub fn row(&self, wanted: &Row) -> Option<f64> {
        let same = |row: &Row| match (row, wanted) {
            (Row::Partition(a), Row::Partition(b)) => a == b,
            (Row::Topic { topic: a, .. }, Row::Topic { topic: b, .. }) => a == b,
            _ => false,
        };
        find(&self.rows, |(row, _, _)| same(row)).map(|(_, y, _)| *y)
    }

    /// The middle of a partition's strips; the row of its topic if that is folded.
    pub fn strip_middle(&self, partition: &TopicPartition) -> Option<f64> {
        let own = self
            .rows
            .iter()
            .find(|(row, _, _)| matches!(row, Row::Partition(known) if known == partition));
        if let Some((_, y, _)) = own {
            return Some(y + self.measures.strip_y + self.measures.strip_h / 2.0);
        }
        let folded =
            |row: &Row| matches!(row, Row::Topic { topic, .. } if *topic == partition.topic);
        find(&self.rows, |(row, _, _)| folded(row)).map(|(_, y, h)| y + h / 2.0)
    }

    /// The rectangle of a replica's strip, with what is said above and below it.
    pub fn replica(&self, broker: BrokerId, row_y: f64) -> Option<Area> {
        let column = self.broker(broker)?;
        Some(Area {
            x: column.x + self.measures.padding,
            y: row_y,
            w: self.strip_width(),
            h: self.measures.row,
        })
    }

    /// How wide a strip is.
    pub fn strip_width(&self) -> f64 {
        self.measures.column - 2.0 * self.measures.padding
    }

    /// How wide one offset is.
    pub fn cell(&self) -> f64 {
        self.strip_width() / self.measures.cells as f64
    }

    /// Controllers stand beside the terminal, above the matrix if they can; where there is no room, in
    /// lines below it.
    fn place_controllers(&mut self, shape: &Shape, left: f64, matrix: f64) -> f64 {
        let m = self.measures;
        self.terminal = Area { x: m.margin, y: m.margin, w: m.terminal, h: CONTROLLER_H };
        let (least, most) = m.controller;
        let right = self.size.0 - m.margin;
        let beside = self.terminal.right() + GAP;
        let wide = |count: usize, w: f64| count as f64 * (w + GAP) - GAP;
        let count = shape.controllers.len().max(1);
        let fits = beside + wide(count, least) <= right;
        let from = if fits { beside } else { m.margin };
        let across = if fits {
            count
        } else {
            (((right - from + GAP) / (least + GAP)).floor() as usize).max(1)
        };
        let w = most.min((right - from + GAP) / across as f64 - GAP);
        let mut y = if fits { m.margin } else { m.margin + CONTROLLER_H + GAP };
        for line in shape.controllers.chunks(across) {
            let width = wide(line.len(), w);
            let x = (left + (matrix - width) / 2.0).min(right - width).max(from);
            for (index, id) in line.iter().enumerate() {
                let x = x + index as f64 * (w + GAP);
                self.controllers.push((*id, Area { x, y, w, h: CONTROLLER_H }));
            }
            y += CONTROLLER_H + GAP;
        }
        let bottom = self.controllers.last().map_or(self.terminal, |(_, area)| *area).bottom();
        self.lanes.0 = bottom + LANE_H / 2.0;
        bottom + LANE_H
    }

    fn place_matrix(&mut self, shape: &Shape, left: f64, top: f64) -> f64 {
        let m = self.measures;
        let mut y = top + if shape.names_brokers { HEAD_H } else { NO_HEAD_H };
        for row in &shape.rows {
            let h = if matches!(row, Row::Topic { .. }) { m.band } else { m.row };
            y += m.label_above;
            self.rows.push((row.clone(), y, h));
            y += h;
        }
        if shape.rows.is_empty() {
            y += EMPTY_H;
        }
        let bottom = y + 8.0;
        for (index, id) in shape.brokers.iter().enumerate() {
            let x = left + index as f64 * (m.column + m.corridor);
            self.brokers.push((*id, Area { x, y: top, w: m.column, h: bottom - top }));
        }
        self.lanes.1 = bottom + LANE_H / 2.0;
        bottom
    }

    /// Clients that stand alone first, then the groups, in as many lines as they need.
    fn place_clients(&mut self, shape: &Shape, bottom: f64) -> f64 {
        let m = self.measures;
        let right = self.size.0 - m.margin;
        let mut line = Line { x: m.margin, y: bottom + LANE_H, h: 0.0, lane: self.lanes.1 };
        for client in &shape.alone {
            line.make_room(m.client, m.margin, right);
            let y = line.y + FRAME_PADDING;
            self.clients.push((
                *client,
                Area { x: line.x, y, w: m.client, h: CLIENT_H },
                line.lane,
            ));
            line.take(m.client, CLIENT_H + 2.0 * FRAME_PADDING);
        }
        let room = right - m.margin - 2.0 * FRAME_PADDING + GAP;
        let across = ((room / (m.client + GAP)).floor() as usize).max(1);
        for (group, consumers) in &shape.groups {
            let wide = consumers.len().clamp(1, across);
            let deep = consumers.len().div_ceil(across).max(1);
            // Wide enough for what is said of the group.
            let w = (wide as f64 * (m.client + GAP) - GAP + 2.0 * FRAME_PADDING)
                .max(m.frame)
                .min(right - m.margin);
            let h = FRAME_PADDING + deep as f64 * (MEMBER_H + GAP) - GAP + FRAME_FOOT;
            line.make_room(w, m.margin, right);
            self.groups.push((group.clone(), Area { x: line.x, y: line.y, w, h }));
            for (index, client) in consumers.iter().enumerate() {
                let x = line.x + FRAME_PADDING + (index % across) as f64 * (m.client + GAP);
                let deeper = (index / across) as f64 * (MEMBER_H + GAP);
                let y = line.y + FRAME_PADDING + deeper;
                let lane = if deeper > 0.0 { y - GAP / 2.0 } else { line.lane };
                self.clients.push((*client, Area { x, y, w: m.client, h: MEMBER_H }, lane));
            }
            line.take(w, h);
        }
        line.y + line.h
    }
}

/// A line of clients while it is filled.
struct Line {
    x: f64,
    y: f64,
    h: f64,
    lane: f64,
}

impl Line {
    fn make_room(&mut self, w: f64, left: f64, right: f64) {
        if self.x > left && self.x + w > right {
            self.lane = self.y + self.h + GAP / 2.0;
            self.y += self.h + GAP;
            self.x = left;
            self.h = 0.0;
        }
    }

    fn take(&mut self, w: f64, h: f64) {
        self.x += w + GAP;
        self.h = self.h.max(h);
    }
}

fn find<T>(items: &[T], matches: impl Fn(&T) -> bool) -> Option<&T> {
    items.iter().find(|item| matches(item))
}

#[cfg(test)]
mod tests {
    use highwater_cluster::ids::TopicName;

    use super::*;
    use crate::stage::measures::Density;

    /// A shape with so many of everything; `sizes` are brokers, controllers, partitions, folded topics,
    /// clients that stand alone, and groups with their members.
    fn shape(sizes: [usize; 5], groups: &[usize], is_narrow: bool) -> Shape {
        let [brokers, controllers, partitions, folded, alone] = sizes;
        let topic = TopicName::from("orders");
        let mut rows: Vec<Row> = (0..partitions)
            .map(|index| Row::Partition(TopicPartition::new(&topic, index as i32)))
            .collect();
        rows.extend((0..folded).map(|index| Row::Topic {
            topic: TopicName::from(format!("topic-{index}").as_str()),
            partitions: 50,
            is_open: false,
            shown: 0,
        }));
        let mut next = (0..).map(ClientId);
        let mut take = |count: usize| next.by_ref().take(count).collect::<Vec<_>>();
        Shape {
            names_brokers: true,
            controllers: (0..controllers).map(|index| ControllerId(100 + index as i32)).collect(),
            brokers: (1..=brokers as i32).map(BrokerId).collect(),
            density: Density::of(brokers, is_narrow),
            rows,
            alone: take(alone),
            groups: groups
                .iter()
                .enumerate()
                .map(|(index, members)| {
                    (GroupId::from(format!("group-{index}").as_str()), take(*members))
                })
                .collect(),
            is_narrow,
            ..Shape::default()
        }
    }

    fn overlap(a: Area, b: Area) -> bool {
        a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom()
    }

    fn inside(a: Area, b: Area) -> bool {
        a.x >= b.x && a.y >= b.y && a.right() <= b.right() + 1e-9 && a.bottom() <= b.bottom() + 1e-9
    }

    /// Nothing stands upon anything else, outside the stage, or outside of what it belongs to.
    fn check(shape: &Shape) {
        let geometry = Geometry::new(shape);
        let what = format!("{shape:?}");
        let stage = Area { x: 0.0, y: 0.0, w: geometry.size.0, h: geometry.size.1 };
        let mut apart = vec![geometry.terminal];
        apart.extend(geometry.brokers.iter().map(|(_, area)| *area));
        apart.extend(geometry.controllers.iter().map(|(_, area)| *area));
        let frame_of = |area: Area| {
            geometry.groups.iter().map(|(_, frame)| *frame).find(|frame| overlap(area, *frame))
        };
        let members: usize = shape.groups.iter().map(|(_, members)| members.len()).sum();
        let framed: Vec<Area> = geometry
            .clients
            .iter()
            .map(|(_, area, _)| *area)
            .filter(|area| frame_of(*area).is_some())
            .collect();
        assert_eq!(framed.len(), members, "{what}");
        for area in &framed {
            let frame = frame_of(*area).unwrap();
            let room = Area { h: frame.h - FRAME_FOOT, ..frame };
            assert!(inside(*area, room), "{area:?} leaves its frame {frame:?} in {what}");
        }
        apart.extend(geometry.groups.iter().map(|(_, frame)| *frame));
        let alone = geometry.clients.iter().map(|(_, area, _)| *area);
        apart.extend(alone.filter(|area| frame_of(*area).is_none()));
        for all in [&apart, &framed] {
            for (index, a) in all.iter().enumerate() {
                assert!(inside(*a, stage), "{a:?} lies outside of {stage:?} in {what}");
                for b in &all[index + 1..] {
                    assert!(!overlap(*a, *b), "{a:?} and {b:?} in {what}");
                }
            }
        }
        let mut floor = geometry.brokers.first().map_or(0.0, |(_, area)| area.y);
        for (row, y, h) in &geometry.rows {
            assert!(*y >= floor, "{row:?} begins in the row above it in {what}");
            floor = y + h;
        }
        assert!(geometry.brokers.iter().all(|(_, area)| area.bottom() >= floor), "{what}");
    }

    #[test]
    fn nothing_stands_upon_anything_else_in_any_cluster() {
        // A little generator of its own: the same clusters in each run.
        let mut state: u64 = 7;
        let mut below = |most: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            ((state >> 33) % most) as usize
        };
        for round in 0..2_000 {
            let sizes = [below(13), below(8), below(40), below(9), below(9)];
            let groups: Vec<usize> = (0..below(6)).map(|_| below(14)).collect();
            check(&shape(sizes, &groups, round % 2 == 0));
        }
    }

    #[test]
    fn the_usual_clusters_need_no_scrolling_aside() {
        // What a stage has between its panels on a screen of 1440, and on a phone.
        for (brokers, is_narrow, room) in [
            (3, false, 800.0),
            (5, false, 792.0),
            (10, false, 792.0),
            (3, true, 390.0),
            (5, true, 390.0),
        ] {
            let width = Geometry::new(&shape([brokers, 3, 24, 1, 4], &[3; 4], is_narrow)).size.0;
            assert!(width <= room, "{brokers} brokers take {width}");
        }
    }

    #[test]
    fn ten_brokers_and_24_partitions_are_no_higher_than_two_screens() {
        let height = Geometry::new(&shape([10, 3, 24, 1, 4], &[3; 4], false)).size.1;
        assert!(height <= 1_800.0, "they take {height}");
    }
}
