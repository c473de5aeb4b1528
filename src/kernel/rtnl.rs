//! A route netlink socket, with batches of requests.
//!
//! The kernel carries out every request of a message before `send` returns. So a batch is one system call, and only its
//! last request asks for an acknowledgement. Errors are always reported, and are assigned to requests by sequence
//! number.

use std::io;

use netlink_packet_core::{
    ErrorMessage, NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REPLACE, NLM_F_REQUEST,
    NetlinkDeserializable, NetlinkHeader, NetlinkMessage, NetlinkPayload, NetlinkSerializable,
};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_sys::protocols::NETLINK_ROUTE;
use netlink_sys::{Socket, SocketAddr};
use nix::errno::Errno;

use crate::kernel::failure::Refusal;

/// The most bytes in one system call: half of a socket's default send buffer.
const LARGEST_BATCH: usize = 64 * 1024;

/// A socket for requests to the kernel, in the namespace where it was opened.
#[derive(Debug)]
pub(super) struct Rtnl {
    socket: Socket,
    sequence: u32,
    /// Received messages that are not read yet.
    unread: Vec<u8>,
}

/// A request to the kernel.
#[derive(Debug, Clone)]
pub(super) struct Request {
    message: RouteNetlinkMessage,
    flags: u16,
    /// An error that counts as success.
    as_good: Option<Errno>,
}

impl Request {
    /// Creates an object that must not exist yet.
    #[must_use]
    pub(super) fn create(message: RouteNetlinkMessage) -> Self {
        Self {
            message,
            flags: NLM_F_CREATE | NLM_F_EXCL,
            as_good: None,
        }
    }

    /// Creates an object, or replaces the one with the same key without a gap.
    #[must_use]
    pub(super) fn replace(message: RouteNetlinkMessage) -> Self {
        Self {
            message,
            flags: NLM_F_CREATE | NLM_F_REPLACE,
            as_good: None,
        }
    }

    /// Changes an existing object.
    #[must_use]
    pub(super) fn change(message: RouteNetlinkMessage) -> Self {
        Self {
            message,
            flags: 0,
            as_good: None,
        }
    }

    /// The same request; this error then counts as success.
    #[must_use]
    pub(super) fn or_refused_with(self, errno: Errno) -> Self {
        Self {
            as_good: Some(errno),
            ..self
        }
    }
}

/// Why a batch failed.
#[derive(Debug)]
pub(super) enum BatchError {
    /// The kernel refused the request at this position; later ones were tried nevertheless.
    Refused(usize, Refusal),
    /// The socket failed.
    Socket(io::Error),
}

impl From<io::Error> for BatchError {
    fn from(error: io::Error) -> Self {
        Self::Socket(error)
    }
}

impl Rtnl {
    /// Opens a socket in the calling thread's namespace.
    ///
    /// # Errors
    ///
    /// Errors of the kernel.
    pub(super) fn open() -> io::Result<Self> {
        Self::open_protocol(NETLINK_ROUTE)
    }

    pub(super) fn open_protocol(protocol: isize) -> io::Result<Self> {
        let mut socket = Socket::new(protocol)?;
        socket.bind_auto()?;
        socket.connect(&SocketAddr::new(0, 0))?;
        // With both, an error has the kernel's message and not a copy of the request.
        socket.set_cap_ack(true)?;
        socket.set_ext_ack(true)?;
        Ok(Self {
            socket,
            sequence: 0,
            unread: Vec::new(),
        })
    }

    /// Sends requests, in order.
    ///
    /// # Errors
    ///
    /// [`BatchError`], for the first failed request.
    pub(super) fn run(&mut self, requests: &[Request]) -> Result<(), BatchError> {
        match self.run_all(requests)?.into_iter().next() {
            Some((position, refusal)) => Err(BatchError::Refused(position, refusal)),
            None => Ok(()),
        }
    }

    /// Sends requests, in order, and returns the failed ones, by position.
    ///
    /// # Errors
    ///
    /// Errors of the socket.
    pub(super) fn run_all(&mut self, requests: &[Request]) -> io::Result<Vec<(usize, Refusal)>> {
        let mut done = 0;
        let mut refused = Vec::new();
        while done < requests.len() {
            done += self.send_some(&requests[done..], done, &mut refused)?;
        }
        Ok(refused)
    }

    /// All objects of a kind.
    ///
    /// # Errors
    ///
    /// [`BatchError`].
    pub(super) fn dump<M>(&mut self, request: M) -> Result<Vec<M>, BatchError>
    where
        M: NetlinkSerializable + NetlinkDeserializable,
    {
        self.ask(request, NLM_F_DUMP)
    }

    /// The answers to one request.
    pub(super) fn ask<M>(&mut self, request: M, flags: u16) -> Result<Vec<M>, BatchError>
    where
        M: NetlinkSerializable + NetlinkDeserializable,
    {
        let sequence = self.next_sequence();
        let mut buffer = Vec::new();
        append(
            &mut buffer,
            request,
            sequence,
            NLM_F_REQUEST | NLM_F_ACK | flags,
        );
        self.socket.send(&buffer, 0)?;
        let mut answers = Vec::new();
        loop {
            match part(self.receive()?, sequence) {
                Part::Answer(answer) => answers.push(answer),
                Part::End(None) => return Ok(answers),
                Part::End(Some(refusal)) => return Err(BatchError::Refused(0, refusal)),
                Part::Nothing => {}
            }
        }
    }

    /// The answers to several requests, in one system call. A request may have no answer. All answers must fit into the
    /// socket's buffer.
    pub(super) fn ask_each(
        &mut self,
        requests: Vec<RouteNetlinkMessage>,
    ) -> io::Result<Vec<RouteNetlinkMessage>> {
        let mut buffer = Vec::new();
        let first = self.sequence.wrapping_add(1);
        let count = requests.len();
        let mut start = 0;
        for request in requests {
            start = buffer.len();
            let sequence = self.next_sequence();
            append(&mut buffer, request, sequence, NLM_F_REQUEST);
        }
        ask_for_acknowledgement(&mut buffer[start..]);
        self.socket.send(&buffer, 0)?;
        let mut answers = Vec::new();
        loop {
            let message = self.receive()?;
            let sequence = message.header.sequence_number;
            let is_last = sequence.wrapping_sub(first) as usize + 1 == count;
            match part(message, sequence) {
                Part::Answer(answer) => answers.push(answer),
                Part::End(_) if is_last => return Ok(answers),
                Part::End(_) | Part::Nothing => {}
            }
        }
    }

    /// Sends as many requests as one call can take, at least one, and waits for the kernel's answer.
    fn send_some(
        &mut self,
        requests: &[Request],
        before: usize,
        refused: &mut Vec<(usize, Refusal)>,
    ) -> io::Result<usize> {
        let first = self.sequence.wrapping_add(1);
        let mut buffer = Vec::new();
        let mut count = 0;
        let mut last = 0;
        while count < requests.len() && buffer.len() < LARGEST_BATCH {
            let Request { message, flags, .. } = &requests[count];
            last = buffer.len();
            append(
                &mut buffer,
                message.clone(),
                self.next_sequence(),
                NLM_F_REQUEST | flags,
            );
            count += 1;
        }
        ask_for_acknowledgement(&mut buffer[last..]);
        self.socket.send(&buffer, 0)?;
        let refusals = self.await_last(first, count)?;
        let matter = refusals
            .into_iter()
            .filter(|(position, refusal)| requests[*position].as_good != Some(refusal.errno));
        refused.extend(matter.map(|(position, refusal)| (before + position, refusal)));
        Ok(count)
    }

    /// Waits for the answer to the last of `count` requests, of which the first has the sequence number `first`. The
    /// kernel answers in order, so every error has arrived by then.
    fn await_last(&mut self, first: u32, count: usize) -> io::Result<Vec<(usize, Refusal)>> {
        let mut refused = Vec::new();
        loop {
            let message = self.receive::<RouteNetlinkMessage>()?;
            let sequence = message.header.sequence_number;
            let position = sequence.wrapping_sub(first) as usize;
            let Part::End(refusal) = part(message, sequence) else {
                continue;
            };
            let refusal = refusal.filter(|_| position < count);
            refused.extend(refusal.map(|refusal| (position, refusal)));
            if position + 1 == count {
                return Ok(refused);
            }
        }
    }

    /// The next message; several may come in one packet.
    fn receive<M: NetlinkDeserializable>(&mut self) -> io::Result<NetlinkMessage<M>> {
        if self.unread.is_empty() {
            (self.unread, _) = self.socket.recv_from_full()?;
        }
        let message = NetlinkMessage::<M>::deserialize(&self.unread)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
        let length = (message.header.length as usize)
            .next_multiple_of(4)
            .clamp(1, self.unread.len());
        self.unread.drain(..length);
        Ok(message)
    }

    fn next_sequence(&mut self) -> u32 {
        self.sequence = self.sequence.wrapping_add(1);
        self.sequence
    }
}

/// The meaning of a kernel message.
enum Part<M> {
    Answer(M),
    /// The end of an answer, with the error of a failed request.
    End(Option<Refusal>),
    Nothing,
}

fn part<M>(message: NetlinkMessage<M>, sequence: u32) -> Part<M> {
    match message.payload {
        _ if message.header.sequence_number != sequence => Part::Nothing,
        NetlinkPayload::InnerMessage(answer) => Part::Answer(answer),
        NetlinkPayload::Done(_) => Part::End(None),
        NetlinkPayload::Error(error) => Part::End(refusal(&error)),
        _ => Part::Nothing,
    }
}

fn append<M: NetlinkSerializable>(buffer: &mut Vec<u8>, request: M, sequence: u32, flags: u16) {
    let mut header = NetlinkHeader::default();
    header.flags = flags;
    header.sequence_number = sequence;
    let mut message = NetlinkMessage::new(header, NetlinkPayload::InnerMessage(request));
    message.finalize();
    let start = buffer.len();
    buffer.resize(start + message.buffer_len().next_multiple_of(4), 0);
    message.serialize(&mut buffer[start..]);
}

/// Sets the flag in an encoded message: only after encoding is the last one known.
fn ask_for_acknowledgement(message: &mut [u8]) {
    const FLAGS: std::ops::Range<usize> = 6..8;
    if let Some(&mut [a, b]) = message.get_mut(FLAGS) {
        let flags = u16::from_ne_bytes([a, b]) | NLM_F_ACK;
        message[FLAGS].copy_from_slice(&flags.to_ne_bytes());
    }
}

/// The error in an answer; `None` in an acknowledgement.
fn refusal(error: &ErrorMessage) -> Option<Refusal> {
    let errno = Errno::from_raw(error.code?.get().abs());
    Some(Refusal {
        errno,
        message: extended_message(&error.header),
    })
}

/// The kernel's message, which follows the header of the failed request (`NLMSGERR_ATTR_MSG`).
fn extended_message(after_code: &[u8]) -> Option<String> {
    const REQUEST_HEADER: usize = 16;
    const MESSAGE: u16 = 1;
    let mut rest = after_code.get(REQUEST_HEADER..)?;
    while let [l0, l1, k0, k1, ..] = rest {
        let length = usize::from(u16::from_ne_bytes([*l0, *l1]));
        let value = rest.get(4..length)?;
        if u16::from_ne_bytes([*k0, *k1]) == MESSAGE {
            let text = value.split(|byte| *byte == 0).next()?;
            return String::from_utf8(text.to_vec()).ok();
        }
        rest = rest.get(length.next_multiple_of(4)..)?;
    }
    None
}
