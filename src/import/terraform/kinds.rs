//! The kinds of resources that are read, each a table of its attributes.

mod express_route;
mod firewall;
mod gateway;
mod interface;
mod left;
mod load_balancer;
mod network;
mod security;
mod wan;

use serde_json::{Map, Value};

use super::shape::Field;

pub(super) use left::reason;

/// A type of Terraform's that is a resource of Azure Resource Manager, or a child of one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    /// Terraform's type.
    pub(super) terraform: &'static str,
    /// The type of Azure Resource Manager.
    pub(super) arm: &'static str,
    /// Where its parent is stated.
    pub(super) parent: Parent,
    /// Its attributes.
    pub(super) fields: &'static [Field],
    /// What it adds to other resources.
    pub(super) links: &'static [Link],
}

/// Where a resource states its parent.
#[derive(Debug, Clone, Copy)]
pub(super) enum Parent {
    /// It has none: it is in a resource group.
    Group,
    /// By its id, in an attribute.
    Id(&'static str),
    /// By its name, in an attribute. The parent is in the same resource group.
    Name(&'static str),
}

/// A type of Terraform's that only joins resources.
#[derive(Debug, Clone, Copy)]
pub(super) struct Association {
    /// Terraform's type.
    pub(super) terraform: &'static str,
    /// What it joins.
    pub(super) links: &'static [Link],
}

/// A reference that one resource has because another one says so.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    /// The resource that has the reference.
    pub(super) at: End,
    /// The place of the reference in its JSON.
    pub(super) place: &'static str,
    /// What the reference names.
    pub(super) to: End,
    /// Whether the place is a list.
    pub(super) is_list: bool,
}

/// An end of a link.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    /// The resource of the table itself.
    Itself,
    /// The resource of an attribute.
    Of(&'static str),
    /// The resources of an attribute with a list.
    Each(&'static str),
    /// The resource of an attribute in a block.
    InBlock(&'static str, &'static str),
    /// A part of the resource of an attribute: in a list, with the name of another attribute.
    Part(&'static str, &'static str, &'static str),
}

/// A link from one resource to one.
pub(super) const fn link(at: End, place: &'static str, to: End) -> Link {
    Link {
        at,
        place,
        to,
        is_list: false,
    }
}

/// A link that is an item of a list.
pub(super) const fn item_link(at: End, place: &'static str, to: End) -> Link {
    Link {
        at,
        place,
        to,
        is_list: true,
    }
}

/// All tables of kinds.
const KINDS: [&[Kind]; 8] = [
    network::KINDS,
    security::KINDS,
    interface::KINDS,
    load_balancer::KINDS,
    gateway::KINDS,
    express_route::KINDS,
    firewall::KINDS,
    wan::KINDS,
];

/// All tables of associations.
const ASSOCIATIONS: [&[Association]; 2] = [network::ASSOCIATIONS, interface::ASSOCIATIONS];

/// All kinds.
pub(super) fn all() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().copied().flatten()
}

/// The kind of a type of Terraform's.
pub(super) fn kind(terraform: &str) -> Option<&'static Kind> {
    all().find(|one| one.terraform == terraform)
}

/// The association of a type of Terraform's.
pub(super) fn association(terraform: &str) -> Option<&'static Association> {
    let mut all = ASSOCIATIONS.iter().copied().flatten();
    all.find(|one| one.terraform == terraform)
}

/// The list of a parent's properties in which children with a segment in their ids are.
pub(super) fn list_of(segment: &str) -> &str {
    const OTHERS: [(&str, &str); 2] = [
        ("vpnConnections", "connections"),
        ("addresses", "loadBalancerBackendAddresses"),
    ];
    let other = OTHERS
        .iter()
        .find(|(one, _)| one.eq_ignore_ascii_case(segment));
    other.map_or(segment, |(_, list)| list)
}

/// What a table cannot say of a resource.
pub(super) fn complete(kind: &Kind, id: &str, body: &mut Map<String, Value>) {
    if kind.terraform == "azurerm_route_server" {
        wan::complete_route_server(id, body);
    }
}

/// Gives a connection the BGP addresses of its own, once the names of the gateway's configurations are known.
pub(super) use gateway::{CUSTOM_BGP, complete_connection};
