//! Attributes that few routes have: `MULTI_EXIT_DISC` (RFC 4271, section 5.1.4) and communities (RFC 1997).

use std::sync::Arc;

use crate::routing::absence::Reason;
use crate::routing::bgp::Refused;
use crate::topology::Settings;
use crate::units::Community;

/// The attributes of a route that has any of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::routing) struct Attributes {
    /// The `MULTI_EXIT_DISC`.
    pub(in crate::routing) med: Option<u32>,
    /// The communities, in order.
    pub(in crate::routing) communities: Vec<Community>,
}

/// The attributes of a route; `None` if it has none of them. Routes share them.
pub(in crate::routing) type Carried = Option<Arc<Attributes>>;

/// The `MULTI_EXIT_DISC` of a route.
pub(in crate::routing) fn med(carried: &Carried) -> Option<u32> {
    carried.as_ref()?.med
}

/// The communities of a route.
pub(in crate::routing) fn communities(carried: &Carried) -> &[Community] {
    carried.as_deref().map_or(&[], |own| &own.communities)
}

/// Whether a route may leave its speaker at all, and to another autonomous system (RFC 1997, well-known communities).
pub(super) fn may_be_advertised(carried: &Carried, to_own_system: bool) -> Result<(), Refused> {
    let communities = communities(carried);
    if communities.contains(&Community::NO_ADVERTISE) {
        return Err(Reason::NoAdvertise);
    }
    let stays = [Community::NO_EXPORT, Community::LOCAL_AS];
    if !to_own_system && communities.iter().any(|own| stays.contains(own)) {
        return Err(Reason::NoExport);
    }
    Ok(())
}

/// The attributes of a route after a filter's entry. A `MULTI_EXIT_DISC` that is not kept is removed before.
pub(super) fn changed(carried: &Carried, keeps_med: bool, set: Option<&Settings>) -> Carried {
    let loses_med = !keeps_med && carried.as_ref().is_some_and(|own| own.med.is_some());
    let sets_some = |set: &&Settings| {
        set.med.is_some() || set.communities.is_some() || !set.added_communities.is_empty()
    };
    let set = set.filter(sets_some);
    if set.is_none() && !loses_med {
        return carried.clone();
    }
    let mut changed = carried.as_deref().cloned().unwrap_or_default();
    changed.med = changed.med.filter(|_| keeps_med);
    if let Some(set) = set {
        changed.med = set.med.or(changed.med);
        if let Some(communities) = &set.communities {
            changed.communities.clone_from(communities);
        }
        changed.communities.extend(&set.added_communities);
        changed.communities.sort_unstable();
        changed.communities.dedup();
    }
    (changed != Attributes::default()).then(|| Arc::new(changed))
}
