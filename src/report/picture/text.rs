//! The width of text, computed without a renderer.
//!
//! The advance widths are Arial's, which Helvetica, Liberation Sans and Arimo share. Substitute fonts are at most
//! slightly wider; a reserve covers that.

/// Advance widths of the printable ASCII characters, starting with the space, in thousandths of the font size.
const ADVANCES: [i32; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278,
    278, // space to /
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, // 0 to ?
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, // @ to O
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, // P to _
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, // ` to o
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, // p to ~
];

/// The maximum width of any other character: an ideograph is as wide as the font is high.
const WIDEST: i32 = 1000;

/// The width of letters outside ASCII that are no ideographs, such as those with accents.
const ACCENTED: i32 = 780;

/// The reserve for wider fonts and for bold text, in percent.
const RESERVE: i32 = 7;
const BOLD_RESERVE: i32 = 20;

/// The width of a text in pixels, at a font size in pixels, rounded up.
pub(super) fn width(text: &str, size: i32, is_bold: bool) -> i32 {
    let advance = |c: char| match u32::from(c) {
        code @ 0x20..=0x7e => ADVANCES
            .get(usize::try_from(code - 0x20).unwrap_or_default())
            .copied()
            .unwrap_or(WIDEST),
        0xa0..=0x24f | 0x370..=0x52f | 0x2010..=0x2027 => ACCENTED,
        _ => WIDEST,
    };
    let thousandths: i32 = text
        .chars()
        .map(advance)
        .fold(0, i32::saturating_add)
        .min(1_000_000);
    let reserve = if is_bold { BOLD_RESERVE } else { RESERVE };
    (thousandths / 10 * size * (100 + reserve) / 10_000) + 1
}
