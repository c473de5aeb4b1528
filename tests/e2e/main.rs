//! What `lab` makes of a real kernel: the built program is run as root, and other programs' eyes
//! (ip, bridge, ping, traceroute, tcpdump, nft, ss, sysctl) check what it says of itself.
//!
//! Tests take turns, since some of them look at the whole machine, and one that measures times must
//! not run beside others. Without root they fail. No packet for a lab's address is ever sent from
//! the machine's own namespace.

mod backends;
mod capacity;
mod capture;
mod catalogue;
mod change;
mod commands;
mod confined;
mod domains;
mod escape;
mod expectations;
mod fabric;
mod failover;
mod failures;
mod files;
mod gateways;
mod host;
mod hostile;
mod impair;
mod injected;
mod interrupts;
mod lab;
mod mending;
mod mesh;
mod mistakes;
mod mtu;
mod nics;
mod paths;
mod pcapng;
mod pings;
mod program;
mod refusals;
mod removal;
mod repetition;
mod reports;
mod rootless;
mod several;
mod side_by_side;
mod switches;
mod terminal;
mod traceroute;
mod train;
mod underlay;
mod user;
mod verification;
