//! Chains of a single interface, for its blackhole.

use serde_json::{Value, json};

use crate::firewall::BLACKHOLE_TABLES;
use crate::kernel::nft::json::{Hooked, table};
use crate::kernel::nft::run::{NftError, run};
use crate::names::IfName;

/// The family of a single interface.
const FAMILY: &str = "netdev";

/// The earliest hook for a received packet.
const FIRST: i32 = -500;

/// Starts or ends a blackhole at an interface, which drops all received packets, in the calling thread's namespace.
/// Each interface has its own table, so that one command removes it.
///
/// # Errors
///
/// Errors of nft: it is not installed, or its message.
pub(in crate::kernel) fn set_blackhole(name: &IfName, lost: bool) -> Result<(), NftError> {
    // Adding the table first ensures that there is one to delete.
    let second = if lost {
        add(&chain(name, "arriving", "ingress", "drop"))
    } else {
        json!({"delete": table(FAMILY, &table_name(name))})
    };
    run(&[own_table(name), second])
}

/// Tests chains in both directions of an interface, in the calling thread's namespace.
///
/// # Errors
///
/// Errors of nft: it is not installed, or its message.
pub(in crate::kernel) fn try_at_interface(name: &IfName) -> Result<(), NftError> {
    run(&[
        own_table(name),
        add(&chain(name, "arriving", "ingress", "accept")),
        add(&chain(name, "leaving", "egress", "accept")),
    ])
}

fn add(object: &Value) -> Value {
    json!({ "add": object })
}

fn own_table(name: &IfName) -> Value {
    add(&table(FAMILY, &table_name(name)))
}

fn chain(device: &IfName, name: &str, hook: &str, policy: &str) -> Value {
    let hooked = Hooked {
        family: FAMILY,
        table: &table_name(device),
        name,
        hook,
        priority: FIRST,
        policy,
        device: Some(device.as_str()),
    };
    hooked.chain()
}

fn table_name(device: &IfName) -> String {
    format!("{BLACKHOLE_TABLES}{device}")
}
