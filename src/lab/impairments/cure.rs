//! Edits of impairments that may make a path work.

use crate::azure::cure::DeadEnd;
use crate::yaml::proposal::Proposal;
use crate::yaml::tree::{Kind, Node};

/// An impairment loses no packets any more.
pub(crate) fn end_losses(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    if dead_end.lossy.is_empty() {
        return Vec::new();
    }
    let items = dead_end.document.get("impairments");
    let items = items.map_or(&[][..], Node::items).iter().enumerate();
    let losing = items.filter(|(_, item)| item.get("loss").is_some());
    let proposals = losing.filter_map(|(index, item)| {
        let what = format!("end the loss of {}", item.text_of("link")?);
        let is_about_it = |key: &str| ["link", "from", "loss"].contains(&key);
        let has_more = item
            .entries()
            .iter()
            .any(|(key, _)| !is_about_it(&key.text));
        Some(Proposal::repair(what, 1, move |document| {
            let Kind::Sequence(items) = &mut document.within("impairments", "").kind else {
                return;
            };
            if has_more {
                items
                    .iter_mut()
                    .skip(index)
                    .take(1)
                    .for_each(|item| item.remove("loss"));
            } else if items.len() > 1 {
                items.remove(index);
            } else {
                document.remove("impairments");
            }
        }))
    });
    proposals.collect()
}
