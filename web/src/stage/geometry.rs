//! Where everything stands on the stage, in units that are pixels at a zoom of one.
//!
//! Brokers are columns, partitions are rows. Between the columns run corridors, above and below them
//! lanes: what flies keeps to these, and so never crosses a node that it does not visit.

use highwater_cluster::ids::{BrokerId, ClientId, ControllerId, GroupId, TopicPartition};

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

/// The measures that a wide and a narrow stage differ in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measures {
    /// Around everything.
    pub margin: f64,
    /// The names of the rows, left of the matrix; none on a narrow stage, where they stand above.
    pub labels: f64,
    /// A broker.
    pub column: f64,
    /// Between two brokers.
    pub corridor: f64,
    /// Inside a broker, left and right.
    pub padding: f64,
    /// The offsets that a strip shows.
    pub cells: i64,
    /// The name above a row, on a narrow stage.
    pub label_above: f64,
    /// A producer or consumer.
    pub client: f64,
    /// The frame of a group, at least.
    pub frame: f64,
}

const WIDE: Measures = Measures {
    margin: 20.0,
    labels: 116.0,
    column: 172.0,
    corridor: 42.0,
    padding: 16.0,
    cells: 10,
    label_above: 0.0,
    client: 172.0,
    frame: 300.0,
};

const NARROW: Measures = Measures {
    margin: 10.0,
    labels: 0.0,
    column: 109.0,
    corridor: 14.0,
    padding: 8.0,
    cells: 8,
    label_above: 20.0,
    client: 150.0,
    frame: 170.0,
};

/// The height of a strip of offsets, and where it begins below its row's upper edge.
pub const STRIP_H: f64 = 20.0;
pub const STRIP_Y: f64 = 20.0;

const CONTROLLER_H: f64 = 32.0;
const LANE_H: f64 = 36.0;
const HEAD_H: f64 = 44.0;
const ROW_H: f64 = 64.0;
const TOPIC_ROW_H: f64 = 40.0;
const CLIENT_H: f64 = 52.0;
const GAP: f64 = 16.0;
const FRAME_FOOT: f64 = 28.0;
const FRAME_PADDING: f64 = 10.0;

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Geometry {
    /// The measures that it was made with.
    pub measures: Measures,
    /// How wide and high the stage is.
    pub size: (f64, f64),
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
}

impl Geometry {
    /// Finds a place for everything.
    pub fn new(shape: &Shape) -> Self {
        let m = if shape.is_narrow { NARROW } else { WIDE };
        let columns = shape.brokers.len().max(1) as f64;
        let left = m.margin + m.labels + m.corridor / 2.0;
        let matrix = columns * m.column + (columns - 1.0) * m.corridor;
        let width = left + matrix + m.corridor / 2.0 + m.margin;
        let mut geometry = Self {
            measures: m,
            size: (width, 0.0),
            lanes: (0.0, 0.0),
            controllers: Vec::new(),
            terminal: Area::default(),
            brokers: Vec::new(),
            rows: Vec::new(),
            clients: Vec::new(),
            groups: Vec::new(),
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
            return Some(y + STRIP_Y + STRIP_H / 2.0);
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
            h: ROW_H,
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

    fn place_controllers(&mut self, shape: &Shape, left: f64, matrix: f64) -> f64 {
        let m = self.measures;
        let count = shape.controllers.len().max(1) as f64;
        let w = if shape.is_narrow { 176.0 } else { 196.0_f64 }
            .min((matrix - (count - 1.0) * GAP) / count);
        let from = left + (matrix - count * w - (count - 1.0) * GAP) / 2.0;
        for (index, id) in shape.controllers.iter().enumerate() {
            let x = from + index as f64 * (w + GAP);
            self.controllers.push((*id, Area { x, y: m.margin, w, h: CONTROLLER_H }));
        }
        let w = if shape.is_narrow { 76.0 } else { 92.0 };
        self.terminal = Area { x: m.margin, y: m.margin, w, h: CONTROLLER_H };
        self.lanes.0 = m.margin + CONTROLLER_H + LANE_H / 2.0;
        m.margin + CONTROLLER_H + LANE_H
    }

    fn place_matrix(&mut self, shape: &Shape, left: f64, top: f64) -> f64 {
        let m = self.measures;
        let mut y = top + HEAD_H;
        for row in &shape.rows {
            let h = if matches!(row, Row::Topic { .. }) { TOPIC_ROW_H } else { ROW_H };
            y += m.label_above;
            self.rows.push((row.clone(), y, h));
            y += h;
        }
        if shape.rows.is_empty() {
            y += 2.0 * ROW_H;
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
            let w = (wide as f64 * (m.client + GAP) - GAP + 2.0 * FRAME_PADDING).max(m.frame);
            let h = FRAME_PADDING + deep as f64 * (CLIENT_H + GAP) - GAP + FRAME_FOOT;
            line.make_room(w, m.margin, right);
            self.groups.push((group.clone(), Area { x: line.x, y: line.y, w, h }));
            for (index, client) in consumers.iter().enumerate() {
                let x = line.x + FRAME_PADDING + (index % across) as f64 * (m.client + GAP);
                let deeper = (index / across) as f64 * (CLIENT_H + GAP);
                let y = line.y + FRAME_PADDING + deeper;
                let lane = if deeper > 0.0 { y - GAP / 2.0 } else { line.lane };
                self.clients.push((*client, Area { x, y, w: m.client, h: CLIENT_H }, lane));
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

    fn shape(is_narrow: bool) -> Shape {
        let topic = TopicName::from("orders");
        Shape {
            controllers: vec![ControllerId(101)],
            brokers: (1..=3).map(BrokerId).collect(),
            rows: (0..3).map(|index| Row::Partition(TopicPartition::new(&topic, index))).collect(),
            alone: vec![ClientId(0)],
            groups: vec![(GroupId::from("billing"), (1..=5).map(ClientId).collect())],
            is_narrow,
            ..Shape::default()
        }
    }

    #[test]
    fn nothing_stands_upon_anything_else() {
        for is_narrow in [false, true] {
            let geometry = Geometry::new(&shape(is_narrow));
            let mut areas: Vec<Area> = geometry.brokers.iter().map(|(_, area)| *area).collect();
            areas.extend(geometry.clients.iter().map(|(_, area, _)| *area));
            areas.extend(geometry.controllers.iter().map(|(_, area)| *area));
            for (index, a) in areas.iter().enumerate() {
                assert!(
                    a.x >= 0.0 && a.right() <= geometry.size.0 && a.bottom() <= geometry.size.1
                );
                for b in &areas[index + 1..] {
                    let apart = a.right() <= b.x
                        || b.right() <= a.x
                        || a.bottom() <= b.y
                        || b.bottom() <= a.y;
                    assert!(apart, "{a:?} and {b:?}");
                }
            }
        }
    }

    #[test]
    fn three_brokers_fit_a_phone() {
        let width = Geometry::new(&shape(true)).size.0;
        assert!(width <= 390.0, "it is {width} wide");
    }
}
