//! Explanations of paths through firewalls.

use insta::assert_snapshot;

use super::{explained, why};
use crate::report::solved::Solved;

/// Two spokes and a site around a hub, whose appliance has a firewall.
const LAB: &str = include_str!("filtered.yaml");

fn filtered(firewall: &str) -> Solved {
    let lines = firewall.lines().map(|line| format!("          {line}"));
    let lines: Vec<String> = lines.collect();
    Solved::of(&LAB.replace("FIREWALL", &lines.join("\n")))
}

fn forward(rules: &str) -> String {
    format!(
        "table ip filter {{
  chain forward {{
    type filter hook forward priority filter; policy drop;
    {rules}
  }}
}}"
    )
}

fn summary(lab: &Solved, from: &str, to: &str) -> String {
    explained(lab, from, to).summary
}

#[test]
fn one_side_may_start() {
    let lab = filtered(&forward(
        "ct state established,related accept; ip saddr 10.1.2.0/24 accept",
    ));
    assert_snapshot!(why(&lab, "vm", "spoke-vm"), @r"
    There: vm [10.1.2.4] to spoke-vm [10.2.1.4]

    HOP  NODE      ANSWERS   ROUTE        NEXT HOP  ORIGIN
    -    vm                  10.2.0.0/16  10.1.1.4  User by-nva/spoke
          preferred over Default VNetPeering spoke: user-defined routes win (virtual-networks-udr-overview)
    1    nva       10.1.1.4  10.2.0.0/16  on link   Default VNetPeering spoke
    2    spoke-vm  10.2.1.4

    Back: spoke-vm [10.2.1.4] to vm [10.1.2.4]

    NODE      ROUTE        NEXT HOP  ORIGIN
    spoke-vm  10.1.2.0/24  10.1.1.4  User by-nva/hub
          preferred over 10.1.0.0/16, Default VNetPeering hub: longest prefix wins (RFC 1812, section 5.2.4.3)
    nva       10.1.0.0/16  on link   Default VnetLocal
    vm

    vm reaches spoke-vm in 2 hops.
    ");
    assert_snapshot!(why(&lab, "spoke-vm", "vm"), @r"
    There: spoke-vm [10.2.1.4] to vm [10.1.2.4]

    HOP  NODE      ANSWERS   ROUTE        NEXT HOP  ORIGIN
    -    spoke-vm            10.1.2.0/24  10.1.1.4  User by-nva/hub
          preferred over 10.1.0.0/16, Default VNetPeering hub: longest prefix wins (RFC 1812, section 5.2.4.3)
    1    nva       10.1.1.4  10.1.0.0/16  on link   Default VnetLocal

    Lost: nva drops the packets: line 3 of its firewall, `policy drop`.

    Back: vm [10.1.2.4] to spoke-vm [10.2.1.4]

    NODE      ROUTE        NEXT HOP  ORIGIN
    vm        10.2.0.0/16  10.1.1.4  User by-nva/spoke
          preferred over Default VNetPeering spoke: user-defined routes win (virtual-networks-udr-overview)
    nva       10.2.0.0/16  on link   Default VNetPeering spoke
    spoke-vm

    spoke-vm does not reach vm: nva drops the packets: line 3 of its firewall, `policy drop`.
    ");
}

#[test]
fn without_a_state_the_answers_are_lost() {
    let lab = filtered(&forward("ip saddr 10.1.2.0/24 accept"));
    assert_snapshot!(why(&lab, "vm", "spoke-vm"), @r"
    There: vm [10.1.2.4] to spoke-vm [10.2.1.4]

    HOP  NODE      ANSWERS   ROUTE        NEXT HOP  ORIGIN
    -    vm                  10.2.0.0/16  10.1.1.4  User by-nva/spoke
          preferred over Default VNetPeering spoke: user-defined routes win (virtual-networks-udr-overview)
    1    nva       10.1.1.4  10.2.0.0/16  on link   Default VNetPeering spoke
    2    spoke-vm  *
          silent: its answer has the source 10.2.1.4, but nva drops the answers: line 3 of its firewall, `policy drop`

    Back: spoke-vm [10.2.1.4] to vm [10.1.2.4]

    NODE      ROUTE        NEXT HOP  ORIGIN
    spoke-vm  10.1.2.0/24  10.1.1.4  User by-nva/hub
          preferred over 10.1.0.0/16, Default VNetPeering hub: longest prefix wins (RFC 1812, section 5.2.4.3)
    nva       10.1.0.0/16  on link   Default VnetLocal

    Lost: nva drops the answers: line 3 of its firewall, `policy drop`.

    packets from vm reach spoke-vm, but its answers are lost: nva drops the answers: line 3 of its firewall, `policy drop`.
    ");
}

#[test]
fn errors_of_routers_and_rejected_packets_have_their_words() {
    let echo = filtered(&forward("icmp type { echo-request, echo-reply } accept"));
    assert_snapshot!(why(&echo, "vm", "pc"), @r"
    There: vm [10.1.2.4] to pc [10.8.0.10]

    HOP  NODE    ANSWERS     ROUTE        NEXT HOP         ORIGIN
    -    vm                  10.8.0.0/16  10.1.1.4         User by-nva/site
    1    nva     10.1.1.4    10.8.0.0/24  10.1.0.4         VirtualNetworkGateway hub-gw, AS path 65100
    -    hub-gw  -           10.8.0.0/24  tunnel hub-site  BGP ce, AS path 65100
          does not show: a VPN gateway does not decrement the TTL of a tunnel's packets
    2    ce      172.19.0.1  10.8.0.0/24  172.17.0.0       IGP
    3    lan     *           10.8.0.0/24  on link          connected
          silent: its answer has the source 172.17.0.0, which nobody advertises; hub-gw has no route to it and drops the
            answer (loose reverse-path filtering, RFC 3704, section 2.4)
    4    pc      10.8.0.10

    Back: pc [10.8.0.10] to vm [10.1.2.4]

    NODE    ROUTE        NEXT HOP         ORIGIN
    pc      0.0.0.0/0    10.8.0.1         static
    lan     0.0.0.0/0    172.17.0.1       IGP default
    ce      10.1.0.0/16  tunnel hub-site  BGP hub-gw, AS path 65515
    hub-gw  10.1.0.0/16  on link          Default VnetLocal
    vm

    vm reaches pc in 4 hops, hop 3 silent; the forward path crosses virtual appliance nva, the return path does not.
    ");
    let lab = filtered(&forward("ip daddr 10.8.0.0/16 reject; accept"));
    assert_snapshot!(summary(&lab, "vm", "pc"), @r"vm does not reach pc: nva rejects the packets: line 4 of its firewall, `ip daddr 10.8.0.0/16 reject`");
    assert_snapshot!(summary(&lab, "vm", "spoke-vm"), @r"vm reaches spoke-vm in 2 hops");
}

#[test]
fn a_stateful_appliance_drops_answers_to_what_it_has_not_seen() {
    // The site's packets come by the gateway, past the appliance, and the answers go by the appliance.
    let lab = filtered(&forward(
        "ct state established,related accept; ip saddr 10.2.0.0/16 ct state new accept",
    ));
    assert_snapshot!(summary(&lab, "pc", "spoke-vm"), @r"packets from pc reach spoke-vm, but its answers are lost: nva drops the answers, since it has not seen what they answer: line 3 of its firewall, `policy drop`");
}

#[test]
fn a_translated_source_gets_the_answers() {
    let lab = filtered(
        "table ip nat {
  chain post {
    type nat hook postrouting priority srcnat;
    ip daddr 10.8.0.0/16 masquerade
  }
}",
    );
    assert_snapshot!(why(&lab, "spoke-vm", "pc"), @r"
    There: spoke-vm [10.2.1.4] to pc [10.8.0.10]

    HOP  NODE      ANSWERS     ROUTE        NEXT HOP         ORIGIN
    -    spoke-vm              10.8.0.0/16  10.1.1.4         User by-nva/site
    1    nva       10.1.1.4    10.8.0.0/24  10.1.0.4         VirtualNetworkGateway hub-gw, AS path 65100
    -    hub-gw    -           10.8.0.0/24  tunnel hub-site  BGP ce, AS path 65100
          does not show: a VPN gateway does not decrement the TTL of a tunnel's packets
    2    ce        172.19.0.1  10.8.0.0/24  172.17.0.0       IGP
    3    lan       *           10.8.0.0/24  on link          connected
          silent: its answer has the source 172.17.0.0, which nobody advertises; hub-gw has no route to it and drops the
            answer (loose reverse-path filtering, RFC 3704, section 2.4)
    4    pc        10.8.0.10

    Back: pc [10.8.0.10] to spoke-vm [10.1.1.4]

    NODE      ROUTE        NEXT HOP         ORIGIN
    pc        0.0.0.0/0    10.8.0.1         static
    lan       0.0.0.0/0    172.17.0.1       IGP default
    ce        10.1.0.0/16  tunnel hub-site  BGP hub-gw, AS path 65515
    hub-gw    10.1.0.0/16  on link          Default VnetLocal
    nva       10.2.0.0/16  on link          Default VNetPeering spoke
    spoke-vm

    spoke-vm reaches pc in 4 hops, hop 3 silent; nva translates the source 10.2.1.4 to 10.1.1.4, and the destination of
      answers back.
    ");
    assert_snapshot!(summary(&lab, "spoke-vm", "vm"), @r"spoke-vm reaches vm in 2 hops");
    let lab = filtered(
        "table ip nat { chain post { type nat hook postrouting priority 100; snat to 10.99.0.1; }; }",
    );
    assert_snapshot!(summary(&lab, "spoke-vm", "pc"), @r"spoke-vm does not reach pc: hub-gw has no route back to 10.99.0.1 and drops packets from it (loose reverse-path filtering, RFC 3704, section 2.4)");
}

#[test]
fn what_cannot_be_told_is_named() {
    let lab = filtered(&forward("meta mark 7 accept; ip daddr 10.2.0.0/16 accept"));
    let found = explained(&lab, "vm", "spoke-vm");
    assert_snapshot!(found.summary, @r"vm reaches spoke-vm in 2 hops; note: nva has a firewall whose rules are not evaluated for this packet: line 4 of its firewall, `meta mark 7 accept`");
    assert!(found.answered);
    assert_eq!(found.not_evaluated.len(), 1);
    // A rule for other packets decides nothing.
    let lab = filtered(&forward("tcp dport 22 meta mark 7 drop; accept"));
    assert_snapshot!(summary(&lab, "vm", "spoke-vm"), @r"vm reaches spoke-vm in 2 hops");
}

#[test]
fn a_machine_filters_its_own_packets() {
    let lab = filtered(
        "table ip f {
  chain in { type filter hook input priority 0; ip saddr 10.2.0.0/16 drop; }
  chain out { type filter hook output priority 0; icmp type time-exceeded drop; ip daddr 10.8.0.0/16 drop; }
}",
    );
    assert_snapshot!(summary(&lab, "spoke-vm", "nva"), @r"spoke-vm does not reach nva: nva drops the packets: line 2 of its firewall, `ip saddr 10.2.0.0/16 drop`");
    assert_snapshot!(summary(&lab, "nva", "pc"), @r"nva does not reach pc: nva drops the packets: line 3 of its firewall, `ip daddr 10.8.0.0/16 drop`");
    assert_snapshot!(why(&lab, "spoke-vm", "vm"), @r"
    There: spoke-vm [10.2.1.4] to vm [10.1.2.4]

    HOP  NODE      ANSWERS   ROUTE        NEXT HOP  ORIGIN
    -    spoke-vm            10.1.2.0/24  10.1.1.4  User by-nva/hub
          preferred over 10.1.0.0/16, Default VNetPeering hub: longest prefix wins (RFC 1812, section 5.2.4.3)
    1    nva       *         10.1.0.0/16  on link   Default VnetLocal
          silent: its answer has the source 10.1.1.4, but nva drops errors of routers: line 3 of its firewall, `icmp type
            time-exceeded drop`
    2    vm        10.1.2.4

    Back: vm [10.1.2.4] to spoke-vm [10.2.1.4]

    NODE      ROUTE        NEXT HOP  ORIGIN
    vm        10.2.0.0/16  10.1.1.4  User by-nva/spoke
          preferred over Default VNetPeering spoke: user-defined routes win (virtual-networks-udr-overview)
    nva       10.2.0.0/16  on link   Default VNetPeering spoke
    spoke-vm

    spoke-vm reaches vm in 2 hops, hop 1 silent.
    ");
}
