//! Pictures drawn by librsvg, which knows no custom properties.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Write};
use std::process::{Command, Stdio};

use crate::report::picture::svg;
use crate::report::picture::tests::elements::{Element, elements};
use crate::report::picture::tests::{LABS, MANY_KINDS, drawn, pictures_with_paths};

/// Fewer colours than this are in no picture of a lab.
const COLOURS: usize = 20;
/// The contrast of text that WCAG asks for.
const CONTRAST: f64 = 4.5;

type Colour = [u8; 3];

struct Image {
    width: usize,
    pixels: Vec<Colour>,
}

impl Image {
    /// Draws an SVG with rsvg-convert, of the Debian package librsvg2-bin.
    #[expect(clippy::disallowed_methods, reason = "the renderer is a program")]
    fn of(svg: &str) -> Self {
        let mut program = Command::new("rsvg-convert")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("rsvg-convert is installed: scripts/install --tests");
        program
            .stdin
            .take()
            .unwrap()
            .write_all(svg.as_bytes())
            .unwrap();
        let output = program.wait_with_output().unwrap();
        assert!(output.status.success(), "rsvg-convert refuses {svg}");
        let mut decoder = png::Decoder::new(Cursor::new(output.stdout));
        decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
        let mut reader = decoder.read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        let pixels = bytes.chunks_exact(info.color_type.samples());
        Self {
            width: usize::try_from(info.width).unwrap(),
            pixels: pixels.map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect(),
        }
    }

    /// The colours of runs of equal pixels.
    fn runs(&self) -> impl Iterator<Item = &Colour> {
        self.pixels.chunk_by(|a, b| a == b).map(|run| &run[0])
    }

    /// The most frequent colour around the start or the middle of a text.
    fn behind(&self, text: &Element) -> Colour {
        let size = text.number("font-size");
        let is_centered = text.attributes.contains_key("text-anchor");
        let x = text.offset[0] + text.number("x") - if is_centered { size } else { 0.0 };
        let y = text.offset[1] + text.number("y") - size * 0.9;
        let [x, y, size] = [x, y, size].map(whole);
        let mut colours: BTreeMap<Colour, usize> = BTreeMap::new();
        for row in y..y + size {
            let start = row * self.width + x;
            for pixel in &self.pixels[start..start + 2 * size] {
                *colours.entry(*pixel).or_default() += 1;
            }
        }
        let most = colours.into_iter().max_by_key(|(_, number)| *number);
        most.unwrap().0
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a position in a picture"
)]
fn whole(number: f64) -> usize {
    number.round() as usize
}

fn parsed(colour: &str) -> Colour {
    let digits = colour.strip_prefix('#').unwrap();
    [0, 2, 4].map(|start| u8::from_str_radix(&digits[start..start + 2], 16).unwrap())
}

/// The contrast of two colours as WCAG defines it.
fn contrast(one: Colour, other: Colour) -> f64 {
    let luminance = |colour: Colour| {
        let [red, green, blue] = colour.map(|channel| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.040_45 {
                share / 12.92
            } else {
                ((share + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05
    };
    let [one, other] = [one, other].map(luminance);
    one.max(other) / one.min(other)
}

/// Checks the number of colours, and that every text stands out from what is behind it.
fn assert_readable(svg: &str) {
    let image = Image::of(svg);
    let colours: BTreeSet<&Colour> = image.runs().collect();
    assert!(colours.len() > COLOURS, "{} colours: {svg}", colours.len());
    let elements = elements(svg);
    let texts: Vec<&Element> = elements
        .iter()
        .filter(|element| element.tag == "text")
        .collect();
    assert!(texts.len() > COLOURS);
    for text in texts {
        let [fill, behind] = [parsed(&text.attributes["fill"]), image.behind(text)];
        assert!(
            contrast(fill, behind) >= CONTRAST,
            "{} is {fill:?} on {behind:?}",
            text.text
        );
    }
}

#[test]
fn catalogue_labs_are_readable_without_custom_properties() {
    for (_, text) in LABS.iter().chain([&("many-kinds", MANY_KINDS)]) {
        assert_readable(&svg(&drawn(text)));
    }
}

#[test]
fn paths_are_readable_without_custom_properties() {
    for picture in pictures_with_paths() {
        assert_readable(&svg(&picture));
    }
}
