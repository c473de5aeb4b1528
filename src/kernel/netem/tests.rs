//! Compares encoded queues with those that Debian's tc sends (iproute2 6.1, read by
//! `strace -e raw=sendmsg -e write=3 tc qdisc add ...`).

use super::*;

/// Parses the content of `TCA_OPTIONS`: the numbers of the fixed part, and the attributes by kind.
fn read(options: &[u8]) -> ([u32; 6], Vec<(u16, Vec<u8>)>) {
    let (fixed, mut rest) = options.split_at(24);
    let numbers: Vec<u32> = fixed
        .as_chunks::<4>()
        .0
        .iter()
        .map(|bytes| u32::from_ne_bytes(*bytes))
        .collect();
    let mut attributes = Vec::new();
    while let [l0, l1, k0, k1, ..] = *rest {
        let length = usize::from(u16::from_ne_bytes([l0, l1]));
        let kind = u16::from_ne_bytes([k0, k1]);
        attributes.push((kind, rest[4..length].to_vec()));
        rest = &rest[length.next_multiple_of(4).min(rest.len())..];
    }
    attributes.sort();
    (numbers.try_into().unwrap(), attributes)
}

fn hex(text: &str) -> Vec<u8> {
    let bytes = text.split_whitespace();
    bytes
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect()
}

fn percent(text: &str) -> Share {
    Share::parse(text).unwrap()
}

/// tc sends times in ticks of 64 ns (/proc/net/psched), this program in attributes.
fn assert_same(impairment: &Impairment, tc: &str) {
    let (mut theirs, attributes) = read(&hex(tc));
    let (delay, jitter) = (u64::from(theirs[0]) * 64, u64::from(theirs[5]) * 64);
    (theirs[0], theirs[5]) = (0, 0);
    let times = [
        (TCA_NETEM_LATENCY64, delay.to_ne_bytes().to_vec()),
        (TCA_NETEM_JITTER64, jitter.to_ne_bytes().to_vec()),
    ];
    let mut attributes: Vec<_> = attributes.into_iter().chain(times).collect();
    if impairment.reorder.is_none() {
        attributes.push((TCA_NETEM_REORDER, vec![0; 8]));
    }
    if impairment.rate.is_none() {
        attributes.push((TCA_NETEM_RATE, vec![0; 16]));
    }
    attributes.sort();
    assert_eq!(read(&options(impairment)), (theirs, attributes));
}

#[test]
fn everything_at_once_is_said_as_tc_says_it() {
    // netem delay 20ms 1ms loss 1% duplicate 0.5% reorder 2% rate 100mbit limit 50
    let impairment = Impairment {
        delay: Duration::from_millis(20),
        jitter: Duration::from_millis(1),
        loss: percent("1%"),
        duplicate: percent("0.5%"),
        reorder: percent("2%"),
        rate: Bandwidth::parse("100mbit").ok(),
        queue: Some(50),
    };
    assert_same(
        &impairment,
        "b4 c4 04 00 32 00 00 00 29 5c 8f 02 01 00 00 00 14 ae 47 01 09 3d 00 00 \
         0c 00 03 00 52 b8 1e 05 00 00 00 00 \
         14 00 06 00 20 bc be 00 00 00 00 00 00 00 00 00 00 00 00 00",
    );
}

#[test]
fn a_delay_alone_is_said_as_tc_says_it() {
    // netem delay 20ms limit 10000
    let impairment = Impairment {
        queue: Some(10_000),
        ..Impairment::delay(Duration::from_millis(20))
    };
    assert_same(
        &impairment,
        "b4 c4 04 00 10 27 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
    );
}

#[test]
fn a_rate_that_needs_more_than_four_bytes_is_said_as_tc_says_it() {
    // netem delay 30s 20ms limit 10000 rate 40gbit
    let impairment = Impairment {
        jitter: Duration::from_millis(20),
        rate: Bandwidth::parse("40gbit").ok(),
        queue: Some(10_000),
        ..Impairment::delay(Duration::from_secs(30))
    };
    assert_same(
        &impairment,
        "b0 8e f0 1b 10 27 00 00 00 00 00 00 00 00 00 00 00 00 00 00 b4 c4 04 00 \
         0c 00 08 00 00 f2 05 2a 01 00 00 00 \
         14 00 06 00 ff ff ff ff 00 00 00 00 00 00 00 00 00 00 00 00",
    );
}

#[test]
fn what_is_taken_back_is_said_too() {
    let (fixed, attributes) = read(&options(&Impairment::delay(Duration::from_nanos(7))));
    assert_eq!(fixed, [0, 1000, 0, 0, 0, 0]);
    let kinds: Vec<u16> = attributes.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(
        kinds,
        [
            TCA_NETEM_REORDER,
            TCA_NETEM_RATE,
            TCA_NETEM_LATENCY64,
            TCA_NETEM_JITTER64
        ]
    );
    assert_eq!(attributes[0].1, [0; 8]);
    assert_eq!(attributes[1].1, [0; 16]);
    assert_eq!(attributes[2].1, 7_u64.to_ne_bytes());
}

#[test]
fn every_packet_and_none_are_the_ends_of_the_scale() {
    assert_eq!(probability(Share::NONE), 0);
    assert_eq!(probability(Share::ALL), u32::MAX);
    assert_eq!(probability(percent("50%")), 1 << 31);
}

#[test]
fn a_queue_that_nobody_limits_holds_what_is_under_way() {
    let delay = |milliseconds| Impairment::delay(Duration::from_millis(milliseconds));
    // 20 ms at 40 Gbit/s are 100 MB.
    assert_eq!(limit(&delay(20)), 66_050);
    assert_eq!(limit(&delay(0)), 1_000);
    assert_eq!(limit(&delay(60_000)), 1_000_000);
    let rated = |rate| Impairment {
        rate: Bandwidth::parse(rate).ok(),
        ..delay(20)
    };
    // 120 ms at 100 Mbit/s are 1.5 MB.
    assert_eq!(limit(&rated("100mbit")), 990);
    assert_eq!(limit(&rated("1mbit")), 100);
}
