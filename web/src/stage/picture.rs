//! What flies over the stage, as the painter draws it, as a drawing for a picture of it. The stage itself is a drawing already.

use std::fmt::Write;

use crate::sim::{Flights, Mark};

use super::ways;

/// The messages in flight as SVG, with the colours that the style sheets give them.
pub fn flights(flights: &mut Flights) -> String {
    let mut drawing = String::new();
    for flight in flights.all_mut() {
        let place = flight.path.as_ref().and_then(|path| ways::at(path, flight.shown));
        let Some((x, y)) = place else { continue };
        let size = if flight.is_quiet { 0.7 } else { 1.0 };
        let strength = if flight.is_quiet { 0.7 } else { flight.strength.clamp(0.0, 1.0) };
        let (path, colour, is_filled) = match flight.mark {
            Mark::Produce => (square(4.5), "produce", true),
            Mark::Request => (square(3.0), "request", true),
            Mark::Fetch => ("M0 -6L6 0L0 6L-6 0Z".to_owned(), "fetch", false),
            Mark::Response => {
                ("M4.5 0A4.5 4.5 0 1 1 -4.5 0A4.5 4.5 0 1 1 4.5 0Z".to_owned(), "response", false)
            }
            Mark::Refusal => ("M-5 -5L5 5M5 -5L-5 5".to_owned(), "refusal", false),
        };
        // `picture.js` puts the colours in that the page has now.
        let fill = if is_filled { colour } else { "ground" };
        let stroke = if is_filled {
            String::new()
        } else {
            format!(" stroke=\"var(--flight-{colour})\" stroke-width=\"1.75\"")
        };
        let _ = write!(
            drawing,
            "<path d=\"{path}\" fill=\"var(--flight-{fill})\"{stroke} opacity=\"{strength:.2}\" \
             transform=\"translate({x:.1} {y:.1}) scale({size})\"/>"
        );
    }
    drawing
}

fn square(half: f64) -> String {
    format!("M-{half} -{half}H{half}V{half}H-{half}Z")
}
