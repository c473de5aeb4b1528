//! Takes a change back that failed half-way: the lab is built anew as it was.

use crate::engine::{self, Built, EngineError, Overlay, Running, Stopwatch};
use crate::spec::Source;
use crate::store::{Folder, Record};
use crate::supervisor::follow::Follower;

/// What is said of a change that was taken back.
pub(super) fn taken_back(lab: &str) -> String {
    format!("the change is taken back, and lab {lab} is built anew as it was")
}

/// What is said of one that could not be.
pub(super) fn in_part(lab: &str) -> String {
    format!("lab {lab} is changed in part; `lab up` builds it anew")
}

/// What a lab was before a change.
pub(super) struct Before {
    folder: Folder,
    record: Record,
    overlay: Overlay,
}

impl Before {
    /// Of a lab that is followed; none where its record cannot be read.
    pub(super) fn of(folder: Folder, follower: &Follower) -> Option<Self> {
        let record = folder.read().ok().flatten()?;
        Some(Self {
            folder,
            record,
            overlay: follower.overlay(),
        })
    }
}

/// Builds a lab anew as its record has it, in place of what a change has left of it, with what commands had broken in it.
///
/// # Errors
///
/// [`EngineError`]; the lab is then in pieces, and not followed.
pub(super) async fn restore(
    running: &mut Running,
    follower: &mut Follower,
    before: &Before,
) -> Result<(), EngineError> {
    let choice = running.choice();
    let folder = &before.folder;
    let lab = engine::load_text(Source {
        file: before.record.file.clone(),
        text: before.record.text.clone(),
    })?;
    engine::clear_nodes(folder)?;
    let built = engine::build(lab, choice, folder, &mut Stopwatch::start(), &|| Ok(())).await?;
    let Built {
        running: anew,
        failover,
        watches,
    } = built;
    *running = anew;
    *follower = Follower::new(failover, watches)
        .map_err(|source| EngineError::system("listen for what happens to links", source))?;
    follower.lay_over(before.overlay.clone(), None).await?;
    follower.follow().await;
    Ok(())
}
