//! Edits that make a path work and cut others.

use insta::assert_snapshot;

use super::lab;

#[test]
fn the_paths_that_an_edit_cuts_are_named() {
    let two_hubs = include_str!("../../../../labs/two-hubs.yaml");
    let start = two_hubs.find("  hub2-nvas:\n").unwrap();
    let (before, rest) = two_hubs.split_at(start);
    let end = rest.find("      loc1: ").unwrap();
    let end = end + rest[end..].find('\n').unwrap() + 1;
    let text = format!("{before}  hub2-nvas: {{}}\n{}", &rest[end..]);
    assert_snapshot!(lab(&text).cures("spoke11-vm", "spoke21-vm"), @r#"
    peer spoke11 with spoke21 (1 hops)
    Add peerings (line 54)
      - { virtualNetwork: spoke11, remoteVirtualNetwork: spoke21 }

    connect hub1-vpngw to hub2-vpngw (3 hops)
    Add connections (line 97)
      hub1-vpngw-hub2-vpngw: { gateways: [hub1-vpngw, hub2-vpngw], enableBgp: false }

    send the packets of the route region2-spokes/everything to nva1, and peer spoke21 with hub1, which has the next hop of the route, cuts [["nva1", "spoke22-vm"], ["spoke21-vm", "spoke22-vm"], ["spoke22-vm", "loc2-vm"]] (2 hops)
    Replace routeTables.region2-spokes.routes.everything (line 66 to 66)
          everything: { addressPrefix: 0.0.0.0/0, nextHopIpAddress: nva1 }
    Add peerings (line 54)
      - { virtualNetwork: spoke21, remoteVirtualNetwork: hub1, allowForwardedTraffic: true }
    "#);
}
