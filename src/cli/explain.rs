//! `lab explain`

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output;
use crate::findings;
use crate::lab::keys::mappings;
use crate::report::explain::{explain, names, overview};

/// Explain a key of the lab file: meaning, unit, default and Microsoft's document.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// A key, `sku`; a part of its path, `subnets.addressPrefix`; or a section, `peering`. Without it, all sections.
    key: Option<String>,
}

impl Explain {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let mappings = mappings();
        let Some(key) = &self.key else {
            output::text(&overview(&mappings))?;
            return Ok(Exit::Done);
        };
        let text = explain(&mappings, key).ok_or_else(|| CommandError::NoSuchKey {
            key: key.clone(),
            near: findings::near(key, names(&mappings)).map(str::to_owned),
        })?;
        output::text(&text)?;
        Ok(Exit::Done)
    }
}
