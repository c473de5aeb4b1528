//! Compares encoded token buckets with those that Debian's tc sends (iproute2 6.1, read by
//! `strace -e raw=sendmsg -e write=3 tc qdisc add ...`).

use super::*;

fn hex(text: &str) -> Vec<u8> {
    let bytes = text.split_whitespace();
    bytes
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect()
}

/// tc's parameters without those of its cost table (cell log, cell alignment) and without the bucket in ticks, which an
/// attribute overrides.
fn without_table(tc: &str) -> Vec<u8> {
    const CELL_LOG: usize = 4;
    const CELL_ALIGN: std::ops::Range<usize> = 8..10;
    const BUCKET_IN_TICKS: std::ops::Range<usize> = 32..36;
    let mut bytes = hex(tc);
    assert_eq!(bytes[CELL_LOG], 3);
    bytes[CELL_LOG] = 0;
    bytes[CELL_ALIGN].fill(0);
    bytes[BUCKET_IN_TICKS].fill(0);
    bytes
}

#[test]
fn a_rate_is_said_as_tc_says_it() {
    // tbf rate 100mbit burst 250000 limit 1250000
    let theirs = without_table(
        "28 00 01 00 03 01 00 00 ff ff 00 00 20 bc be 00 00 00 00 00 00 00 00 00 00 00 00 00 \
         d0 12 13 00 2d 31 01 00 00 00 00 00 08 00 06 00 90 d0 03 00",
    );
    let rate = Bandwidth::parse("100mbit").unwrap();
    assert_eq!(queue(rate).options, theirs);
}

#[test]
fn a_rate_that_needs_more_than_four_bytes_has_an_attribute_of_its_own() {
    // tbf rate 40gbit burst 100000000 limit 500000000
    let mut theirs = without_table(
        "28 00 01 00 03 01 00 00 ff ff 00 00 ff ff ff ff 00 00 00 00 00 00 00 00 00 00 00 00 \
         00 65 cd 1d 39 63 01 00 00 00 00 00 08 00 06 00 00 e1 f5 05",
    );
    theirs.extend(hex("0c 00 04 00 00 f2 05 2a 01 00 00 00"));
    let rate = Bandwidth::parse("40gbit").unwrap();
    assert_eq!(queue(rate).options, theirs);
}

#[test]
fn the_slowest_link_still_takes_full_frames() {
    const LIMIT: std::ops::Range<usize> = 28..32;
    const BUCKET: std::ops::Range<usize> = 44..48;
    let options = queue(Bandwidth::parse("8kbit").unwrap()).options;
    assert_eq!(options[LIMIT], 15_140_u32.to_ne_bytes());
    assert_eq!(options[BUCKET], 1_514_u32.to_ne_bytes());
}
