//! A virtual machine, and so a network virtual appliance, which is one that forwards and may speak BGP.

use std::borrow::Cow;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::routing::Failures;
use crate::routing::bgp::{Learned, Refused};
use crate::routing::speaker::{Context, Speaker, passed_on_by_customer};
use crate::topology::{NodeId, SessionId, Topology, VnetId};
use crate::units::Asn;

/// A virtual machine.
#[derive(Debug)]
pub(super) struct VirtualMachine {
    pub(super) node: NodeId,
    pub(super) vnet: VnetId,
    /// Its subnet, by position in its network's.
    pub(super) subnet: usize,
    /// Its subnet's first address, which Azure answers for.
    pub(super) subnet_gateway: Ipv4Addr,
}

impl Speaker for VirtualMachine {
    fn vnet(&self) -> Option<VnetId> {
        Some(self.vnet)
    }

    fn may_be_next_hop(&self, topology: &Topology, address: Ipv4Addr) -> bool {
        topology.node(self.node).address == Some(address)
    }

    /// The gateways that the machine's network uses.
    fn learns_from(&self, topology: &Topology) -> Vec<NodeId> {
        let own = topology.vnet(self.vnet);
        let used = own
            .peerings
            .iter()
            .find(|peering| peering.uses_remote_gateways);
        let home = used.map_or(own, |peering| topology.vnet(peering.remote));
        let gateways = [home.vpn_gateway, home.express_route_gateway];
        let gateways = gateways.into_iter().flatten();
        gateways
            .flat_map(|id| topology.gateway(id).instances.clone())
            .collect()
    }

    fn networks(&self, topology: &Topology, _failures: &Failures) -> Vec<Ipv4Net> {
        topology.node(self.node).advertise.clone()
    }

    fn passes_on<'a>(
        &self,
        context: Context<'_>,
        learned: &'a Learned,
        to: SessionId,
    ) -> Result<Cow<'a, [Asn]>, Refused> {
        passed_on_by_customer(context, self.node, learned, to)
    }
}
