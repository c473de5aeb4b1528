//! The boxes of what is on premises: sites with their routers, hosts and LANs.

use crate::report::picture::scene::{BoxKind, SceneBox, Sketch};
use crate::topology::{NodeId, SegmentId, SiteId};

impl Sketch<'_> {
    pub(super) fn sites(&mut self) {
        for index in 0..self.topology.sites.len() {
            self.site(SiteId(index));
        }
    }

    fn site(&mut self, id: SiteId) {
        let topology = self.topology;
        let own = &topology.sites[id.0];
        let mut shape = SceneBox::new(BoxKind::Site, own.name.as_str(), None);
        shape.tip = vec![format!("on-premises site {}", own.name)];
        let parent = self.add(shape);
        for (position, node) in topology.nodes.iter().enumerate() {
            if node.role.site() == Some(id) {
                self.node(NodeId(position), parent);
            }
        }
        for (position, segment) in topology.segments.iter().enumerate() {
            let bridge = topology.interface(segment.bridge);
            if segment.vnet.is_some() || !own.routers.contains(&bridge.node) {
                continue;
            }
            let address = bridge.addresses.first();
            let prefix = address.map_or_else(String::new, |address| address.trunc().to_string());
            let mut shape = SceneBox::new(BoxKind::Lan, &prefix, Some(parent));
            shape.tip = vec![format!("LAN {prefix}")];
            let lan = self.add(shape);
            self.lans.insert(SegmentId(position), lan);
        }
    }
}
