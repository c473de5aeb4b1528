//! `lab explain`

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output;
use crate::findings;
use crate::lab::keys::{Mapping, mappings, not_modelled};
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
        let text = explain(&mappings, key).ok_or_else(|| unknown(&mappings, key))?;
        output::text(&text)?;
        Ok(Exit::Done)
    }
}

fn unknown(mappings: &[Mapping], key: &str) -> CommandError {
    if let Some(what) = not_modelled(key) {
        return CommandError::NotModelled { what };
    }
    CommandError::NoSuchKey {
        key: key.to_owned(),
        near: findings::near(key, names(mappings)).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_labs_do_not_have_is_said_so() {
        let told = |key| unknown(&mappings(), key).to_string();
        insta::assert_snapshot!(told("nsg"), @r"lab files do not support network security groups; `lab explain` lists what they support");
        insta::assert_snapshot!(told("subnett"), @"no lab file has a key `subnett`, did you mean `subnet`?; `lab explain` shows the sections");
    }
}
