//! Counters of interfaces.

use std::net::UdpSocket;

use super::*;
use crate::kernel::link_counters;

#[test]
fn counters_are_those_that_ip_and_tc_show() {
    let stand = pair("kx-counters", [rate("1mbit"), Impairment::default()]);
    stand.run(0, "ping -c 1 192.0.2.2");
    // 200 packets of 1 kB at once, for a queue that holds 15 of them.
    stand.within(0, || {
        let socket = UdpSocket::bind("192.0.2.1:0").unwrap();
        for _ in 0..200 {
            socket.send_to(&[0; 1000], "192.0.2.2:9").unwrap();
        }
    });
    while link_counters(&stand.namespace(0)).unwrap()["left"]
        .queue
        .as_ref()
        .unwrap()
        .waiting_packets
        > 0
    {
        std::thread::yield_now();
    }
    let (shown, queues) = (
        stand.json(0, "ip -j -s link show left"),
        stand.json(0, "tc -j -s qdisc show dev left"),
    );
    let counters = link_counters(&stand.namespace(0)).unwrap();
    let left = &counters["left"];
    let stats = &shown[0]["stats64"];
    let traffic = |way: &str| {
        let number = |key: &str| stats[way][key].as_u64().unwrap();
        (number("packets"), number("bytes"), number("dropped"))
    };
    assert_eq!(
        traffic("rx"),
        (
            left.received.packets,
            left.received.bytes,
            left.received_dropped
        )
    );
    assert_eq!(
        traffic("tx"),
        (left.sent.packets, left.sent.bytes, left.sent_dropped)
    );
    let queue = left.queue.as_ref().unwrap();
    assert_eq!(queue.kind, "tbf");
    assert_eq!(queues[0]["drops"].as_u64(), Some(queue.dropped.into()));
    assert!(queue.dropped > 100 && left.sent.packets > 10, "{left:?}");
    assert_eq!(counters["lo"].queue.as_ref().unwrap().kind, "noqueue");
}
