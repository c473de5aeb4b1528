//! Reads the packets between the ends of a tunnel.

use std::{
    collections::BTreeSet,
    net::Ipv4Addr,
    os::fd::{AsFd, AsRawFd, OwnedFd},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use nix::{
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::socket::{AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, socket},
};

use crate::space::Space;

/// How often the witness checks whether to stop, in milliseconds.
const LOOK: u16 = 100;

/// The port of both ends, in network byte order.
const PORT: [u8; 2] = 51820_u16.to_be_bytes();

/// The type of a handshake response (`WireGuard`'s paper, section 5.4.3).
const ANSWER: u8 = 2;

/// The packets seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Handshake responses, by the session number in each: a packet passes several interfaces.
    pub(crate) answers: BTreeSet<u32>,
    /// The destinations of packets.
    pub(crate) receivers: BTreeSet<Ipv4Addr>,
}

/// Reads packets until it is ended.
pub(crate) struct Witness {
    began: Instant,
    is_over: Arc<AtomicBool>,
    answers: Receiver<Instant>,
    thread: JoinHandle<Seen>,
}

impl Witness {
    /// Listens at the switch's port of the first end.
    pub(crate) fn of(switch: &Space) -> Self {
        let socket = switch.within(|| {
            Ok(socket(
                AddressFamily::Packet,
                SockType::Raw,
                SockFlag::SOCK_NONBLOCK,
                SockProtocol::EthAll,
            )?)
        });
        let socket = socket.unwrap();
        let is_over = Arc::new(AtomicBool::new(false));
        let (sender, answers) = mpsc::channel();
        let over = is_over.clone();
        let thread = thread::spawn(move || watch(&socket, &over, &sender));
        Self {
            began: Instant::now(),
            is_over,
            answers,
            thread,
        }
    }

    /// The time until the next handshake is complete.
    pub(crate) fn next_answer(self, patience: Duration) -> Result<Duration, String> {
        let answer = self
            .answers
            .recv_timeout(patience)
            .map_err(|error| format!("no handshake within {patience:?}: {error}"))?;
        let took = answer - self.began;
        self.end();
        Ok(took)
    }

    pub(crate) fn end(self) -> Seen {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

fn watch(socket: &OwnedFd, is_over: &AtomicBool, answers: &Sender<Instant>) -> Seen {
    let mut seen = Seen::default();
    while !is_over.load(Ordering::Relaxed) {
        for (receiver, message) in frames(socket).iter().filter_map(|frame| read(frame)) {
            seen.receivers.insert(receiver);
            if let [ANSWER, 0, 0, 0, a, b, c, d, ..] = *message {
                seen.answers.insert(u32::from_le_bytes([a, b, c, d]));
                // Some tests do not read them.
                let _ = answers.send(Instant::now());
            }
        }
    }
    seen
}

/// The frames received so far, or soon.
fn frames(socket: &OwnedFd) -> Vec<Vec<u8>> {
    let mut waiting = [PollFd::new(socket.as_fd(), PollFlags::POLLIN)];
    poll(&mut waiting, PollTimeout::from(LOOK)).unwrap();
    let mut buffer = [0; 2048];
    let next = || {
        recv(socket.as_raw_fd(), &mut buffer, MsgFlags::empty())
            .ok()
            .map(|len| buffer[..len].to_vec())
    };
    std::iter::from_fn(next).collect()
}

/// The receiver of a `WireGuard` message in an Ethernet frame, and the message.
fn read(frame: &[u8]) -> Option<(Ipv4Addr, &[u8])> {
    let is_udp = frame.get(12..14)? == [8, 0] && *frame.get(23)? == 17;
    let receiver: [u8; 4] = frame.get(30..34)?.try_into().ok()?;
    let is_ours = is_udp && frame.get(36..38)? == PORT;
    is_ours.then_some((receiver.into(), frame.get(42..)?))
}
