//! What the kernel is told about a node as a whole.

use crate::topology::{Node, Role};
use crate::units::Ttl;

/// A file under /proc/sys/net and what it is set to.
type Setting = (&'static str, &'static str);

/// Settings of every node. A new namespace takes some of its values from the host's, so each that
/// matters is set, never assumed.
const EVERYWHERE: &[Setting] = &[
    // Silence is part of what is modelled, so it must never come from a rate limit. An empty mask
    // exempts every kind of ICMP message from all of them.
    ("ipv4/icmp_ratemask", "0"),
    // A flow is what Azure's fabric takes for one: addresses, protocol and ports.
    ("ipv4/fib_multipath_hash_policy", "1"),
    // The namespace's say in it; its interfaces are told as they are made.
    ("ipv4/conf/all/send_redirects", "0"),
];

/// Azure drops what comes from an address that the receiver has no route to (loose reverse-path
/// filtering, RFC 3704, section 2.4). Every silent hop comes of this.
const IN_AZURE: &[Setting] = &[
    ("ipv4/conf/all/rp_filter", "2"),
    ("ipv4/conf/default/rp_filter", "2"),
];

/// Elsewhere nothing is asked about a source.
const OUTSIDE_AZURE: &[Setting] = &[
    ("ipv4/conf/all/rp_filter", "0"),
    ("ipv4/conf/default/rp_filter", "0"),
];

/// What a node's own packets start with: [`Role::initial_ttl`].
const FROM_ROUTERS: &[Setting] = &[("ipv4/ip_default_ttl", "255")];
const FROM_MACHINES: &[Setting] = &[("ipv4/ip_default_ttl", "64")];

/// A node's settings. Forwarding comes first, as the kernel resets others with it.
pub(super) fn of(node: &Node) -> Vec<Setting> {
    let forwarding = [(
        "ipv4/ip_forward",
        if node.role.forwards() { "1" } else { "0" },
    )];
    let by_place = if node.role.is_azure() || node.role == Role::Fabric {
        IN_AZURE
    } else {
        OUTSIDE_AZURE
    };
    let ttl = if node.role.initial_ttl() == Ttl::MOST {
        FROM_ROUTERS
    } else {
        FROM_MACHINES
    };
    [&forwarding, EVERYWHERE, by_place, ttl].concat()
}
