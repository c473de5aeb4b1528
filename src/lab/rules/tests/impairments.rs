//! Rules for the impairments of links.

use crate::lab::parse;
use crate::lab::resolve;
use crate::lab::rules::tests::findings_in;
use crate::lab::rules::tests::wide::WIDE;
use crate::topology::Topology;

/// The wide lab with these items of `impairments`.
fn with(items: &[&str]) -> String {
    let lines = items.iter().map(|item| format!("  - {{ {item} }}\n"));
    format!("{WIDE}impairments:\n{}", lines.collect::<String>())
}

/// The printed findings of the wide lab with these items.
fn refused(items: &[&str]) -> String {
    findings_in(&with(items))
}

/// The wide lab with these items, and the impairments of its links with these names.
fn accepted(items: &[&str], links: &[&str]) -> String {
    let topology = resolve(&parse(&with(items)).unwrap()).unwrap();
    let each = links.iter().map(|name| shown(&topology, name));
    each.collect::<Vec<_>>().join("\n")
}

fn shown(topology: &Topology, name: &str) -> String {
    let link = topology.link_named(name).expect(name);
    let [there, back] = topology.link(link).directions;
    format!("{name}: [{there}] [{back}]")
}

#[test]
fn an_impairment_names_a_link() {
    insta::assert_snapshot!(refused(&["link: er1-primry, loss: 1%", "link: er1, loss: 1%", "link: er1-hub, loss: 1%", "link: nowhere-at-all, loss: 1%"]), @r"
    error[no-such-name]: there is no link `er1-primry`
       --> lab.yaml:114:13
        |
    114 |   - { link: er1-primry, loss: 1% }
        |             ^^^^^^^^^^ did you mean `er1-primary`?

    error[no-such-name]: there is no link `er1`
       --> lab.yaml:115:13
        |
    115 |   - { link: er1, loss: 1% }
        |             ^^^
        |
        = help: there are the links er1-primary, er1-secondary, er1-hub-primary-out, er1-hub-primary-in, er1-hub-secondary-out, er1-hub-secondary-in

    error[no-such-name]: there is no link `er1-hub`
       --> lab.yaml:116:13
        |
    116 |   - { link: er1-hub, loss: 1% }
        |             ^^^^^^^
        |
        = help: there are the links er1-hub-primary-out, er1-hub-primary-in, er1-hub-secondary-out, er1-hub-secondary-in

    error[no-such-name]: there is no link `nowhere-at-all`
       --> lab.yaml:117:13
        |
    117 |   - { link: nowhere-at-all, loss: 1% }
        |             ^^^^^^^^^^^^^^
        |
        = help: there is hub-vm, nva1, internet-nva1, nva2, spoke-vm, branch-vm, hub-spoke, hub-vpngw-in0, internet-hub-vpngw-in0, hub-vpngw-in1, internet-hub-vpngw-in1, hub-ergw, branch-vpngw, internet-branch-vpngw, far-ergw, edge-core, pc, internet-gate, er1-primary, internet-er1-msee1, er1-secondary, internet-er1-msee2, er2-primary, er2-secondary, er1-hub-primary-out, er1-hub-primary-in, er1-hub-secondary-out, er1-hub-secondary-in, er2-far-primary-out, er2-far-primary-in, er2-far-secondary-out, er2-far-secondary-in, reach-primary, reach-secondary, hub-branch-in0, hub-branch-in1, hub-east-in0, hub-east-in1, branch-west, nva-west, east-west

    4 findings in lab.yaml
    ");
}

#[test]
fn an_impairment_is_from_an_end_of_its_link() {
    insta::assert_snapshot!(refused(&["link: er1-primary, from: gate, loss: 1%", "link: edge-core, from: er1-primary, loss: 1%", "link: hub-branch, from: edge, loss: 1%", "link: hub-spoke, from: azure, loss: 1%", "link: nva-west, from: internet, loss: 1%"]), @r"
    error[not-an-end]: `gate` is not an end of `er1-primary`
       --> lab.yaml:114:32
        |
    114 |   - { link: er1-primary, from: gate, loss: 1% }
        |                                ^^^^
        |
        = help: packets enter it at er1-msee1 or edge

    error[not-an-end]: `er1-primary` is not an end of `edge-core`
       --> lab.yaml:115:30
        |
    115 |   - { link: edge-core, from: er1-primary, loss: 1% }
        |                              ^^^^^^^^^^^
        |
        = help: packets enter it at edge or core

    error[not-an-end]: `edge` is not an end of `hub-branch`
       --> lab.yaml:116:31
        |
    116 |   - { link: hub-branch, from: edge, loss: 1% }
        |                               ^^^^
        |
        = help: packets enter it at hub-vpngw-in0 or branch-vpngw or hub-vpngw-in1

    error[not-an-end]: `azure` is not an end of `hub-spoke`
       --> lab.yaml:117:30
        |
    117 |   - { link: hub-spoke, from: azure, loss: 1% }
        |                              ^^^^^
        |
        = help: packets enter it at hub or spoke

    error[not-an-end]: `internet` is not an end of `nva-west`
       --> lab.yaml:118:29
        |
    118 |   - { link: nva-west, from: internet, loss: 1% }
        |                             ^^^^^^^^
        |
        = help: packets enter it at nva1 or gate

    5 findings in lab.yaml
    ");
}

#[test]
fn a_direction_is_impaired_once() {
    insta::assert_snapshot!(refused(&["link: er1-primary, loss: 1%", "link: er1-primary, from: edge, delay: 1ms", "link: hub-branch, loss: 1%", "link: internet-hub-branch-in0, loss: 1%"]), @r"
    error[impaired-twice]: packets that enter `er1-primary` at `edge` already have an impairment
       --> lab.yaml:115:13
        |
    115 |   - { link: er1-primary, from: edge, delay: 1ms }
        |             ^^^^^^^^^^^
        |
        = help: write all of it in one item, or one item with `from` for each end

    error[impaired-twice]: packets that enter `internet-hub-branch-in0` at `hub-vpngw-in0` already have an impairment
       --> lab.yaml:117:13
        |
    117 |   - { link: internet-hub-branch-in0, loss: 1% }
        |             ^^^^^^^^^^^^^^^^^^^^^^^
        |
        = help: write all of it in one item, or one item with `from` for each end

    2 findings in lab.yaml
    ");
}

#[test]
fn a_tunnel_over_a_circuit_is_impaired_there() {
    insta::assert_snapshot!(refused(&["link: hub-east, loss: 1%", "link: hub-east-in1, loss: 1%", "link: internet-hub-east-in0, loss: 1%"]), @r"
    error[over-a-circuit]: `hub-east` goes over a circuit, not across the internet
       --> lab.yaml:114:13
        |
    114 |   - { link: hub-east, loss: 1% }
        |             ^^^^^^^^
        |
        = help: name the circuit's link, `er1-primary`

    error[over-a-circuit]: `hub-east-in1` goes over a circuit, not across the internet
       --> lab.yaml:115:13
        |
    115 |   - { link: hub-east-in1, loss: 1% }
        |             ^^^^^^^^^^^^
        |
        = help: name the circuit's link, `er1-primary`

    error[over-a-circuit]: `internet-hub-east-in0` goes over a circuit, not across the internet
       --> lab.yaml:116:13
        |
    116 |   - { link: internet-hub-east-in0, loss: 1% }
        |             ^^^^^^^^^^^^^^^^^^^^^
        |
        = help: name the circuit's link, `er1-primary`

    3 findings in lab.yaml
    ");
}

/// The delay may come from another part of the file.
#[test]
fn no_packet_arrives_before_it_is_sent() {
    insta::assert_snapshot!(refused(&["link: edge-core, jitter: 2ms", "link: er1-primary, delay: 1ms, jitter: 2ms", "link: er2-primary, reorder: 1%", "link: pc, delay: 40s, jitter: 30s"]), @r"
    error[jitter]: jitter 2ms is more than the delay 0us that it varies: a packet cannot arrive before it is sent
       --> lab.yaml:114:32
        |
    114 |   - { link: edge-core, jitter: 2ms }
        |                                ^^^

    error[jitter]: jitter 2ms is more than the delay 1ms that it varies: a packet cannot arrive before it is sent
       --> lab.yaml:115:46
        |
    115 |   - { link: er1-primary, delay: 1ms, jitter: 2ms }
        |                                              ^^^

    error[reorder]: reorder needs a delay: a packet can overtake only delayed packets
       --> lab.yaml:116:35
        |
    116 |   - { link: er2-primary, reorder: 1% }
        |                                   ^^

    error[too-long]: delay and jitter are more than 60s, the longest that a link may take
       --> lab.yaml:117:24
        |
    117 |   - { link: pc, delay: 40s, jitter: 30s }
        |                        ^^^

    4 findings in lab.yaml
    ");
}

#[test]
fn a_name_stands_for_a_link_or_a_tunnels_way() {
    insta::assert_snapshot!(accepted(
        &[
            "link: er1-primary, from: edge, loss: 1%, rate: 20mbit",
            "link: edge-core, delay: 3ms, jitter: 1ms, reorder: 2%, duplicate: 0.1%, queue: 200",
            "link: east-west, from: gate, delay: 7ms",
            "link: hub-spoke, from: spoke, rate: 1gbit",
            "link: hub-branch, from: hub-vpngw, delay: 5ms",
            "link: hub-branch-in1, from: branch-vpngw, delay: 6ms",
            "link: nva-west, from: gate, loss: 3%",
            "link: internet-branch-west, from: branch-vpngw, loss: 4%",
            "link: hub-ergw, from: hub-ergw, delay: 1ms",
        ],
        &[
            "er1-primary", "er1-secondary", "edge-core", "east-west", "hub-spoke", "hub-branch-in0", "internet-hub-branch-in0",
            "internet-hub-branch-in1", "internet-nva-west", "internet-branch-west", "hub-ergw", "far-ergw",
        ],
    ), @r"
    er1-primary: [rate 50mbit] [loss 1% rate 20mbit]
    er1-secondary: [rate 50mbit] [rate 50mbit]
    edge-core: [delay 3ms jitter 1ms duplicate 0.1% reorder 2% queue 200] [delay 3ms jitter 1ms duplicate 0.1% reorder 2% queue 200]
    east-west: [] [delay 7ms]
    hub-spoke: [] [rate 1gbit]
    hub-branch-in0: [] []
    internet-hub-branch-in0: [delay 5ms] []
    internet-hub-branch-in1: [delay 5ms] [delay 6ms]
    internet-nva-west: [] [loss 3%]
    internet-branch-west: [loss 4%] []
    hub-ergw: [delay 1ms rate 10gbit] []
    far-ergw: [rate 1gbit] []
    ");
}

/// A path across the internet without an impairment has no link of its own.
#[test]
fn what_is_not_impaired_has_no_way_of_its_own() {
    let topology = resolve(&parse(&with(&["link: nva-west, loss: 1%"])).unwrap()).unwrap();
    let ways = topology.internet_paths.iter();
    let ways: Vec<_> = ways
        .map(|way| topology.link(way.link).name.as_str())
        .collect();
    assert_eq!(ways, ["internet-nva-west"]);
}
