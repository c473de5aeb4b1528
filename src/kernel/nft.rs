//! What no route can say: a tunnel that sets the time to live, a link that loses everything.

use std::borrow::Cow;

use nftables::expr::{Expression, Meta, MetaKey, NamedExpression, Payload, PayloadField};
use nftables::helper::{self, NftablesError};
use nftables::schema::{Chain, NfCmd, NfListObject, NfObject, Nftables, Rule, Table};
use nftables::stmt::{Mangle, Match, Operator, Statement};
use nftables::types::{NfChainPolicy, NfChainType, NfFamily, NfHook};

use crate::names::IfName;
use crate::units::Ttl;

/// The table and chain that hold a lab's rules.
const TABLE: &str = "lab";
const CHAIN: &str = "tunnels";

/// Where mangling stands among the hooks (`NF_IP_PRI_MANGLE`).
const PRIORITY: i32 = -150;

/// Sets the time to live of whatever leaves by each interface, in the calling thread's namespace.
///
/// # Errors
///
/// nft's: that it is not installed, or what it says.
pub(super) fn set_inner_ttls(tunnels: &[(IfName, Ttl)]) -> Result<(), Box<NftablesError>> {
    helper::apply_ruleset(&ruleset(tunnels)).map_err(Box::new)
}

/// Where a packet that arrives is seen first.
const FIRST: i32 = -500;

/// Drops whatever arrives by an interface, or no longer does, in the calling thread's namespace.
/// Each interface has a table of its own, so that one command takes it away.
///
/// # Errors
///
/// nft's: that it is not installed, or what it says.
pub(super) fn set_blackhole(name: &IfName, lost: bool) -> Result<(), Box<NftablesError>> {
    let table = || {
        NfListObject::Table(Table {
            family: NfFamily::NetDev,
            name: format!("blackhole-{name}").into(),
            handle: None,
        })
    };
    let chain = NfListObject::Chain(Chain {
        family: NfFamily::NetDev,
        table: format!("blackhole-{name}").into(),
        name: "arriving".into(),
        _type: Some(NfChainType::Filter),
        hook: Some(NfHook::Ingress),
        prio: Some(FIRST),
        dev: Some(name.to_string().into()),
        policy: Some(NfChainPolicy::Drop),
        ..Chain::default()
    });
    // To add the table first makes it sure that there is one to take away.
    let commands = if lost {
        vec![NfCmd::Add(table()), NfCmd::Add(chain)]
    } else {
        vec![NfCmd::Add(table()), NfCmd::Delete(table())]
    };
    let objects = commands.into_iter().map(NfObject::CmdObject).collect();
    helper::apply_ruleset(&Nftables { objects }).map_err(Box::new)
}

fn ruleset(tunnels: &[(IfName, Ttl)]) -> Nftables<'static> {
    let table = NfListObject::Table(Table {
        family: NfFamily::IP,
        name: TABLE.into(),
        handle: None,
    });
    let chain = NfListObject::Chain(Chain {
        family: NfFamily::IP,
        table: TABLE.into(),
        name: CHAIN.into(),
        _type: Some(NfChainType::Filter),
        hook: Some(NfHook::Postrouting),
        prio: Some(PRIORITY),
        policy: Some(NfChainPolicy::Accept),
        ..Chain::default()
    });
    let rules = tunnels
        .iter()
        .map(|(name, ttl)| NfListObject::Rule(rule(name, *ttl)));
    let objects: Vec<NfObject<'static>> = [table, chain]
        .into_iter()
        .chain(rules)
        .map(NfObject::ListObject)
        .collect();
    Nftables {
        objects: Cow::Owned(objects),
    }
}

fn rule(name: &IfName, ttl: Ttl) -> Rule<'static> {
    let leaves_by = Statement::Match(Match {
        left: Expression::Named(NamedExpression::Meta(Meta {
            key: MetaKey::Oifname,
        })),
        right: Expression::String(name.to_string().into()),
        op: Operator::EQ,
    });
    let field = PayloadField {
        protocol: "ip".into(),
        field: "ttl".into(),
    };
    let set = Statement::Mangle(Mangle {
        key: Expression::Named(NamedExpression::Payload(Payload::PayloadField(field))),
        value: Expression::Number(ttl.get().into()),
    });
    Rule {
        family: NfFamily::IP,
        table: TABLE.into(),
        chain: CHAIN.into(),
        expr: vec![leaves_by, set].into(),
        ..Rule::default()
    }
}
