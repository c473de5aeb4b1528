//! The kinds of resource of a lab file, in the order in which a network is created from them.
//!
//! A kind comes after the kinds that it refers to. Sites do not depend on Azure, so this module assembles their kinds.

use crate::azure::resource::{Kind, made_by_others, no_short_forms};
use crate::azure::{
    circuit, connection, gateway, load_balancer, peering, route_table, virtual_machine,
    virtual_network,
};
use crate::lab::rules::{broadcast, devices, policies, site_ranges};
use crate::onpremises::{device, site};

/// Every kind of resource.
pub(crate) const KINDS: [&Kind; 11] = [
    &virtual_network::KIND,
    &virtual_machine::KIND,
    &peering::KIND,
    &load_balancer::KIND,
    &route_table::KIND,
    &gateway::KIND,
    &SITE,
    &circuit::KIND,
    &connection::KIND,
    &WAN,
    &DEVICE,
];

const SITE: Kind = Kind {
    keys: site::KEYS,
    write_out: site::defaults::write_out,
    choose: site::defaults::choose,
    rules: &[
        site_ranges::sites_keep_clear_of_virtual_networks,
        site_ranges::machines_keep_clear_of_their_gateways_networks,
        |all| site::rules::links_join_two_routers(&all.sites),
        |all| site::rules::internal_peers_have_somebody_to_speak_with(&all.sites),
        |all| site::rules::hosts_have_their_gateway_on_their_lan(&all.sites),
    ],
    lower: |builder| {
        let resources = builder.source.resources;
        builder.sites(&resources.sites);
    },
    cures: &[|dead_end| {
        let ends = dead_end.ends.map(|(node, _)| node);
        site::cure::advertise(dead_end.document, dead_end.topology, ends)
    }],
};

/// Links between sites. Their keys are described with those of a site.
const WAN: Kind = Kind {
    keys: "",
    write_out: site::defaults::write_out_wan,
    choose: site::defaults::choose_wan,
    rules: &[|all| site::rules::wan_links_join_two_sites(&all.sites, &all.wan)],
    lower: |builder| {
        let resources = builder.source.resources;
        builder.wan_links(&resources.wan);
    },
    cures: &[],
};

/// Routers and appliances. The kinds of sites and virtual machines create them.
const DEVICE: Kind = Kind {
    keys: device::KEYS,
    write_out: no_short_forms,
    choose: device::defaults::choose,
    rules: &[
        policies::policies_name_neighbours,
        devices::static_routes_lead_to_neighbours,
        devices::tunnel_interfaces_are_of_connections,
        broadcast::nodes_have_addresses_of_nodes,
    ],
    lower: made_by_others,
    cures: &[
        |dead_end| device::cure::open_filters(dead_end.document, &dead_end.gaps),
        |dead_end| device::cure::become_transit(dead_end.document, &dead_end.gaps),
        |dead_end| {
            let (document, topology) = (dead_end.document, dead_end.topology);
            let ranges = dead_end.ranges();
            device::cure::add_static_routes(document, topology, dead_end.lost_at, &ranges)
        },
    ],
};
