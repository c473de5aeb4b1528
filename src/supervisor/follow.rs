//! Updates a lab's routes when its links change: waits for kernel events or session timers, and does the work on a
//! separate thread, so that tunnels and requests never wait for it.

mod apply;

use std::collections::BTreeSet;
use std::io;
use std::mem::take;
use std::os::fd::{AsRawFd, RawFd};
use std::time::{Duration, Instant};

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use tokio::io::unix::AsyncFd;
use tokio::time::{sleep, timeout};

use crate::control::{
    Answer, Changed, FaultStatus, Impair, Impaired, LinkAction, TapIndexes, WireStatus, reasons,
};
use crate::engine::Lab;
use crate::kernel::{LinkEvent, Watch};
use crate::names::LabName;
use crate::supervisor::error::SupervisorError;
use crate::supervisor::live::{DataPlane, LiveLab};
use crate::topology::{LinkId, NodeId, Parts, SessionId};

/// How long a link may take to carry packets again after it was brought up: usually milliseconds, or a second if the
/// kernel's worker pauses.
const LINK_PATIENCE: Duration = Duration::from_secs(3);

/// The most events read from the kernel at once.
const MOST_EVENTS: usize = 64;

/// A live lab, with its event sources.
pub(super) struct Follower {
    /// Closed before the namespaces, so that the kernel does not destroy those at the same time, which slows the
    /// closing.
    watches: AsyncFd<Watches>,
    /// `None` while a thread works on it.
    live_lab: Option<Box<LiveLab>>,
    origin: Instant,
    /// Changed routes, and in how many nodes, since the last query.
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

/// The events of a namespace.
enum Heard {
    Events(Vec<LinkEvent>),
    /// Lost events, because the kernel's buffer overflowed: the links' state must be read.
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

    /// All events until now.
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
    /// Starts to listen.
    ///
    /// # Errors
    ///
    /// Errors of the kernel.
    pub(super) fn new(live_lab: LiveLab, watches: Vec<Watch>) -> io::Result<Self> {
        Ok(Self {
            live_lab: Some(Box::new(live_lab)),
            watches: ready(Watches::new(watches)?)?,
            #[expect(
                clippy::disallowed_methods,
                reason = "a driver at the edge, which reads the clock"
            )]
            origin: Instant::now(),
            rerouted: [0; 2],
        })
    }

    /// Whether the lab has that name, and is complete.
    pub(super) fn is_whole(&self, name: &LabName) -> bool {
        let live_lab = self.live_lab.as_ref();
        live_lab.is_some_and(|live_lab| live_lab.topology().name == *name && live_lab.is_whole())
    }

    /// Whether the lab is no longer followed.
    pub(super) const fn is_lost(&self) -> bool {
        self.live_lab.is_none()
    }

    /// Whether another file results in the plan by which the lab is built, and in the same behavior after failures.
    pub(super) fn is_as(&self, lab: &Lab) -> bool {
        let live_lab = self.live_lab.as_ref();
        live_lab.is_some_and(|live_lab| {
            *live_lab.plan() == lab.plan && live_lab.topology().behaves_as(&lab.topology)
        })
    }

    /// Waits until an event arrives or a session timer expires.
    pub(super) async fn wait(&self) {
        let now = self.now();
        let next = self
            .live_lab
            .as_ref()
            .and_then(|live_lab| live_lab.next_change());
        let timer = async {
            match next {
                Some(next) => sleep(next.saturating_sub(now)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // If the wait for readiness fails, the next wait retries.
            _ = self.watches.readable() => {}
            () = timer => {}
        }
    }

    /// Processes events, and installs the routes of the present state.
    pub(super) async fn follow(&mut self) {
        self.hear().await;
        self.converge().await;
    }

    /// Installs the routes of the present state. Returns how many changed, and in how many nodes.
    async fn converge(&mut self) -> [usize; 2] {
        let now = self.now();
        let changed = self.work(move |live_lab| live_lab.converge(now)).await;
        let changed = changed.unwrap_or_default();
        for (all, more) in self.rerouted.iter_mut().zip(changed) {
            *all += more;
        }
        changed
    }

    /// How many routes have changed since the last call, and in how many nodes.
    pub(super) fn take_rerouted(&mut self) -> [usize; 2] {
        take(&mut self.rerouted)
    }

    /// Fails or heals links and BGP sessions, by their names or all that have failed, and returns when the new routes are
    /// installed.
    pub(super) async fn command(
        &mut self,
        data_plane: &DataPlane,
        action: LinkAction,
        names: Option<Vec<String>>,
    ) -> Answer<Changed> {
        let began = self.now();
        let parts = self.parts(names.as_deref());
        let links: Vec<LinkId> = parts.links.iter().copied().collect();
        let carried_out = match action {
            LinkAction::Down => self.take_down(links.clone()).await,
            LinkAction::Blackhole => self.set_blackhole(links.clone(), true).await,
            LinkAction::Healed => self.heal(links.clone()).await,
        };
        self.set_shut(parts.sessions.clone(), action != LinkAction::Healed)
            .await;
        if let Err(error) = carried_out {
            // The changes made so far still take effect.
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
        if action == LinkAction::Healed {
            let tunnels = self.live_lab.as_ref();
            let tunnels = tunnels.map(|live_lab| live_lab.tunnels_over(&links));
            data_plane.tunnels.renew(&tunnels.unwrap_or_default()).await;
        }
        let now = self.now();
        let changed = self.live_lab.as_ref().map(|live_lab| Changed {
            mended,
            elapsed_ms: crate::units::milliseconds(now.saturating_sub(began)),
            ..live_lab.changed(&parts, counts, now)
        });
        changed.map_or_else(
            || Answer::Refused(reasons(&SupervisorError::NotFollowed)),
            Answer::Done,
        )
    }

    /// Heals every link, restores the lab file's impairments, and returns when the new routes are installed.
    pub(super) async fn restore(&mut self, data_plane: &DataPlane) -> Answer<Changed> {
        let cleared = self.work(LiveLab::clear_impairments).await;
        let cleared = match cleared.unwrap_or(Err(SupervisorError::NotFollowed)) {
            Ok(cleared) => cleared,
            Err(error) => return Answer::Refused(reasons(&error)),
        };
        match self.command(data_plane, LinkAction::Healed, None).await {
            Answer::Done(changed) => Answer::Done(Changed { cleared, ..changed }),
            refused @ Answer::Refused(_) => refused,
        }
    }

    /// Impairs a link, and returns when it is in place.
    pub(super) async fn impair(&mut self, order: Impair) -> Answer<Impaired> {
        match self.work(move |live_lab| live_lab.impair(&order)).await {
            Some(Ok(impaired)) => Answer::Done(impaired),
            Some(Err(error)) => Answer::Refused(reasons(&error)),
            None => Answer::Refused(reasons(&SupervisorError::NotFollowed)),
        }
    }

    /// The links whose impairments differ from the lab file, the counters of wires, and the TAP interfaces beside
    /// links.
    pub(super) fn links_status(&self) -> (Vec<Impaired>, Vec<WireStatus>, Vec<TapIndexes>) {
        let live_lab = self.live_lab.as_ref();
        live_lab.map_or_else(Default::default, |live_lab| {
            (live_lab.impaired(), live_lab.wires(), live_lab.taps())
        })
    }

    /// The failures.
    pub(super) fn status(&self) -> FaultStatus {
        let now = self.now();
        let status = self.live_lab.as_ref().map(|live_lab| live_lab.status(now));
        status.unwrap_or_default()
    }

    /// The links and sessions with these names; all that have failed without names.
    fn parts(&self, names: Option<&[String]>) -> Parts {
        let Some(live_lab) = &self.live_lab else {
            return Parts::default();
        };
        let Some(names) = names else {
            return live_lab.broken();
        };
        let topology = live_lab.topology();
        let names = || names.iter().map(String::as_str);
        Parts {
            links: names()
                .filter_map(|name| topology.link_named(name))
                .collect(),
            sessions: names()
                .flat_map(|name| topology.sessions_named(name))
                .collect(),
        }
    }

    async fn set_shut(&mut self, sessions: BTreeSet<SessionId>, is_shut: bool) {
        if !sessions.is_empty() {
            let _ = self
                .work(move |live_lab| live_lab.set_shut(&sessions, is_shut))
                .await;
        }
    }

    fn are_up(&self, links: &[LinkId]) -> bool {
        let live_lab = self.live_lab.as_ref();
        live_lab.is_none_or(|live_lab| live_lab.are_up(links))
    }

    async fn take_down(&mut self, links: Vec<LinkId>) -> Result<(), SupervisorError> {
        let done = self.work(move |live_lab| live_lab.take_down(&links)).await;
        done.unwrap_or(Ok(()))
    }

    async fn set_blackhole(
        &mut self,
        links: Vec<LinkId>,
        lost: bool,
    ) -> Result<(), SupervisorError> {
        let now = self.now();
        let done = self
            .work(move |live_lab| {
                let lost = lost.then_some(now);
                let mut links = links.into_iter();
                links.try_for_each(|link| live_lab.set_blackhole(link, lost))
            })
            .await;
        done.unwrap_or(Ok(()))
    }

    /// Heals links, and waits until they carry packets.
    async fn heal(&mut self, links: Vec<LinkId>) -> Result<(), SupervisorError> {
        self.set_blackhole(links.clone(), false).await?;
        let wanted = links.clone();
        let done = self.work(move |live_lab| live_lab.bring_up(&wanted)).await;
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
            SupervisorError::system(
                "bring every link up: a bridge or an interface of one is down or gone",
                late,
            )
        })
    }

    /// Processes link events.
    async fn hear(&mut self) {
        // Later events make the descriptor readable again.
        if let Ok(Ok(mut guard)) = timeout(Duration::ZERO, self.watches.readable()).await {
            guard.clear_ready();
        }
        let heard = self.watches.get_ref().take();
        if heard.is_empty() {
            return;
        }
        let now = self.now();
        self.work(move |live_lab| {
            for heard in heard {
                match heard {
                    Heard::Events(events) => live_lab.hear(&events, now),
                    Heard::TooMuch(node) => live_lab.look(node, now),
                }
            }
        })
        .await;
    }

    /// Runs work on the live lab in a thread. `None` if an earlier one panicked.
    async fn work<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut LiveLab) -> T + Send + 'static,
    ) -> Option<T> {
        let mut live_lab = self.live_lab.take()?;
        let worked = tokio::task::spawn_blocking(move || {
            let result = work(&mut live_lab);
            (live_lab, result)
        });
        let (live_lab, result) = worked.await.ok()?;
        self.live_lab = Some(live_lab);
        Some(result)
    }

    fn now(&self) -> Duration {
        self.origin.elapsed()
    }
}
