//! Azure-like hybrid networks out of Linux network namespaces, on one machine, with real packets.
//!
//! A lab file says what an Azure engineer says; the layers below turn it into routes and kernel
//! operations, and probes prove the result. A module names only modules of a lower layer.
//!
//! | layer | module | does |
//! |---|---|---|
//! | 0 | [`names`], [`units`], [`findings`] | words that are valid by construction |
//! | 1 | [`spec`] | YAML text to a lab file's content |
//! | 2 | [`topology`] | content to nodes, links and sessions, or all findings |
//! | 3 | [`routing`] | topology to the routes of every node |
//! | 4 | [`plan`] | topology and routes to kernel operations |
//! | 5 | [`fault`] | what is broken, and when who notices |
//! | 5 | [`verify`] | expectations against observations |
//! | 6 | [`privilege`] | what a process that stays with a lab may still do |
//! | 7 | [`kernel`], [`probe`], [`capture`], [`tunnel`], [`wire`], [`store`] | effects, which do not know each other |
//! | 8 | [`report`] | results to text, JSON, `JUnit` and Markdown, labs to pictures |
//! | 9 | [`engine`] | use cases, which join the effects |
//! | 10 | [`supervisor`] | the process that stays with a lab |
//! | 11 | [`ui`] | a lab in a browser |
//! | 12 | [`cli`] | the commands |
//!
//! Layers 0 to 5 are pure: they touch no kernel, clock or socket, and their tests need no root.
//!
//! # How the paths come out
//!
//! No path has a rule of its own; hops, silence and dead ends follow from addresses, routes and bridges.
//!
//! - A virtual network is a bridge that learns and floods nothing; a peering is a link between isolated ports of two of them, so it is
//!   one hop and cannot be transited. A subnet's gateway is 12:34:56:78:9a:bc, which drops what has no route: it times out.
//! - To a circuit, a machine sends straight to an MSEE's leg on its network; back, the MSEE sends through the ExpressRoute gateway.
//!   Each of the two links takes half of the connection's round-trip time, so hop 1 is already as far as the MSEE.
//! - A silent hop is loose reverse-path filtering: an answer from an address in nobody's table is dropped by the next Azure element.
//!   On-premises routers filter nothing, so there every hop shows.
//! - A site-to-site connection is WireGuard between the public addresses, across the lab's own internet. A device may reset the time to
//!   live of what enters its tunnel (`innerTtl`), which is why Location 1 reaches branch in three hops.
//! - Routes are a fixed point of BGP advertisements over the lab's sessions, with Azure's rules for what each gateway and MSEE passes on,
//!   shortest paths inside each site, and Azure's effective routes on every network interface. `scripts/bgp-witness` has BIRD run the
//!   same sessions and compares its tables with the solver's.
//! - A VPN gateway that is no hop gives back, by nftables, the time to live that forwarding takes. A load balancer is a set of next hops.

pub mod capture;
pub mod cli;
pub mod engine;
pub mod fault;
pub mod findings;
pub mod kernel;
pub mod names;
pub mod plan;
pub mod privilege;
pub mod probe;
pub mod report;
pub mod routing;
pub mod spec;
pub mod store;
pub mod supervisor;
pub mod topology;
pub mod tunnel;
pub mod ui;
pub mod units;
pub mod verify;
pub mod wire;
