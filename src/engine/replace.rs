//! Whether a file may replace a running lab that was built from another file.

use std::collections::BTreeMap;
use std::fs;

use crate::engine::{EngineError, lab};
use crate::lab as lab_file;
use crate::store::Folder;
use crate::topology::{Node, Topology};
use crate::yaml::Source;

/// Refuses a file by which most nodes of a running lab would change, if the lab was built from another file: the two
/// may have one name by mistake.
///
/// # Errors
///
/// [`EngineError::OtherFile`].
pub fn check_replacement(source: &Source) -> Result<(), EngineError> {
    let Some(name) = lab_file::plain_name(&source.text) else {
        return Ok(());
    };
    let Ok(Some(record)) = Folder::of(&name).read() else {
        return Ok(());
    };
    if is_same_file(&record.file, &source.file) {
        return Ok(());
    }
    let topologies = (
        lab::topology_of(&record.text),
        lab::topology_of(&source.text),
    );
    let (Some(now), Some(wanted)) = topologies else {
        return Ok(());
    };
    let changing = changing(&now, &wanted);
    let nodes = now.nodes.len();
    if changing * 2 <= nodes {
        return Ok(());
    }
    Err(EngineError::OtherFile {
        lab: name.to_string(),
        built_from: record.file,
        file: source.file.clone(),
        changing,
        nodes,
    })
}

fn is_same_file(one: &str, other: &str) -> bool {
    let real = |path: &str| fs::canonicalize(path).ok();
    one == other || real(one).is_some_and(|one| Some(one) == real(other))
}

/// How many nodes would be removed or would be others.
fn changing(now: &Topology, wanted: &Topology) -> usize {
    let wanted: BTreeMap<&str, &Node> = wanted
        .nodes
        .iter()
        .map(|node| (node.name.as_str(), node))
        .collect();
    let stays = |node: &&Node| {
        let same = wanted.get(node.name.as_str());
        same.is_some_and(|same| same.role == node.role && same.address == node.address)
    };
    now.nodes.len() - now.nodes.iter().filter(stays).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::load;

    #[test]
    fn nodes_change_by_name_role_and_address() {
        let [one, other] = ["hub-spoke", "hub-nva"].map(|lab| load(lab).unwrap().topology);
        assert_eq!(changing(&one, &one), 0);
        assert!(changing(&one, &other) * 2 > one.nodes.len());
        let mut moved = one.clone();
        moved.nodes[0].address = Some([192, 0, 2, 1].into());
        moved.nodes.truncate(one.nodes.len() - 1);
        assert_eq!(changing(&one, &moved), 2);
    }

    #[test]
    fn a_file_is_itself_by_any_path() {
        assert!(is_same_file("/etc/passwd", "/etc/../etc/passwd"));
        assert!(is_same_file("<stdin>", "<stdin>"));
        assert!(!is_same_file("hub-spoke", "/no/such/file"));
    }
}
