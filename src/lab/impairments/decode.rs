//! The `impairments` section: delay, loss, rates and queues of links.

use crate::findings::{Finding, Rule};
use crate::lab::impairments::model::LinkImpairment;
use crate::yaml::fields::Decoder;
use crate::yaml::numbers::queue;
use crate::yaml::stand_in::no_stand_in;
use crate::yaml::tree::{Kind, Node};
use crate::yaml::values::{duration, located, rate, reference, share};

const NO_IMPAIRMENT: Rule = Rule::new("no-impairment");

/// The values that an impairment may set.
const PARTS: [&str; 7] = [
    "delay",
    "jitter",
    "loss",
    "duplicate",
    "reorder",
    "rate",
    "queue",
];

no_stand_in!(LinkImpairment);

/// An item of `impairments`.
pub(crate) fn impairment(d: &mut Decoder, node: &Node) -> Option<LinkImpairment> {
    d.mapping(node, node.place, "an impairment", |fields| {
        let link = fields.required("link", reference);
        let from = fields.optional("from", reference);
        let is_misread = from.is_none() && fields.place_of("from").is_some();
        let delay = fields.if_given("delay", |d, node| {
            duration(d, node).map(|delay| located(node.place, delay))
        });
        let jitter = fields.if_given("jitter", |d, node| {
            duration(d, node).map(|jitter| located(node.place, jitter))
        });
        let loss = fields.optional("loss", share);
        let duplicate = fields.optional("duplicate", share);
        let reorder = fields.if_given("reorder", |d, node| {
            share(d, node).map(|reorder| located(node.place, reorder))
        });
        let rate = fields.optional("rate", rate);
        let queue = fields.optional("queue", queue);
        if sets_nothing(node) {
            let message = "this impairment sets nothing";
            let help = format!("give it one or more of `{}`", PARTS.join("`, `"));
            let finding = Finding::new(NO_IMPAIRMENT, node.place, message);
            fields.decoder.report(finding.with_help(help));
        }
        Some(LinkImpairment {
            link: link?,
            from: if is_misread { return None } else { from },
            delay,
            jitter,
            loss,
            duplicate,
            reorder,
            rate,
            queue,
        })
    })
}

/// Whether an item sets no value. An unknown key counts as a value, since it may be a misspelt one.
fn sets_nothing(node: &Node) -> bool {
    let Kind::Mapping(entries) = &node.kind else {
        return false;
    };
    entries.iter().all(|(key, value)| {
        let key = key.text.as_str();
        let is_empty_part = PARTS.contains(&key) && matches!(value.kind, Kind::Null);
        is_empty_part || matches!(key, "link" | "from")
    })
}
