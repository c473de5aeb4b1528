//! The JSON of nft's commands (libnftables-json(5)): tables, chains, rules and the statements of rules.

use serde_json::{Value, json};

use crate::addresses::Prefix;

/// A table.
pub(super) fn table(family: &str, name: &str) -> Value {
    json!({"table": {"family": family, "name": name}})
}

/// A chain at a hook: packets pass it at a priority, and what no rule decides meets the policy.
pub(super) struct Hooked<'a> {
    /// The family of its table.
    pub(super) family: &'a str,
    /// Its table.
    pub(super) table: &'a str,
    /// Its name.
    pub(super) name: &'a str,
    /// Its hook.
    pub(super) hook: &'a str,
    /// Its priority; chains with lower ones are passed first.
    pub(super) priority: i32,
    /// `accept` or `drop`.
    pub(super) policy: &'a str,
    /// The interface, for a hook of an interface.
    pub(super) device: Option<&'a str>,
}

impl Hooked<'_> {
    /// The chain.
    pub(super) fn chain(&self) -> Value {
        let mut chain = json!({
            "family": self.family,
            "table": self.table,
            "name": self.name,
            "type": "filter",
            "hook": self.hook,
            "prio": self.priority,
            "policy": self.policy,
        });
        if let Some(device) = self.device {
            chain["dev"] = device.into();
        }
        json!({ "chain": chain })
    }
}

/// A chain that only other chains lead to.
pub(super) fn plain_chain(family: &str, table: &str, name: &str) -> Value {
    json!({"chain": {"family": family, "table": table, "name": name}})
}

/// A rule at the end of a chain.
pub(super) fn rule(family: &str, table: &str, chain: &str, statements: &[Value]) -> Value {
    json!({"rule": {"family": family, "table": table, "chain": chain, "expr": statements}})
}

/// Compares two expressions.
pub(super) fn matches(left: &Value, operator: &str, right: impl Into<Value>) -> Value {
    let right: Value = right.into();
    json!({"match": {"left": left, "op": operator, "right": right}})
}

/// A property of a packet's processing, such as `oifname`.
pub(super) fn meta(key: &str) -> Value {
    json!({"meta": {"key": key}})
}

/// A field of a header.
pub(super) fn field(protocol: &str, field: &str) -> Value {
    json!({"payload": {"protocol": protocol, "field": field}})
}

/// Changes a field.
pub(super) fn mangle(key: &Value, value: u16) -> Value {
    json!({"mangle": {"key": key, "value": value}})
}

/// Drops the packet.
pub(super) fn drop() -> Value {
    json!({ "drop": null })
}

/// Passes another chain and then goes on.
pub(super) fn jump(chain: &str) -> Value {
    json!({"jump": {"target": chain}})
}

/// Goes on after the jump that led here.
pub(super) fn back() -> Value {
    json!({ "return": null })
}

/// The addresses of a prefix.
pub(super) fn prefix(prefix: Prefix) -> Value {
    json!({"prefix": {"addr": prefix.network().to_string(), "len": prefix.prefix_len()}})
}
