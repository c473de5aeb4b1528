//! `--backend`

use clap::{Args, ValueEnum};

use crate::engine::Choice;

/// What is to carry tunnels, delays and losses.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Backend {
    /// Who carries tunnels and impaired links: the kernel (`WireGuard` and netem) or the lab's own process. Without
    /// it, the kernel does what it can; `lab doctor` shows that.
    #[arg(long, value_enum, value_name = "WHO")]
    backend: Option<Named>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Named {
    /// `WireGuard` and netem of this kernel.
    Kernel,
    /// The lab's own process.
    Userspace,
}

impl Backend {
    /// What was asked for.
    pub(super) fn choice(self) -> Choice {
        match self.backend {
            None => Choice::Probed,
            Some(Named::Kernel) => Choice::Kernel,
            Some(Named::Userspace) => Choice::Userspace,
        }
    }
}
