//! What becomes of labs when programs die in the middle of their work, hold each other up, or find what others left.
//!
//! Each test has a machine of its own: namespaces for processes, mounts and the network in which nothing else runs, so that
//! all that is left there was left by a lab. Tests may therefore run side by side, and beside other tests that do not
//! measure times. They need root, and say so without it.
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
