//! nftables filters for what routes cannot express: TTLs that are set or restored, TCP MSS clamping, peerings that drop
//! packets, and blackholes.

mod at_interface;

use nftables::expr::{
    BinaryOperation, Expression, Fib, FibFlag, FibResult, Meta, MetaKey, NamedExpression, Payload,
    PayloadField, SetItem, TcpOption,
};
use nftables::helper::{self, NftablesError};
use nftables::schema::{Chain, NfCmd, NfListObject, NfObject, Nftables, Rule, Table};
use nftables::stmt::{JumpTarget, Mangle, Match, Operator, Statement, VerdictMap};
use nftables::types::{NfChainPolicy, NfChainType, NfFamily, NfHook};

use crate::addresses::Address;
use crate::kernel::programs;
use crate::names::IfName;
use crate::plan::{Filter, Refused};
use crate::topology::Mac;
use crate::units::Ttl;

pub(super) use at_interface::{set_blackhole, try_at_interface};

/// The table that holds a namespace's rules.
const TABLE: &str = "lab";

/// The priority of mangling among the hooks (`NF_IP_PRI_MANGLE`).
const MANGLE: i32 = -150;

/// The priority of a bridge's filters (`NF_BR_PRI_FILTER_BRIDGED`).
const BRIDGED: i32 = -200;

/// A base chain and its hook.
struct Base {
    family: NfFamily,
    chain: &'static str,
    hook: NfHook,
    priority: i32,
}

const LEAVING: Base = Base {
    family: NfFamily::IP,
    chain: "leaving",
    hook: NfHook::Postrouting,
    priority: MANGLE,
};

const ENTERING: Base = Base {
    family: NfFamily::IP,
    chain: "entering",
    hook: NfHook::Prerouting,
    priority: MANGLE,
};

const PASSING: Base = Base {
    family: NfFamily::IP,
    chain: "passing",
    hook: NfHook::Forward,
    priority: MANGLE,
};

const PEERINGS: Base = Base {
    family: NfFamily::Bridge,
    chain: "peerings",
    hook: NfHook::Forward,
    priority: BRIDGED,
};

/// Applies the filters of one node, in the calling thread's namespace.
///
/// # Errors
///
/// Errors of nft: it is not installed, or its message.
pub(super) fn set(filters: &[Filter]) -> Result<(), Box<NftablesError>> {
    apply(ruleset(filters))
}

/// Replaces all filters of one node in one transaction, in the calling thread's namespace.
///
/// # Errors
///
/// Errors of nft: it is not installed, or its message.
pub(super) fn reset(filters: &[Filter]) -> Result<(), Box<NftablesError>> {
    let mut objects = Vec::new();
    for family in [NfFamily::IP, NfFamily::Bridge] {
        let table = || NfListObject::Table(table(family));
        // Only an existing table can be deleted.
        objects.push(NfObject::ListObject(table()));
        objects.push(NfObject::CmdObject(NfCmd::Delete(table())));
    }
    objects.extend(ruleset(filters).into_iter().map(NfObject::ListObject));
    run(&Nftables {
        objects: objects.into(),
    })
}

/// Tests a rule that matches the outgoing interface, in the calling thread's namespace.
///
/// # Errors
///
/// Errors of nft: it is not installed, or its message.
pub(super) fn try_fib() -> Result<(), Box<NftablesError>> {
    let asks = is(way_out(), Operator::NEQ, text(&"lo"));
    let mut objects = ENTERING.begin();
    objects.push(ENTERING.rule(vec![asks]));
    apply(objects)
}

/// Adds objects with nft, all or none of them.
fn apply(objects: Vec<NfListObject<'static>>) -> Result<(), Box<NftablesError>> {
    let objects = objects.into_iter().map(NfObject::ListObject).collect();
    run(&Nftables { objects })
}

/// Runs nft commands.
fn run(commands: &Nftables<'_>) -> Result<(), Box<NftablesError>> {
    let nft = programs::named("nft");
    helper::apply_ruleset_with_args(commands, Some(&nft), helper::DEFAULT_ARGS).map_err(Box::new)
}

fn ruleset(filters: &[Filter]) -> Vec<NfListObject<'static>> {
    let rules: Vec<FilterRule> = filters.iter().flat_map(rules_of).collect();
    let mut objects = Vec::new();
    for base in [&LEAVING, &ENTERING, &PASSING, &PEERINGS] {
        let own = rules.iter().filter(|(chain, _)| *chain == base.chain);
        let own: Vec<_> = own.map(|(_, rule)| base.rule(rule.clone())).collect();
        if own.is_empty() {
            continue;
        }
        objects.extend(base.begin());
        let hides = |filter: &Filter| matches!(filter, Filter::HideGateway { .. });
        if base.chain == ENTERING.chain && filters.iter().any(hides) {
            objects.extend(increments());
        }
        objects.extend(own);
    }
    objects
}

/// The chain of a rule, and the rule.
type FilterRule = (&'static str, Vec<Statement<'static>>);

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
            .map(|side| (PASSING.chain, vec![side, Statement::Drop(None)]))
            .into(),
        Filter::FilterPeering { port, refused } => {
            let rules = refusing(port, refused).into_iter();
            rules.map(|rule| (PEERINGS.chain, rule)).collect()
        }
    }
}

fn table(family: NfFamily) -> Table<'static> {
    Table {
        family,
        name: TABLE.into(),
        handle: None,
    }
}

impl Base {
    fn begin(&self) -> Vec<NfListObject<'static>> {
        let table = NfListObject::Table(table(self.family));
        let chain = NfListObject::Chain(Chain {
            family: self.family,
            table: TABLE.into(),
            name: self.chain.into(),
            _type: Some(NfChainType::Filter),
            hook: Some(self.hook),
            prio: Some(self.priority),
            policy: Some(NfChainPolicy::Accept),
            ..Chain::default()
        });
        vec![table, chain]
    }

    fn rule(&self, statements: Vec<Statement<'static>>) -> NfListObject<'static> {
        NfListObject::Rule(Rule {
            family: self.family,
            table: TABLE.into(),
            chain: self.chain.into(),
            expr: statements.into(),
            ..Rule::default()
        })
    }
}

fn leaves_by(name: &IfName) -> Statement<'static> {
    is(meta(MetaKey::Oifname), Operator::EQ, text(name))
}

fn comes_by(name: &IfName) -> Statement<'static> {
    is(meta(MetaKey::Iifname), Operator::EQ, text(name))
}

fn is(left: Expression<'static>, op: Operator, right: Expression<'static>) -> Statement<'static> {
    Statement::Match(Match { left, right, op })
}

fn meta(key: MetaKey) -> Expression<'static> {
    Expression::Named(NamedExpression::Meta(Meta { key }))
}

fn text(value: &impl ToString) -> Expression<'static> {
    Expression::String(value.to_string().into())
}

fn field(protocol: &'static str, field: &'static str) -> Expression<'static> {
    let field = PayloadField {
        protocol: protocol.into(),
        field: field.into(),
    };
    Expression::Named(NamedExpression::Payload(Payload::PayloadField(field)))
}

fn set_ttl(ttl: Ttl) -> Statement<'static> {
    Statement::Mangle(Mangle {
        key: field("ip", "ttl"),
        value: Expression::Number(ttl.get().into()),
    })
}

/// nft has no arithmetic on a TTL, so each value has a chain that sets the next one.
fn increments() -> impl Iterator<Item = NfListObject<'static>> {
    below_the_highest().flat_map(|(ttl, next)| {
        let name = increment(ttl);
        let chain = NfListObject::Chain(Chain {
            family: NfFamily::IP,
            table: TABLE.into(),
            name: name.clone().into(),
            ..Chain::default()
        });
        let rule = NfListObject::Rule(Rule {
            family: NfFamily::IP,
            table: TABLE.into(),
            chain: name.into(),
            expr: vec![set_ttl(next)].into(),
            ..Rule::default()
        });
        [chain, rule]
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
fn hiding(nic: &IfName, tunnels: &[IfName]) -> Vec<Vec<Statement<'static>>> {
    let from_network = vec![
        comes_by(nic),
        is(way_out(), Operator::NEQ, text(nic)),
        grow(),
    ];
    let from_tunnels = tunnels.iter().map(|tunnel| vec![comes_by(tunnel), grow()]);
    std::iter::once(from_network).chain(from_tunnels).collect()
}

fn way_out() -> Expression<'static> {
    Expression::Named(NamedExpression::Fib(Fib {
        result: FibResult::Oifname,
        flags: [FibFlag::Daddr].into_iter().collect(),
    }))
}

fn grow() -> Statement<'static> {
    let verdict = |ttl| {
        Statement::Goto(JumpTarget {
            target: increment(ttl).into(),
        })
    };
    let items = below_the_highest().map(|(ttl, _)| {
        SetItem::MappingStatement(Expression::Number(ttl.get().into()), verdict(ttl))
    });
    Statement::VerdictMap(VerdictMap {
        key: field("ip", "ttl"),
        data: Expression::Named(NamedExpression::Set(items.collect())),
    })
}

/// Clamps the MSS in a connection's first packets. nft leaves a lower value unchanged (`nft_exthdr_tcp_set_eval`).
fn clamping(
    side: fn(&IfName) -> Statement<'static>,
    tunnels: &[IfName],
    mss: u16,
) -> Vec<Vec<Statement<'static>>> {
    let rule = |tunnel| vec![side(tunnel), is_first_of_connection(), set_mss(mss)];
    tunnels.iter().map(rule).collect()
}

/// Matches packets with the flag SYN and without RST.
fn is_first_of_connection() -> Statement<'static> {
    let flag = |name: &'static str| Expression::String(name.into());
    let both = BinaryOperation::OR(vec![flag("syn"), flag("rst")]);
    let asked = BinaryOperation::AND(
        field("tcp", "flags"),
        Expression::BinaryOperation(Box::new(both)),
    );
    is(
        Expression::BinaryOperation(Box::new(asked)),
        Operator::EQ,
        flag("syn"),
    )
}

fn set_mss(mss: u16) -> Statement<'static> {
    let option = TcpOption {
        name: "maxseg".into(),
        field: Some("size".into()),
    };
    Statement::Mangle(Mangle {
        key: Expression::Named(NamedExpression::TcpOption(option)),
        value: Expression::Number(mss.into()),
    })
}

fn silencing(interface: &IfName, source: Address) -> Vec<Statement<'static>> {
    vec![
        leaves_by(interface),
        is(field("ip", "saddr"), Operator::EQ, text(&source)),
        is(field("icmp", "type"), Operator::EQ, text(&"time-exceeded")),
        Statement::Drop(None),
    ]
}

fn refusing(port: &IfName, refused: &Refused) -> Vec<Vec<Statement<'static>>> {
    match refused {
        Refused::Everything => vec![vec![comes_by(port), Statement::Drop(None)]],
        Refused::Forwarded(machines) => machines
            .iter()
            .map(|(mac, address)| in_anothers_name(port, *mac, *address))
            .collect(),
    }
}

fn in_anothers_name(port: &IfName, mac: Mac, address: Address) -> Vec<Statement<'static>> {
    vec![
        comes_by(port),
        is(field("ether", "saddr"), Operator::EQ, text(&mac)),
        is(field("ip", "saddr"), Operator::NEQ, text(&address)),
        Statement::Drop(None),
    ]
}
