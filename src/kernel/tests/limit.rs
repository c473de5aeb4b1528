//! A capacity that two links share.

use super::*;
use crate::plan::Limit;

/// `n0` with links to `n1` and `n2`, which share a capacity in each direction.
pub(super) fn stand(lab: &str, capacity: &str) -> Stand {
    let none = [Impairment::default(); 2];
    let first = [(0, "one", "192.0.2.1/30"), (1, "up", "192.0.2.2/30")];
    let second = [(0, "two", "192.0.2.5/30"), (2, "up", "192.0.2.6/30")];
    let name = |text| IfName::new(text).unwrap();
    let mut plan = nodes(lab, 3);
    link(&mut plan, first, none);
    link(&mut plan, second, none);
    plan.nodes[0].limits.push(Limit {
        name: "gateway".to_owned(),
        interfaces: vec![name("one"), name("two")],
        rate: Bandwidth::parse(capacity).unwrap(),
        arriving: name("in-gateway"),
        leaving: name("out-gateway"),
    });
    Stand::build(plan)
}

#[test]
fn two_links_have_a_capacity_together_each_way() {
    let stand = stand("kx-limit", "20mbit");
    let addresses = ["192.0.2.1", "192.0.2.5"];
    // Each sends and receives at three quarters of the capacity. UDP, since TCP's acknowledgements would wait in the
    // queue of the other direction.
    let runs = [
        (1, 5201, ""),
        (2, 5202, ""),
        (1, 5203, "-R"),
        (2, 5204, "-R"),
    ];
    let servers = runs.map(|(_, port, _)| stand.iperf_server(0, port));
    let clients = runs.map(|(node, port, options)| {
        let address = addresses[node - 1];
        stand.start(
            node,
            &format!("iperf3 -J -u -b 15M -l 1400 -c {address} -p {port} -t 3 {options}"),
        )
    });
    let rates = clients.map(|client| megabits(&finish(client, "iperf3 -c")));
    for server in servers {
        finish(server, "iperf3 -s");
    }
    let [from_one, from_two, to_one, to_two] = rates;
    // 42 of 1442 bytes are headers.
    for (way, together) in [
        ("arrives", from_one + from_two),
        ("leaves", to_one + to_two),
    ] {
        assert!(
            together < 20.0 * 1.05 && together > 20.0 * 0.6,
            "{together} Mbit/s {way} in all: {rates:?}"
        );
    }
}

#[test]
fn what_a_limit_lets_through_is_what_it_was() {
    let stand = stand("kx-limited", "20mbit");
    stand.run(1, "ping -c 3 -i 0.01 192.0.2.1");
    stand.run(2, "ping -c 3 -i 0.01 -s 4000 192.0.2.5");
    stand.run(1, "ip route add 192.0.2.4/30 via 192.0.2.1");
    stand.run(2, "ip route add 192.0.2.0/30 via 192.0.2.5");
    stand.run(1, "ping -c 3 -i 0.01 192.0.2.6");
}
