//! The style of pictures, in light and in dark.

/// The style sheet of every SVG. Colours are custom properties of `svg.lab`, so that a page may set its own; the
/// classes `light` and `dark` on the root override the system's preference.
pub const STYLE: &str = include_str!("style.css");
