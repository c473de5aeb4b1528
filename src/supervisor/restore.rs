//! Reverts a change that failed half-way: the lab is rebuilt as it was.

use crate::engine;
use crate::store::{Folder, Record};
use crate::supervisor::error::SupervisorError;
use crate::supervisor::follow::Follower;
use crate::supervisor::live::{self, Built, DataPlane, Overlay};
use crate::yaml::Source;

/// The message for a reverted change.
pub(super) fn taken_back(lab: &str) -> String {
    format!("the change is undone, and lab {lab} is rebuilt as it was")
}

/// The message for a change that could not be reverted.
pub(super) fn in_part(lab: &str) -> String {
    format!("lab {lab} is changed in part; `lab up` rebuilds it")
}

/// The state of a lab before a change.
pub(super) struct Before {
    folder: Folder,
    record: Record,
    overlay: Overlay,
}

impl Before {
    /// The state of a followed lab; `None` if its record cannot be read.
    pub(super) fn of(folder: Folder, follower: &Follower) -> Option<Self> {
        let record = folder.read().ok().flatten()?;
        Some(Self {
            folder,
            record,
            overlay: follower.overlay(),
        })
    }
}

/// Rebuilds a lab from its record, in place of what a change has left of it, with the failures that commands caused.
///
/// # Errors
///
/// [`SupervisorError`]; the lab is then incomplete, and not followed.
pub(super) async fn restore(
    data_plane: &mut DataPlane,
    follower: &mut Follower,
    before: &Before,
) -> Result<(), SupervisorError> {
    let choice = data_plane.choice();
    let folder = &before.folder;
    let lab = engine::load_text(Source {
        file: before.record.file.clone(),
        text: before.record.text.clone(),
    })?;
    engine::clear_nodes(folder)?;
    let built = live::build(lab, choice, folder, &mut |_| {}, &|| Ok(())).await?;
    let Built {
        data_plane: anew,
        live_lab,
        watches,
    } = built;
    *data_plane = anew;
    *follower = Follower::new(live_lab, watches)
        .map_err(|source| SupervisorError::system("listen for what happens to links", source))?;
    follower.lay_over(before.overlay.clone(), None).await?;
    follower.follow().await;
    Ok(())
}
