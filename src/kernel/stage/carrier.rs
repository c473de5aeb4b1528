//! The wait for links to carry packets.

use std::thread;
use std::time::{Duration, Instant};

use crate::kernel::failure::Failure;
use crate::kernel::message::{self, Indexes};
use crate::kernel::observe::{self, LinkState};
use crate::kernel::stage::Stage;
use crate::plan::{Device, Operation};

/// How long a new link may take to be noticed. It is a matter of microseconds; the kernel's worker
/// has a second where the machine is very busy.
const LINK_PATIENCE: Duration = Duration::from_secs(5);

impl Stage<'_> {
    /// Waits until every link carries packets. A link is made at once but noticed by a worker of
    /// the kernel's, and drops packets until then; asking for a link has it noticed (since 6.8).
    pub(in crate::kernel) fn wait_for_links(&mut self) -> Result<(), Failure> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one wait on the kernel's own time"
        )]
        let deadline = Instant::now() + LINK_PATIENCE;
        for operation in &self.plan.operations {
            let Operation::AddLink { ends: [a, b], .. } = operation else {
                continue;
            };
            if a.up && b.up {
                self.wait_for_link(operation, &a.device, deadline)?;
                self.wait_for_link(operation, &b.device, deadline)?;
            }
        }
        Ok(())
    }

    fn wait_for_link(
        &mut self,
        operation: &Operation,
        device: &Device,
        deadline: Instant,
    ) -> Result<(), Failure> {
        let index = self.nodes[device.node.0].index(&device.name);
        loop {
            let answers = self.ask(operation, device.node, message::link_at(index))?;
            if answers.iter().find_map(observe::state) == Some(LinkState::Up) {
                return Ok(());
            }
            #[expect(
                clippy::disallowed_methods,
                reason = "the one wait on the kernel's own time"
            )]
            if Instant::now() >= deadline {
                let namespace = self.plan.namespace(device.node);
                return Err(Failure::LinkDown {
                    namespace,
                    name: device.name.to_string(),
                });
            }
            thread::yield_now();
        }
    }
}
