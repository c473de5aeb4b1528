//! Firewalls of lab files: tried out in a temporary namespace, then loaded in the node's own.

use std::io;

use serde_json::Value;

use crate::firewall::{BLACKHOLE_TABLES, Firewall, LAB_TABLE, Table};
use crate::kernel::message;
use crate::kernel::netns;
use crate::kernel::nft::json::{plain_chain, table};
use crate::kernel::nft::run::{Complaint, NftError, complaints, list, run, run_text};
use crate::kernel::nft::{BRIDGE, IP};
use crate::kernel::rtnl::{Request, Rtnl};
use crate::names::IfName;
use crate::plan::InterfacePlan;
use crate::topology::Mac;

/// The chain of the stand-ins for the lab's own tables.
const STAND_IN: &str = "stand-in";

/// The result of trying a firewall out.
#[derive(Debug)]
pub enum Trial {
    /// The kernel accepts it.
    Passed,
    /// nft or the kernel refuses it.
    Refused(Vec<Complaint>),
    /// It changes tables that the lab itself loads.
    TouchesTheLab,
    /// It creates tables that a change of the file could not remove, since the text does not name them.
    Hides(Vec<Table>),
}

/// Loads a firewall in a temporary namespace with interfaces of these names.
///
/// # Errors
///
/// Errors of the kernel, if it cannot create the namespace, and of nft, if it cannot be run.
pub fn try_firewall(firewall: &Firewall, interfaces: &[IfName]) -> io::Result<Trial> {
    netns::in_scratch(|| tried(firewall, interfaces))?.map_err(io::Error::other)
}

fn tried(firewall: &Firewall, interfaces: &[IfName]) -> Result<Trial, NftError> {
    // Rules with `iif` and chains of single interfaces need the interfaces. Whether one could not be created shows in
    // the complaints about such rules.
    let _ = create(interfaces);
    run(&stand_ins())?;
    if let Err(error) = run_text(firewall.text()) {
        return Ok(Trial::Refused(complaints(error)?));
    }
    let objects = list()?;
    let objects = objects["nftables"].as_array();
    let objects = objects.map_or(&[][..], Vec::as_slice);
    let touches =
        tables(objects).any(|it| it.name.starts_with(BLACKHOLE_TABLES) && it.is_of_the_lab());
    if touches || ![IP, BRIDGE].iter().all(|family| is_intact(objects, family)) {
        return Ok(Trial::TouchesTheLab);
    }
    let named = firewall.tables();
    let hidden = tables(objects).filter(|it| !it.is_of_the_lab() && !named.contains(it));
    let hidden: Vec<Table> = hidden.collect();
    Ok(if hidden.is_empty() {
        Trial::Passed
    } else {
        Trial::Hides(hidden)
    })
}

/// Empty tables with the names of the lab's own. Whatever changes them would change the lab's.
fn stand_ins() -> Vec<Value> {
    let tables = [IP, BRIDGE].into_iter();
    let objects = tables.flat_map(|family| {
        [
            table(family, LAB_TABLE),
            plain_chain(family, LAB_TABLE, STAND_IN),
        ]
    });
    objects.collect()
}

/// The tables of nft's output.
fn tables(objects: &[Value]) -> impl Iterator<Item = Table> {
    let tables = objects.iter().filter_map(|object| object.get("table"));
    tables.filter_map(table_of)
}

/// Whether a stand-in is as it was created: a table with a chain, and nothing else in it.
fn is_intact(objects: &[Value], family: &str) -> bool {
    let own = |object: &&Value| {
        let mut parts = object.as_object().into_iter().flat_map(|it| it.values());
        parts.any(|part| {
            table_of(part).is_some_and(|it| it.family == family && it.name == LAB_TABLE)
        })
    };
    let own: Vec<&Value> = objects.iter().filter(own).collect();
    let has_chain = own.iter().any(|object| object.get("chain").is_some());
    own.len() == 2 && has_chain
}

/// The table of an object in nft's output.
fn table_of(object: &Value) -> Option<Table> {
    let text = |key: &str| object.get(key).and_then(Value::as_str);
    Some(Table {
        family: text("family")?.to_owned(),
        name: text("table").or_else(|| text("name"))?.to_owned(),
    })
}

fn create(interfaces: &[IfName]) -> io::Result<()> {
    let named = interfaces.iter().zip(2..);
    let requests = named.map(|(name, index)| {
        Request::create(message::bridge(&InterfacePlan {
            name: name.clone(),
            index,
            // A locally administered address (the second bit of its first byte).
            mac: Mac([2, 0, 0, 0, 0, 1]),
            resolves: false,
            bridge: None,
            up: true,
        }))
    });
    Rtnl::open()?.run_all(&requests.collect::<Vec<_>>())?;
    Ok(())
}

/// Replaces the tables of a node's old firewall with its new one in one transaction, in the calling thread's namespace.
///
/// # Errors
///
/// Errors of nft: it is not installed, or its message.
pub(in crate::kernel) fn replace_firewall(
    old: Option<&Firewall>,
    new: Option<&Firewall>,
) -> Result<(), NftError> {
    let removed = old.into_iter().flat_map(Firewall::tables);
    // Only an existing table can be deleted, and a user may have deleted one.
    let removed = removed.map(|table| format!("table {table}\ndelete table {table}\n"));
    let text: String = removed.collect();
    let text = text + new.map_or("", Firewall::text);
    run_text(&text).map_err(NftError::in_one_line)
}
