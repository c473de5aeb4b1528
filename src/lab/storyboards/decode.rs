//! The `storyboards` section: failures, with expectations during them.

use crate::findings::Located;
use crate::lab::expectations::decode::expectation;
use crate::lab::model::{Step, StepExpectations, Storyboard};
use crate::yaml::fields::Decoder;
use crate::yaml::stand_in::no_stand_in;
use crate::yaml::tree::{Key, Kind, Node};
use crate::yaml::values::{choice, duration, node_name, plain_name, reference};

no_stand_in!(Step);

/// An entry of `storyboards`.
pub(crate) fn storyboard(d: &mut Decoder, key: &Key, node: &Node) -> Option<Storyboard> {
    let name = node_name(d, key);
    let steps = d.filled_list(node, "a list of steps", step);
    Some(Storyboard {
        name: name?,
        steps: steps?,
    })
}

fn step(d: &mut Decoder, node: &Node) -> Option<Step> {
    d.mapping(node, node.place, "a step", |fields| {
        let name = fields.required("step", plain_name);
        let fault = fields.optional("fault", one_or_more);
        let blackhole = fields.optional("blackhole", one_or_more);
        let heal = fields.optional("heal", one_or_more);
        let wait = fields.optional("wait", duration);
        let expect = fields.if_given("expect", step_expectations);
        Some(Step {
            name: name?,
            fault: fault.unwrap_or_default(),
            blackhole: blackhole.unwrap_or_default(),
            heal: heal.unwrap_or_default(),
            wait: wait.unwrap_or_default(),
            expect: expect.unwrap_or(StepExpectations::Own(Vec::new())),
        })
    })
}

/// Names of links and nodes; a single one needs no brackets.
fn one_or_more(d: &mut Decoder, node: &Node) -> Option<Vec<Located<String>>> {
    let expected = "a name or a list of names";
    match node.kind {
        Kind::Sequence(_) => d.filled_list(node, expected, reference),
        Kind::Mapping(_) => d.wrong_type(node, expected),
        _ => reference(d, node).map(|name| vec![name]),
    }
}

fn step_expectations(d: &mut Decoder, node: &Node) -> Option<StepExpectations> {
    if let Kind::Text(_) = node.kind {
        return choice(d, node, &[("steady", ())]).map(|()| StepExpectations::Steady);
    }
    let expected = "a list of expectations or the word `steady`";
    d.list(node, expected, expectation)
        .map(StepExpectations::Own)
}
