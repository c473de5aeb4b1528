//! Writes the lab file of a hub with any number of spokes.

use std::fmt::Write;

/// The maximum number of spokes. Each network has a /16 of 10.0.0.0/8, and the hub has one of them.
pub const MOST_SPOKES: u8 = 250;

/// A hub with spokes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HubSpokes {
    /// The number of spokes, at most [`MOST_SPOKES`].
    pub spokes: u8,
    /// Whether a network virtual appliance in the hub forwards between the spokes.
    pub nva: bool,
    /// Whether a site-to-site VPN connects the hub to an office.
    pub vpn: bool,
}

impl Default for HubSpokes {
    fn default() -> Self {
        Self {
            spokes: 2,
            nva: false,
            vpn: false,
        }
    }
}

impl HubSpokes {
    /// The text of the lab file, with the placeholder `NAME` for the lab's name.
    #[must_use]
    pub fn text(self) -> String {
        let mut text = String::from(
            "# yaml-language-server: $schema=lab.schema.json\n\
             # A hub with spokes. `lab show FILE` prints it with what it leaves out.\n\
             name: NAME\n\nvirtualNetworks:\n",
        );
        text += &self.networks();
        text += &self.peerings();
        if self.nva {
            text += "\nrouteTables:\n  through-nva: { routes: { spokes: { addressPrefix: 10.0.0.0/8, nextHopIpAddress: nva } } }\n";
        }
        if self.vpn {
            text += "\nvirtualNetworkGateways: { hub-vpngw: { virtualNetwork: hub, gatewayType: Vpn } }\n\
                     \nconnections: { hub-office: { gateway: hub-vpngw, device: office-ce, rtt: 10ms } }\n\
                     \nsites: { office: { routers: [office-ce], hosts: [office-pc] } }\n";
        }
        text += &self.expectations();
        text
    }

    fn spokes(self) -> impl Iterator<Item = String> {
        (1..=self.spokes).map(|number| format!("spoke{number}"))
    }

    fn networks(self) -> String {
        let mut text = String::new();
        text += if self.nva {
            "  hub:\n    subnets: [default, nva]\n    virtualMachines: { hub-vm: ~, nva: { subnet: nva, ipForwarding: true } }\n"
        } else {
            "  hub: { virtualMachines: [hub-vm] }\n"
        };
        for spoke in self.spokes() {
            let subnets = if self.nva {
                "subnets: { default: { routeTable: through-nva } }, "
            } else {
                ""
            };
            _ = writeln!(
                text,
                "  {spoke}: {{ {subnets}virtualMachines: [{spoke}-vm] }}"
            );
        }
        text
    }

    fn peerings(self) -> String {
        let spokes: Vec<String> = self.spokes().collect();
        let mut text = format!(
            "\npeerings:\n  - virtualNetwork: [{}]\n    remoteVirtualNetwork: hub\n",
            spokes.join(", ")
        );
        if self.nva {
            text += "    allowForwardedTraffic: true\n";
        }
        if self.vpn {
            text += "    useRemoteGateways: true\n";
        }
        text
    }

    /// All machines reach each other, except spokes among themselves if no appliance in the hub forwards.
    fn expectations(self) -> String {
        if self.nva {
            let through = "  - { from: \"*\", to: \"*\", reachable: true }\n";
            return format!("\n# What `lab verify` proves.\nexpect:\n{through}");
        }
        let spokes: Vec<String> = self.spokes().collect();
        let mut text = "\n# What `lab verify` proves. Peering is not transitive.\nexpect:\n  - { from: \"*\", to: \"*\", reachable: true }\n".to_owned();
        if spokes.len() > 1 {
            let all = spokes.join(", ");
            _ = writeln!(
                text,
                "  - {{ from: [{all}], to: [{all}], reachable: false }}"
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{parse, resolve_with_warnings};

    #[test]
    fn every_hub_with_spokes_is_a_lab_without_warnings() {
        for spokes in [1, 2, 20, MOST_SPOKES] {
            for (nva, vpn) in [(false, false), (true, false), (false, true), (true, true)] {
                let text = HubSpokes { spokes, nva, vpn }.text();
                let spec = parse(&text).unwrap_or_else(|findings| panic!("{findings:#?}\n{text}"));
                let resolved = resolve_with_warnings(&spec);
                let (topology, warnings) =
                    resolved.unwrap_or_else(|findings| panic!("{findings:#?}\n{text}"));
                assert_eq!(warnings, [], "{text}");
                assert_eq!(topology.virtual_networks.len(), usize::from(spokes) + 1);
            }
        }
    }

    #[test]
    fn two_spokes_with_an_appliance_and_a_vpn() {
        let hub = HubSpokes {
            nva: true,
            vpn: true,
            ..HubSpokes::default()
        };
        insta::assert_snapshot!(hub.text(), @r#"
        # yaml-language-server: $schema=lab.schema.json
        # A hub with spokes. `lab show FILE` prints it with what it leaves out.
        name: NAME

        virtualNetworks:
          hub:
            subnets: [default, nva]
            virtualMachines: { hub-vm: ~, nva: { subnet: nva, ipForwarding: true } }
          spoke1: { subnets: { default: { routeTable: through-nva } }, virtualMachines: [spoke1-vm] }
          spoke2: { subnets: { default: { routeTable: through-nva } }, virtualMachines: [spoke2-vm] }

        peerings:
          - virtualNetwork: [spoke1, spoke2]
            remoteVirtualNetwork: hub
            allowForwardedTraffic: true
            useRemoteGateways: true

        routeTables:
          through-nva: { routes: { spokes: { addressPrefix: 10.0.0.0/8, nextHopIpAddress: nva } } }

        virtualNetworkGateways: { hub-vpngw: { virtualNetwork: hub, gatewayType: Vpn } }

        connections: { hub-office: { gateway: hub-vpngw, device: office-ce, rtt: 10ms } }

        sites: { office: { routers: [office-ce], hosts: [office-pc] } }

        # What `lab verify` proves.
        expect:
          - { from: "*", to: "*", reachable: true }
        "#);
    }
}
