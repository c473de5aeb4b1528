//! Makes a network of a lab file without errors.

use crate::lab::model::Spec;
use crate::topology::Topology;
use crate::topology::builder::Builder;

#[cfg(test)]
mod tests;

/// Builds the topology. Every reference in the file must resolve, which [`crate::lab::rules`] ensures.
pub(crate) fn build(spec: &Spec) -> Topology {
    let mut builder = Builder::new(spec);
    builder.route_tables();
    builder.virtual_networks();
    builder.load_balancers();
    builder.gateways();
    builder.sites();
    builder.circuits();
    builder.connections();
    builder.wan_links();
    builder.internal_sessions();
    builder.expectations();
    builder.storyboards();
    builder.domains();
    builder.topology
}
