//! A QR code, drawn by the server.

use crate::messages::Key;
use leptos::prelude::*;
use qrcode::{EcLevel, render::svg};

/// `text` as a QR code; nothing if it is too long for one.
#[component]
pub fn QrCode(
    /// What it contains.
    text: String,
    /// What it is, for screen readers.
    label: Key,
) -> impl IntoView {
    svg(&text).map(
        |svg| view! { <div class="qr" role="img" aria-label=label.text() inner_html=svg></div> },
    )
}

fn svg(text: &str) -> Option<String> {
    let code = qrcode::QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    // The box around it has a light background and the quiet zone, in the dark theme too.
    let svg = code
        .render()
        .dark_color(svg::Color("currentColor"))
        .light_color(svg::Color("none"))
        .quiet_zone(false)
        .min_dimensions(240, 240)
        .build();
    // Only the element: an XML declaration is not allowed inside a page.
    Some(svg[svg.find("<svg")?..].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_drawn_as_an_element_in_the_colour_of_the_page() {
        let svg = svg("otpauth://totp/Latchkey:ada%40example.com?secret=AAAA").unwrap();
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"), "{svg}");
        assert!(svg.contains("currentColor"));
        assert_eq!(super::svg(&"x".repeat(3000)), None);
    }
}
