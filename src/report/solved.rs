//! Test labs with their routes, for the tests of reports.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};

use crate::lab::parse;
use crate::lab::resolve;
use crate::network::State;
use crate::routing::{Failures, solve};
use crate::topology::{LinkId, NodeId};

/// A lab, and its routes.
pub(super) struct Solved(State<'static>);

impl Deref for Solved {
    type Target = State<'static>;

    fn deref(&self) -> &State<'static> {
        &self.0
    }
}

impl DerefMut for Solved {
    fn deref_mut(&mut self) -> &mut State<'static> {
        &mut self.0
    }
}

impl Solved {
    pub(super) fn hub_spoke() -> Self {
        Self::of(include_str!("../../labs/hub-spoke.yaml"))
    }

    pub(super) fn of(text: &str) -> Self {
        let topology = Cow::Owned(resolve(&parse(text).unwrap()).unwrap());
        let (failures, disturbances) = Default::default();
        Self(State::solve(topology, failures, disturbances).unwrap())
    }

    /// The same lab after a link failed and all failures were detected.
    pub(super) fn without(mut self, link: &str) -> Self {
        let links: BTreeSet<LinkId> = self.topology.links_named(link).into_iter().collect();
        assert!(!links.is_empty(), "no such link");
        self.failures = Failures::noticed(&self.topology, links);
        self.again()
    }

    /// The same lab just after a link failed: only the link's own ends have detected it.
    pub(super) fn just_lost(mut self, link: &str) -> Self {
        let links = self.topology.links_named(link);
        self.failures.links.extend(links);
        self.again()
    }

    fn again(mut self) -> Self {
        self.tables = solve(&self.topology, &self.failures).unwrap();
        self
    }

    pub(super) fn node(&self, name: &str) -> NodeId {
        self.topology.find(name).unwrap()
    }
}

/// A hub with an appliance, which has a tunnel to the site `east`, and with an active-active gateway, which has two
/// tunnels to the site `west`. The subnet `plain` has Azure's default routes, `steered` has a route table.
pub(super) const APPLIANCE: &str = r"name: appliance
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.1.0.0/16]
    subnets:
      plain: { addressPrefix: 10.1.1.0/24 }
      steered: { addressPrefix: 10.1.2.0/24, routeTable: steer }
      nva: { addressPrefix: 10.1.3.0/24 }
      GatewaySubnet: { addressPrefix: 10.1.255.0/27 }
    virtualMachines:
      plain-vm: { subnet: plain, privateIPAddress: 10.1.1.4 }
      steered-vm: { subnet: steered, privateIPAddress: 10.1.2.4 }
      nva-vm:
        subnet: nva
        privateIPAddress: 10.1.3.4
        ipForwarding: true
        asn: 65001
        tunnel: { sourceAddress: 203.0.113.3, address: 172.16.0.1 }
        advertise: [10.1.0.0/16]
    peerings: [{ remoteVirtualNetwork: far }]
  far:
    location: region2
    addressPrefixes: [10.9.0.0/24]
    subnets: { default: { addressPrefix: 10.9.0.0/24 } }
    virtualMachines: { far-vm: { subnet: default, privateIPAddress: 10.9.0.4 } }
    peerings: [{ remoteVirtualNetwork: hub }]
routeTables:
  steer:
    disableBgpRoutePropagation: true
    routes:
      all: { addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.1.3.4 }
      none: { addressPrefix: 10.9.0.0/24, nextHopType: None }
virtualNetworkGateways:
  gw:
    virtualNetwork: hub
    gatewayType: Vpn
    activeActive: true
    privateIPAddresses: [10.1.255.4, 10.1.255.5]
    publicIPAddresses: [52.0.0.4, 52.0.0.5]
connections:
  gw-west: { connectionType: IPsec, gateway: gw, device: west-ce }
  nva-east: { connectionType: IPsec, appliance: nva-vm, device: east-ce }
sites:
  east:
    asn: 65101
    routers: { east-ce: { tunnel: { sourceAddress: 198.51.100.1, address: 10.101.0.125 }, address: 10.101.0.1/24 } }
    hosts: { east-pc: { address: 10.101.0.10/24, gateway: 10.101.0.1 } }
    advertise: [10.101.0.0/24]
  west:
    asn: 65102
    routers: { west-ce: { tunnel: { sourceAddress: 198.51.100.2, address: 10.102.0.125 }, address: 10.102.0.1/24 } }
    hosts: { west-pc: { address: 10.102.0.10/24, gateway: 10.102.0.1 } }
    advertise: [10.102.0.0/24]
";
