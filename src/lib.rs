//! Azure-like hybrid networks out of Linux network namespaces, on one machine, with real packets.
//!
//! A lab file uses the terms of an Azure engineer. The layers below turn it into routes and kernel operations, and
//! probes prove the result. A module uses only modules of a lower layer.
//!
//! | layer | module | does |
//! |---|---|---|
//! | 0 | [`addresses`], [`names`], [`units`], [`findings`] | values that are valid by construction |
//! | 0 | [`firewall`] | the firewall of a node: its nftables text, and what it does with packets |
//! | 1 | [`yaml`] | YAML text to values with their places |
//! | 1 | [`recorded`] | outputs of az and traces that somebody recorded, to values |
//! | 1 | [`topology`] | the model of a network: nodes, interfaces, links, segments, sessions |
//! | 2 | [`onpremises`] | sites, routers and hosts: what a lab file says of them, their rules, and their part of a topology |
//! | 2 | [`azure`] | the same for each kind of Azure resource, and Azure's numbers; may name [`onpremises`] |
//! | 2 | [`lab`] | the document around them, to a topology or to all findings; may name both |
//! | 3 | [`import`] | what Azure's tools say of a network, to the text of a lab file |
//! | 3 | [`export`] | a lab file to what other tools read |
//! | 3 | [`routing`] | topology to the routes of every node |
//! | 4 | [`network`] | a network, what has failed of it, and its routes |
//! | 4 | [`plan`] | topology and routes to kernel operations |
//! | 5 | [`fault`] | what has failed, and when each end detects it |
//! | 5 | [`verify`] | expectations against observations |
//! | 6 | [`control`] | what commands and the supervisor tell each other |
//! | 6 | [`privilege`] | what the supervisor may still do |
//! | 7 | [`kernel`], [`probe`], [`capture`], [`tunnel`], [`wire`], [`store`] | effects, which do not depend on each other |
//! | 8 | [`report`] | results to text, JSON, `JUnit` and Markdown, labs to pictures |
//! | 9 | [`engine`] | use cases of the commands, which join the effects |
//! | 10 | [`supervisor`] | the process that stays with a lab, and all that only it holds |
//! | 11 | [`ui`] | a lab in a browser |
//! | 12 | [`cli`] | the commands |
//!
//! Layers 0 to 5 are pure: they touch no kernel, clock or socket, and their tests need no root.
//!
//! # How the paths follow
//!
//! No path has a rule of its own; hops, silence and unreachable destinations follow from addresses, routes and bridges.
//!
//! - A virtual network is a bridge without learning and flooding. A peering is a link between isolated ports of two
//!   bridges, so it is one hop and not transitive. A subnet's gateway is 12:34:56:78:9a:bc, which drops packets without
//!   a route: a trace times out there.
//! - To a circuit, a machine sends directly to an MSEE's leg on its network; in the other direction, the MSEE sends
//!   through the ExpressRoute gateway. Each of the two links has half of the connection's round-trip time, so hop 1
//!   already has that of the MSEE.
//! - A silent hop results from loose reverse-path filtering: the next Azure element drops an answer from an address
//!   that it has no route to. On-premises routers do not filter, so every hop answers there.
//! - A site-to-site connection is WireGuard between the public addresses, across the lab's own internet. A device may
//!   reset the TTL of packets that enter its tunnel (`innerTtl`), which is why Location 1 reaches branch in three hops.
//! - Routes are a fixed point of BGP advertisements over the lab's sessions, with Azure's rules for what each gateway
//!   and MSEE propagates, shortest paths inside each site, and Azure's effective routes on every network interface.
//!   `scripts/bgp-witness` runs the same sessions in BIRD and compares its tables with the solver's.
//! - A VPN gateway that is hidden from traceroute restores, by nftables, the TTL that forwarding decrements. A load
//!   balancer is a set of next hops.

pub mod addresses;
pub mod azure;
pub mod capture;
pub mod cli;
pub mod control;
pub mod engine;
pub mod export;
pub mod fault;
pub mod findings;
pub mod firewall;
pub mod import;
pub mod kernel;
pub mod lab;
pub mod names;
pub mod network;
pub mod onpremises;
pub mod plan;
pub mod privilege;
pub mod probe;
pub mod recorded;
pub mod report;
pub mod routing;
pub mod store;
pub mod supervisor;
pub mod topology;
pub mod tunnel;
pub mod ui;
pub mod units;
pub mod verify;
pub mod wire;
pub mod yaml;
