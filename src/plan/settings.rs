//! The kernel settings of a whole node.

use crate::plan::node::Setting;
use crate::topology::Node;
use crate::units::Ttl;

/// Settings of every node. A new namespace copies some values from the host's, so every relevant one is set.
const EVERYWHERE: &[Setting] = &[
    // Silent hops are modelled, so silence must never come from a rate limit. An empty mask
    // exempts every kind of ICMP message from all of them.
    ("ipv4/icmp_ratemask", "0"),
    // A flow is defined as in Azure's fabric: addresses, protocol and ports.
    ("ipv4/fib_multipath_hash_policy", "1"),
    // The namespace's part; its interfaces are set when they are created.
    ("ipv4/conf/all/send_redirects", "0"),
];

/// Azure drops packets whose source the receiver has no route to (loose reverse-path filtering, RFC 3704, section 2.4).
/// All silent hops result from this.
const IN_AZURE: &[Setting] = &[
    ("ipv4/conf/all/rp_filter", "2"),
    ("ipv4/conf/default/rp_filter", "2"),
];

/// Other nodes do not check sources.
const OUTSIDE_AZURE: &[Setting] = &[
    ("ipv4/conf/all/rp_filter", "0"),
    ("ipv4/conf/default/rp_filter", "0"),
];

/// The initial TTL of a node's own packets, by its role.
const FROM_ROUTERS: &[Setting] = &[("ipv4/ip_default_ttl", "255")];
const FROM_MACHINES: &[Setting] = &[("ipv4/ip_default_ttl", "64")];

/// A node's settings. Forwarding comes first, since changing it resets others in the kernel.
pub(super) fn of(node: &Node) -> Vec<Setting> {
    let forwarding = [(
        "ipv4/ip_forward",
        if node.role.forwards() { "1" } else { "0" },
    )];
    let by_place = if node.role.is_azure() || node.role.is_fabric() {
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
