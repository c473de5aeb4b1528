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
//! | 8 | [`report`] | results to text and JSON |
//! | 9 | [`engine`] | use cases, which join the effects |
//! | 10 | [`supervisor`] | the process that stays with a lab |
//! | 11 | [`cli`] | the commands |
//!
//! Layers 0 to 5 are pure: they touch no kernel, clock or socket, and their tests need no root.

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
pub mod units;
pub mod verify;
pub mod wire;
