//! What the kernel is told about a node as a whole.

use crate::topology::{Node, Role};

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
    ("ipv4/conf/all/send_redirects", "0"),
    ("ipv4/conf/default/send_redirects", "0"),
    // Labs speak IPv4 alone; neighbour discovery would only be noise in a capture.
    ("ipv6/conf/all/disable_ipv6", "1"),
    ("ipv6/conf/default/disable_ipv6", "1"),
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
    [&forwarding, EVERYWHERE, by_place].concat()
}
