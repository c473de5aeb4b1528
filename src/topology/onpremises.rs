//! On-premises sites: routers, hosts, the links between routers and the LANs that hosts stand in.

use std::time::Duration;

use ipnet::Ipv4Net;

use crate::spec::model;
use crate::topology::builder::{Builder, NewInterface};
use crate::topology::model::{Member, NodeId, Role, SegmentId, Site, SiteId};

impl Builder<'_> {
    pub(super) fn sites(&mut self) {
        for site in &self.spec.sites {
            self.add_site(site);
        }
    }

    fn add_site(&mut self, site: &model::Site) {
        let id = SiteId(self.topology.sites.len());
        let routers = site
            .routers
            .iter()
            .map(|router| self.add_router(id, site, router))
            .collect();
        for link in &site.links {
            self.add_site_link(link);
        }
        self.topology.sites.push(Site {
            name: site.name.value.clone(),
            routers,
            advertise: site.advertise.iter().map(|prefix| prefix.value).collect(),
        });
        let mut lans = Vec::new();
        for router in &site.routers {
            self.add_to_lan(&mut lans, router);
        }
        for host in &site.hosts {
            self.add_host(id, &lans, host);
        }
    }

    fn add_router(
        &mut self,
        site_id: SiteId,
        site: &model::Site,
        router: &model::SiteRouter,
    ) -> NodeId {
        let lan = router.address.map(|address| address.value.addr());
        let tunnel = router.tunnel.as_ref().map(|tunnel| tunnel.address.value);
        let node = self.add_node(
            router.name.value.clone(),
            Role::Router { site: site_id },
            lan.or(tunnel),
        );
        self.node_mut(node).asn = site.asn.map(|asn| asn.value);
        if let Some(tunnel) = &router.tunnel {
            self.add_public_address(node, tunnel.source_address.value);
        }
        node
    }

    fn add_site_link(&mut self, link: &model::SiteLink) {
        let nodes = link.ends.each_ref().map(|end| self.node_named(&end.value));
        let names = nodes.map(|node| self.topology.node(node).name.to_string());
        let ends = [
            NewInterface::connected(nodes[0], &names[1], link.addresses[0].value),
            NewInterface::connected(nodes[1], &names[0], link.addresses[1].value),
        ];
        let name = format!("{}-{}", names[0], names[1]);
        let interfaces = self.add_wire(name, ends, link.round_trip_time / 2);
        for (node, interface) in nodes.into_iter().zip(interfaces) {
            let address = self
                .topology
                .interface(interface)
                .addresses
                .first()
                .map(Ipv4Net::addr);
            let router = self.node_mut(node);
            router.address = router.address.or(address);
        }
    }

    /// A router with an address on a LAN holds the LAN's bridge, as a switching router does; a
    /// further router on the same LAN is attached to it.
    fn add_to_lan(&mut self, lans: &mut Vec<(Ipv4Net, SegmentId)>, router: &model::SiteRouter) {
        let Some(address) = router.address.map(|address| address.value) else {
            return;
        };
        let node = self.node_named(router.name.value.as_str());
        if let Some((_, segment)) = lans.iter().find(|(lan, _)| *lan == address.trunc()) {
            let link = format!("{}-lan", router.name.value);
            self.attach(
                link,
                NewInterface::connected(node, "lan0", address),
                *segment,
                Duration::ZERO,
            );
            return;
        }
        let segment = self.add_segment(NewInterface::connected(node, "lan0", address), None, None);
        let bridge = self.topology.segment(segment).bridge;
        self.interface_mut(bridge).segment = Some(segment);
        self.topology.segments[segment.0].members.push(Member {
            interface: bridge,
            port: bridge,
        });
        lans.push((address.trunc(), segment));
    }

    fn add_host(&mut self, site: SiteId, lans: &[(Ipv4Net, SegmentId)], host: &model::SiteHost) {
        let address = host.address.value;
        let role = Role::Host {
            site,
            gateway: host.gateway.value,
        };
        let node = self.add_node(host.name.value.clone(), role, Some(address.addr()));
        let (_, segment) = lans
            .iter()
            .find(|(lan, _)| *lan == address.trunc())
            .expect("the rules have seen a router on every host's LAN");
        let link = host.name.value.to_string();
        self.attach(
            link,
            NewInterface::connected(node, "eth0", address),
            *segment,
            Duration::ZERO,
        );
    }
}
