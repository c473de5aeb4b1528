//! Changes a followed lab to another file, and compares it with its file.

use std::collections::BTreeSet;
use std::io;
use std::mem::take;

use crate::control::{Applied, Phase};
use crate::engine::{self, Lab};
use crate::kernel::Watch;
use crate::plan::Device;
use crate::store::Folder;
use crate::supervisor::error::SupervisorError;
use crate::supervisor::follow::{Follower, Watches, ready};
use crate::supervisor::live::{self, Changeover, DataPlane, Mended, Overlay};
use crate::topology::NodeId;

impl Follower {
    /// Changes the lab to another file. Returns the changes, if any.
    ///
    /// # Errors
    ///
    /// [`SupervisorError`]. If the change had begun, the lab's links are no longer followed; a change that could not be
    /// prepared changes nothing.
    pub(in crate::supervisor) async fn apply(
        &mut self,
        data_plane: &mut DataPlane,
        lab: Lab,
        lap: &mut dyn FnMut(Phase),
    ) -> Result<Option<Applied>, SupervisorError> {
        let now = self.now();
        live::make_room(&lab.plan)?;
        let not_followed = || SupervisorError::NotFollowed;
        let before = self.live_lab.as_ref().ok_or_else(not_followed)?;
        let folder = Folder::of(&lab.topology.name);
        if *before.plan() == lab.plan && before.topology().behaves_as(&lab.topology) {
            // The expectations and the wording of the file may still differ.
            let expectations = has_other_expectations(&folder, &lab);
            live::note(&lab, data_plane, &folder)?;
            let applied = Applied {
                mended: self.mend(None).await?,
                expectations,
                ..Applied::default()
            };
            return Ok((applied != Applied::default()).then_some(applied));
        }
        let prepared = live::prepare(before, data_plane, &lab, &folder)?;
        lap(Phase::Plan);
        let before = self.live_lab.take().ok_or_else(not_followed)?;
        let overlay = before.overlay();
        let Changeover {
            live_lab,
            kept,
            watches,
            applied,
            mut touched,
            fresh,
        } = live::apply((*before, prepared), data_plane, lab, (&folder, now), lap).await?;
        self.live_lab = Some(Box::new(live_lab));
        self.watch(&kept, watches).map_err(|source| {
            SupervisorError::system("listen for what happens to links", source)
        })?;
        self.lay_over(overlay, Some(fresh)).await?;
        // Link events until now belong to the state that the lab is compared with.
        self.follow().await;
        touched.extend(self.live_lab.iter().flat_map(|it| it.rerouted()));
        let mended = self.mend(Some(touched)).await?;
        lap(Phase::KernelRoutes);
        Ok(Some(Applied { mended, ..applied }))
    }

    /// Repeats commands' changes on links: those with an end in `fresh`, or all without a list.
    ///
    /// # Errors
    ///
    /// [`SupervisorError`].
    pub(in crate::supervisor) async fn lay_over(
        &mut self,
        overlay: Overlay,
        fresh: Option<BTreeSet<Device>>,
    ) -> Result<(), SupervisorError> {
        let now = self.now();
        let done = self
            .work(move |live_lab| live_lab.lay_over(&overlay, fresh.as_ref(), now))
            .await;
        done.unwrap_or(Ok(()))
    }

    /// The changes that commands made to links.
    pub(in crate::supervisor) fn overlay(&self) -> Overlay {
        let live_lab = self.live_lab.as_ref();
        live_lab
            .map(|live_lab| live_lab.overlay())
            .unwrap_or_default()
    }

    /// Compares nodes, or all without a list, with their expected state, and repairs differences. Returns the number of
    /// differences.
    ///
    /// # Errors
    ///
    /// [`SupervisorError::Unmended`] with the differences that are left.
    pub(super) async fn mend(
        &mut self,
        nodes: Option<BTreeSet<NodeId>>,
    ) -> Result<usize, SupervisorError> {
        let mended = self
            .work(move |live_lab| live_lab.mend(nodes.as_ref()))
            .await;
        let Mended { found, left, .. } = mended.unwrap_or_default();
        if left.is_empty() {
            return Ok(found.len());
        }
        Err(SupervisorError::Unmended(left))
    }

    /// Keeps watching the nodes that stay, under their new ids, and starts to watch others.
    fn watch(&mut self, kept: &[Option<NodeId>], further: Vec<Watch>) -> io::Result<()> {
        let is_same = |(kept, node): (&Option<NodeId>, NodeId)| *kept == Some(node);
        let nodes = || kept.iter().zip((0..).map(NodeId));
        if nodes().all(is_same) && kept.len() == self.watches.get_ref().watches.len() {
            return Ok(());
        }
        let mut old: Vec<Option<Watch>> = take(&mut self.watches.get_mut().watches)
            .into_iter()
            .map(Some)
            .collect();
        let mut further = further.into_iter();
        let watches = nodes().filter_map(|(kept, node)| match kept {
            Some(kept) => old.get_mut(kept.0)?.take().map(|watch| watch.of(node)),
            None => further.next(),
        });
        let watches = Watches::new(watches.collect())?;
        self.watches = ready(watches)?;
        Ok(())
    }
}

/// Whether a file with the plan of the running lab has other expectations or storyboards than the recorded file.
fn has_other_expectations(folder: &Folder, lab: &Lab) -> bool {
    let Ok(Some(record)) = folder.read() else {
        return false;
    };
    if record.text == lab.source.text {
        return false;
    }
    let before = engine::topology_of(&record.text);
    before.is_some_and(|before| {
        before.expectations != lab.topology.expectations
            || before.storyboards != lab.topology.storyboards
    })
}
