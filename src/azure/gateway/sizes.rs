//! Reads the sizes of gateways.

use crate::azure::facts::sizes::{
    EXPRESS_ROUTE_DEFAULT, EXPRESS_ROUTE_SKUS, RETIRED, SCALE_UNIT, VPN_DEFAULT, VPN_SKUS,
};
use crate::azure::gateway::model::{ExpressRouteSku, ScaleUnits, VpnSku};
use crate::findings::{Finding, Located, Place, Rule};
use crate::topology::GatewaySize;
use crate::units::Bandwidth;
use crate::yaml::fields::{Decoder, Fields};
use crate::yaml::numbers::whole;
use crate::yaml::stand_in::no_stand_in;
use crate::yaml::tree::Node;
use crate::yaml::values::{choice, choice_advising, located};

const WRONG_GENERATION: Rule = Rule::new("wrong-generation");
const NO_SCALE: Rule = Rule::new("no-scale");
const WRONG_SCALE: Rule = Rule::new("wrong-scale");

/// `vpnGatewayGeneration`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Generation {
    First,
    Second,
}

no_stand_in!(Located<ScaleUnits>);

/// The generations, with Azure Resource Manager's names.
const GENERATIONS: [(&str, Generation); 2] = [
    ("Generation1", Generation::First),
    ("Generation2", Generation::Second),
];

/// Reads the size of a VPN gateway by name. The default is `VpnGw1AZ`.
pub(crate) fn vpn_size(fields: &mut Fields<'_>, name: Place) -> (Located<VpnSku>, GatewaySize) {
    let found = fields.if_given("sku", |d, node| {
        let found = sku(d, node, &VPN_SKUS, &RETIRED)?;
        Some(located(node.place, found))
    });
    let generation = fields.if_given("vpnGatewayGeneration", generation);
    let is_misread = found.is_none() && fields.place_of("sku").is_some();
    let found = found.unwrap_or(located(name, VPN_DEFAULT));
    let (name, (sku, first)) = found.value;
    if let Some(generation) = generation.filter(|_| !is_misread) {
        check_generation(fields.decoder, name, sku, generation);
    }
    let second = generation.is_some_and(|generation| generation.value == Generation::Second);
    let megabits = match sku {
        VpnSku::VpnGw2 if second => 1_250,
        VpnSku::VpnGw3 if second => 2_500,
        _ => first,
    };
    (located(found.place, sku), size(name, megabits))
}

/// The smallest size and the legacy sizes exist only in the first generation, the two largest only in the second
/// (about-vpn-gateway-settings).
fn check_generation(
    d: &mut Decoder,
    name: &'static str,
    sku: VpnSku,
    generation: Located<Generation>,
) {
    let is_of = match sku {
        VpnSku::Basic | VpnSku::Standard | VpnSku::HighPerformance | VpnSku::VpnGw1 => {
            Generation::First
        }
        VpnSku::VpnGw2 | VpnSku::VpnGw3 => return,
        VpnSku::VpnGw4 | VpnSku::VpnGw5 => Generation::Second,
    };
    if is_of == generation.value {
        return;
    }
    let number = if is_of == Generation::First { 1 } else { 2 };
    let message = format!("{name} is a size of Generation{number} only");
    let help = format!(
        "leave the generation out, or write `vpnGatewayGeneration: Generation{number}` \
         (vpn-gateway-about-vpn-gateway-settings)"
    );
    d.report(Finding::new(WRONG_GENERATION, generation.place, message).with_help(help));
}

/// A value of `vpnGatewayGeneration`.
pub(crate) fn generation(d: &mut Decoder, node: &Node) -> Option<Located<Generation>> {
    choice(d, node, &GENERATIONS).map(|generation| located(node.place, generation))
}

/// Reads the size of an `ExpressRoute` gateway by name. The default is the smallest.
pub(crate) fn express_route_size(
    fields: &mut Fields<'_>,
    name: Place,
) -> (Located<ExpressRouteSku>, GatewaySize) {
    let found = fields.if_given("sku", |d, node| {
        let found = sku(d, node, &EXPRESS_ROUTE_SKUS, &[])?;
        Some(located(node.place, found))
    });
    let scale = fields.if_given("autoScaleConfiguration", auto_scale);
    let is_misread = found.is_none() && fields.place_of("sku").is_some();
    let found = found.unwrap_or(located(name, EXPRESS_ROUTE_DEFAULT));
    let (name, (sku, megabits)) = found.value;
    let scale = scale.filter(|_| !is_misread);
    match (sku, scale) {
        (ExpressRouteSku::ErGwScale(_), Some(scale)) => {
            let units = scale.value;
            let sku = ExpressRouteSku::ErGwScale(units);
            let megabits = u32::from(units.most) * SCALE_UNIT;
            (located(found.place, sku), size(name, megabits))
        }
        (_, scale) => {
            if let Some(scale) = scale {
                has_no_scale(fields.decoder, name, scale.place);
            }
            (located(found.place, sku), size(name, megabits))
        }
    }
}

fn has_no_scale(d: &mut Decoder, name: &'static str, place: Place) {
    let message = format!("a gateway of size {name} has no scale units");
    d.report(Finding::new(NO_SCALE, place, message).with_help(
        "write `sku: ErGwScale`, or leave `autoScaleConfiguration` out \
         (expressroute-about-virtual-network-gateways)",
    ));
}

/// A value of `autoScaleConfiguration`.
pub(crate) fn auto_scale(d: &mut Decoder, node: &Node) -> Option<Located<ScaleUnits>> {
    d.mapping(node, node.place, "a gateway's scale", |fields| {
        fields.required("bounds", bounds)
    })
}

/// The number of scale units of an `ExpressRoute` gateway (expressroute-about-virtual-network-gateways).
fn scale_units(d: &mut Decoder, node: &Node) -> Option<u8> {
    whole(d, node, "a number of scale units", 1..=40)
}

/// The minimum and maximum number of scale units: from 1 to 40, and at least 2 if they differ
/// (expressroute-about-virtual-network-gateways).
fn bounds(d: &mut Decoder, node: &Node) -> Option<Located<ScaleUnits>> {
    let read = d.mapping(
        node,
        node.place,
        "the bounds of a gateway's scale",
        |fields| {
            let fewest = fields.required("min", scale_units);
            let most = fields.required("max", scale_units);
            Some([fewest?, most?])
        },
    );
    let [fewest, most] = read?;
    let units = ScaleUnits { fewest, most };
    let message = if fewest > most {
        format!("a gateway cannot have from {fewest} to {most} scale units")
    } else if fewest == 1 && most > 1 {
        "a gateway that changes its scale has at least two units".to_owned()
    } else {
        return Some(located(node.place, units));
    };
    d.report(Finding::new(WRONG_SCALE, node.place, message).with_help(
        "write the same number twice for a fixed size, or a `min` of at least 2 and a larger `max` \
         (expressroute-about-virtual-network-gateways)",
    ));
    None
}

/// A size, with its name. Findings do not advise a size that Azure retired: nobody can create a gateway of it.
fn sku<T: Copy>(
    d: &mut Decoder,
    node: &Node,
    known: &[(&'static str, T)],
    retired: &[(&str, &str, &str)],
) -> Option<(&'static str, T)> {
    let named: Vec<_> = known.iter().map(|known| (known.0, *known)).collect();
    let is_advised = |word: &str| retired.iter().all(|(name, ..)| *name != word);
    choice_advising(d, node, &named, is_advised)
}

fn size(name: &'static str, megabits: u32) -> GatewaySize {
    GatewaySize {
        name,
        throughput: Bandwidth::from_megabits_per_second(megabits)
            .expect("every size in the tables has a throughput"),
    }
}
