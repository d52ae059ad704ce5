//! What plotters draws upon: shapes as plain data, which become elements of the page. Colours are names
//! here, for the style sheet to fill in: so a chart follows the theme without being drawn anew.

use std::convert::Infallible;

use plotters::style::RGBColor;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};

/// The height of the letters of labels, in pixels.
pub const LETTER: i32 = 12;

/// Something drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A line along points, in SVG's words for a path.
    Stroke { path: String, class: String },
    /// An area.
    Area { path: String, class: String },
    /// A label, with where it is anchored.
    Text { at: (i32, i32), anchor: &'static str, text: String },
}

/// What is drawn, which its colour tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// An axis.
    Axis,
    /// A line of the grid.
    Grid,
    /// The line of a series.
    Series(u8),
    /// The area under a series.
    Under(u8),
}

impl Role {
    /// The colour that stands for it.
    pub fn colour(self) -> RGBColor {
        match self {
            Role::Axis => RGBColor(0, 0, 0),
            Role::Grid => RGBColor(1, 0, 0),
            Role::Series(number) => RGBColor(2, number, 0),
            Role::Under(number) => RGBColor(3, number, 0),
        }
    }

    fn class(color: BackendColor) -> String {
        match color.rgb {
            (1, ..) => "grid".to_owned(),
            (2, number, _) => format!("series series-{number}"),
            (3, number, _) => format!("under under-{number}"),
            _ => "axis".to_owned(),
        }
    }
}

/// Collects what plotters draws.
pub struct Canvas<'a> {
    /// What was drawn so far.
    pub shapes: &'a mut Vec<Shape>,
    /// In pixels.
    pub size: (u32, u32),
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Canvas<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Drawn {
        self.stroke([(x, y), (x + 1, y)], color);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.stroke([from, to], style.color());
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        self.stroke(path, style.color());
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Drawn {
        let color = style.color();
        if color.alpha > 0.0 {
            let path = path_along(corners) + "z";
            self.shapes.push(Shape::Area { path, class: Role::class(color) });
        }
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> Drawn {
        let anchor = match style.anchor().h_pos {
            HPos::Left => "start",
            HPos::Center => "middle",
            HPos::Right => "end",
        };
        // SVG places text by its baseline.
        let down = match style.anchor().v_pos {
            VPos::Top => LETTER - 2,
            VPos::Center => LETTER / 3,
            VPos::Bottom => -2,
        };
        self.shapes.push(Shape::Text { at: (x, y + down), anchor, text: text.to_owned() });
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        _: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let width = text.chars().count() as i32 * LETTER * 3 / 5;
        Ok((width as u32, LETTER as u32))
    }
}

impl Canvas<'_> {
    fn stroke(&mut self, along: impl IntoIterator<Item = BackendCoord>, color: BackendColor) {
        if color.alpha > 0.0 {
            self.shapes.push(Shape::Stroke { path: path_along(along), class: Role::class(color) });
        }
    }
}

fn path_along(points: impl IntoIterator<Item = BackendCoord>) -> String {
    let mut path = String::new();
    for (x, y) in points {
        path.push(if path.is_empty() { 'M' } else { 'L' });
        path.push_str(&x.to_string());
        path.push(' ');
        path.push_str(&y.to_string());
    }
    path
}
