//! Packets from a raw socket, parsed into the traces of a run.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use netns_lab::probe::packet;
use netns_lab::probe::strategy::{Pacing, Strategy, Target};
use netns_lab::units::Ttl;

/// The most hops to each of the two targets.
const HOPS: u8 = 4;

const PACING: Pacing = Pacing {
    pace: Duration::from_millis(1),
    most_underway: 5,
    probes_per_hop: 2,
};

const PATIENCE: Duration = Duration::from_millis(100);

/// Bytes of an IPv4 header without options.
const IP_HEADER: usize = 20;

/// With any packets received during a run, the run ends, and no probe has two answers.
///
/// The bytes are received packets: one byte for the milliseconds since the last packet, one for the packet's length,
/// then the packet. If the milliseconds are odd, the checksum is corrected: a fuzzer does not find a valid one.
///
/// # Panics
///
/// If one of these does not hold.
pub fn replies(bytes: &[u8]) {
    let mut now = started();
    let targets = [HOPS, HOPS - 1].map(target);
    let mut strategy = Strategy::new(targets.to_vec(), PACING, now);
    let mut answered = BTreeSet::new();
    let mut rest = bytes;
    while let [wait, length, tail @ ..] = rest {
        let (arrival, after) = tail.split_at(usize::from(*length).min(tail.len()));
        rest = after;
        now += Duration::from_millis(u64::from(*wait));
        while strategy.next_send(now).is_some() {}
        let mut arrival = arrival.to_vec();
        if wait % 2 == 1 {
            right_checksum(&mut arrival);
        }
        let Some(received) = packet::parse(&arrival) else {
            continue;
        };
        // An answer's identifier determines its run; answers to other runs are ignored.
        let target = usize::from(received.id);
        if let Some(found) = strategy.received(target, &received.answer, now) {
            assert!(target < 2, "{found:?} answers no target");
            assert!(
                answered.insert((found.target, found.ttl, found.probe)),
                "{found:?} twice"
            );
        }
    }
    ends(strategy, now, answered.len());
}

/// Sends remaining probes, waits for missing answers, and counts the answers.
fn ends(mut strategy: Strategy, mut now: Instant, answered: usize) {
    let most = usize::from(PACING.probes_per_hop) * usize::from(2 * HOPS);
    let mut steps = 0;
    while !strategy.finished(now) {
        while strategy.next_send(now).is_some() {}
        if let Some(deadline) = strategy.next_deadline() {
            now = deadline.max(now);
        }
        steps += 1;
        assert!(steps <= 4 * most, "the run does not end");
    }
    let traces = strategy.into_traces();
    let hops = traces.iter().flat_map(|trace| &trace.hops);
    // A hop beyond the path's end is not part of its trace.
    assert!(hops.map(|hop| hop.replies().count()).sum::<usize>() <= answered);
    assert_eq!(traces.len(), 2);
}

fn target(hops: u8) -> Target {
    let last = Ttl::new(hops).expect("a target has hops");
    Target {
        silent: Ttl::new(2).into_iter().collect(),
        settle: PATIENCE / 2,
        ..Target::trace(Ipv4Addr::new(10, 0, 0, hops), last, PATIENCE)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "an instant has no other origin; only differences count"
)]
fn started() -> Instant {
    Instant::now()
}

/// Writes a packet's correct ICMP checksum (RFC 1071), if it has a checksum field.
fn right_checksum(packet: &mut [u8]) {
    let Some(message) = packet.get_mut(IP_HEADER..).filter(|it| it.len() >= 4) else {
        return;
    };
    message[2..4].fill(0);
    let words = message.chunks(2);
    let words = words.map(|word| u32::from(word[0]) << 8 | u32::from(*word.get(1).unwrap_or(&0)));
    let sum = words.fold(0, |sum: u32, word| {
        let sum = sum + word;
        (sum & 0xffff) + (sum >> 16)
    });
    let [.., high, low] = (!sum).to_be_bytes();
    message[2] = high;
    message[3] = low;
}
