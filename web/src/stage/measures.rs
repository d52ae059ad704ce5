//! How large the parts of the stage are drawn: as large as the brokers leave room for.

/// How much room there is for each broker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Density {
    /// Up to three or four brokers: everything is written out.
    #[default]
    Wide,
    /// Up to five: words are left out that the marks say too.
    Medium,
    /// More, up to ten without scrolling: a crown for the leader, the log end offset, and a short strip.
    Compact,
}

impl Density {
    /// What is drawn large has less room.
    pub fn presented(self) -> Self {
        if self == Self::Wide { Self::Medium } else { self }
    }

    /// What so many brokers leave room for.
    pub fn of(brokers: usize, is_narrow: bool) -> Self {
        let (wide, medium) = if is_narrow { (0, 3) } else { (3, 5) };
        match brokers {
            count if count <= wide => Self::Wide,
            count if count <= medium => Self::Medium,
            _ => Self::Compact,
        }
    }
}

/// The measures that stages differ in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measures {
    /// Around everything.
    pub margin: f64,
    /// The stage is no narrower.
    pub least: f64,
    /// The names of the rows, left of the matrix; none on a narrow stage, where they stand above.
    pub labels: f64,
    /// A broker, at least.
    pub column: f64,
    /// A broker, where there is room to spare.
    pub widest: f64,
    /// Between two brokers.
    pub corridor: f64,
    /// How far requests and responses keep apart.
    pub apart: f64,
    /// Inside a broker, left and right.
    pub padding: f64,
    /// The offsets that a strip shows.
    pub cells: i64,
    /// The row of a partition.
    pub row: f64,
    /// Where a strip begins below its row's upper edge.
    pub strip_y: f64,
    /// The height of a strip.
    pub strip_h: f64,
    /// The row of a topic.
    pub band: f64,
    /// The name above a row, on a narrow stage.
    pub label_above: f64,
    /// The letters that there are for the name of a row.
    pub letters: usize,
    /// A producer or consumer.
    pub client: f64,
    /// The frame of a group, at least.
    pub frame: f64,
    /// A controller, at least and at most.
    pub controller: (f64, f64),
    /// The terminal.
    pub terminal: f64,
}

const WIDE: Measures = Measures {
    margin: 20.0,
    least: 560.0,
    labels: 116.0,
    column: 172.0,
    widest: 172.0,
    corridor: 42.0,
    apart: 4.0,
    padding: 16.0,
    cells: 10,
    row: 64.0,
    strip_y: 20.0,
    strip_h: 20.0,
    band: 60.0,
    label_above: 0.0,
    letters: 15,
    client: 172.0,
    frame: 396.0,
    controller: (104.0, 196.0),
    terminal: 92.0,
};

const MEDIUM: Measures = Measures {
    column: 100.0,
    widest: 128.0,
    corridor: 22.0,
    padding: 8.0,
    cells: 8,
    least: 560.0,
    ..WIDE
};

const COMPACT: Measures = Measures {
    margin: 16.0,
    labels: 106.0,
    column: 58.0,
    widest: 100.0,
    corridor: 7.0,
    apart: 1.5,
    padding: 5.0,
    cells: 6,
    row: 34.0,
    strip_y: 16.0,
    strip_h: 11.0,
    band: 60.0,
    letters: 13,
    least: 760.0,
    ..MEDIUM
};

const NARROW: Measures = Measures {
    margin: 10.0,
    least: 366.0,
    labels: 0.0,
    column: 109.0,
    widest: 109.0,
    corridor: 14.0,
    apart: 3.0,
    padding: 8.0,
    cells: 8,
    band: 40.0,
    label_above: 20.0,
    letters: 18,
    client: 155.0,
    frame: 346.0,
    controller: (104.0, 176.0),
    terminal: 76.0,
    ..WIDE
};

const NARROW_COMPACT: Measures = Measures {
    column: 60.0,
    widest: 100.0,
    corridor: 8.0,
    apart: 1.5,
    padding: 5.0,
    cells: 6,
    row: 32.0,
    strip_y: 16.0,
    strip_h: 11.0,
    ..NARROW
};

impl Measures {
    /// Those of a density.
    pub fn of(density: Density, is_narrow: bool) -> Self {
        match (density, is_narrow) {
            (Density::Wide, false) => WIDE,
            (Density::Medium, false) => MEDIUM,
            (Density::Compact, false) => COMPACT,
            (Density::Wide | Density::Medium, true) => NARROW,
            (Density::Compact, true) => NARROW_COMPACT,
        }
    }

    /// Whether the names of rows stand above them.
    pub fn labels_stand_above(&self) -> bool {
        self.labels == 0.0
    }
}
