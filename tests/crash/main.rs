//! Labs after programs died in the middle of their work, block each other, or find leftovers of others.
//!
//! Each test has its own machine: namespaces for processes, mounts and the network in which nothing else runs, so that
//! everything left there was left by a lab. Tests may therefore run in parallel, also with other tests that do not
//! measure times. They need root, and fail with a message without it.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests that start programs and end them at chosen times, whose figures are wanted where they run"
)]

mod begun;
mod boot;
mod calls;
mod detached;
mod edits;
mod kills;
mod labs;
mod leftovers;
mod machine;
mod mutation;
mod soak;
mod together;
mod truth;
