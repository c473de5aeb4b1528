//! Creates the network of a lab file without errors.

#[cfg(test)]
mod tests;

use crate::azure::source::{Builder, Source};
use crate::lab::kinds::KINDS;
use crate::lab::model::Spec;
use crate::topology::Topology;

/// Creates the topology. Every reference in the file must resolve; [`crate::lab::rules`] ensures this.
pub(crate) fn build(spec: &Spec) -> Topology {
    let resources = &spec.resources;
    let impaired = spec.impairments.iter();
    let impaired = impaired.map(|one| one.link.value.as_str()).collect();
    let empty = Topology::empty(
        spec.name.value.clone(),
        spec.semantics.clone(),
        spec.converges_immediately,
    );
    let mut builder = Builder::new(Source::new(resources, impaired), empty);
    for kind in KINDS {
        (kind.lower)(&mut builder);
    }
    builder.gateway_sessions();
    builder.site_sessions(&resources.sites);
    builder.device_policies();
    builder.domains();
    builder.expectations(spec);
    builder.storyboards(spec);
    builder.topology
}
