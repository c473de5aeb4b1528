//! The filter of a capture, in libpcap's language, and the kernel's programs that tcpdump compiles from it.
#![expect(
    clippy::disallowed_methods,
    reason = "tcpdump is a program: it is started to compile a filter"
)]

use std::io::{self, Write};
use std::process::{Command, Stdio};

use crate::addresses::{Address, Prefix};
use crate::capture::filter::{self, Program};
use crate::capture::pcapng::LinkType;
use crate::engine::EngineError;
use crate::engine::capture::points::{Point, Tunnel};
use crate::kernel::programs;
use crate::topology::{NodeId, Topology};

/// The program.
pub(in crate::engine) const PROGRAM: &str = "tcpdump";

/// Keywords that a host name follows.
const BEFORE_HOSTS: [&str; 3] = ["host", "src", "dst"];

/// ICMP messages that quote the packet that caused them: unreachable, time exceeded, parameter problem (RFC 792).
const ERRORS: &str = "(icmp[0] = 3 or icmp[0] = 11 or icmp[0] = 12)";

/// Replaces the lab's names with addresses, since no name server knows them.
pub(super) fn addressed(topology: &Topology, filter: &str) -> String {
    let brackets = ['(', ')', '!'];
    let mut before = "";
    let words = filter.split_whitespace().map(|word| {
        let name = word.trim_matches(brackets);
        let is_host = BEFORE_HOSTS.contains(&before);
        before = name;
        let node = topology.find(name).filter(|_| is_host);
        let address = node.and_then(|node| topology.node(node).address);
        address.map_or_else(
            || word.to_owned(),
            |address| word.replace(name, &address.to_string()),
        )
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Packets between a node and an address, with routers' errors about them, if they match `own`; and the encrypted
/// packets of tunnels.
pub(super) fn between(
    topology: &Topology,
    from: NodeId,
    to: Address,
    own: &str,
    tunnels: &[Tunnel],
) -> String {
    let of_interfaces = topology.interfaces_of(from);
    let near = of_interfaces.flat_map(|(_, interface)| &interface.addresses);
    let near = near.map(Prefix::addr);
    let near = near.chain(topology.node(from).loopback.iter().copied());
    let pairs: Vec<String> = near.map(|near| pair(near, to)).collect();
    let mut filter = pairs.join(" or ");
    if !own.is_empty() {
        filter = format!("({filter}) and ({own})");
    }
    for Tunnel { public, port } in tunnels {
        let [a, b] = public;
        filter = format!("{filter} or (udp port {port} and host {a} and host {b})");
    }
    filter
}

/// Packets between two addresses, and errors that quote such a packet, after the error's 8 bytes and the 12 of the
/// quoted header before its addresses.
fn pair(near: Address, far: Address) -> String {
    let [a, b] = [near, far].map(|address| address.expect_ipv4().to_bits());
    let quotes = |a: u32, b: u32| format!("(icmp[20:4] = {a:#x} and icmp[24:4] = {b:#x})");
    format!(
        "(host {near} and host {far}) or ({ERRORS} and ({} or {}))",
        quotes(a, b),
        quotes(b, a)
    )
}

/// The programs for packets with and without an Ethernet header. A filter that needs fields missing from one kind
/// matches no packet of that kind; if the other kind exists, this is no error.
pub(super) fn programs(filter: &str, points: &[Point]) -> Result<[Program; 2], EngineError> {
    if filter.is_empty() {
        return Ok([Program::all(), Program::all()]);
    }
    let kinds = [LinkType::Ethernet, LinkType::Raw];
    let compiled = [compile(filter, kinds[0])?, compile(filter, kinds[1])?];
    let is_used = |kind| points.iter().any(|point| point.link_type == kind);
    let mut usable = kinds.into_iter().zip(&compiled);
    let is_good = usable.any(|(kind, program)| is_used(kind) && program.is_ok());
    let refused = compiled.iter().find_map(|program| program.as_ref().err());
    match refused {
        Some(said) if !is_good => Err(EngineError::NoFilter {
            filter: filter.to_owned(),
            said: said.clone(),
        }),
        _ => Ok(compiled.map(|program| program.unwrap_or_else(|_| Program::nothing()))),
    }
}

/// Compiles a filter with tcpdump. The error is tcpdump's message.
fn compile(filter: &str, link_type: LinkType) -> Result<Result<Program, String>, EngineError> {
    let failed = |source| EngineError::system("have tcpdump compile a filter", source);
    let started = Command::new(programs::named(PROGRAM))
        .args(["-ddd", "-r", "-", "--", filter])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut program = started.map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => EngineError::no_program(PROGRAM),
        _ => failed(source),
    })?;
    if let Some(mut input) = program.stdin.take() {
        // If tcpdump ends before it has read this, it prints the reason.
        let _ = input.write_all(&filter::empty_file(link_type));
    }
    let output = program.wait_with_output().map_err(failed)?;
    let compiled = Program::parse(&String::from_utf8_lossy(&output.stdout));
    Ok(match compiled.filter(|_| output.status.success()) {
        Some(program) => Ok(program),
        None => Err(last_words(&String::from_utf8_lossy(&output.stderr))),
    })
}

fn last_words(text: &str) -> String {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let last = lines.next_back().unwrap_or("it said nothing");
    last.strip_prefix("tcpdump: ").unwrap_or(last).to_owned()
}
