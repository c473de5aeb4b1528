//! `--backend`

use clap::{Args, ValueEnum};

use crate::control::Choice;

/// The choice of what carries tunnels, delays and losses.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Backend {
    /// What carries tunnels and impaired links: the kernel (`WireGuard` and netem) or the lab's own process. The
    /// default is the kernel, as far as it can; `lab doctor` shows that.
    #[arg(long, value_enum, value_name = "WHO")]
    backend: Option<Named>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Named {
    /// This kernel's `WireGuard` and netem.
    Kernel,
    /// The lab's own process.
    Userspace,
}

impl Backend {
    /// The argument that selects it.
    pub(super) fn argument(self) -> Option<String> {
        let named = self.backend?.to_possible_value()?;
        Some(format!("--backend={}", named.get_name()))
    }

    /// The requested backend.
    pub(super) fn choice(self) -> Choice {
        match self.backend {
            None => Choice::Probed,
            Some(Named::Kernel) => Choice::Kernel,
            Some(Named::Userspace) => Choice::Userspace,
        }
    }
}
