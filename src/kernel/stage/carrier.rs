//! Waits for links to carry packets.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use crate::kernel::failure::Failure;
use crate::kernel::message::{self, Indexes};
use crate::kernel::observe::{self, LinkState};
use crate::kernel::stage::Stage;
use crate::plan::LinkEnd;
use crate::topology::NodeId;

/// How long a new link may take to come up: usually microseconds, or a second of the kernel's worker on a busy machine.
const LINK_PATIENCE: Duration = Duration::from_secs(5);

/// How many links of a namespace are queried at once: their answers, of some two kilobytes each, wait in the socket.
const AT_ONCE: usize = 32;

impl Stage<'_> {
    /// Waits until every link carries packets. A new link drops packets until a kernel worker has brought it up; a
    /// query triggers this (since 6.8).
    pub(in crate::kernel) fn wait_for_links(&mut self) -> Result<(), Failure> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one wait on the kernel's own time"
        )]
        let deadline = Instant::now() + LINK_PATIENCE;
        let mut awaited: Vec<Vec<u32>> = vec![Vec::new(); self.nodes.len()];
        let links = self.plan.links.iter();
        for link in links.filter(|link| link.ends.iter().all(|end| end.interface.up)) {
            for LinkEnd { node, interface } in &link.ends {
                awaited[node.0].push(self.nodes[node.0].index(&interface.name));
            }
        }
        for (index, links) in awaited.into_iter().enumerate() {
            for some in links.chunks(AT_ONCE) {
                self.wait_for(NodeId(index), some, deadline)?;
            }
        }
        Ok(())
    }

    fn wait_for(&mut self, node: NodeId, links: &[u32], deadline: Instant) -> Result<(), Failure> {
        let mut links = links.to_vec();
        loop {
            let asked = links.iter().map(|index| message::link_at(*index)).collect();
            let answers = self.nodes[node.0].rtnl.ask_each(asked);
            let answers = answers.map_err(|source| Failure::Socket {
                namespace: self.plan.namespace(node),
                source,
            })?;
            let up: BTreeSet<u32> = answers
                .iter()
                .filter(|answer| observe::state(answer) == Some(LinkState::Up))
                .filter_map(observe::index)
                .collect();
            links.retain(|index| !up.contains(index));
            let Some(late) = links.first() else {
                return Ok(());
            };
            #[expect(
                clippy::disallowed_methods,
                reason = "the one wait on the kernel's own time"
            )]
            if Instant::now() >= deadline {
                return Err(Failure::LinkDown {
                    namespace: self.plan.namespace(node),
                    name: self.nodes[node.0].name_at(*late),
                });
            }
            thread::yield_now();
        }
    }
}
