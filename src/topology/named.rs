//! The nodes and addresses of a name in the lab file.

use std::collections::{BTreeMap, BTreeSet};

use crate::addresses::{Address, Prefix};
use crate::names::NodeName;
use crate::topology::model::{Gateway, NodeId, SpeakerId, Topology};

impl Topology {
    /// The addresses of the instances of each gateway in its GatewaySubnet, by the gateway's name.
    #[must_use]
    pub fn gateway_addresses(&self) -> BTreeMap<String, Vec<Address>> {
        let of_node = |node: &NodeId| {
            let node = self.node(*node);
            let several = node.instances.iter().map(|one| one.address);
            let only = node.address.filter(|_| node.instances.is_empty());
            several.chain(only).collect::<Vec<Address>>()
        };
        let of_gateway = |gateway: &Gateway| {
            let addresses = gateway.instances.iter().flat_map(of_node);
            (gateway.name.to_string(), addresses.collect())
        };
        self.gateways.iter().map(of_gateway).collect()
    }

    /// The nodes of a name: that node, the instances of a gateway, or the machines behind a load balancer. Empty for an
    /// unknown name.
    #[must_use]
    pub fn nodes_named(&self, name: &str) -> BTreeSet<NodeId> {
        let mut gateways = self.gateways.iter();
        let mut balancers = self.load_balancers.iter();
        if let Some(node) = self.find(name) {
            BTreeSet::from([node])
        } else if let Some(gateway) = gateways.find(|gateway| gateway.name.as_str() == name) {
            gateway.instances.iter().copied().collect()
        } else if let Some(balancer) = balancers.find(|balancer| balancer.name.as_str() == name) {
            let backends = balancer.backends.iter();
            backends.map(|nic| self.interface(*nic).node).collect()
        } else {
            BTreeSet::new()
        }
    }

    /// Every name that [`Self::nodes_named`] knows.
    pub fn node_names(&self) -> impl Iterator<Item = &str> {
        let nodes = self.nodes.iter().map(|node| node.name.as_str());
        let gateways = self.gateways.iter().map(|gateway| gateway.name.as_str());
        let balancers = self.load_balancers.iter();
        let balancers = balancers.map(|balancer| balancer.name.as_str());
        let mut seen = BTreeSet::new();
        let names = nodes.chain(gateways).chain(balancers);
        names.filter(move |name| seen.insert(*name))
    }

    /// The speakers of a name: all those of its nodes, or the one of several at a node that has the name. Empty for an
    /// unknown name.
    #[must_use]
    pub fn speakers_named(&self, name: &str) -> BTreeSet<SpeakerId> {
        let nodes = self.nodes_named(name);
        if !nodes.is_empty() {
            let speakers = nodes.into_iter().flat_map(|node| self.speakers_at(node));
            return speakers.collect();
        }
        let nodes = (0..self.nodes.len()).map(NodeId);
        let instances = nodes.filter(|node| !self.node(*node).instances.is_empty());
        let mut speakers = instances.flat_map(|node| self.speakers_at(node));
        let named = speakers.find(|speaker| self.speaker_name(*speaker).as_str() == name);
        named.into_iter().collect()
    }

    /// The speakers of a node: its instances, or itself.
    pub fn speakers_at(&self, node: NodeId) -> impl Iterator<Item = SpeakerId> + use<> {
        let count = self.node(node).instances.len().max(1);
        (0..count).map(move |instance| SpeakerId { node, instance })
    }

    /// The name of a speaker.
    #[must_use]
    pub fn speaker_name(&self, SpeakerId { node, instance }: SpeakerId) -> &NodeName {
        let node = self.node(node);
        let instance = node.instances.get(instance);
        instance.map_or(&node.name, |instance| &instance.name)
    }

    /// The address of a speaker, if it has one of its own.
    #[must_use]
    pub fn speaker_address(&self, SpeakerId { node, instance }: SpeakerId) -> Option<Address> {
        let node = self.node(node);
        let instance = node.instances.get(instance);
        instance.map_or(node.address, |instance| Some(instance.address))
    }

    /// The addresses of a name: those of its nodes or, for MACHINE/INTERFACE, of that network interface. Each once;
    /// empty for an unknown name.
    #[must_use]
    pub fn addresses_named(&self, name: &str) -> Vec<Address> {
        let (interfaces, nodes) = if let Some((machine, nic)) = name.split_once('/') {
            let node = self.find(machine);
            let nic = node.and_then(|node| self.nic_named(node, nic));
            (Vec::from_iter(nic), BTreeSet::new())
        } else {
            let nodes = self.nodes_named(name);
            let interfaces = nodes.iter().flat_map(|node| &self.node(*node).interfaces);
            (interfaces.copied().collect(), nodes)
        };
        let loopbacks = nodes.iter().flat_map(|node| &self.node(*node).loopback);
        let own = interfaces
            .iter()
            .flat_map(|id| self.interface(*id).addresses.iter().map(Prefix::addr));
        let mut seen = BTreeSet::new();
        let all = own.chain(loopbacks.copied());
        all.filter(|address| seen.insert(*address)).collect()
    }
}
