//! The one thing a lab needs that no route can say: a tunnel that sets the time to live.

use std::borrow::Cow;

use nftables::expr::{Expression, Meta, MetaKey, NamedExpression, Payload, PayloadField};
use nftables::helper::{self, NftablesError};
use nftables::schema::{Chain, NfListObject, NfObject, Nftables, Rule, Table};
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
