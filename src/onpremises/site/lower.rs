//! Creates on-premises sites: routers, hosts, the links between routers of one site or two, and the hosts' LANs.

use std::time::Duration;

use crate::addresses::Prefix;
use crate::onpremises::device::lower::Around;
use crate::onpremises::site::model;
use crate::topology::builder::{Builder, NewInterface};
use crate::topology::sessions::{NewSession, plain_end};
use crate::topology::{InterfaceId, Member, NodeId, Role, SegmentId, SessionKind, Site, SiteId};

impl<S: Around> Builder<S> {
    pub(crate) fn sites(&mut self, sites: &[model::Site]) {
        for site in sites {
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
            has_igp: site.igp,
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
        let tunnel = router.device.tunnel_ends().next();
        let node = self.add_node(
            router.name.value.clone(),
            Role::Router { site: site_id },
            lan.or(tunnel.map(|tunnel| tunnel.address.value)),
        );
        let added = self.node_mut(node);
        added.asn = site.asn.map(|asn| asn.value);
        added.advertise = site.advertise.iter().map(|prefix| prefix.value).collect();
        self.configure(node, &router.device);
        self.add_tunnel_sources(node, &router.device);
        node
    }

    fn add_site_link(&mut self, link: &model::SiteLink) {
        let [a, b] = link.ends.each_ref().map(|end| end.value.as_str());
        self.join_routers(
            &format!("{a}-{b}"),
            [a, b],
            link.addresses.map(|address| address.value),
            link.round_trip_time,
        );
    }

    pub(crate) fn wan_links(&mut self, wan: &[model::WanLink]) {
        for link in wan {
            self.add_wan_link(link);
        }
    }

    fn add_wan_link(&mut self, wan: &model::WanLink) {
        let routers = wan.ends.each_ref().map(|end| end.value.as_str());
        let addresses = wan.addresses.map(|address| address.value);
        let name = &wan.name.value;
        let interfaces = self.join_routers(name.as_str(), routers, addresses, wan.round_trip_time);
        let nodes = routers.map(|router| self.node_named(router));
        if nodes
            .iter()
            .any(|node| self.topology.node(*node).asn.is_none())
        {
            return;
        }
        let ends = [0, 1].map(|end| plain_end(nodes[end], interfaces[end], addresses[end].addr()));
        self.add_session(NewSession {
            name,
            kind: SessionKind::Wan,
            link: Some(self.link_of(interfaces[0])),
            others: Vec::new(),
            ends,
        });
    }

    /// Adds a link between two routers. A router without an address gets that of its end.
    fn join_routers(
        &mut self,
        link: &str,
        routers: [&str; 2],
        addresses: [Prefix; 2],
        round_trip_time: Duration,
    ) -> [InterfaceId; 2] {
        let nodes = routers.map(|router| self.node_named(router));
        for (node, address) in nodes.into_iter().zip(addresses) {
            let router = self.node_mut(node);
            router.address = router.address.or(Some(address.addr()));
        }
        let ends = [
            NewInterface::connected(nodes[0], routers[1], addresses[0]),
            NewInterface::connected(nodes[1], routers[0], addresses[1]),
        ];
        self.add_wire(link.to_owned(), ends, round_trip_time / 2)
    }

    /// A router with an address on a LAN contains the LAN's bridge, as a router with a built-in switch does. Further
    /// routers on the same LAN are attached to this bridge.
    fn add_to_lan(&mut self, lans: &mut Vec<(Prefix, SegmentId)>, router: &model::SiteRouter) {
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

    fn add_host(&mut self, site: SiteId, lans: &[(Prefix, SegmentId)], host: &model::SiteHost) {
        let address = host.address.value;
        let role = Role::Host {
            site,
            gateway: host.gateway.value,
        };
        let node = self.add_node(host.name.value.clone(), role, Some(address.addr()));
        self.node_mut(node).firewall = host.firewall.as_ref().map(|it| it.value.clone());
        let (_, segment) = lans
            .iter()
            .find(|(lan, _)| *lan == address.trunc())
            .expect("the rules require a router on every host's LAN");
        let link = host.name.value.to_string();
        self.attach(
            link,
            NewInterface::connected(node, "eth0", address),
            *segment,
            Duration::ZERO,
        );
    }
}
