//! What the rules of a text do with an ICMP packet.

use crate::addresses::Address;
use crate::firewall::ruleset::{
    Base, FlowState, Hook, Key, Part, Rule, Ruleset, Statement, Value, Verdict,
};

/// The most chains that jump to each other (`NFT_JUMP_STACK_SIZE`).
const DEEPEST: usize = 16;

/// Connection tracking looks at packets at this priority (`NF_IP_PRI_CONNTRACK`).
const TRACKED_FROM: i32 = -200;

/// The protocol number of ICMP (RFC 792).
const ICMP: u8 = 1;

/// An ICMP packet at a hook of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Its source.
    pub source: Address,
    /// Its destination.
    pub destination: Address,
    /// Its type (RFC 792).
    pub icmp_type: u8,
    /// The state of its flow; `None` if that cannot be told.
    pub state: Option<FlowState>,
    /// The interface by which it arrived.
    pub entered: Seen<'a>,
    /// The interface by which it leaves.
    pub leaves: Seen<'a>,
    /// The address that `masquerade` gives it; `None` if that cannot be told.
    pub masquerade: Option<Address>,
    /// Its source from the place on where the node translates addresses, for a packet of a flow that it translates.
    pub source_after: Option<Address>,
    /// Its destination from there on, for an answer to such a flow.
    pub destination_after: Option<Address>,
}

/// An interface, as rules see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen<'a> {
    /// Its name.
    Named(&'a str),
    /// There is none at this hook.
    Nothing,
    /// It depends on the kernel's version.
    Untold,
}

/// What the rules at a hook do with a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// It passes, with another source if the rules translate it.
    Passes {
        /// The other source.
        source: Option<Address>,
    },
    /// It is dropped.
    Dropped(Part),
    /// It is dropped, and its sender is told.
    Rejected(Part),
    /// It cannot be told, because of this part of the text.
    Untold(Part),
}

/// The result of a chain.
enum Course<'a> {
    /// The packet came to its end, or returned.
    Through,
    Accepted,
    Dropped(&'a Part),
    Rejected(&'a Part),
    Translated(Address),
    Untold(&'a Part),
}

impl Ruleset {
    /// What the rules at a hook do with a packet.
    pub(super) fn ruling(&self, hook: Hook, packet: &Packet<'_>) -> Ruling {
        if let Some(unread) = &self.unread {
            return Ruling::Untold(unread.clone());
        }
        let at_hook = || self.bases.iter().filter(move |base| base.hook == hook);
        let nat = hook.translates_at();
        let filters = |is_after: bool| {
            let filters = at_hook().filter(|base| !base.is_nat);
            filters.filter(move |base| (base.priority >= nat) == is_after)
        };
        let mut packet = *packet;
        if let Some(ruling) = self.stops(filters(false), &packet) {
            return ruling;
        }
        packet.destination = packet.destination_after.unwrap_or(packet.destination);
        let nats: Vec<&Base> = at_hook().filter(|base| base.is_nat).collect();
        let source = match self.translation(&nats, &packet) {
            Ok(source) => source,
            Err(ruling) => return ruling,
        };
        packet.source = source.or(packet.source_after).unwrap_or(packet.source);
        self.stops(filters(true), &packet)
            .unwrap_or(Ruling::Passes { source })
    }

    /// The first chain that does not let a packet pass.
    fn stops<'a>(
        &'a self,
        bases: impl Iterator<Item = &'a Base>,
        packet: &Packet<'_>,
    ) -> Option<Ruling> {
        for base in bases {
            let ruling = match self.base(base, packet) {
                // Only chains of the type `nat` may translate; nft refuses the rule elsewhere.
                Course::Through | Course::Accepted | Course::Translated(_) => continue,
                Course::Dropped(part) => Ruling::Dropped(part.clone()),
                Course::Rejected(part) => Ruling::Rejected(part.clone()),
                Course::Untold(part) => Ruling::Untold(part.clone()),
            };
            return Some(ruling);
        }
        None
    }

    /// The source that the rules of chains of the type `nat` give to a packet. They see the first packet of a flow.
    fn translation(&self, bases: &[&Base], packet: &Packet<'_>) -> Result<Option<Address>, Ruling> {
        if packet.state.is_some_and(|state| state != FlowState::New) {
            return Ok(None);
        }
        for base in bases {
            match self.base(base, packet) {
                Course::Through | Course::Accepted => {}
                Course::Dropped(part) => return Err(Ruling::Dropped(part.clone())),
                Course::Rejected(part) => return Err(Ruling::Rejected(part.clone())),
                Course::Untold(part) => return Err(Ruling::Untold(part.clone())),
                Course::Translated(source) if packet.state.is_some() => return Ok(Some(source)),
                Course::Translated(_) => {
                    let chain = self.chains.get(&(base.table, base.chain.clone()));
                    let part = chain
                        .and_then(|rules| rules.first())
                        .map(|it| it.part.clone());
                    return Err(part.map_or(Ruling::Passes { source: None }, Ruling::Untold));
                }
            }
        }
        Ok(None)
    }

    fn base(&self, base: &Base, packet: &Packet<'_>) -> Course<'_> {
        let mut packet = *packet;
        if base.priority <= TRACKED_FROM {
            packet.state = None;
        }
        let found = self.bases.iter().find(|own| *own == base);
        let drops = found.and_then(|own| own.drops.as_ref());
        match (self.chain(base.table, &base.chain, &packet, 0), drops) {
            (Course::Through, Some(policy)) => Course::Dropped(policy),
            (course, _) => course,
        }
    }

    fn chain(&self, table: usize, name: &str, packet: &Packet<'_>, depth: usize) -> Course<'_> {
        let rules = self.chains.get(&(table, name.to_owned()));
        for rule in rules.into_iter().flatten() {
            let verdict = match decides(rule, packet) {
                Decision::No => continue,
                Decision::Untold => return Course::Untold(&rule.part),
                Decision::Verdict(verdict) => verdict,
            };
            match verdict {
                Verdict::Continue => {}
                Verdict::Accept => return Course::Accepted,
                Verdict::Drop => return Course::Dropped(&rule.part),
                Verdict::Reject => return Course::Rejected(&rule.part),
                Verdict::Return => return Course::Through,
                Verdict::Jump(_) | Verdict::Goto(_) if depth >= DEEPEST => {
                    return Course::Untold(&rule.part);
                }
                Verdict::Jump(chain) => match self.chain(table, chain, packet, depth + 1) {
                    Course::Through => {}
                    course => return course,
                },
                Verdict::Goto(chain) => return self.chain(table, chain, packet, depth + 1),
                Verdict::Masquerade => {
                    return packet
                        .masquerade
                        .map_or(Course::Untold(&rule.part), Course::Translated);
                }
                Verdict::SourceTo(address) => return Course::Translated(*address),
            }
        }
        Course::Through
    }
}

/// Whether a rule decides about a packet.
enum Decision<'a> {
    No,
    Untold,
    Verdict(&'a Verdict),
}

fn decides<'a>(rule: &'a Rule, packet: &Packet<'_>) -> Decision<'a> {
    let mut is_untold = false;
    for statement in &rule.statements {
        match statement {
            Statement::Never => return Decision::No,
            // Nothing after it can be read, so that a later match cannot exclude the packet.
            Statement::Unknown => return Decision::Untold,
            Statement::Match {
                key,
                is_not,
                values,
            } => match matches(*key, values.iter(), packet) {
                Some(found) if found == *is_not => return Decision::No,
                Some(_) => {}
                None => is_untold = true,
            },
            Statement::Map { .. } | Statement::Verdict(_) if is_untold => {
                return Decision::Untold;
            }
            Statement::Map { key, entries } => return by_map(*key, entries, packet),
            Statement::Verdict(verdict) => return Decision::Verdict(verdict),
        }
    }
    Decision::No
}

/// The decision of a map. A packet that no entry matches passes the rule by.
fn by_map<'a>(key: Key, entries: &'a [(Value, Verdict)], packet: &Packet<'_>) -> Decision<'a> {
    for (value, verdict) in entries {
        match matches(key, std::iter::once(value), packet) {
            Some(true) => return Decision::Verdict(verdict),
            Some(false) => {}
            None => return Decision::Untold,
        }
    }
    Decision::No
}

/// Whether any value matches; `None` if that cannot be told.
fn matches<'v>(
    key: Key,
    mut values: impl Iterator<Item = &'v Value>,
    packet: &Packet<'_>,
) -> Option<bool> {
    let has_address = |address: Address, value: &Value| match value {
        Value::Addresses(first, last) => (*first..=*last).contains(&address),
        _ => false,
    };
    let has_number =
        |number: u8, value: &Value| matches!(value, Value::Number(own) if *own == number);
    Some(match key {
        Key::Source => values.any(|value| has_address(packet.source, value)),
        Key::Destination => values.any(|value| has_address(packet.destination, value)),
        Key::Protocol => values.any(|value| has_number(ICMP, value)),
        Key::IcmpType => values.any(|value| has_number(packet.icmp_type, value)),
        Key::EnteredBy => return is_interface(values, packet.entered),
        Key::LeavesBy => return is_interface(values, packet.leaves),
        Key::State => {
            let state = packet.state?;
            values.any(|value| matches!(value, Value::State(own) if *own == state))
        }
    })
}

fn is_interface<'v>(mut values: impl Iterator<Item = &'v Value>, seen: Seen<'_>) -> Option<bool> {
    let name = match seen {
        Seen::Named(name) => name,
        Seen::Nothing => "",
        Seen::Untold => return None,
    };
    Some(values.any(|value| match value {
        Value::Interface(start, true) => name.starts_with(start.as_str()),
        Value::Interface(own, false) => own == name,
        _ => false,
    }))
}
