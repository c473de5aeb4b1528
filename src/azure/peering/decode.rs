//! Reads an item of `peerings`.

use crate::azure::peering::model::{Peering, WholePeering};
use crate::findings::{Finding, Located, Rule};
use crate::yaml::fields::{Decoder, Fields};
use crate::yaml::stand_in::no_stand_in;
use crate::yaml::tree::{Kind, Node};
use crate::yaml::values::{boolean, located, reference};

no_stand_in!(Peering, WholePeering);

/// An item of `peerings`.
pub(crate) fn peering(d: &mut Decoder, node: &Node) -> Option<Peering> {
    d.mapping(node, node.place, "a peering", |fields| {
        let remote_virtual_network = fields.required("remoteVirtualNetwork", reference);
        let mut flag = |key, default| {
            let value = fields.optional(key, boolean);
            value.unwrap_or(located(node.place, default))
        };
        let allow_gateway_transit = flag("allowGatewayTransit", false);
        let use_remote_gateways = flag("useRemoteGateways", false);
        let allow_virtual_network_access = flag("allowVirtualNetworkAccess", true);
        let allow_forwarded_traffic = flag("allowForwardedTraffic", false);
        let local_subnet_names = local_subnet_names(fields);
        Some(Peering {
            remote_virtual_network: remote_virtual_network?,
            allow_gateway_transit,
            use_remote_gateways,
            allow_virtual_network_access,
            allow_forwarded_traffic,
            local_subnet_names,
        })
    })
}

/// An item of the document's `peerings` that could not be expanded to two sides.
pub(crate) fn whole_peering(d: &mut Decoder, node: &Node) -> Option<WholePeering> {
    d.mapping(node, node.place, "a whole peering", |fields| {
        let own = fields.required("virtualNetwork", |d, node| match node.kind {
            Kind::Sequence(_) => d.filled_list(node, "a list of virtual networks", reference),
            _ => reference(d, node).map(|one| vec![one]),
        });
        let remote = fields.required("remoteVirtualNetwork", reference);
        for flag in [
            "useRemoteGateways",
            "allowGatewayTransit",
            "allowVirtualNetworkAccess",
            "allowForwardedTraffic",
        ] {
            fields.optional(flag, boolean);
        }
        // It is missing from the networks' own peerings, whatever of it could be read.
        fields.decoder.unread.miss("peerings");
        let mut networks = own?;
        networks.push(remote?);
        Some(WholePeering {
            place: node.place,
            networks,
        })
    })
}

/// The subnets of a peering that includes only some. As in Azure, this takes two keys of the file.
fn local_subnet_names(fields: &mut Fields<'_>) -> Option<Vec<Located<String>>> {
    let complete = fields.optional("peerCompleteVnets", boolean);
    let names = fields.optional("localSubnetNames", |d, node| {
        d.filled_list(node, "a list of subnets", reference)
    });
    let misread = complete.is_none() && fields.place_of("peerCompleteVnets").is_some();
    let is_partial = complete.is_some_and(|complete| !complete.value);
    match (is_partial, fields.place_of("localSubnetNames"), complete) {
        // It may be one of the two, misspelt.
        _ if fields.has_unknown_key() => names,
        (true, None, Some(complete)) => {
            let message = "a peering with `peerCompleteVnets: false` needs `localSubnetNames`";
            let help = "name the subnets that the remote network sees";
            let finding = Finding::new(Rule::MISSING_KEY, complete.place, message).with_help(help);
            fields.decoder.report(finding);
            None
        }
        (false, Some(place), _) if !misread => {
            let message =
                "`localSubnetNames` has no meaning while the peering shows the whole network";
            let help = "add `peerCompleteVnets: false`, or leave `localSubnetNames` out";
            let finding = Finding::new(Rule::WRONG_VALUE, place, message).with_help(help);
            fields.decoder.report(finding);
            None
        }
        _ => names,
    }
}
