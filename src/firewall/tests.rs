//! The effect of rules on packets, text in and text out.

use insta::assert_snapshot;

use crate::addresses::Address;
use crate::firewall::{Firewall, FlowState, Hook, Packet, Ruling, Seen};

const HOOKS: [(Hook, &str); 5] = [
    (Hook::Prerouting, "prerouting"),
    (Hook::Input, "input"),
    (Hook::Forward, "forward"),
    (Hook::Output, "output"),
    (Hook::Postrouting, "postrouting"),
];

const ECHO: u8 = 8;

fn packet(state: Option<FlowState>) -> Packet<'static> {
    Packet {
        source: Address::v4(10, 1, 0, 4),
        destination: Address::v4(10, 2, 0, 4),
        icmp_type: ECHO,
        state,
        entered: Seen::Named("eth0"),
        leaves: Seen::Named("eth1"),
        masquerade: Some(Address::v4(10, 9, 0, 1)),
        source_after: None,
        destination_after: None,
    }
}

fn shown(ruling: Ruling) -> String {
    match ruling {
        Ruling::Passes { source: None } => "passes".to_owned(),
        Ruling::Passes {
            source: Some(source),
        } => format!("passes from {source}"),
        Ruling::Dropped(part) => format!("dropped by {}: {}", part.line, part.text),
        Ruling::Rejected(part) => format!("rejected by {}: {}", part.line, part.text),
        Ruling::Untold(part) => format!("untold: {}: {}", part.line, part.text),
    }
}

/// The rulings at all hooks where a packet does not simply pass.
fn rulings(text: &str, packet: &Packet<'_>) -> String {
    let firewall = Firewall::new(text);
    let rulings = HOOKS.map(|(hook, name)| (name, shown(firewall.ruling(hook, packet))));
    let odd = rulings.iter().filter(|(_, ruling)| ruling != "passes");
    let odd = odd.map(|(name, ruling)| format!("{name}: {ruling}"));
    odd.collect::<Vec<_>>().join("\n")
}

/// The ruling about a new flow by rules at the hook forward.
fn forward(rules: &str) -> String {
    forward_in(rules, FlowState::New)
}

fn forward_in(rules: &str, state: FlowState) -> String {
    let text = format!(
        "table ip f {{ chain c {{ type filter hook forward priority 0; policy drop;\n{rules}\n}} }}"
    );
    rulings(&text, &packet(Some(state)))
}

#[test]
fn addresses_protocols_and_interfaces_are_compared() {
    for (rule, matches) in [
        ("accept", true),
        ("ip saddr 10.1.0.0/16 accept", true),
        ("ip saddr != 10.1.0.0/16 accept", false),
        ("ip daddr 10.2.0.4 accept", true),
        ("ip daddr 10.2.0.5 accept", false),
        ("ip daddr 10.2.0.1-10.2.0.4 accept", true),
        ("ip daddr { 10.3.0.0/16, 10.2.0.0/24 } accept", true),
        ("ip daddr != { 10.3.0.0/16, 10.2.0.0/24 } accept", false),
        ("ip protocol icmp accept", true),
        ("meta l4proto { tcp, udp } accept", false),
        ("meta l4proto != tcp counter accept", true),
        ("icmp type { echo-request, echo-reply } accept", true),
        ("icmp type time-exceeded accept", false),
        ("iifname \"eth0\" oifname \"eth1\" accept", true),
        ("meta iifname eth1 accept", false),
        ("iifname { lo, \"et*\" } accept", true),
        ("oif != eth1 accept", false),
        ("tcp dport 22 accept", false),
        ("udp sport . ip daddr { 1 . 10.0.0.1 } accept", false),
        ("meta nfproto ipv4 accept", true),
        ("meta nfproto ipv6 accept", false),
        ("ip6 saddr fd00::/8 accept", false),
        (
            "ip saddr 10.1.0.4 ip daddr 10.2.0.4 counter packets 1 bytes 2 accept",
            true,
        ),
        (
            "log prefix \"a b\" level info counter name x accept comment \"yes\"",
            true,
        ),
        ("continue", false),
    ] {
        let expected = if matches {
            ""
        } else {
            "forward: dropped by 1: policy drop"
        };
        assert_eq!(forward(rule), expected, "{rule}");
    }
}

#[test]
fn the_first_rule_that_decides_counts() {
    assert_snapshot!(forward("ip saddr 10.1.0.0/16 drop\naccept"), @r"forward: dropped by 2: ip saddr 10.1.0.0/16 drop");
    assert_snapshot!(forward("ip saddr 10.8.0.0/16 drop; counter; accept; drop"), @"");
    assert_snapshot!(forward("ip daddr 10.2.0.4 reject with icmp type admin-prohibited"), @r"forward: rejected by 2: ip daddr 10.2.0.4 reject with icmp type admin-prohibited");
    assert_snapshot!(forward("return\naccept"), @r"forward: dropped by 1: policy drop");
}

#[test]
fn states_are_compared_one_by_one() {
    let stateful =
        "ct state established,related accept\nct state { new } ip saddr 10.1.0.0/16 accept";
    for state in [
        FlowState::New,
        FlowState::Established,
        FlowState::Related,
        FlowState::Invalid,
    ] {
        let expected = match state {
            FlowState::Invalid => "forward: dropped by 1: policy drop",
            _ => "",
        };
        assert_eq!(forward_in(stateful, state), expected, "{state:?}");
    }
    let map = "ct state vmap { established : accept, related : accept, invalid : drop }\nreject";
    assert_snapshot!(forward_in(map, FlowState::Related), @"");
    assert_snapshot!(forward_in(map, FlowState::Invalid), @r"forward: dropped by 2: ct state vmap { established : accept, related : accept, invalid : drop }");
    assert_snapshot!(forward_in(map, FlowState::New), @r"forward: rejected by 3: reject");
    assert_snapshot!(forward_in("ct state != established accept", FlowState::New), @"");
}

#[test]
fn what_cannot_be_read_is_not_decided() {
    for rule in [
        "meta mark 1 accept",
        "limit rate 1/second accept",
        "ip saddr 10.1.0.0/16 ct mark 1 accept",
        "fib daddr type local accept",
        "ip daddr example.org accept",
        "ip saddr . ip daddr { 10.1.0.4 . 10.2.0.4 } accept",
        "ip saddr @missing accept",
        "ip saddr $missing accept",
        "ct state != established,related accept",
        "ip daddr 10.2.0.4 and 255.255.255.0 accept",
        "jump { accept }",
        "ip ttl 3 drop",
        "notrack",
        "\"quoted\"",
    ] {
        let ruling = forward(rule);
        assert!(
            ruling.starts_with("forward: untold: 2: "),
            "{rule}: {ruling}"
        );
    }
    // A match before it excludes the packet.
    assert_snapshot!(forward("ip saddr 10.7.0.0/16 meta mark 1 drop\naccept"), @"");
    assert_snapshot!(rulings("table ip f { flags dormant; }", &packet(None)), @r"
    prerouting: untold: 1: flags dormant
    input: untold: 1: flags dormant
    forward: untold: 1: flags dormant
    output: untold: 1: flags dormant
    postrouting: untold: 1: flags dormant
    ");
    assert_snapshot!(rulings("add rule ip f c drop", &packet(None)), @r"
    prerouting: untold: 1: add rule ip f c drop
    input: untold: 1: add rule ip f c drop
    forward: untold: 1: add rule ip f c drop
    output: untold: 1: add rule ip f c drop
    postrouting: untold: 1: add rule ip f c drop
    ");
    assert_snapshot!(rulings("table netdev f { }", &packet(None)), @r"
    prerouting: untold: 1: table netdev f
    input: untold: 1: table netdev f
    forward: untold: 1: table netdev f
    output: untold: 1: table netdev f
    postrouting: untold: 1: table netdev f
    ");
    assert_snapshot!(rulings("table ip6 f { chain c { type filter hook forward priority 0; policy drop; }; }", &packet(None)), @"");
    assert_snapshot!(rulings("table ip f { chain c { type route hook output priority 0; }; }", &packet(None)), @r"
    prerouting: untold: 1: type route hook output priority 0
    input: untold: 1: type route hook output priority 0
    forward: untold: 1: type route hook output priority 0
    output: untold: 1: type route hook output priority 0
    postrouting: untold: 1: type route hook output priority 0
    ");
    assert_snapshot!(rulings("} {{ \" table ip", &packet(None)), @r"
    prerouting: untold: 1: }
    input: untold: 1: }
    forward: untold: 1: }
    output: untold: 1: }
    postrouting: untold: 1: }
    ");
}

#[test]
fn chains_jump_and_return() {
    let text = |own: &str| {
        format!(
            "define home = 10.1.0.0/16
define both = {{ 10.3.0.0/16, $home }}
table inet f {{
  set spokes {{ type ipv4_addr; flags interval; elements = {{ 10.2.0.0/16,
    10.4.0.0/16 }} }}
  set filled {{ type ipv4_addr; flags dynamic; }}
  chain to-spokes {{ ip daddr @spokes jump deeper; ip daddr 10.9.0.0/16 drop }}
  chain deeper {{ return; drop; }}
  chain loop {{ jump loop }}
  chain forward {{
    type filter hook forward priority filter + 5; policy accept;
    {own}
  }}
}}"
        )
    };
    let forward = |own: &str| rulings(&text(own), &packet(Some(FlowState::New)));
    assert_snapshot!(forward("jump to-spokes; ip saddr $home drop"), @r"forward: dropped by 12: ip saddr 10.1.0.0/16 drop");
    assert_snapshot!(forward("ip saddr $both ip daddr @spokes drop"), @r"forward: dropped by 12: ip saddr { 10.3.0.0/16, 10.1.0.0/16 } ip daddr @spokes drop");
    assert_snapshot!(forward("goto to-spokes\ndrop"), @"");
    assert_snapshot!(forward("jump loop"), @r"forward: untold: 9: jump loop");
    assert_snapshot!(forward("ip saddr @filled drop"), @r"forward: untold: 12: ip saddr @filled drop");
}

#[test]
fn sources_are_translated_once_and_between_the_filters() {
    let nat = "table ip nat {
  chain post { type nat hook postrouting priority srcnat; ip daddr 10.2.0.0/16 oifname eth1 masquerade }
  chain later { type nat hook postrouting priority 110; snat to 10.8.8.8 }
}
table ip f {
  chain before { type filter hook postrouting priority 0; ip saddr 10.9.0.1 drop; }
  chain after { type filter hook postrouting priority 150; ip saddr 10.9.0.1 counter accept; drop }
}";
    assert_snapshot!(rulings(nat, &packet(Some(FlowState::New))), @r"postrouting: passes from 10.9.0.1");
    assert_snapshot!(rulings(nat, &packet(Some(FlowState::Established))), @r"postrouting: dropped by 7: drop");
    let later = Packet {
        source_after: Some(Address::v4(10, 9, 0, 1)),
        ..packet(Some(FlowState::Established))
    };
    assert_snapshot!(rulings(nat, &later), @"");
    assert_snapshot!(rulings(nat, &packet(None)), @r"postrouting: untold: 2: ip daddr 10.2.0.0/16 oifname eth1 masquerade");
    let unknown = Packet {
        masquerade: None,
        ..packet(Some(FlowState::New))
    };
    assert_snapshot!(rulings(nat, &unknown), @r"postrouting: untold: 2: ip daddr 10.2.0.0/16 oifname eth1 masquerade");
    let to = "table ip nat { chain post { type nat hook postrouting priority 100; snat ip to 10.8.8.8 } }";
    assert_snapshot!(rulings(to, &packet(Some(FlowState::New))), @r"postrouting: passes from 10.8.8.8");
    let dnat = "table ip nat { chain pre { type nat hook prerouting priority dstnat; ip daddr 10.2.0.4 dnat to 10.3.0.4 } }";
    assert_snapshot!(rulings(dnat, &packet(Some(FlowState::New))), @r"prerouting: untold: 1: ip daddr 10.2.0.4 dnat to 10.3.0.4");
    assert_snapshot!(rulings(dnat, &packet(Some(FlowState::Established))), @"");
}

#[test]
fn a_reply_is_translated_back_between_the_filters() {
    let text = "table ip f {
  chain raw { type filter hook prerouting priority raw; ip daddr 10.1.0.4 drop }
  chain late { type filter hook prerouting priority 0; ip daddr 10.2.0.4 drop }
}";
    let reply = Packet {
        destination_after: Some(Address::v4(10, 1, 0, 4)),
        ..packet(Some(FlowState::Established))
    };
    assert_snapshot!(rulings(text, &reply), @"");
    let early =
        "table ip f { chain raw { type filter hook prerouting priority raw; ct state new drop } }";
    assert_snapshot!(rulings(early, &packet(Some(FlowState::New))), @r"prerouting: untold: 1: ct state new drop");
}
