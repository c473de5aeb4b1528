//! The top level of a lab file: its name and its sections.

use crate::azure::resources::Resources;
use crate::findings::{Finding, Place, Rule};
use crate::lab::expectations::decode::expectation;
use crate::lab::impairments::decode::impairment;
use crate::lab::model::Spec;
use crate::lab::storyboards::decode::storyboard;
use crate::lab::switches::{immediate, semantics};
use crate::yaml::fields::Decoder;
use crate::yaml::tree::{Kind, Node};
use crate::yaml::values::{flag, lab_name};

const EMPTY: Rule = Rule::new("empty");

/// Reads the whole document.
pub(crate) fn document(d: &mut Decoder, node: &Node) -> Option<Spec> {
    if matches!(node.kind, Kind::Null) {
        d.report(
            Finding::new(EMPTY, Place::default(), "the file contains no lab")
                .with_help("a lab file begins with `name:`, then its sections"),
        );
        return None;
    }
    d.report_duplicates(node);
    d.mapping(node, node.place, "a lab file", |fields| {
        let name = fields.required("name", lab_name);
        let semantics = fields.if_given("semantics", semantics);
        let immediate = fields.optional("convergence", immediate);
        let is_strict = fields.optional("strict", flag);
        let resources = Resources::read(fields);
        let impairments = fields.if_given("impairments", |d, node| {
            d.list(node, "a list of impairments", impairment)
        });
        let expectations = fields.if_given("expect", |d, node| {
            d.list(node, "a list of expectations", expectation)
        });
        let storyboards = fields.named("storyboards", "storyboards", storyboard);
        Some(Spec {
            name: name?,
            semantics: semantics.unwrap_or_default(),
            converges_immediately: immediate.is_some(),
            is_strict: is_strict.unwrap_or_default(),
            resources,
            impairments: impairments.unwrap_or_default(),
            expectations: expectations.unwrap_or_default(),
            storyboards,
        })
    })
}
