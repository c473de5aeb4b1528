//! The built-in labs, and the templates for users' labs.

use std::borrow::Cow;

use crate::engine::EngineError;
use crate::findings;
use crate::lab::hub_spokes::HubSpokes;
use crate::names::LabName;

/// The built-in labs.
pub const CATALOGUE: &[(&str, &str)] = &[
    ("hub-spoke", include_str!("../../labs/hub-spoke.yaml")),
    ("hub-nva", include_str!("../../labs/hub-nva.yaml")),
    ("two-nic-nva", include_str!("../../labs/two-nic-nva.yaml")),
    ("two-hubs", include_str!("../../labs/two-hubs.yaml")),
    (
        "branch-in-vnet",
        include_str!("../../labs/branch-in-vnet.yaml"),
    ),
    (
        "er-vpn-coexistence",
        include_str!("../../labs/er-vpn-coexistence.yaml"),
    ),
    (
        "er-resiliency",
        include_str!("../../labs/er-resiliency.yaml"),
    ),
    (
        "s2s-over-expressroute",
        include_str!("../../labs/s2s-over-expressroute.yaml"),
    ),
    (
        "ipsec-over-expressroute",
        include_str!("../../labs/ipsec-over-expressroute.yaml"),
    ),
    (
        "active-active",
        include_str!("../../labs/active-active.yaml"),
    ),
];

/// The templates for users' labs, with `NAME` in place of their names.
const TEMPLATES: &[(&str, &str)] = &[
    ("vpn", include_str!("../../labs/templates/vpn.yaml")),
    (
        "expressroute",
        include_str!("../../labs/templates/expressroute.yaml"),
    ),
    ("plain", include_str!("../../labs/templates/plain.yaml")),
];

/// The template that is written for a number of spokes.
const HUB_SPOKES: &str = "hub-spokes";

/// A template for a user's lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The placeholder of its name in the text.
    placeholder: &'static str,
    text: Cow<'static, str>,
}

impl Template {
    /// The template `hub-spokes`.
    ///
    /// # Errors
    ///
    /// [`EngineError::Unfit`] if another template is wanted, which has no options.
    pub fn of_hub(name: &str, hub: HubSpokes) -> Result<Self, EngineError> {
        if name != HUB_SPOKES {
            return Err(EngineError::Unfit(format!(
                "template `{name}` has no options; `--spokes`, `--nva` and `--vpn` are for `--template {HUB_SPOKES}`"
            )));
        }
        Ok(Self {
            placeholder: "NAME",
            text: hub.text().into(),
        })
    }

    /// The template, or the lab of the catalogue, with that name.
    ///
    /// # Errors
    ///
    /// [`EngineError::NoSuchTemplate`].
    pub fn named(name: &str) -> Result<Self, EngineError> {
        let templates = TEMPLATES.iter().map(|(known, text)| (known, "NAME", text));
        let labs = CATALOGUE.iter().map(|(known, text)| (known, *known, text));
        if name == HUB_SPOKES {
            return Self::of_hub(name, HubSpokes::default());
        }
        let mut all = templates.chain(labs);
        let found = all.find(|(known, ..)| **known == name);
        let (_, placeholder, text) = found.ok_or_else(|| EngineError::NoSuchTemplate {
            name: name.to_owned(),
            near: findings::near(name, Self::names()).map(str::to_owned),
            known: Self::names().collect::<Vec<_>>().join(", "),
        })?;
        Ok(Self {
            placeholder,
            text: Cow::Borrowed(text),
        })
    }

    /// The names of all templates, then those of the catalogue.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let fixed = TEMPLATES.iter().chain(CATALOGUE).map(|(name, _)| *name);
        std::iter::once(HUB_SPOKES).chain(fixed)
    }

    /// The text for a lab with that name.
    #[must_use]
    pub fn text_of(&self, name: &LabName) -> String {
        let line = format!("name: {}\n", self.placeholder);
        self.text.replacen(&line, &format!("name: {name}\n"), 1)
    }
}

/// The names of the built-in labs.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    CATALOGUE.iter().map(|(name, _)| *name)
}

/// The built-in labs, each with a sentence about it: the first of its file.
pub fn catalogue() -> impl Iterator<Item = (&'static str, String)> {
    CATALOGUE.iter().map(|(name, text)| (*name, about(text)))
}

/// The first sentence of a lab file's comments, after the line for editors.
fn about(text: &str) -> String {
    let comments = text.lines().map_while(|line| line.strip_prefix('#'));
    let words = comments
        .map(str::trim)
        .filter(|line| !line.starts_with("yaml-language-server"));
    let all = words.collect::<Vec<_>>().join(" ");
    match all.split_once(". ") {
        Some((first, _)) => format!("{first}."),
        None => all,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lab_of_the_catalogue_has_a_sentence() {
        let lines: Vec<String> = catalogue()
            .map(|(name, about)| format!("{name}: {about}"))
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        hub-spoke: The test setup of Microsoft's articles "Interoperability in Azure back-end connectivity features".
        hub-nva: A hub whose spokes and branch reach each other through a pair of network virtual appliances (NVAs), by user-defined routes.
        two-nic-nva: A hub whose network virtual appliance (NVA) has two network interfaces: an outside one toward the VPN gateway, and an inside one toward the spokes.
        two-hubs: Two regions, each with a hub, a network virtual appliance (NVA), two spokes and a site on a VPN.
        branch-in-vnet: Branches simulated in virtual networks, the way most labs in Azure are built: the branch's device is a network virtual appliance (NVA), a Linux machine with IP forwarding and a public address, and Azure's VPN gateway does not notice the difference.
        er-vpn-coexistence: The topology of Microsoft's article "Using S2S VPN as a backup for ExpressRoute private peering": a hub with both gateways, a spoke that uses them, and a site that advertises the same prefix to both.
        er-resiliency: Maximum resiliency with ExpressRoute, after Microsoft's articles "Designing for disaster recovery with ExpressRoute private peering" and "Optimize ExpressRoute routing": two circuits in two peering locations, each connected to the networks of both regions.
        s2s-over-expressroute: Site-to-site VPN over ExpressRoute, after Microsoft's article "Configure a Site-to-Site VPN over ExpressRoute Microsoft Peering": some of the traffic over a circuit has to be encrypted.
        ipsec-over-expressroute: IPsec over the private peering of ExpressRoute, after Microsoft's article "Configure a Site-to-Site VPN connection over ExpressRoute private peering".
        active-active: Everything twice: two instances of every VPN gateway, two VPN devices on premises, and tunnels between every instance and every device, after Microsoft's article "Design highly available gateway connectivity for cross-premises and VNet-to-VNet connections".
        "#);
    }

    #[test]
    fn a_mistyped_template_has_a_near_name() {
        let missing = |name| Template::named(name).unwrap_err().to_string();
        insta::assert_snapshot!(missing("expresroute"), @"there is no template `expresroute`; did you mean `expressroute`?");
        insta::assert_snapshot!(missing("nothing"), @r"there is no template `nothing`; there are hub-spokes, vpn, expressroute, plain, hub-spoke, hub-nva, two-nic-nva, two-hubs, branch-in-vnet, er-vpn-coexistence, er-resiliency, s2s-over-expressroute, ipsec-over-expressroute, active-active");
    }
}
