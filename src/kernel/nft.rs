//! nftables filters for what routes cannot express: TTLs that are set or restored, TCP MSS clamping, peerings that drop
//! packets, and blackholes.

mod at_interface;
mod firewall;
mod json;
mod run;

use serde_json::{Value, json};

use crate::addresses::{Address, Prefix};
use crate::kernel::nft::json::{
    Hooked, back, drop, field, jump, mangle, matches, meta, plain_chain, prefix, rule, table,
};
use crate::names::IfName;
use crate::plan::{Filter, Refused};
use crate::topology::Mac;
use crate::units::Ttl;

pub(super) use at_interface::{set_blackhole, try_at_interface};
pub(super) use firewall::replace_firewall;
pub use firewall::{Trial, try_firewall};
pub use run::Complaint;
pub(super) use run::NftError;
use run::run;

/// The table that holds a namespace's rules.
const TABLE: &str = crate::firewall::LAB_TABLE;

/// The family of IPv4 packets.
const IP: &str = "ip";

/// The family of frames that cross a bridge.
const BRIDGE: &str = "bridge";

/// The priority of mangling among the hooks (`NF_IP_PRI_MANGLE`).
const MANGLE: i32 = -150;

/// The priority of a bridge's filters (`NF_BR_PRI_FILTER_BRIDGED`).
const BRIDGED: i32 = -200;

/// A base chain and its hook.
struct Base {
    family: &'static str,
    chain: &'static str,
    hook: &'static str,
    priority: i32,
}

const LEAVING: Base = Base {
    family: IP,
    chain: "leaving",
    hook: "postrouting",
    priority: MANGLE,
};

const ENTERING: Base = Base {
    family: IP,
    chain: "entering",
    hook: "prerouting",
    priority: MANGLE,
};

const PASSING: Base = Base {
    family: IP,
    chain: "passing",
    hook: "forward",
    priority: MANGLE,
};

const PEERINGS: Base = Base {
    family: BRIDGE,
    chain: "peerings",
    hook: "forward",
    priority: BRIDGED,
};

/// Applies the filters of one node, in the calling thread's namespace.
///
/// # Errors
///
/// Errors of nft: it is not installed, or its message.
pub(super) fn set(filters: &[Filter]) -> Result<(), NftError> {
    run(&ruleset(filters))
}

/// Replaces all filters of one node in one transaction, in the calling thread's namespace.
///
/// # Errors
///
/// Errors of nft: it is not installed, or its message.
pub(super) fn reset(filters: &[Filter]) -> Result<(), NftError> {
    let mut objects = Vec::new();
    for family in [IP, BRIDGE] {
        // Only an existing table can be deleted.
        objects.push(table(family, TABLE));
        objects.push(json!({"delete": table(family, TABLE)}));
    }
    objects.extend(ruleset(filters));
    run(&objects)
}

/// Tests a rule that matches the outgoing interface, in the calling thread's namespace.
///
/// # Errors
///
/// Errors of nft: it is not installed, or its message.
pub(super) fn try_fib() -> Result<(), NftError> {
    let asks = matches(&way_out(), "!=", "lo");
    let mut objects = ENTERING.begin();
    objects.push(ENTERING.rule(&[asks]));
    run(&objects)
}

fn ruleset(filters: &[Filter]) -> Vec<Value> {
    let rules: Vec<FilterRule> = filters.iter().flat_map(rules_of).collect();
    let mut objects = Vec::new();
    for base in [&LEAVING, &ENTERING, &PASSING, &PEERINGS] {
        let own = rules.iter().filter(|(chain, _)| *chain == base.chain);
        let own: Vec<_> = own.map(|(_, rule)| base.rule(rule)).collect();
        if own.is_empty() {
            continue;
        }
        objects.extend(base.begin());
        let hides = |filter: &Filter| matches!(filter, Filter::HideGateway { .. });
        if base.chain == ENTERING.chain && filters.iter().any(hides) {
            objects.extend(increments());
        }
        let chains = filters
            .iter()
            .flat_map(|filter| selections(filter, base.chain));
        objects.extend(chains);
        objects.extend(own);
    }
    objects
}

/// The chain of a rule, and the rule.
type FilterRule = (&'static str, Vec<Value>);

/// The nftables rules of a filter. The match has no wildcard, so that no kind of filter is left out.
fn rules_of(filter: &Filter) -> Vec<FilterRule> {
    let leaving = |rule| (LEAVING.chain, rule);
    let entering = |rule| (ENTERING.chain, rule);
    match filter {
        Filter::SetInnerTtl { tunnel, ttl } => {
            vec![leaving(vec![leaves_by(tunnel), set_ttl(*ttl)])]
        }
        Filter::Silence { interface, sources } => {
            let rule = |source: &Address| leaving(silencing(interface, *source));
            sources.iter().map(rule).collect()
        }
        Filter::HideGateway { nic, tunnels } => {
            let rules = hiding(nic, tunnels).into_iter();
            rules.map(entering).collect()
        }
        Filter::ClampMss { tunnels, mss } => {
            let out = clamping(leaves_by, tunnels, *mss).into_iter().map(leaving);
            let back = clamping(comes_by, tunnels, *mss).into_iter().map(entering);
            out.chain(back).collect()
        }
        Filter::DropForwarded { nic } => [comes_by(nic), leaves_by(nic)]
            .map(|side| (PASSING.chain, vec![side, drop()]))
            .into(),
        Filter::SelectTraffic { tunnel, .. } => [
            (
                LEAVING.chain,
                vec![leaves_by(tunnel), jump(&selection(LEAVING.chain, tunnel))],
            ),
            (
                ENTERING.chain,
                vec![comes_by(tunnel), jump(&selection(ENTERING.chain, tunnel))],
            ),
        ]
        .into(),
        Filter::FilterPeering { port, refused } => {
            let rules = refusing(port, refused).into_iter();
            rules.map(|rule| (PEERINGS.chain, rule)).collect()
        }
    }
}

/// The name of the chain of a tunnel's traffic selectors in one direction.
fn selection(direction: &str, tunnel: &IfName) -> String {
    format!("{direction}-{tunnel}")
}

/// The chain of a tunnel's traffic selectors in the direction of a base chain, and its rules.
fn selections(filter: &Filter, direction: &str) -> Vec<Value> {
    let Filter::SelectTraffic { tunnel, pairs } = filter else {
        return Vec::new();
    };
    let name = selection(direction, tunnel);
    let passes = |[own, other]: &[Prefix; 2]| {
        let [from, to] = if direction == LEAVING.chain {
            [own, other]
        } else {
            [other, own]
        };
        let from = matches(&field("ip", "saddr"), "==", prefix(*from));
        let to = matches(&field("ip", "daddr"), "==", prefix(*to));
        rule(IP, TABLE, &name, &[from, to, back()])
    };
    let chain = plain_chain(IP, TABLE, &name);
    let passing = pairs.iter().map(passes);
    let last = rule(IP, TABLE, &name, &[drop()]);
    std::iter::once(chain)
        .chain(passing)
        .chain([last])
        .collect()
}

impl Base {
    fn begin(&self) -> Vec<Value> {
        let hooked = Hooked {
            family: self.family,
            table: TABLE,
            name: self.chain,
            hook: self.hook,
            priority: self.priority,
            policy: "accept",
            device: None,
        };
        vec![table(self.family, TABLE), hooked.chain()]
    }

    fn rule(&self, statements: &[Value]) -> Value {
        rule(self.family, TABLE, self.chain, statements)
    }
}

fn leaves_by(name: &IfName) -> Value {
    matches(&meta("oifname"), "==", name.to_string())
}

fn comes_by(name: &IfName) -> Value {
    matches(&meta("iifname"), "==", name.to_string())
}

fn set_ttl(ttl: Ttl) -> Value {
    mangle(&field("ip", "ttl"), ttl.get().into())
}

/// nft has no arithmetic on a TTL, so each value has a chain that sets the next one.
fn increments() -> impl Iterator<Item = Value> {
    below_the_highest().flat_map(|(ttl, next)| {
        let name = increment(ttl);
        let chain = plain_chain(IP, TABLE, &name);
        [chain, rule(IP, TABLE, &name, &[set_ttl(next)])]
    })
}

/// Every TTL that can be incremented, with the next value.
fn below_the_highest() -> impl Iterator<Item = (Ttl, Ttl)> {
    let all = || (1..=u8::MAX).filter_map(Ttl::new);
    all().zip(all().skip(1))
}

fn increment(ttl: Ttl) -> String {
    format!("after-{ttl}")
}

/// Increments the TTL of every packet that will cross the gateway, since forwarding decrements it. Packets that return
/// to the network they came from are not changed.
fn hiding(nic: &IfName, tunnels: &[IfName]) -> Vec<Vec<Value>> {
    let from_network = vec![
        comes_by(nic),
        matches(&way_out(), "!=", nic.to_string()),
        grow(),
    ];
    let from_tunnels = tunnels.iter().map(|tunnel| vec![comes_by(tunnel), grow()]);
    std::iter::once(from_network).chain(from_tunnels).collect()
}

fn way_out() -> Value {
    json!({"fib": {"result": "oifname", "flags": ["daddr"]}})
}

fn grow() -> Value {
    let next = |(ttl, _): (Ttl, Ttl)| json!([ttl.get(), jump(&increment(ttl))]);
    let items: Vec<Value> = below_the_highest().map(next).collect();
    json!({"vmap": {"key": field("ip", "ttl"), "data": {"set": items}}})
}

/// Clamps the MSS in a connection's first packets. nft leaves a lower value unchanged (`nft_exthdr_tcp_set_eval`).
fn clamping(side: fn(&IfName) -> Value, tunnels: &[IfName], mss: u16) -> Vec<Vec<Value>> {
    let rule = |tunnel| vec![side(tunnel), is_first_of_connection(), set_mss(mss)];
    tunnels.iter().map(rule).collect()
}

/// Matches packets with the flag SYN and without RST.
fn is_first_of_connection() -> Value {
    let asked = json!({"&": [field("tcp", "flags"), {"|": ["syn", "rst"]}]});
    matches(&asked, "==", "syn")
}

fn set_mss(mss: u16) -> Value {
    mangle(
        &json!({"tcp option": {"name": "maxseg", "field": "size"}}),
        mss,
    )
}

fn silencing(interface: &IfName, source: Address) -> Vec<Value> {
    vec![
        leaves_by(interface),
        matches(&field("ip", "saddr"), "==", source.to_string()),
        matches(&field("icmp", "type"), "==", "time-exceeded"),
        drop(),
    ]
}

fn refusing(port: &IfName, refused: &Refused) -> Vec<Vec<Value>> {
    match refused {
        Refused::Everything => vec![vec![comes_by(port), drop()]],
        Refused::Forwarded(machines) => machines
            .iter()
            .map(|(mac, address)| in_anothers_name(port, *mac, *address))
            .collect(),
    }
}

fn in_anothers_name(port: &IfName, mac: Mac, address: Address) -> Vec<Value> {
    vec![
        comes_by(port),
        matches(&field("ether", "saddr"), "==", mac.to_string()),
        matches(&field("ip", "saddr"), "!=", address.to_string()),
        drop(),
    ]
}
