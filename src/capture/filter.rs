//! Which packets a packet socket delivers, as a program of the kernel's classic packet filter.
//!
//! tcpdump compiles the user's filter expression, once for frames with an Ethernet header and once for packets without
//! one. A few instructions in front of both select by interface (Linux, filter.rst, "BPF extensions").

use nix::libc;
use socket2::SockFilter;

use crate::capture::pcapng::LinkType;

/// Maximum number of bytes kept of a packet: tcpdump's maximum.
pub const WHOLE_PACKET: u32 = 262_144;

/// The kernel's type of interfaces with an Ethernet header (`ARPHRD_ETHER`).
const ETHERNET: u32 = libc::ARPHRD_ETHER as u32;

const LOAD_WORD: u32 = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
const JUMP: u32 = libc::BPF_JMP | libc::BPF_JA;
const JUMP_EQUAL: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
const JUMP_LESS_NOT: u32 = libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K;
const JUMP_GREATER: u32 = libc::BPF_JMP | libc::BPF_JGT | libc::BPF_K;
const RETURN: u32 = libc::BPF_RET | libc::BPF_K;

/// An instruction (`struct sock_filter`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instruction {
    code: u16,
    if_true: u8,
    if_false: u8,
    operand: u32,
}

/// A program for one kind of interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program(Vec<Instruction>);

impl Program {
    /// Accepts every packet.
    #[must_use]
    pub fn all() -> Self {
        Self(vec![instruction(RETURN, 0, 0, WHOLE_PACKET)])
    }

    /// Accepts no packet.
    #[must_use]
    pub fn nothing() -> Self {
        Self(vec![instruction(RETURN, 0, 0, 0)])
    }

    /// Parses the output of `tcpdump -ddd`: the number of instructions, then one instruction of four numbers per line.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let count: usize = lines.next()?.trim().parse().ok()?;
        let instructions: Option<Vec<_>> = lines.map(parse_line).collect();
        let instructions = instructions?;
        (count > 0 && instructions.len() == count).then_some(Self(instructions))
    }
}

/// The header of a capture file with packets of one link type (libpcap, pcap-savefile(5)). With it, tcpdump compiles a
/// filter for such packets without an interface.
#[must_use]
pub fn empty_file(link_type: LinkType) -> Vec<u8> {
    let words: [u32; 6] = [
        0xa1b2_c3d4,
        u32::from_ne_bytes(two(2, 4)),
        0,
        0,
        WHOLE_PACKET,
        u32::from(link_type.number()),
    ];
    words.into_iter().flat_map(u32::to_ne_bytes).collect()
}

fn two(first: u16, second: u16) -> [u8; 4] {
    let ([a, b], [c, d]) = (first.to_ne_bytes(), second.to_ne_bytes());
    [a, b, c, d]
}

/// One program for a socket that receives from all interfaces of a namespace. It drops the packets of the interfaces in
/// `passed_over`, which is sorted, and applies the program for the interface's kind to all others.
#[must_use]
pub fn joined(passed_over: &[u32], ethernet: &Program, raw: &Program) -> Vec<SockFilter> {
    kernel_program(&plain(passed_over, ethernet, raw))
}

fn plain(passed_over: &[u32], ethernet: &Program, raw: &Program) -> Vec<Instruction> {
    let mut program = vec![of_interface(libc::SKF_AD_IFINDEX)];
    for (first, last) in ranges(passed_over) {
        program.extend([
            instruction(JUMP_LESS_NOT, 0, 2, first),
            instruction(JUMP_GREATER, 1, 0, last),
            instruction(RETURN, 0, 0, 0),
        ]);
    }
    let length = u32::try_from(ethernet.0.len()).unwrap_or(u32::MAX);
    program.extend([
        of_interface(libc::SKF_AD_HATYPE),
        instruction(JUMP_EQUAL, 1, 0, ETHERNET),
        instruction(JUMP, 0, 0, length),
    ]);
    program.extend(ethernet.0.iter().chain(&raw.0));
    program
}

/// A program that accepts no packet.
#[must_use]
pub fn none() -> Vec<SockFilter> {
    kernel_program(&Program::nothing().0)
}

/// A program that accepts the packets of the loopback interface only.
#[must_use]
pub fn loopback_alone() -> Vec<SockFilter> {
    kernel_program(&[
        of_interface(libc::SKF_AD_HATYPE),
        instruction(JUMP_EQUAL, 0, 1, u32::from(libc::ARPHRD_LOOPBACK)),
        instruction(RETURN, 0, 0, WHOLE_PACKET),
        instruction(RETURN, 0, 0, 0),
    ])
}

/// The ranges of consecutive numbers.
fn ranges(sorted: &[u32]) -> Vec<(u32, u32)> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for number in sorted {
        match ranges.last_mut() {
            Some((_, last)) if *number <= last.saturating_add(1) => *last = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    ranges
}

/// Loads a property of the interface that the packet passes.
fn of_interface(what: libc::c_int) -> Instruction {
    let at = (libc::SKF_AD_OFF + what).cast_unsigned();
    instruction(LOAD_WORD, 0, 0, at)
}

fn instruction(code: u32, if_true: u8, if_false: u8, operand: u32) -> Instruction {
    Instruction {
        code: u16::try_from(code).unwrap_or(u16::MAX),
        if_true,
        if_false,
        operand,
    }
}

fn parse_line(line: &str) -> Option<Instruction> {
    let mut numbers = line.split_ascii_whitespace();
    let instruction = Instruction {
        code: numbers.next()?.parse().ok()?,
        if_true: numbers.next()?.parse().ok()?,
        if_false: numbers.next()?.parse().ok()?,
        operand: numbers.next()?.parse().ok()?,
    };
    numbers.next().is_none().then_some(instruction)
}

fn kernel_program(program: &[Instruction]) -> Vec<SockFilter> {
    let one = |it: &Instruction| SockFilter::new(it.code, it.if_true, it.if_false, it.operand);
    program.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Executes the instructions in front of a user's filter, like the kernel.
    fn verdict(passed_over: &[u32], index: u32, kind: u32) -> u32 {
        let [ethernet, raw] = [7, 9].map(|bytes| Program(vec![instruction(RETURN, 0, 0, bytes)]));
        let program = plain(passed_over, &ethernet, &raw);
        let (mut at, mut loaded) = (0, 0);
        loop {
            let it = program[at];
            at += 1;
            let is_true = match u32::from(it.code) {
                LOAD_WORD if it.operand == of_interface(libc::SKF_AD_IFINDEX).operand => {
                    loaded = index;
                    continue;
                }
                LOAD_WORD => {
                    loaded = kind;
                    continue;
                }
                JUMP => {
                    at += it.operand as usize;
                    continue;
                }
                RETURN => return it.operand,
                JUMP_EQUAL => loaded == it.operand,
                JUMP_LESS_NOT => loaded >= it.operand,
                JUMP_GREATER => loaded > it.operand,
                code => panic!("instruction {code}"),
            };
            at += usize::from(if is_true { it.if_true } else { it.if_false });
        }
    }

    #[test]
    fn an_interface_that_is_passed_over_gives_nothing_and_others_what_their_kind_takes() {
        let passed_over = [1, 2, 3, 7, 1001];
        let seen = |index| verdict(&passed_over, index, ETHERNET);
        let taken: Vec<u32> = [1, 2, 3, 4, 6, 7, 8, 1000, 1001, 1002].map(seen).to_vec();
        assert_eq!(taken, [0, 0, 0, 7, 7, 0, 7, 7, 0, 7]);
        assert_eq!(verdict(&passed_over, 4, 65534), 9);
        assert_eq!(verdict(&[], 1, ETHERNET), 7);
    }

    #[test]
    fn what_tcpdump_prints_is_read_whole_or_not_at_all() {
        let read = Program::parse("2\n40 0 0 12\n6 0 0 262144\n").unwrap();
        assert_eq!(read.0[1], Program::all().0[0]);
        for wrong in [
            "",
            "0\n",
            "2\n6 0 0 1\n",
            "1\n6 0 0\n",
            "1\n6 0 0 1 1\n",
            "x\n",
        ] {
            assert_eq!(Program::parse(wrong), None, "{wrong:?}");
        }
    }
}
