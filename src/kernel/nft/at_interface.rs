//! Chains of a single interface, for its blackhole.

use nftables::helper::NftablesError;
use nftables::schema::{Chain, NfCmd, NfListObject, NfObject, Nftables, Table};
use nftables::types::{NfChainPolicy, NfChainType, NfFamily, NfHook};

use crate::names::IfName;

/// The earliest hook for a received packet.
const FIRST: i32 = -500;

/// Starts or ends a blackhole at an interface, which drops all received packets, in the calling thread's namespace.
/// Each interface has its own table, so that one command removes it.
///
/// # Errors
///
/// Errors of nft: it is not installed, or its message.
pub(in crate::kernel) fn set_blackhole(
    name: &IfName,
    lost: bool,
) -> Result<(), Box<NftablesError>> {
    let dropping = chain(name, "arriving", NfHook::Ingress, NfChainPolicy::Drop);
    // Adding the table first ensures that there is one to delete.
    let commands = if lost {
        vec![NfCmd::Add(table(name)), NfCmd::Add(dropping)]
    } else {
        vec![NfCmd::Add(table(name)), NfCmd::Delete(table(name))]
    };
    apply(commands)
}

/// Tests chains in both directions of an interface, in the calling thread's namespace.
///
/// # Errors
///
/// Errors of nft: it is not installed, or its message.
pub(in crate::kernel) fn try_at_interface(name: &IfName) -> Result<(), Box<NftablesError>> {
    let passing = |chain_name, hook| chain(name, chain_name, hook, NfChainPolicy::Accept);
    apply(vec![
        NfCmd::Add(table(name)),
        NfCmd::Add(passing("arriving", NfHook::Ingress)),
        NfCmd::Add(passing("leaving", NfHook::Egress)),
    ])
}

fn table(name: &IfName) -> NfListObject<'static> {
    NfListObject::Table(Table {
        family: NfFamily::NetDev,
        name: table_name(name).into(),
        handle: None,
    })
}

fn chain(
    device: &IfName,
    name: &'static str,
    hook: NfHook,
    policy: NfChainPolicy,
) -> NfListObject<'static> {
    NfListObject::Chain(Chain {
        family: NfFamily::NetDev,
        table: table_name(device).into(),
        name: name.into(),
        _type: Some(NfChainType::Filter),
        hook: Some(hook),
        prio: Some(FIRST),
        dev: Some(device.to_string().into()),
        policy: Some(policy),
        ..Chain::default()
    })
}

fn table_name(device: &IfName) -> String {
    format!("blackhole-{device}")
}

fn apply(commands: Vec<NfCmd<'static>>) -> Result<(), Box<NftablesError>> {
    let objects = commands.into_iter().map(NfObject::CmdObject).collect();
    super::run(&Nftables { objects })
}
