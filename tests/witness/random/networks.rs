//! Virtual networks of a random lab, with their gateways and appliances.

use std::fmt::Write as _;

use crate::dice::Dice;
use crate::random::Draft;
use crate::random::devices::Device;

/// A virtual network under construction.
pub(super) struct Network {
    name: String,
    location: &'static str,
    /// Its number in addresses.
    index: usize,
    pub(super) ranges: Vec<String>,
    pub(super) vpn_gateway: Option<VpnGateway>,
    pub(super) circuit_gateway: Option<String>,
    allows_remote: bool,
    pub(super) appliance: Option<Device>,
    peerings: Vec<String>,
    endpoints: usize,
}

/// A VPN gateway under construction.
#[derive(Clone)]
pub(super) struct VpnGateway {
    pub(super) name: String,
    pub(super) asn: u32,
    pub(super) is_double: bool,
    /// Its BGP address is inside its tunnels.
    is_inside: bool,
}

impl Draft {
    /// A hub and up to three others: some use the hub's gateways, some have their own, some have both a peering with
    /// the hub and their own.
    pub(super) fn add_networks(&mut self) {
        let count = self.dice.between(1, 4);
        for index in 0..count {
            let has_hub = index > 0;
            let is_spoke = has_hub && self.dice.percent(40);
            let mut network = self.network(index);
            if !is_spoke {
                self.add_gateways(&mut network, !has_hub);
            }
            self.networks.push(network);
            if is_spoke || has_hub && self.dice.percent(20) {
                self.peer_with_hub(index, is_spoke);
            }
        }
    }

    fn network(&mut self, index: usize) -> Network {
        let mut ranges = vec![format!("10.{}.0.0/16", 10 + index)];
        if self.dice.percent(30) {
            ranges.push(format!("10.{}.0.0/17", 20 + index));
        }
        let name = self.name("vnet");
        let appliance = self.dice.percent(15).then(|| {
            let name = self.name("nva");
            Device::appliance(&mut self.dice, name, index)
        });
        Network {
            name,
            location: self.dice.pick(&["region1", "region2"]),
            index,
            ranges,
            vpn_gateway: None,
            circuit_gateway: None,
            allows_remote: self.dice.percent(65),
            appliance,
            peerings: Vec::new(),
            endpoints: 0,
        }
    }

    /// A hub has at least one.
    fn add_gateways(&mut self, network: &mut Network, is_hub: bool) {
        if self.dice.percent(70) {
            let own = 65010 + u32::try_from(network.index).expect("a lab has few networks");
            network.vpn_gateway = Some(VpnGateway {
                name: self.name("vpngw"),
                asn: self.dice.pick(&[65515, own]),
                is_double: self.dice.percent(45),
                is_inside: self.dice.percent(15),
            });
        }
        if self.dice.percent(65) || is_hub && network.vpn_gateway.is_none() {
            network.circuit_gateway = Some(self.name("ergw"));
        }
    }

    /// A spoke shows the hub all of its prefixes, or only one subnet.
    fn peer_with_hub(&mut self, index: usize, is_spoke: bool) {
        let [hub, name] = [0, index].map(|index| self.networks[index].name.clone());
        let (mut ours, mut theirs) = (String::new(), String::new());
        if is_spoke {
            ours.push_str(", useRemoteGateways: true");
            theirs.push_str(", allowGatewayTransit: true");
        }
        if self.dice.percent(25) {
            ours.push_str(", peerCompleteVnets: false, localSubnetNames: [default]");
        }
        let half =
            |remote: &str, flags: &str| format!("{{ remoteVirtualNetwork: {remote}{flags} }}");
        self.networks[index].peerings.push(half(&hub, &ours));
        self.networks[0].peerings.push(half(&name, &theirs));
    }
}

impl Network {
    /// The next two addresses for the MSEEs of a circuit.
    pub(super) fn free_endpoints(&mut self) -> [String; 2] {
        let first = 8 + self.endpoints;
        self.endpoints += 2;
        [first, first + 1].map(|last| format!("10.{}.255.{last}", 10 + self.index))
    }

    pub(super) fn text(&self, dice: &mut Dice) -> String {
        let Self { name, location, .. } = self;
        let second = 10 + self.index;
        let ranges = self.ranges.join(", ");
        let mut text = format!(
            "  {name}:\n    location: {location}\n    addressPrefixes: [{ranges}]\n    subnets:\n      \
             default: {{ addressPrefix: 10.{second}.0.0/24 }}\n      \
             GatewaySubnet: {{ addressPrefix: 10.{second}.255.0/27 }}\n"
        );
        if let Some(appliance) = &self.appliance {
            let _ = writeln!(
                text,
                "    virtualMachines:\n      {}: {{ subnet: default, privateIPAddress: 10.{second}.0.10, \
                 ipForwarding: true, {} }}",
                appliance.name,
                appliance.keys(dice)
            );
        }
        if !self.peerings.is_empty() {
            text.push_str("    peerings:\n");
        }
        for half in &self.peerings {
            let _ = writeln!(text, "      - {half}");
        }
        text
    }

    pub(super) fn gateways_text(&self) -> String {
        let Self { name, index, .. } = self;
        let mut text = String::new();
        if let Some(gateway) = &self.vpn_gateway {
            let public = [0, 1].map(|instance| format!("203.0.113.{}", 2 * index + instance + 1));
            let inside = [0, 1].map(|instance| format!("169.254.21.{}", 2 * index + instance + 1));
            let addresses = match (gateway.is_double, gateway.is_inside) {
                (false, false) => format!("publicIPAddress: {}", public[0]),
                (false, true) => {
                    format!(
                        "publicIPAddress: {}, bgpPeeringAddress: {}",
                        public[0], inside[0]
                    )
                }
                (true, false) => {
                    format!(
                        "activeActive: true, publicIPAddresses: [{}]",
                        public.join(", ")
                    )
                }
                (true, true) => format!(
                    "activeActive: true, publicIPAddresses: [{}], bgpPeeringAddresses: [{}]",
                    public.join(", "),
                    inside.join(", ")
                ),
            };
            let _ = writeln!(
                text,
                "  {}: {{ virtualNetwork: {name}, gatewayType: Vpn, asn: {}, {addresses} }}",
                gateway.name, gateway.asn
            );
        }
        if let Some(gateway) = &self.circuit_gateway {
            let _ = writeln!(
                text,
                "  {gateway}: {{ virtualNetwork: {name}, gatewayType: ExpressRoute, allowRemoteVnetTraffic: {} }}",
                self.allows_remote
            );
        }
        text
    }
}
