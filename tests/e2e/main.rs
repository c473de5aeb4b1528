//! End-to-end tests with a real kernel: they run the built program as root, and check its results with other programs
//! (ip, bridge, ping, traceroute, tcpdump, nft, ss, sysctl).
//!
//! Tests take turns, since some of them check the whole host, and time measurements must not run beside others. Without
//! root they fail. No packet for a lab's address is ever sent from the host's own namespace.

mod backends;
mod capacity;
mod capture;
mod catalogue;
mod change;
mod commands;
mod confined;
mod domains;
mod endpoints;
mod escape;
mod expect;
mod expectations;
mod fabric;
mod failover;
mod failures;
mod far_ends;
mod files;
mod firewall;
mod gateways;
mod hints;
mod host;
mod hostile;
mod impair;
mod injected;
mod intent;
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
mod results;
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
