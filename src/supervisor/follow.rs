//! Keeps a lab's routes up with its links: waits for the kernel's word, or for a session's timer,
//! and has the work done on a thread of its own, so that tunnels and requests never wait for it.

mod apply;

use std::io;
use std::mem::take;
use std::os::fd::{AsRawFd, RawFd};
use std::time::{Duration, Instant};

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use tokio::io::unix::AsyncFd;
use tokio::time::{sleep, timeout};

use crate::engine::control::{
    Answer, Changed, FaultStatus, Impair, Impaired, TapIndexes, WireStatus,
};
use crate::engine::{EngineError, Failover, Fate, Lab, Running};
use crate::kernel::{LinkEvent, Watch};
use crate::names::LabName;
use crate::supervisor::serve::reasons;
use crate::topology::{LinkId, NodeId};

/// How long a link may take to carry packets again after it was brought up: it is a matter of
/// milliseconds, and of a second where the kernel's worker rests.
const LINK_PATIENCE: Duration = Duration::from_secs(3);

/// Most events taken from the kernel at once.
const MOST_EVENTS: usize = 64;

/// What is said where the thread that worked on a lab has died of it.
const NOT_FOLLOWED: &str =
    "the lab's links are not followed any more; `lab down` and `lab up` mend it";

/// A lab's failover, with what wakes it.
pub(super) struct Follower {
    /// Closed before the namespaces are, so that the kernel does not destroy those at the same time: it slows the closing.
    watches: AsyncFd<Watches>,
    /// Away while a thread works on it.
    failover: Option<Box<Failover>>,
    origin: Instant,
    /// Routes that changed, and in how many nodes, since somebody asked.
    rerouted: [usize; 2],
}

/// The watches of all namespaces behind one descriptor.
struct Watches {
    epoll: Epoll,
    watches: Vec<Watch>,
}

impl AsRawFd for Watches {
    fn as_raw_fd(&self) -> RawFd {
        self.epoll.0.as_raw_fd()
    }
}

/// What was heard of a namespace.
enum Heard {
    Events(Vec<LinkEvent>),
    /// More than the kernel keeps: its links must be looked at.
    TooMuch(NodeId),
}

impl Watches {
    fn new(watches: Vec<Watch>) -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        for (watch, number) in watches.iter().zip(0_u64..) {
            epoll.add(watch, EpollEvent::new(EpollFlags::EPOLLIN, number))?;
        }
        Ok(Self { epoll, watches })
    }

    /// All that has been said until now.
    fn take(&self) -> Vec<Heard> {
        let mut heard = Vec::new();
        let mut events = [EpollEvent::empty(); MOST_EVENTS];
        loop {
            let count = self.epoll.wait(&mut events, EpollTimeout::ZERO);
            let ready = &events[..count.unwrap_or_default()];
            if ready.is_empty() {
                return heard;
            }
            let numbers = ready.iter().map(EpollEvent::data);
            let watches =
                numbers.filter_map(|number| self.watches.get(usize::try_from(number).ok()?));
            heard.extend(watches.map(|watch| {
                let events = watch.take();
                events.map_or_else(|| Heard::TooMuch(watch.node()), Heard::Events)
            }));
        }
    }
}

/// Watches that can be waited for.
#[expect(
    deprecated,
    reason = "what takes its place is unsafe, and these watches never change their descriptor"
)]
fn ready(watches: Watches) -> io::Result<AsyncFd<Watches>> {
    AsyncFd::new(watches)
}

impl Follower {
    /// Begins to listen.
    ///
    /// # Errors
    ///
    /// The kernel's.
    pub(super) fn new(failover: Failover, watches: Vec<Watch>) -> io::Result<Self> {
        Ok(Self {
            failover: Some(Box::new(failover)),
            watches: ready(Watches::new(watches)?)?,
            #[expect(
                clippy::disallowed_methods,
                reason = "a driver at the edge, which reads the clock"
            )]
            origin: Instant::now(),
            rerouted: [0; 2],
        })
    }

    /// Whether the lab is of that name, and nothing of it is gone.
    pub(super) fn is_whole(&self, name: &LabName) -> bool {
        let failover = self.failover.as_ref();
        failover.is_some_and(|failover| failover.topology().name == *name && failover.is_whole())
    }

    /// Whether the lab is followed no more.
    pub(super) const fn is_lost(&self) -> bool {
        self.failover.is_none()
    }

    /// Whether the lab is built as another file has it.
    pub(super) fn is_as(&self, lab: &Lab) -> bool {
        let failover = self.failover.as_ref();
        failover.is_some_and(|failover| *failover.plan() == lab.plan)
    }

    /// Waits until something has happened, or a session's time is over.
    pub(super) async fn wait(&self) {
        let now = self.now();
        let next = self
            .failover
            .as_ref()
            .and_then(|failover| failover.next_change());
        let timer = async {
            match next {
                Some(next) => sleep(next.saturating_sub(now)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // Readiness that cannot be waited for is tried again by whoever waits next.
            _ = self.watches.readable() => {}
            () = timer => {}
        }
    }

    /// Takes in what has happened, and installs the routes that belong there by now.
    pub(super) async fn follow(&mut self) {
        self.hear().await;
        self.converge().await;
    }

    /// Installs the routes that belong there by now. Says how many changed, and in how many nodes.
    async fn converge(&mut self) -> [usize; 2] {
        let now = self.now();
        let changed = self.work(move |failover| failover.converge(now)).await;
        let changed = changed.unwrap_or_default();
        for (all, more) in self.rerouted.iter_mut().zip(changed) {
            *all += more;
        }
        changed
    }

    /// How many routes have changed since the last time that this was asked, and in how many nodes.
    pub(super) fn take_rerouted(&mut self) -> [usize; 2] {
        take(&mut self.rerouted)
    }

    /// Breaks or mends links, and answers when the routes are those of the new state.
    pub(super) async fn command(
        &mut self,
        running: &Running,
        fate: Fate,
        names: Option<Vec<String>>,
    ) -> Answer<Changed> {
        let began = self.now();
        let links = match &names {
            Some(names) => self.links(names),
            None => self
                .failover
                .as_ref()
                .map(|failover| failover.broken())
                .unwrap_or_default(),
        };
        let carried_out = match fate {
            Fate::Down => self.take_down(links.clone()).await,
            Fate::Blackhole => self.set_blackhole(links.clone(), true).await,
            Fate::Healed => self.heal(links.clone()).await,
        };
        if let Err(error) = carried_out {
            // What was done all the same has its consequences.
            self.follow().await;
            return Answer::Refused(reasons(&error));
        }
        self.hear().await;
        let counts = self.converge().await;
        let mended = if names.is_none() {
            match self.mend(None).await {
                Ok(mended) => mended,
                Err(error) => return Answer::Refused(reasons(&error)),
            }
        } else {
            0
        };
        if fate == Fate::Healed {
            let tunnels = self.failover.as_ref();
            let tunnels = tunnels.map(|failover| failover.tunnels_over(&links));
            running.tunnels.renew(&tunnels.unwrap_or_default()).await;
        }
        let now = self.now();
        let changed = self.failover.as_ref().map(|failover| Changed {
            mended,
            elapsed_ms: crate::units::milliseconds(now.saturating_sub(began)),
            ..failover.changed(&links, counts, now)
        });
        changed.map_or_else(
            || Answer::Refused(vec![NOT_FOLLOWED.to_owned()]),
            Answer::Done,
        )
    }

    /// Impairs a link, and answers when it is.
    pub(super) async fn impair(&mut self, order: Impair) -> Answer<Impaired> {
        match self.work(move |failover| failover.impair(&order)).await {
            Some(Ok(impaired)) => Answer::Done(impaired),
            Some(Err(error)) => Answer::Refused(reasons(&error)),
            None => Answer::Refused(vec![NOT_FOLLOWED.to_owned()]),
        }
    }

    /// The links that are impaired otherwise than the lab file says, what wires have carried, and the TAP interfaces
    /// beside links.
    pub(super) fn links_status(&self) -> (Vec<Impaired>, Vec<WireStatus>, Vec<TapIndexes>) {
        let failover = self.failover.as_ref();
        failover.map_or_else(Default::default, |failover| {
            (failover.impaired(), failover.wires(), failover.taps())
        })
    }

    /// What has failed.
    pub(super) fn status(&self) -> FaultStatus {
        let now = self.now();
        let status = self.failover.as_ref().map(|failover| failover.status(now));
        status.unwrap_or_default()
    }

    fn links(&self, names: &[String]) -> Vec<LinkId> {
        let failover = self.failover.iter();
        let links = failover.flat_map(|failover| failover.topology().links.iter().zip(0..));
        let meant = links.filter(|(link, _)| names.contains(&link.name));
        meant.map(|(_, index)| LinkId(index)).collect()
    }

    fn are_up(&self, links: &[LinkId]) -> bool {
        let failover = self.failover.as_ref();
        failover.is_none_or(|failover| failover.are_up(links))
    }

    async fn take_down(&mut self, links: Vec<LinkId>) -> Result<(), EngineError> {
        let done = self.work(move |failover| failover.take_down(&links)).await;
        done.unwrap_or(Ok(()))
    }

    async fn set_blackhole(&mut self, links: Vec<LinkId>, lost: bool) -> Result<(), EngineError> {
        let now = self.now();
        let done = self
            .work(move |failover| {
                let lost = lost.then_some(now);
                let mut links = links.into_iter();
                links.try_for_each(|link| failover.set_blackhole(link, lost))
            })
            .await;
        done.unwrap_or(Ok(()))
    }

    /// Mends links, and waits until they carry packets.
    async fn heal(&mut self, links: Vec<LinkId>) -> Result<(), EngineError> {
        self.set_blackhole(links.clone(), false).await?;
        let wanted = links.clone();
        let done = self.work(move |failover| failover.bring_up(&wanted)).await;
        done.unwrap_or(Ok(()))?;
        let all_up = async {
            self.hear().await;
            while !self.are_up(&links) {
                let _ = self.watches.readable().await;
                self.hear().await;
            }
        };
        timeout(LINK_PATIENCE, all_up).await.map_err(|_| {
            let late = io::Error::from(io::ErrorKind::TimedOut);
            EngineError::system(
                "bring every link up: a bridge or an interface of one is down or gone",
                late,
            )
        })
    }

    /// Takes in what has happened to links.
    async fn hear(&mut self) {
        // What comes from here on makes the descriptor readable anew.
        if let Ok(Ok(mut guard)) = timeout(Duration::ZERO, self.watches.readable()).await {
            guard.clear_ready();
        }
        let heard = self.watches.get_ref().take();
        if heard.is_empty() {
            return;
        }
        let now = self.now();
        self.work(move |failover| {
            for heard in heard {
                match heard {
                    Heard::Events(events) => failover.hear(&events, now),
                    Heard::TooMuch(node) => failover.look(node, now),
                }
            }
        })
        .await;
    }

    /// Has a thread work on the failover. None where an earlier one has died of it.
    async fn work<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Failover) -> T + Send + 'static,
    ) -> Option<T> {
        let mut failover = self.failover.take()?;
        let worked = tokio::task::spawn_blocking(move || {
            let result = work(&mut failover);
            (failover, result)
        });
        let (failover, result) = worked.await.ok()?;
        self.failover = Some(failover);
        Some(result)
    }

    fn now(&self) -> Duration {
        self.origin.elapsed()
    }
}
