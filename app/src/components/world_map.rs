//! A map of the world with points, drawn on the server: nobody else is told what is looked at.

use crate::messages::m;
use latchkey_domain::risk::Coordinates;
use leptos::prelude::*;

/// The outline of the continents: half degrees from 180° W and 90° N (`app/data/NOTICE`).
const LAND: &str = include_str!("../../data/land.txt");

/// The northern edge of the map, and its height, in degrees: nobody signs in from what is left out.
const NORTH: f64 = 84.0;
const HEIGHT: f64 = 144.0;

/// What the drawing of [`LAND`] shows of it.
const VIEW_BOX: &str = "0 12 720 288";

/// A point on the map.
#[derive(Debug, Clone)]
pub struct MapPoint {
    /// Where.
    pub at: Coordinates,
    /// What it is, for whoever points at it.
    pub title: String,
    /// How many there were: more are a larger point.
    pub count: u64,
    /// Whether it is worth a look.
    pub is_marked: bool,
}

/// The map. What it shows stands in a list beside it, too.
#[component]
pub fn WorldMap(
    /// The points; the first ones lie on top.
    points: Vec<MapPoint>,
) -> impl IntoView {
    let marked = points.iter().filter(|point| point.is_marked).count();
    let summary = m::map_summary(marked, points.len() - marked).text();
    let points = points.into_iter().rev().map(point).collect_view();
    view! {
        <figure class="map">
            <svg class="map-plot" role="img" aria-label=summary>
                <svg viewBox=VIEW_BOX width="100%" height="100%" preserveAspectRatio="none" aria-hidden="true"><path class="map-land" d=LAND.trim_end()></path></svg>
                {points}
            </svg>
        </figure>
    }
}

fn point(point: MapPoint) -> impl IntoView {
    let (x, y) = position(&point.at);
    let class = if point.is_marked {
        "map-unusual"
    } else {
        "map-usual"
    };
    let radius = radius(&point);
    view! { <circle class=class cx=x cy=y r=radius><title>{point.title}</title></circle> }
}

/// Ten times as many are a point twice as large.
fn radius(point: &MapPoint) -> String {
    match point.is_marked {
        true => format!("{:.1}", 4.0 + 3.0 * (point.count.max(1) as f64).log10()),
        false => "3".to_owned(),
    }
}

/// In percent of the map.
fn position(at: &Coordinates) -> (String, String) {
    let x = (at.longitude() + 180.0) / 360.0;
    let y = ((NORTH - at.latitude()) / HEIGHT).clamp(0.0, 1.0);
    (format!("{:.2}%", 100.0 * x), format!("{:.2}%", 100.0 * y))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_lies_where_it_is() {
        for (latitude, longitude, x, y) in [
            (84.0, -180.0, "0.00%", "0.00%"),
            (12.0, 0.0, "50.00%", "50.00%"),
            (-60.0, 180.0, "100.00%", "100.00%"),
            (-89.0, 90.0, "75.00%", "100.00%"),
        ] {
            let at = Coordinates::new(latitude, longitude, 0).unwrap();
            assert_eq!(position(&at), (x.to_owned(), y.to_owned()));
        }
    }

    #[test]
    fn the_outline_is_a_path_of_numbers() {
        assert!(LAND.starts_with('M') && LAND.len() < 7000);
        let letters = LAND.trim_end().chars().filter(|c| c.is_alphabetic());
        assert!(letters.clone().all(|c| "Mlz".contains(c)));
    }
}
