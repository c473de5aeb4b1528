//! From packet sockets to a file, until the capture ends.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::capture::CaptureError;
use crate::capture::clock::{self, now, since_epoch};
use crate::capture::filter::WHOLE_PACKET;
use crate::capture::pcapng::{Direction, LinkType, Packet, Statistics};
use crate::capture::segment::{Carried, Cutter};
use crate::capture::socket::{Arrival, PacketSocket};

/// How long a packet waits for earlier ones from other sockets. The delay is too short to notice, and even on a busy
/// machine a packet rarely takes this long from its stamp to its socket.
const SETTLE: Duration = Duration::from_millis(20);

/// The largest packet that the kernel delivers, with its Ethernet header.
const LARGEST_PACKET: usize = 65_535 + 14;

/// Maximum number of packets taken from one socket before the next socket.
const MOST_AT_ONCE: usize = 512;

/// A namespace's socket, and the interfaces of its packets in the file.
#[derive(Debug)]
pub struct Place {
    /// The socket.
    pub socket: PacketSocket,
    /// By the interface's index in the namespace; `None` for an interface whose packets are ignored.
    pub sources: BTreeMap<u32, Option<Source>>,
}

/// How the packets of an interface appear in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// The index of the interface in the file.
    pub interface: u32,
    /// Which of them.
    pub takes: Takes,
    /// Which header they begin with.
    pub link_type: LinkType,
    /// The MTU of a wire there, from the IP header on.
    pub mtu: usize,
}

/// Which packets of an interface are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// All packets.
    Both,
    /// Leaving packets only: the interface replaces another one, at which arriving packets are captured.
    Leaving,
}

/// The size of a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Maximum number of packets; `None` for no limit.
    pub packets: Option<u64>,
    /// Maximum number of bytes kept of each packet.
    pub bytes: u32,
    /// The number of interfaces in the file.
    pub interfaces: usize,
}

/// What ends a capture, besides its limits.
#[derive(Debug)]
pub struct Until<'a> {
    /// The capture ends if one of these is readable or closed.
    pub words: Vec<BorrowedFd<'a>>,
    /// The output: the capture ends if its reader is gone.
    pub reader: BorrowedFd<'a>,
    /// The time at which the capture ends.
    pub deadline: Option<Instant>,
}

impl Until<'_> {
    /// The remaining time; `None` if there is no deadline.
    pub(super) fn left(&self) -> Option<Duration> {
        let deadline = self.deadline?;
        Some(deadline.saturating_duration_since(now()))
    }
}

/// The result of a capture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Captured {
    /// Packets in the file.
    pub packets: u64,
    /// Packets lost because they arrived faster than they were read.
    pub dropped: u64,
    /// TCP packets that the kernel delivered as one, and that the file has as separate segments, as on a wire.
    pub cut: u64,
}

/// Identifies an interface that was created during the capture: the place, and the interface's index there.
pub type Identify<'a> = &'a mut dyn FnMut(usize, u32) -> Option<Source>;

/// A packet that waits to be written. Packets are sorted by time, then in the order of reading.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    stamp: Duration,
    number: u64,
    interface: u32,
    way: Direction,
    length: u32,
    bytes: Vec<u8>,
    read: Instant,
}

/// A running capture.
struct Drive<'a, W> {
    places: &'a mut [Place],
    lost: Vec<u32>,
    output: &'a mut W,
    limits: Limits,
    held: BinaryHeap<Reverse<Held>>,
    read: u64,
    written: Vec<u64>,
    cutter: Cutter,
    /// By interface: the number of packets that were split.
    cut: Vec<u64>,
    /// Maximum number of bytes kept of a packet.
    most_bytes: usize,
    buffer: Vec<u8>,
}

/// Writes the file's header, the packets sorted by time and, at the end, the statistics.
///
/// # Errors
///
/// [`CaptureError`], from the kernel or the writer.
pub fn run(
    places: &mut [Place],
    output: &mut impl Write,
    limits: Limits,
    until: &Until<'_>,
    identify: Identify<'_>,
) -> Result<Captured, CaptureError> {
    let begin = since_epoch();
    let bytes = usize::try_from(limits.bytes.min(WHOLE_PACKET)).unwrap_or(usize::MAX);
    let mut drive = Drive {
        lost: vec![0; places.len()],
        places,
        output,
        limits,
        held: BinaryHeap::new(),
        read: 0,
        written: vec![0; limits.interfaces],
        cutter: Cutter::default(),
        cut: vec![0; limits.interfaces],
        most_bytes: bytes,
        // The buffer holds a whole packet, since splitting needs all of it.
        buffer: vec![0; bytes.max(LARGEST_PACKET)],
    };
    drive.go_on(until, identify)?;
    drive.end(begin, identify)
}

impl<W: Write> Drive<'_, W> {
    fn go_on(&mut self, until: &Until<'_>, identify: Identify<'_>) -> Result<(), CaptureError> {
        while !self.is_full() {
            let now = now();
            if until.deadline.is_some_and(|deadline| deadline <= now) {
                return Ok(());
            }
            let due = self.held.peek().map(|Reverse(first)| first.read + SETTLE);
            let next = until.deadline.into_iter().chain(due).min();
            let patience = next.map(|next| next.saturating_duration_since(now));
            let ready = wait(self.places, until, patience).map_err(waiting)?;
            let Some(ready) = ready else {
                return Ok(());
            };
            for place in ready {
                self.take(place, MOST_AT_ONCE, None, identify)?;
            }
            self.write_settled(Some(clock::now()))?;
        }
        Ok(())
    }

    fn packets(&self) -> u64 {
        self.written.iter().sum()
    }

    fn is_full(&self) -> bool {
        self.limits
            .packets
            .is_some_and(|most| self.packets() >= most)
    }

    /// Takes the packets that wait in a socket, if they are not stamped later than `until`. Returns whether more may
    /// wait.
    fn take(
        &mut self,
        place: usize,
        most: usize,
        until: Option<Duration>,
        identify: Identify<'_>,
    ) -> Result<bool, CaptureError> {
        let read = now();
        for _ in 0..most {
            let received = self.places[place].socket.receive(&mut self.buffer);
            let Some(arrival) = received.map_err(reading)? else {
                return Ok(false);
            };
            self.lost[place] = self.lost[place].max(arrival.dropped());
            if until.is_some_and(|until| arrival.stamp > until) {
                return Ok(false);
            }
            let sources = &mut self.places[place].sources;
            let source = sources
                .entry(arrival.index)
                .or_insert_with(|| identify(place, arrival.index));
            if let Some(source) = source.filter(|source| source.has(&arrival)) {
                self.take_in(source, &arrival, read);
            }
        }
        Ok(true)
    }

    /// Stores a packet or, if it is larger than a wire carries, its segments.
    fn take_in(&mut self, source: Source, arrival: &Arrival, read: Instant) {
        let there = arrival.length.min(self.buffer.len());
        let whole = &self.buffer[..there];
        let Source { link_type, mtu, .. } = source;
        let interface = source.interface;
        let packets = match self.cutter.cut(whole, link_type, mtu) {
            None => {
                let bytes = whole[..there.min(self.most_bytes)].to_vec();
                self.hold(interface, arrival, bytes, read);
                return;
            }
            Some(Carried::Completed(packet)) => vec![packet],
            Some(Carried::Cut(segments)) => {
                if let Some(count) = at(&mut self.cut, interface) {
                    *count += 1;
                }
                segments
            }
        };
        for mut bytes in packets {
            let mut part = *arrival;
            part.length = bytes.len();
            bytes.truncate(self.most_bytes);
            self.hold(interface, &part, bytes, read);
        }
    }

    fn hold(&mut self, interface: u32, arrival: &Arrival, bytes: Vec<u8>, read: Instant) {
        self.read += 1;
        self.held.push(Reverse(Held {
            stamp: arrival.stamp,
            number: self.read,
            interface,
            way: arrival.way,
            length: u32::try_from(arrival.length).unwrap_or(u32::MAX),
            bytes,
            read,
        }));
    }

    /// Writes the packets that no earlier packet can precede any more; with `None`, all packets.
    fn write_settled(&mut self, now: Option<Instant>) -> Result<(), CaptureError> {
        let before = self.packets();
        while let Some(Reverse(first)) = self.held.peek()
            && now.is_none_or(|now| first.read + SETTLE <= now)
            && !self.is_full()
            && let Some(Reverse(first)) = self.held.pop()
        {
            let packet = Packet {
                interface: first.interface,
                stamp: first.stamp,
                way: first.way,
                bytes: &first.bytes,
                length: first.length,
            };
            packet.write(self.output).map_err(CaptureError::Output)?;
            if let Some(count) = at(&mut self.written, first.interface) {
                *count += 1;
            }
        }
        if self.packets() > before {
            self.output.flush().map_err(CaptureError::Output)?;
        }
        Ok(())
    }

    /// Writes the packets stamped before now that are still in the sockets, and the statistics.
    fn end(&mut self, begin: Duration, identify: Identify<'_>) -> Result<Captured, CaptureError> {
        let end = since_epoch();
        for place in 0..self.places.len() {
            if !self.is_full() {
                self.take(place, usize::MAX, Some(end), identify)?;
            }
        }
        self.write_settled(None)?;
        let mut captured = Captured {
            packets: self.packets(),
            dropped: 0,
            cut: self.cut.iter().sum(),
        };
        let mut dropped = vec![0; self.limits.interfaces];
        for (place, known) in self.places.iter().zip(&self.lost) {
            let lost = u64::from(place.socket.end(*known));
            captured.dropped += lost;
            let first = place
                .sources
                .values()
                .flatten()
                .map(|it| it.interface)
                .min();
            if let Some(first) = first.and_then(|first| usize::try_from(first).ok()) {
                dropped[first] += lost;
            }
        }
        let counts = self.written.iter().zip(dropped).zip(&self.cut);
        for (interface, ((packets, dropped), cut)) in (0..).zip(counts) {
            let statistics = Statistics {
                packets: *packets,
                dropped,
                cut: *cut,
            };
            statistics
                .write(interface, [begin, end], self.output)
                .map_err(CaptureError::Output)?;
        }
        self.output.flush().map_err(CaptureError::Output)?;
        Ok(captured)
    }
}

/// An interface's counter.
fn at(counters: &mut [u64], interface: u32) -> Option<&mut u64> {
    counters.get_mut(usize::try_from(interface).ok()?)
}

impl Source {
    fn has(self, arrival: &Arrival) -> bool {
        self.takes == Takes::Both || arrival.way == Direction::Outbound
    }
}

/// Waits until packets can be read, at most for `patience`. Returns their places; `None` if the capture ends.
fn wait(
    places: &[Place],
    until: &Until<'_>,
    patience: Option<Duration>,
) -> io::Result<Option<Vec<usize>>> {
    let patience = patience.map_or(PollTimeout::NONE, |patience| {
        // Rounded up to whole milliseconds: with 0, the kernel would not wait at all.
        let whole = Duration::from_millis(1);
        let patience = patience.checked_add(whole).unwrap_or(patience);
        PollTimeout::try_from(patience).unwrap_or(PollTimeout::MAX)
    });
    let readable = |fd| PollFd::new(fd, PollFlags::POLLIN);
    let places = places.iter().map(|place| readable(place.socket.as_fd()));
    let mut waited: Vec<PollFd<'_>> = places.collect();
    let count = waited.len();
    waited.extend(until.words.iter().map(|word| readable(*word)));
    // If a pipe has no reader, the kernel reports it without being asked.
    waited.push(PollFd::new(until.reader, PollFlags::empty()));
    while let Err(errno) = poll(&mut waited, patience) {
        if errno != Errno::EINTR {
            return Err(errno.into());
        }
    }
    let has_word = |fd: &PollFd<'_>| fd.any() == Some(true);
    if waited[count..].iter().any(has_word) {
        return Ok(None);
    }
    let ready = waited[..count].iter().enumerate();
    Ok(Some(
        ready
            .filter(|(_, fd)| has_word(fd))
            .map(|(place, _)| place)
            .collect(),
    ))
}

fn waiting(source: io::Error) -> CaptureError {
    CaptureError::Socket("wait for packets", source)
}

fn reading(source: io::Error) -> CaptureError {
    CaptureError::Socket("read from a packet socket", source)
}
