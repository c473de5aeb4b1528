//! What kinds of resource need to know of a lost path.

use crate::azure::cure::DeadEnd;
use crate::onpremises::device::cure::Gap;
use crate::onpremises::device::neighbours::names;
use crate::routing::{Absence, Origin};
use crate::topology::Topology;
use crate::verify::cure::Lost;
use crate::verify::why::{Cause, LosesBy, Loss, Why};
use crate::yaml::tree::Node;

/// The dead end of a lost path, in a document with all defaults; `None` if the destination is not known.
pub(super) fn of<'a>(lost: Lost<'a>, document: &'a Node) -> Option<DeadEnd<'a>> {
    let topology = &*lost.state.topology;
    let losses: Vec<&Loss> = lost.why.losses().collect();
    let first = losses.first()?;
    let own = lost.why.there.source;
    let kept_out = losses.iter().find_map(|loss| match loss.cause {
        Cause::KeptOut { near, far, flag } => Some((near, far, flag)),
        _ => None,
    });
    let lossy = losses.iter().filter_map(|loss| match loss.cause {
        Cause::LosesAll {
            link,
            by: LosesBy::LabFile,
        } => Some(topology.link(link).name.clone()),
        _ => None,
    });
    let absences = losses.iter().flat_map(|loss| &loss.absences);
    Some(DeadEnd {
        topology,
        document,
        ends: [(lost.from, own), (lost.to, lost.why.there.destination)],
        lost_at: first.node,
        routes: routes(lost.why),
        kept_out,
        gaps: absences.map(|absence| gap(topology, absence)).collect(),
        lossy: lossy.collect(),
    })
}

/// Whether packets of a lost path use a user-defined route.
pub(super) fn has_user_routes(lost: Lost<'_>) -> bool {
    !routes(lost.why).is_empty()
}

/// The user-defined routes that the packets use, and those that drop them.
fn routes(why: &Why) -> Vec<[String; 2]> {
    let steps = why.ways().flat_map(|way| &way.steps);
    let used = steps.filter_map(|step| Some(&step.choice.as_ref()?.route));
    let dropping = why.losses().filter_map(|loss| match &loss.cause {
        Cause::NoRoute { dropped_by, .. } => dropped_by.as_ref(),
        _ => None,
    });
    let mut routes = Vec::new();
    for route in used.chain(dropping) {
        if let Origin::User { table, name, .. } = &route.origin {
            let named = [table.to_string(), name.to_string()];
            routes.retain(|known| *known != named);
            routes.push(named);
        }
    }
    routes
}

fn gap(topology: &Topology, absence: &Absence) -> Gap {
    let name = |node| topology.node(node).name.to_string();
    Gap {
        holder: name(absence.holder),
        listener: name(absence.listener),
        names: [absence.holder, absence.listener]
            .map(|device| names(topology, absence.session, device)),
        prefix: absence.prefix,
    }
}
