//! Explanations of hub-spoke's paths, and of choices that it does not have.

mod cures;
mod firewalls;
mod json;
mod mistakes;

use insta::assert_snapshot;

use crate::report::solved::{APPLIANCE, Solved};
use crate::report::why::{Why, report, text};
use crate::topology::LinkId;
use crate::units::Share;
use crate::verify::why::explain;

fn explained(lab: &Solved, from: &str, to: &str) -> Why {
    let by_name = || lab.topology.node(lab.node(to)).address.unwrap();
    let address = to.parse().unwrap_or_else(|_| by_name());
    let from = lab.node(from);
    let why = explain(lab, from, address);
    report(&lab.topology, from, &why)
}

fn why(lab: &Solved, from: &str, to: &str) -> String {
    text(&explained(lab, from, to))
}

#[test]
fn a_circuit_before_a_tunnel_and_silent_hops() {
    assert_snapshot!(why(&Solved::hub_spoke(), "hub-vm", "loc1-vm"), @r"
    There: hub-vm [10.10.30.4] to loc1-vm [10.2.30.10]

    HOP  NODE       ANSWERS       ROUTE         NEXT HOP       ORIGIN
    -    hub-vm                   10.2.30.0/25  10.10.30.132   VirtualNetworkGateway hub-ergw, AS path 12076-65021
          preferred over VirtualNetworkGateway hub-vpngw, AS path 65021: ExpressRoute wins over VPN (expressroute-faqs)
    1    er1-msee1  10.10.30.132  10.2.30.0/25  192.168.30.17  BGP loc1-ce1, AS path 65021
    2    loc1-ce1   *             10.2.30.0/25  192.168.30.1   IGP
          silent: its answer has the source 192.168.30.17, which nobody advertises; hub-ergw has no route to it and drops
            the answer (loose reverse-path filtering, RFC 3704, section 2.4)
    3    loc1-lan   *             10.2.30.0/25  on link        connected
          silent: its answer has the source 192.168.30.1, which nobody advertises; er1-msee1 has no route to it and drops
            the answer (loose reverse-path filtering, RFC 3704, section 2.4)
    4    loc1-vm    10.2.30.10

    Back: loc1-vm [10.2.30.10] to hub-vm [10.10.30.4]

    NODE       ROUTE          NEXT HOP       ORIGIN
    loc1-vm    0.0.0.0/0      10.2.30.3      static
    loc1-lan   0.0.0.0/0      192.168.30.0   IGP default
    loc1-ce1   10.10.30.0/24  192.168.30.18  BGP er1-msee1, AS path 12076, local preference 200
          preferred over BGP hub-vpngw, AS path 65515: higher local preference wins (RFC 4271, section 9.1.1)
    er1-msee1  10.10.30.0/24  169.254.201.7  BGP hub-ergw, AS path 65515
    hub-ergw   10.10.30.0/24  on link        Default VnetLocal
    hub-vm

    hub-vm reaches loc1-vm in 4 hops, hops 2 and 3 silent; the return path crosses ExpressRoute gateway hub-ergw, the
      forward path does not.
    ");
}

#[test]
fn a_tunnel_that_renews_the_time_to_live() {
    assert_snapshot!(why(&Solved::hub_spoke(), "loc1-vm", "branch-vm"), @r"
    There: loc1-vm [10.2.30.10] to branch-vm [10.11.30.68]

    HOP  NODE          ANSWERS       ROUTE           NEXT HOP           ORIGIN
    -    loc1-vm                     0.0.0.0/0       10.2.30.3          static
    1    loc1-lan      10.2.30.3     0.0.0.0/0       192.168.30.0       IGP default
    2    loc1-ce1      192.168.30.0  10.11.30.64/26  tunnel hub-loc1    BGP hub-vpngw, AS path 65515-65516
    -    hub-vpngw     -             10.11.30.64/26  tunnel hub-branch  BGP branch-vpngw, AS path 65516
          does not show: the device before the tunnel sets a new TTL
    -    branch-vpngw  -             10.11.30.64/26  on link            Default VnetLocal
          does not show: the device before the tunnel sets a new TTL
    3    branch-vm     10.11.30.68

    Back: branch-vm [10.11.30.68] to loc1-vm [10.2.30.10]

    NODE          ROUTE         NEXT HOP           ORIGIN
    branch-vm     10.2.30.0/25  10.11.30.100       VirtualNetworkGateway branch-vpngw, AS path 65515-65021
    branch-vpngw  10.2.30.0/25  tunnel hub-branch  BGP hub-vpngw, AS path 65515-65021
    hub-vpngw     10.2.30.0/25  tunnel hub-loc1    BGP loc1-ce1, AS path 65021
    loc1-ce1      10.2.30.0/25  192.168.30.1       IGP
    loc1-lan      10.2.30.0/25  on link            connected
    loc1-vm

    loc1-vm reaches branch-vm in 3 hops.
    ");
}

#[test]
fn two_ways_past_and_through_two_gateways() {
    let summary = explained(&Solved::hub_spoke(), "hub-vm", "remote-vm").summary;
    assert_snapshot!(summary, @"hub-vm reaches remote-vm in 3 hops, hop 2 silent; the forward path crosses ExpressRoute gateway remote-ergw, the return path ExpressRoute gateway hub-ergw");
}

#[test]
fn a_dead_end_tells_where_the_route_stops() {
    assert_snapshot!(why(&Solved::hub_spoke(), "branch-vm", "loc2-vm"), @r"
    There: branch-vm [10.11.30.68] to loc2-vm [10.1.31.10]

    HOP  NODE       ANSWERS  ROUTE       NEXT HOP  ORIGIN
    -    branch-vm           10.0.0.0/8  dropped   Default None

    Lost: branch-vm has no route to 10.1.31.10 except the system route 10.0.0.0/8 to None.
    Nodes that have such a route, and where its propagation stops:
      hub-ergw has 10.1.31.0/25, which does not reach er1-msee1 and er1-msee2 (er1-hub): an ExpressRoute gateway does not
        advertise to a circuit what it learned from another circuit or from a VPN gateway (expressroute-faqs)
      hub-ergw has 10.1.31.0/25, which does not reach hub-vpngw (hub): a VPN gateway does not advertise to tunnels what it
        learned from circuits (expressroute-faqs)

    Back: loc2-vm [10.1.31.10] to branch-vm [10.11.30.68]

    NODE      ROUTE      NEXT HOP                     ORIGIN
    loc2-vm   0.0.0.0/0  10.1.31.3                    static
    loc2-lan  0.0.0.0/0  192.168.31.0 | 192.168.31.4  IGP default
    loc2-ce1  0.0.0.0/0  dropped                      discard

    Lost: loc2-ce1 has no route to 10.11.30.68.
    Nodes that have such a route, and where its propagation stops:
      hub-ergw has 10.11.30.64/26, which does not reach er2-msee1 (er2-hub): an ExpressRoute gateway does not advertise to a
        circuit what it learned from another circuit or from a VPN gateway (expressroute-faqs)

    branch-vm does not reach loc2-vm: branch-vm has no route to 10.1.31.10 except the system route 10.0.0.0/8 to None.
    ");
}

#[test]
fn a_failure_tells_which_sessions_are_down() {
    let lab = Solved::hub_spoke().without("loc1-ce1");
    assert_snapshot!(why(&lab, "hub-vm", "loc1-vm"), @r"
    There: hub-vm [10.10.30.4] to loc1-vm [10.2.30.10]

    HOP  NODE    ANSWERS  ROUTE       NEXT HOP  ORIGIN
    -    hub-vm           10.0.0.0/8  dropped   Default None

    Lost: hub-vm has no route to 10.2.30.10 except the system route 10.0.0.0/8 to None.
    Nodes that have such a route, and where its propagation stops:
      loc1-ce1 has 10.2.30.0/25, which does not reach er1-msee1 (er1): the session is down
      loc1-ce2 has 10.2.30.0/25, which does not reach er1-msee2 (er1): the session is down
      loc1-ce1 has 10.2.30.0/25, which does not reach hub-vpngw (hub-loc1): the session is down

    Back: loc1-vm [10.2.30.10] to hub-vm [10.10.30.4]

    NODE      ROUTE      NEXT HOP   ORIGIN
    loc1-vm   0.0.0.0/0  10.2.30.3  static
    loc1-lan  0.0.0.0/0  dropped    discard

    Lost: loc1-lan has no route to 10.10.30.4.
    Nodes that have such a route, and where its propagation stops:
      er1-msee1 has 10.10.30.0/24, which does not reach loc1-ce1 (er1): the session is down
      er1-msee2 has 10.10.30.0/24, which does not reach loc1-ce2 (er1): the session is down
      hub-vpngw has 10.10.30.0/24, which does not reach loc1-ce1 (hub-loc1): the session is down

    hub-vm does not reach loc1-vm: hub-vm has no route to 10.2.30.10 except the system route 10.0.0.0/8 to None.
    ");
}

#[test]
fn a_link_that_is_down_is_named() {
    let hub_spoke = Solved::hub_spoke;
    let summary = |lab: &Solved, from, to| explained(lab, from, to).summary;
    let lab = hub_spoke().without("spoke-vm");
    assert_snapshot!(summary(&lab, "hub-vm", "spoke-vm"), @"hub-vm does not reach spoke-vm: the path from hub-vm uses the link spoke-vm, which is down");
    assert_snapshot!(summary(&lab, "spoke-vm", "hub-vm"), @"spoke-vm does not reach hub-vm: the path from spoke-vm uses the link spoke-vm, which is down");
    let lab = hub_spoke().without("hub-spoke");
    assert_snapshot!(summary(&lab, "hub-vm", "spoke-vm"), @"hub-vm does not reach spoke-vm: hub-vm has no route to 10.11.30.4 except the system route 10.0.0.0/8 to None");
    let lab = hub_spoke().just_lost("internet-branch-vpngw");
    assert_snapshot!(summary(&lab, "hub-vm", "branch-vm"), @"hub-vm does not reach branch-vm: the path from hub-vpngw uses the link internet-branch-vpngw, which is down");
}

#[test]
fn an_address_that_nobody_has() {
    assert_snapshot!(why(&Solved::hub_spoke(), "hub-vm", "10.99.0.1"), @r"
    There: hub-vm [10.10.30.4] to nobody [10.99.0.1]

    HOP  NODE    ANSWERS  ROUTE       NEXT HOP  ORIGIN
    -    hub-vm           10.0.0.0/8  dropped   Default None

    Lost: hub-vm has no route to 10.99.0.1 except the system route 10.0.0.0/8 to None.

    hub-vm does not reach 10.99.0.1: no node has that address.
    ");
}

#[test]
fn an_answer_that_is_lost_on_its_way_back() {
    let text = include_str!("../../../labs/hub-spoke.yaml");
    let lab = Solved::of(&text.replace("advertise: [10.2.30.0/25]", "advertise: []"));
    assert_snapshot!(explained(&lab, "hub-vm", "loc1-vm").summary, @"hub-vm does not reach loc1-vm: hub-vm has no route to 10.2.30.10 except the system route 10.0.0.0/8 to None");
    assert_snapshot!(explained(&lab, "loc1-vm", "hub-vm").summary, @"loc1-vm does not reach hub-vm: er1-msee1 has no route back to 10.2.30.10 and drops packets from it (loose reverse-path filtering, RFC 3704, section 2.4)");
}

#[test]
fn a_route_table_that_drops_and_one_that_steers() {
    let lab = Solved::of(APPLIANCE);
    assert_snapshot!(explained(&lab, "steered-vm", "far-vm").summary, @"steered-vm does not reach far-vm: steered-vm has no route to 10.9.0.4 except the user-defined route steer/none, 10.9.0.0/24 to None");
    assert_snapshot!(why(&lab, "steered-vm", "east-pc"), @r"
    There: steered-vm [10.1.2.4] to east-pc [10.101.0.10]

    HOP  NODE        ANSWERS       ROUTE          NEXT HOP         ORIGIN
    -    steered-vm                0.0.0.0/0      10.1.3.4         User steer/all
          preferred over Default Internet: user-defined routes win (virtual-networks-udr-overview)
    1    nva-vm      10.1.3.4      10.101.0.0/24  tunnel nva-east  BGP east-ce, AS path 65101
    2    east-ce     10.101.0.125  10.101.0.0/24  on link          connected
    3    east-pc     10.101.0.10

    Back: east-pc [10.101.0.10] to steered-vm [10.1.2.4]

    NODE        ROUTE        NEXT HOP         ORIGIN
    east-pc     0.0.0.0/0    10.101.0.1       static
    east-ce     10.1.0.0/16  tunnel nva-east  BGP nva-vm, AS path 65001
    nva-vm      10.1.0.0/16  on link          Default VnetLocal
    steered-vm

    steered-vm reaches east-pc in 3 hops.
    ");
}

/// A site with a circuit for its whole range, and a tunnel for a part of it.
const LONGER: &str = r"name: longer
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.1.0.0/24]
    subnets: { default: { addressPrefix: 10.1.0.0/25 }, GatewaySubnet: { addressPrefix: 10.1.0.128/25 } }
    virtualMachines: { hub-vm: { subnet: default, privateIPAddress: 10.1.0.4 } }
virtualNetworkGateways:
  vpn: { virtualNetwork: hub, gatewayType: Vpn, publicIPAddress: 203.0.113.1 }
  ergw: { virtualNetwork: hub, gatewayType: ExpressRoute }
expressRouteCircuits:
  er:
    bandwidthInMbps: 50
    primary: { peerAddressPrefix: 172.16.1.0/30, customerEdge: ce1 }
    secondary: { peerAddressPrefix: 172.16.1.4/30, customerEdge: ce1 }
connections:
  er-hub: { connectionType: ExpressRoute, gateway: ergw, circuit: er, endpoints: [10.1.0.140, 10.1.0.141] }
  vpn-ce2: { connectionType: IPsec, gateway: vpn, device: ce2 }
sites:
  east:
    asn: 65001
    routers:
      ce1: { advertise: [10.20.0.0/16], localPreference: { er: 200 } }
      ce2: { advertise: [10.20.0.0/24], tunnel: { sourceAddress: 198.51.100.1, address: 10.20.0.125 } }
      lan: { address: 10.20.0.1/24 }
    hosts: { pc: { address: 10.20.0.10/24, gateway: 10.20.0.1 } }
    links:
      - { a: ce1, b: lan, addresses: [172.31.1.0/31, 172.31.1.1/31] }
      - { a: ce2, b: lan, addresses: [172.31.1.2/31, 172.31.1.3/31] }
";

#[test]
fn a_longer_prefix_by_a_tunnel_before_a_shorter_one_by_a_circuit() {
    assert_snapshot!(why(&Solved::of(LONGER), "hub-vm", "pc"), @r"
    There: hub-vm [10.1.0.4] to pc [10.20.0.10]

    HOP  NODE    ANSWERS      ROUTE         NEXT HOP        ORIGIN
    -    hub-vm               10.20.0.0/24  10.1.0.132      VirtualNetworkGateway vpn, AS path 65001
          preferred over 10.20.0.0/16, VirtualNetworkGateway ergw, AS path 12076-65001: longest prefix wins (RFC 1812,
            section 5.2.4.3)
    -    vpn     -            10.20.0.0/24  tunnel vpn-ce2  BGP ce2, AS path 65001
          does not show: a VPN gateway does not decrement the TTL of a tunnel's packets
    1    ce2     10.20.0.125  10.20.0.0/24  172.31.1.3      IGP
    2    lan     *            10.20.0.0/24  on link         connected
          silent: its answer has the source 172.31.1.1, which nobody advertises; er-msee1 has no route to it and drops the
            answer (loose reverse-path filtering, RFC 3704, section 2.4)
    3    pc      10.20.0.10

    Back: pc [10.20.0.10] to hub-vm [10.1.0.4]

    NODE      ROUTE        NEXT HOP                 ORIGIN
    pc        0.0.0.0/0    10.20.0.1                static
    lan       0.0.0.0/0    172.31.1.0 | 172.31.1.2  IGP default
    ce1       10.1.0.0/24  172.16.1.2 | 172.16.1.6  BGP er-msee1, AS path 12076, local preference 200
    er-msee1  10.1.0.0/24  169.254.219.210          BGP ergw, AS path 65515
    ergw      10.1.0.0/24  on link                  Default VnetLocal
    hub-vm

    hub-vm reaches pc in 3 hops, hop 2 silent; the forward path crosses VPN gateway vpn and router ce2, the return path
      router ce1, MSEE er-msee1 and ExpressRoute gateway ergw.
    ");
}

#[test]
fn a_link_that_loses_everything_is_named() {
    let lost = |change: &dyn Fn(&mut Solved, LinkId)| {
        let mut lab = Solved::hub_spoke();
        let link = lab.topology.link_named("er1-primary").unwrap();
        change(&mut lab, link);
        let why = explained(&lab, "loc1-vm", "hub-vm");
        assert!(!why.answered);
        why.summary
    };
    let blackhole = lost(&|lab, link| {
        lab.disturbances.blackholed.insert(link);
    });
    let impaired = lost(&|lab, link| {
        let mut directions = lab.topology.link(link).directions;
        directions[0].loss = Share::ALL;
        directions[1].loss = Share::ALL;
        lab.disturbances.impaired.insert(link, directions);
    });
    let by_file = lost(&|lab, link| {
        for way in &mut lab.topology.to_mut().links[link.0].directions {
            way.loss = Share::ALL;
        }
    });
    assert_snapshot!([blackhole, impaired, by_file].join("\n"), @r"
    loc1-vm does not reach hub-vm: the path from loc1-ce1 uses the link er1-primary, which loses all packets: it is a blackhole; `lab heal er1-primary` ends that
    loc1-vm does not reach hub-vm: the path from loc1-ce1 uses the link er1-primary, which loses all packets: `lab impair` makes it lose 100%; `lab impair er1-primary --clear` ends that
    loc1-vm does not reach hub-vm: the path from loc1-ce1 uses the link er1-primary, which loses all packets: the lab file makes it lose 100%
    ");
}
