//! Traffic selectors of tunnels.

use super::*;

/// Two sites with static connections to one gateway. Section 30.2: they reach each other if their devices' selectors
/// contain both.
fn two_sites(selectors: &str) -> Lab {
    let text = format!(
        "name: selectors
virtualNetworks:
  hub: {{ addressPrefixes: [10.1.0.0/16], subnets: {{ default: 10.1.0.0/24, GatewaySubnet: 10.1.255.0/27 }}, virtualMachines: [vm] }}
virtualNetworkGateways: {{ gw: {{ virtualNetwork: hub }} }}
connections:
  east: {{ gateway: gw, device: east-ce, enableBgp: false, localNetworkAddressPrefixes: [10.60.0.0/24]{selectors} }}
  west: {{ gateway: gw, device: west-ce, enableBgp: false, localNetworkAddressPrefixes: [10.70.0.0/24] }}
sites:
  east:
    routers:
      east-ce: {{ address: 10.60.0.1/24, routes: [{{ addressPrefix: 10.0.0.0/8, connection: east }}] }}
    hosts: {{ east-pc: 10.60.0.10/24 }}
  west:
    routers:
      west-ce: {{ address: 10.70.0.1/24, routes: [{{ addressPrefix: 10.0.0.0/8, connection: west }}] }}
    hosts: {{ west-pc: 10.70.0.10/24 }}
"
    );
    Lab::from_text(&text)
}

#[test]
fn rule_30_2_traffic_selectors_filter_a_tunnel_in_both_directions() {
    let ways = |lab: &Lab| {
        let pairs = [
            ("vm", "east-pc"),
            ("east-pc", "vm"),
            ("east-pc", "west-pc"),
            ("west-pc", "east-pc"),
        ];
        let lines = pairs.map(|(from, to)| {
            let why = explained(lab, from, to);
            let lost = why.there.loss.as_ref().map(|loss| {
                format!(
                    "lost at {}: {}",
                    lab.topology.node(loss.node).name,
                    cause(&loss.cause)
                )
            });
            format!(
                "{from} to {to}: {}\n",
                lost.unwrap_or_else(|| format!("answered {}", why.is_answered()))
            )
        });
        lines.concat()
    };
    assert_snapshot!(ways(&two_sites("")), @r#"
    vm to east-pc: answered true
    east-pc to vm: answered true
    east-pc to west-pc: answered true
    west-pc to east-pc: answered true
    "#);
    let hub = ", trafficSelectorPolicies: [{ localAddressRanges: [10.1.0.0/16], remoteAddressRanges: [10.60.0.0/24] }]";
    assert_snapshot!(ways(&two_sites(hub)), @r#"
    vm to east-pc: answered true
    east-pc to vm: answered true
    east-pc to west-pc: lost at east-ce: not selected
    west-pc to east-pc: lost at gw: not selected
    "#);
    let both = ", trafficSelectorPolicies: [{ localAddressRanges: [10.1.0.0/16, 10.70.0.0/24], remoteAddressRanges: [10.60.0.0/24] }]";
    assert_snapshot!(ways(&two_sites(both)), @r#"
    vm to east-pc: answered true
    east-pc to vm: answered true
    east-pc to west-pc: answered true
    west-pc to east-pc: answered true
    "#);
}
