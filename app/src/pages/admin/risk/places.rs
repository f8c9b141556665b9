//! Where sign-ins came from.

use crate::{
    components::{
        risk::place_name,
        table::{Column, DataTable},
        world_map::{MapPoint, WorldMap},
    },
    messages::m,
};
use latchkey_engine::SeenPlace;
use leptos::prelude::*;

/// Places that are listed beside the map.
const LISTED: usize = 10;

const COLUMNS: &[Column] = &[
    Column::header(m::RISK_PLACE),
    Column::number(m::RISK_UNUSUAL),
    Column::number(m::RISK_ASKED),
    Column::number(m::RISK_HIGHEST),
];

/// Places of unusual sign-ins, and for comparison those of the latest ones: on a map if the file knows points, and as a list.
#[component]
pub(super) fn Places(
    /// The places, most points first.
    places: Vec<SeenPlace>,
    /// Whether a file says where addresses are.
    has_file: bool,
) -> impl IntoView {
    if !has_file {
        return view! { <p class="quiet">{m::RISK_NO_LOCATIONS}</p> }.into_any();
    }
    if places.is_empty() {
        return view! { <p class="quiet">{m::RISK_NO_PLACES}</p> }.into_any();
    }
    let points: Vec<_> = places.iter().filter_map(point).collect();
    let mut unusual = places;
    unusual.retain(|place| place.unusual.count > 0);
    unusual.truncate(LISTED);
    let map = (!points.is_empty()).then(|| view! { <WorldMap points=points/><ul class="legend">
        <li><svg aria-hidden="true"><circle class="map-unusual" cx="6" cy="6" r="5"></circle></svg>{m::RISK_PLACE_UNUSUAL}</li>
        <li><svg aria-hidden="true"><circle class="map-usual" cx="6" cy="6" r="3"></circle></svg>{m::RISK_PLACE_USUAL}</li>
    </ul> });
    let list = match unusual.is_empty() {
        true => view! { <p class="quiet">{m::RISK_NOTHING_UNUSUAL}</p> }.into_any(),
        false => {
            view! { <DataTable caption=m::RISK_PLACES columns=COLUMNS items=unusual row=row/> }
                .into_any()
        }
    };
    view! { {map}{list} }.into_any()
}

fn point(seen: &SeenPlace) -> Option<MapPoint> {
    let name = place_name(&seen.place);
    let is_marked = seen.unusual.count > 0;
    let title = match is_marked {
        true => m::risk_place_title(seen.unusual.count, name).text(),
        false => name,
    };
    Some(MapPoint {
        at: seen.place.coordinates?,
        title,
        count: seen.unusual.count,
        is_marked,
    })
}

fn row(seen: SeenPlace) -> Vec<AnyView> {
    vec![
        place_name(&seen.place).into_any(),
        seen.unusual.count.into_any(),
        seen.unusual.asked.into_any(),
        seen.unusual.highest.into_any(),
    ]
}
